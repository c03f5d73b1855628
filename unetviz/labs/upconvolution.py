"""Convolution, and its transpose in three forms that give the same numbers.

Maps have the shape (h, w) with a kernel of shape (k, k), or (h, w, channels) with a kernel of shape
(k, k, a, b): a convolution leads from a channels to b, its transpose with the same kernel from b to
a. So one array serves as the kernel of Keras' Conv2D and of its Conv2DTranspose.

All functions take finite numbers and return int64 or float64. A wrong shape or value raises
ValueError; values that are not real numbers raise TypeError.

References
----------
Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016, chapter 4.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from unetviz.geometry._checks import integer, size
from unetviz.geometry.index_maps import stamp

from ._checks import checked_numbers

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# The axis of a kernel that belongs to the channels of the input.
_CONVOLUTION, _TRANSPOSED = 2, 3


def convolve(image: ArrayLike, kernel: ArrayLike, stride: int = 1) -> np.ndarray:
    """Convolve a map without padding; like Keras, without flipping the kernel.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c_in)
        The large map.
    kernel : array of shape (k, k) or (k, k, c_in, c_out)
        The kernel of a Conv2D; k is at most the smaller side of the map.
    stride : int
        Pixels from one window to the next, at least 1.

    Returns
    -------
    array of shape (h', w') or (h', w', c_out)
        The small map; h' = (h - k) / stride rounded down + 1, and w' likewise.

    See Also
    --------
    stamp_and_add : its transpose.
    forward_backward : its backward pass.

    References
    ----------
    Section 8 (2) of the document, for stride 1.

    Examples
    --------
    >>> convolve(np.array([[1, 2, 3], [4, 5, 6]]), np.array([[0, 0], [0, 1]]))
    array([[5, 6]])
    """
    maps, weights = _checked(image, kernel, _CONVOLUTION)
    windows = _windows(maps, len(weights), stride)
    # Both with the taps last and side by side in memory: several times as fast for large kernels.
    kernels = np.ascontiguousarray(weights.transpose(3, 2, 0, 1))
    return _like(image, np.einsum("ijcab,dcab->ijd", windows, kernels))


def stamp_and_add(image: ArrayLike, kernel: ArrayLike, stride: int) -> np.ndarray:
    """Transposed convolution, form 1: each input pixel writes kernel times value; overlaps add up.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c_in)
        The small map.
    kernel : array of shape (k, k) or (k, k, c_out, c_in)
        The kernel of a Conv2DTranspose.
    stride : int
        Output pixels from one stamp to the next, at least 1.

    Returns
    -------
    array of shape (H, W) or (H, W, c_out)
        The output of Conv2DTranspose with padding ``"valid"``: H = (h - 1) * stride + k, or
        h * stride where the kernel is smaller than the stride.

    See Also
    --------
    zero_insertion, transposed_by_matrix : the same numbers in another way.

    References
    ----------
    Section 8 (4) of the document.

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


def insert_zeros(image: ArrayLike, kernel_size: int, stride: int) -> np.ndarray:
    """Put stride - 1 zeros between the pixels of a map and kernel_size - 1 zeros around it.

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
        H and W are the size of the transposed convolution's output.

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


def zero_insertion(image: ArrayLike, kernel: ArrayLike, stride: int) -> np.ndarray:
    """Transposed convolution, form 2: insert zeros, then convolve with the flipped kernel.

    That convolution has no padding and stride 1; the kernel is flipped from top to bottom and from
    left to right.

    Parameters
    ----------
    image, kernel, stride
        As for `stamp_and_add`.

    Returns
    -------
    array of shape (H, W) or (H, W, c_out)
        Equal to the result of `stamp_and_add`.

    See Also
    --------
    insert_zeros : the first half of it.

    Examples
    --------
    >>> zero_insertion(np.array([[1, 2]]), np.array([[1, 2], [3, 4]]), 2)
    array([[1, 2, 2, 4],
           [3, 4, 6, 8]])
    """
    maps, weights = _checked(image, kernel, _TRANSPOSED)
    flipped = weights[::-1, ::-1].swapaxes(2, 3)  # a convolution's kernel has c_in first
    return _like(image, convolve(insert_zeros(maps, len(weights), stride), flipped))


def transposed_by_matrix(image: ArrayLike, kernel: ArrayLike, stride: int) -> np.ndarray:
    """Transposed convolution, form 3: the transposed matrix of a convolution times the flat input.

    Each pair of an output and an input channel has a matrix of its own; the products of one output
    channel are added.

    Parameters
    ----------
    image, kernel, stride
        As for `stamp_and_add`.

    Returns
    -------
    array of shape (H, W) or (H, W, c_out)
        Equal to the result of `stamp_and_add`.

    See Also
    --------
    convolution_matrix : the matrix before it is transposed.

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


