"""Transposed convolution in three forms, and the convolution whose backward pass it is.

Maps are (h, w) and kernels (k, k), or maps (h, w, channels) and kernels (k, k, a, b): convolution
leads from a channels to b, its transpose with the same kernel from b to a; so one array serves
Keras' Conv2D and Conv2DTranspose. Numbers are finite; results are int64 or float64. What is not as
described raises ValueError, or TypeError where it holds no real numbers; `stamp_counts` likewise.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from unetviz.geometry._checks import integer, size
from unetviz.geometry.index_maps import stamp

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_FORWARD, _TRANSPOSED = 2, 3  # the axis of a kernel that belongs to the channels that go in


def stamp_and_add(image: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """Transposed convolution, form 1: every input pixel writes kernel times value; overlaps add.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c_in)
        The small map.
    kernel : array of shape (k, k) or (k, k, c_out, c_in)
        As Keras' Conv2DTranspose has it.
    stride : int
        Output pixels from one stamp to the next, at least 1.

    Returns
    -------
    array of shape (H, W) or (H, W, c_out)
        H = (h - 1) * stride + k, or h * stride where k is smaller than the stride, as in Keras with
        padding ``"valid"`` (section 8 (4) of the document).

    Examples
    --------
    >>> stamp_and_add(np.array([[1, 2]]), np.ones((3, 3), int), 2)
    array([[1, 1, 3, 2, 2],
           [1, 1, 3, 2, 2],
           [1, 1, 3, 2, 2]])
    """
    maps, weights = _checked(image, kernel, _TRANSPOSED)
    k, step = len(weights), integer("stride", stride, 1)
    height, width = map(stamp(k, step, "valid").size, maps.shape[:2])
    result = np.zeros((height, width, weights.shape[2]), np.result_type(maps, weights))
    for i, j in np.ndindex(maps.shape[:2]):
        top, left = i * step, j * step
        result[top : top + k, left : left + k] += weights @ maps[i, j]
    return _like(image, result)


def insert_zeros(image: np.ndarray, kernel_size: int, stride: int) -> np.ndarray:
    """Put stride - 1 zeros between the pixels of a map and kernel_size - 1 around it.

    Where the kernel is smaller than the stride, stride - 1 zeros follow at the bottom and right:
    the gap after the last stamp belongs to the output too.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c)
        The small map.
    kernel_size, stride : int
        In pixels, at least 1.

    Returns
    -------
    array of shape (H + kernel_size - 1, W + kernel_size - 1) or with a third axis c
        H, W: size of the transposed convolution's output (Dumoulin and Visin, A guide to
        convolution arithmetic for deep learning, 2016, chapter 4).

    Examples
    --------
    >>> insert_zeros(np.array([[1, 2]]), 2, 2)
    array([[0, 0, 0, 0, 0],
           [0, 1, 0, 2, 0],
           [0, 0, 0, 0, 0]])
    """
    maps = checked_numbers("image", image)
    k, step = integer("kernel_size", kernel_size, 1), integer("stride", stride, 1)
    height, width = (stamp(k, step, "valid").size(n) + k - 1 for n in maps.shape[:2])
    result = np.zeros((height, width, *maps.shape[2:]), maps.dtype)
    below, beside = height - max(k, step) + 1, width - max(k, step) + 1
    result[k - 1 : below : step, k - 1 : beside : step] = maps
    return result


def zero_insertion(image: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """Transposed convolution, form 2: zeros put in, then convolved with the kernel turned round.

    That convolution is an ordinary one, without padding and with stride 1; the kernel is flipped
    from top to bottom and from left to right. Arguments and result are those of `stamp_and_add`.

    Examples
    --------
    >>> zero_insertion(np.array([[1, 2]]), np.array([[1, 2], [3, 4]]), 2)
    array([[1, 2, 2, 4],
           [3, 4, 6, 8]])
    """
    maps, weights = _checked(image, kernel, _TRANSPOSED)
    flipped = weights[::-1, ::-1].swapaxes(2, 3)  # a convolution's kernel names c_in first
    return _like(image, convolve(insert_zeros(maps, len(weights), stride), flipped))


def convolution_matrix(shape: tuple[int, int], kernel: np.ndarray, stride: int) -> csr_array:
    """Write the convolution of a large map into a small one, without padding, as a matrix.

    Parameters
    ----------
    shape : (int, int)
        Height h and width w of the large map, in pixels.
    kernel : array of shape (k, k)
        With k at most the smaller side.
    stride : int
        Pixels of the large map from one window to the next, at least 1.

    Returns
    -------
    scipy.sparse.csr_array of shape (h' * w', h * w)
        A row for each pixel of the small map, a column for each of the large one, both in reading
        order. Every row holds the kernel's k * k numbers. Its transpose is the transposed
        convolution (section 8, features (3), of the document).

    Examples
    --------
    >>> convolution_matrix((2, 3), np.array([[1, 2], [3, 4]]), 1).toarray()
    array([[1, 2, 0, 3, 4, 0],
           [0, 1, 2, 0, 3, 4]])
    """
    from scipy.sparse import csr_array

    large, weights = size("shape", shape), _checked_kernel(kernel, 2)
    pixels = np.arange(prod(large)).reshape(large)
    windows = _windows(pixels, len(weights), stride)
    outputs = windows.shape[0] * windows.shape[1]
    rows, values = np.repeat(np.arange(outputs), weights.size), np.tile(weights.ravel(), outputs)
    return csr_array((values, (rows, windows.ravel())), (outputs, pixels.size))


def transposed_by_matrix(image: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """Transposed convolution, form 3: the convolution's matrix transposed, times the flat input.

    Every pair of an output and an input channel has a matrix of its own; what they give for one
    output channel is added. Arguments and result are those of `stamp_and_add`.

    Examples
    --------
    >>> transposed_by_matrix(np.array([[1, 2]]), np.array([[1, 2], [3, 4]]), 1)
    array([[ 1,  4,  4],
           [ 3, 10,  8]])
    """
    maps, weights = _checked(image, kernel, _TRANSPOSED)
    rule = stamp(len(weights), integer("stride", stride, 1), "valid")
    large = rule.size(maps.shape[0]), rule.size(maps.shape[1])
    result = np.zeros((*large, weights.shape[2]), np.result_type(maps, weights))
    for o, c in np.ndindex(weights.shape[2:]):
        matrix = convolution_matrix(large, weights[..., o, c], stride)
        result[..., o] += (matrix.T @ maps[..., c].ravel()).reshape(large)
    return _like(image, result)


def convolve(image: np.ndarray, kernel: np.ndarray, stride: int = 1) -> np.ndarray:
    """Convolution without padding; as in Keras' Conv2D the kernel is not flipped.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c_in)
        The large map.
    kernel : array of shape (k, k) or (k, k, c_in, c_out)
        As Keras' Conv2D has it; k at most the smaller side.
    stride : int
        Pixels from one window to the next, at least 1.

    Returns
    -------
    array of shape (h', w') or (h', w', c_out)
        h' = (h - k) / stride rounded down + 1 (section 8 (2) of the document, for stride 1).

    Examples
    --------
    >>> convolve(np.array([[1, 2, 3], [4, 5, 6]]), np.array([[0, 0], [0, 1]]))
    array([[5, 6]])
    """
    maps, weights = _checked(image, kernel, _FORWARD)
    windows = _windows(maps, len(weights), stride)
    return _like(image, np.einsum("ijcab,abcd->ijd", windows, weights))


def checked_numbers(name: str, values: Any, axes: tuple[int, ...] = (2, 3)) -> np.ndarray:
    """Return a copy in int64 or float64 of finite numbers with so many axes (empty: any), or raise.

    Examples
    --------
    >>> checked_numbers("image", [1, 2])
    Traceback (most recent call last):
    ValueError: image must have 2 or 3 axes, not 1
    """
    array = np.asarray(values)
    if array.dtype.kind not in "buif":
        raise TypeError(f"{name} must hold whole numbers or floats, not {array.dtype}")
    if axes and array.ndim not in axes:
        raise ValueError(f"{name} must have {' or '.join(map(str, axes))} axes, not {array.ndim}")
    if array.size == 0:
        raise ValueError(f"{name} is empty: its shape is {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity; replace them, as np.nan_to_num does")
    return array.astype(np.float64 if array.dtype.kind == "f" else np.int64)


def _checked_kernel(kernel: Any, axes: int) -> np.ndarray:
    fits = np.ndim(kernel) == axes
    name = "kernel" if fits else f"the kernel for an image of {axes // 2 + 1} axes"
    weights = checked_numbers(name, kernel, (axes,))
    if weights.shape[0] != weights.shape[1]:
        raise ValueError(f"kernel must be square, not {weights.shape[0]}x{weights.shape[1]}")
    return weights


def _checked(image: Any, kernel: Any, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return maps (h, w, c) and a kernel (k, k, a, b) whose `axis` has just as many channels."""
    maps = checked_numbers("image", image)
    weights = _checked_kernel(kernel, 2 * maps.ndim - 2)
    if maps.ndim == 2:
        return maps[..., np.newaxis], weights[..., np.newaxis, np.newaxis]
    if (channels := maps.shape[2]) != weights.shape[axis]:
        shape = weights.shape
        raise ValueError(f"{channels} channels do not fit axis {axis} of a kernel of shape {shape}")
    return maps, weights


def _windows(maps: np.ndarray, k: int, stride: int) -> np.ndarray:
    """View all windows of k x k pixels; the axes of the taps are the last ones."""
    step, (height, width) = integer("stride", stride, 1), maps.shape[:2]
    if k > min(height, width):
        raise ValueError(f"a {k}x{k} kernel does not fit into {height}x{width} pixels")
    return sliding_window_view(maps, (k, k), axis=(0, 1))[::step, ::step]


def _like(image: Any, result: np.ndarray) -> np.ndarray:
    """Drop the axis of the channels where the image has none."""
    return result if np.ndim(image) == 3 else result[..., 0]
