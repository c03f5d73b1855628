"""A Keras layer's settings as plain data, whole: what makes the same layer again."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from inspect import Parameter, signature
from typing import Any

import numpy as np

from unetviz.geometry.ops import Operation
from unetviz.geometry.source.settings import LayerSettings

from .._tensorflow import keras
from ..initializers import Bilinear

_PAIRS = ("kernel_size", "strides", "pool_size", "size", "dilation_rate")
"""Arguments for which one number stands for two equal ones."""
_NOT_KEPT = ("name", "data_format")
"""What is known otherwise: only channels_last is read."""


_WITHOUT_WEIGHTS = (
    keras.layers.ELU,
    keras.layers.LeakyReLU,
    keras.layers.ReLU,
    keras.layers.Softmax,
)
"""Layers that can be the activation of another layer as plain data."""


class _CodeError(Exception):
    """A setting that is Python code of its own."""


def layer_settings(
    layer: Any, operation: Operation, arguments: Any, first: str = ""
) -> LayerSettings:
    """Return all that makes a layer again, but for its weights.

    Initial values that Keras has no name for are not kept: they come with the weights.

    Parameters
    ----------
    layer : keras.layers.Layer
        A built layer.
    operation : Operation
        What it computes: the order of the arguments is taken from it.
    arguments : SymbolicArguments or None
        What the layer was called with.
    first : str
        Step of its first call, if it was called before.
    """
    kind = type(layer)
    written: dict[str, object] = {}
    call: dict[str, object] = {}
    stored: tuple[object, ...] = ()
    refusal = ""
    if getattr(keras.layers, kind.__name__, None) is not kind:
        refusal = (
            "is a class that Keras does not have. Replace it by a layer of keras.layers, or go on "
            "with the model itself"
        )
    else:
        try:
            written = _arguments(layer, operation)
            call = _call(layer, arguments)
            stored = _stored(layer)
        except _CodeError as error:
            refusal = str(error)
        except (NotImplementedError, TypeError, ValueError) as error:
            refusal = f"does not tell its settings ({error}). Go on with the model itself"
    return LayerSettings(kind.__name__, written, layer.name, call, stored, first, refusal)


def _arguments(layer: Any, operation: Operation) -> dict[str, object]:
    """What differs from the defaults, and what the operation's own layer would say."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns of lambdas, which are refused here
        config = layer.get_config()
    class_name, own = operation.keras()
    shown = list(own) if class_name == type(layer).__name__ else []
    parameters = signature(type(layer)).parameters
    found = {}
    for name in [*(one for one in shown if one in config), *config]:
        if name in found or name in _NOT_KEPT:
            continue
        default = parameters[name].default if name in parameters else _ELSEWHERE.get(name)
        if name.endswith("_initializer"):
            value = _initializer(getattr(layer, name, None), config[name])
            if value is None:
                continue
        elif name in ("activation", "recurrent_activation"):
            value = _activation(layer, config[name])
        else:
            value = _plain(name, config[name])
        is_default = default is not Parameter.empty and _plain(name, default) == value
        if name == "strides" and "pool_size" in config:
            is_default = value == _plain("pool_size", config["pool_size"])
        if name in shown or not is_default:
            found[name] = value
    return found


_ELSEWHERE = {"trainable": True, "dtype": "float32", "rms_scaling": False}
"""Defaults of what no signature names."""


