"""An image as a network takes it: at its size, and in the numbers that it was built for."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from unetviz.geometry._checks import size as checked_size
from unetviz.geometry.ops import size_of
from unetviz.geometry.valid_sizes import nearest_valid_sizes
from unetviz.labs.images.arrays import as_floats, checked_image, fitted

from .._tensorflow import keras, tf
from ..reading.layers import UnknownLayerError
from ..reading.model_graph import last_changing, nodes
from ..reading.plain import check_channels_last, plain
from ..reading.trace_model import trace_model

_LARGEST = 512
"""Pixels of a side up to which a panel shows an image with a model that leaves its size open."""


def plain_for(model: Any, image: Any) -> keras.Model:
    """Return a model as `plain` does, at the size of an image where it leaves its size open."""
    known = plain(model)
    check_channels_last(known)
    if None not in known.input_shape[1:3]:
        return known
    size = tuple(np.shape(image)[:2])
    if len(size) != 2:
        checked_image(image)  # says what an image is
    return at_size(known, size)


def at_size(model: Any, size: int | Iterable[int] | None, name: str = "input_size") -> keras.Model:
    """Return a model as `plain` does, at a size that a person gives where it is open.

    Raises
    ------
    ValueError
        If it is open and none is given, or it is not the model's; `name` is what it is called.
    """
    known = plain(model)
    own = known.input_shape[1:3]
    if size is None:
        if None in own:
            example = 256 if own == (None, None) else tuple(n or 256 for n in own)
            raise ValueError(
                f"the model leaves the size of its images open; say one: {name}={example!r}"
            )
        return known
    both = checked_size(name, size)
    if None in own and all(mine in (None, n) for mine, n in zip(own, both, strict=True)):
        try:
            found = trace_model(known, both)
        except UnknownLayerError:
            return plain(known, both)
        found.check()  # Keras itself says nothing before the layers are run
    return plain(known, both)


def for_panel(model: Any, image: Any) -> tuple[keras.Model, np.ndarray]:
    """Return a model at a fixed size, and an image fitted to it in the numbers that it takes.

    A model that leaves its size open gets the largest size that fits into the image. One with
    weights that are NaN is refused.
    """
    known = fixed_for(model, image)
    check_weights(known)
    return known, fitted_numbers(known, image)


def fixed_for(model: Any, image: Any) -> keras.Model:
    """Return a model at a fixed size: one that leaves it open gets one that fits into an image."""
    known = plain(model)
    check_channels_last(known)
    shape = known.input_shape[1:3]
    if None in shape:
        sides = [min(n, _LARGEST) for n in np.shape(image)[:2]]
        spec = trace_model(known, [mine or 256 for mine in shape]).spec
        around = [nearest_valid_sizes(spec, n, axis) for axis, n in enumerate(sides)]
        size = tuple(
            mine or below or above for mine, (below, above) in zip(shape, around, strict=True)
        )
        return at_size(known, size)
    return known


def fitted_numbers(model: keras.Model, image: Any) -> np.ndarray:
    """Return an image fitted to the input of a model, as numbers from 0 to 1 or as it takes them.

    For a model that takes integers or rescales them, what is in 0..1 becomes 0..255.
    """
    found = fitted(image, model.input_shape[1:])
    if not takes_integers(model):
        return found
    array = np.asarray(image)
    largest = np.iinfo(array.dtype).max if array.dtype.kind in "ui" else 255
    if array.dtype.kind == "f" and array.size and array.max() > 1:
        largest = 1
    return np.round(found * np.float32(largest))


@lru_cache(maxsize=16)
def takes_integers(model: keras.Model) -> bool:
    """Whether a model takes integers as they are, or begins with a layer that scales them down."""
    if not keras.backend.is_float_dtype(model.inputs[0].dtype):
        return True
    first, *others = nodes(model)
    starts = {first.name}
    for node in others:
        if set(node.inputs) <= starts:
            if isinstance(node.layer, keras.layers.Rescaling):
                return float(np.max(np.abs(node.layer.scale))) <= 1 / 16
            if isinstance(node.layer, keras.layers.Normalization):
                return float(np.max(np.abs(node.layer.mean))) > 1
            if isinstance(node.layer, (keras.layers.Identity, keras.layers.ZeroPadding2D)):
                starts.add(node.name)
    return False


def numbers(model: keras.Model, image: np.ndarray) -> np.ndarray:
    """Return the numbers of an image as a model takes them, float32.

    Integers are divided by the largest number of their type, unless the model takes integers or
    rescales them itself.

    Raises
    ------
    ValueError
        If the model takes integers, and the image holds fractions or numbers out of their range.
    """
    if not takes_integers(model):
        return as_floats(image)
    dtype = model.inputs[0].dtype
    if not keras.backend.is_float_dtype(dtype):
        limits = np.iinfo(dtype)
        if image.dtype.kind == "f" and (image != np.round(image)).any():
            raise ValueError(
                f"the model takes whole numbers ({dtype}), the image holds fractions; try "
                f'(image * 255).astype("{dtype}")'
            )
        if image.min() < limits.min or image.max() > limits.max:
            way = f"np.clip(image, {limits.min}, {limits.max})"
            if image.min() >= limits.min:
                way = f"image // {-(-int(image.max()) // int(limits.max))}"
            raise ValueError(
                f"the model takes numbers from {limits.min} to {limits.max} ({dtype}), those of "
                f"the image run from {image.min()} to {image.max()}; try {way}"
            )
    return image.astype(np.float32)


def image_batch(model: keras.Model, image: Any) -> tf.Tensor:
    """Return an image as a batch of one for a model; it must be of the model's size."""
    _, height, width, channels = model.input_shape
    image = checked_image(image, channels)
    if image.shape[:2] != (height, width):
        raise ValueError(
            f"the model takes {size_of((height, width))} pixels, the image has "
            f"{size_of(image.shape)}; cut a window of that size out of it"
        )
    return tf.constant(numbers(model, image)[np.newaxis])


