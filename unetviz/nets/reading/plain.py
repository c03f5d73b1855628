"""A Keras model as one functional model: one image in, one map out, whatever its structure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from unetviz.geometry.ops import Pair, size_of

from .._tensorflow import keras
from .layers import UnknownLayerError

_IMAGES = "images of (batch, height, width, channels)"
_DIMENSIONS = {
    2: "vectors",
    3: "signals of one dimension, (batch, steps, channels)",
    5: "volumes of 3 dimensions, (batch, depth, height, width, channels)",
}
"""What else models take, by the number of axes."""


def plain(model: Any, size: Pair | None = None) -> keras.Model:
    """Return a model as one whose input and output are a single tensor each, with the same layers.

    Every function that takes a model sees it this way: lists and dicts around its input and output
    and a fixed size of the batch make no difference.

    Parameters
    ----------
    model : keras.Model
        A functional or sequential model.
    size : (int, int), optional
        Height and width, in pixels, of a model that leaves them open.

    Returns
    -------
    keras.Model
        The model itself if it is one already. It is made once, and its weights are those of
        `model` at any time.

    Raises
    ------
    TypeError
        If it is not a functional model.
    ValueError
        If it has several inputs or outputs, does not take images, or does not work at this size.
    """
    return _plain(functional(model, "the model"), size)


def functional(model: Any, what: str) -> keras.Model:
    """Return a model that has a graph of layers, or raise `TypeError`."""
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"this function takes a Keras model, not {model!r}; build makes one of a UNetSpec"
        )
    try:
        inputs, outputs = model.inputs, model.outputs
    except (AttributeError, ValueError):
        inputs = outputs = None
    if not inputs or not outputs:
        raise TypeError(
            f"{what} ({type(model).__name__}) has no graph of layers to read. Build it as a "
            "functional model: keras.Model(inputs, outputs), or give a Sequential its input shape."
        )
    return model


@lru_cache(maxsize=16)
def _plain(model: keras.Model, size: Pair | None) -> keras.Model:
    if len(model.inputs) > 1 or len(model.outputs) > 1:
        raise ValueError(_several(model))
    source, result = model.inputs[0], model.outputs[0]
    shape = tuple(source.shape)
    if len(shape) != 4:
        kind = _DIMENSIONS.get(len(shape), f"arrays of {len(shape)} axes")
        raise ValueError(f"the model takes {kind}, of shape {shape}, not {_IMAGES}")
    if shape[3] is None:
        raise ValueError(
            f"the model takes {shape}, which leaves the channels open, not {_IMAGES} of one "
            "number; build it for one, such as keras.Input((256, 256, 1))"
        )
    own = shape[1:3]
    wanted = own if size is None else tuple(mine or n for mine, n in zip(own, size, strict=True))
    if size is not None and wanted != tuple(size):
        raise ValueError(f"the model takes images of {size_of(own)} only, not {size_of(size)}")
    if wanted != own or shape[0] is not None:
        return _called_again(model, (*wanted, shape[3]))
    # A sequential model holds a functional one, whose input and output are single tensors.
    inner = getattr(model, "_functional", None) or model
    structures = [getattr(inner, f"_{kind}_struct", None) for kind in ("inputs", "outputs")]
    if any(map(keras.tree.is_nested, structures)):
        return keras.Model(source, result, name=model.name)
    return model


def _called_again(model: keras.Model, shape: Any) -> keras.Model:
    """The same layers, called on images of another shape."""
    first = model.inputs[0]
    source = keras.Input(shape, dtype=first.dtype, name=first._keras_history.operation.name)
    made = {id(first): source}
    try:
        for tensor in in_order(model):
            if id(tensor) in made:
                continue
            operation, inputs = producer(tensor)
            args, kwargs = call_arguments(tensor, [made[id(one)] for one in inputs])
            results = keras.tree.flatten(operation(*args, **kwargs))
            made[id(tensor)] = results[tensor._keras_history.tensor_index]
        return keras.Model(source, made[id(model.outputs[0])], name=model.name)
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ValueError(
            f"the model does not work on images of {shape[0]} x {shape[1]} pixels: Keras says "
            f"{lines[0]!r}"
        ) from error


def check_channels_last(model: keras.Model) -> None:
    """Raise `UnknownLayerError` if a layer of a model takes images with their channels first."""
    for layer in model._flatten_layers():
        is_first = getattr(layer, "data_format", None) == "channels_first"
        if is_first and not isinstance(layer, keras.layers.Flatten):
            raise UnknownLayerError(
                f"layer {layer.name!r} ({type(layer).__name__}) has its channels first "
                f"(channels_first), and {_IMAGES} have them last. Build the network again with "
                'data_format="channels_last" and give it the same weights: '
                "other.set_weights(model.get_weights())."
            )


def _several(model: keras.Model) -> str:
    """Say that a model has several inputs or outputs, and how to take one of each."""
    counts = [
        f"{len(tensors)} {noun}"
        for tensors, noun in ((model.inputs, "inputs"), (model.outputs, "outputs"))
        if len(tensors) > 1
    ]
    places = {id(tensor): i for i, tensor in enumerate(model.inputs)}
    for j, output in enumerate(model.outputs):
        needed = {places[id(one)] for one in _above(output) if id(one) in places}
        if len(needed) == 1:
            return (
                f"the model has {' and '.join(counts)}; take one of them: "
                f"keras.Model(model.inputs[{needed.pop()}], model.outputs[{j}])"
            )
    return (
        f"the model has {' and '.join(counts)}, and each output needs several inputs; one image "
        "can be followed, not several"
    )


def _above(tensor: Any) -> list[Any]:
    """Return a tensor and all tensors that it is computed from."""
    found, waiting = {id(tensor): tensor}, [tensor]
    while waiting:
        for one in producer(waiting.pop())[1]:
            if id(one) not in found:
                found[id(one)] = one
                waiting.append(one)
    return list(found.values())


def call_arguments(tensor: Any, given: Sequence[Any]) -> tuple[Any, dict[str, Any]]:
    """Return what a layer was called with to make a tensor, with other tensors in their places."""
    call = call_of(tensor)
    values = dict(zip(map(id, call.input_tensors), given, strict=True))
    return keras.tree.map_structure(
        lambda one: values.get(id(one), one), (call.arguments.args, call.arguments.kwargs)
    )


def call_of(tensor: Any) -> Any:
    """Return the call of a layer that computes a tensor, as Keras notes it."""
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


def producer(tensor: Any) -> tuple[Any, list[Any]]:
    """Return the layer that computes a tensor, and the tensors that it computes it from."""
    call = call_of(tensor)
    return call.operation, list(call.input_tensors)


def in_order(model: keras.Model) -> list[Any]:
    """Return a model's tensors, each after those it depends on; the longest path comes first."""
    depths = _depths(model)
    starts = set(map(id, model.inputs))
    order: list[Any] = []
    done: set[int] = set()
    waiting = [(tensor, False) for tensor in model.outputs]
    while waiting:
        tensor, ready = waiting.pop()
        if id(tensor) in done:
            continue
        if ready or id(tensor) in starts:
            done.add(id(tensor))
            order.append(tensor)
            continue
        waiting.append((tensor, True))
        _, inputs = producer(tensor)
        # A stack: the tensor that is put on it last is followed first.
        waiting += [(given, False) for given in sorted(inputs, key=lambda t: depths[id(t)])]
    return order


def _depths(model: keras.Model) -> dict[int, int]:
    """Number of layers on the longest path from an input to each tensor."""
    depths = {id(tensor): 0 for tensor in model.inputs}
    waiting = list(model.outputs)
    while waiting:
        tensor = waiting[-1]
        _, inputs = producer(tensor) if id(tensor) not in depths else (None, [])
        unknown = [given for given in inputs if id(given) not in depths]
        if unknown:
            waiting += unknown
            continue
        waiting.pop()
        depths.setdefault(id(tensor), 1 + max((depths[id(t)] for t in inputs), default=0))
    return depths
