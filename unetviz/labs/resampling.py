"""Down-sampling and up-sampling by whole factors, and which pixels contribute to each new one.

Section 6 of the document names nearest-neighbour (最近邻), bilinear (双线性), mean (均值) and
median (中值) interpolation, but does not define the last two. Here they are the mean and the median
of the original pixels around the new one: of those that bilinear interpolation reads.

References
----------
Section 6 of the document, where the sides of an image are called M and N, and the factor s.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import gcd

import numpy as np
from numpy.typing import ArrayLike

from unetviz.geometry._checks import choice, integer, size

from ._checks import checked_numbers

METHODS = ("nearest", "bilinear", "mean", "median")
CONVENTIONS = ("centres", "corners")
"""What lies on what: the centres of blocks and pixels, or the corner pixels of both images."""

_Parts = list[tuple[tuple[int, float], ...]]
_Around = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Inputs below and above each output along an axis, and the weight of the upper."""


@dataclass(frozen=True, eq=False)
class RoundTrip:
    """An image that was down-sampled and up-sampled again.

    Attributes
    ----------
    small : array of shape (h / s, w / s) or (h / s, w / s, c)
        Means of the windows.
    restored, error : arrays of shape (h, w) or (h, w, c)
        The small image up-sampled, and its absolute difference from the original.
    """

    small: np.ndarray
    restored: np.ndarray
    error: np.ndarray

    @property
    def mean_error(self) -> float:
        """Mean of the absolute differences."""
        return float(self.error.mean())


def common_divisors(height: int, width: int) -> list[int]:
    """Return the whole numbers above 1 that divide both sides of an image, ascending.

    Parameters
    ----------
    height, width : int
        In pixels, at least 1.

    Raises
    ------
    ValueError
        If one of them is not a whole number of at least 1.

    See Also
    --------
    downsample_mean : takes such a number.

    Examples
    --------
    >>> common_divisors(12, 18)
    [2, 3, 6]
    """
    largest = gcd(integer("height", height, 1), integer("width", width, 1))
    return [s for s in range(2, largest + 1) if largest % s == 0]


def downsample_mean(image: ArrayLike, s: int) -> np.ndarray:
    """Return the means of all s x s windows of an image.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c)
        Whole numbers or floats.
    s : int
        Side of a window, in pixels: 1 or a common divisor of h and w.

    Returns
    -------
    array of shape (h / s, w / s) or (h / s, w / s, c), float64
        One number for each window and channel.

    Raises
    ------
    TypeError
        If the image does not hold numbers.
    ValueError
        If it has another shape, is empty or holds NaN or infinity; if `s` does not divide both
        sides.

    See Also
    --------
    common_divisors : the factors that are possible.
    round_trip : down and up again.

    Examples
    --------
    >>> downsample_mean(np.array([[1, 3, 0, 0], [5, 7, 0, 8]]), 2)
    array([[4., 2.]])
    """
    from skimage.measure import block_reduce

    numbers, s = _numbers(image), integer("s", s, 1)
    height, width = numbers.shape[:2]
    if height % s or width % s:
        others = ", ".join(map(str, common_divisors(height, width))) or "1, or crop the image"
        raise ValueError(f"s must divide height {height} and width {width}, not {s}: try {others}")
    return block_reduce(numbers, (s, s, 1)[: numbers.ndim], np.mean)


def contributions(
    shape: tuple[int, int], factor: int, method: str, convention: str = "centres"
) -> dict[tuple[int, int], tuple[tuple[tuple[int, int], float], ...]]:
    """Return the input cells that contribute to each output cell, with their weights.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the input, each at least 1.
    factor : int
        Outputs for each input along an axis, from 1 to 64.
    method : str
        ``"nearest"``: the nearest input. Two are equally near only with ``"corners"`` and an odd
        size and factor; then it is the one with the lower index. ``"bilinear"``: up to four inputs,
        weighted by their nearness along each axis. ``"mean"``: the same inputs, weighted equally.
        ``"median"``: the same inputs; the result is not a weighted sum of them.
    convention : str
        Where output i of an axis lies, in input pixels from the middle of the first of n.
        ``"centres"``: at ``(i + 0.5) / factor - 0.5``, or on the border pixel if that is outside.
        ``"corners"``: at ``i * (n - 1) / (n * factor - 1)``, so that the first and the last output
        lie on the first and the last input.

    Returns
    -------
    dict of (row, column) to tuple of ((row, column), weight)
        Output cells and their input cells; the weights are positive, and their sum is 1.

    Raises
    ------
    ValueError
        If an argument is not allowed.

    Notes
    -----
    Of two equally near inputs, SciPy and TensorFlow take the higher index.

    Examples
    --------
    >>> contributions((1, 2), 2, "mean")[0, 1]
    (((0, 0), 0.5), ((0, 1), 0.5))
    """
    how = _checked(factor, method, convention)
    rows, columns = (_parts(n, *how) for n in size("shape", shape))
    return {
        (i, j): tuple(((r, c), a * b) for r, a in row for c, b in column)
        for (i, row), (j, column) in product(enumerate(rows), enumerate(columns))
    }


