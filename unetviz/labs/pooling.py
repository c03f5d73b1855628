"""Max pooling of one map, over the same windows as in the trace."""

from __future__ import annotations

import numpy as np

from unetviz.geometry._checks import choice, integer
from unetviz.geometry.index_maps import window


def max_pool(image: np.ndarray, size: int, padding: str = "valid") -> np.ndarray:
    """Take the largest number of each window.

    Parameters
    ----------
    image : array of shape (h, w)
        Any numbers.
    size : int
        Side of a window and distance to the next one, in pixels, from 1 to the smaller side of
        the image.
    padding : str
        ``"valid"`` drops the rows and columns that do not fill a window; ``"same"`` keeps them in
        smaller windows. In Keras, too, the padding never wins.

    Returns
    -------
    array of shape (h', w')
        The type of its numbers is that of the input.

    Raises
    ------
    ValueError
        If the image does not have two axes, or a window does not fit.

    References
    ----------
    Section 8.3 of the document.

    Examples
    --------
    >>> max_pool(np.array([[-1, -2, -3], [-4, -5, -6], [-7, -8, -9]]), 2, "same")
    array([[-1, -3],
           [-7, -9]])
    """
    from skimage.measure import block_reduce

    if image.ndim != 2:
        raise ValueError(f"image must have two axes (height, width), not {image.ndim}")
    choice("padding", padding, ("valid", "same"))
    size = integer("size", size, 1, min(image.shape))
    rules = [window(size, size, 1, padding, n) for n in image.shape]
    # Each window reads a pixel of the image, and none is smaller than this padding.
    around = [(rule.before, rule.after) for rule in rules]
    padded = np.pad(image, around, constant_values=image.min())
    rows, columns = (rule.size(n) * size for rule, n in zip(rules, image.shape, strict=True))
    return block_reduce(padded[:rows, :columns], (size, size), np.max)
