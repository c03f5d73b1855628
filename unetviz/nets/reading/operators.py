"""Operators of a functional graph, such as ``x / 255`` or ``keras.ops.relu``, as layers.

Those that take one map become a layer that computes the same. Those that join maps are refused, and
the layer to write instead is named: where maps meet is what a network is looked at for.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np

from .._tensorflow import keras


def as_layer(operation: Any, output: Any) -> Any:
    """Return a layer that computes what an operator does, or else the operator, or layer, itself.

    Parameters
    ----------
    operation : keras.Operation
        What an expression such as ``x / 255``, or a function of ``keras.ops``, put into the graph.
    output : keras.KerasTensor
        What it gives.

    Returns
    -------
    keras.layers.Layer or keras.Operation
        A layer of the same name that takes the same map. It has no weights.
    """
    make = _MAKERS.get(type(operation).__name__)
    if isinstance(operation, keras.layers.Layer) or make is None:
        return operation
    arguments = operation._inbound_nodes[output._keras_history.node_index].arguments
    maps, dtype = arguments.keras_tensors, keras.backend.standardize_dtype(output.dtype)
    if not type(operation).__module__.startswith("keras."):
        return operation
    if len(maps) != 1 or len(output.shape) != 4 or not dtype.startswith(("float", "bfloat")):
        return operation
    bound = signature(operation.call).bind(*arguments.args, **arguments.kwargs)
    given = [value for value in bound.arguments.values() if value is not None]
    layer = make(operation, given, {"name": operation.name, "dtype": dtype})
    if layer is None:
        return operation
    layer.build(maps[0].shape)
    return layer


JOINS = ("Add", "Subtract", "Multiply", "Maximum", "Minimum", "Concatenate")
"""Operators that join maps as the layer of the same name does."""


_Maker = Callable[[Any, list[Any], dict[str, Any]], Any]
_Line = Callable[[Any], tuple[Any, Any]]


def _arithmetic(first: _Line | None, second: _Line) -> _Maker:
    """A layer for an operator of a map and a constant.

    `first` and `second` give the factor and the summand that a constant in the first or second
    place makes of the map; None where it is no such line.
    """

    def make(operation: Any, given: list[Any], settings: dict[str, Any]) -> Any:
        places = [i for i, one in enumerate(given) if not isinstance(one, keras.KerasTensor)]
        if len(given) != 2 or len(places) != 1:
            return None
        constant = _constant(given[places[0]], given[1 - places[0]])
        line = (first, second)[places[0]]
        if constant is None or line is None:
            return None
        scale, offset = (np.asarray(part) for part in line(constant))
        return keras.layers.Rescaling(scale.tolist(), offset.tolist(), **settings)

    return make


def _constant(value: Any, image: Any) -> np.ndarray | None:
    """A number, or one for each channel; None for anything that is not the same at each pixel."""
    try:
        array = np.asarray(value, dtype="float64")
    except (TypeError, ValueError):
        return None
    if array.size == 1:
        return array.reshape(())
    return array.reshape(-1) if array.size == array.shape[-1] == image.shape[-1] else None


def _activation(name: str, **settings_of: Any) -> _Maker:
    """An activation by its name in Keras, if all of its settings are what they are by default."""

    def make(operation: Any, given: list[Any], settings: dict[str, Any]) -> Any:
        if len(given) != 1:
            return None
        config = {key: getattr(operation, key, value) for key, value in settings_of.items()}
        return keras.layers.Activation(name, **settings) if config == settings_of else None

    return make


def _made(kind: Callable[..., Any], **renamed: str) -> _Maker:
    """A layer whose arguments are attributes of the operator."""

    def make(operation: Any, given: list[Any], settings: dict[str, Any]) -> Any:
        found = {argument: getattr(operation, name) for argument, name in renamed.items()}
        return kind(**found, **settings)

    return make


_ADD = _arithmetic(lambda c: (1.0, c), lambda c: (1.0, c))
_SUBTRACT = _arithmetic(lambda c: (-1.0, c), lambda c: (1.0, -c))
_MULTIPLY = _arithmetic(lambda c: (c, 0.0), lambda c: (c, 0.0))
_DIVIDE = _arithmetic(None, lambda c: (1 / c, 0.0))

_MAKERS: dict[str, _Maker] = {
    "Add": _ADD,
    "Subtract": _SUBTRACT,
    "Multiply": _MULTIPLY,
    "Divide": _DIVIDE,
    "TrueDivide": _DIVIDE,
    "Negative": lambda _, given, settings: keras.layers.Rescaling(-1.0, **settings),
    "Cast": lambda _, given, settings: keras.layers.Rescaling(1.0, **settings),
    "Relu": _activation("relu"),
    "Relu6": _activation("relu6"),
    "Sigmoid": _activation("sigmoid"),
    "Tanh": _activation("tanh"),
    "Silu": _activation("silu"),
    "Softplus": _activation("softplus"),
    "Softsign": _activation("softsign"),
    "Selu": _activation("selu"),
    "Exp": _activation("exponential"),
    "HardSigmoid": _activation("hard_sigmoid"),
    "HardSilu": _activation("hard_silu"),
    "LogSigmoid": _activation("log_sigmoid"),
    "Gelu": _activation("gelu", approximate=False),
    "ReLU": _made(
        keras.layers.ReLU,
        negative_slope="negative_slope",
        max_value="max_value",
        threshold="threshold",
    ),
    "Elu": _made(keras.layers.ELU, alpha="alpha"),
    "LeakyRelu": _made(keras.layers.LeakyReLU, negative_slope="negative_slope"),
    "Softmax": _made(keras.layers.Softmax, axis="axis"),
    "Identity": _made(keras.layers.Identity),
}
"""A layer for an operator, by the name of its class."""
