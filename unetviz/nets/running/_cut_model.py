"""A network cut in two, so that the maps between the two parts can be changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from unetviz.geometry.trace import Trace

from .._tensorflow import keras, tf
from ..reading.model_graph import nodes
from .feature_maps import image_batch


def downstream_steps(trace: Trace, starts: Iterable[str]) -> list[str]:
    """Return some steps and all that depend on them, in the order of computation."""
    found: set[str] = set(starts)
    for step in trace:
        if found & set(step.inputs):
            found.add(step.name)
    return [step.name for step in trace if step.name in found]


class CutModel:
    """A network in two parts: up to the inputs of some steps, and from these steps on.

    Both use the layers of the network itself, with its weights as they are at each call.

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
        If a map between the parts belongs to a nested model.
    """

    def __init__(self, model: keras.Model, trace: Trace, starts: Iterable[str]):
        second = downstream_steps(trace, starts)
        cut = {name: None for step in second for name in trace[step].inputs if name not in second}
        if not cut:
            raise ValueError("starts must name at least one step of the model other than its input")
        found = {node.name: node for node in nodes(model)}
        for name in cut:
            if found[name].tensor is None:
                raise ValueError(f"step {name!r} is in a model inside the model; it cannot be cut")
        self._model, self._nodes = model, [found[name] for name in second]
        # Wrapped once: a new function would be compiled again at each call.
        self._first = keras.Model(model.inputs, {name: found[name].tensor for name in cut})
        self._second = tf.function(self._from_cut)

    def maps(self, image: Any) -> dict[str, np.ndarray]:
        """Return the maps of an image, of shape (h, w, c), that the second part starts from."""
        found = self._first.predict_on_batch(image_batch(self._model, image))
        return {name: values[0] for name, values in found.items()}

    def finish(self, maps: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the output of the second part for maps; its shape is (h, w, classes)."""
        batch = {name: tf.constant(one[np.newaxis]) for name, one in maps.items()}
        return self._second(batch).numpy()[0]

    def _from_cut(self, maps: dict[str, tf.Tensor]) -> tf.Tensor:
        # A keras.Model that starts at these maps would register itself in the model's layers; if
        # the image itself is one of the maps, Keras could then no longer save the model.
        maps = dict(maps)
        for node in self._nodes:
            given = [maps[name] for name in node.inputs]
            maps[node.name] = node.layer(given if len(given) > 1 else given[0], training=False)
        return maps[self._nodes[-1].name]
