"""Which part of its range an image uses, and the image stretched over the whole of it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

PERCENTILES = (1.0, 99.8)
"""Percent of the pixels below which a stretched image is black, and above which it is white."""

_SMALL_PART = 1 / 4
"""Of its range: 14 bits in 16 are the most that is told."""


class DimImageWarning(UserWarning):
    """An image is dark, or has little contrast, because it uses a small part of its range."""


@dataclass(frozen=True)
class UsedRange:
    """The numbers of an image, as its file has them.

    Attributes
    ----------
    smallest, largest : float
        Of all pixels.
    low, high : float
        Their 1st and 99.8th percentile; the smallest and the largest number if these are equal.
    dtype : dtype
        Their type.
    """

    smallest: float
    largest: float
    low: float
    high: float
    dtype: np.dtype

    @property
    def limit(self) -> float:
        """The number that becomes 1 where nothing is stretched."""
        return np.iinfo(self.dtype).max if self.dtype.kind in "ui" else 1

    @property
    def fits(self) -> bool:
        """Whether all numbers become fractions from 0 to 1 where nothing is stretched."""
        return self.smallest >= 0 and self.largest <= self.limit

    @property
    def is_small(self) -> bool:
        """Whether integers use so small a part of their type that the image is hard to see.

        Floats are taken as they are: whoever wrote them has chosen their range. With 8 bits only
        a dark image counts, for little contrast is often meant there.
        """
        if self.dtype.kind not in "ui" or self.low == self.high:
            return False
        wide = self.dtype.itemsize > 1
        return self.high - (self.low if wide else 0) <= _SMALL_PART * self.limit

    def __str__(self) -> str:
        """Name the range and the type: ``12 to 4095 of 0 to 65535 (uint16)``."""
        used = f"{shown(self.smallest)} to {shown(self.largest)}"
        if self.dtype.kind in "ui":
            first = 0 if self.smallest >= 0 else np.iinfo(self.dtype).min
            return f"{used} of {first} to {shown(self.limit)} ({self.dtype.name})"
        return f"{used} ({self.dtype.name})"


def used_range(
    numbers: np.ndarray,
    extremes: tuple[float, float] | None = None,
    dtype: np.dtype | None = None,
) -> UsedRange:
    """Measure the range of an image.

    Parameters
    ----------
    numbers : array
        Finite numbers of any type.
    extremes, dtype : (float, float) and dtype, optional
        The smallest and largest number of the file and their type, where the array holds means.

    Examples
    --------
    >>> print(used_range(np.array([[7, 4095]], np.uint16)))
    7 to 4095 of 0 to 65535 (uint16)
    """
    smallest, largest = extremes or (numbers.min().item(), numbers.max().item())
    # Between signed integers numpy interpolates with a difference that can overflow.
    plain = numbers.astype(float) if numbers.dtype.kind == "i" else numbers
    low, high = (float(n) for n in np.percentile(plain, PERCENTILES))
    if low == high:
        low, high = smallest, largest
    return UsedRange(smallest, largest, low, high, dtype or numbers.dtype)


def warn_if_dim(image: np.ndarray, stacklevel: int = 3) -> None:
    """Warn of an array of wide integers that uses a small part of their range.

    Parameters
    ----------
    image : array
        Finite numbers; of others than integers with 16 bits or more nothing is said.
    stacklevel : int
        How far above this function the line stands that the warning shows.
    """
    if (
        image.dtype.kind in "ui"
        and image.dtype.itemsize > 1
        and (used := used_range(image)).is_small
    ):
        limits = f"({shown(used.low)}, {shown(used.high)})"
        warnings.warn(
            f"the image uses {used} and is hard to see; np.interp(image, {limits}, (0, 1)) makes "
            "its 1st percentile black and its 99.8th white",
            DimImageWarning,
            stacklevel=stacklevel,
        )


def joined(ranges: Iterable[UsedRange]) -> UsedRange:
    """Return the range of several images of the same type together."""
    found = list(ranges)
    return UsedRange(
        min(one.smallest for one in found),
        max(one.largest for one in found),
        min(one.low for one in found),
        max(one.high for one in found),
        found[0].dtype,
    )


def unstretched(numbers: np.ndarray, used: UsedRange) -> np.ndarray:
    """Return an image as floats: integers are divided by the largest number of their type."""
    return numbers.astype(np.float32) / np.float32(used.limit)


def stretched(numbers: np.ndarray, used: UsedRange) -> np.ndarray:
    """Return an image as floats, its 1st percentile 0 and its 99.8th 1.

    Parameters
    ----------
    numbers : array
        Finite numbers of any type.
    used : UsedRange
        Its range, or that of all images that are to be compared.

    Returns
    -------
    array of the same shape, float32
        From 0 to 1. What lies outside the percentiles is cut off; an image of one number is not
        stretched.

    Examples
    --------
    >>> image = np.array([[-1000, 0, 1000]], np.int16)
    >>> stretched(image, used_range(image)).round(2)
    array([[0. , 0.5, 1. ]], dtype=float32)
    """
    from skimage.exposure import rescale_intensity

    if used.low == used.high:
        return np.clip(unstretched(numbers, used), 0, 1)
    # Wide integers that differ little would be equal, or nearly so, as float32.
    floats = numbers.astype(np.float64 if numbers.dtype.itemsize > 1 else np.float32)
    found = rescale_intensity(floats, (used.low, used.high), (0.0, 1.0)).astype(np.float32)
    return np.clip(found, 0, 1)  # rounding can exceed 1


def shown(number: float) -> str:
    """Write a number as a file has it: whole numbers without a point."""
    return str(int(number)) if float(number).is_integer() else f"{number:g}"
