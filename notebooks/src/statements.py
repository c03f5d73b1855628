"""What the document states, and the cells that teach it, from ``src/statements.toml`` and tags.

A cell teaches a statement if it is tagged with the statement's name after ``document-``.
``build.py --lists`` writes the table into ``COVERAGE.md``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "statements.toml"
PAGE = Path(__file__).parents[1] / "COVERAGE.md"
PREFIX = "document-"

_INTRODUCTION = """\
# What the document says, and where it is taught

Every statement of *U-net基本原理* (the basics of U-Net, called *the document* in the lessons), in
its order: {statements} statements of sections 1 to 9, taught in {cells} cells. A remark says what
the lessons show where the document is imprecise, or where something else is measured.

This page is made by `python notebooks/src/build.py --lists` from `src/statements.toml` and the tags of
the cells; do not edit it. `tests/test_coverage.py` holds that nothing is missing.

| section | the document | in English | taught in | remark |
|---|---|---|---|---|"""


@dataclass(frozen=True)
class Statement:
    """One statement of the document; ``src/statements.toml`` explains the fields."""

    name: str
    section: str
    chinese: str
    statement: str
    remark: str = ""


@dataclass(frozen=True)
class Place:
    """A cell that teaches a statement.

    Attributes
    ----------
    lesson, heading : str
        Name of the notebook, and the last heading at or above the beginning of the cell.
    cell : int
        Number of the cell in the notebook, from 0.
    """

    lesson: str
    heading: str
    cell: int


def statements() -> list[Statement]:
    """Return all statements, in the order of the document."""
    found = tomllib.loads(SOURCE.read_text(encoding="utf-8"))["statement"]
    return [Statement(**entry) for entry in found]


def places(notebooks: Mapping[str, Any]) -> dict[str, list[Place]]:
    """Return the cells of each statement that any tag names.

    Parameters
    ----------
    notebooks : mapping of str to notebook
        By the names of the lessons, as nbformat reads them.
    """
    found: dict[str, list[Place]] = {}
    for lesson, notebook in notebooks.items():
        heading = ""
        for number, cell in enumerate(notebook["cells"]):
            heading = _heading(cell) or heading
            for name in _names(cell):
                found.setdefault(name, []).append(Place(lesson, heading, number))
    return found


def page(notebooks: Mapping[str, Any]) -> str:
    """Return the text of ``COVERAGE.md``; `notebooks` as for `places`."""
    entries, found = statements(), places(notebooks)
    cells = {(place.lesson, place.cell) for group in found.values() for place in group}
    head = _INTRODUCTION.format(statements=len(entries), cells=len(cells))
    rows = [_row(entry, found.get(entry.name, [])) for entry in entries]
    return "\n".join([head, *rows]) + "\n"


def _row(entry: Statement, taught: list[Place]) -> str:
    # The document's code stands in code spans, and so do the names of its two images.
    quote = f"`{entry.chinese}`" if entry.chinese.isascii() else entry.chinese
    # Several cells under one heading are one place to a reader.
    links = dict.fromkeys(
        f"[{place.lesson}]({place.lesson}.ipynb): {place.heading}" for place in taught
    )
    cells = (entry.section, quote, entry.statement, "<br>".join(links), entry.remark)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _names(cell: Any) -> Iterator[str]:
    for tag in cell["metadata"].get("tags", []):
        if tag.startswith(PREFIX):
            yield tag.removeprefix(PREFIX)


def _heading(cell: Any) -> str:
    """Return the heading that a cell of text begins with, or nothing."""
    if cell["cell_type"] != "markdown":
        return ""
    found = re.match(r"#+ (.*)", "".join(cell["source"]))
    return found[1] if found else ""
