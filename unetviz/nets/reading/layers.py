"""A Keras layer as an operation of the geometry: one reader for each kind of layer."""

from __future__ import annotations

import re
import warnings
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
from .operators import JOINS


class UnknownLayerError(ValueError):
    """A layer whose pixels cannot be followed; the message names it and says what to do."""


def operation_of(layer: Any, name: str, before: str = "") -> Operation:
    """Return the operation that a Keras layer computes.

    Parameters
    ----------
    layer : keras.layers.Layer
        A built layer.
    name : str
        Name of the layer in messages.
    before : str
        Name of a layer of the model before which it could end.

    Raises
    ------
    UnknownLayerError
        If no reader knows the layer, or it is used in a way that is not known.
    """
    try:
        for kinds, read in _READERS.items():
            if isinstance(layer, kinds):
                if getattr(layer, "data_format", "channels_last") != "channels_last":
                    raise _NotFollowedError(
                        "has its channels first (channels_first)",
                        f'layers.{type(layer).__name__}(..., data_format="channels_last")',
                    )
                return read(layer)
        raise _NotFollowedError(*_reason(layer))
    except _NotFollowedError as error:
        raise UnknownLayerError(_sentence(layer, name, error, before)) from None


class _NotFollowedError(Exception):
    """Why pixels cannot be followed through a layer, and what could be used instead."""

    def __init__(self, why: str, instead: str = ""):
        super().__init__(why)
        self.why, self.instead = why, instead


def _sentence(layer: Any, name: str, error: _NotFollowedError, before: str) -> str:
    instead = error.instead or "layers that are"
    ways = [f"Replace it by {instead}"]
    if before:
        end = f"keras.Model(model.inputs, model.get_layer({before!r}).output)"
        ways.append(f"end the model before it: {end}")
    known = ", ".join(kind.__name__ for kinds in _READERS for kind in kinds)
    return (
        f"layer {name!r} ({type(layer).__name__}) {error.why}, so its pixels cannot be followed. "
        f"{', or '.join(ways)}. Known are: {known}."
    )


_WHOLE_MAP = "makes each of its numbers from all pixels of the map"
_MOVES = "puts pixels in other places"
_REASONS = {
    "GroupNormalization": (
        "takes the mean of the whole map at each pixel",
        "layers.BatchNormalization() or layers.LayerNormalization()",
    ),
    "GlobalAveragePooling2D": (_WHOLE_MAP, "layers.AveragePooling2D(...)"),
    "GlobalMaxPooling2D": (_WHOLE_MAP, "layers.MaxPooling2D(...)"),
    "Dense": ("is not known", "layers.Conv2D(units, 1)"),
    "Lambda": (
        "runs Python code of its own",
        "a layer of Keras, such as layers.Rescaling(1 / 255) or layers.Activation(...)",
    ),
    "CenterCrop": ("is not known", "layers.Cropping2D(...)"),
    "Resizing": ("is not known", "layers.UpSampling2D(...) or layers.AveragePooling2D(...)"),
    "Reshape": (_MOVES, ""),
    "Permute": (_MOVES, ""),
    "Flatten": (_MOVES, ""),
}
"""Why layers that are met often cannot be followed, and what could be used instead."""


def _reason(layer: Any) -> tuple[str, str]:
    kind = type(layer).__name__
    if kind.startswith("Random"):
        return "changes images while training", "layers.Identity(), and change the images before"
    if isinstance(layer, keras.layers.Layer):
        return _REASONS.get(kind, ("is not known", ""))
    joins = kind in JOINS and len(layer._inbound_nodes[0].input_tensors) > 1
    return "is an operation, not a layer", f"the layer layers.{kind}()([x, y])" if joins else ""


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
    """What an activation is called: its name, or its class if it is a layer."""
    if isinstance(layer.activation, keras.layers.Layer):
        return type(layer.activation).__name__
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras warns of lambdas
            found = keras.activations.serialize(layer.activation)
    except (ValueError, AttributeError):
        found = None
    if isinstance(found, str):
        return found
    return str(getattr(layer.activation, "__name__", "activation"))


