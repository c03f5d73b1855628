"""What can be had back from two maps after they were added, or laid side by side."""

from __future__ import annotations

import numpy as np


def explained_variance(merged: np.ndarray, original: np.ndarray) -> float:
    """Return how much of a map can be had back from a merged one by the best 1x1 convolution.

    Parameters
    ----------
    merged : array of shape (h, w, c)
        What a sum or a concatenation returned.
    original : array of shape (h, w, k)
        One of the maps that went in.

    Returns
    -------
    float
        Share of the variance that the best weights and biases explain (R squared, least squares
        over all pixels and channels): 1 if everything can be had back, 0 if nothing.

    Raises
    ------
    ValueError
        If the maps are not of one height and width, or the original is the same at all pixels.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> skip, up = random.normal(size=(2, 64, 64, 3))
    >>> beside = np.concatenate([skip, up], axis=-1)
    >>> round(explained_variance(beside, skip), 2), round(explained_variance(skip + up, skip), 1)
    (1.0, 0.5)
    """
    if merged.ndim != 3 or original.ndim != 3 or merged.shape[:2] != original.shape[:2]:
        raise ValueError(
            f"both maps must have one shape (h, w, ...), not {merged.shape} and {original.shape}"
        )
    if (original == original[:1, :1]).all():
        raise ValueError("the original is the same at all pixels: there is nothing to be had back")
    known = merged.reshape(-1, merged.shape[2]).astype(float)
    wanted = original.reshape(-1, original.shape[2]).astype(float)
    known, wanted = known - known.mean(axis=0), wanted - wanted.mean(axis=0)
    total = float((wanted**2).sum())
    weights = np.linalg.lstsq(known, wanted, rcond=None)[0]
    return 1 - float(((wanted - known @ weights) ** 2).sum()) / total
