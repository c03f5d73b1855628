"""The oldest segmentation: smooth the image, then cut its brightness in two."""

from __future__ import annotations

import numpy as np


def otsu_mask(image: np.ndarray, sigma: float = 1.0) -> np.ndarray:
    """Return what is brighter than Otsu's threshold once the image is smoothed.

    Parameters
    ----------
    image : array of shape (h, w)
        A grey image with at least two different numbers.
    sigma : float
        Width of the Gaussian, in pixels; 0 for none.

    Returns
    -------
    array of shape (h, w), uint8

    Examples
    --------
    >>> otsu_mask(np.array([[0.1, 0.2, 0.9]]), sigma=0)
    array([[0, 0, 1]], dtype=uint8)
    """
    from skimage.filters import gaussian, threshold_otsu

    smooth = gaussian(image, sigma) if sigma else np.asarray(image)
    return (smooth > threshold_otsu(smooth)).astype(np.uint8)
