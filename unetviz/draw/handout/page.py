"""The page of the handout: images, words and tables, made to be printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from unetviz.geometry.tables.steps import remarks, totals
from unetviz.geometry.tables.table import Table

from ..drawing import Drawing

_SHORT = 12
"""Rows of a table that fits on the page of its image."""

_TITLE = "U-Net: drawings and tables to print"
_INSTRUCTIONS = (
    "Print this page (A4 or Letter, landscape, one sheet an image). Hand out what stands above "
    "the line first; what stands below it gives the sizes away."
)


@dataclass(frozen=True)
class Sheet:
    """One printed image.

    Attributes
    ----------
    name : str
        Of its two files, without the ending.
    title : str
        Its heading.
    words : str
        What to look for, or what to ask.
    drawing : Drawing
        The image; a network that is drawn brings its warnings along.
    table : Table, optional
        Its counterpart, printed on the next page.
    is_answer : bool
        Whether it gives the answers to a worksheet away; then it is printed last.
    """

    name: str
    title: str
    words: str
    drawing: Drawing
    table: Table | None = None
    is_answer: bool = False


def handout_page(sheets: Sequence[Sheet]) -> str:
    """Return the page as HTML; its images are SVG files that lie beside it.

    Parameters
    ----------
    sheets : sequence of Sheet
        In the order of printing.
    """
    return _template().substitute(
        title=escape(_TITLE),
        instructions=escape(_INSTRUCTIONS),
        contents="".join(_contents(sheets)),
        sections="\n".join(_section(sheet) for sheet in sheets),
    )


@cache
def _template() -> Template:
    """The frame of the page and its styles; what is put into it is escaped where it is written."""
    return Template(Path(__file__).with_suffix(".html").read_text("utf-8"))


def _contents(sheets: Sequence[Sheet]) -> Iterator[str]:
    before = False
    for sheet in sheets:
        line = "<hr>" if sheet.is_answer and not before else ""
        before = sheet.is_answer
        link = f'<a href="#{sheet.name}">{escape(sheet.title)}</a>'
        files = " ".join(
            f'<a href="{sheet.name}.{ending}">{ending.upper()}</a>' for ending in ("svg", "png")
        )
        yield f"{line}<li>{link} ({files})</li>"


def _section(sheet: Sheet) -> str:
    answer = "Answers. " if sheet.is_answer else ""
    parts = [
        f"<h2>{answer}{escape(sheet.title)}</h2><p>{escape(sheet.words)}</p>",
        f'<img src="{sheet.name}.svg" alt="{escape(sheet.drawing.caption)}">',
    ]
    if sheet.table is not None:
        heading = f"<h2>{escape(sheet.title)}: the numbers</h2>"
        parts.append(
            f'<div class="table">{heading}{"".join(_numbers(sheet.table, sheet.drawing))}</div>'
        )
    is_short = sheet.table is not None and len(sheet.table.rows) <= _SHORT
    style = ' class="short"' if is_short else ""
    return f'<section id="{sheet.name}"{style}>{"".join(parts)}</section>'


def _numbers(table: Table, drawing: Drawing) -> Iterator[str]:
    yield _table(table)
    found = drawing.trace
    if found is None:
        return
    yield f"<p><b>{escape(totals(found))}</b></p>"
    for sentence, fixes in remarks(found):
        items = "".join(f"<li>{escape(fix)}</li>" for fix in fixes)
        yield f"<p>{escape(sentence)}</p>" + (f"<ul>{items}</ul>" if items else "")


def _table(table: Table) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        inside = "".join(
            f"<{tag}{' class=n' if i in table.numbers else ''}>{_in_one_line(cell)}</{tag}>"
            for i, cell in enumerate(cells)
        )
        return f"<tr>{inside}</tr>"

    rows = "".join(line(row, "td") for row in table.rows)
    return f"<table><thead>{line(table.headings, 'th')}</thead><tbody>{rows}</tbody></table>"


def _in_one_line(cell: str) -> str:
    return escape(cell.replace("\n+ ", " + ").replace("\n", "; "))
