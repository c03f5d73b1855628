"""Tables in a panel, in the colours of the page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import ipywidgets

from unetviz.geometry.tables.table import Table

_CHOSEN = "font-weight:bold;background:var(--jp-layout-color2,#eee)"


class TableView(ipywidgets.HTML):
    """Tables side by side; where no kernel runs, below each other.

    Attributes
    ----------
    tables : tuple of Table
        Those that are shown.
    """

    tables: tuple[Table, ...] = ()

    def show(self, *tables: Table, chosen: int | None = None) -> None:
        """Show other tables; the row of that number stands out."""
        self.tables = tables
        written = [as_html(table, chosen) for table in tables]
        beside = "".join(f"<div>{one}</div>" for one in written)
        side_by_side = f"<div style='display:flex;flex-wrap:wrap'>{beside}</div>"
        self.value = side_by_side if len(written) > 1 else written[0]

    def as_markdown(self) -> str:
        """Return the tables, below each other."""
        return "\n\n".join(table.as_markdown() for table in self.tables)


def as_html(table: Table, chosen: int | None = None) -> str:
    """Write a table for a panel; its texts are escaped.

    Parameters
    ----------
    table : Table
        Headings and rows.
    chosen : int, optional
        Number of a row that stands out.
    """

    def line(cells: Sequence[str], tag: str, style: str = "") -> str:
        sides = ["right" if i in table.numbers else "left" for i in range(len(cells))]
        inside = "".join(
            f"<{tag} style='text-align:{side};padding:1px 12px 1px 0'>{escape(cell)}</{tag}>"
            for side, cell in zip(sides, cells, strict=True)
        )
        return f"<tr style='{style}'>{inside}</tr>"

    rows = [line(table.headings, "th")]
    for number, cells in enumerate(table.rows):
        rows.append(line(cells, "td", _CHOSEN if number == chosen else ""))
    style = "border-collapse:collapse;line-height:1.4;font-size:13px;margin:4px 20px 4px 0;"
    colour = "color:var(--jp-content-font-color1,inherit)"
    return f"<table style='{style}{colour}'>{''.join(rows)}</table>"
