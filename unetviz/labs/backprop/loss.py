"""The backward pass of the loss: softmax and cross-entropy of each pixel, in one formula."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .._checks import checked_classes, checked_numbers

SMALLEST = 1e-7
"""Smaller probabilities count as this in the loss, in Keras too: the logarithm of 0 is infinite."""


def scores_backward(
    probabilities: ArrayLike,
    mask: ArrayLike,
    weights: ArrayLike | None = None,
    smallest: float = SMALLEST,
) -> np.ndarray:
    """The gradient of a score is its probability, minus 1 for the true class, over the pixel count.

    Parameters
    ----------
    probabilities : array of shape (h, w, classes)
        Output of a softmax, from 0 to 1; with one class that of a sigmoid, for the foreground.
    mask : array of shape (h, w)
        The true class of each pixel, from 0; with one class 0 or 1.
    weights : array of shape (h, w), optional
        How much each pixel counts: at least 0, not all 0. Then weight / sum of weights takes the
        place of 1 / pixel count.
    smallest : float
        The loss counts a true class's probability below this as this, so the gradient there is 0.

    Returns
    -------
    array of shape (h, w, classes)
        Gradient of the mean of -log p(true class) with respect to the scores before the softmax.

    Raises
    ------
    TypeError
        If the probabilities are not real numbers, or the mask does not hold whole numbers.
    ValueError
        If shapes do not match or a value is out of its range.

    See Also
    --------
    cross_entropy : the loss.

    Examples
    --------
    >>> scores_backward([[[0.25, 0.75]]], [[1]])
    array([[[ 0.25, -0.25]]])
    """
    given = checked_numbers("probabilities", probabilities, (3,)).astype(np.float64)
    if given.min() < 0 or given.max() > 1 + 1e-6:
        raise ValueError("probabilities must be from 0 to 1; take them after the softmax")
    of_all = given if given.shape[2] > 1 else np.concatenate([1 - given, given], axis=-1)
    classes = checked_classes("mask", mask, of_all.shape[:2], of_all.shape[2])
    is_true = np.eye(of_all.shape[2])[classes]
    true = (of_all * is_true).sum(axis=-1)
    shares = _shares(weights, true.shape) * (true >= smallest)
    return (given - is_true[..., -given.shape[2] :]) * shares[..., np.newaxis]


def _shares(weights: ArrayLike | None, shape: tuple[int, ...]) -> np.ndarray:
    """Weight of each pixel in the mean; the sum is 1."""
    if weights is None:
        return np.full(shape, 1 / np.prod(shape))
    counts = checked_numbers("weights", weights, (2,))
    if counts.shape != shape:
        raise ValueError(f"weights must have the shape {shape}, not {counts.shape}")
    if counts.min() < 0 or not counts.any():
        raise ValueError("weights must be 0 or more, and not all 0")
    return counts / counts.sum()
