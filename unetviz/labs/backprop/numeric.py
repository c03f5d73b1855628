"""Numeric gradients, with which every rule of the backward pass can be compared."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from unetviz.geometry._checks import positive

from .._checks import checked_numbers


def numeric_gradient(
    function: Callable[[np.ndarray], float], at: ArrayLike, step: float = 1e-4
) -> np.ndarray:
    """Measure how much a function changes with each number: central differences.

    Parameters
    ----------
    function : callable
        Takes an array like `at`, in float64, and returns one number.
    at : array of any shape
        Where the gradient is wanted.
    step : float
        How far each number in turn is moved up and down, above 0.

    Returns
    -------
    array of float64, shape of `at`
        ``(function(at + step) - function(at - step)) / (2 * step)``.

    Raises
    ------
    TypeError, ValueError
        If `at` does not hold finite numbers, or `step` is not above 0.

    See Also
    --------
    forward_backward : the same for a convolution, by its rule.

    Examples
    --------
    >>> numeric_gradient(lambda x: x[0] * x[1], np.array([2, 3])).round(6)
    array([3., 2.])
    """
    point = checked_numbers("at", at, ()).astype(float)
    step = positive("step", step)
    gradient = np.empty_like(point)
    for index in np.ndindex(point.shape):
        move = np.zeros_like(point)
        move[index] = step
        gradient[index] = float(function(point + move)) - float(function(point - move))
    return gradient / (2 * step)
