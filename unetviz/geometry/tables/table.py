"""Tables: one set of rows, written for a terminal or for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from textwrap import wrap

TEXT_WIDTH = 100
"""Columns of the terminal that text tables are made for."""

_GAP = "  "
_NARROWEST = 18


@dataclass(frozen=True)
class Table:
    r"""Headings and rows of text; a cell may hold several lines, parted by ``\n``.

    Parameters
    ----------
    headings : tuple of str
        Names of the columns.
    rows : tuple of tuple of str
        One tuple a row, one text a column.
    numbers : frozenset of int
        Columns set flush right.
    flexible : int, optional
        Column that is wrapped where the table would be too wide for a terminal.

    Examples
    --------
    >>> table = Table(("size", "n"), (("572", "1"), ("570", "64")), frozenset({1}))
    >>> print(table.as_text())
    size   n
    572    1
    570   64
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    flexible: int | None = None

    def _repr_markdown_(self) -> str:
        return self.as_markdown()

    def as_text(self) -> str:
        """Write the table for a terminal."""
        rows = [[cell.split("\n") for cell in row] for row in (self.headings, *self.rows)]
        widths = [
            max(len(line) for cell in column for line in cell) for column in zip(*rows, strict=True)
        ]
        if self.flexible is not None:
            others = sum(widths) - widths[self.flexible] + len(_GAP) * (len(widths) - 1)
            room = max(_NARROWEST, TEXT_WIDTH - others)
            widths[self.flexible] = min(widths[self.flexible], room)
        return "\n".join(line for row in rows for line in self._lines(row, widths))

    def _lines(self, row: Sequence[list[str]], widths: Sequence[int]) -> list[str]:
        cells = list(row)
        if self.flexible is not None:
            width = widths[self.flexible]
            cells[self.flexible] = [
                part for line in row[self.flexible] for part in wrap(line, width)
            ]
        return [
            _GAP.join(self._pad(i, text, widths[i]) for i, text in enumerate(line)).rstrip()
            for line in zip_longest(*cells, fillvalue="")
        ]

    def _pad(self, column: int, text: str, width: int) -> str:
        return text.rjust(width) if column in self.numbers else text.ljust(width)

    def as_markdown(self) -> str:
        """Write the table for a notebook; names with underscores stay as they are."""
        rules = ["---:" if i in self.numbers else "---" for i in range(len(self.headings))]
        lines = [_bars(self.headings), f"|{'|'.join(rules)}|"]
        return "\n".join(lines + [_bars(row) for row in self.rows])


def number_table(rows: Sequence[Sequence[float]], lost: tuple[int, int] = (0, 0)) -> Table:
    """Table of a small map's numbers; those of lost rows and columns stand in brackets.

    Parameters
    ----------
    rows : sequence of sequences, or array of shape (h, w)
        The numbers.
    lost : (int, int)
        How many of the last rows and of the last columns nothing uses.

    Examples
    --------
    >>> print(number_table([[1, -2], [3, 4]], lost=(1, 0)).as_text())
      0    1
      1   -2
    (3)  (4)
    """
    height, width = len(rows), len(rows[0])
    cells = tuple(
        tuple(
            f"({n})" if i >= height - lost[0] or j >= width - lost[1] else f"{n}"
            for j, n in enumerate(row)
        )
        for i, row in enumerate(rows)
    )
    headings = tuple(str(j) for j in range(width))
    return Table(headings, cells, frozenset(range(width)))


def value_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """Table of words and numbers; a float gets four digits that count.

    Parameters
    ----------
    headings : sequence of str
        One for each column.
    rows : sequence of sequences
        Text, whole numbers, floats.

    Examples
    --------
    >>> print(value_table(("a", "b"), [("x", 0.123456), ("y", 1200)]).as_text())
    a       b
    x  0.1235
    y   1,200
    """
    cells = tuple(tuple(_written(value) for value in row) for row in rows)
    right = {i for row in rows for i, value in enumerate(row) if not isinstance(value, str)}
    return Table(tuple(headings), cells, frozenset(right))


def _written(value: object) -> str:
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]
    return f"{int(number):,}" if number.is_integer() else f"{number:.4g}"


def _bars(cells: Sequence[str]) -> str:
    inside = (escaped(cell).replace("\n", "<br>") for cell in cells)
    return f"| {' | '.join(inside)} |"


def escaped(text: str) -> str:
    r"""Keep markdown from reading marks in a text that comes from elsewhere.

    Examples
    --------
    >>> print(escaped("enc1_conv1 <b>"))
    enc1\_conv1 \<b\>
    """
    for character in "\\`*_|<>[]":
        text = text.replace(character, f"\\{character}")
    return text
