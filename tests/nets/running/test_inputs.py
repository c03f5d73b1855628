"""An image as a network takes it, and weights that are no numbers."""

import keras
import numpy as np
import pytest
from keras import layers
from support.structures import build

from unetviz.nets.running import inputs

pytestmark = pytest.mark.keras

INTEGERS = np.random.default_rng(0).integers(0, 256, (32, 32, 1), np.uint8)


def begins_with(layer, dtype="float32"):
    source = keras.Input((32, 32, 1), dtype=dtype)
    return keras.Model(source, layers.Conv2D(1, 1)(layer(source)))


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (layers.Rescaling(1 / 255), True),
        (layers.Rescaling(1 / 127.5, offset=-1), True),
        (layers.Rescaling(1 / 65535), True),
        (layers.Rescaling([1 / 255]), True),
        (layers.Rescaling(2.0, offset=-1), False),
        (layers.Normalization(mean=127.0, variance=4000.0), True),
        (layers.Normalization(mean=0.5, variance=0.1), False),
        (layers.ReLU(), False),
    ],
)
def test_which_models_take_integers_as_they_are(layer, expected):
    model = begins_with(layer)
    assert inputs.takes_integers(model) is expected
    inside = keras.Model(source := keras.Input((32, 32, 1)), model(source))
    assert inputs.takes_integers(inside) is expected
    numbers = inputs.numbers(model, INTEGERS)
    assert numbers.dtype == np.float32
    np.testing.assert_allclose(numbers, INTEGERS / (1 if expected else 255), rtol=1e-6)
    np.testing.assert_allclose(inputs.fitted_numbers(model, INTEGERS), numbers, rtol=1e-6)
    # Of what is in 0..1 a panel makes what such a model takes.
    np.testing.assert_allclose(
        inputs.fitted_numbers(model, INTEGERS / 255), numbers, rtol=1e-6, atol=1e-6
    )


def test_a_panel_takes_the_largest_size_that_fits():
    model = build("open_size")
    for shape, expected in (((50, 61), (50, 60)), ((1, 9), (2, 8)), ((900, 64, 1), (512, 64))):
        found, image = inputs.for_panel(model, np.ones(shape))
        assert found.input_shape == (None, *expected, 1)
        assert image.shape == (*expected, 1)


def test_the_first_layer_with_weights_that_are_nan_is_named():
    model = build("a_model_inside")
    inputs.check_weights(model)
    inner = model.get_layer("inner")
    for name in ("scores", "first"):
        bias = inner.get_layer(name).bias
        bias.assign(np.full(bias.shape, np.inf if name == "scores" else np.nan))
        with pytest.raises(ValueError, match=f"layer 'inner/{name}' are broken"):
            inputs.check_weights(model)


def test_large_weights_are_not_broken():
    model = build("plain")
    model.get_layer("first").kernel.assign(np.full((3, 3, 1, 3), 3e38))
    inputs.check_weights(model)
