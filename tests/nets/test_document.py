"""The document's function: its layers, its training, its weight files."""

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format
from support import code_of_the_document

import unetviz as uv
from unetviz.nets.reading.files import FileFormatError

SMALL = {"input_size": (32, 32, 1), "base_filters": 2}


@pytest.fixture(scope="module")
def small():
    """A network for tests that leave it as it is."""
    return uv.unet(**SMALL)


def test_full_width_has_the_documents_layers(facts):
    model = uv.unet()
    assert model.count_params() == facts["document_256"]["params_1_channel"] == 31_031_685
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("Conv2D") == facts["document_256"]["conv_layers"]
    assert kinds.count("Dropout") == 2
    assert kinds.count("UpSampling2D") == kinds.count("Concatenate") == 4
    assert model.output_shape == (None, 256, 256, 1)
    skip, up = model.get_layer("dec4_concat").input
    assert (skip.shape, up.shape) == ((None, 32, 32, 512), (None, 32, 32, 512))


def test_three_channels(facts):
    model = uv.unet(input_size=(256, 256, 3))
    assert model.count_params() == facts["document_256"]["params_3_channels"]


def test_it_is_compiled_as_in_the_document():
    model = uv.unet(**SMALL)
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-4)
    assert model.loss == "binary_crossentropy"
    # As a graph of TensorFlow: to make machine code of it would take many seconds.
    model.jit_compile = False
    history = model.fit(np.ones((1, 32, 32, 1)), np.ones((1, 32, 32, 1)), verbose=0)
    assert set(history.history) == {"accuracy", "loss"}


@pytest.mark.parametrize("size", [(32, 32), 256, (33, 32, 1), (32, 32, 0), None])
def test_wrong_sizes_are_refused(size):
    with pytest.raises(ValueError, match=r"input_size|input_channels|Level"):
        uv.unet(input_size=size, base_filters=2)


def save_legacy_weights(model, path):
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


SAVERS = {
    "a.weights.h5": lambda model, path: model.save_weights(path),
    "whole.keras": lambda model, path: model.save(path),
    "whole.h5": lambda model, path: model.save(path),
    "whole.hdf5": lambda model, path: legacy_h5_format.save_model_to_hdf5(model, path),
    "weights.h5": save_legacy_weights,
    "weights.hdf5": save_legacy_weights,
}


@pytest.fixture(scope="module")
def wider():
    return uv.unet(**SMALL | {"base_filters": 3})


@pytest.mark.parametrize("name", SAVERS)
def test_weights_come_back_from_every_format(small, name, tmp_path):
    SAVERS[name](small, str(tmp_path / name))
    loaded = uv.unet(tmp_path / name, **SMALL)
    for before, after in zip(small.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("name", SAVERS)
@pytest.mark.parametrize("content", [b"", b"no such thing", b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"])
def test_broken_files_give_one_clear_error(small, name, content, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=f"no weights could be loaded from .*{name}"):
        uv.nets.files.load_weights(small, path)


@pytest.mark.parametrize("name", SAVERS)
def test_half_a_file_gives_the_same_error(small, name, tmp_path):
    path = tmp_path / name
    SAVERS[name](small, str(path))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(FileFormatError, match="no weights could be loaded"):
        uv.unet(path, **SMALL)


@pytest.mark.parametrize("name", SAVERS)
def test_weights_of_another_network_change_nothing(small, wider, name, tmp_path):
    path = str(tmp_path / name)
    SAVERS[name](wider, path)
    before = small.get_weights()
    with pytest.raises(FileFormatError, match="another network"):
        uv.nets.files.load_weights(small, path)
    for old, new in zip(before, small.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_missing_files_and_other_endings(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        uv.unet(tmp_path / "none.keras", **SMALL)
    with pytest.raises(FileFormatError, match=r"must end in .*\.weights\.h5.*not 'unet.pth'"):
        uv.unet(tmp_path / "unet.pth", **SMALL)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        uv.nets.load_model(tmp_path / "none.keras")


@pytest.mark.parametrize("name", ["whole.keras", "whole.h5", "whole.hdf5"])
def test_whole_models_are_loaded(small, name, tmp_path):
    SAVERS[name](small, str(tmp_path / name))
    loaded = uv.nets.load_model(tmp_path / name)
    image = np.random.default_rng(0).random((1, 32, 32, 1), "float32")
    np.testing.assert_array_equal(small(image), loaded(image))


@pytest.mark.parametrize("name", ["whole.keras", "whole.h5", "whole.hdf5"])
def test_models_with_code_of_their_own_are_refused(name, tmp_path):
    source = keras.Input((8, 8, 1))
    model = keras.Model(source, keras.layers.Lambda(lambda x: x + 1)(source))
    SAVERS[name](model, str(tmp_path / name))
    with pytest.raises(FileFormatError, match="no model could be loaded"):
        uv.nets.load_model(tmp_path / name)


def described(layer):
    """What a layer is, without its name."""
    keys = ("filters", "kernel_size", "strides", "padding", "activation", "rate", "size", "axis")
    config = {key: value for key, value in layer.get_config().items() if key in keys}
    if config.get("axis") == 3:
        config["axis"] = -1  # the last axis by its number
    initializer = getattr(layer, "kernel_initializer", None)
    return type(layer).__name__, config, type(initializer).__name__


def test_it_computes_what_the_printed_code_computes():
    ours, printed = uv.unet(input_size=(32, 32, 1)), code_of_the_document.unet((32, 32, 1))
    assert [described(layer) for layer in ours.layers] == [
        described(layer) for layer in printed.layers
    ]
    ours.set_weights(printed.get_weights())
    image = np.random.default_rng(0).random((1, 32, 32, 1), "float32")
    np.testing.assert_array_equal(ours(image), printed(image))
    assert ours.loss == printed.loss
    assert float(ours.optimizer.learning_rate) == float(printed.optimizer.learning_rate)