def convolution_matrix(shape: tuple[int, int], kernel: ArrayLike, stride: int) -> csr_array:
    """Write the convolution of a large map, without padding, as a sparse matrix.

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
        A row for each pixel of the small map, a column for each pixel of the large one, both in
        reading order; each row holds the k * k numbers of the kernel.

    See Also
    --------
    transposed_by_matrix : uses its transpose.

    References
    ----------
    Section 8, features (3), of the document.

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


def forward_backward(
    large: ArrayLike, kernel: ArrayLike, stride: int, gradient: ArrayLike
) -> np.ndarray:
    """Backward pass of `convolve`: the transposed convolution with the same kernel.

    Parameters
    ----------
    large : array of shape (h, w) or (h, w, c_in)
        The input of the convolution; only its shape matters.
    kernel : array of shape (k, k) or (k, k, c_in, c_out)
        Its kernel.
    stride : int
        Its stride, in pixels, at least 1.
    gradient : array of shape (h', w') or (h', w', c_out)
        The gradient of its output.

    Returns
    -------
    array of the shape of `large`, int64 or float64
        Gradient of ``(convolve(large, kernel, stride) * gradient).sum()`` with respect to `large`;
        0 where no window reads.

    See Also
    --------
    numeric_gradient : what it can be compared with.

    Examples
    --------
    >>> forward_backward(np.zeros((2, 3)), np.array([[1, 2], [3, 4]]), 2, np.array([[10]]))
    array([[10, 20,  0],
           [30, 40,  0]])
    """
    maps, given = checked_numbers("large", large), checked_numbers("gradient", gradient)
    expected = convolve(maps, kernel, stride).shape
    if given.shape != expected:
        raise ValueError(f"gradient must have the shape {expected}, not {given.shape}")
    written = stamp_and_add(given, kernel, stride)[: maps.shape[0], : maps.shape[1]]
    # No window reads what is left over at the end.
    return np.pad(written, [(0, n - m) for n, m in zip(maps.shape, written.shape, strict=True)])


def sum_of_blocks(gradient: ArrayLike, factor: int) -> np.ndarray:
    """Nearest up-sampling adds up the gradient: each block was copied from one pixel.

    Parameters
    ----------
    gradient : array of shape (h * factor, w * factor) or (h * factor, w * factor, c)
        The gradient of the output of UpSampling2D.
    factor : int
        Side of a block, in pixels, at least 1.

    Returns
    -------
    array of shape (h, w) or (h, w, c)
        The gradient of the input.

    Raises
    ------
    ValueError
        If the factor does not divide both sides.

    Examples
    --------
    >>> sum_of_blocks(np.ones((2, 4), int), 2)
    array([[4, 4]])
    """
    from skimage.measure import block_reduce

    maps, side = checked_numbers("gradient", gradient), integer("factor", factor, 1)
    if any(n % side for n in maps.shape[:2]):
        raise ValueError(f"factor must divide both sides of the shape {maps.shape}, not be {side}")
    return block_reduce(maps, (side, side, 1)[: maps.ndim], np.sum)


def _checked_kernel(kernel: ArrayLike, axes: int) -> np.ndarray:
    fits = np.ndim(kernel) == axes
    name = "kernel" if fits else f"the kernel for an image of {axes // 2 + 1} axes"
    weights = checked_numbers(name, kernel, (axes,))
    if weights.shape[0] != weights.shape[1]:
        raise ValueError(f"kernel must be square, not {weights.shape[0]}x{weights.shape[1]}")
    return weights


def _checked(image: ArrayLike, kernel: ArrayLike, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return maps (h, w, c) and a kernel (k, k, a, b) that has c channels along `axis`."""
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


def _like(image: ArrayLike, result: np.ndarray) -> np.ndarray:
    """Drop the axis of the channels where the image has none."""
    return result if np.ndim(image) == 3 else result[..., 0]
