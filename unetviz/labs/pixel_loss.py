"""Softmax and cross-entropy of every pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unetviz.geometry._checks import integer
from unetviz.geometry.receptive_field import OutOfRangeError


@dataclass(frozen=True)
class PixelLoss:
    """How the loss of one pixel comes about.

    Attributes
    ----------
    scores : tuple of float
        What the network says, a number for each class (logits).
    exponentials : tuple of float
        e to the power of each score; infinite where that is too large for a float.
    probabilities : tuple of float
        Each exponential divided by their sum (softmax); computed so that none is infinite.
    label : int
        The true class.
    loss : float
        Minus the natural logarithm of the true class's probability (cross-entropy).
    """

    scores: tuple[float, ...]
    exponentials: tuple[float, ...]
    probabilities: tuple[float, ...]
    label: int
    loss: float


def softmax(scores: Any) -> np.ndarray:
    """Turn the scores of each pixel into probabilities.

    Parameters
    ----------
    scores : array of shape (..., classes)
        Any finite numbers. The largest of a pixel is subtracted first: the result is the same, and
        no exponential is too large.

    Returns
    -------
    array of shape (..., classes), float64
        From 0 to 1; those of a pixel add up to 1 (section 4 of the document).

    Raises
    ------
    TypeError
        If the scores are no numbers.
    ValueError
        If there are no classes, or a score is NaN or infinite.

    Examples
    --------
    >>> softmax([0, np.log(3)]), softmax([1000, 1000])
    (array([0.25, 0.75]), array([0.5, 0.5]))
    """
    from scipy.special import softmax as softmax_of

    return softmax_of(_checked_scores(scores), axis=-1)


def cross_entropy(scores: Any, labels: Any) -> np.ndarray:
    """Return the loss of every pixel; the loss of the image is their mean.

    Parameters
    ----------
    scores : array of shape (h, w, classes)
        A number for each class (logits), before the softmax.
    labels : array of shape (h, w)
        Whole numbers from 0 to classes - 1: the true class of each pixel.

    Returns
    -------
    array of shape (h, w), float64
        Minus the natural logarithm of the true class's probability: 0 where the network is certain
        and right, log(classes) where it says nothing (section 4 of the document).

    Raises
    ------
    TypeError
        If the scores are no numbers, or the labels no whole numbers.
    ValueError
        If the shapes do not go together, a score is NaN or infinite, or there is no such class.

    Examples
    --------
    >>> losses = cross_entropy([[[0, 0], [0, np.log(3)]]], [[1, 1]])
    >>> losses.round(3), float(losses.mean().round(3))
    (array([[0.693, 0.288]]), 0.49)
    """
    from scipy.special import log_softmax

    scores, labels = _checked(scores, labels)
    # Not the logarithm of the softmax: a probability may be too small for a float.
    logarithms = log_softmax(scores, axis=-1)
    # Subtracted from 0, so that a loss of 0 has no sign.
    return 0 - np.take_along_axis(logarithms, labels[..., np.newaxis], axis=-1)[..., 0]


def explain_pixel(scores: Any, labels: Any, row: int, col: int) -> PixelLoss:
    """Compute the loss of one pixel step by step.

    Parameters
    ----------
    scores : array of shape (h, w, classes)
        A number for each class.
    labels : array of shape (h, w)
        The true class of each pixel.
    row, col : int
        The pixel, from 0.

    Returns
    -------
    PixelLoss
        All numbers on the way (section 4 of the document).

    Raises
    ------
    TypeError, ValueError
        As `cross_entropy`.
    OutOfRangeError
        If the image has no such pixel; negative numbers do not count from the end.

    Examples
    --------
    >>> found = explain_pixel([[[0, np.log(3)]]], [[1]], 0, 0)
    >>> [round(p, 3) for p in found.probabilities], round(found.loss, 3)
    ([0.25, 0.75], 0.288)
    """
    scores, labels = _checked(scores, labels)
    for name, index, size in (("row", row, labels.shape[0]), ("col", col, labels.shape[1])):
        if not 0 <= integer(name, index) < size:
            raise OutOfRangeError(f"{name} must be from 0 to {size - 1}, not {index}")
    one, label = scores[row, col], labels[row, col]
    with np.errstate(over="ignore"):
        exponentials = np.exp(one)
    loss = cross_entropy(one[np.newaxis, np.newaxis], [[label]])[0, 0]
    return PixelLoss(
        _tuple(one), _tuple(exponentials), _tuple(softmax(one)), int(label), float(loss)
    )


def permuted_pixels(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    """Return an order in which all pixels of an image change places.

    Parameters
    ----------
    shape : (int, int)
        Height h and width w.
    seed : int
        The same seed gives the same order.

    Returns
    -------
    array of int of shape (h, w)
        For every pixel the number of the one that comes to its place, counted row by row: use it as
        ``image.reshape(h * w, -1)[order]``.

    Examples
    --------
    >>> sorted(permuted_pixels((2, 2)).ravel().tolist())
    [0, 1, 2, 3]
    """
    order = np.random.default_rng(seed).permutation(shape[0] * shape[1])
    return order.reshape(shape)


def _tuple(numbers: np.ndarray) -> tuple[float, ...]:
    return tuple(numbers.tolist())


def _checked(scores: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    scores, labels = _checked_scores(scores), np.asarray(labels)
    if scores.ndim != 3:
        raise ValueError(f"scores must have the shape (height, width, classes), not {scores.shape}")
    if labels.shape != scores.shape[:2]:
        raise ValueError(
            f"labels must have the shape of the image, {scores.shape[:2]}, not {labels.shape}"
        )
    if labels.dtype.kind not in "bui":
        raise TypeError(f"labels are whole numbers, not {labels.dtype}; try labels.astype(int)")
    classes = scores.shape[2]
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        raise ValueError(f"labels must be from 0 to {classes - 1}, not {labels[wrong][0]}")
    return scores, labels.astype(np.int64)


def _checked_scores(scores: Any) -> np.ndarray:
    array = np.asarray(scores)
    if array.dtype.kind not in "buif":
        raise TypeError(f"scores are numbers, not {array.dtype}")
    if array.ndim == 0 or array.shape[-1] == 0:
        raise ValueError(f"scores need an axis of classes at the end, not the shape {array.shape}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError("a score is NaN or infinite; replace it, as np.nan_to_num does")
    return array
