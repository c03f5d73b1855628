"""The layers of a functional Keras model in the order of computation, nested models unfolded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .._tensorflow import keras
from .plain import call_arguments, functional, in_order, plain, producer

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
        The layer.
    inputs : tuple of str
        Names of the nodes that it takes its maps from.
    shape : tuple of (int or None)
        Shape of its output, ``(batch, height, width, channels)``.
    tensor : keras.KerasTensor
        Its output, in the graph of the model that the layer belongs to.
    """

    name: str
    layer: Any
    inputs: tuple[str, ...]
    shape: tuple[int | None, ...]
    tensor: Any = None

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
        return call_arguments(self.tensor, given)


def nodes(model: keras.Model) -> list[Node]:
    """List the calls of layers that a model consists of, from its input to its output.

    Models inside it are unfolded: their layers are called ``outer/inner``.

    Raises
    ------
    TypeError, ValueError
        If it is not a functional model from one image to one output; see `plain`.
    """
    return list(_nodes(plain(model)))


@lru_cache(maxsize=16)
def _nodes(model: keras.Model) -> tuple[Node, ...]:
    found: list[Node] = []
    _unfold(model, None, "", found)
    return tuple(found)


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


def _unfold(
    model: keras.Model, sources: Sequence[Node] | None, prefix: str, found: list[Node]
) -> list[Node]:
    """Append the nodes of a model to `found` and return those that are its outputs.

    `sources` are the nodes that feed a nested model; None for the outermost one.
    """
    made: dict[int, Node] = {}
    unfolded: dict[tuple[int, int], list[Node]] = {}
    if sources is not None:
        made = dict(zip(map(id, model.inputs), sources, strict=True))
    # Where a model is used at another size than its own, its own shapes do not hold.
    is_own = all(made[id(one)].shape[1:] == tuple(one.shape)[1:] for one in model.inputs if made)
    for tensor in in_order(model):
        if id(tensor) in made:
            continue
        operation, inputs = producer(tensor)
        feeding = [made[id(given)] for given in inputs]
        if isinstance(operation, keras.Model):
            what = f"the model {operation.name!r} inside it"
            history = tensor._keras_history
            call = (id(operation), history.node_index)
            if call not in unfolded:
                inner = functional(operation, what)
                unfolded[call] = _unfold(inner, feeding, f"{prefix}{operation.name}/", found)
            made[id(tensor)] = unfolded[call][history.tensor_index]
        else:
            name = _unused(f"{prefix}{operation.name}", found)
            names = tuple(node.name for node in feeding)
            node = Node(name, operation, names, tuple(tensor.shape), tensor)
            node = node if is_own or not feeding else _reshaped(node, feeding)
            found.append(node)
            made[id(tensor)] = node
    return [made[id(tensor)] for tensor in model.outputs]


def _reshaped(node: Node, feeding: Sequence[Node]) -> Node:
    """The node with the shape that follows from those that feed it."""
    given = [keras.KerasTensor(one.shape, one.tensor.dtype) for one in feeding]
    history = node.tensor._keras_history
    args, kwargs = node._arguments(given)
    made = keras.tree.flatten(node.layer.compute_output_spec(*args, **kwargs))
    return replace(node, shape=tuple(made[history.tensor_index].shape))


def _unused(name: str, found: list[Node]) -> str:
    taken = {node.name for node in found}
    candidates = (name if i == 1 else f"{name}_call{i}" for i in range(1, len(found) + 3))
    return next(candidate for candidate in candidates if candidate not in taken)
