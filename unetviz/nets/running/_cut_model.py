"""A network cut in two, so that maps can be changed on their way from one part to the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from unetviz.geometry.trace import Trace

from .._tensorflow import keras, tf
from ..reading.model_graph import nodes
from .feature_maps import image_batch


def steps_behind(trace: Trace, starts: Iterable[str]) -> list[str]:
    """Return some steps and all that depend on them, in the order of computation."""
    behind: set[str] = set(starts)
    for step in trace:
        if behind & set(step.inputs):
            behind.add(step.name)
    return [step.name for step in trace if step.name in behind]


class CutModel:
    """A network in two parts: up to the maps that go into some steps, and from these steps on.

    Both are made of the layers of the network itself, with its weights as they are at each call.

    Parameters
    ----------
    model : keras.Model
        A functional model of fixed size.
    trace : Trace
        Its trace.
    starts : iterable of str
        The steps at which the second part begins.

    Raises
    ------
    ValueError
        If a map between the parts is inside a model inside the model.
    """

    def __init__(self, model: keras.Model, trace: Trace, starts: Iterable[str]):
        behind = steps_behind(trace, starts)
        cut = {name: None for step in behind for name in trace[step].inputs if name not in behind}
        if not cut:
            raise ValueError("starts must be steps of the model behind the image, at least one")
        found = {node.name: node for node in nodes(model)}
        for name in cut:
            if found[name].tensor is None:
                raise ValueError(f"step {name!r} is in a model inside the model; it cannot be cut")
        self._model, self._behind = model, [found[name] for name in behind]
        # Wrapped once: a new function each time would be compiled each time.
        self._first = keras.Model(model.inputs, {name: found[name].tensor for name in cut})
        self._second = tf.function(self._from_cut)

    def maps(self, image: Any) -> dict[str, np.ndarray]:
        """Return the maps of an image, of shape (h, w, c), that go on to the second part."""
        found = self._first.predict_on_batch(image_batch(self._model, image))
        return {name: values[0] for name, values in found.items()}

    def finish(self, maps: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return what the second part makes of maps; the output has the shape (h, w, classes)."""
        batch = {name: tf.constant(one[np.newaxis]) for name, one in maps.items()}
        return self._second(batch).numpy()[0]

    def _from_cut(self, maps: dict[str, tf.Tensor]) -> tf.Tensor:
        # A keras.Model that begins at these maps would write itself down in the model's layers, and
        # where the image itself is joined, Keras could not save the model any more.
        maps = dict(maps)
        for node in self._behind:
            given = [maps[name] for name in node.inputs]
            maps[node.name] = node.layer(given if len(given) > 1 else given[0], training=False)
        return maps[self._behind[-1].name]