def _initializer(layer: Any) -> dict[str, Any]:
    """The initializer by the name that Keras takes, such as ``he_normal``."""
    name = type(layer.kernel_initializer).__name__
    return {"initializer": re.sub("(?<!^)([A-Z])", r"_\1", name).lower()}


def _convolution(layer: Any) -> Operation:
    return Convolution(
        **_filters(layer),
        **_initializer(layer),
        dilation=tuple(layer.dilation_rate),
        groups=layer.groups,
    )


def _depthwise(layer: Any) -> Operation:
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


def _separable(layer: Any) -> Operation:
    return SeparableConvolution(
        **_filters(layer),
        dilation=tuple(layer.dilation_rate),
        multiplier=layer.depth_multiplier,
    )


def _transposed(layer: Any) -> Operation:
    if tuple(layer.dilation_rate) != (1, 1) or layer.output_padding is not None:
        raise _NotFollowedError(
            "has dilation or output_padding", "layers.Conv2DTranspose(...) without them"
        )
    return TransposedConvolution(**_filters(layer), **_initializer(layer))


def _pooling(operation: Callable[..., Operation]) -> Callable[[Any], Operation]:
    def read(layer: Any) -> Operation:
        return operation(tuple(layer.pool_size), tuple(layer.strides), layer.padding)

    return read


def _upsampling(layer: Any) -> Operation:
    if layer.interpolation not in ("nearest", "bilinear"):
        raise _NotFollowedError(
            f"interpolates by {layer.interpolation!r}",
            'layers.UpSampling2D(..., interpolation="bilinear")',
        )
    return Upsampling(tuple(layer.size), layer.interpolation)


def _concatenation(layer: Any) -> Operation:
    if layer.axis not in (-1, 3):
        raise _NotFollowedError(f"joins maps along axis {layer.axis}", "layers.Concatenate()")
    return Concatenation()


def _combination(layer: Any) -> Operation:
    return Addition() if isinstance(layer, keras.layers.Add) else Combination(type(layer).__name__)


def _pointwise(role: str) -> Callable[[Any], Operation]:
    def read(layer: Any) -> Operation:
        axis = getattr(layer, "axis", -1)
        axes = axis if isinstance(axis, (list, tuple)) else [axis]
        if any(one not in (-1, 3) for one in axes):
            raise _NotFollowedError(
                "works along other axes than the channels",
                f"layers.{type(layer).__name__}(axis=-1)",
            )
        words = _activation(layer) if isinstance(layer, keras.layers.Activation) else _words(layer)
        return Pointwise(words, role, type(layer).__name__, parameters=layer.count_params())

    return read


def _words(layer: Any) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", type(layer).__name__).lower()


_READERS: dict[tuple[type, ...], Callable[[Any], Operation]] = {
    (keras.layers.SeparableConv2D,): _separable,
    (keras.layers.DepthwiseConv2D,): _depthwise,
    (keras.layers.Conv2DTranspose,): _transposed,
    (keras.layers.Conv2D,): _convolution,
    (keras.layers.MaxPooling2D,): _pooling(MaxPooling),
    (keras.layers.AveragePooling2D,): _pooling(AveragePooling),
    (keras.layers.UpSampling2D,): _upsampling,
    (keras.layers.Cropping2D,): lambda layer: Crop(layer.cropping, fixed=True),
    (keras.layers.ZeroPadding2D,): lambda layer: ZeroPadding(layer.padding),
    (keras.layers.Concatenate,): _concatenation,
    (
        keras.layers.Add,
        keras.layers.Subtract,
        keras.layers.Multiply,
        keras.layers.Average,
        keras.layers.Maximum,
        keras.layers.Minimum,
    ): _combination,
    (keras.layers.Dropout, keras.layers.SpatialDropout2D): lambda layer: Dropout(layer.rate),
    (
        keras.layers.BatchNormalization,
        keras.layers.LayerNormalization,
        keras.layers.UnitNormalization,
        keras.layers.RMSNormalization,
        keras.layers.Normalization,
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
        keras.layers.ActivityRegularization,
        keras.layers.Identity,
    ): _pointwise("activation"),
}
"""Readers by class of layer; the first that fits is used, so subclasses come first."""
