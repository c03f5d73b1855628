"""Models that Keras 2 wrote: their description, corrected so that Keras 3 reads it.

What Keras 3 calls otherwise is renamed, and arguments that it no longer has are left out where they
say what is done anyway. What would be lost is not corrected but named.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .._tensorflow import h5py, keras

Configuration = dict[str, Any]

_MODELS = ("Functional", "Model", "Sequential")
_ANYTHING = object()
_SAYS_NOTHING: dict[str, dict[str, Any]] = {
    "Conv2DTranspose": {"groups": 1},
    "DepthwiseConv2D": {"groups": 1},
    "SeparableConv2D": {
        "groups": 1,
        # It never had a kernel of this name.
        "kernel_initializer": _ANYTHING,
        "kernel_regularizer": None,
        "kernel_constraint": None,
    },
    "SpatialDropout2D": {"trainable": _ANYTHING, "noise_shape": None},
    "BatchNormalization": {
        "renorm": False,
        "renorm_clipping": _ANYTHING,
        "renorm_momentum": _ANYTHING,
        "virtual_batch_size": None,
        "fused": _ANYTHING,
        "adjustment": None,
    },
}
"""Arguments that Keras 3 does not have, and the values for which that changes nothing."""
_OF_KERAS: Configuration = {"module": "keras.layers", "registered_name": None}
"""Where newer files find a layer."""
_RENAMED = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
}
_CONSTANTS = {
    "math.truediv": lambda y: {"scale": 1 / y, "offset": 0.0},
    "math.divide": lambda y: {"scale": 1 / y, "offset": 0.0},
    "math.multiply": lambda y: {"scale": y, "offset": 0.0},
    "math.add": lambda y: {"scale": 1.0, "offset": y},
    "__operators__.add": lambda y: {"scale": 1.0, "offset": y},
    "math.subtract": lambda y: {"scale": 1.0, "offset": -y},
    "number minus map": lambda y: {"scale": -1.0, "offset": y},
}
"""Operations with a number, as settings of `Rescaling`."""
_TURNED = {"math.subtract": "number minus map"} | {
    name: name for name in ("math.multiply", "math.add", "__operators__.add")
}
"""What an operation is if the number comes first."""
_JOINS = {
    "math.add": "Add",
    "__operators__.add": "Add",
    "math.subtract": "Subtract",
    "math.multiply": "Multiply",
    "math.maximum": "Maximum",
    "math.minimum": "Minimum",
}
_ACTIVATIONS = {"nn.relu": "relu", "math.sigmoid": "sigmoid", "math.tanh": "tanh"} | {
    f"nn.{name}": name
    for name in ("relu6", "elu", "selu", "sigmoid", "tanh", "softplus", "softmax")
}


def load_corrected(path: Path) -> keras.Model | None:
    """Load a model whose description had to be corrected; None if there was nothing to correct.

    Raises
    ------
    Exception
        What Keras raises if it does not read the corrected description either.
    """
    config = configuration(path)
    if config is None:
        return None
    changed = corrected(config)
    is_zip = zipfile.is_zipfile(path)
    ending = ".keras" if is_zip else ".h5"
    if changed == config and path.name.endswith((ending, ".hdf5")):
        return None
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / f"model{ending}"
        (_write_zip if is_zip else _write_hdf5)(path, copy, json.dumps(changed))
        return keras.saving.load_model(copy, compile=False, safe_mode=True)


def configuration(path: Path) -> Configuration | None:
    """Return the description of a model in a file; None if there is none that can be read."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as file:
                return json.loads(file.read("config.json"))
        with h5py.File(path, "r") as file:
            return json.loads(file.attrs["model_config"])
    except (KeyError, OSError, ValueError, TypeError, zipfile.BadZipFile):
        return None


def _write_zip(path: Path, copy: Path, config: str) -> None:
    with zipfile.ZipFile(path) as file, zipfile.ZipFile(copy, "w") as target:
        for name in file.namelist():
            target.writestr(name, config if name == "config.json" else file.read(name))


def _write_hdf5(path: Path, copy: Path, config: str) -> None:
    shutil.copyfile(path, copy)
    with h5py.File(copy, "r+") as file:
        file.attrs["model_config"] = config


