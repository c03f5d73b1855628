"""How the shipped weights are made: everything that decides their numbers, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import keras

from ..geometry import PAPER, Specification, UNetSpec, trace
from ..labs.made_examples import MadeExamples
from .build import build
from .training import Progress, train_steps


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
        The largest: it rises over a tenth of the steps, then falls along half a cosine.
    batch : int
        Pictures a step.
    seed : int
        Of the first weights and of the pictures.
    border_weight : float
        How much the gaps between cells count in addition, as in `weight_map`.
    drawn, reuse : int
        Smallest side of the pictures that windows are cut from, in pixels, and windows cut from
        each.
    words : str
        What it is for.
    """

    spec: Specification
    steps: int
    learning_rate: float
    batch: int = 1
    seed: int = 0
    border_weight: float = 1.0
    drawn: int = 512
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
            drawn=self.drawn,
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
    # Without skips it needs a gentler rate and more steps: at its twin's rate the loss stayed at
    # 0.693, that of a coin, for all 400 steps that were tried.
    "cells_no_skip": Recipe(
        _CELLS.spec.replace(merge="none"),
        steps=1500,
        learning_rate=5e-4,
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
