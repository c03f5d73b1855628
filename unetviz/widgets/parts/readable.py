"""How much of a matrix a learner can read at once."""

from __future__ import annotations

MOST = 8
"""Numbers along a side of a grid, and lines of a table, that can still be read."""


def readable_range(place: int, size: int) -> range:
    """Return the indices along a side that are shown: all, or as many around one as can be read.

    Parameters
    ----------
    place : int
        The index that matters most.
    size : int
        How many there are.

    Examples
    --------
    >>> readable_range(2, 5), readable_range(40, 64), readable_range(63, 64)
    (range(0, 5), range(36, 44), range(56, 64))
    """
    first = max(0, min(place - MOST // 2, size - MOST))
    return range(first, min(first + MOST, size))
