"""Checkerboard patterns of up-convolutions, the kernels that avoid them, and the shift of each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from unetviz.geometry import _checks as fields
from unetviz.geometry.index_maps import stamp, window

from .upconvolution import checked_numbers, convolve


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
        See Odena, Dumoulin and Olah, Deconvolution and Checkerboard Artifacts, 2016.

    Examples
    --------
    >>> stamp_counts((1, 3), 3, 2)[0]
    array([1, 1, 2, 1, 2, 1, 1])
    """
    k, step = fields.integer("kernel_size", kernel_size, 1), fields.integer("stride", stride, 1)
    rule, sides = stamp(k, step, "valid"), fields.size("size", size)
    return np.outer(*([len(rule.inputs(i, n)) for i in range(rule.size(n))] for n in sides))


def has_even_overlap(kernel_size: int, stride: int) -> bool:
    """Tell whether the stride divides the kernel: all outputs are then written equally often.

    Only border outputs differ: those before row kernel_size - stride and from row h * stride on.

    Examples
    --------
    >>> has_even_overlap(4, 2), has_even_overlap(3, 2), has_even_overlap(2, 3)
    (True, False, False)
    """
    return fields.integer("kernel_size", kernel_size, 1) % fields.integer("stride", stride, 1) == 0


def bilinear_kernel(size: int) -> np.ndarray:
    """Return the weights of bilinear interpolation, with which FCN's way up begins.

    Parameters
    ----------
    size : int
        In pixels, with s the stride: 2 * s for an even s, 2 * s - 1 for an odd one. The other way
        round, padding ``"same"`` moves the image by half a pixel of the output.

    Returns
    -------
    array of float64, shape (size, size)
        1 - distance from the middle / s, for the row times for the column (Long, Shelhamer and
        Darrell, Fully Convolutional Networks for Semantic Segmentation, 2015).

    Examples
    --------
    >>> bilinear_kernel(4)[1]
    array([0.1875, 0.5625, 0.5625, 0.1875])
    """
    size = fields.integer("size", size, 1)
    weights = 1 - np.abs(np.arange(size) - (size - 1) / 2) / ((size + 1) // 2)
    return np.outer(weights, weights)


def upsample_convolve(image: np.ndarray, kernel: np.ndarray, factor: int = 2) -> np.ndarray:
    """Go up as the document's code does: copy every pixel, then convolve with zeros around.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c_in)
        The small map.
    kernel : array of shape (k, k) or (k, k, c_in, c_out)
        As Keras' Conv2D has it.
    factor : int
        Side of the block that each pixel is copied into, at least 1.

    Returns
    -------
    array of shape (h * factor, w * factor) or (h * factor, w * factor, c_out)
        UpSampling2D, then Conv2D with padding ``"same"``, without bias and activation (section 9 of
        the document). Of an odd number of zeros the extra one is at the bottom and right.

    Examples
    --------
    >>> upsample_convolve(np.array([[1, 2]]), np.ones((2, 2), int))
    array([[4, 6, 8, 4],
           [2, 3, 4, 2]])
    """
    maps, times = checked_numbers("image", image), fields.integer("factor", factor, 1)
    copies = maps.repeat(times, axis=0).repeat(times, axis=1)
    zeros = window(len(np.atleast_1d(kernel)), 1, 1, "same", len(copies))
    around = [(zeros.before, zeros.after)] * 2 + [(0, 0)] * (maps.ndim - 2)
    return convolve(np.pad(copies, around), kernel)


def measured_shift(operation: Callable, size: int = 16) -> tuple[float, float]:
    """Measure how far an operation that doubles the size of an image moves it.

    A single 1 in row and column m = size // 2 goes in. In rows and columns of the output the middle
    of that pixel is (m + 0.5) * 2 - 0.5. There what comes out should have its centre of mass.

    Parameters
    ----------
    operation : callable
        Takes an array of shape (size, size), returns one of shape (2 * size, 2 * size).
    size : int
        In pixels, at least 1; large enough that the border plays no part.

    Returns
    -------
    (float, float)
        Rows and columns of the output from there to the centre of mass; negative is up and left.

    Examples
    --------
    >>> measured_shift(lambda image: upsample_convolve(image, np.ones((2, 2))))
    (-0.5, -0.5)
    """
    from scipy.ndimage import center_of_mass

    middle = fields.integer("size", size, 1) // 2
    image = np.zeros((size, size))
    image[middle, middle] = 1
    result = checked_numbers("what operation returns", operation(image), ())
    if result.shape != tuple(2 * n for n in image.shape):
        raise ValueError(f"operation must double {image.shape}, not return {result.shape}")
    # To rounding: of weights that cancel, only rounding errors are left.
    if abs(result.sum()) <= 1e-12 * np.abs(result).sum():
        raise ValueError("an image whose sum is 0 has no centre of mass")
    row, column = center_of_mass(result)
    return float(row) - (2 * middle + 0.5), float(column) - (2 * middle + 0.5)
