"""One image from a file or an upload, and an image fitted to a network."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

import numpy as np

from .arrays import as_floats, centred_window, checked_image
from .pages import LARGEST, ImageFileError, read_pages

__all__ = ["LARGEST", "ImageFileError", "fitted", "read_image"]


def read_image(
    source: str | PathLike[str] | bytes | bytearray | memoryview,
    name: str | None = None,
    largest: int = LARGEST,
    side: int | None = 2048,
) -> np.ndarray:
    """Read one image: PNG, JPEG, or the first page of a TIFF.

    Parameters
    ----------
    source : str, path or bytes
        A file, or what is in it.
    name : str, optional
        What messages call it; for a path its file name.
    largest : int
        Pixels that it may have.
    side : int, optional
        Pixels of the longer side that are enough: a larger image is reduced by means of blocks
        of 2 x 2, 3 x 3, ... until no side is longer. None: as it is.

    Returns
    -------
    array of shape (h, w) or (h, w, 3), float32
        From 0 to 1: whole numbers are divided by the largest of their type. Upright, as a camera
        noted it, without alpha. Colours of 16 bits in a PNG are read with 8.

    Raises
    ------
    ImageFileError
        If it is no such file, is broken, too large, or has numbers outside 0..1.
    TypeError
        If `source` is no path and no bytes.
    """
    return next(read_pages(source, name, largest, side))


def fitted(image: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Fit an image to what a network takes: reduced until it just covers it, then its middle.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c)
        Any numbers; integers become fractions from 0 to 1.
    shape : (int, int) or (int, int, int)
        Height, width, and channels if they are to be 1 or 3: the mean of the colours, or grey
        repeated. An image that is too small is continued by its mirror image, not enlarged.

    Returns
    -------
    array of that height and width, float32
        With an axis of channels if `shape` has one, or `image`.

    Raises
    ------
    ValueError
        If `image` is none, or has channels that cannot be made those that are wanted.

    Examples
    --------
    >>> fitted(np.ones((40, 60, 3)), (20, 20, 1)).shape
    (20, 20, 1)
    """
    from skimage.transform import resize_local_mean

    plain = np.ndim(image) == 2 and len(shape) == 2
    array = as_floats(checked_image(image))
    array = _with_channels(array, shape[2]) if len(shape) == 3 else array
    height, width = array.shape[:2]
    scale = max(shape[0] / height, shape[1] / width)
    if scale < 1:
        small = (max(shape[0], round(height * scale)), max(shape[1], round(width * scale)))
        array = resize_local_mean(array, small, channel_axis=-1, preserve_range=True)
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
