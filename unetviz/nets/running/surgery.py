"""Skip surgery: a forward pass in which the inputs of joins are replaced by other maps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unetviz.geometry._checks import choice, integer
from unetviz.geometry.box import Box
from unetviz.geometry.joins import Join, find_joins
from unetviz.geometry.ops import size_of
from unetviz.geometry.trace import Trace
from unetviz.labs.images.arrays import cut_window

from .._tensorflow import keras, tf
from ..reading.model_graph import nodes
from ..reading.trace_model import trace_model
from .feature_maps import computed
from .inputs import at_size, check_weights, image_batch

CHANGES = ("keep", "zero", "shuffle", "shift", "other")
"""What can be done to a map: nothing, zeros, shuffled pixels, a shift, another image's map."""
INPUTS = ("skip", "below")
"""The inputs of a join: the map of the skip, and the map that comes from the level below."""


@dataclass(frozen=True)
class SkipChange:
    """A change of one input of a join before it is merged; a wrong value raises `ValueError`.

    Attributes
    ----------
    kind : str
        ``"keep"`` leaves the map, ``"zero"`` replaces it by zeros, ``"shuffle"`` puts its pixels in
        a random order, all channels of a pixel together, ``"shift"`` moves it, ``"other"`` takes
        the map that the network computes for another image.
    rows, columns : int
        How far ``"shift"`` moves the map down and to the right, in pixels of this map; negative for
        up and left. The pixels that become free are zeros.
    seed : int
        At least 0; the same seed shuffles maps of one size in the same order.
    of : str
        ``"skip"`` for the map of the skip, ``"below"`` for the map that it is merged with.

    See Also
    --------
    SkipSurgery : The network in which it is done.

    Examples
    --------
    >>> SkipChange("shift", rows=2)
    SkipChange(kind='shift', rows=2, columns=0, seed=0, of='skip')
    """

    kind: str = "keep"
    rows: int = 0
    columns: int = 0
    seed: int = 0
    of: str = "skip"

    def __post_init__(self) -> None:
        choice("kind", self.kind, CHANGES)
        choice("of", self.of, INPUTS)
        for field, low in (("rows", None), ("columns", None), ("seed", 0)):
            object.__setattr__(self, field, integer(field, getattr(self, field), low))


