"""The trace of any Keras model: the same steps, sizes and index maps as for a specification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from unetviz.geometry._checks import size as checked_size
from unetviz.geometry.ops import Convolution, Dropout, Operation, Pointwise, Shape, Source
from unetviz.geometry.specs.from_model import Record, RecordedSpec
from unetviz.geometry.trace import Trace, trace

from .._tensorflow import keras
from .layers import operation_of
from .model_graph import Node, model_calls, nodes
from .settings import layer_settings

_POINTWISE = ("dropout", "activation", "normalization")
_UPSAMPLING = ("upconv", "upsample")
_OF_THE_DECODER = ("crop", "concat", "add")
"""Kinds that belong to the decoder, although their input may come straight from the encoder."""


def trace_model(model: keras.Model, input_size: int | Sequence[int] | None = None) -> Trace:
    """Trace the sizes of an image through a functional Keras model.

    Parameters
    ----------
    model : keras.Model
        A functional or sequential model with one input and one output. Nested models are unfolded;
        their layers are called ``outer/inner``.
    input_size : int or (int, int), optional
        Height and width in pixels; needed if the model leaves them open.

    Returns
    -------
    Trace
        Its steps have the names of the layers. Its `spec` records them, so that `valid_sizes` and
        other functions of specifications work with it; only its size can be changed. Levels count
        the sizes of the maps from the input down; the deepest level is the bottleneck.

    Raises
    ------
    TypeError
        If it is not a functional model.
    ValueError
        If it has several inputs or outputs, or leaves its size open and none is given.
    UnknownLayerError
        If the pixels of a layer cannot be followed; it is named.

    See Also
    --------
    unetviz.trace : The trace of a specification, without Keras.
    unetviz.nets.load_model : A model from a file.
    """
    followed = nodes(model)
    first, *rest = followed
    shape = _image(first, input_size)
    operations = {node.name: _operation(node, followed) for node in rest}
    operations[first.name] = Source(shape)
    records, level = _records(followed, operations)
    spec = RecordedSpec(
        shape[:2],
        shape[2],
        records,
        first.name,
        models=model_calls(model),
        input_dtype=keras.backend.standardize_dtype(first.tensor.dtype),
        source_level=level,
    )
    found = trace(spec)
    if first.shape[1:3] == shape[:2]:
        _compare(rest, found)
    return found


def _operation(node: Node, found: Sequence[Node]) -> Operation:
    operation = operation_of(node.layer, node.name, _end_before(node, found))
    if node.training and isinstance(operation, (Dropout, Pointwise)):
        return replace(operation, training=True)
    return operation


def _end_before(node: Node, found: Sequence[Node]) -> str:
    """The layer before one at which the model could end; empty if there is none."""
    before = next(other for other in found if other.name == node.inputs[0])
    is_layer = isinstance(before.layer, keras.layers.Layer) and before.arguments is not None
    is_outermost = "/" not in before.name + node.name
    return before.name if is_layer and is_outermost and before.inputs else ""


def _image(node: Node, input_size: int | Sequence[int] | None) -> Shape:
    """Shape of the input image."""
    _, height, width, channels = node.shape
    if input_size is not None:
        height, width = checked_size("input_size", input_size)
    if height is None or width is None:
        raise ValueError(
            "the model leaves the size of its images open; say which one to follow, "
            "such as trace_model(model, input_size=256)"
        )
    assert channels is not None  # `plain` refuses a model that leaves them open
    return height, width, channels


def _compare(found: Sequence[Node], trace: Trace) -> None:
    """Make sure that Keras computes the same shapes; a subclass of a layer may do anything."""
    if trace.failed is not None:
        raise ValueError(
            f"Keras takes layer {trace.failed.name!r}, but trace_model cannot follow it: "
            f"{trace.problems[0].message}"
        )
    for node in found:
        expected = trace[node.name].out_shape
        # A model inside may leave its size open: what it gives is known where it ends.
        if any(n not in (None, m) for n, m in zip(node.shape[1:], expected, strict=True)):
            raise ValueError(
                f"layer {node.name!r} gives {node.shape[1:]}, but its settings say "
                f"{expected}; trace_model cannot follow this model"
            )


def _records(
    found: Sequence[Node], operations: dict[str, Operation]
) -> tuple[tuple[Record, ...], int]:
    """Every call behind the input, with its level, side and kind; and the level of the input.

    They follow from the size of its map and from its consumers.
    """
    map_levels = _map_levels(found, operations)
    # A pool counts with its input.
    levels = {
        node.name: map_levels[node.inputs[0] if operations[node.name].kind == "pool" else node.name]
        for node in found
    }
    deepest = max(map_levels.values())
    bottom = {name for name, level in levels.items() if level == deepest}
    # Where nothing follows the last pool before the way up, there is no bottleneck.
    turn = bottom or {name for name, level in map_levels.items() if level == deepest}
    inputs = {node.name: node.inputs for node in found}
    after = _reached(turn, inputs, found)
    consumers = _consumers(found)
    before = _reached(turn, consumers, found[::-1])
    up = {name for name, operation in operations.items() if operation.kind in _UPSAMPLING}
    above = _reached(up, inputs, found) | up
    head = _head(found, operations)
    kinds = _kinds(found, operations, consumers)
    records: list[Record] = []
    known: dict[int, str] = {}
    for node in found[1:]:
        name = node.name
        if name in head:
            side = "head"
        elif name in bottom:
            side = "bottleneck"
        else:
            # A map that is computed for a skip, such as an FCN's finer scores, is encoder.
            is_aside = name not in above and operations[name].kind not in _OF_THE_DECODER
            is_encoder = name not in after and (name in before or name in turn or is_aside)
            side = "encoder" if is_encoder else "decoder"
        kind = "head" if [name] == head[:1] else kinds[name]
        first = known.setdefault(id(node.layer), name)
        again = "" if first == name else first
        records.append(
            Record(
                name,
                kind,
                operations[name],
                node.inputs,
                levels[name],
                side,
                bool(again),
                read=layer_settings(node.layer, operations[name], node.arguments, again),
                map_level=map_levels[name],
            )
        )
    return tuple(records), levels[found[0].name]


def _map_levels(found: Sequence[Node], operations: dict[str, Operation]) -> dict[str, int]:
    """1 for the finest maps, one more for each coarser size."""
    strides: dict[str, Fraction] = {}
    for node in found:
        incoming = max((strides[name] for name in node.inputs), default=Fraction(1))
        ratios = [
            Fraction(*operations[node.name].axis_map(axis, 64).ratio)
            if node.inputs
            else Fraction(1)
            for axis in (0, 1)
        ]
        strides[node.name] = incoming * max(ratios, key=lambda ratio: abs(ratio - 1))
    rank = {stride: i for i, stride in enumerate(sorted(set(strides.values())), start=1)}
    return {name: rank[stride] for name, stride in strides.items()}


def _consumers(found: Sequence[Node]) -> dict[str, tuple[str, ...]]:
    consumers: dict[str, tuple[str, ...]] = {node.name: () for node in found}
    for node in found:
        for name in node.inputs:
            consumers[name] += (node.name,)
    return consumers


def _reached(
    start: set[str], neighbours: dict[str, tuple[str, ...]], order: Sequence[Node]
) -> set[str]:
    """Names outside `start` that have a neighbour in it, or one that is reached."""
    reached: set[str] = set()
    for node in order:
        if node.name not in start and (start | reached) & set(neighbours[node.name]):
            reached.add(node.name)
    return reached


def _head(found: Sequence[Node], operations: dict[str, Operation]) -> list[str]:
    """The last 1x1 convolution and the pointwise layers after it; empty for any other end."""
    head: list[str] = []
    for node in reversed(found):
        operation = operations[node.name]
        head.insert(0, node.name)
        if isinstance(operation, Convolution):
            is_head = operation.kernel == (1, 1) and operation.stride == (1, 1)
            return head if is_head and len(found) > len(head) + 1 else []
        if operation.kind not in _POINTWISE:
            return []
    return []


def _kinds(
    found: Sequence[Node],
    operations: dict[str, Operation],
    consumers: dict[str, tuple[str, ...]],
) -> dict[str, str]:
    """Kinds of the operations; a 2x2 convolution after an up-sampling is an up-convolution."""
    kinds = {node.name: operations[node.name].kind for node in found}
    for node in found:
        following = consumers[node.name]
        if kinds[node.name] == "upsample" and len(following) == 1:
            (name,) = following
            operation = operations[name]
            if isinstance(operation, Convolution) and operation.kernel == (2, 2):
                kinds[name] = "upconv"
    return kinds
