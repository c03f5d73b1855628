"""Images as arrays: checked, as floats, cut into windows, at another size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from unetviz.geometry._checks import choice, integer
from unetviz.geometry.box import Box

_MODES: dict[str, dict[str, Any]] = {
    "mirror": {"mode": "reflect"},
    "edge": {"mode": "edge"},
    "zero": {"mode": "constant", "constant_values": -1},
}
"""How numpy continues the indices of an image beyond its border; -1 stands for no pixel."""

PADS = tuple(_MODES)
"""What lies beyond the border: the mirrored image, its last pixels repeated, or zeros."""

_ROWS_AT_ONCE = 256
"""Rows that are checked at a time: of a large image not even a mask of booleans is made whole."""


def checked_image(image: ArrayLike, channels: int | None = None) -> np.ndarray:
    """Return an image as an array with an axis of channels, its numbers unchanged.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c)
        Integers or floats.
    channels : int, optional
        How many channels it must have.

    Returns
    -------
    array of shape (h, w, c)
        A view where the image is an array already.

    Raises
    ------
    TypeError
        If the image does not hold whole numbers or floats.
    ValueError
        If it has another shape, is empty, holds NaN or infinity, or has another number of channels.
    """
    array = np.asarray(image)
    if array.dtype.kind not in "buif":
        raise TypeError(
            f"an image holds whole numbers or floats, not {array.dtype}; try np.asarray(image)"
        )
    if array.ndim not in (2, 3):
        raise ValueError(
            f"an image has the shape (height, width) or (height, width, channels), "
            f"not {array.shape}"
        )
    if array.size == 0:
        raise ValueError(f"the image is empty: its shape is {array.shape}")
    array = array[..., np.newaxis] if array.ndim == 2 else array
    if channels is not None and array.shape[2] != channels:
        raise ValueError(
            f"the image has {array.shape[2]} channels, but the network takes {channels}; "
            + ("try image.mean(axis=-1)" if channels == 1 else "choose or repeat channels")
        )
    if array.dtype.kind == "f" and not _all_finite(array):
        raise ValueError(
            "the image holds NaN or infinity, or numbers that are too large for float32; replace "
            "them, as np.nan_to_num does"
        )
    return array


def _all_finite(array: np.ndarray) -> bool:
    starts = range(0, len(array), _ROWS_AT_ONCE)
    largest = np.finfo(np.float32).max
    # A comparison with NaN is false.
    return all(bool((np.abs(array[i : i + _ROWS_AT_ONCE]) <= largest).all()) for i in starts)


def as_floats(image: np.ndarray) -> np.ndarray:
    """Return the numbers of an image in float32: integers in 0..1, floats as they are.

    Parameters
    ----------
    image : array
        Integers are divided by the largest number that their type can hold.

    Returns
    -------
    array of the shape of the image, float32
        A copy.

    Examples
    --------
    >>> as_floats(np.array([[0, 255]], np.uint8))
    array([[0., 1.]], dtype=float32)
    """
    if image.dtype.kind in "ui":
        return image.astype(np.float32) / np.float32(np.iinfo(image.dtype).max)
    return image.astype(np.float32)


def cut_window(image: np.ndarray, box: Box, pad: str = "mirror") -> np.ndarray:
    """Cut a window out of an image; it may reach beyond the border.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c)
        Any numbers.
    box : Box
        Rows and columns; they may be negative or beyond the end.
    pad : str
        What lies beyond the border: ``"mirror"`` mirrors the image at its border pixels (numpy's
        ``reflect``) as often as needed, ``"edge"`` repeats the border pixels, ``"zero"`` fills in
        zeros.

    Returns
    -------
    array of shape (box.height, box.width) or (box.height, box.width, c)
        A copy.

    Raises
    ------
    ValueError
        If `pad` is none of these.

    See Also
    --------
    centred_window : the middle of an image.

    Examples
    --------
    >>> cut_window(np.array([[1, 2, 3]]), Box(0, -2, 1, 5))
    array([[3, 2, 1, 2, 3, 2, 1]])
    """
    rows, columns = (
        _sources(start, stop, n, _MODES[choice("pad", pad, PADS)])
        for start, stop, n in (
            (box.top, box.bottom, image.shape[0]),
            (box.left, box.right, image.shape[1]),
        )
    )
    window = image[np.ix_(rows, columns)]
    window[rows < 0] = 0
    window[:, columns < 0] = 0
    return window


def _sources(start: int, stop: int, n: int, mode: dict[str, Any]) -> np.ndarray:
    """Return which pixel each place of a window shows, along one axis; -1 for none."""
    # Indices are padded, not the image: a large image is not copied for each of its tiles.
    before = max(0, -start)
    padded = np.pad(np.arange(n), (before, max(0, stop - n)), **mode)
    return padded[start + before : stop + before]


def centred_window(image: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Cut the middle out of an image; an image that is too small is continued by its mirror image.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c)
        Any numbers.
    shape : (int, int, ...)
        Height and width of the result, in pixels; further numbers are ignored.

    Returns
    -------
    array of that height and width, with the channels of the image
        A copy.

    Examples
    --------
    >>> centred_window(np.arange(25).reshape(5, 5), (1, 3))
    array([[11, 12, 13]])
    """
    top, left = (image.shape[0] - shape[0]) // 2, (image.shape[1] - shape[1]) // 2
    return cut_window(image, Box(top, left, top + shape[0], left + shape[1]))


