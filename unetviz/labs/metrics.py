"""What a network says of images whose masks are known, as scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from unetviz.geometry.tables.table import Table

from .images.arrays import centred_window
from .scores import boundary_error, dice
from .synthetic.cells import SyntheticImage


@dataclass(frozen=True)
class SegmentationScore:
    """How good one mask is.

    Attributes
    ----------
    dice : float
        Twice the common area over the sum of both, 0 to 1.
    boundary_error : float
        Mean distance between the outlines, in pixels; infinity if one of them has none.
    accuracy : float
        Share of the pixels that are right, 0 to 1.
    """

    dice: float
    boundary_error: float
    accuracy: float

    @property
    def boundary_words(self) -> str:
        """The boundary error with its unit; without an outline there is none to measure."""
        if np.isinf(self.boundary_error):
            return "none, for want of an outline"
        return f"{self.boundary_error:.2f} pixels"


def foreground(probabilities: np.ndarray) -> np.ndarray:
    """Return the mask that a network means: 1 where foreground is likelier than not.

    Parameters
    ----------
    probabilities : array of shape (h, w, classes)
        Of two classes the foreground is the last; one class is the foreground itself.

    Returns
    -------
    array of shape (h, w), uint8

    Examples
    --------
    >>> foreground(np.array([[[0.2, 0.8], [0.9, 0.1]]]))
    array([[1, 0]], dtype=uint8)
    """
    if probabilities.shape[-1] <= 2:
        return (probabilities[..., -1] > 0.5).astype(np.uint8)
    return (probabilities.argmax(axis=-1) > 0).astype(np.uint8)


def score(prediction: np.ndarray, mask: np.ndarray) -> SegmentationScore:
    """Score a mask of shape (h, w) against the true one.

    Examples
    --------
    >>> score(np.array([[1, 1, 0]]), np.array([[1, 0, 0]])).accuracy
    0.6666666666666666
    """
    common = dice(prediction, mask)  # refuses masks of two sizes, in one sentence
    right = (np.asarray(prediction) != 0) == (np.asarray(mask) != 0)
    return SegmentationScore(common, boundary_error(prediction, mask), float(right.mean()))


def evaluate(
    predict: Callable[[np.ndarray], np.ndarray], samples: Iterable[SyntheticImage]
) -> list[SegmentationScore]:
    """Score what a network makes of images, each against its mask.

    Parameters
    ----------
    predict : function
        Takes an image of shape (h, w), returns probabilities (rows, columns, classes) of its
        middle.
    images : iterable of SyntheticImage
        At the size of the network's input.
    """
    scores = []
    for sample in samples:
        found = foreground(predict(sample.image))
        scores.append(score(found, centred_window(sample.mask, found.shape)))
    return scores


def mean_score(scores: Iterable[SegmentationScore]) -> SegmentationScore:
    """Return the means of scores."""
    scores = list(scores)
    return SegmentationScore(
        *(
            float(np.mean([getattr(one, name) for one in scores]))
            for name in ("dice", "boundary_error", "accuracy")
        )
    )


def score_table(predictions: Mapping[str, np.ndarray], mask: np.ndarray) -> Table:
    """Return the scores of several masks against the true one, as a table.

    Parameters
    ----------
    predictions : dict of str to array of shape (h, w)
        What is not 0 is foreground.
    mask : array of shape (h, w)
        The true mask.
    """
    rows = []
    for name, prediction in predictions.items():
        found = score(prediction, mask)
        error = "no outline" if np.isinf(found.boundary_error) else f"{found.boundary_error:.2f}"
        rows.append((name, f"{found.accuracy:.3f}", f"{found.dice:.3f}", error))
    headings = ("", "accuracy", "Dice", "boundary error, pixels")
    return Table(headings, tuple(rows), frozenset({1, 2, 3}))