def constant_softmax(model: keras.Model) -> str:
    """Return a sentence about a softmax over one channel at the end of a model; else nothing."""
    last = last_changing(nodes(model))
    activation = getattr(getattr(last.layer, "activation", None), "__name__", "")
    is_softmax = activation == "softmax" or isinstance(last.layer, keras.layers.Softmax)
    if not is_softmax or last.shape[-1] != 1:
        return ""
    return (
        f"the last layer, {last.name!r}, is a softmax over one channel, which is 1 at every pixel, "
        "whatever the image; end the network in a sigmoid, or in two channels"
    )


def warn_if_constant(model: keras.Model) -> None:
    """Warn whoever called this package if the output of a model is 1 everywhere."""
    sentence = constant_softmax(model)
    if not sentence:
        return
    frame, level = inspect.currentframe(), 1
    while frame and frame.f_globals.get("__name__", "").startswith("unetviz."):
        frame, level = frame.f_back, level + 1
    warnings.warn(sentence[0].upper() + sentence[1:] + ".", stacklevel=level)


def ready(model: Any, image: Any) -> keras.Model:
    """Return a model as `plain_for` does; one with weights that are NaN is refused."""
    known = plain_for(model, image)
    check_weights(known)
    return known


def check_weights(model: keras.Model) -> None:
    """Raise `ValueError` if any weight of a model is NaN or infinite; its layer is named."""
    sentence = broken_weights(model)
    if sentence:
        raise ValueError(sentence)


def broken_weights(model: keras.Model) -> str:
    """Return a sentence about the first layer with weights that are no numbers; else nothing."""
    for node in nodes(model)[1:]:
        for variable in getattr(node.layer, "weights", ()):
            values = np.asarray(variable.value, np.float32)
            with np.errstate(over="ignore", invalid="ignore"):
                total = values.sum()
            # The sum of all is quickly made, and finite only if all are, unless it overflows.
            if not np.isfinite(total) and not np.isfinite(values).all():
                count = int((~np.isfinite(values)).sum())
                return (
                    f"the weights of layer {node.name!r} are broken: {count:,} of {values.size:,} "
                    f"numbers of {variable.name!r} are NaN or infinite, as after a training that "
                    "ran away; load weights that were saved before, or train again with a smaller "
                    "learning rate"
                )
    return ""