def resize_mean(maps: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Return maps at another size; every new pixel is the mean of those that it covers.

    Parameters
    ----------
    maps : array of shape (h, w, c)
        Any numbers.
    shape : (int, int)
        Height and width of the result, in pixels.

    See Also
    --------
    shrunk : keeps the ratio of the sides, and what is small enough.
    """
    from skimage.transform import resize_local_mean

    return resize_local_mean(maps, tuple(shape), channel_axis=-1, preserve_range=True)


def shrunk(maps: np.ndarray, side: int) -> np.ndarray:
    """Return maps with no side longer than `side`; every new pixel is the mean of those it covers.

    Parameters
    ----------
    maps : array of shape (h, w, c)
        Any numbers.
    side : int
        In pixels.

    Returns
    -------
    array of shape (h', w', c)
        The maps themselves if they are small enough.

    Examples
    --------
    >>> shrunk(np.ones((8, 4, 3)), 4).shape
    (4, 2, 3)
    """
    longer = max(maps.shape[:2])
    if longer <= side:
        return maps
    return resize_mean(maps, [max(1, round(n * side / longer)) for n in maps.shape[:2]])


def densest_window(mask: np.ndarray, side: int) -> Box:
    """Return the square window that holds the most foreground of a mask.

    Parameters
    ----------
    mask : array of shape (h, w)
        What is not 0 is foreground.
    side : int
        Height and width of the window, in pixels, at most those of the mask.

    Returns
    -------
    Box
        Of several such windows the first, row by row.

    Raises
    ------
    ValueError
        If the window does not fit.

    Examples
    --------
    >>> densest_window(np.eye(6)[::-1] * [0, 0, 0, 0, 1, 1], 2)
    Box(top=0, left=4, bottom=2, right=6)
    """
    integer("side", side, 1, min(np.shape(mask)))
    sums = np.pad((np.asarray(mask) != 0).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    inside = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    top, left = (int(n) for n in np.unravel_index(inside.argmax(), inside.shape))
    return Box(top, left, top + side, left + side)


def fitted(image: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Fit an image to the input of a network: make it smaller and cut out its middle.

    The image is made smaller until it just covers the input. An image that is too small is
    continued by its mirror image, not enlarged.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c)
        Any numbers; integers become fractions from 0 to 1.
    shape : (int, int) or (int, int, int)
        Height, width and, optionally, channels: colours become grey by their mean, grey becomes
        three equal channels.

    Returns
    -------
    array of that height and width, float32
        With an axis of channels if `shape` or `image` has one.

    Raises
    ------
    TypeError
        If the image does not hold numbers.
    ValueError
        If `checked_image` refuses it, or its channels cannot be converted.

    Examples
    --------
    >>> fitted(np.ones((40, 60, 3)), (20, 20, 1)).shape
    (20, 20, 1)
    """
    plain = np.ndim(image) == 2 and len(shape) == 2
    array = as_floats(checked_image(image))
    array = _with_channels(array, shape[2]) if len(shape) == 3 else array
    height, width = array.shape[:2]
    scale = max(shape[0] / height, shape[1] / width)
    if scale < 1:
        small = (max(shape[0], round(height * scale)), max(shape[1], round(width * scale)))
        array = resize_mean(array, small)
    window = centred_window(array, shape[:2]).astype(np.float32)
    return window[..., 0] if plain else window


def _with_channels(array: np.ndarray, channels: int) -> np.ndarray:
    if array.shape[2] == channels:
        return array
    if channels == 1:
        return array.mean(axis=-1, keepdims=True)
    if array.shape[2] == 1 and channels == 3:
        return array.repeat(3, axis=-1)
    raise ValueError(
        f"an image with {array.shape[2]} channels cannot be given {channels}; 1 and 3 are "
        "possible: try a network that takes 1 channel"
    )
