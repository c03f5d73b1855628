"""Checks of arrays: one sentence for each kind of wrong value."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def checked_numbers(name: str, values: ArrayLike, axes: tuple[int, ...] = (2, 3)) -> np.ndarray:
    """Return a copy of finite numbers in int64 or float64.

    Parameters
    ----------
    name : str
        What messages call the values.
    values : array
        Integers, booleans or floats.
    axes : tuple of int
        How many axes the array may have; empty for any number.

    Raises
    ------
    TypeError
        If the values are not real numbers.
    ValueError
        If there are more or fewer axes, no values at all, or NaN or infinity among them.

    Examples
    --------
    >>> checked_numbers("image", [1, 2])
    Traceback (most recent call last):
    ValueError: image must have 2 or 3 axes, not 1
    """
    array = np.asarray(values)
    if array.dtype.kind not in "buif":
        raise TypeError(f"{name} must hold whole numbers or floats, not {array.dtype}")
    if axes and array.ndim not in axes:
        raise ValueError(f"{name} must have {' or '.join(map(str, axes))} axes, not {array.ndim}")
    if array.size == 0:
        raise ValueError(f"{name} is empty: the shape is {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity; replace them, as np.nan_to_num does")
    return array.astype(np.float64 if array.dtype.kind == "f" else np.int64)


def checked_labels(name: str, values: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    """Return the label of each pixel of an image, in the type that it has.

    Parameters
    ----------
    name : str
        What messages call the labels.
    values : array
        Whole numbers or booleans.
    shape : (int, int)
        Height and width of the image.

    Raises
    ------
    TypeError
        If the labels are not whole numbers.
    ValueError
        If they have another shape.

    Examples
    --------
    >>> checked_labels("mask", [[0.5]], (1, 1))
    Traceback (most recent call last):
    TypeError: mask must hold whole numbers, not float64; try mask.astype(int)
    """
    labels = np.asarray(values)
    if labels.dtype.kind not in "bui":
        raise TypeError(
            f"{name} must hold whole numbers, not {labels.dtype}; try {name}.astype(int)"
        )
    if labels.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}, not {labels.shape}")
    return labels


def checked_classes(name: str, values: ArrayLike, shape: tuple[int, ...], count: int) -> np.ndarray:
    """Return the class of each pixel of an image, as int64.

    Parameters
    ----------
    name, values, shape
        See `checked_labels`.
    count : int
        How many classes there are; they are counted from 0.

    Raises
    ------
    TypeError, ValueError
        See `checked_labels`; a class outside the range raises ValueError.

    Examples
    --------
    >>> checked_classes("mask", [[0, 2]], (1, 2), 2)
    Traceback (most recent call last):
    ValueError: mask must hold classes from 0 to 1, not 2
    """
    classes = checked_labels(name, values, shape)
    wrong = (classes < 0) | (classes >= count)
    if wrong.any():
        raise ValueError(f"{name} must hold classes from 0 to {count - 1}, not {classes[wrong][0]}")
    return classes.astype(np.int64)
