"""The weight of each pixel in training: more for the gaps between cells, as in the paper."""

from __future__ import annotations

import numpy as np

from unetviz.geometry._checks import positive


def weight_map(
    cells: np.ndarray, border_weight: float = 10.0, sigma: float = 5.0, balance: bool = True
) -> np.ndarray:
    """Weight the pixels of a label image so that a network learns narrow gaps between cells.

    Parameters
    ----------
    cells : array of shape (h, w)
        Whole numbers: the cell of each pixel, 0 for background.
    border_weight : float
        The paper's w0: additional weight of a pixel between two cells that touch.
    sigma : float
        How fast that weight decreases with the distance from the cells, in pixels; about 5 in the
        paper.
    balance : bool
        Whether w_c balances cells and background: the rarer class gets a weight above 1. Otherwise
        w_c is 1.

    Returns
    -------
    array of shape (h, w), float32
        w_c + w0 exp(-(d1 + d2)^2 / (2 sigma^2)) in the background, w_c in cells; d1 and d2 are the
        distances to the nearest two cells.

    Raises
    ------
    ValueError
        If `cells` is not an image of whole numbers, `sigma` is not above 0, or `border_weight` is
        negative.

    References
    ----------
    Ronneberger, Fischer and Brox, U-Net: Convolutional Networks for Biomedical Image Segmentation,
    2015, equation 2.

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
    sigma = positive("sigma", sigma)
    if not 0 <= border_weight < np.inf:
        raise ValueError(f"border_weight must be a number of at least 0, not {border_weight!r}")
    # Beyond six sigma exp(-18) is less than float32 can add to 1.
    nearest, second = _two_distances(cells, reach=int(np.ceil(6 * sigma)))
    # With fewer than two cells a distance is infinite, and this is 0.
    between = np.exp(-((nearest + second) ** 2) / (2 * sigma**2))
    weights = np.where(cells > 0, 0.0, border_weight * between)
    return (weights + _class_weights(cells, balance)).astype(np.float32)


def _two_distances(cells: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the distances to the nearest two cells, where they are below `reach` pixels."""
    from scipy.ndimage import distance_transform_edt, find_objects

    nearest = np.full(cells.shape, np.inf)
    second = np.full(cells.shape, np.inf)
    numbers, cells = np.unique(np.where(cells > 0, cells, 0), return_inverse=True)
    # Counted from 1 without gaps, because a file may number its cells 7 and 4000000000.
    cells = cells.reshape(nearest.shape) + int(numbers[0] > 0)
    for number, found in enumerate(find_objects(cells), start=1):
        # Each cell in a window of its own: an image may have hundreds of them.
        window = tuple(slice(max(0, s.start - reach), s.stop + reach) for s in found)
        distance = distance_transform_edt(cells[window] != number)
        second[window] = np.minimum(second[window], np.maximum(nearest[window], distance))
        nearest[window] = np.minimum(nearest[window], distance)
    return nearest, second


def _class_weights(cells: np.ndarray, balance: bool) -> np.ndarray:
    """Return 1 for the more frequent class, more for the rarer one: both sums are equal."""
    inside = cells > 0
    share = float(inside.mean())
    if not balance or share in (0.0, 1.0):
        return np.ones(cells.shape)
    rarer = max(share, 1 - share) / min(share, 1 - share)
    return np.where(inside == (share < 0.5), rarer, 1.0)