def corrected(config: Any) -> Any:
    """Return a description in which everything is called as Keras 3 calls it.

    Parameters
    ----------
    config : dict
        What a file says of a model: a ``class_name`` and a ``config``, and in it those of layers.
    """
    if isinstance(config, list):
        return [corrected(item) for item in config]
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "Sequential" and isinstance(config.get("config"), dict):
        layers = config["config"].get("layers")
        if isinstance(layers, list):
            config = config | {"config": config["config"] | {"layers": _with_input(layers)}}
    config = {key: corrected(item) for key, item in config.items()}
    if not isinstance(config.get("config"), dict) or "class_name" not in config:
        return config
    kind, settings = config["class_name"], config["config"]
    if kind in _RENAMED:
        config["class_name"] = kind = _RENAMED[kind]
    if kind in ("Policy", "PolicyV1"):
        return settings["name"]
    if kind in _MODELS:
        return _model(config)
    if kind != "InputLayer" and "batch_input_shape" in settings:
        settings = {key: settings[key] for key in settings if key != "batch_input_shape"}
    if kind == "BatchNormalization" and isinstance(settings.get("axis"), list):
        settings = settings | {"axis": settings["axis"][0]}
    config["config"] = settings
    module = str(config.get("module", ""))
    if module.startswith("tf_keras."):
        config["module"] = f"keras.{module.removeprefix('tf_keras.')}"
    if kind == "TFOpLambda":
        return _operation(config)
    if kind == "ThresholdedReLU":
        kept = {key: settings[key] for key in ("name", "trainable", "dtype") if key in settings}
        return config | {"class_name": "ReLU", "config": kept | {"threshold": settings["theta"]}}
    unneeded = _SAYS_NOTHING.get(kind, {})
    return config | {
        "config": {
            key: value
            for key, value in settings.items()
            if key not in unneeded or unneeded[key] not in (_ANYTHING, value)
        }
    }


def _with_input(layers: list[Any]) -> list[Any]:
    """The layers of a Sequential, with its input in front."""
    first = layers[0] if layers and isinstance(layers[0], dict) else {}
    settings = first.get("config", {})
    if first.get("class_name") == "InputLayer" or "batch_input_shape" not in settings:
        return layers
    taken = {key: settings[key] for key in ("batch_input_shape", "dtype") if key in settings}
    source = {"class_name": "InputLayer", "config": taken | {"name": f"{settings['name']}_input"}}
    return [source | (_OF_KERAS if "module" in first else {}), *layers]


def _model(config: Configuration) -> Configuration:
    """A model: its class has another place."""
    settings = config["config"]
    if isinstance(settings.get("layers"), list):
        config = config | {"config": _numbered(settings)}
    if re.fullmatch(r"(tf_)?keras\.(src\.)?engine\..*", str(config.get("module", ""))):
        module = "keras" if config["class_name"] == "Sequential" else "keras.src.models.functional"
        return config | {"module": module}
    return config


def _numbered(settings: Configuration) -> Configuration:
    """The layers of a model, in which calls of models inside it are counted from 0.

    Keras 2 counted from 1, because a model had been called once when it was made.
    """
    layers = [layer for layer in settings["layers"] if isinstance(layer, dict)]
    references = [
        place
        for layer in layers
        for node in _lists(layer.get("inbound_nodes"))
        for place in _lists(node)
        if len(place) in (3, 4) and isinstance(place[1], int)
    ]
    outputs = [place for place in _lists(settings.get("output_layers")) if len(place) == 3]
    for layer in layers:
        name, calls = layer.get("name"), len(_lists(layer.get("inbound_nodes")))
        mine = [place for place in references if place[0] == name]
        ends = [place for place in outputs if place[0] == name]
        numbers = [place[1] for place in (*mine, *ends)]
        if layer.get("class_name") not in _MODELS or not numbers or max(numbers) < calls:
            continue
        # Keras itself counts so where a Functional is the output.
        is_sequential = layer["class_name"] == "Sequential"
        for place in (*mine, *(ends if is_sequential else ())):
            place[1] -= 1
    return settings


def _lists(value: Any) -> list[Any]:
    return [item for item in value if isinstance(item, list)] if isinstance(value, list) else []


