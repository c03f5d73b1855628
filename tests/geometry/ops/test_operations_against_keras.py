"""Each operation against the Keras layer that it names: shape, parameters, refusal, index map."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_examples import examples

from unetviz.geometry.ops import (
    Convolution,
    Crop,
    Dropout,
    MaxPooling,
    TransposedConvolution,
    Upsampling,
)

pytestmark = pytest.mark.keras

pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))
paddings = st.sampled_from(["valid", "same"])
plain = {"activation": "linear", "initializer": "ones"}


@st.composite
def convolutions(draw):
    stride, dilation = draw(pairs), draw(pairs)
    if stride != (1, 1):
        dilation = (1, 1)  # Keras takes only one of the two
    return Convolution(2, draw(pairs), stride, draw(paddings), **plain, dilation=dilation)


operations = st.one_of(
    convolutions(),
    st.builds(
        TransposedConvolution,
        filters=st.just(2),
        kernel=pairs,
        stride=pairs,
        padding=paddings,
        activation=st.just("linear"),
        initializer=st.just("ones"),
    ),
    st.builds(MaxPooling, pairs, pairs, paddings),
    st.builds(Upsampling, pairs),
    st.builds(Crop, st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2)),
    st.builds(Dropout, st.floats(0, 0.9)),
)


@settings(max_examples=examples(80))
@given(operations, st.tuples(st.integers(5, 9), st.integers(5, 9)))
def test_an_operation_is_its_keras_layer(operation, size):
    shape = (*size, 1)
    name, arguments = operation.keras()
    layer = getattr(keras.layers, name)(**arguments)
    refusal = operation.refusal((shape,))
    if refusal:
        with pytest.raises(ValueError, match=r"(?i)negative|zero|dimension"):
            layer(keras.Input(shape))
        return
    output = layer(keras.Input(shape))
    assert output.shape[1:] == operation.out_shape((shape,))
    assert layer.count_params() == operation.params((shape,))
    for axis in (0, 1):
        assert index_map_of(layer, axis, size) == index_map_of_rule(operation, axis, size[axis])


def index_map_of(layer, axis, size):
    """Pairs (output, input) along one axis in which the layer's output answers to its input.

    One line of ones at a time, on a floor of minus one for max pooling, which passes on the
    largest number only.
    """
    floor = -1.0 if isinstance(layer, keras.layers.MaxPooling2D) else 0.0
    found = set()
    for j in range(size[axis]):
        image = np.full((1, *size, 1), floor, "float32")
        image[(slice(None), *([slice(None)] * axis), j)] = 1.0
        answer = np.asarray(layer(image)).max(axis=(0, 2 - axis, 3))
        found |= {(i, j) for i in np.flatnonzero(answer > 0).tolist()}
    return found


def index_map_of_rule(operation, axis, n):
    rule = operation.axis_map(axis, n)
    return {(i, j) for i in range(rule.size(n)) for j in rule.inputs(i, n)}
