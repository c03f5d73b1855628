"""How much a function changes, by trying: with what backward passes are compared."""

import numpy as np


def slope(function, at, gradient, step=1e-5):
    """Change of sum(function(at) * gradient) with each number of `at`, by trying."""
    found = np.zeros(at.shape)
    for index in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[index] += step
        down[index] -= step
        found[index] = ((function(up) - function(down)) * gradient).sum() / (2 * step)
    return found
