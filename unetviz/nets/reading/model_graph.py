"""The layers of a functional Keras model in the order of computation, nested models unfolded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from unetviz.geometry.source.settings import ModelCall

from .._tensorflow import keras
from .operators import as_layer


@dataclass(frozen=True)
class Node:
    """One call of one layer.

    Attributes
    ----------
    name : str
        Name of the layer, followed by the number of the call if it is called more than once.
    layer : keras.layers.Layer
        The layer; for an operator such as ``x + y`` a layer that computes the same, if there is
        one.
    inputs : tuple of str
        Names of the nodes that it takes its maps from.
    shape : tuple of (int or None)
        Shape of its output, ``(batch, height, width, channels)``.
    tensor : keras.KerasTensor or None
        Its output in the graph of the model; None for a layer of a nested model.
    arguments : SymbolicArguments or None
        All that the layer was called with; None if it stands for an operator.
    training : bool or None
        Whether it was called with ``training=True`` or ``False``, or the model around it was.
    """

    name: str
    layer: Any
    inputs: tuple[str, ...]
    shape: tuple[int | None, ...]
    tensor: Any = None
    arguments: Any = None
    training: bool | None = None


def nodes(model: keras.Model) -> list[Node]:
    """List the calls of layers that a model consists of, from its input to its output.

    Raises
    ------
    TypeError
        If it is not a functional model.
    ValueError
        If it has several inputs or outputs.
    """
    return read(model)[0]


def read(model: keras.Model) -> tuple[list[Node], list[ModelCall]]:
    """Return the calls of layers, as `nodes` does, and those of models inside the model."""
    reader = _Reader()
    (output,) = reader.unfold(_single(_functional(model, "the model"), "the model"))
    found = reader.found
    if found[-1].name != output:  # a nested model has outputs that are not used
        found = _leading_to(output, found)
    return found, reader.calls


def _leading_to(output: str, found: list[Node]) -> list[Node]:
    needed = {output}
    for node in reversed(found):
        if node.name in needed:
            needed.update(node.inputs)
    return [node for node in found if node.name in needed]


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


class _Reader:
    """What is found while a model, and the models inside it, are followed."""

    def __init__(self) -> None:
        self.found: list[Node] = []
        self.calls: list[ModelCall] = []
        self._first_calls: dict[int, str] = {}

    def unfold(
        self,
        model: keras.Model,
        source: str | None = None,
        prefix: str = "",
        parent: str = "",
        training: bool | None = None,
    ) -> list[str]:
        """Append the nodes of a model, and return the names of those that are its outputs.

        `source` is the node that feeds a nested model; None for the outermost one. `parent` is the
        name of the call that the nodes belong to, and `training` what it was told.
        """
        names: dict[int, str] = {}
        unfolded: dict[int, list[str]] = {}
        if source is not None:
            names[id(model.inputs[0])] = source
        for tensor in _in_order(model):
            if id(tensor) in names:
                continue
            node, index = _node(tensor), tensor._keras_history.tensor_index
            feeding = tuple(names[id(given)] for given in node.input_tensors)
            if isinstance(node.operation, keras.Model):
                if id(node) not in unfolded:
                    told = _training(node.arguments) if training is None else training
                    unfolded[id(node)] = self._inside(node, feeding[0], prefix, parent, told)
                names[id(tensor)] = unfolded[id(node)][index]
                continue
            name = _unused(f"{prefix}{node.operation.name}", [one.name for one in self.found])
            layer, arguments = node.operation, node.arguments
            told = training
            if isinstance(layer, keras.layers.Layer):
                told = _training(arguments) if training is None else training
            elif (same := as_layer(layer, arguments, tensor)) is not layer:
                layer, arguments = same, None
            own = None if prefix else tensor
            self.found.append(Node(name, layer, feeding, tuple(tensor.shape), own, arguments, told))
            names[id(tensor)] = name
        return [names[id(tensor)] for tensor in model.outputs]

    def _inside(
        self, node: Any, source: str, prefix: str, parent: str, training: bool | None
    ) -> list[str]:
        """Append what one call of a nested model computes, and note the call."""
        what = f"the model {node.operation.name!r} inside it"
        model = _single(_functional(node.operation, what), what, ("inputs",))
        path = f"{prefix}{model.name}"
        name = _unused(path, [call.name for call in self.calls])
        first = self._first_calls.setdefault(id(model), name)
        place, start = len(self.calls), len(self.found)
        call = ModelCall(name, model.name, first, parent, source, (), ())
        self.calls.append(call)
        outputs = self.unfold(model, source, f"{path}/", name, training)
        deeper = {step for inner in self.calls[place + 1 :] for step in inner.steps}
        own = [found.name for found in self.found[start:] if found.name not in deeper]
        told = _training(node.arguments)
        self.calls[place] = replace(
            call,
            outputs=tuple(outputs),
            steps=tuple(own),
            dtype=keras.backend.standardize_dtype(model.inputs[0].dtype),
            call={} if told is None else {"training": told},
        )
        return outputs


def _training(arguments: Any) -> bool | None:
    """Whether a layer or model is told to train, or not to; None if it is not told."""
    flags = [one for one in arguments.args[1:] if isinstance(one, bool)]
    training = arguments.kwargs.get("training", flags[0] if flags else None)
    return None if training is None else bool(training)


def _node(tensor: Any) -> Any:
    """The call that computes a tensor, as Keras notes it."""
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


def producer(tensor: Any) -> tuple[Any, list[Any]]:
    """Return the layer that computes a tensor, and the tensors that it computes it from."""
    node = _node(tensor)
    return node.operation, list(node.input_tensors)


def _unused(name: str, used: list[str]) -> str:
    taken = set(used)
    candidates = (name if i == 1 else f"{name}_call{i}" for i in range(1, len(taken) + 3))
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
