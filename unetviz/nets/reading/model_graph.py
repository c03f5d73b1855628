"""The layers of a functional Keras model in the order of computation, nested models unfolded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from unetviz.geometry.source.settings import ModelCall

from .._tensorflow import keras
from .operators import as_layer
from .plain import call_arguments, call_of, functional, in_order, plain, producer

_COPIES = (
    keras.layers.Identity,
    keras.layers.Dropout,
    keras.layers.SpatialDropout2D,
    keras.layers.GaussianNoise,
    keras.layers.GaussianDropout,
    keras.layers.AlphaDropout,
)
"""Layers that change nothing in a prediction."""


@dataclass(frozen=True)
class Node:
    """One call of one layer.

    Attributes
    ----------
    name : str
        Name of the layer, followed by the number of the call if it is called more than once.
    layer : keras.layers.Layer
        The layer; for an operator such as ``x / 255`` a layer that computes the same, if there is
        one.
    inputs : tuple of str
        Names of the nodes that it takes its maps from.
    shape : tuple of (int or None)
        Shape of its output, ``(batch, height, width, channels)``.
    tensor : keras.KerasTensor
        Its output, in the graph of the model that the layer belongs to.
    training : bool or None
        Whether it was called with ``training=True`` or ``False``, or the model around it was.
    """

    name: str
    layer: Any
    inputs: tuple[str, ...]
    shape: tuple[int | None, ...]
    tensor: Any = None
    training: bool | None = None

    @property
    def arguments(self) -> Any:
        """All that the layer was called with; None where it stands for an operator."""
        call = call_of(self.tensor)
        return call.arguments if call.operation is self.layer else None

    def __call__(self, given: Sequence[Any], layer: Any = None) -> Any:
        """Compute the output from those of `inputs`, as in a prediction.

        Parameters
        ----------
        given : sequence of tensor
            What goes in.
        layer : keras.layers.Layer, optional
            Another layer to call instead, in the same way.
        """
        used = self.layer if layer is None else layer
        args, kwargs = self._arguments(given)
        if type(used) is not type(self.layer):
            args, kwargs = tuple(given), {}
        if getattr(used, "_call_has_training_arg", False):
            kwargs["training"] = False
        made = keras.tree.flatten(used(*args, **kwargs))
        return made[self.tensor._keras_history.tensor_index]

    def _arguments(self, given: Sequence[Any]) -> tuple[Any, dict[str, Any]]:
        """What the layer was called with, other tensors in the place of its own."""
        if self.arguments is None:
            return tuple(given), {}
        return call_arguments(self.tensor, given)


def nodes(model: keras.Model) -> list[Node]:
    """List the calls of layers that a model consists of, from its input to its output.

    Models inside it are unfolded: their layers are called ``outer/inner``.

    Raises
    ------
    TypeError, ValueError
        If it is not a functional model from one image to one output; see `plain`.
    """
    return list(_read(plain(model))[0])


def model_calls(model: keras.Model) -> tuple[ModelCall, ...]:
    """List the calls of models inside a model; see `nodes`."""
    return _read(plain(model))[1]


@lru_cache(maxsize=16)
def _read(model: keras.Model) -> tuple[tuple[Node, ...], tuple[ModelCall, ...]]:
    reader = _Reader()
    (output,) = reader.unfold(model)
    found = reader.found
    if found[-1] is not output:  # a nested model has outputs that are not used
        found = _leading_to(output.name, found)
    return tuple(found), tuple(reader.calls)


def _leading_to(output: str, found: list[Node]) -> list[Node]:
    needed = {output}
    for node in reversed(found):
        if node.name in needed:
            needed.update(node.inputs)
    return [node for node in found if node.name in needed]


def last_changing(found: Sequence[Node]) -> Node:
    """Return the last node that changes a number in a prediction.

    What follows it at the end of a model casts to float32, or is there for training only.
    """
    for node in reversed(found):
        is_linear = getattr(node.layer, "activation", None) is keras.activations.linear
        is_copy = isinstance(node.layer, _COPIES) or (
            isinstance(node.layer, keras.layers.Activation) and is_linear
        )
        if not is_copy:
            return node
    return found[-1]


class _Reader:
    """What is found while a model, and the models inside it, are followed."""

    def __init__(self) -> None:
        self.found: list[Node] = []
        self.calls: list[ModelCall] = []
        self._first_calls: dict[int, str] = {}

    def unfold(
        self,
        model: keras.Model,
        sources: Sequence[Node] | None = None,
        prefix: str = "",
        parent: str = "",
        training: bool | None = None,
    ) -> list[Node]:
        """Append the nodes of a model to `found` and return those that are its outputs.

        `sources` are the nodes that feed a nested model; None for the outermost one. `parent` is
        the name of its call, and `training` what it was told.
        """
        made: dict[int, Node] = {}
        unfolded: dict[tuple[int, int], list[Node]] = {}
        if sources is not None:
            made = dict(zip(map(id, model.inputs), sources, strict=True))
        # Where a model is used at another size than its own, its own shapes do not hold.
        is_own = all(
            made[id(one)].shape[1:] == tuple(one.shape)[1:] for one in model.inputs if made
        )
        for tensor in in_order(model):
            if id(tensor) in made:
                continue
            operation, inputs = producer(tensor)
            feeding = [made[id(given)] for given in inputs]
            told = _training(tensor) if training is None else training
            if isinstance(operation, keras.Model):
                history = tensor._keras_history
                call = (id(operation), history.node_index)
                if call not in unfolded:
                    unfolded[call] = self._inside(tensor, feeding, prefix, parent, told)
                made[id(tensor)] = unfolded[call][history.tensor_index]
            else:
                name = _unused(f"{prefix}{operation.name}", [node.name for node in self.found])
                names = tuple(node.name for node in feeding)
                layer = as_layer(operation, tensor)
                node = Node(name, layer, names, tuple(tensor.shape), tensor, told)
                node = node if is_own or not feeding else _reshaped(node, feeding)
                self.found.append(node)
                made[id(tensor)] = node
        return [made[id(tensor)] for tensor in model.outputs]

    def _inside(
        self,
        tensor: Any,
        feeding: Sequence[Node],
        prefix: str,
        parent: str,
        training: bool | None,
    ) -> list[Node]:
        """Append what one call of a nested model computes, and note the call."""
        operation = tensor._keras_history.operation
        model = functional(operation, f"the model {operation.name!r} inside it")
        path = f"{prefix}{model.name}"
        name = _unused(path, [call.name for call in self.calls])
        first = self._first_calls.setdefault(id(model), name)
        place, start = len(self.calls), len(self.found)
        dtypes = tuple(keras.backend.standardize_dtype(one.dtype) for one in model.inputs)
        sources, told = tuple(node.name for node in feeding), _training(tensor)
        given = {} if told is None else {"training": told}
        call = ModelCall(name, model.name, first, parent, sources, (), (), dtypes, given)
        self.calls.append(call)
        outputs = self.unfold(model, feeding, f"{path}/", name, training)
        deeper = {step for inner in self.calls[place + 1 :] for step in inner.steps}
        own = tuple(node.name for node in self.found[start:] if node.name not in deeper)
        results = tuple(node.name for node in outputs)
        self.calls[place] = replace(call, outputs=results, steps=own)
        return outputs


def _training(tensor: Any) -> bool | None:
    """Whether a layer or model is told to train, or not to; None if it is not told."""
    call = call_of(tensor)
    if not isinstance(call.operation, keras.layers.Layer):
        return None
    flags = [one for one in call.arguments.args[1:] if isinstance(one, bool)]
    training = call.arguments.kwargs.get("training", flags[0] if flags else None)
    return None if training is None else bool(training)


def _reshaped(node: Node, feeding: Sequence[Node]) -> Node:
    """The node with the shape that follows from those that feed it."""
    given = [keras.KerasTensor(one.shape, one.tensor.dtype) for one in feeding]
    history = node.tensor._keras_history
    args, kwargs = node._arguments(given)
    made = keras.tree.flatten(node.layer.compute_output_spec(*args, **kwargs))
    return replace(node, shape=tuple(made[history.tensor_index].shape))


def _unused(name: str, used: list[str]) -> str:
    taken = set(used)
    candidates = (name if i == 1 else f"{name}_call{i}" for i in range(1, len(taken) + 3))
    return next(candidate for candidate in candidates if candidate not in taken)
