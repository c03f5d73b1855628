"""Max pooling by hand: every window looked up in the operation's own index map."""

from __future__ import annotations

import numpy as np

from unetviz.geometry.ops import MaxPooling


def max_pool(image: np.ndarray, size: int, padding: str = "valid") -> np.ndarray:
    """Take the largest number of each window.

    Parameters
    ----------
    image : array of shape (h, w)
        Any numbers.
    size : int
        Window and stride, in pixels, from 1 to the smaller side of the image.
    padding : str
        ``"valid"`` drops the rows and columns that fill no window; ``"same"`` keeps them in smaller
        windows. Zeros that padding adds take no part, as in Keras (section 8.3 of the document).

    Returns
    -------
    array of shape (h', w')
        Same type of numbers as the input.

    Raises
    ------
    ValueError
        If the image has not two axes, or a window does not fit.

    Examples
    --------
    >>> max_pool(np.array([[-1, -2, -3], [-4, -5, -6], [-7, -8, -9]]), 2, "same")
    array([[-1, -3],
           [-7, -9]])
    """
    if image.ndim != 2:
        raise ValueError(f"image must have two axes (height, width), not {image.ndim}")
    if padding not in ("valid", "same"):
        raise ValueError(f'padding must be "valid" or "same", not {padding!r}')
    if not 1 <= size <= min(image.shape):
        raise ValueError(f"size must be from 1 to {min(image.shape)}, not {size!r}")
    pool = MaxPooling((size, size), (size, size), padding)
    rows, columns = (_windows(pool, axis, n) for axis, n in enumerate(image.shape))
    return np.array([[image[np.ix_(r, c)].max() for c in columns] for r in rows])


def _windows(pool: MaxPooling, axis: int, n: int) -> list[list[int]]:
    rule = pool.axis_map(axis, n)
    return [list(rule.inputs(i, n)) for i in range(rule.size(n))]
