"""A rectangle of pixels."""

from __future__ import annotations

from dataclasses import dataclass


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
