"""Weights and activations of Keras layers, in one layout for the microscope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from unetviz.labs.pixel_loss import softmax

from .._tensorflow import keras
from .microscope_parts import Outcome

Function = Callable[[np.ndarray], np.ndarray]
"""An activation: all channels of one pixel in, all out."""


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of a layer with filters.

    Attributes
    ----------
    kernels : array of shape (h, w, c, filters)
        For each filter what the channels that it looks at are multiplied by.
    groups : int
        Into how many groups the input channels are divided; each filter looks at one of them.
    biases : array of shape (filters,)
        Zeros if the layer has none.
    """

    kernels: np.ndarray
    groups: int
    biases: np.ndarray

    def channels(self, filter_: int) -> range:
        """Input channels that a filter looks at."""
        seen, filters = self.kernels.shape[2:]
        first = filter_ // (filters // self.groups) * seen
        return range(first, first + seen)


def weights_of(layer: Any) -> Weights:
    """Read the weights of any convolution, plain, depthwise, separable or transposed."""
    groups = 1
    if isinstance(layer, keras.layers.SeparableConv2D):
        windows = _numbers(layer.depthwise_kernel).astype(float)
        channels, times = windows.shape[2:]
        mix = _numbers(layer.pointwise_kernel).reshape(channels, times, -1)
        # Windows first and mixing after is the same as one kernel that is mixed of the windows.
        kernels = np.einsum("hwcm,cmf->hwcf", windows, mix)
    elif isinstance(layer, keras.layers.DepthwiseConv2D):
        kernels = _numbers(layer.kernel)
        groups = kernels.shape[2]
        kernels = kernels.reshape(*kernels.shape[:2], 1, -1)
    elif isinstance(layer, keras.layers.Conv2DTranspose):
        kernels = _numbers(layer.kernel).swapaxes(2, 3)
    else:
        kernels, groups = _numbers(layer.kernel), layer.groups
    filters = kernels.shape[3]
    biases = np.zeros(filters) if layer.bias is None else _numbers(layer.bias)
    return Weights(kernels, groups, biases)


def affine_of(layer: Any, channels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return factor and summand of each channel, for a layer that only scales and shifts.

    Parameters
    ----------
    layer : keras.layers.BatchNormalization or keras.layers.Rescaling
        The layer.
    channels : int
        Channels of its map.

    Returns
    -------
    factors, summands, hidden : arrays of shape (channels,)
        `hidden` is the largest number that is met while the summand is computed.
    """
    if isinstance(layer, keras.layers.Rescaling):
        factors = np.broadcast_to(np.asarray(layer.scale, float), (channels,))
        summands = np.broadcast_to(np.asarray(layer.offset, float), (channels,))
        return factors, summands, np.abs(summands)
    gamma = _numbers(layer.gamma).astype(float) if layer.scale else np.ones(channels)
    beta = _numbers(layer.beta).astype(float) if layer.center else np.zeros(channels)
    mean, variance = (
        _numbers(given).astype(float) for given in (layer.moving_mean, layer.moving_variance)
    )
    factors = gamma / np.sqrt(variance + layer.epsilon)
    return factors, beta - mean * factors, np.abs(mean * factors)


def _numbers(weights: Any) -> np.ndarray:
    return keras.ops.convert_to_numpy(weights)


_KNOWN: dict[str, Function] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0.0),
    "sigmoid": lambda x: 0.5 * (1.0 + np.tanh(0.5 * x)),
    "tanh": np.tanh,
}


def activation_of(function: Any, name: str) -> tuple[Function, bool]:
    """Return an activation in float64, and whether it needs all channels of the pixel.

    Parameters
    ----------
    function : callable
        What the layer holds.
    name : str
        Its name.
    """
    is_keras = function is getattr(keras.activations, name, None)
    if is_keras and name in _KNOWN:
        return _KNOWN[name], False
    if is_keras and name == "softmax":
        return softmax, True

    def computed(numbers: np.ndarray) -> np.ndarray:
        pixel = keras.ops.convert_to_tensor(numbers.reshape(1, 1, 1, -1), "float64")
        return _numbers(function(pixel)).astype(float)[0, 0, 0]

    return computed, True


def activation_layer(layer: Any) -> tuple[str, Function, bool]:
    """Return the name of a layer's activation, and it as `activation_of` does."""
    if isinstance(layer, keras.layers.Activation):
        name = getattr(layer.activation, "__name__", type(layer.activation).__name__)
        return name, *activation_of(layer.activation, name)
    if isinstance(layer, keras.layers.Softmax):
        return "softmax", softmax, True
    return type(layer).__name__, _bent(layer), False


def _bent(layer: Any) -> Function:
    """A ReLU or a relative of it: a line that changes its slope."""
    if isinstance(layer, keras.layers.ELU):
        return lambda x: np.where(x > 0, x, layer.alpha * np.expm1(np.minimum(x, 0.0)))
    if isinstance(layer, keras.layers.LeakyReLU):
        return lambda x: np.where(x > 0, x, layer.negative_slope * x)
    ceiling = np.inf if layer.max_value is None else layer.max_value

    def relu(x: np.ndarray) -> np.ndarray:
        below = layer.negative_slope * (x - layer.threshold)
        return np.where(x >= layer.threshold, np.minimum(x, ceiling), below)

    return relu


def activated(
    outcome: Outcome,
    name: str,
    function: Function,
    every: Sequence[Outcome] = (),
    channel: int = 0,
) -> Outcome:
    """Let an activation act on a total, or on those of all channels where it needs `every` one."""
    totals = np.array([one.total for one in every or [outcome]])
    value = float(function(totals)[channel])
    return replace(
        outcome,
        activation=name,
        totals=tuple(totals.tolist()) if every else (),
        value=value,
        largest=max(abs(value), outcome.largest, *(one.largest for one in every)),
    )
