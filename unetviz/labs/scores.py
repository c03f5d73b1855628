"""How good a mask is: overlap with the true one, and distance between the outlines."""

from __future__ import annotations

import numpy as np


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
