"""The layers of a functional Keras model in the order of computation, nested models unfolded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._tensorflow import keras


@dataclass(frozen=True)
class Node:
    """One call of one layer.

    Attributes
    ----------
    name : str
        Name of the layer, followed by the number of the call if it is called more than once.
    layer : keras.layers.Layer
        The layer.
    inputs : tuple of str
        Names of the nodes that it takes its maps from.
    shape : tuple of (int or None)
        Shape of its output, ``(batch, height, width, channels)``.
    tensor : keras.KerasTensor or None
        Its output in the graph of the model; None for a layer of a nested model.
    """

    name: str
    layer: Any
    inputs: tuple[str, ...]
    shape: tuple[int | None, ...]
    tensor: Any = None


def nodes(model: keras.Model) -> list[Node]:
    """List the calls of layers that a model consists of, from its input to its output.

    Raises
    ------
    TypeError
        If it is not a functional model.
    ValueError
        If it has several inputs or outputs.
    """
    found: list[Node] = []
    _unfold(_single(_functional(model, "the model"), "the model"), None, "", found)
    return found


def _functional(model: Any, what: str) -> keras.Model:
    if not isinstance(model, keras.Model):
        raise TypeError(f"trace_model takes a Keras model, not {model!r}; for a UNetSpec use trace")
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


def _single(model: keras.Model, what: str, kinds: tuple[str, ...] = ("inputs", "outputs")) -> Any:
    """Return a model that has one input and one output; several cannot be followed."""
    for kind in kinds:
        count = len(getattr(model, kind))
        if count != 1:
            raise ValueError(
                f"{what} has {count} {kind}; take one of them: "
                "keras.Model(model.inputs[0], model.outputs[0])"
            )
    return model


def _unfold(model: keras.Model, source: str | None, prefix: str, found: list[Node]) -> list[str]:
    """Append the nodes of a model to `found` and return the names of those that are its outputs.

    `source` is the node that feeds a nested model; None for the outermost one.
    """
    names: dict[int, str] = {}
    unfolded: dict[tuple[int, int], list[str]] = {}
    if source is not None:
        names[id(model.inputs[0])] = source
    for tensor in _in_order(model):
        if id(tensor) in names:
            continue
        operation, inputs = producer(tensor)
        feeding = tuple(names[id(given)] for given in inputs)
        if isinstance(operation, keras.Model):
            what = f"the model {operation.name!r} inside it"
            inner = _single(_functional(operation, what), what, ("inputs",))
            history = tensor._keras_history
            call = (id(operation), history.node_index)
            if call not in unfolded:
                unfolded[call] = _unfold(inner, feeding[0], f"{prefix}{operation.name}/", found)
            names[id(tensor)] = unfolded[call][history.tensor_index]
        else:
            name = _unused(f"{prefix}{operation.name}", found)
            own = None if prefix else tensor
            found.append(Node(name, operation, feeding, tuple(tensor.shape), own))
            names[id(tensor)] = name
    return [names[id(tensor)] for tensor in model.outputs]


def producer(tensor: Any) -> tuple[Any, list[Any]]:
    """Return the layer that computes a tensor, and the tensors that it computes it from."""
    history = tensor._keras_history
    node = history.operation._inbound_nodes[history.node_index]
    return history.operation, list(node.input_tensors)


def _unused(name: str, found: list[Node]) -> str:
    taken = {node.name for node in found}
    candidates = (name if i == 1 else f"{name}_call{i}" for i in range(1, len(found) + 3))
    return next(candidate for candidate in candidates if candidate not in taken)


def _in_order(model: keras.Model) -> list[Any]:
    """Tensors of a model, each after those it depends on; the longest path comes first."""
    depths = _depths(model)
    order: list[Any] = []
    done: set[int] = set()
    waiting = [(tensor, False) for tensor in model.outputs]
    while waiting:
        tensor, ready = waiting.pop()
        if id(tensor) in done:
            continue
        if ready or tensor is model.inputs[0]:
            done.add(id(tensor))
            order.append(tensor)
            continue
        waiting.append((tensor, True))
        _, inputs = producer(tensor)
        # A stack: the tensor that is put on it last is followed first.
        waiting += [(given, False) for given in sorted(inputs, key=lambda t: depths[id(t)])]
    return order


def _depths(model: keras.Model) -> dict[int, int]:
    """Number of layers on the longest path from the input to each tensor."""
    depths = {id(model.inputs[0]): 0}
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
