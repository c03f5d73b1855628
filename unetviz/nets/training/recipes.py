"""Recipes of the shipped weights: everything that decides their numbers, in one place."""

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
        Number of steps of Adam.
    learning_rate : float
        The largest learning rate: it rises over a tenth of the steps, then falls along half a
        cosine.
    batch : int
        Images in each step.
    seed : int
        Seed of the first weights and of the images.
    border_weight : float
        Extra weight of the gaps between cells in the loss, as in `weight_map`.
    drawn, reuse : int
        Smallest side in pixels of the synthetic images that windows are cut from, and number of
        windows cut from each.
    words : str
        What the network is, for its card.
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
            trace(self.spec).check().steps[-1].out_shape[:2],
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
    "unet_add": "a U-Net whose skips are added, with zero padding and nearest up-sampling",
    "unet_concat": "the same, its skips concatenated",
    "unet_transposed": "the same, with up-convolutions",
    "unet_valid": "the same without padding: the paper's geometry",
}

_SIDE_WITHOUT_PADDING = 444
"""Size that fits the network without padding: its output of 260 pixels covers the 256 pixels of the
other networks' images."""


def _ablation_step(name: str, spec: Specification) -> Recipe:
    """The same steps, learning rate, images and loss for each network of the ablation."""
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
    # Without skips it needs a lower learning rate and more steps: with that of "cells" the loss
    # stayed at ln 2 = 0.693, which is guessing, for all 400 steps that were tried.
    "cells_no_skip": Recipe(
        _CELLS.spec.replace(merge="none"),
        steps=1500,
        learning_rate=5e-4,
        words="the same network without skips",
    ),
    **{name: _ablation_step(name, spec) for name, spec in ABLATION.items()},
}
"""Networks whose weights come with the package, by name."""

LIVE = Recipe(
    UNetSpec(input_size=(128, 128), depth=3, base_filters=8, padding="same"),
    steps=600,
    learning_rate=4e-3,
    batch=4,
    border_weight=0.0,
    reuse=32,
    words="small enough to learn while one watches",
)
"""The network of the training panel: a step takes about 0.1 s on two cores."""