def _operation(config: Configuration) -> Configuration:
    """An operation of TensorFlow in the graph, as the layer that does the same if there is one."""
    settings, nodes = config["config"], config.get("inbound_nodes")
    function = settings.get("function")
    if not nodes or len(nodes) != 1 or len(nodes[0]) != 4 or not isinstance(nodes[0][3], dict):
        return config
    (name, node, index, given), kept = nodes[0], {k: settings[k] for k in ("name", "dtype")}
    given = {key: value for key, value in given.items() if value is not None}
    first, second = [name, node, index, {}], given.get("y")
    if name == "_CONSTANT_VALUE" and isinstance(second, list) and function in _TURNED:
        first, second, function = [*second[:3], {}], index, _TURNED[function]
    if function in _ACTIVATIONS and not given:
        made = ("Activation", {"activation": _ACTIVATIONS[function]}, [first])
    elif set(given) != {"y"}:
        return config
    elif isinstance(second, list) and function in _JOINS:
        made = (_JOINS[function], {}, [first, [*second[:3], {}]])
    elif isinstance(second, (int, float)) and function in _CONSTANTS:
        made = ("Rescaling", _CONSTANTS[function](second), [first])
    else:
        return config
    kind, arguments, inbound = made
    changed = {"class_name": kind, "config": kept | arguments, "inbound_nodes": [inbound]}
    place: Configuration = (
        {"module": "keras.layers", "registered_name": None} if "module" in config else {}
    )
    rest = {key: value for key, value in config.items() if key != "build_config"}
    return rest | changed | place


def cause(config: Configuration) -> str:
    """Say what in a description Keras 3 does not read, and the way out; empty if nothing is."""
    for layer in _layers(config):
        kind, settings = layer["class_name"], layer["config"]
        name = settings.get("name", layer.get("name", kind))
        what = f"layer {name!r} ({kind})"
        if kind == "Lambda":
            return (
                f"{what} holds Python code of its own, which is not run. If you trust the file, "
                "load it with keras.saving.load_model(path, safe_mode=False) and give the model "
                "itself"
            )
        if kind in ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"):
            function = settings.get("function", kind)
            return (
                f"{what} is {function}, an operation of TensorFlow that Keras 2 put into the graph "
                "and Keras 3 does not read. Write the network with layers instead, in the program "
                "that made it, and save it again with model.save('name.keras')"
            )
        known = _known(layer)
        if known is None:
            return f"{what} is of a class that Keras does not have. {_IN_A_SCOPE.format(name=kind)}"
        for key, value in settings.items():
            if own := _own_function(value):
                return (
                    f"{what} has {key}={own}, which is a function that Keras does not have. "
                    f"{_IN_A_SCOPE.format(name=own)}"
                )
        if refusal := _refusal(known, settings):
            return (
                f"{what} has settings that Keras 3 refuses ({refusal}). Open the file in the Keras "
                "that wrote it"
            )
    return ""


def _refusal(known: Any, settings: Configuration) -> str:
    """What Keras says when it makes a layer, on one line; empty if it does not refuse."""
    try:
        known.from_config(dict(settings))
    except Exception as error:
        text = str(error.__cause__ or error.__context__ or error).strip()
        return f"{type(error).__name__}: {text.splitlines()[-1][:300] if text else ''}"
    return ""


_IN_A_SCOPE = (
    "If you have its code, load the file within "
    "keras.saving.custom_object_scope({{{name!r}: {name}}})"
)


def _layers(config: Any) -> Iterator[Configuration]:
    """The layers that a description names, those of models inside it too."""
    if isinstance(config, list):
        for item in config:
            yield from _layers(item)
    elif isinstance(config, dict):
        layers = config.get("layers")
        for layer in layers if isinstance(layers, list) else ():
            if not isinstance(layer, dict) or not isinstance(layer.get("config"), dict):
                continue
            if layer.get("class_name") in _MODELS:
                yield from _layers(layer["config"])
            elif "class_name" in layer:
                yield layer
        if isinstance(config.get("config"), dict) and config.get("class_name") in _MODELS:
            yield from _layers(config["config"])


def _known(layer: Configuration) -> Any:
    """The class of a layer, of Keras or of somebody who registered it; None if it is not known."""
    kind = layer["class_name"]
    for name in (layer.get("registered_name") or kind, kind):
        if found := keras.saving.get_registered_object(name):
            return found
    module = str(layer.get("module", "keras"))
    return getattr(keras.layers, kind, None) if module.startswith("keras") else None


def _own_function(value: Any) -> str:
    """The name of a function that Keras does not have; empty for anything else."""
    if isinstance(value, dict) and value.get("class_name") == "function":
        name = str(value.get("config"))
        return "" if keras.saving.get_registered_object(name) else name
    return ""
