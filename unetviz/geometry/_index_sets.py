"""Sets of indices as whole numbers: bit i says whether i belongs to the set.

Which pixels of a row feed which is asked many times; as bits, a window over a whole row is a few
shifts.
"""

from __future__ import annotations


def below(n: int) -> int:
    """Set of all indices from 0 up to, not including, `n`.

    Examples
    --------
    >>> bin(below(3))
    '0b111'
    """
    return (1 << max(n, 0)) - 1


def moved(indices: int, distance: int) -> int:
    """Set of the indices plus `distance`; what would be negative drops out.

    Examples
    --------
    >>> moved(0b110, -1) == 0b11, moved(0b11, 2) == 0b1100
    (True, True)
    """
    return indices << distance if distance >= 0 else indices >> -distance


def stretch(indices: int, factor: int) -> int:
    """Set of the indices times `factor`.

    Examples
    --------
    >>> stretch(0b111, 2) == 0b10101
    True
    """
    if factor == 1:
        return indices
    # Binary digits, lowest first; a blank of zeros between two of them.
    digits = f"{indices:b}"[::-1]
    return int(("0" * (factor - 1)).join(digits)[::-1], 2)


def sampled(indices: int, step: int) -> int:
    """Set of all i for which i times `step` is in the set.

    Examples
    --------
    >>> sampled(0b10111, 2) == 0b111
    True
    """
    if step == 1:
        return indices
    return int(f"{indices:b}"[::-1][::step][::-1], 2)


def hull(indices: int) -> range:
    """Smallest range that holds the set; an empty range for an empty set.

    Examples
    --------
    >>> hull(0b10100), hull(0)
    (range(2, 5), range(0, 0))
    """
    lowest = (indices & -indices).bit_length() - 1
    return range(lowest, indices.bit_length()) if indices else range(0)
