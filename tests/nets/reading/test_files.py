"""Files of models and of weights: all formats, and one clear error for every damage."""

import random

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

import unetviz as uv
from unetviz.nets.reading.files import FileFormatError, load_model, load_weights

pytestmark = pytest.mark.keras

SMALL = {"input_size": (32, 32, 1), "base_filters": 2}


@pytest.fixture(scope="module")
def small():
    """A network for tests that leave it as it is."""
    return uv.unet(**SMALL)


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


def test_weights_come_back_from_every_format(small, tmp_path):
    for name, save in SAVERS.items():
        save(small, str(tmp_path / name))
        loaded = uv.unet(tmp_path / name, **SMALL)
        for before, after in zip(small.get_weights(), loaded.get_weights(), strict=True):
            np.testing.assert_array_equal(before, after)


def test_broken_files_give_one_clear_error(small, tmp_path):
    for name, save in SAVERS.items():
        path = tmp_path / name
        save(small, str(path))
        half = path.read_bytes()[: path.stat().st_size // 2]
        for content in (b"", b"no such thing", b"\x89HDF\r\n\x1a\n", b"PK\x03\x04", half):
            path.write_bytes(content)
            with pytest.raises(FileFormatError, match=f"no weights could be loaded from .*{name}"):
                load_weights(small, path)


def test_weights_of_another_network_change_nothing(small, wider, tmp_path):
    before = small.get_weights()
    for name, save in SAVERS.items():
        save(wider, str(tmp_path / name))
        with pytest.raises(FileFormatError, match="another network"):
            load_weights(small, tmp_path / name)
        for old, new in zip(before, small.get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)


def test_missing_files_and_other_endings(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        uv.unet(tmp_path / "none.keras", **SMALL)
    with pytest.raises(FileFormatError, match=r"must end in .*\.weights\.h5.*not 'unet.pth'"):
        uv.unet(tmp_path / "unet.pth", **SMALL)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load_model(tmp_path / "none.keras")


def test_whole_models_are_loaded(small, tmp_path):
    image = np.random.default_rng(0).random((1, 32, 32, 1), "float32")
    for name in ("whole.keras", "whole.h5", "whole.hdf5"):
        SAVERS[name](small, str(tmp_path / name))
        loaded = load_model(tmp_path / name)
        np.testing.assert_array_equal(small(image), loaded(image))


def test_models_with_code_of_their_own_are_refused(tmp_path):
    source = keras.Input((8, 8, 1))
    model = keras.Model(source, keras.layers.Lambda(lambda x: x + 1)(source))
    for name in ("whole.keras", "whole.h5", "whole.hdf5"):
        SAVERS[name](model, str(tmp_path / name))
        with pytest.raises(FileFormatError, match="no model could be loaded"):
            load_model(tmp_path / name)


@pytest.fixture(scope="module")
def model():
    return uv.build(uv.UNetSpec(16, depth=1, base_filters=2, padding="same"), seed=0)


def damaged(content, generator):
    content = bytearray(content)
    for _ in range(generator.randint(1, 8)):
        content[generator.randrange(len(content))] = generator.randrange(256)
    if generator.random() < 0.4:
        del content[generator.randrange(len(content)) :]
    return bytes(content)


def refusal(load, *arguments):
    """What a call says if it refuses a file; anything but that one kind of error goes on."""
    try:
        load(*arguments)
    except FileFormatError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", ["net.weights.h5", "net.keras", "net.h5"])
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_file_changes_nothing(name, model, tmp_path):
    path, generator, refused = tmp_path / name, random.Random(name), 0
    is_model = not name.endswith(".weights.h5")
    (model.save if is_model else model.save_weights)(path)
    whole, before = path.read_bytes(), model.get_weights()
    for _ in range(15):
        path.write_bytes(damaged(whole, generator))
        if said := refusal(load_weights, model, path):
            refused += 1
            assert "Save the weights of the same network again" in said
            for values, own in zip(model.get_weights(), before, strict=True):
                np.testing.assert_array_equal(values, own)
        model.set_weights(before)
        if is_model and (said := refusal(load_model, path)):
            assert "no model could be loaded" in said  # why depends on what was hit
    assert refused
