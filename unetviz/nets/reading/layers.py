"""A Keras layer as an operation of the geometry: one reader for each kind of layer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from unetviz.geometry.ops import (
    Addition,
    AveragePooling,
    Combination,
    Concatenation,
    Convolution,
    Crop,
    Dropout,
    MaxPooling,
    Operation,
    Pointwise,
    SeparableConvolution,
    TransposedConvolution,
    Upsampling,
    ZeroPadding,
)

from .._tensorflow import keras


class UnknownLayerError(ValueError):
    """A layer whose pixels cannot be followed; the message names it and says what to do."""


def operation_of(layer: Any, name: str) -> Operation:
    """Return the operation that a Keras layer computes.

    Parameters
    ----------
    layer : keras.layers.Layer
        A built layer.
    name : str
        Name of the layer in messages.

    Raises
    ------
    UnknownLayerError
        If no reader knows the layer, or it is used in a way that is not known.
    """
    for kinds, read in _READERS.items():
        if isinstance(layer, kinds):
            if getattr(layer, "data_format", "channels_last") != "channels_last":
                raise _unknown(layer, name, "has its channels first (channels_first)")
            return read(layer, name)
    raise _unknown(layer, name, "is not known")


def _unknown(layer: Any, name: str, what: str) -> UnknownLayerError:
    if not isinstance(layer, keras.layers.Layer):
        what = "is an operation, not a layer"
    known = ", ".join(kind.__name__ for kinds in _READERS for kind in kinds)
    return UnknownLayerError(
        f"layer {name!r} ({type(layer).__name__}) {what}, so its pixels cannot be followed. "
        "Replace it by layers that are, or end the model before it: "
        f"keras.Model(model.inputs, <output of the layer before {name!r}>). Known are: {known}."
    )


def _filters(layer: Any) -> dict[str, Any]:
    """The settings that all convolutions share."""
    return {
        "filters": layer.filters,
        "kernel": tuple(layer.kernel_size),
        "stride": tuple(layer.strides),
        "padding": layer.padding,
        "activation": _activation(layer),
        "bias": layer.use_bias,
    }


def _activation(layer: Any) -> str:
    try:
        found = keras.activations.serialize(layer.activation)
    except (ValueError, AttributeError):
        found = None
    if isinstance(found, dict):
        found = found.get("class_name")
    return str(found or getattr(layer.activation, "__name__", "activation"))


def _initializer(layer: Any) -> dict[str, Any]:
    """The initializer by the name that Keras takes, such as ``he_normal``."""
    name = type(layer.kernel_initializer).__name__
    return {"initializer": re.sub("(?<!^)([A-Z])", r"_\1", name).lower()}


def _convolution(layer: Any, _: str) -> Operation:
    return Convolution(
        **_filters(layer),
        **_initializer(layer),
        dilation=tuple(layer.dilation_rate),
        groups=layer.groups,
    )


def _depthwise(layer: Any, _: str) -> Operation:
    channels = layer.kernel.shape[2]
    return Convolution(
        channels * layer.depth_multiplier,
        tuple(layer.kernel_size),
        tuple(layer.strides),
        layer.padding,
        _activation(layer),
        bias=layer.use_bias,
        dilation=tuple(layer.dilation_rate),
        groups=channels,
    )


def _separable(layer: Any, _: str) -> Operation:
    return SeparableConvolution(
        **_filters(layer),
        dilation=tuple(layer.dilation_rate),
        multiplier=layer.depth_multiplier,
    )


def _transposed(layer: Any, name: str) -> Operation:
    if tuple(layer.dilation_rate) != (1, 1) or layer.output_padding is not None:
        raise _unknown(layer, name, "has dilation or output_padding")
    return TransposedConvolution(**_filters(layer), **_initializer(layer))


def _pooling(operation: Callable[..., Operation]) -> Callable[[Any, str], Operation]:
    def read(layer: Any, _: str) -> Operation:
        return operation(tuple(layer.pool_size), tuple(layer.strides), layer.padding)

    return read


def _upsampling(layer: Any, name: str) -> Operation:
    if layer.interpolation not in ("nearest", "bilinear"):
        raise _unknown(layer, name, f"interpolates by {layer.interpolation!r}")
    return Upsampling(tuple(layer.size), layer.interpolation)


def _concatenation(layer: Any, name: str) -> Operation:
    if layer.axis not in (-1, 3):
        raise _unknown(layer, name, f"joins maps along axis {layer.axis}")
    return Concatenation()


def _combination(layer: Any, _: str) -> Operation:
    return Addition() if isinstance(layer, keras.layers.Add) else Combination(type(layer).__name__)


def _pointwise(role: str) -> Callable[[Any, str], Operation]:
    def read(layer: Any, name: str) -> Operation:
        axis = getattr(layer, "axis", -1)
        axes = axis if isinstance(axis, (list, tuple)) else [axis]
        if any(one not in (-1, 3) for one in axes):
            raise _unknown(layer, name, "works along other axes than the channels")
        words = _activation(layer) if isinstance(layer, keras.layers.Activation) else _words(layer)
        return Pointwise(words, role, type(layer).__name__, parameters=layer.count_params())

    return read


def _words(layer: Any) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", type(layer).__name__).lower()


_READERS: dict[tuple[type, ...], Callable[[Any, str], Operation]] = {
    (keras.layers.SeparableConv2D,): _separable,
    (keras.layers.DepthwiseConv2D,): _depthwise,
    (keras.layers.Conv2DTranspose,): _transposed,
    (keras.layers.Conv2D,): _convolution,
    (keras.layers.MaxPooling2D,): _pooling(MaxPooling),
    (keras.layers.AveragePooling2D,): _pooling(AveragePooling),
    (keras.layers.UpSampling2D,): _upsampling,
    (keras.layers.Cropping2D,): lambda layer, _: Crop(layer.cropping, fixed=True),
    (keras.layers.ZeroPadding2D,): lambda layer, _: ZeroPadding(layer.padding),
    (keras.layers.Concatenate,): _concatenation,
    (
        keras.layers.Add,
        keras.layers.Subtract,
        keras.layers.Multiply,
        keras.layers.Average,
        keras.layers.Maximum,
        keras.layers.Minimum,
    ): _combination,
    (keras.layers.Dropout, keras.layers.SpatialDropout2D): lambda layer, _: Dropout(layer.rate),
    (
        keras.layers.BatchNormalization,
        keras.layers.LayerNormalization,
        keras.layers.UnitNormalization,
    ): _pointwise("normalization"),
    (
        keras.layers.Activation,
        keras.layers.ReLU,
        keras.layers.LeakyReLU,
        keras.layers.PReLU,
        keras.layers.ELU,
        keras.layers.Softmax,
        keras.layers.Rescaling,
        keras.layers.GaussianNoise,
        keras.layers.GaussianDropout,
        keras.layers.AlphaDropout,
        keras.layers.Identity,
    ): _pointwise("activation"),
}
"""Readers by class of layer; the first that fits is used, so subclasses come first."""
