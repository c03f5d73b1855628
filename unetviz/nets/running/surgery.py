"""Skip surgery: a forward pass in which the map of a skip is replaced by another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from unetviz.geometry._checks import choice, integer
from unetviz.geometry.box import Box
from unetviz.geometry.ops import size_of
from unetviz.geometry.trace import Trace
from unetviz.labs.images.arrays import cut_window

from .._tensorflow import keras
from ..reading.trace_model import trace_model
from ._cut_model import CutModel, downstream_steps

CHANGES = ("keep", "zero", "shuffle", "shift", "other")
"""What can be done to a skip: nothing, zeros, shuffled pixels, a shift, another image's map."""


@dataclass(frozen=True)
class SkipChange:
    """A change of the map of a skip before it is merged; a wrong value raises `ValueError`.

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

    See Also
    --------
    SkipSurgery : The network in which it is done.

    Examples
    --------
    >>> SkipChange("shift", rows=2)
    SkipChange(kind='shift', rows=2, columns=0, seed=0)
    """

    kind: str = "keep"
    rows: int = 0
    columns: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        choice("kind", self.kind, CHANGES)
        for field, low in (("rows", None), ("columns", None), ("seed", 0)):
            object.__setattr__(self, field, integer(field, getattr(self, field), low))


class SkipSurgery:
    """A network cut in two where its skips are merged, so that their maps can be changed.

    Both parts use the layers of the network itself, with its weights as they are at each call.

    Parameters
    ----------
    model : keras.Model
        A functional model of fixed size that merges encoder and decoder once a level.

    Attributes
    ----------
    trace : Trace
        Its steps.
    levels : dict of int to str
        The step that merges the skip of each level, the finest level first.
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

    def __init__(self, model: keras.Model):
        self.trace = trace_model(model)
        joins = _joins(self.trace)
        self.levels = {level: join for level, (join, _) in joins.items()}
        self._skips = {level: skip for level, (_, skip) in joins.items()}
        self.shapes = {level: self.trace[skip].out_shape for level, skip in self._skips.items()}
        _check_joins(self.trace, joins)
        self._cut = CutModel(model, self.trace, self.levels.values())

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
        maps, others = self._cut.maps(image), {}
        if any(change.kind == "other" for change in changes.values()):
            others = self._cut.maps(other)
        for level, change in changes.items():
            name = self._skips[level]
            source = others if change.kind == "other" else maps
            maps[name] = _changed(source[name], change)
        return self._cut.finish(maps)

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


def _joins(trace: Trace) -> dict[int, tuple[str, str]]:
    """By level the step that merges a skip, and the map of the skip that is its input."""
    below: set[str] = set()
    joins: dict[int, tuple[str, str]] = {}
    for step in trace:
        if step.side == "bottleneck" or below & set(step.inputs):
            below.add(step.name)
        direct = [name for name in step.inputs if name not in below]
        if step.kind not in ("concat", "add") or not direct or len(direct) == len(step.inputs):
            continue
        if step.level in joins or len(direct) > 1:
            raise ValueError(
                f"this model joins several maps of its encoder at level {step.level}; skip surgery "
                "takes networks with one skip a level, as the U-Net has"
            )
        joins[step.level] = step.name, direct[0]
    if not joins:
        raise ValueError(
            "this model has no skips; take one that joins maps of its encoder with those from "
            'below, such as merge="concat" or merge="add"'
        )
    return dict(sorted(joins.items()))


def _check_joins(trace: Trace, joins: Mapping[int, tuple[str, str]]) -> None:
    """Refuse skips whose map is used elsewhere too, or depends on another merge."""
    second = downstream_steps(trace, [join for join, _ in joins.values()])
    for level, (join, skip) in joins.items():
        users = [step.name for step in trace if skip in step.inputs and step.name in second]
        if skip in second or users != [join]:
            raise ValueError(
                f"the map {skip!r} of the skip at level {level} goes on in other ways too, so it "
                "cannot be changed for this skip alone"
            )
