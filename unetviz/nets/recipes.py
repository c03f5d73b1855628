"""How the shipped weights are made: everything that decides their numbers, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import keras

from ..geometry import PAPER, Specification, UNetSpec, trace
from ..labs.made_examples import MadeExamples
from .build import build
from .training import Progress, train_steps

HELD_OUT = 20
"""Made pictures by which a network is judged; half of them of each look."""


@dataclass(frozen=True)
class Recipe:
    """A network and how it is trained with made pictures.

    Attributes
    ----------
    spec : Specification
        The network.
    steps : int
        Steps of Adam.
    learning_rate : float
        At the first step; it falls to 0 along half a cosine.
    batch : int
        Pictures a step.
    seed : int
        Of the first weights and of the pictures.
    border_weight : float
        How much the gaps between cells count in addition, as in `weight_map`.
    reuse : int
        Windows cut from each picture that is drawn.
    words : str
        What it is for.
    """

    spec: Specification
    steps: int
    learning_rate: float
    batch: int = 1
    seed: int = 0
    border_weight: float = 1.0
    reuse: int = 2
    words: str = ""

    def examples(self) -> MadeExamples:
        """Return the pictures that it learns from."""
        shape = self.spec.input_size
        return MadeExamples(
            shape,
            trace(self.spec).check().output_shape[:2],
            batch=self.batch,
            seed=self.seed,
            border_weight=self.border_weight,
            reuse=self.reuse,
        )

    def build(self) -> keras.Model:
        """Return the network with its first weights."""
        return build(self.spec, seed=self.seed)

    def train(self, model: keras.Model) -> Iterator[Progress]:
        """Train a model that `build` returned, yielding after every step."""
        return train_steps(model, self.examples(), self.steps, self.learning_rate)


_CELLS = Recipe(
    PAPER.replace(base_filters=16),
    steps=1000,
    learning_rate=2e-3,
    words="the paper's geometry at a quarter of its channels",
)

RECIPES: dict[str, Recipe] = {
    "cells": _CELLS,
    "cells_no_skip": Recipe(
        _CELLS.spec.replace(merge="none"),
        steps=_CELLS.steps,
        learning_rate=_CELLS.learning_rate,
        words="its twin without skips",
    ),
}
"""Networks whose weights come with the package, by name."""

LIVE = Recipe(
    UNetSpec(input_size=128, depth=3, base_filters=8, padding="same"),
    steps=600,
    learning_rate=4e-3,
    batch=4,
    border_weight=0.0,
    reuse=32,
    words="small enough to learn while one watches",
)
"""The network of the training panel: some 40 ms a step on two cores."""
