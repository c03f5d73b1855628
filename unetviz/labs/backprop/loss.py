"""Where the gradient begins: the loss of every pixel, softmax and cross-entropy in one."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..upconvolution import checked_numbers

SMALLEST = 1e-7
"""Probabilities below this count as this in the loss: the logarithm of 0 is no number."""


def scores_backward(
    probabilities: np.ndarray,
    mask: np.ndarray,
    weights: np.ndarray | None = None,
    smallest: float = SMALLEST,
) -> np.ndarray:
    """Each score gets its probability, minus 1 for the right class, divided by the pixel count.

    Parameters
    ----------
    probabilities : array of shape (h, w, classes)
        From 0 to 1, of a softmax; with one class those of a sigmoid, for foreground.
    mask : array of shape (h, w)
        Number of the right class at each pixel, from 0; with one class 0 or 1.
    weights : array of shape (h, w), optional
        How much each pixel counts, from 0, not all 0. Then pixel by pixel weight / sum of weights
        takes the place of 1 / pixel count.
    smallest : float
        The loss counts right probabilities below this as this, so nothing depends on their scores.

    Returns
    -------
    array of shape (h, w, classes)
        Gradient of the mean of -log p(right class) with respect to the scores before the softmax.

    Examples
    --------
    >>> scores_backward([[[0.25, 0.75]]], [[1]])
    array([[[ 0.25, -0.25]]])
    """
    given = checked_numbers("probabilities", probabilities, (3,)).astype(np.float64)
    if given.min() < 0 or given.max() > 1 + 1e-6:
        raise ValueError("probabilities must be from 0 to 1; take them after the softmax")
    of_all = given if given.shape[2] > 1 else np.concatenate([1 - given, given], axis=-1)
    is_right = np.eye(of_all.shape[2])[_checked_mask(mask, of_all.shape)]
    right = (of_all * is_right).sum(axis=-1)
    shares = _shares(weights, right.shape) * (right >= smallest)
    return (given - is_right[..., -given.shape[2] :]) * shares[..., np.newaxis]


def _checked_mask(mask: Any, shape: tuple[int, ...]) -> np.ndarray:
    classes = np.asarray(mask)
    if classes.dtype.kind not in "bui":
        raise TypeError(f"mask must hold whole numbers, not {classes.dtype}; try .astype(int)")
    if classes.shape != shape[:2]:
        raise ValueError(f"mask must have the shape {shape[:2]}, not {classes.shape}")
    if classes.min() < 0 or classes.max() >= shape[2]:
        wrong = classes[(classes < 0) | (classes >= shape[2])][0]
        raise ValueError(f"mask must hold classes from 0 to {shape[2] - 1}, not {wrong}")
    return classes.astype(np.int64)


def _shares(weights: Any, shape: tuple[int, ...]) -> np.ndarray:
    """How much of the loss each pixel has, of 1 for all together."""
    if weights is None:
        return np.full(shape, 1 / np.prod(shape))
    counts = checked_numbers("weights", weights, (2,))
    if counts.shape != shape:
        raise ValueError(f"weights must have the shape {shape}, not {counts.shape}")
    if counts.min() < 0 or not counts.any():
        raise ValueError("weights must be 0 or more, and not all 0")
    return counts / counts.sum()
