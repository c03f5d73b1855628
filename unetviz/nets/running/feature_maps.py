"""The feature maps of an image, reduced in size before they leave the graph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from unetviz.geometry._checks import integer

from .._tensorflow import keras, tf
from ..reading.model_graph import Node, nodes
from ..reading.plain import plain
from .inputs import image_batch, plain_for, warn_if_constant

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
        A functional model.
    image : array of shape (h, w) or (h, w, c)
        An image of just its size; any, if the model leaves that open. Integers are divided by the
        largest number of their type, unless the model takes integers or rescales them itself.
    names : sequence of str, optional
        Names of the steps whose maps are returned; None for all. Layers of a model inside it are
        called ``outer/inner``.
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
    model = plain_for(model, image)
    warn_if_constant(model)
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
    found = nodes(model)

    def run(images: tf.Tensor) -> dict[str, tf.Tensor]:
        maps = computed(found, {found[0].name: images}, names)
        # The layers of a model in mixed precision make numbers of another kind.
        return {
            name: tf.cast(reduced_maps(maps[name][..., :channels], size), tf.float32)
            for name in names
        }

    if not in_graph(found):
        return run
    signature = tf.TensorSpec((1, *model.input_shape[1:]), tf.float32)
    # A concrete function: TensorFlow warns of functions that are traced again and again.
    return tf.function(run, autograph=False).get_concrete_function(signature)


def computed(
    found: Iterable[Node], known: Mapping[str, tf.Tensor], names: Iterable[str]
) -> dict[str, Any]:
    """Return the wanted maps, computed layer by layer from known ones as in a prediction.

    What lies before a known map is not computed, and each map is let go after the last layer that
    needs it.
    """
    wanted = list(names)
    needed = set(wanted)
    backwards = []
    for node in reversed(list(found)):
        if node.name in needed and node.name not in known:
            needed.update(node.inputs)
            backwards.append(node)
    order = backwards[::-1]
    last_use = {name: node.name for node in order for name in node.inputs}
    maps = dict(known)
    for node in order:
        maps[node.name] = node([maps[name] for name in node.inputs])
        for name in {*node.inputs}.difference(wanted):
            if last_use[name] == node.name:
                del maps[name]
    return {name: maps[name] for name in wanted}


def in_graph(found: Iterable[Node]) -> bool:
    """Whether the names of all layers are allowed in a graph of TensorFlow."""
    # TensorFlow names operations of a graph after layers, and many characters are not allowed.
    return all(GRAPH_NAME.fullmatch(node.layer.name) for node in found)


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
        If there is no such layer, or its output is not a vector.
    """
    model = plain(model)
    names = [node.name for node in nodes(model)]
    if name not in names:
        raise ValueError(f"no layer {name!r}; the layers are {', '.join(names)}")
    output = nodes(model)[names.index(name)].tensor
    if len(output.shape) != 2:
        raise ValueError(f"layer {name!r} returns {output.shape}, not a vector of fixed length")
    return keras.Model(model.inputs[0], output).predict_on_batch(np.asarray(images))


def readable_maps(model: keras.Model) -> list[str]:
    """Return the names of the steps whose maps `feature_maps` returns.

    Those of a model inside it are called ``outer/inner``; vectors are not maps.
    """
    return [node.name for node in nodes(model) if len(node.shape) == 4]


def wanted_names(own: list[str], names: Sequence[str] | None) -> list[str]:
    """Return the wanted names as a list, by default all; an unknown name raises `KeyError`."""
    if names is None:
        return own
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in own:
            raise KeyError(f"no map {name!r}; the maps are {', '.join(own)}")
    return wanted


def reduced_maps(maps: tf.Tensor, size: int | None) -> tf.Tensor:
    """Return maps of shape (n, h, w, c) with no side longer than `size`, by means."""
    height, width = maps.shape[1:3]
    longer = max(height, width)
    if size is None or longer <= size:
        return maps
    target = [max(1, round(n * size / longer)) for n in (height, width)]
    return tf.image.resize(maps, target, method="area")
