"""The feature maps of an image, reduced in size before they leave the graph."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from unetviz.geometry._checks import integer
from unetviz.geometry.ops import size_of
from unetviz.labs.images.arrays import as_floats, checked_image

from .._tensorflow import keras, tf
from ..reading.model_graph import nodes

GRAPH_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")
"""Names of layers that are allowed in a graph of TensorFlow."""


def feature_maps(
    model: keras.Model,
    image: Any,
    names: Sequence[str] | None = None,
    channels: int | None = None,
    size: int | None = None,
) -> dict[str, np.ndarray]:
    """Return the maps of one image, all from one pass.

    Parameters
    ----------
    model : keras.Model
        A functional model of fixed size.
    image : array of shape (h, w) or (h, w, c)
        An image of just that size. Integers are divided by the largest number of their type.
    names : sequence of str, optional
        Names of the steps whose maps are returned; None for all.
    channels : int, optional
        How many channels of each map are returned, from the first on; None for all.
    size : int, optional
        Pixels to which the longer side of a larger map is reduced, by means; None for none.

    Returns
    -------
    dict of str to array of shape (h, w, c), float32
        Maps by step. What is left out or reduced never leaves the graph, so it takes no memory.

    Raises
    ------
    KeyError
        If the model has no such step; the steps are named.
    TypeError, ValueError
        If the image is not an image, or not of the model's size.

    See Also
    --------
    unetviz.nets.explain_value : How one number of a map is computed.
    """
    wanted = wanted_names(readable_maps(model), names)
    if not wanted:
        return {}
    channels = None if channels is None else integer("channels", channels, 1)
    size = None if size is None else integer("size", size, 1)
    batch = image_batch(model, image)
    maps = _compiled(model, tuple(wanted), channels, size)(batch)
    return {name: maps[name].numpy()[0] for name in wanted}


@lru_cache(maxsize=8)
def _compiled(
    model: keras.Model, names: tuple[str, ...], channels: int | None, size: int | None
) -> Callable[[tf.Tensor], dict[str, tf.Tensor]]:
    """One graph that returns the wanted maps, kept because building it takes as long as running.

    The weights are read at each run, so a model may be trained further in between.
    """
    found = {node.name: node for node in nodes(model)}
    probe = keras.Model(model.inputs[0], {name: found[name].tensor for name in names})

    def run(images: tf.Tensor) -> dict[str, tf.Tensor]:
        maps = probe(images, training=False)
        return {name: reduced_maps(maps[name][..., :channels], size) for name in names}

    if not all(GRAPH_NAME.fullmatch(layer.name) for layer in model.layers):
        # TensorFlow names operations of a graph after layers, and many characters are not allowed.
        return run
    signature = tf.TensorSpec((1, *model.input_shape[1:]), tf.float32)
    # A concrete function: TensorFlow warns of functions that are traced again and again.
    return tf.function(run).get_concrete_function(signature)


def feature_vectors(model: keras.Model, images: np.ndarray, name: str) -> np.ndarray:
    """Return the vectors of fixed length that a dense layer computes from images.

    Parameters
    ----------
    model : keras.Model
        A functional model.
    images : array of shape (n, h, w, c)
        Images of the model's size.
    name : str
        Name of the layer.

    Returns
    -------
    array of shape (n, numbers), float32
        One vector an image (section 2 of the document).

    Raises
    ------
    ValueError
        If the output of the layer is not a vector.
    """
    output = model.get_layer(name).output
    if len(output.shape) != 2:
        raise ValueError(f"layer {name!r} returns {output.shape}, not a vector of fixed length")
    return keras.Model(model.inputs, output).predict_on_batch(np.asarray(images))


def readable_maps(model: keras.Model) -> list[str]:
    """Return the names of the steps whose maps `feature_maps` returns.

    Layers of a nested model have no map here, and vectors are not maps.
    """
    return [node.name for node in nodes(model) if node.tensor is not None and len(node.shape) == 4]


def wanted_names(own: list[str], names: Sequence[str] | None) -> list[str]:
    """Return the wanted names as a list, by default all; an unknown name raises `KeyError`."""
    if names is None:
        return own
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in own:
            raise KeyError(f"no map {name!r}; the maps are {', '.join(own)}")
    return wanted


def image_batch(model: keras.Model, image: Any) -> tf.Tensor:
    """Return an image as a batch of one for a model; it must be of the model's size."""
    _, height, width, channels = model.input_shape
    if None in (height, width):
        raise ValueError(
            "the model leaves the size of its images open, so its maps have no sizes either; "
            "build it for one size, such as keras.Input((256, 256, 1))"
        )
    image = checked_image(image, channels)
    if image.shape[:2] != (height, width):
        raise ValueError(
            f"the model takes {size_of((height, width))} pixels, the image has "
            f"{size_of(image.shape)}; cut a window of that size out of it"
        )
    return tf.constant(as_floats(image)[np.newaxis])


def reduced_maps(maps: tf.Tensor, size: int | None) -> tf.Tensor:
    """Return maps of shape (n, h, w, c) with no side longer than `size`, by means."""
    height, width = maps.shape[1:3]
    longer = max(height, width)
    if size is None or longer <= size:
        return maps
    target = [max(1, round(n * size / longer)) for n in (height, width)]
    return tf.image.resize(maps, target, method="area")
