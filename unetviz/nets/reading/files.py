"""Model and weight files, with one clear error for everything that can be wrong with them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from .._tensorflow import keras
from .file_kinds import other_kind, without_layers, wrong_content
from .legacy import cause, configuration, corrected, load_corrected

WEIGHT_ENDINGS = (".weights.h5", ".keras", ".h5", ".hdf5")
MODEL_ENDINGS = (".keras", ".h5", ".hdf5")


class FileFormatError(ValueError):
    """A file that is damaged, or does not contain the model or weights that were asked for."""


def load_model(path: str | PathLike[str]) -> keras.Model:
    """Load a whole Keras model from a file, in Keras' safe mode.

    Parameters
    ----------
    path : str or path
        A ``.keras`` file, or a legacy ``.h5`` or ``.hdf5`` file that holds a whole model.

    Returns
    -------
    keras.Model
        The model, not compiled.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileFormatError
        If it cannot be read; the message says what the file is, or which layer is not read and
        what to do. Safe mode refuses layers that contain Python code of their own.

    Notes
    -----
    Files of Keras 2 are read too: arguments that Keras 3 no longer has are left out where they say
    what is done anyway. Losses, metrics and optimizers are not loaded. Classes and functions of
    one's own are found within `keras.saving.custom_object_scope`.

    See Also
    --------
    unetviz.trace_model : The sizes of the model that was loaded.
    """
    path = _existing(path, MODEL_ENDINGS, "a model file")
    try:
        return _usable(_loaded(path))
    except Exception as error:
        raise FileFormatError(
            f"no model could be loaded from {str(path)!r}{_why_not_loaded(path, error)}."
        ) from error


def _loaded(path: Path) -> keras.Model:
    """Load a file as it is; if Keras refuses that, with a description that is corrected."""
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception:
        if (model := load_corrected(path)) is None:
            raise
        return model


def _why_not_loaded(path: Path, error: Exception) -> str:
    config = configuration(path)
    if config is not None:
        reason = cause(corrected(config))
    else:
        reason = wrong_content(path) or without_layers(path)
    if reason:
        return f": {reason}"
    return (
        f" ({_first_line(error)}). The file is broken, or Keras cannot read something in it. Save "
        "the whole model again with model.save('name.keras')"
    )


def _usable(model: keras.Model) -> keras.Model:
    """Let normalizations use the mean and variance that were loaded: old files do not do that."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            _usable(layer)
        elif isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()
    return model


def load_weights(model: keras.Model, path: str | PathLike[str]) -> None:
    """Load the weights of a file into `model`; if that fails the model keeps what it had.

    Parameters
    ----------
    model : keras.Model
        A model with the same layers as the one whose weights were saved.
    path : str or path
        A ``.weights.h5`` or ``.keras`` file, or a legacy ``.h5`` or ``.hdf5`` file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileFormatError
        If it cannot be read, or contains the weights of another network.
    """
    path = _existing(path, WEIGHT_ENDINGS, "a weights file")
    before = model.get_weights()
    try:
        with warnings.catch_warnings():
            # Keras warns once for every layer; the error below says it once.
            warnings.simplefilter("ignore")
            model.load_weights(path)
    except Exception as error:
        model.set_weights(before)
        if reason := wrong_content(path):
            raise FileFormatError(
                f"no weights could be loaded from {str(path)!r}: {reason}."
            ) from error
        raise FileFormatError(
            f"no weights could be loaded from {str(path)!r} ({_first_line(error)}). The file is "
            f"broken, or it holds another network than this one of {model.count_params():,} "
            "parameters. Save the weights of the same network again with "
            "model.save_weights('name.weights.h5')."
        ) from error


def _existing(path: str | PathLike[str], endings: Sequence[str], what: str) -> Path:
    found = Path(path)
    if reason := other_kind(found):
        raise FileFormatError(
            f"{str(found)!r} is no {what.removeprefix('a ')}: {reason}. {what.capitalize()} must "
            f"end in {', '.join(endings)}, not {found.name!r}"
        )
    if not found.name.endswith(tuple(endings)):
        raise FileFormatError(f"{what} must end in {', '.join(endings)}, not {found.name!r}")
    if not found.is_file():
        raise FileNotFoundError(
            f"there is no file {str(found)!r} in {str(found.parent.resolve())!r}; "
            "check the name and the folder"
        )
    return found


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
