"""How much of a map can be recovered after it was added to another or concatenated with it."""

from __future__ import annotations

import numpy as np


def explained_variance(merged: np.ndarray, original: np.ndarray) -> float:
    """Return how much of a map the best 1x1 convolution can recover from a merged one.

    Parameters
    ----------
    merged : array of shape (h, w, c)
        Output of an addition or a concatenation.
    original : array of shape (h, w, k)
        One of its inputs.

    Returns
    -------
    float
        Share of the variance that the best weights and biases explain (R squared, by least squares
        over all pixels and channels): 1 if all of the map can be recovered, 0 if nothing.

    Raises
    ------
    ValueError
        If height or width of the maps differ, or the original is the same at all pixels.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> skip, up = random.normal(size=(2, 64, 64, 3))
    >>> both = np.concatenate([skip, up], axis=-1)
    >>> round(explained_variance(both, skip), 2), round(explained_variance(skip + up, skip), 1)
    (1.0, 0.5)
    """
    if merged.ndim != 3 or original.ndim != 3 or merged.shape[:2] != original.shape[:2]:
        raise ValueError(
            f"both maps must have one shape (h, w, ...), not {merged.shape} and {original.shape}"
        )
    if (original == original[:1, :1]).all():
        raise ValueError("the original is the same at all pixels: there is nothing to recover")
    known = merged.reshape(-1, merged.shape[2]).astype(float)
    wanted = original.reshape(-1, original.shape[2]).astype(float)
    known, wanted = known - known.mean(axis=0), wanted - wanted.mean(axis=0)
    total = float((wanted**2).sum())
    weights = np.linalg.lstsq(known, wanted, rcond=None)[0]
    return 1 - float(((wanted - known @ weights) ** 2).sum()) / total
