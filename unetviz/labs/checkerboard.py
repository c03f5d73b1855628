"""Checkerboard patterns: how often an up-convolution writes each output, and what avoids them.

References
----------
Odena, Dumoulin and Olah, Deconvolution and Checkerboard Artifacts, 2016.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from unetviz.geometry._checks import integer
from unetviz.geometry._checks import size as checked_size
from unetviz.geometry.index_maps import stamp, window

from ._checks import checked_numbers
from .upconvolution import convolve


def stamp_counts(size: tuple[int, int], kernel_size: int, stride: int) -> np.ndarray:
    """Count how many stamps of a transposed convolution are written to each output.

    Parameters
    ----------
    size : (int, int)
        Height h and width w of the input, in pixels.
    kernel_size, stride : int
        In output pixels, at least 1.

    Returns
    -------
    array of int, shape (H, W)
        One count for each output pixel.

    See Also
    --------
    has_even_overlap : whether the counts are equal.

    Examples
    --------
    >>> stamp_counts((1, 3), 3, 2)[0]
    array([1, 1, 2, 1, 2, 1, 1])
    """
    k, step = integer("kernel_size", kernel_size, 1), integer("stride", stride, 1)
    rule = stamp(k, step, "valid")
    rows, columns = (
        [len(rule.inputs(i, n)) for i in range(rule.size(n))] for n in checked_size("size", size)
    )
    return np.outer(rows, columns)


def has_even_overlap(kernel_size: int, stride: int) -> bool:
    """Tell whether the stride divides the kernel: then all outputs are written equally often.

    Only outputs at the border are written less often: those before row kernel_size - stride and
    from row h * stride on, and columns likewise.

    Parameters
    ----------
    kernel_size, stride : int
        In output pixels, at least 1.

    Examples
    --------
    >>> has_even_overlap(4, 2), has_even_overlap(3, 2), has_even_overlap(2, 3)
    (True, False, False)
    """
    return integer("kernel_size", kernel_size, 1) % integer("stride", stride, 1) == 0


def bilinear_kernel(size: int) -> np.ndarray:
    """Return the weights of bilinear interpolation, with which the decoder of an FCN begins.

    Parameters
    ----------
    size : int
        In pixels: 2 * s for an even stride s, 2 * s - 1 for an odd one. With another size the
        padding ``"same"`` moves the image by half a pixel of the output.

    Returns
    -------
    array of float64, shape (size, size)
        1 - distance from the middle / s, for the row times for the column.

    References
    ----------
    Long, Shelhamer and Darrell, Fully Convolutional Networks for Semantic Segmentation, 2015.

    Examples
    --------
    >>> bilinear_kernel(4)[1]
    array([0.1875, 0.5625, 0.5625, 0.1875])
    """
    size = integer("size", size, 1)
    weights = 1 - np.abs(np.arange(size) - (size - 1) / 2) / ((size + 1) // 2)
    return np.outer(weights, weights)


def upsample_convolve(image: ArrayLike, kernel: ArrayLike, factor: int = 2) -> np.ndarray:
    """Apply nearest up-sampling, then a convolution with zero padding: no stamps that overlap.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c_in)
        The small map.
    kernel : array of shape (k, k) or (k, k, c_in, c_out)
        The kernel of a Conv2D.
    factor : int
        Side of the block that each pixel is copied into, at least 1.

    Returns
    -------
    array of shape (h * factor, w * factor) or (h * factor, w * factor, c_out)
        The output of UpSampling2D and Conv2D with padding ``"same"``, without bias and activation.
        Of an odd number of zeros the extra one is at the bottom and right.

    References
    ----------
    Section 9 of the document, whose code does this.

    Examples
    --------
    >>> upsample_convolve(np.array([[1, 2]]), np.ones((2, 2), int))
    array([[4, 6, 8, 4],
           [2, 3, 4, 2]])
    """
    maps, times = checked_numbers("image", image), integer("factor", factor, 1)
    copies = maps.repeat(times, axis=0).repeat(times, axis=1)
    zeros = window(len(np.atleast_1d(kernel)), 1, 1, "same", len(copies))
    around = [(zeros.before, zeros.after)] * 2 + [(0, 0)] * (maps.ndim - 2)
    return convolve(np.pad(copies, around), kernel)


def measured_shift(
    operation: Callable[[np.ndarray], ArrayLike], size: int = 16
) -> tuple[float, float]:
    """Measure how far an operation that doubles the size of an image moves it.

    The input is a single 1 in row and column m = size // 2. In the output the middle of that pixel
    lies at row and column (m + 0.5) * 2 - 0.5, so the centre of mass should lie there.

    Parameters
    ----------
    operation : callable
        Takes an array of shape (size, size), returns one of shape (2 * size, 2 * size).
    size : int
        In pixels, at least 1; large enough that the border has no influence.

    Returns
    -------
    (float, float)
        Rows and columns of the output from that place to the centre of mass; negative numbers mean
        up and left.

    Examples
    --------
    >>> measured_shift(lambda image: upsample_convolve(image, np.ones((2, 2))))
    (-0.5, -0.5)
    """
    from scipy.ndimage import center_of_mass

    middle = integer("size", size, 1) // 2
    image = np.zeros((size, size))
    image[middle, middle] = 1
    result = checked_numbers("what operation returns", operation(image), ())
    if result.shape != tuple(2 * n for n in image.shape):
        raise ValueError(f"operation must double {image.shape}, not return {result.shape}")
    # Where the numbers cancel, their sum is a rounding error, and seldom exactly 0.
    if abs(result.sum()) <= 1e-12 * np.abs(result).sum():
        raise ValueError("an image whose sum is 0 has no centre of mass")
    row, column = center_of_mass(result)
    return float(row) - (2 * middle + 0.5), float(column) - (2 * middle + 0.5)
