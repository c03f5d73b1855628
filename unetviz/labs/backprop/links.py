"""A small step forward and backward, along the same links."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unetviz.geometry.links import Links


def forward(links: Links, inputs: Sequence[np.ndarray]) -> np.ndarray:
    """Add up the sources of every number of an output, each times its weight.

    Parameters
    ----------
    links : dict
        As `unetviz.geometry.links.forward_links` returns them.
    inputs : sequence of array of shape (h, w, c)
        The maps that go in.

    Returns
    -------
    array of shape (height, width, channels)
        The output, without a bias; of a step that is not linear, its slopes times its inputs.
    """
    output = np.zeros(np.max(list(links), axis=0) + 1)
    for place, sources in links.items():
        output[place] = sum(weight * inputs[i][source] for i, source, weight in sources)
    return output


def backward(
    links: Links, gradient: np.ndarray, shapes: Sequence[tuple[int, ...]]
) -> list[np.ndarray]:
    """Lead a gradient back along the links: each source gets weight times gradient, added up.

    Parameters
    ----------
    links : dict
        As `unetviz.geometry.links.forward_links` returns them.
    gradient : array of shape (height, width, channels)
        Of the output.
    shapes : sequence of (int, int, int)
        Shapes of the inputs.

    Returns
    -------
    list of array
        The gradient of each input.

    Examples
    --------
    >>> from unetviz.geometry.links import forward_links
    >>> from unetviz.geometry.ops import AveragePooling
    >>> links = forward_links(AveragePooling(), np.ones((2, 2, 1)))
    >>> backward(links, np.full((1, 1, 1), 8.0), [(2, 2, 1)])[0].ravel()
    array([2., 2., 2., 2.])
    """
    found = [np.zeros(shape) for shape in shapes]
    for place, sources in links.items():
        for i, source, weight in sources:
            found[i][source] += weight * gradient[place]
    return found
