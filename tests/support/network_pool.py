"""Random networks that are built once in a session and checked by many tests.

Their seeds are fixed, so every run checks the same networks. A search (see `random_examples`) draws
others; what it finds belongs into `FOUND`.
"""

import os
from functools import cached_property, partial
from random import Random

import keras
import numpy as np
from keras import layers

import unetviz as uv

from .independent_fcn import build_fcn_independently
from .independent_unet import build_independently
from .random_examples import examples, is_search
from .random_specs import random_fcn, random_spec

COUNT = 30
FCN_EVERY = 7
"""One network in so many is fully convolutional: each asks for 32 pixels and more."""

LARGEST_STRIDE = 16
LARGEST_FIRST_SIZE = 110
ROOM = 32
"""Pixels above the first valid size up to which small sizes are drawn."""

FOUND = [
    # The paper's network at the size at which a single pixel is left of its deepest map.
    uv.UNetSpec((188, 189), base_filters=1),
    # Rows and columns are lost, and no convolution widens the paths: skip and pool drift apart.
    uv.UNetSpec((14, 17), depth=2, base_filters=1, kernel_size=1, pool_size=3),
    # A width that the coarse scores cannot be brought back to without an uneven crop.
    uv.FCNSpec((64, 97), base_filters=1, stride=8),
    uv.FCNSpec((64, 97), base_filters=1, stride=32),
]
"""Networks that are always checked: the paper's, and those that went wrong once."""


class PooledNetwork:
    """A specification of any size, and the same network at a small size, each built once.

    Attributes
    ----------
    spec : Specification
        At any size: it may lose rows, and Keras may refuse it.
    small : Specification
        At a size of few pixels, which works.
    """

    def __init__(self, spec, small):
        self.spec, self.small = spec, small

    def __repr__(self):
        return f"<{self.spec!r}, small: {self.small!r}>"

    @property
    def is_fcn(self):
        return isinstance(self.spec, uv.FCNSpec)

    @cached_property
    def trace(self):
        """The trace of the small network."""
        return uv.trace(self.small)

    @cached_property
    def model(self):
        """The small network as `build` makes it, for tests that leave it as it is.

        No weight is 0: fresh biases are, and hide mistakes.
        """
        random, model = np.random.default_rng(0), uv.build(self.small, seed=0)
        model.set_weights([w + random.normal(0, 0.1, w.shape) for w in model.get_weights()])
        return model

    @cached_property
    def image(self):
        """An image of the small network's size."""
        shape = (*self.small.input_size, self.small.input_channels)
        return np.random.default_rng(1).random(shape).astype("float32")

    def independent(self):
        """Build `spec` without the trace; raises whatever Keras raises. Its weights are zeros."""
        build = build_fcn_independently if self.is_fcn else build_independently
        return build(
            self.spec,
            convolution=partial(layers.Conv2D, kernel_initializer="zeros"),
            transposed=partial(layers.Conv2DTranspose, kernel_initializer="zeros"),
        )


def make_pool():
    """Return the networks of this session: the same each time, unless it is a search."""
    count = examples(COUNT)
    first = int.from_bytes(os.urandom(4)) if is_search() else 0
    drawn = [_drawn(seed) for seed in range(first, first + count)]
    return [*drawn, *(PooledNetwork(spec, spec) for spec in FOUND)]


def check_each(networks, check):
    """Check one network after the other; an error says of which network it is."""
    for network in networks:
        try:
            check(network)
        except Exception as error:
            error.add_note(f"This happened with {network!r}")
            raise
        finally:
            keras.backend.clear_session(free_memory=False)  # each model would keep half a megabyte


def _drawn(seed):
    choose = Random(seed).choice
    if seed % FCN_EVERY == FCN_EVERY - 1:
        return PooledNetwork(random_fcn(choose), random_fcn(choose, largest=100, max_base=2))
    spec = random_spec(choose, max_base=2)
    return PooledNetwork(spec, _small(choose, spec))


def _small(choose, spec):
    """The same network with less depth or smaller windows, at a size of few pixels that works."""
    while spec.pool_size**spec.depth > LARGEST_STRIDE:
        spec = spec.replace(depth=spec.depth - 1)
    while (first := uv.nearest_valid_sizes(spec, 0)[1]) > LARGEST_FIRST_SIZE:
        if spec.convs_per_block > 1:
            spec = spec.replace(convs_per_block=spec.convs_per_block - 1)
        else:
            spec = spec.replace(kernel_size=spec.kernel_size - 2)
    stride = spec.pool_size**spec.depth
    if spec.padding == "same" and spec.merge != "none":
        sizes = range(first, first + ROOM + 1, stride)
    else:
        # Some sizes below the first valid one work too, but lose pixels.
        most = max(stride, min(ROOM, 100 - first))
        sizes = range(max(1, first - stride // 2), first + most + 1)
    sizes = [n for n in sizes if uv.trace(spec.replace(input_size=n)).ok]
    return spec.replace(input_size=(choose(sizes), choose(sizes)))
