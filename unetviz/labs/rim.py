"""Where a mask is wrong: near the true outline, or far from it; and how many pieces it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from unetviz.geometry._checks import integer
from unetviz.geometry.box import Box
from unetviz.geometry.tables.table import Table

DISTANCES = (2.0, 8.0)
"""Limits of the zones around the true outline, in pixels."""


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


def count_components(mask: np.ndarray, largest: float = np.inf) -> int:
    """Count the connected pieces of a mask; pixels that share a side are connected.

    Parameters
    ----------
    mask : array of shape (h, w)
        What is not 0 is foreground.
    largest : float
        Larger pieces, in pixels, do not count.

    Examples
    --------
    >>> mask = np.array([[1, 0, 1], [1, 0, 0]])
    >>> count_components(mask), count_components(mask, largest=1)
    (2, 1)
    """
    from scipy.ndimage import label

    labels, _ = label(np.asarray(mask) != 0)
    sizes = np.bincount(labels.ravel())[1:]
    return int((sizes <= largest).sum())


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


def densest_window(mask: np.ndarray, side: int) -> Box:
    """Return the square window that holds most of a mask's foreground.

    Parameters
    ----------
    mask : array of shape (h, w)
        What is not 0 counts.
    side : int
        Height and width of the window, in pixels, at most those of the mask.

    Examples
    --------
    >>> densest_window(np.eye(6)[::-1] * [0, 0, 0, 0, 1, 1], 2)
    Box(top=0, left=4, bottom=2, right=6)
    """
    integer("side", side, 1, min(np.shape(mask)))
    sums = np.pad((np.asarray(mask) != 0).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    inside = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    top, left = (int(n) for n in np.unravel_index(inside.argmax(), inside.shape))
    return Box(top, left, top + side, left + side)
