"""The backward pass of each kind of step but convolutions, on the maps of one image.

Maps and gradients have the shape (h, w, c) and hold finite numbers; results are float64. The
gradient of a map is that of the loss with respect to it, so it has the shape of the map. A map that
is read by two steps gets two gradients, which are added.

A wrong shape or value raises ValueError; values that are not real numbers raise TypeError.

References
----------
Section 8, features (3), of the document.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from unetviz.geometry._checks import fraction, integer, integers

from .._checks import checked_numbers


def relu_backward(gradient: ArrayLike, outputs: ArrayLike) -> np.ndarray:
    """ReLU is a gate: the gradient passes where the output is above 0; elsewhere it becomes 0.

    Parameters
    ----------
    gradient, outputs : array of shape (h, w, c)
        The gradient of the output, and the output itself.

    Returns
    -------
    array of shape (h, w, c)
        The gradient of the input.

    Examples
    --------
    >>> relu_backward([[[5, 7]]], [[[0, 2]]])
    array([[[0., 7.]]])
    """
    maps = checked_maps("outputs", outputs)
    return np.where(maps > 0, checked_maps("gradient", gradient, maps.shape), 0.0)


def concatenation_backward(gradient: ArrayLike, channels: Sequence[int]) -> list[np.ndarray]:
    """Concatenation splits the gradient: each input gets the channels that it provided.

    Parameters
    ----------
    gradient : array of shape (h, w, c)
        The gradient of the output.
    channels : sequence of int
        Channels of each input, in order; together c.

    Returns
    -------
    list of array of shape (h, w, channels of that input)
        The gradient of each input.

    Examples
    --------
    >>> concatenation_backward([[[1, 2, 3]]], (1, 2))
    [array([[[1.]]]), array([[[2., 3.]]])]
    """
    given, counts = checked_maps("gradient", gradient), integers("channels", channels)
    if sum(counts) != given.shape[2]:
        raise ValueError(
            f"channels must add up to the gradient's {given.shape[2]}, not to {sum(counts)}"
        )
    return [part.copy() for part in np.split(given, np.cumsum(counts)[:-1], axis=-1)]


def addition_backward(gradient: ArrayLike, count: int = 2) -> list[np.ndarray]:
    """Addition passes the gradient on unchanged to each of its inputs.

    Parameters
    ----------
    gradient : array of shape (h, w, c)
        The gradient of the sum.
    count : int
        How many maps were added, at least 1.

    Returns
    -------
    list of array of shape (h, w, c)
        The gradient of each input.

    Examples
    --------
    >>> addition_backward([[[1, 2]]])
    [array([[[1., 2.]]]), array([[[1., 2.]]])]
    """
    given = checked_maps("gradient", gradient)
    return [given.copy() for _ in range(integer("count", count, 1))]


def crop_backward(
    gradient: ArrayLike, amounts: tuple[tuple[int, int], tuple[int, int]]
) -> np.ndarray:
    """A crop pads the gradient with zeros: what was cut off has no influence on the output.

    Parameters
    ----------
    gradient : array of shape (h, w, c)
        The gradient of the output.
    amounts : ((int, int), (int, int))
        Pixels that were cut off at (top, bottom) and at (left, right), from 0.

    Returns
    -------
    array of shape (top + h + bottom, left + w + right, c)
        The gradient of the input.

    Examples
    --------
    >>> crop_backward([[[5]]], ((0, 1), (1, 1)))[..., 0]
    array([[0., 5., 0.],
           [0., 0., 0.]])
    """
    cut = [[integer("amounts", n, 0) for n in pair] for pair in amounts]
    if [len(pair) for pair in cut] != [2, 2]:
        raise ValueError(f"amounts must be ((top, bottom), (left, right)), not {amounts!r}")
    return np.pad(checked_maps("gradient", gradient), [*cut, (0, 0)])


def pooling_backward(maps: ArrayLike, gradient: ArrayLike, window: int) -> np.ndarray:
    """Max pooling routes each gradient to the largest number of its window; the others get 0.

    Parameters
    ----------
    maps : array of shape (h, w, c)
        The input. Of equal numbers in a window the first in reading order counts as the largest,
        as in TensorFlow; rows and columns at the end that do not fill a window get 0.
    gradient : array of shape (h // window, w // window, c)
        The gradient of the output.
    window : int
        Side of a window and distance to the next one, in pixels, from 1 to the smaller side.

    Returns
    -------
    array of shape (h, w, c)
        The gradient of the input.

    Examples
    --------
    >>> pooling_backward(np.reshape([1, 2, 4, 3], (2, 2, 1)), [[[10]]], 2)[..., 0]
    array([[ 0.,  0.],
           [10.,  0.]])
    """
    given = checked_maps("maps", maps)
    side = integer("window", window, 1, min(given.shape[:2]))
    height, width, channels = given.shape[0] // side, given.shape[1] // side, given.shape[2]
    arriving = checked_maps("gradient", gradient, (height, width, channels))
    blocks = given[: height * side, : width * side].reshape(height, side, width, side, channels)
    numbers = blocks.transpose(0, 2, 4, 1, 3).reshape(height, width, channels, side * side)
    routed = np.zeros(numbers.shape)
    winners = numbers.argmax(axis=-1)[..., np.newaxis]  # of equal numbers the first
    np.put_along_axis(routed, winners, arriving[..., np.newaxis], axis=-1)
    back = routed.reshape(height, width, channels, side, side).transpose(0, 3, 1, 4, 2)
    result = np.zeros(given.shape)
    result[: height * side, : width * side] = back.reshape(height * side, width * side, channels)
    return result


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


def dropout_backward(gradient: ArrayLike, kept: ArrayLike, rate: float) -> np.ndarray:
    """Dropout passes the gradient only where numbers were kept, divided by 1 - rate like them.

    Parameters
    ----------
    gradient : array of shape (h, w, c)
        The gradient of the output.
    kept : array of bool, shape (h, w, c)
        Which numbers were kept in this pass; the others became 0.
    rate : float
        Share of the numbers that becomes 0 on average, from 0 up to, but not including, 1.

    Returns
    -------
    array of shape (h, w, c)
        The gradient of the input.

    Examples
    --------
    >>> dropout_backward([[[3, 5]]], np.array([[[True, False]]]), 0.5)
    array([[[6., 0.]]])
    """
    passes = np.asarray(kept)
    if passes.dtype != bool:
        raise TypeError(f"kept must hold True and False, not {passes.dtype}")
    given, share = checked_maps("gradient", gradient, passes.shape), fraction("rate", rate)
    return np.where(passes, given / (1 - share), 0.0)


def checked_maps(name: str, values: ArrayLike, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Return maps as float64.

    Parameters
    ----------
    name : str
        What messages call them.
    values : array of shape (h, w, c)
        Finite numbers.
    shape : tuple of int, optional
        The shape that they must have.

    Examples
    --------
    >>> checked_maps("gradient", [[[1, 2]]], (1, 1, 3))
    Traceback (most recent call last):
    ValueError: gradient must have the shape (1, 1, 3), not (1, 1, 2)
    """
    maps = checked_numbers(name, values, (3,)).astype(np.float64)
    if shape is not None and maps.shape != tuple(shape):
        raise ValueError(f"{name} must have the shape {tuple(shape)}, not {maps.shape}")
    return maps
