"""Random encoders and decoders in plain Keras: strides, pools, paddings, with and without skips."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import keras
from hypothesis import strategies as st
from keras import layers

PADDINGS = st.sampled_from(["same", "same", "valid"])


def convolution(filters, padding):
    """Layers that keep the scale of a map, as functions that make them."""
    kernel = st.integers(1, 4)
    plain = st.builds(
        lambda k, d: (
            lambda: layers.Conv2D(filters, k, dilation_rate=d, padding=padding, activation="tanh")
        ),
        kernel,
        st.integers(1, 2),
    )
    separable = st.builds(
        lambda k: lambda: layers.SeparableConv2D(filters, k, padding=padding), kernel
    )
    return plain | separable


def reduction(filters, stride, padding):
    """Layers that make a map smaller by a stride."""
    kernel = st.integers(1, 5)
    return st.one_of(
        st.builds(
            lambda k: lambda: layers.Conv2D(filters, k, strides=stride, padding=padding), kernel
        ),
        st.builds(
            lambda k: lambda: layers.SeparableConv2D(filters, k, strides=stride, padding=padding),
            kernel,
        ),
        st.builds(
            lambda k: lambda: layers.DepthwiseConv2D(k, strides=stride, padding=padding), kernel
        ),
        st.builds(
            lambda k, kind: lambda: kind(k, strides=stride, padding=padding),
            st.integers(2, 4),
            st.sampled_from([layers.MaxPooling2D, layers.AveragePooling2D]),
        ),
    )


def enlargement(filters, stride):
    """Layers that make a map larger by a factor."""
    return st.one_of(
        st.just(lambda: layers.UpSampling2D(stride)),
        st.just(lambda: layers.UpSampling2D(stride, interpolation="bilinear")),
        st.builds(
            lambda k: lambda: layers.Conv2DTranspose(filters, k, strides=stride, padding="same"),
            st.integers(stride, 4),
        ),
    )


@dataclass
class Encoder:
    """A recipe of a network: the layers of each level, and what joins them.

    Attributes
    ----------
    size : (int, int)
        Height and width of the image.
    levels : list of (stride, layer, layer that strides, layer that enlarges, layer, bool)
        From the finest on; the last says whether there is a skip, if the sizes allow it.
    bottom : function
        Makes the layer of the deepest level.
    """

    size: tuple[int, int]
    levels: list
    bottom: Callable

    @property
    def stride(self):
        """By how many pixels it strides in all."""
        return prod(level[0] for level in self.levels)

    def build(self):
        """Return the network."""
        source = x = keras.Input((*self.size, 1))
        skips = []
        for _, layer, reduce, *_ in self.levels:
            x = layer()(x)
            skips.append(x)
            x = reduce()(x)
        x = self.bottom()(x)
        for *_, enlarge, layer, joins in reversed(self.levels):
            x, skip = enlarge()(x), skips.pop()
            if joins and x.shape[1:3] == skip.shape[1:3]:
                x = layers.Concatenate()([skip, x])
            x = layer()(x)
        return keras.Model(source, layers.Conv2D(1, 1, name="scores")(x))


@st.composite
def encoders(draw):
    """Networks of a size of their own, whatever it is, with one output pixel for each input one."""
    padding, levels = draw(PADDINGS), []
    for filters, stride in enumerate(
        draw(st.lists(st.integers(2, 3), min_size=1, max_size=2)), start=2
    ):
        level = [
            draw(convolution(filters, padding)),
            draw(reduction(filters, stride, draw(PADDINGS))),
            draw(enlargement(filters, stride)),
            draw(convolution(filters, padding)),
            draw(st.booleans()),
        ]
        levels.append((stride, *level))
    size = st.integers(70, 99)
    return Encoder((draw(size), draw(size)), levels, draw(convolution(3, padding)))
