"""A rectangle of pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._checks import integer


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels: rows `top` to `bottom`, columns `left` to `right`, ends excluded.

    Examples
    --------
    >>> box = Box(top=0, left=8, bottom=204, right=196)
    >>> box.height, box.width
    (204, 188)
    """

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def of(cls, rows: range, columns: range) -> Box:
        """Return the rectangle of some rows and columns."""
        return cls(rows.start, columns.start, rows.stop, columns.stop)

    @property
    def rows(self) -> range:
        """Its rows, from top to bottom."""
        return range(self.top, self.bottom)

    @property
    def columns(self) -> range:
        """Its columns, from left to right."""
        return range(self.left, self.right)

    @property
    def slices(self) -> tuple[slice, slice]:
        """What cuts it out of an image."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.right - self.left


class OutOfRangeError(IndexError, ValueError):
    """A pixel that the image does not have: a wrong index, and a wrong argument."""


def pixel(shape: Sequence[int], row: int, col: int) -> tuple[int, int]:
    """Return a pixel's row and column as ints, or raise if an image has no such pixel.

    Parameters
    ----------
    shape : (int, int, ...)
        Height and width of the image.
    row, col : int
        Counted from 0; negative numbers do not count from the end.

    Examples
    --------
    >>> pixel((2, 3), 2, 0)
    Traceback (most recent call last):
    unetviz.geometry.box.OutOfRangeError: row must be from 0 to 1, not 2
    """
    row, col = integer("row", row), integer("col", col)
    for name, index, size in (("row", row, shape[0]), ("col", col, shape[1])):
        if not 0 <= index < size:
            raise OutOfRangeError(f"{name} must be from 0 to {size - 1}, not {index}")
    return row, col
