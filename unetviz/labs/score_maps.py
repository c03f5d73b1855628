"""From a coarse map of answers to one for every pixel."""

from __future__ import annotations

import numpy as np


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
