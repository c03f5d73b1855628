"""The backward pass of convolutions, of their input and of their weights.

Maps and gradients have the shape (h, w, channels) and hold finite numbers; results are float64. The
gradient of an output is that before the activation.

A wrong shape or value raises ValueError; values that are not real numbers raise TypeError.

References
----------
Section 8, features (3), of the document.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from unetviz.geometry._checks import choice, integer, size
from unetviz.geometry.index_maps import Gather, stamp, window

from .._checks import checked_numbers
from ..upconvolution import convolve, stamp_and_add, zero_insertion
from .steps import checked_maps


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
    return _part(stamp_and_add(given, kernel, stride), maps.shape[:2])


def convolution_backward(
    gradient: ArrayLike,
    kernel: ArrayLike,
    shape: tuple[int, int],
    stride: int = 1,
    padding: str = "valid",
) -> np.ndarray:
    """The gradient of a convolution's input is a full convolution with the flipped kernel.

    Parameters
    ----------
    gradient : array of shape (h', w', c_out)
        The gradient of the output.
    kernel : array of shape (k, k, c_in, c_out)
        The kernel of a Conv2D.
    shape : (int, int)
        Height h and width w of the input, in pixels.
    stride : int
        Pixels from one window to the next, at least 1.
    padding : str
        ``"valid"``, or ``"same"``: then the part of the result that lies on the padding is cropped.

    Returns
    -------
    array of shape (h, w, c_in)
        The gradient of the input; 0 where no window reads.

    See Also
    --------
    zero_insertion : the full convolution, of a gradient with stride - 1 zeros between its pixels.

    Examples
    --------
    >>> convolution_backward([[[10]]], np.reshape([1, 2, 3, 4], (2, 2, 1, 1)), (2, 2))[..., 0]
    array([[10., 20.],
           [30., 40.]])
    """
    weights = checked_numbers("kernel", kernel, (4,))
    sides = size("shape", shape)
    rules = _windows(len(weights), stride, padding, sides)
    small = (rule.size(n) for rule, n in zip(rules, sides, strict=True))
    full = zero_insertion(
        checked_maps("gradient", gradient, (*small, weights.shape[3])), weights, stride
    )
    return _part(full, sides, *(rule.before for rule in rules))


def _part(full: np.ndarray, shape: tuple[int, ...], top: int = 0, left: int = 0) -> np.ndarray:
    """Cut a map out of a larger one; beyond its end nothing was written: zeros."""
    read = full[top : top + shape[0], left : left + shape[1]]
    missing = [(0, n - m) for n, m in zip(shape, read.shape, strict=False)]
    return np.pad(read, [*missing, (0, 0)][: read.ndim])


def transposed_backward(gradient: ArrayLike, kernel: ArrayLike, stride: int) -> np.ndarray:
    """The gradient of a transposed convolution's input is a convolution with the same kernel.

    Parameters
    ----------
    gradient : array of shape (H, W, c_out)
        The gradient of the output.
    kernel : array of shape (k, k, c_out, c_in)
        The kernel of a Conv2DTranspose with padding ``"valid"``.
    stride : int
        Output pixels from one stamp to the next, at least 1.

    Returns
    -------
    array of shape (h, w, c_in)
        The gradient of the input.

    Examples
    --------
    >>> transposed_backward(np.ones((2, 4, 1)), np.reshape([1, 2, 3, 4], (2, 2, 1, 1)), 2)[..., 0]
    array([[10., 10.]])
    """
    weights, given = checked_numbers("kernel", kernel, (4,)), checked_maps("gradient", gradient)
    rule = stamp(len(weights), integer("stride", stride, 1), "valid")
    if any(n < rule.size(1) or (n - rule.size(1)) % stride for n in given.shape[:2]):
        raise ValueError(
            f"no map gives {given.shape[0]} x {given.shape[1]} pixels with a kernel of "
            f"{len(weights)} and stride {stride}; sides can be {rule.size(1)}, {rule.size(2)}, ..."
        )
    return convolve(given, weights, stride)


def convolution_weights_backward(
    maps: ArrayLike,
    gradient: ArrayLike,
    kernel_size: int,
    stride: int = 1,
    padding: str = "valid",
) -> tuple[np.ndarray, np.ndarray]:
    """The gradient of a kernel's weight sums, over all windows, its input times the gradient.

    Parameters
    ----------
    maps : array of shape (h, w, c_in)
        The input of the convolution.
    gradient : array of shape (h', w', c_out)
        The gradient of the output.
    kernel_size, stride : int
        In pixels, at least 1.
    padding : str
        ``"valid"`` or ``"same"``.

    Returns
    -------
    (array of shape (kernel_size, kernel_size, c_in, c_out), array of shape (c_out,))
        The gradients of the kernel and of the bias, which is added everywhere.

    Examples
    --------
    >>> kernel, bias = convolution_weights_backward([[[1], [2], [3]]], [[[1], [0], [10]]], 1)
    >>> kernel.item(), bias.item()
    (31.0, 11.0)
    """
    given = checked_maps("maps", maps)
    rules = _windows(kernel_size, stride, padding, given.shape[:2])
    small = (rule.size(n) for rule, n in zip(rules, given.shape, strict=False))
    arriving = checked_maps("gradient", gradient, (*small, np.shape(gradient)[-1]))
    padded = np.pad(given, [*((rule.before, rule.after) for rule in rules), (0, 0)])
    return _products(padded, arriving, kernel_size, stride), arriving.sum(axis=(0, 1))


def transposed_weights_backward(
    maps: ArrayLike, gradient: ArrayLike, kernel_size: int, stride: int
) -> tuple[np.ndarray, np.ndarray]:
    """The gradient of a stamp's weight sums, over all stamps, the input times the gradient there.

    Parameters
    ----------
    maps : array of shape (h, w, c_in)
        The input of the transposed convolution.
    gradient : array of shape (H, W, c_out)
        The gradient of the output.
    kernel_size, stride : int
        In output pixels, at least 1.

    Returns
    -------
    (array of shape (kernel_size, kernel_size, c_out, c_in), array of shape (c_out,))
        The gradients of the kernel and of the bias: those of a convolution with that stride from
        the large map, here the gradient, to the small one.

    Examples
    --------
    >>> kernel, bias = transposed_weights_backward([[[2]]], [[[1], [2]], [[3], [4]]], 2, 2)
    >>> kernel[..., 0, 0], bias.item()
    (array([[2., 4.],
           [6., 8.]]), 10.0)
    """
    given = checked_maps("maps", maps)
    k, step = integer("kernel_size", kernel_size, 1), integer("stride", stride, 1)
    large = (stamp(k, step, "valid").size(n) for n in given.shape[:2])
    arriving = checked_maps("gradient", gradient, (*large, np.shape(gradient)[-1]))
    return _products(arriving, given, k, step), arriving.sum(axis=(0, 1))


def _products(large: np.ndarray, small: np.ndarray, kernel_size: int, stride: int) -> np.ndarray:
    """For each tap, what it reads of the large map times the small one, summed over all windows."""
    height, width = small.shape[:2]
    result = np.zeros((kernel_size, kernel_size, large.shape[2], small.shape[2]))
    for a, b in np.ndindex(kernel_size, kernel_size):
        read = large[a::stride, b::stride][:height, :width]
        result[a, b] = np.tensordot(read, small, axes=((0, 1), (0, 1)))
    return result


def _windows(kernel_size: int, stride: int, padding: str, shape: tuple[int, ...]) -> list[Gather]:
    """Windows over the rows and over the columns."""
    k, step = integer("kernel_size", kernel_size, 1), integer("stride", stride, 1)
    if choice("padding", padding, ("valid", "same")) == "valid" and k > min(shape):
        raise ValueError(f"a {k}x{k} kernel does not fit into {shape[0]}x{shape[1]} pixels")
    return [window(k, step, 1, padding, n) for n in shape]
