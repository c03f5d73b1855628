"""A small example with whole numbers of how a gradient goes back through each kind of step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from unetviz.geometry import _checks as fields

from .example import BackwardExample
from .passes import (
    addition_example,
    concatenation_example,
    crop_example,
    dropout_example,
    loss_example,
    pooling_example,
    relu_example,
)
from .sums import (
    pointwise_example,
    same_example,
    transposed_example,
    upsampling_example,
    valid_example,
)

_MAKERS: dict[str, Callable[[np.random.Generator], BackwardExample]] = {
    "loss": loss_example,
    "relu": relu_example,
    "conv_valid": valid_example,
    "conv_same": same_example,
    "concat": concatenation_example,
    "add": addition_example,
    "crop": crop_example,
    "pool": pooling_example,
    "upconv": transposed_example,
    "upsample": upsampling_example,
    "dropout": dropout_example,
    "pointwise_conv": pointwise_example,
}
EXAMPLES = tuple(_MAKERS)
"""Kinds of steps of which there is an example."""


def backward_example(kind: str, seed: int = 0) -> BackwardExample:
    """Return a small example of one rule, with numbers drawn at random.

    Parameters
    ----------
    kind : str
        One of `EXAMPLES`.
    seed : int
        Of the random numbers, from 0.

    Returns
    -------
    BackwardExample
        At most 6 x 6 numbers a grid, computed by the rule itself.

    Raises
    ------
    ValueError
        If there is no such kind, or the seed is no whole number from 0.

    Examples
    --------
    >>> backward_example("crop").rule
    'A crop pads the gradient with zeros: what was cut off goes no further on this way.'
    """
    maker = _MAKERS[fields.choice("kind", kind, EXAMPLES)]
    return maker(np.random.default_rng(fields.integer("seed", seed, 0)))