def upsample(image: ArrayLike, factor: int, method: str, convention: str = "centres") -> np.ndarray:
    """Return an image `factor` times as high and wide.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c)
        Whole numbers or floats.
    factor : int
        From 1 to 64.
    method, convention : str
        As for `contributions`.

    Returns
    -------
    array of shape (h * factor, w * factor) or (h * factor, w * factor, c), float64
        The new image.

    Raises
    ------
    TypeError
        If the image does not hold numbers.
    ValueError
        If it has another shape, is empty or holds NaN or infinity; if another argument is not
        allowed.

    See Also
    --------
    stamp_and_add : up-sampling with a kernel that can be learned.

    Examples
    --------
    >>> upsample(np.array([[0, 8]]), 2, "bilinear")
    array([[0., 2., 6., 8.],
           [0., 2., 6., 8.]])
    """
    how, numbers = _checked(factor, method, convention), _numbers(image)
    rows, columns = (_around(n, *how) for n in numbers.shape[:2])
    if method == "nearest":
        return numbers[np.ix_(rows[0], columns[0])]
    if method == "median":
        return _medians(numbers, rows, columns)
    return _between(_between(numbers, 0, *rows), 1, *columns)


def round_trip(image: ArrayLike, s: int, method: str, convention: str = "centres") -> RoundTrip:
    """Down-sample an image by means, then up-sample it again.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c)
        Whole numbers or floats.
    s : int
        Factor of both ways, up to 64: 1 or a common divisor of h and w.
    method, convention : str
        As for `contributions`.

    Returns
    -------
    RoundTrip
        The small image, the restored one and the error.

    Raises
    ------
    TypeError, ValueError
        If `downsample_mean` or `upsample` refuses an argument.

    Examples
    --------
    >>> round_trip(np.array([[1, 3], [5, 7]]), 2, "nearest").mean_error
    2.0
    """
    s, method, convention = _checked(s, method, convention, "s")
    small = downsample_mean(image, s)
    restored = upsample(small, s, method, convention)
    return RoundTrip(small, restored, np.abs(restored - _numbers(image)))


def _numbers(image: ArrayLike) -> np.ndarray:
    return checked_numbers("image", image).astype(np.float64)


def _checked(
    factor: int, method: str, convention: str, name: str = "factor"
) -> tuple[int, str, str]:
    factor = integer(name, factor, 1, 64)
    return factor, choice("method", method, METHODS), choice("convention", convention, CONVENTIONS)


def _around(n: int, factor: int, method: str, convention: str) -> _Around:
    """Return the inputs around each output along one axis."""
    # Places are whole numbers of a small unit: rounding errors cannot move an output off an input.
    outputs = np.arange(n * factor)
    if convention == "centres":
        unit, places = 2 * factor, (2 * outputs + 1 - factor).clip(0, 2 * factor * (n - 1))
    else:
        unit, places = max(n * factor - 1, 1), outputs * (n - 1)
    low, rest = np.divmod(places, unit)
    if method == "nearest":
        low, rest = low + (2 * rest > unit), np.zeros_like(rest)
    share = rest / unit if method == "bilinear" else (rest > 0) / 2
    return low, low + (rest > 0), share


def _parts(n: int, factor: int, method: str, convention: str) -> _Parts:
    """Return the inputs of each output along one axis, with their weights."""
    axis = zip(*(array.tolist() for array in _around(n, factor, method, convention)), strict=True)
    return [((low, 1 - w), (high, w)) if w else ((low, 1.0),) for low, high, w in axis]


def _between(
    numbers: np.ndarray, axis: int, low: np.ndarray, high: np.ndarray, share: np.ndarray
) -> np.ndarray:
    """Return weighted means of two inputs each along one axis."""
    # In place, because images may be large.
    first = numbers.take(low, axis)
    result = numbers.take(high, axis) - first
    result *= share.reshape(-1, *[1] * (numbers.ndim - 1 - axis))
    result += first
    return result


def _medians(numbers: np.ndarray, rows: _Around, columns: _Around) -> np.ndarray:
    """Return the medians of the two by two inputs around each output."""
    # Where an output lies on an input, that is taken twice; the median stays what it is.
    pairs = [numbers.take(index, 0) for index in rows[:2]]
    lower, upper = np.minimum(*pairs), np.maximum(*pairs)
    low, high = columns[:2]
    # The middle two of four numbers: the larger minimum and the smaller maximum of two pairs.
    middle = np.maximum(lower[:, low], lower[:, high])
    return (middle + np.minimum(upper[:, low], upper[:, high])) / 2