def _plain(name: str, value: Any) -> Any:
    """A setting as numbers, texts, tuples and dictionaries."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, dict) and value.get("class_name") == "DTypePolicy":
        return value["config"]["name"]
    if isinstance(value, dict) and value.get("class_name") in ("__numpy__", "__tensor__"):
        return _plain(name, value["config"]["value"])
    if isinstance(value, dict):
        return _dictionary(name, value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        items = tuple(_plain(name, item) for item in value)
        return items[0] if name in _PAIRS and len(set(items)) == 1 else items
    if hasattr(value, "shape"):
        return _plain(name, np.asarray(value).tolist())
    raise _CodeError(_own_code(name, type(value).__name__))


def _dictionary(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """An object of Keras, such as a regularizer, as Keras writes it down."""
    if "class_name" in value and not str(value.get("module")).startswith("keras"):
        raise _CodeError(_own_code(name, str(value.get("registered_name") or value["class_name"])))
    return {
        key: item if key in ("module", "class_name", "registered_name") else _plain(key, item)
        for key, item in value.items()
    }


def _own_code(name: str, what: str) -> str:
    return (
        f"has {name}={what}, which is Python code of its own. Replace it by one that Keras has a "
        "name for, or go on with the model itself"
    )


def _initializer(initializer: Any, config: Any) -> Any:
    """How weights begin: the name that Keras takes, or its settings; None if Keras has neither."""
    if isinstance(initializer, Bilinear):
        return "bilinear"
    module = str(config.get("module")) if isinstance(config, dict) else ""
    if not module.startswith("keras"):
        return config if isinstance(config, str) else None
    name = re.sub("(?<!^)([A-Z])", r"_\1", config["class_name"]).lower()
    if _default_settings(name) == config["config"]:
        return name
    try:
        return _plain("initializer", config)
    except _CodeError:
        return None


def _default_settings(initializer: str) -> Any:
    """The settings of an initializer that is made by its name; None if some must be given."""
    try:
        return keras.initializers.get(initializer).get_config()
    except Exception:  # Keras raises whatever its constructor does
        return None


def _activation(layer: Any, config: Any) -> Any:
    """The name of an activation, or its settings if it is a layer.

    Keras writes down any function by its name; it is kept if Keras' function of that name
    computes the same.
    """
    function = layer.activation
    if isinstance(function, keras.layers.Layer):
        if type(function) not in _WITHOUT_WEIGHTS or not isinstance(config, dict):
            raise _CodeError(
                f"has the layer {type(function).__name__} as its activation. Put that behind it, "
                "as a layer of its own, or go on with the model itself"
            )
        inner = {k: v for k, v in config["config"].items() if k not in ("name", "dtype")}
        return _dictionary("activation", {**config, "config": inner})
    named = getattr(function, "__name__", type(function).__name__)
    if isinstance(config, str):
        known = keras.activations.get(config)
        if known is function or _is_same(known, function):
            return config
    raise _CodeError(_own_code("activation", named))


def _is_same(known: Any, function: Any) -> bool:
    """Whether two functions agree on some numbers."""
    numbers = np.linspace(-9, 9, 240, dtype="float32").reshape(1, 4, 10, 6)
    try:
        one, other = (keras.ops.convert_to_numpy(f(numbers)) for f in (known, function))
        return one.shape == other.shape and np.allclose(one, other, rtol=1e-5, atol=1e-6)
    except Exception:
        return False


def _call(layer: Any, arguments: Any) -> dict[str, object]:
    """What a layer was given at its call beside the maps."""
    if arguments is None:
        return {}
    extra = arguments.args[1:]
    names = [name for name in signature(layer.call).parameters if name != "self"][1:]
    given = dict(zip(names, extra, strict=False)) | dict(arguments.kwargs)
    found: dict[str, object] = {}
    for name, value in given.items():
        if value is None or isinstance(value, keras.KerasTensor) or name == _input_name(layer):
            continue
        if not isinstance(value, (bool, int, float, str)):
            raise _CodeError(f"is called with {name}=..., which cannot be kept")
        found[name] = value
    return found


def _input_name(layer: Any) -> str:
    """The name of the first argument of a layer's call."""
    return next(iter(signature(layer.call).parameters), "")


def _stored(layer: Any) -> tuple[object, ...]:
    """The mean and variance that a normalization was adapted to: they do not come with weights."""
    if not isinstance(layer, keras.layers.Normalization) or layer.input_mean is not None:
        return ()
    shape = layer.adapt_mean.shape
    used = [np.asarray(values).reshape(shape) for values in (layer.mean, layer.variance)]
    if not used[0].any() and (used[1] == 1).all():
        return ()
    return (*(values.tolist() for values in used), int(layer.count))


def keep_statistics(layer: Any, copy: Any) -> None:
    """Let a copy of an adapted normalization use its mean and variance: they are no weights."""
    if isinstance(layer, keras.layers.Normalization):
        copy.mean = keras.ops.cast(layer.mean, copy.compute_dtype)
        copy.variance = keras.ops.cast(layer.variance, copy.compute_dtype)
