"""How gradients go back through convolutions: to the maps that went in, and to the weights.

Maps, gradients and what is raised are as in `steps`. The gradient of a convolution is that of
what it returned before its activation.
"""

from __future__ import annotations

import numpy as np

from unetviz.geometry import _checks as fields
from unetviz.geometry.index_maps import Gather, stamp, window

from ..upconvolution import checked_numbers, convolve, stamp_and_add, zero_insertion
from .steps import checked_maps


def forward_backward(
    large: np.ndarray, kernel: np.ndarray, stride: int, gradient: np.ndarray
) -> np.ndarray:
    """Backward pass of `convolve`: the transposed convolution with the same kernel.

    Parameters
    ----------
    large, kernel, stride
        What `convolve` was given.
    gradient : array of shape (h', w') or (h', w', c_out)
        Gradient with respect to what it returned.

    Returns
    -------
    array of the shape of `large`
        Gradient of ``(convolve(large, kernel, stride) * gradient).sum()``; 0 where no window reads
        (section 8, features (3), of the document).

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
    gradient: np.ndarray,
    kernel: np.ndarray,
    shape: tuple[int, int],
    stride: int = 1,
    padding: str = "valid",
) -> np.ndarray:
    """A convolution is run backwards by a full convolution with the kernel turned round.

    Parameters
    ----------
    gradient : array of shape (h', w', c_out)
        The gradient of what the convolution returned, before its activation.
    kernel : array of shape (k, k, c_in, c_out)
        As Keras' Conv2D has it.
    shape : (int, int)
        Height h and width w of what went in, in pixels.
    stride : int
        Pixels from one window to the next, at least 1.
    padding : str
        ``"valid"``, or ``"same"``: then the rim of the result that lies on the padding is dropped.

    Returns
    -------
    array of shape (h, w, c_in)
        The gradient of what went in; 0 where no window reads. `zero_insertion` is the full
        convolution: of a gradient with stride - 1 zeros between its pixels (section 8, features
        (3), of the document).

    Examples
    --------
    >>> convolution_backward([[[10]]], np.reshape([1, 2, 3, 4], (2, 2, 1, 1)), (2, 2))[..., 0]
    array([[10., 20.],
           [30., 40.]])
    """
    weights = checked_numbers("kernel", kernel, (4,))
    sides = fields.size("shape", shape)
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


def transposed_backward(gradient: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """A transposed convolution is run backwards by a convolution with its kernel and stride.

    Parameters
    ----------
    gradient : array of shape (H, W, c_out)
        The gradient of what the transposed convolution returned, before its activation.
    kernel : array of shape (k, k, c_out, c_in)
        As Keras' Conv2DTranspose has it; padding ``"valid"``.
    stride : int
        Output pixels from one stamp to the next, at least 1.

    Returns
    -------
    array of shape (h, w, c_in)
        The gradient of what went in (section 8, features (3), of the document).

    Examples
    --------
    >>> transposed_backward(np.ones((2, 4, 1)), np.reshape([1, 2, 3, 4], (2, 2, 1, 1)), 2)[..., 0]
    array([[10., 10.]])
    """
    weights, given = checked_numbers("kernel", kernel, (4,)), checked_maps("gradient", gradient)
    rule = stamp(len(weights), fields.integer("stride", stride, 1), "valid")
    if any(n < rule.size(1) or (n - rule.size(1)) % stride for n in given.shape[:2]):
        raise ValueError(
            f"no map gives {given.shape[0]} x {given.shape[1]} pixels with a kernel of "
            f"{len(weights)} and stride {stride}; sides can be {rule.size(1)}, {rule.size(2)}, ..."
        )
    return convolve(given, weights, stride)


def convolution_weights_backward(
    maps: np.ndarray,
    gradient: np.ndarray,
    kernel_size: int,
    stride: int = 1,
    padding: str = "valid",
) -> tuple[np.ndarray, np.ndarray]:
    """Each weight sums, over all windows, the number that it read times the result's gradient.

    Parameters
    ----------
    maps : array of shape (h, w, c_in)
        What went into the convolution.
    gradient : array of shape (h', w', c_out)
        The gradient of what came out.
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
    maps: np.ndarray, gradient: np.ndarray, kernel_size: int, stride: int
) -> tuple[np.ndarray, np.ndarray]:
    """Each weight sums, over all stamps, the number it was multiplied by times the gradient there.

    Parameters
    ----------
    maps : array of shape (h, w, c_in)
        What went into the transposed convolution.
    gradient : array of shape (H, W, c_out)
        The gradient of what came out.
    kernel_size, stride : int
        In output pixels, at least 1.

    Returns
    -------
    (array of shape (kernel_size, kernel_size, c_out, c_in), array of shape (c_out,))
        The gradients of the kernel and of the bias: as for a convolution with stride that leads
        from the large map, here the gradient, to the small one.

    Examples
    --------
    >>> kernel, bias = transposed_weights_backward([[[2]]], [[[1], [2]], [[3], [4]]], 2, 2)
    >>> kernel[..., 0, 0], bias.item()
    (array([[2., 4.],
           [6., 8.]]), 10.0)
    """
    given = checked_maps("maps", maps)
    size, step = fields.integer("kernel_size", kernel_size, 1), fields.integer("stride", stride, 1)
    large = (stamp(size, step, "valid").size(n) for n in given.shape[:2])
    arriving = checked_maps("gradient", gradient, (*large, np.shape(gradient)[-1]))
    return _products(arriving, given, size, step), arriving.sum(axis=(0, 1))


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
    size, step = fields.integer("kernel_size", kernel_size, 1), fields.integer("stride", stride, 1)
    if fields.choice("padding", padding, ("valid", "same")) == "valid" and size > min(shape):
        raise ValueError(f"a {size}x{size} kernel does not fit into {shape[0]}x{shape[1]} pixels")
    return [window(size, step, 1, padding, n) for n in shape]
