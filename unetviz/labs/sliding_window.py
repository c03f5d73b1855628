"""A classifier moved over an image: the windows that it sees, and a class for every pixel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unetviz.geometry._checks import integer
from unetviz.geometry._checks import size as checked_size
from unetviz.geometry.ops import size_of


def cut_windows(image: np.ndarray, size: Sequence[int], stride: int) -> np.ndarray:
    """Cut a larger image into the windows over which a classifier is moved.

    Parameters
    ----------
    image : array of shape (h, w, c)
        Any numbers.
    size : (int, int)
        Height and width of a window.
    stride : int
        Pixels from one window to the next, down and across.

    Returns
    -------
    array of shape (rows, columns, height, width, c)
        A view. Window (i, j) starts at row i * stride and column j * stride; only whole ones are
        there.

    Raises
    ------
    ValueError
        If the image is smaller than a window, or a number no whole number of at least 1.

    Examples
    --------
    >>> windows = cut_windows(np.arange(15).reshape(3, 5, 1), (2, 2), 2)
    >>> windows.shape, windows[0, 1, ..., 0].tolist()
    ((1, 2, 2, 2, 1), [[2, 3], [7, 8]])
    """
    size, stride = checked_size("size", size), integer("stride", stride, 1)
    shape = image.shape[:2]
    if shape[0] < size[0] or shape[1] < size[1]:
        raise ValueError(f"the image has {size_of(shape)} pixels, a window {size_of(size)}")
    windows = np.lib.stride_tricks.sliding_window_view(image, size, axis=(0, 1))
    return np.moveaxis(windows[::stride, ::stride], 2, -1)


def upsample_scores(
    scores: np.ndarray, shape: tuple[int, int], window: int, stride: int
) -> np.ndarray:
    """Up-sample a map of answers to the size of the image, bilinearly.

    Answer (i, j) stands for a window of the image that begins at row i * stride and column
    j * stride, so it belongs to the middle of that window. Beyond the outermost middles the nearest
    answer counts (section 2 of the document: up-sampled until every pixel has a prediction).

    Parameters
    ----------
    scores : array of shape (rows, columns, classes)
        The answers.
    shape : (int, int)
        Height and width of the image, in pixels.
    window, stride : int
        Size of the window of one answer, and pixels from one window to the next.

    Returns
    -------
    array of shape (h, w, classes)
        Scores for every pixel; the class of a pixel is the one with the largest.

    Examples
    --------
    >>> upsample_scores(np.array([[[0.0], [4.0]]]), (1, 6), 2, 4)[0, :, 0]
    array([0. , 0.5, 1.5, 2.5, 3.5, 4. ])
    """
    from scipy.ndimage import map_coordinates

    rows, columns = ((np.arange(n) - (window - 1) / 2) / stride for n in shape)
    places = np.meshgrid(rows, columns, indexing="ij")
    layers = [
        map_coordinates(scores[..., k].astype(float), places, order=1, mode="nearest")
        for k in range(scores.shape[2])
    ]
    return np.stack(layers, axis=-1)
