"""How much each pixel counts in training: the paper's weights for the gaps between cells."""

from __future__ import annotations

import numpy as np


def weight_map(
    cells: np.ndarray, border_weight: float = 10.0, sigma: float = 5.0, balance: bool = True
) -> np.ndarray:
    """Weigh the pixels of a label image so that narrow gaps between cells are learned.

    Parameters
    ----------
    cells : array of shape (h, w)
        Whole numbers: which cell each pixel belongs to, 0 for none.
    border_weight : float
        The paper's w0: how much a pixel between two cells that touch counts in addition.
    sigma : float
        How fast that falls off with the distances, in pixels; the paper has about 5.
    balance : bool
        Whether w_c makes up for the rarer class, cells or ground; else it is 1.

    Returns
    -------
    array of shape (h, w), float32
        w_c + w0 exp(-(d1 + d2)^2 / (2 sigma^2)) on the ground, w_c on cells; d1 and d2 are the
        distances to the nearest two cells (Ronneberger, Fischer and Brox 2015, equation 2).

    Raises
    ------
    ValueError
        If `cells` is no image of whole numbers, `sigma` is not larger than 0, or `border_weight`
        is negative.

    Examples
    --------
    >>> cells = np.zeros((1, 4), int)
    >>> cells[0, 0], cells[0, 3] = 1, 2
    >>> weight_map(cells, balance=False).round(2)
    array([[1.  , 9.35, 9.35, 1.  ]], dtype=float32)
    """
    cells = np.asarray(cells)
    if cells.ndim != 2 or cells.dtype.kind not in "iu" or cells.size == 0:
        raise ValueError(
            f"cells must be whole numbers of shape (h, w), not {cells.dtype} {cells.shape}"
        )
    if not 0 < sigma < np.inf:
        raise ValueError(f"sigma must be a number larger than 0, not {sigma!r}")
    if not 0 <= border_weight < np.inf:
        raise ValueError(f"border_weight must be a number of at least 0, not {border_weight!r}")
    # Beyond six sigma a weight is less than float32 can add to 1.
    nearest, second = _two_distances(cells, reach=int(np.ceil(6 * sigma)))
    # On an image with fewer than two cells nothing lies between two of them.
    between = np.exp(-((nearest + second) ** 2) / (2 * sigma**2))
    weights = np.where(cells > 0, 0.0, border_weight * between)
    return (weights + _class_weights(cells, balance)).astype(np.float32)


def _two_distances(cells: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Distance to the nearest cell and to the second nearest, where it is below `reach` pixels."""
    from scipy.ndimage import distance_transform_edt, find_objects

    nearest = np.full(cells.shape, np.inf)
    second = np.full(cells.shape, np.inf)
    numbers, cells = np.unique(np.where(cells > 0, cells, 0), return_inverse=True)
    # Counted from 1 without gaps: a file may call its cells 7 and 4000000000.
    cells = cells.reshape(nearest.shape) + int(numbers[0] > 0)
    for number, found in enumerate(find_objects(cells), start=1):
        # Each cell is looked at in its own window: an image has hundreds of them.
        window = tuple(slice(max(0, s.start - reach), s.stop + reach) for s in found)
        distance = distance_transform_edt(cells[window] != number)
        second[window] = np.minimum(second[window], np.maximum(nearest[window], distance))
        nearest[window] = np.minimum(nearest[window], distance)
    return nearest, second


def _class_weights(cells: np.ndarray, balance: bool) -> np.ndarray:
    """1 for the more frequent class, more for the rarer one, so that both weigh the same."""
    inside = cells > 0
    share = float(inside.mean())
    if not balance or share in (0.0, 1.0):
        return np.ones(cells.shape)
    rarer = max(share, 1 - share) / min(share, 1 - share)
    return np.where(inside == (share < 0.5), rarer, 1.0)
