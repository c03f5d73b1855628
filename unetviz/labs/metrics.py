"""How good a mask is: overlap with the true one, distance of the outlines, where it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from unetviz.geometry.tables.table import Table

from .images.arrays import centred_window
from .synthetic.cells import SyntheticImage

DISTANCES = (2.0, 8.0)
"""Limits of the zones around the true outline, in pixels."""


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


def dice(prediction: np.ndarray, mask: np.ndarray) -> float:
    """Return twice the common area over the sum of both: 1 for equal masks, 0 for disjoint ones.

    Parameters
    ----------
    prediction, mask : array of shape (h, w)
        What is not 0 is foreground. Two empty masks are equal: 1.

    Examples
    --------
    >>> dice(np.array([[1, 1, 0]]), np.array([[1, 0, 0]]))
    0.6666666666666666
    """
    a, b = _masks(prediction, mask)
    total = int(a.sum()) + int(b.sum())
    return 2 * int((a & b).sum()) / total if total else 1.0


def boundary_error(prediction: np.ndarray, mask: np.ndarray) -> float:
    """Return the mean distance between two outlines, both ways averaged, in pixels.

    Parameters
    ----------
    prediction, mask : array of shape (h, w)
        What is not 0 is foreground. An outline is made of the foreground pixels that have a
        neighbour outside, above, below, left or right; the border of the image is none.

    Returns
    -------
    float
        0 for equal outlines; infinity if only one of the two has any.

    Examples
    --------
    >>> square = np.zeros((9, 9), int)
    >>> square[2:6, 2:6] = 1
    >>> boundary_error(square, np.roll(square, 1, axis=1))
    0.5
    """
    from scipy.ndimage import distance_transform_edt

    outlines = [outline(one) for one in _masks(prediction, mask)]
    if not any(one.any() for one in outlines):
        return 0.0
    if not all(one.any() for one in outlines):
        return float("inf")
    a, b = outlines
    there = distance_transform_edt(~b)[a].mean()
    back = distance_transform_edt(~a)[b].mean()
    return float(there + back) / 2


def _masks(prediction: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(prediction) != 0, np.asarray(mask) != 0
    if a.ndim != 2 or a.shape != b.shape:
        raise ValueError(f"two masks must have one shape (h, w), not {a.shape} and {b.shape}")
    return a, b


def outline(mask: np.ndarray) -> np.ndarray:
    """Return the pixels of a mask of shape (h, w), bool, that have a neighbour outside it."""
    from scipy.ndimage import binary_erosion

    return mask & ~binary_erosion(mask, border_value=1)


def both_sides(mask: np.ndarray) -> np.ndarray:
    """Return the pixels at both sides of the border of a mask of shape (h, w), as bool."""
    inside = np.asarray(mask) != 0
    return outline(inside) | outline(~inside)


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


def distance_from_boundary(mask: np.ndarray) -> np.ndarray:
    """Return for every pixel how far the nearest pixel of the other kind is, in pixels, minus 1/2.

    Parameters
    ----------
    mask : array of shape (h, w)
        What is not 0 is foreground.

    Returns
    -------
    array of shape (h, w)
        1/2 at both sides of a border; infinity if there is none.

    Examples
    --------
    >>> distance_from_boundary(np.array([[1, 1, 0, 0, 0]]))
    array([[1.5, 0.5, 0.5, 1.5, 2.5]])
    """
    from scipy.ndimage import distance_transform_edt

    inside = np.asarray(mask) != 0
    if inside.all() or not inside.any():
        return np.full(inside.shape, np.inf)
    return np.where(inside, distance_transform_edt(inside), distance_transform_edt(~inside)) - 0.5


def boundary_error_rates(
    predictions: Iterable[np.ndarray],
    masks: Iterable[np.ndarray],
    limits: Sequence[float] = DISTANCES,
) -> list[float]:
    """Return the share of wrong pixels in zones around the true outlines.

    Parameters
    ----------
    predictions, masks : iterable of array of shape (h, w)
        What is not 0 is foreground; pairs in the same order.
    limits : sequence of float
        Where one zone ends and the next begins, in pixels from the outline, rising.

    Returns
    -------
    list of float
        One more than there are limits: up to the first, between them, and beyond the last; NaN for
        a zone without any pixel.

    Examples
    --------
    >>> truth = np.array([[0, 0, 0, 0, 1, 1, 1, 1]])
    >>> boundary_error_rates([np.roll(truth, 1)], [truth], limits=(1,))
    [0.5, 0.16666666666666666]
    """
    if not limits or any(a >= b for a, b in pairwise(limits)):
        raise ValueError(f"limits must rise, such as {DISTANCES}, not be {tuple(limits)}")
    wrong, count = np.zeros(len(limits) + 1), np.zeros(len(limits) + 1)
    for prediction, mask in zip(predictions, masks, strict=True):
        truth = np.asarray(mask) != 0
        if np.shape(prediction) != truth.shape:
            raise ValueError(
                f"masks must have one shape (h, w), not {np.shape(prediction)} and {truth.shape}"
            )
        zone = np.digitize(distance_from_boundary(truth), limits, right=True)
        missed = (np.asarray(prediction) != 0) != truth
        wrong += np.bincount(zone[missed], minlength=len(wrong))
        count += np.bincount(zone.ravel(), minlength=len(wrong))
    return [float(a / b) if b else float("nan") for a, b in zip(wrong, count, strict=True)]


def distance_table(
    predictions: Mapping[str, Sequence[np.ndarray]],
    masks: Sequence[np.ndarray],
    limits: Sequence[float] = DISTANCES,
) -> Table:
    """Return the shares of wrong pixels of several networks, zone by zone, as a table.

    Parameters
    ----------
    predictions : dict of str to sequence of array of shape (h, w)
        Masks by the name of who made them.
    masks : sequence of array of shape (h, w)
        The true masks, in the same order.
    limits : sequence of float
        As in `boundary_error_rates`.
    """
    rows = tuple(
        (name, *(f"{share:.1%}" for share in boundary_error_rates(found, masks, limits)))
        for name, found in predictions.items()
    )
    zones = [f"up to {limits[0]:g} pixels"]
    zones += [f"{a:g} to {b:g}" for a, b in pairwise(limits)]
    headings = ("wrong pixels", *zones, f"beyond {limits[-1]:g}")
    return Table(headings, rows, frozenset(range(1, len(headings))))
