"""The document's function: its layers and its training."""

import keras
import numpy as np
import pytest
from support import code_of_the_document

import unetviz as uv

pytestmark = pytest.mark.keras

SMALL = {"input_size": (32, 32, 1), "base_filters": 2}


@pytest.fixture(scope="module")
def full():
    """The network at its full width; the size of the image does not change its weights."""
    return uv.unet(input_size=(32, 32, 1))


def test_full_width_has_the_documents_layers(full, facts):
    assert full.count_params() == facts["document_256"]["params_1_channel"] == 31_031_685
    kinds = [type(layer).__name__ for layer in full.layers]
    assert kinds.count("Conv2D") == facts["document_256"]["conv_layers"]
    assert kinds.count("Dropout") == 2
    assert kinds.count("UpSampling2D") == kinds.count("Concatenate") == 4


def test_size_and_channels():
    model = uv.unet(input_size=(256, 256, 3), base_filters=1)
    assert (model.input_shape, model.output_shape) == ((None, 256, 256, 3), (None, 256, 256, 1))
    skip, up = model.get_layer("dec4_concat").input
    assert (skip.shape, up.shape) == ((None, 32, 32, 8), (None, 32, 32, 8))


def test_it_is_compiled_as_in_the_document():
    model = uv.unet(**SMALL)
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-4)
    assert model.loss == "binary_crossentropy"
    model.run_eagerly = True  # to make a graph of a single step takes many seconds
    history = model.fit(np.ones((1, 32, 32, 1)), np.ones((1, 32, 32, 1)), verbose=0)
    assert set(history.history) == {"accuracy", "loss"}


def test_wrong_sizes_are_refused():
    for size in ((32, 32), 256, (33, 32, 1), (32, 32, 0), None):
        with pytest.raises(ValueError, match=r"input_size|input_channels|Level"):
            uv.unet(input_size=size, base_filters=2)


def described(layer):
    """What a layer is, without its name."""
    keys = ("filters", "kernel_size", "strides", "padding", "activation", "rate", "size", "axis")
    config = {key: value for key, value in layer.get_config().items() if key in keys}
    if config.get("axis") == 3:
        config["axis"] = -1  # the last axis by its number
    initializer = getattr(layer, "kernel_initializer", None)
    return type(layer).__name__, config, type(initializer).__name__


def test_it_computes_what_the_printed_code_computes(full):
    ours, printed = full, code_of_the_document.unet((32, 32, 1))
    assert [described(layer) for layer in ours.layers] == [
        described(layer) for layer in printed.layers
    ]
    ours.set_weights(printed.get_weights())
    image = np.random.default_rng(0).random((1, 32, 32, 1), "float32")
    np.testing.assert_array_equal(ours(image), printed(image))
    assert ours.loss == printed.loss
    assert float(ours.optimizer.learning_rate) == float(printed.optimizer.learning_rate)
