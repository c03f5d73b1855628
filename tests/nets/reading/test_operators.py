"""Operators of one map in a functional graph are followed, and written as layers."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import unetviz as uv

pytestmark = pytest.mark.keras

FOLLOWED = {
    "x + 1": lambda x: x + 1,
    "1 - x": lambda x: 1 - x,
    "x - 1.5": lambda x: x - 1.5,
    "x / 255": lambda x: x / 255.0,
    "-x": lambda x: -x,
    "one number a channel": lambda x: (x - np.array([1.0, 2.0, 3.0])) * ops.array([0.5, 1, 2]),
    "named arguments": lambda x: ops.subtract(x2=x, x1=2.0),
    "relu": ops.relu,
    "leaky_relu": lambda x: ops.leaky_relu(x, 0.3),
    "elu": lambda x: ops.elu(x, 0.3),
    "softmax": ops.softmax,
    "tanh": ops.tanh,
    "activation": lambda x: keras.activations.relu(x, negative_slope=0.1, max_value=2.0),
    "preprocess_input": keras.applications.mobilenet_v2.preprocess_input,
    "cast": lambda x: ops.cast(x, "float32"),
}
REFUSED = {
    "2 / x": lambda x: 2 / x,
    "x ** 2": lambda x: x**2,
    "other channels": lambda x: x[..., ::-1],
    "other rows": lambda x: x[:, ::-1],
    "softmax over rows": lambda x: ops.softmax(x, axis=1),
    "one number a row": lambda x: x * np.ones((8, 1, 1), "float32"),
    "pool": lambda x: ops.max_pool(x, 2),
    "transposed": lambda x: ops.transpose(x, (0, 2, 1, 3)),
}


def ended(operation, dtype="float32"):
    source = keras.Input((8, 8, 3), dtype=dtype)
    return keras.Model(source, layers.Conv2D(2, 3, padding="same")(operation(source)))


@pytest.mark.parametrize("name", FOLLOWED)
def test_an_operator_of_one_map(name):
    model = ended(FOLLOWED[name])
    trace = uv.trace_model(model)
    image = np.random.default_rng(0).normal(0, 3, (1, 8, 8, 3)).astype("float32")
    expected = np.asarray(model(image))
    scope = {}
    exec(uv.keras_code(trace.spec), scope)
    for copy in (uv.build(trace.spec), scope["model"]):
        copy.set_weights(model.get_weights())
        np.testing.assert_allclose(copy(image), expected, rtol=1e-4, atol=1e-5)
    maps = uv.feature_maps(model, image[0])
    np.testing.assert_allclose(maps[trace.steps[-1].name], expected[0], rtol=1e-4, atol=1e-5)
    row = uv.nets.explain_value(model, image[0], trace.steps[1].name, 3, 4, 1)
    assert row.difference < 1e-5


def test_integers_that_become_fractions():
    model = ended(lambda x: ops.cast(x, "float32") / 255.0, "uint8")
    copy = uv.build(uv.trace_model(model).spec)
    copy.set_weights(model.get_weights())
    image = np.arange(192, dtype="uint8").reshape(1, 8, 8, 3)
    np.testing.assert_allclose(copy(image), model(image), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", REFUSED)
def test_another_operator_is_named(name):
    with pytest.raises(uv.nets.UnknownLayerError, match="cannot be followed"):
        uv.trace_model(ended(REFUSED[name]))
