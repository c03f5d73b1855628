"""A Keras model for a trace: the same steps, each as the layer of that name."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any

from unetviz.geometry.graph import Specification
from unetviz.geometry.source.plan import CallLine, InputLine, LayerLine, Line, Reference, plan
from unetviz.geometry.source.settings import LayerSettings
from unetviz.geometry.trace import Trace, trace

from ._tensorflow import OWN_MAPS, OWN_NUMBERS, keras
from .initializers import Bilinear


def build(spec: Specification, seed: int | None = None) -> keras.Model:
    """Build the Keras model that `trace(spec)` describes.

    Parameters
    ----------
    spec : Specification
        The network, such as a `UNetSpec`. Its input size may lose rows in pools, as Keras allows.
    seed : int, optional
        Makes the random weights the same each time; it is set for all of Keras.

    Returns
    -------
    keras.Model
        A functional model, not compiled, with fresh weights. Its layers have the names of the
        steps; the input is ``(batch, height, width, channels)``. Whatever Keras' configuration
        says, channels are last, and numbers are float32 if the specification does not say others.

    Raises
    ------
    ShapeError
        If the input size does not fit this network.
    ValueError
        If a layer of a model that was read cannot be written; it is named.

    See Also
    --------
    unetviz.keras_code : The same network as source.
    unetviz.trace_model : The way back, from a model to its trace.
    unetviz.load_pretrained : A network with trained weights.
    """
    if seed is not None:
        keras.utils.set_random_seed(seed)
    return from_trace(trace(spec))


def from_trace(source: Trace) -> keras.Model:
    """Build the Keras model of a trace; a trace that stops at a step raises `ShapeError`."""
    made: dict[str, Any] = {}
    for line in plan(source):
        made[line.variable] = _run(line, made)
    return made["model"]


def _run(line: Line, made: dict[str, Any]) -> Any:
    """What one line of a plan gives; `made` holds the lines before it."""
    if isinstance(line, InputLine):
        return keras.Input(**OWN_NUMBERS | dict(line.arguments))
    if isinstance(line, LayerLine):
        layer = _layer(line.settings)
        if line.settings.stored:
            layer.build(line.shape)
            layer.load_own_variables({str(i): n for i, n in enumerate(line.settings.stored)})
        return layer
    if isinstance(line, CallLine):
        layer = made[line.layer] if isinstance(line.layer, str) else _layer(line.layer)
        return layer(_maps(line.inputs, made), **line.call)
    model = keras.Model(_maps(line.sources, made), _maps(line.outputs, made), name=line.name)
    # A model takes the configuration's policy, by which `compile` decides whether to scale losses.
    policies = {layer.dtype_policy.name for layer in model.layers[1:]}
    model.dtype_policy = "mixed_float16" if "mixed_float16" in policies else "float32"
    return model


def _maps(references: Sequence[Reference], made: dict[str, Any]) -> Any:
    """One map, or a list of several."""
    maps = [made[name] if index is None else made[name][index] for name, index in references]
    return maps if len(maps) > 1 else maps[0]


def _layer(settings: LayerSettings) -> keras.layers.Layer:
    kind = getattr(keras.layers, settings.class_name)
    is_of_maps = "data_format" in signature(kind).parameters
    arguments = {**(OWN_MAPS if is_of_maps else OWN_NUMBERS), **settings.arguments}
    if arguments.get("kernel_initializer") == "bilinear":  # Keras has no initializer of this name
        arguments["kernel_initializer"] = Bilinear()
    return kind(**arguments, name=settings.name)
