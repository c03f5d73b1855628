"""A classifier that slides over an image: its windows, and a score for every pixel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unetviz.geometry._checks import integer
from unetviz.geometry._checks import size as checked_size
from unetviz.geometry.ops import size_of


def cut_windows(image: np.ndarray, size: Sequence[int], stride: int) -> np.ndarray:
    """Cut an image into the windows that a classifier sees while it slides over the image.

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
        A view of the image. Window (i, j) starts at row i * stride and column j * stride; windows
        that do not fit are left out.

    Raises
    ------
    ValueError
        If the image is smaller than a window, or a number is not a whole number of at least 1.

    See Also
    --------
    upsample_scores : from the scores of the windows to one for every pixel.

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
    """Up-sample the scores of windows to the size of the image, bilinearly.

    The scores at (i, j) are those of the window that starts at row i * stride and column
    j * stride, so they belong to the middle of that window. Beyond the outermost middles the
    nearest scores count.

    Parameters
    ----------
    scores : array of shape (rows, columns, classes)
        The scores of each window.
    shape : (int, int)
        Height and width of the image, in pixels.
    window, stride : int
        Side of a window, and pixels from one window to the next.

    Returns
    -------
    array of shape (h, w, classes)
        The scores of each pixel; its class is the one with the largest score.

    References
    ----------
    Section 2 of the document: up-sampled until every pixel has a prediction.

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
