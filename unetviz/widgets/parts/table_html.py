"""A table as HTML for a panel, in the colours of the page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from unetviz.geometry.tables.table import Table

_CHOSEN = "font-weight:bold;background:var(--jp-layout-color2,#eee)"


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
