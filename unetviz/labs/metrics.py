"""How good a predicted mask is: overlap, distance of the outlines, errors near and far from them.

In every mask what is not 0 is foreground.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import pairwise

import numpy as np

from unetviz.geometry.tables.table import Table

from .images.arrays import centred_window
from .synthetic.cells import SyntheticImage

DISTANCES = (2.0, 8.0)
"""Limits, in pixels, of three zones: at the true outline, near it, and far from it."""


@dataclass(frozen=True)
class SegmentationScore:
    """How good one mask is.

    Attributes
    ----------
    dice : float
        Twice the common area over the sum of both areas, from 0 to 1.
    boundary_error : float
        Mean distance between the outlines, in pixels; infinity if only one mask has an outline.
    accuracy : float
        Share of the pixels that are right, from 0 to 1.
    """

    dice: float
    boundary_error: float
    accuracy: float

    @property
    def boundary_words(self) -> str:
        """The boundary error with its unit, or that there is none without an outline."""
        if np.isinf(self.boundary_error):
            return "none, for want of an outline"
        return f"{self.boundary_error:.2f} pixels"


def dice(prediction: np.ndarray, mask: np.ndarray) -> float:
    """Return twice the common area of two masks over the sum of both areas.

    Parameters
    ----------
    prediction, mask : array of shape (h, w)
        The predicted and the true mask.

    Returns
    -------
    float
        1 for equal masks, also for two empty ones; 0 for masks without a common pixel.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Dice, Measures of the Amount of Ecologic Association Between Species, 1945.

    Examples
    --------
    >>> dice(np.array([[1, 1, 0]]), np.array([[1, 0, 0]]))
    0.6666666666666666
    """
    a, b = _masks(prediction, mask)
    total = int(a.sum()) + int(b.sum())
    return 2 * int((a & b).sum()) / total if total else 1.0


def boundary_error(prediction: np.ndarray, mask: np.ndarray) -> float:
    """Return the mean distance between the outlines of two masks, averaged over both directions.

    Parameters
    ----------
    prediction, mask : array of shape (h, w)
        The predicted and the true mask. An outline consists of the foreground pixels with a
        background pixel above, below, left or right; the border of the image does not count.

    Returns
    -------
    float
        In pixels; 0 for equal outlines, also if neither mask has one; infinity if only one of them
        has an outline.

    Raises
    ------
    ValueError
        If the shapes differ.

    See Also
    --------
    boundary_error_rates : wrong pixels by their distance from the outline.

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
    """Return the pixels of a mask of booleans that have a neighbour outside the mask."""
    from scipy.ndimage import binary_erosion

    return mask & ~binary_erosion(mask, border_value=1)


def both_sides(mask: np.ndarray) -> np.ndarray:
    """Return the pixels on both sides of the outline of a mask of shape (h, w), as booleans."""
    inside = np.asarray(mask) != 0
    return outline(inside) | outline(~inside)


def foreground(probabilities: np.ndarray) -> np.ndarray:
    """Return the mask that probabilities stand for: 1 where the foreground is more likely.

    Parameters
    ----------
    probabilities : array of shape (h, w, classes)
        With one class those of the foreground; of two classes the last is the foreground; of more
        classes all but the first.

    Returns
    -------
    array of shape (h, w), uint8
        1 for foreground, 0 for background.

    Examples
    --------
    >>> foreground(np.array([[[0.2, 0.8], [0.9, 0.1]]]))
    array([[1, 0]], dtype=uint8)
    """
    if probabilities.shape[-1] <= 2:
        return (probabilities[..., -1] > 0.5).astype(np.uint8)
    return (probabilities.argmax(axis=-1) > 0).astype(np.uint8)


def score(prediction: np.ndarray, mask: np.ndarray) -> SegmentationScore:
    """Compare a predicted mask with the true one.

    Parameters
    ----------
    prediction, mask : array of shape (h, w)
        The predicted and the true mask.

    Raises
    ------
    ValueError
        If the shapes differ.

    See Also
    --------
    score_table : the scores of several masks.

    Examples
    --------
    >>> score(np.array([[1, 1, 0]]), np.array([[1, 0, 0]])).accuracy
    0.6666666666666666
    """
    overlap = dice(prediction, mask)  # first, because it refuses masks of two sizes
    right = (np.asarray(prediction) != 0) == (np.asarray(mask) != 0)
    return SegmentationScore(overlap, boundary_error(prediction, mask), float(right.mean()))


