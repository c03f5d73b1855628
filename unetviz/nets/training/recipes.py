"""How the shipped weights are made: everything that decides their numbers, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unetviz.geometry.graph import Specification
from unetviz.geometry.specs.ablation import ABLATION
from unetviz.geometry.specs.unet import PAPER, UNetSpec
from unetviz.geometry.trace import trace
from unetviz.labs.synthetic.examples import SyntheticExamples

from .._tensorflow import keras
from ..build import build
from .steps import Progress, train_steps


@dataclass(frozen=True)
class Recipe:
    """A network and how it is trained with synthetic images.

    Attributes
    ----------
    spec : Specification
        The network.
    steps : int
        Steps of Adam.
    learning_rate : float
        The largest: it rises over a tenth of the steps, then falls along half a cosine.
    batch : int
        Images a step.
    seed : int
        Of the first weights and of the images.
    border_weight : float
        How much the gaps between cells count in addition, as in `weight_map`.
    drawn, reuse : int
        Smallest side of the images that windows are cut from, in pixels, and windows cut from
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

    def examples(self) -> SyntheticExamples:
        """Return the images that it learns from."""
        shape = self.spec.input_size
        return SyntheticExamples(
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

_WORDS = {
    "fcn_32s": "an FCN: coarse scores, up-sampled 32 times at once",
    "fcn_16s": "an FCN with one skip, added",
    "fcn_8s": "an FCN with two skips, added",
    "unet_add": "a U-Net whose skips are added, with zero padding, up-sampled by copies",
    "unet_concat": "the same, its skips concatenated",
    "unet_transposed": "the same, with up-convolutions",
    "unet_valid": "the same without padding: the paper's geometry",
}

_SIDE_WITHOUT_PADDING = 444
"""Size that fits the network without padding; it returns 260 pixels, a little more than an image
of the others has."""


def _ablation_step(name: str, spec: Specification) -> Recipe:
    """The same steps, rate, images and loss for each network of the row."""
    fits = not trace(spec).warnings
    return Recipe(
        spec if fits else spec.replace(input_size=_SIDE_WITHOUT_PADDING),
        steps=600,
        learning_rate=2e-3,
        batch=4,
        border_weight=0.0,
        reuse=16,
        words=_WORDS[name],
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
    **{name: _ablation_step(name, spec) for name, spec in ABLATION.items()},
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
"""The network of the training panel: about a tenth of a second a step on two cores."""
