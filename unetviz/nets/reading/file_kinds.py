"""What a file is that is no model of Keras, or none of its layers, and the way out."""

from __future__ import annotations

import zipfile
from pathlib import Path

from .._tensorflow import h5py

_CHECKPOINT = (
    "it is a checkpoint of TensorFlow: weights without layers. Build the network as it was in the "
    "program that wrote it, call its load_weights, and save it with model.save('name.keras')"
)
_OTHERS = {
    (".json",): (
        "it holds layers without weights. Read it with "
        "keras.models.model_from_json(open(path).read()) and give the model itself"
    ),
    (".tflite",): "it is a model of TensorFlow Lite, whose layers Keras does not read",
    (".onnx",): "it is a model of ONNX, whose layers Keras does not read",
    (".pt", ".pth", ".ckpt", ".safetensors"): (
        "it holds weights of PyTorch or a checkpoint, not the layers of Keras. Build the network "
        "in Keras and give the model itself"
    ),
    (".index", ".data-00000-of-00001"): _CHECKPOINT,
    (".pkl", ".pickle", ".joblib"): "it is Python code of its own, which is not run",
    (".pb",): "it is a graph of TensorFlow without layers",
    (".npz", ".npy", ".mat"): "it holds numbers without layers",
    (".zip", ".gz", ".tar", ".rar", ".7z"): "it is packed. Unpack it, and give the file inside",
    (".py", ".ipynb"): "it is a program. Run it, and give the model that it makes",
}
"""What other endings stand for."""
_SAVE = "In the program that made the model, save it with model.save('name.keras')"


def other_kind(path: Path) -> str:
    """Say what a path is by its name or its folder, if that is no model file; else empty."""
    folder = path if path.is_dir() else path.parent if path.name == "saved_model.pb" else None
    if folder is not None and (folder / "saved_model.pb").is_file():
        return _saved_model(folder)
    if path.is_dir():
        inside = sorted(p.name for p in path.iterdir())
        models = [name for name in inside if name.endswith((".keras", ".h5", ".hdf5"))]
        if models:
            return f"it is a folder. Give one of its files: {', '.join(models[:5])}"
        if "checkpoint" in inside or any(name.endswith(".index") for name in inside):
            return _CHECKPOINT
        return "it is a folder without a model of Keras"
    found = (text for endings, text in _OTHERS.items() if path.name.endswith(endings))
    return next(found, "")


def _saved_model(folder: Path) -> str:
    """A SavedModel: a graph of TensorFlow, with a description for Keras 2 or with none."""
    what = "it is a SavedModel of TensorFlow, whose layers Keras 3 does not read"
    if (folder / "keras_metadata.pb").is_file():
        return (
            f"{what}. Open it in the TensorFlow that wrote it (2.15 or older) and save it as one "
            f"file: tf.keras.models.load_model({folder.name!r}).save('name.h5'). {_SAVE}, if you "
            "have it"
        )
    return f"{what}. {_SAVE}"


def wrong_content(path: Path) -> str:
    """Say what a file holds that is only named like a file of Keras; empty if that is not seen."""
    with path.open("rb") as file:
        start = file.read(200)
    if start.startswith(b"version https://git-lfs"):
        return "it is only a pointer of Git LFS. Get the file itself with: git lfs pull"
    if start.lstrip()[:1] == b"<":
        return "it is a web page, so the download went wrong. Download the file itself"
    try:
        return _zip(path) if zipfile.is_zipfile(path) else ""
    except (OSError, zipfile.BadZipFile):
        return ""


def without_layers(path: Path) -> str:
    """Say what a file holds that has no layers; empty if that is not seen."""
    try:
        with h5py.File(path, "r") as file:
            if "model_config" in file.attrs:
                return ""
            places = {"layers", "_layer_checkpoint_dependencies"} & set(file)
            if places or "layer_names" in file.attrs:
                return (
                    "it holds only weights, without layers. Build the network as it was, call its "
                    "model.load_weights(path), and give the model itself"
                )
            return "it is an HDF5 file without a model of Keras"
    except OSError:
        return ""


def _zip(path: Path) -> str:
    with zipfile.ZipFile(path) as file:
        names = file.namelist()
    ends = {name.rsplit("/", 1)[-1] for name in names}
    if "config.json" in names:
        return ""
    if "data.pkl" in ends:
        return "it is a file of PyTorch. Build the network in Keras and give the model itself"
    if "saved_model.pb" in ends:
        return f"it is a packed SavedModel of TensorFlow. {_SAVE}"
    if "model.weights.h5" in ends:
        return f"it has no config.json, so it holds only weights. {_SAVE}"
    return "it is a zip file without config.json, so no model of Keras"