class SkipSurgery:
    """A network whose joins can be given other maps: a skip left out, or all but the skip.

    It runs through the layers of the network itself, with its weights as they are at each call.
    The scores that an FCN adds are joins like any other.

    Parameters
    ----------
    model : keras.Model
        A functional model that merges encoder and decoder once a level.
    input_size : int or (int, int), optional
        Height and width, in pixels, for a model that leaves them open.

    Attributes
    ----------
    trace : Trace
        Its steps.
    levels : dict of int to str
        The step that merges the skip of each level, the finest level first.
    joins : dict of int to Join
        The same with the steps whose maps are merged, in the order of computation.
    shapes : dict of int to (int, int, int)
        Height, width and channels of the map of each skip, after its crop.

    Raises
    ------
    TypeError, ValueError
        If it is not such a model; the message says what is missing.

    See Also
    --------
    SkipChange : What can be done to a skip.
    """

    def __init__(self, model: keras.Model, input_size: int | Sequence[int] | None = None):
        model = at_size(model, input_size)
        check_weights(model)
        self.trace = trace_model(model)
        self.joins = _joins(self.trace)
        self.levels = {level: self.joins[level].step.name for level in sorted(self.joins)}
        after = _downstream(self.trace, self.levels.values())
        for level, join in self.joins.items():
            _check_skip(self.trace, after, level, join)
        skips = {level: self.joins[level].skips[0] for level in self.levels}
        self.shapes = {level: self.trace[skip].out_shape for level, skip in skips.items()}
        self._cut = tuple(
            sorted({name for step in after for name in self.trace[step].inputs} - after)
        )
        self._model, self._nodes = model, nodes(model)
        self._compiled: dict[tuple[frozenset[str], tuple[str, ...]], Any] = {}

    def predict(
        self, image: Any, changes: Mapping[int, SkipChange] | None = None, other: Any = None
    ) -> np.ndarray:
        """Return the output of the network with changed skips.

        Parameters
        ----------
        image : array of shape (h, w) or (h, w, c)
            An image of the model's size. Integers are divided by the largest number of their type.
        changes : dict of int to SkipChange, optional
            The change at each level; other levels are kept. Without any change the result equals
            ``model.predict_on_batch`` bit for bit.
        other : array of shape (h, w) or (h, w, c), optional
            Another image of that size, for ``"other"``.

        Returns
        -------
        array of shape (h, w, classes), float32

        Raises
        ------
        ValueError
            If there is no such level, a map would be shifted by its whole size or more, or another
            image is needed and not given.
        """
        changes = dict(changes or {})
        self._check(changes, other)
        maps, others = self._start(image), {}
        if any(change.kind == "other" for change in changes.values()):
            others = self._start(other)
        for level, join in self.joins.items():
            change = changes.get(level, SkipChange())
            if change.kind == "keep":
                continue  # so that the way from join to join is not interrupted in vain
            source = others if change.kind == "other" else maps
            for name in join.skips if change.of == "skip" else join.below:
                values = _changed(self._map(source, name)[0].numpy(), change)
                maps[name] = tf.constant(values[np.newaxis])
        return self._map(maps, self._nodes[-1].name)[0].numpy()

    def _start(self, image: Any) -> dict[str, tf.Tensor]:
        """The maps of an image from which all that follows the joins is computed."""
        return self._run({self._nodes[0].name: image_batch(self._model, image)}, self._cut)

    def _map(self, maps: dict[str, tf.Tensor], name: str) -> tf.Tensor:
        """A map, added to those that are known if it is not one of them yet."""
        if name not in maps:
            maps.update(self._run(maps, (name,)))
        return maps[name]

    def _run(self, maps: dict[str, tf.Tensor], wanted: tuple[str, ...]) -> dict[str, tf.Tensor]:
        """Wanted maps from others, by a graph that is kept: it takes long to compile."""
        known = frozenset(maps), wanted
        if known not in self._compiled:
            given = {name: tf.TensorSpec.from_tensor(one) for name, one in maps.items()}
            # A keras.Model that starts at these maps would register itself in the model's layers;
            # if the image itself is one of the maps, Keras could then no longer save the model.
            compute = tf.function(lambda maps: computed(self._nodes, maps, wanted), autograph=False)
            # A concrete function: TensorFlow warns of functions that are traced again and again.
            self._compiled[known] = compute.get_concrete_function(given)
        return self._compiled[known](maps)

    def _check(self, changes: Mapping[int, SkipChange], other: Any) -> None:
        for level, change in changes.items():
            if level not in self.levels:
                raise ValueError(f"no skip at level {level!r}; the levels are {[*self.levels]}")
            if change.kind == "other" and other is None:
                raise ValueError(f'"other" at level {level} needs another image: give other=...')
            sides, by = self.shapes[level][:2], (change.rows, change.columns)
            if change.kind == "shift" and any(abs(b) >= n for b, n in zip(by, sides, strict=True)):
                raise ValueError(
                    f"the map at level {level} has {size_of(sides)} pixels; moved by {by[0]} rows "
                    f"and {by[1]} columns nothing of it would be left: take at most "
                    f"{sides[0] - 1} rows and {sides[1] - 1} columns"
                )


def _changed(values: np.ndarray, change: SkipChange) -> np.ndarray:
    """The map of shape (h, w, c) after a change."""
    height, width, channels = values.shape
    if change.kind == "zero":
        return np.zeros_like(values)
    if change.kind == "shuffle":
        pixels = np.random.default_rng(change.seed).permutation(values.reshape(-1, channels))
        return pixels.reshape(values.shape)
    if change.kind == "shift":
        top, left = -change.rows, -change.columns
        return cut_window(values, Box(top, left, top + height, left + width), "zero")
    return values


def _joins(trace: Trace) -> dict[int, Join]:
    """The joins by level, in the order of computation; one skip each, and one join a level."""
    joins: dict[int, Join] = {}
    for join in find_joins(trace):
        level = join.step.level
        if level in joins or len(join.skips) > 1:
            raise ValueError(
                f"this model joins several maps of its encoder at level {level}; skip surgery "
                "takes networks with one skip a level, as the U-Net has"
            )
        joins[level] = join
    if not joins:
        raise ValueError(
            "this model has no skips; take one that joins maps of its encoder with those from "
            'below: a U-Net with merge="concat" or merge="add", or an FCN with stride=16 or 8'
        )
    return joins


def _downstream(trace: Trace, starts: Iterable[str]) -> set[str]:
    """Some steps and all that depend on them."""
    found = set(starts)
    for step in trace:
        if found & set(step.inputs):
            found.add(step.name)
    return found


def _check_skip(trace: Trace, after: set[str], level: int, join: Join) -> None:
    """Refuse a skip whose map is used elsewhere too, after the joins."""
    (skip,) = join.skips
    users = [step.name for step in trace if skip in step.inputs and step.name in after]
    if users != [join.step.name]:
        raise ValueError(
            f"the map {skip!r} of the skip at level {level} goes on in other ways too, so it "
            "cannot be changed for this skip alone"
        )
