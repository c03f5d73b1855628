"""The loss of each pixel on its own: softmax and cross-entropy.

References
----------
Section 4 of the document.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from unetviz.geometry.box import pixel

from ._checks import checked_classes, checked_numbers


@dataclass(frozen=True)
class PixelLoss:
    """How the loss of one pixel is computed.

    Attributes
    ----------
    scores : tuple of float
        The logits: a number for each class.
    exponentials : tuple of float
        e to the power of each score; infinite where that is too large for a float.
    probabilities : tuple of float
        The softmax: each exponential divided by the sum of all, computed so that none is infinite.
    label : int
        The true class.
    loss : float
        The cross-entropy: minus the natural logarithm of the true class's probability.
    """

    scores: tuple[float, ...]
    exponentials: tuple[float, ...]
    probabilities: tuple[float, ...]
    label: int
    loss: float


def softmax(scores: ArrayLike) -> np.ndarray:
    """Turn the scores of each pixel into probabilities.

    Parameters
    ----------
    scores : array of shape (..., classes)
        Any finite numbers, however large.

    Returns
    -------
    array of shape (..., classes), float64
        From 0 to 1; the sum over the classes of a pixel is 1.

    Raises
    ------
    TypeError
        If the scores are not real numbers.
    ValueError
        If there are no classes, or a score is NaN or infinite.

    See Also
    --------
    explain_pixel : the steps between scores and loss, of one pixel.

    Examples
    --------
    >>> softmax([0, np.log(3)]), softmax([1000, 1000])
    (array([0.25, 0.75]), array([0.5, 0.5]))
    """
    from scipy.special import softmax as softmax_of

    return softmax_of(_checked_scores(scores), axis=-1)


def cross_entropy(scores: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """Return the loss of every pixel; the loss of the image is their mean.

    Parameters
    ----------
    scores : array of shape (h, w, classes)
        The logits, before the softmax.
    labels : array of shape (h, w)
        The true class of each pixel, a whole number from 0 to classes - 1.

    Returns
    -------
    array of shape (h, w), float64
        Minus the natural logarithm of the true class's probability: 0 where the network is certain
        and right, log(classes) where it only guesses.

    Raises
    ------
    TypeError
        If the scores are not real numbers, or the labels not whole numbers.
    ValueError
        If the shapes do not match, a score is NaN or infinite, or there is no such class.

    See Also
    --------
    scores_backward : the gradient of the mean loss.

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


def explain_pixel(scores: ArrayLike, labels: ArrayLike, row: int, col: int) -> PixelLoss:
    """Compute the loss of one pixel step by step.

    Parameters
    ----------
    scores : array of shape (h, w, classes)
        The logits.
    labels : array of shape (h, w)
        The true class of each pixel.
    row, col : int
        The pixel, from 0.

    Returns
    -------
    PixelLoss
        All numbers between the scores and the loss.

    Raises
    ------
    TypeError, ValueError
        If `cross_entropy` refuses the scores or the labels.
    OutOfRangeError
        If the image has no such pixel; negative numbers do not count from the end.

    Examples
    --------
    >>> found = explain_pixel([[[0, np.log(3)]]], [[1]], 0, 0)
    >>> [round(p, 3) for p in found.probabilities], round(found.loss, 3)
    ([0.25, 0.75], 0.288)
    """
    scores, labels = _checked(scores, labels)
    place = pixel(labels.shape, row, col)
    one, label = scores[place], labels[place]
    with np.errstate(over="ignore"):
        exponentials = np.exp(one)
    loss = cross_entropy(one[np.newaxis, np.newaxis], [[label]])[0, 0]
    return PixelLoss(
        _tuple(one), _tuple(exponentials), _tuple(softmax(one)), int(label), float(loss)
    )


def permuted_pixels(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    """Return a random order of the pixels of an image: the mean loss does not depend on it.

    Parameters
    ----------
    shape : (int, int)
        Height h and width w, in pixels.
    seed : int
        The same seed gives the same order.

    Returns
    -------
    array of int, shape (h, w)
        For each place the number of the pixel that moves there, counted row by row: use it as
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


def _checked(scores: ArrayLike, labels: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    scores = _checked_scores(scores)
    if scores.ndim != 3:
        raise ValueError(f"scores must have the shape (height, width, classes), not {scores.shape}")
    return scores, checked_classes("labels", labels, scores.shape[:2], scores.shape[2])


def _checked_scores(scores: ArrayLike) -> np.ndarray:
    numbers = checked_numbers("scores", scores, ())
    if numbers.ndim == 0:
        raise ValueError("scores need an axis of classes at the end, not a single number")
    return numbers.astype(np.float64)
