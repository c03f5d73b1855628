"""Files that are no model of Keras are recognised, and the way out that is told works."""

import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

import unetviz as uv
from unetviz.nets.reading.files import FileFormatError, load_model, load_weights

pytestmark = pytest.mark.keras

SPEC = uv.UNetSpec(16, depth=1, base_filters=2, padding="same")


@pytest.fixture(scope="module")
def model():
    return uv.build(SPEC, seed=0)


def refused(path, load=load_model):
    with pytest.raises(FileFormatError) as caught:
        load(path)
    first = str(caught.value).splitlines()[0]
    assert str(path) in first or path.name in first
    return first


def same(found, model):
    image = np.random.default_rng(0).random((1, 16, 16, 1), "float32")
    np.testing.assert_allclose(found(image), model(image), atol=1e-6)


@pytest.mark.parametrize("inside", ["", "saved_model.pb"])
def test_a_saved_model(model, inside, tmp_path):
    folder = tmp_path / "unet"
    model.export(folder, verbose=False)
    said = refused(folder / inside if inside else folder)
    assert "SavedModel" in said
    assert "tf.keras" not in said  # it was exported, so no Keras reads its layers
    code = said.split("save it with ")[1].split(". ")[0]
    eval(code.replace("name.keras", str(tmp_path / "name.keras")), {"model": model})
    same(load_model(tmp_path / "name.keras"), model)


def test_a_saved_model_that_keras_2_wrote(tmp_path):
    folder = tmp_path / "unet"
    folder.mkdir()
    for name in ("saved_model.pb", "keras_metadata.pb"):
        (folder / name).write_bytes(b"")
    said = refused(folder)
    assert "tf.keras.models.load_model('unet')" in said
    assert "2.15" in said


def test_weights_without_layers(model, tmp_path):
    for name in ("a.weights.h5", "b.h5"):
        path = tmp_path / name
        if name == "b.h5":
            from keras.src.legacy.saving import legacy_h5_format

            with h5py.File(path, "w") as file:
                legacy_h5_format.save_weights_to_hdf5_group(file, model)
        else:
            model.save_weights(path)
        said = refused(path)
        assert "only weights" in said
        assert "model.load_weights(path)" in said
        again = uv.build(SPEC, seed=1)
        again.load_weights(path)
        same(again, model)


def test_layers_without_weights(model, tmp_path):
    path = tmp_path / "net.json"
    path.write_text(model.to_json())
    said = refused(path)
    code = said.split("Read it with ")[1].split(" and give")[0]
    found = eval(code, {"keras": keras, "path": path})
    assert uv.trace_model(found).output_shape == uv.trace_model(model).output_shape


ENDINGS = {
    "a.tflite": "TensorFlow Lite",
    "a.onnx": "ONNX",
    "a.pt": "PyTorch",
    "a.pth": "PyTorch",
    "a.pb": "graph of TensorFlow",
    "a.index": "checkpoint of TensorFlow",
    "a.pkl": "Python code",
    "a.npz": "without layers",
    "a.zip": "Unpack it",
    "a.ipynb": "Run it",
}


@pytest.mark.parametrize("name", ENDINGS)
def test_other_endings(name, model, tmp_path):
    (tmp_path / name).write_bytes(b"...")
    for load in (load_model, lambda path: load_weights(model, path)):
        said = refused(tmp_path / name, load)
        assert ENDINGS[name] in said
        assert "must end in" in said


def test_folders(model, tmp_path):
    assert "is a folder without" in refused(tmp_path)
    (tmp_path / "model.ckpt.index").write_bytes(b"")
    assert "checkpoint of TensorFlow" in refused(tmp_path)
    model.save(tmp_path / "net.keras")
    said = refused(tmp_path)
    assert "Give one of its files: net.keras" in said
    same(load_model(tmp_path / "net.keras"), model)


CONTENTS = {
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git lfs pull"),
    "page": (b"<!DOCTYPE html><html></html>", "web page"),
}


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("ending", [".keras", ".h5", ".weights.h5"])
def test_downloads_that_went_wrong(name, ending, model, tmp_path):
    content, words = CONTENTS[name]
    path = tmp_path / f"model{ending}"
    path.write_bytes(content)
    assert words in refused(path)
    assert words in refused(path, lambda path: load_weights(model, path))


ZIPS = {
    "archive/data.pkl": "PyTorch",
    "net/saved_model.pb": "SavedModel",
    "model.weights.h5": "only weights",
    "readme.txt": "without config.json",
}


@pytest.mark.parametrize("name", ZIPS)
def test_zip_files_that_are_no_models(name, tmp_path):
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(name, "")
    assert ZIPS[name] in refused(path)


def test_an_hdf5_file_of_something_else(tmp_path):
    path = Path(tmp_path / "numbers.h5")
    with h5py.File(path, "w") as file:
        file["images"] = np.zeros(3)
    assert "HDF5 file without a model" in refused(path)
