"""How each kind of layer makes a number: which piece of which map, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from unetviz.geometry.graph import Step
from unetviz.geometry.ops import (
    Addition,
    AveragePooling,
    Combination,
    Concatenation,
    Convolution,
    Crop,
    Dropout,
    MaxPooling,
    Source,
    TransposedConvolution,
    Upsampling,
    ZeroPadding,
)
from unetviz.labs.resampling import neighbours

from .._tensorflow import keras
from .microscope_layers import activated, activation_layer, activation_of, affine_of, weights_of
from .microscope_parts import (
    Outcome,
    Piece,
    averaged,
    chosen,
    cut,
    multiplied,
    single,
    stacked,
    summed,
    taps_of,
)

Maps = Mapping[str, np.ndarray]
Place = tuple[int, int, int]
"""Row, column and channel."""
Rule = Callable[[Maps, Place], tuple[Piece, Outcome]]
"""Given the maps by step, what goes into one number and what becomes of it."""

_ONLY_IN_TRAINING = (
    keras.layers.Identity,
    keras.layers.GaussianNoise,
    keras.layers.GaussianDropout,
    keras.layers.AlphaDropout,
)


class NoMicroscopeError(ValueError):
    """A step whose numbers cannot be taken apart; the message says which can."""


def rule_of(step: Step, layer: Any) -> Rule:
    """Return how the numbers of a step are made; the weights are read here, once.

    Parameters
    ----------
    step, layer : Step, keras.layers.Layer
        The step of the trace, and its layer.

    Raises
    ------
    NoMicroscopeError
        If the layer is none of those that are known here.
    """
    for operations, make in _RULES.items():
        if isinstance(step.operation, operations):
            return make(step, layer)
    for kinds, make in _POINTWISE.items():
        if isinstance(layer, kinds):
            return make(step, layer)
    raise NoMicroscopeError(
        f"layer {step.name!r} ({type(layer).__name__}) has no microscope. Those that have: "
        "convolutions of all kinds, pooling, up-sampling, cropping, padding, concatenation, sums "
        "and other joins, dropout, activations, batch normalization and rescaling."
    )


def _cut(
    step: Step, maps: Maps, place: Place, channels: range | None = None, source: int = 0
) -> Piece:
    """Cut out what the index maps of the geometry name; by default of the same channel."""
    channels = range(place[2], place[2] + 1) if channels is None else channels
    name = step.inputs[source]
    rows, columns = (
        taps_of(step.rule(axis), place[axis], step.in_shapes[0][axis]) for axis in (0, 1)
    )
    return cut(maps[name], name, channels, rows, columns)


def _same_channel(end: Callable[[Piece], Outcome]) -> Callable[[Step, Any], Rule]:
    """Rules that look at one channel of one map and end in one way."""

    def make(step: Step, _: Any) -> Rule:
        def take(maps: Maps, place: Place) -> tuple[Piece, Outcome]:
            piece = _cut(step, maps, place)
            return piece, end(piece)

        return take

    return make


def _source(step: Step, _: Any) -> Rule:
    def take(maps: Maps, place: Place) -> tuple[Piece, Outcome]:
        row, column, channel = place
        channels = range(channel, channel + 1)
        piece = cut(maps[step.name], step.name, channels, ((row, 0),), ((column, 0),))
        return piece, single(piece)

    return take


def _filters(step: Step, layer: Any) -> Rule:
    weights, name = weights_of(layer), step.operation.activation  # type: ignore[attr-defined]
    function, needs_all = activation_of(layer.activation, name)

    def one(maps: Maps, place: Place) -> tuple[Piece, Outcome]:
        piece = _cut(step, maps, place, weights.channels(place[2]))
        kernel = weights.kernels[..., place[2]][np.ix_(*piece.taps)]
        return piece, summed(piece, kernel, weights.biases[place[2]])

    def take(maps: Maps, place: Place) -> tuple[Piece, Outcome]:
        piece, outcome = one(maps, place)
        if not needs_all:
            return piece, activated(outcome, name, function)
        channels = range(step.out_shape[2])
        every = [one(maps, (*place[:2], channel))[1] for channel in channels]
        return piece, activated(outcome, name, function, every, place[2])

    return take


def _upsampling(step: Step, layer: Any) -> Rule:
    operation = step.operation
    if operation.interpolation == "nearest":  # type: ignore[attr-defined]
        return _same_channel(single)(step, layer)
    sides = [
        neighbours(step.in_shapes[0][axis], operation.factor[axis])  # type: ignore[attr-defined]
        for axis in (0, 1)
    ]

    def take(maps: Maps, place: Place) -> tuple[Piece, Outcome]:
        parts = [side[index] for side, index in zip(sides, place[:2], strict=True)]
        rows, columns = (tuple((j, k) for k, (j, _) in enumerate(part)) for part in parts)
        name = step.inputs[0]
        piece = cut(maps[name], name, range(place[2], place[2] + 1), rows, columns)
        down, across = ([weight for _, weight in part] for part in parts)
        weights = np.outer(down, across)
        return piece, summed(piece, weights[..., np.newaxis])

    return take


def _concatenation(step: Step, _: Any) -> Rule:
    def take(maps: Maps, place: Place) -> tuple[Piece, Outcome]:
        row, column, channel = place
        source = 0
        while channel >= step.in_shapes[source][2]:
            channel -= step.in_shapes[source][2]
            source += 1
        piece = _cut(step, maps, (row, column, channel), source=source)
        return piece, single(piece)

    return take


def _join(step: Step, layer: Any) -> Rule:
    count = len(step.inputs)
    signs = [1.0, -1.0] if isinstance(layer, keras.layers.Subtract) else [1.0] * count
    factors = np.array(signs) / (count if isinstance(layer, keras.layers.Average) else 1)

    def take(maps: Maps, place: Place) -> tuple[Piece, Outcome]:
        # A map of one channel takes part in all channels of the others.
        channels = (min(place[2], shape[2] - 1) for shape in step.in_shapes)
        piece = stacked(
            [_cut(step, maps, (*place[:2], c), source=source) for source, c in enumerate(channels)]
        )
        if isinstance(layer, keras.layers.Multiply):
            return piece, multiplied(piece)
        if isinstance(layer, keras.layers.Maximum):
            return piece, chosen(piece, "largest")
        if isinstance(layer, keras.layers.Minimum):
            return piece, chosen(piece, "smallest")
        return piece, summed(piece, factors.reshape(1, 1, -1))

    return take


def _affine(step: Step, layer: Any) -> Rule:
    factors, summands, hidden = affine_of(layer, step.out_shape[2])

    def take(maps: Maps, place: Place) -> tuple[Piece, Outcome]:
        piece, channel = _cut(step, maps, place), place[2]
        kernel = np.full((1, 1, 1), factors[channel])
        return piece, summed(piece, kernel, summands[channel], hidden[channel])

    return take


def _activation(step: Step, layer: Any) -> Rule:
    name, function, needs_all = activation_layer(layer)

    def take(maps: Maps, place: Place) -> tuple[Piece, Outcome]:
        piece = _cut(step, maps, place)
        outcome = single(piece, "activation")
        if not needs_all:
            return piece, activated(outcome, name, function)
        pixel = maps[step.inputs[0]][place[:2]].astype(float)
        every = [replace(outcome, total=float(x), largest=abs(float(x))) for x in pixel]
        return piece, activated(outcome, name, function, every, place[2])

    return take


def _parametric(step: Step, layer: Any) -> Rule:
    # The slope depends on the pixel unless its axes are shared.
    slopes = np.broadcast_to(np.asarray(layer.alpha, float), step.out_shape)

    def take(maps: Maps, place: Place) -> tuple[Piece, Outcome]:
        piece, slope = _cut(step, maps, place), slopes[place]
        outcome = single(piece, "activation")
        return piece, activated(outcome, "PReLU", lambda x: np.where(x > 0, x, slope * x))

    return take


_RULES: dict[Any, Callable[[Step, Any], Rule]] = {
    (Convolution, TransposedConvolution): _filters,
    MaxPooling: _same_channel(lambda piece: chosen(piece, "largest")),
    AveragePooling: _same_channel(averaged),
    Upsampling: _upsampling,
    Concatenation: _concatenation,
    (Addition, Combination): _join,
    (Crop, Dropout, ZeroPadding): _same_channel(single),
    Source: _source,
}
_POINTWISE: dict[Any, Callable[[Step, Any], Rule]] = {
    (keras.layers.BatchNormalization, keras.layers.Rescaling): _affine,
    _ONLY_IN_TRAINING: _same_channel(single),
    keras.layers.PReLU: _parametric,
    (
        keras.layers.Activation,
        keras.layers.ReLU,
        keras.layers.LeakyReLU,
        keras.layers.ELU,
        keras.layers.Softmax,
    ): _activation,
}
