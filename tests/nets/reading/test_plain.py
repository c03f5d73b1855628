"""A model is seen as one image in and one map out, with its own layers and their weights."""

import keras
import numpy as np
import pytest
from keras import layers
from support.structures import SAME, build

import unetviz as uv
from unetviz.nets.reading.plain import plain

pytestmark = pytest.mark.keras


@pytest.mark.parametrize("name", sorted(SAME))
def test_the_same_layers_whatever_is_around_them(name):
    model = build(name)
    size = None if None not in model.inputs[0].shape[1:3] else (32, 32)
    found = plain(model, size)
    assert found is plain(model, size)
    assert found.input_shape == (None, 32, 32, 1)
    assert (len(found.inputs), len(found.outputs)) == (1, 1)
    batch = np.random.default_rng(0).random((3, 32, 32, 1), "float32")
    for _ in range(2):
        known = build("plain") if name != "plain" else model
        known.set_weights(model.get_weights())
        np.testing.assert_allclose(
            found.predict_on_batch(batch), known.predict_on_batch(batch), atol=1e-6
        )
        model.set_weights([one + 0.1 for one in model.get_weights()])


def test_a_plain_model_is_taken_as_it_is_and_can_still_be_saved(tmp_path):
    model = build("plain")
    assert plain(model) is model
    wide = build("open_lists")
    uv.feature_maps(wide, np.zeros((32, 48)))
    wide.save(tmp_path / "mine.keras")
    again = uv.nets.load_model(tmp_path / "mine.keras")
    assert again.count_params() == wide.count_params()
    assert len(again.layers) == len(wide.layers)


def test_a_size_that_the_model_does_not_have():
    with pytest.raises(ValueError, match="takes images of 32 x 32 only, not 64 x 32"):
        plain(build("plain"), (64, 32))


def test_a_layer_that_is_bound_to_a_size():
    source = keras.Input((None, None, 1))
    fixed = keras.Model(inner := keras.Input((16, 16, 1)), layers.Conv2D(1, 3)(inner))
    model = keras.Model(source, fixed(layers.Conv2D(1, 3, padding="same")(source)))
    with pytest.raises(ValueError, match="does not work on images of 20 x 20 pixels") as caught:
        plain(model, (20, 20))
    assert "\n" not in str(caught.value)
    assert plain(model, (16, 16)).output_shape == (None, 14, 14, 1)


def test_models_with_two_inputs_inside_are_unfolded():
    """As attention gates are written: a model of a skip and a signal."""
    skip, signal = keras.Input((32, 32, 3)), keras.Input((32, 32, 3))
    gate = layers.Conv2D(1, 1, activation="sigmoid")(layers.Add()([skip, signal]))
    inner = keras.Model([skip, signal], layers.Multiply()([skip, gate]), name="gate")
    source = keras.Input((32, 32, 1))
    first = layers.Conv2D(3, 3, padding="same")(source)
    second = layers.Conv2D(3, 3, padding="same")(first)
    model = keras.Model(source, inner([first, second]))
    assert [step.name for step in uv.trace_model(model)][-3:] == [
        "gate/" + layer.name for layer in inner.layers[2:]
    ]
    image = np.random.default_rng(0).random((32, 32), "float32")
    last = list(uv.feature_maps(model, image).values())[-1]
    expected = model.predict_on_batch(image[np.newaxis, ..., np.newaxis])[0]
    np.testing.assert_allclose(last, expected, atol=1e-6)