def evaluate(
    predict: Callable[[np.ndarray], np.ndarray], samples: Iterable[SyntheticImage]
) -> list[SegmentationScore]:
    """Return the score of a network for each of some images.

    Parameters
    ----------
    predict : callable
        Takes an image of shape (h, w), returns the probabilities of its middle, of shape
        (rows, columns, classes).
    samples : iterable of SyntheticImage
        At the size of the network's input.

    See Also
    --------
    mean_score : one score for all of them.
    """
    scores = []
    for sample in samples:
        found = foreground(predict(sample.image))
        scores.append(score(found, centred_window(sample.mask, found.shape)))
    return scores


def mean_score(scores: Iterable[SegmentationScore]) -> SegmentationScore:
    """Return the mean of each number of some scores."""
    return SegmentationScore(*np.mean([astuple(one) for one in scores], axis=0).tolist())


def score_table(predictions: Mapping[str, np.ndarray], mask: np.ndarray) -> Table:
    """Return the scores of several predicted masks as a table.

    Parameters
    ----------
    predictions : dict of str to array of shape (h, w)
        The masks, each with its name.
    mask : array of shape (h, w)
        The true mask.

    Returns
    -------
    Table
        A row for each mask: accuracy, Dice, boundary error.
    """
    rows = []
    for name, prediction in predictions.items():
        found = score(prediction, mask)
        error = "no outline" if np.isinf(found.boundary_error) else f"{found.boundary_error:.2f}"
        rows.append((name, f"{found.accuracy:.3f}", f"{found.dice:.3f}", error))
    headings = ("", "accuracy", "Dice", "boundary error, pixels")
    return Table(headings, tuple(rows), frozenset({1, 2, 3}))


def distance_from_boundary(mask: np.ndarray) -> np.ndarray:
    """Return the distance of each pixel from the line between foreground and background.

    Parameters
    ----------
    mask : array of shape (h, w)
        Any numbers.

    Returns
    -------
    array of shape (h, w)
        In pixels: the distance to the nearest pixel of the other kind minus 1/2, so 1/2 on both
        sides of the line; infinity if there is no line.

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
        The predicted and the true masks, in the same order.
    limits : sequence of float
        Where one zone ends and the next begins, in pixels from the outline, ascending.

    Returns
    -------
    list of float
        One share more than there are limits: up to the first, between two, beyond the last; NaN for
        a zone without pixels.

    Raises
    ------
    ValueError
        If the limits do not ascend, the shapes differ, or there are not as many predictions as
        masks.

    Examples
    --------
    >>> truth = np.array([[0, 0, 0, 0, 1, 1, 1, 1]])
    >>> boundary_error_rates([np.roll(truth, 1)], [truth], limits=(1,))
    [0.5, 0.16666666666666666]
    """
    predictions, masks = list(predictions), list(masks)
    if len(predictions) != len(masks):
        raise ValueError(f"{len(predictions)} predictions do not fit {len(masks)} masks")
    if not limits or any(a >= b for a, b in pairwise(limits)):
        raise ValueError(f"limits must ascend, such as {DISTANCES}, not be {tuple(limits)}")
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
    """Return the boundary error rates of several networks as a table.

    Parameters
    ----------
    predictions : dict of str to sequence of array of shape (h, w)
        The predicted masks of each network, by its name.
    masks : sequence of array of shape (h, w)
        The true masks, in the same order.
    limits : sequence of float
        Where one zone ends and the next begins, in pixels from the outline, ascending.

    Returns
    -------
    Table
        A row for each network, a column for each zone.

    See Also
    --------
    boundary_error_rates : the numbers.
    """
    rows = tuple(
        (name, *(f"{share:.1%}" for share in boundary_error_rates(found, masks, limits)))
        for name, found in predictions.items()
    )
    zones = [f"up to {limits[0]:g} pixels"]
    zones += [f"{a:g} to {b:g}" for a, b in pairwise(limits)]
    headings = ("wrong pixels", *zones, f"beyond {limits[-1]:g}")
    return Table(headings, rows, frozenset(range(1, len(headings))))
