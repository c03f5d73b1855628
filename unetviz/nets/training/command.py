"""``python -m unetviz train``: make the shipped weights again, or others."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from unetviz.geometry._checks import integer
from unetviz.geometry.ops import size_of
from unetviz.geometry.trace import trace
from unetviz.labs.metrics import SegmentationScore
from unetviz.labs.synthetic.cells import LOOKS
from unetviz.labs.synthetic.examples import validation_images

from .._tensorflow import keras, tf
from .pretrained import in_half_precision, save_pretrained
from .recipes import RECIPES, Recipe
from .scoring import score_model

VALIDATION_COUNT = 20
"""Synthetic images on which a network is evaluated; the looks take turns."""


@dataclass(frozen=True)
class TrainingResult:
    """The outcome of one training.

    Attributes
    ----------
    file : Path
        The file of the weights.
    scores : dict of str to SegmentationScore
        Mean over the validation images of each look, with the weights as they were written.
    """

    file: Path
    scores: dict[str, SegmentationScore]


def train_and_save(
    name: str, folder: str | Path, steps: int | None = None, seed: int | None = None
) -> TrainingResult:
    """Train a network by its recipe, with a progress bar, and write its weights and its card.

    Parameters
    ----------
    name : str
        One of `RECIPES`.
    folder : str or path
        Existing folder for the files.
    steps, seed : int, optional
        Instead of those of the recipe.

    Raises
    ------
    ValueError
        If there is no such recipe.
    NotADirectoryError
        If there is no such folder.
    """
    if name not in RECIPES:
        raise ValueError(f"there is no network {name!r}; there are {', '.join(sorted(RECIPES))}")
    folder = Path(folder)
    if not folder.is_dir():
        raise NotADirectoryError(f"there is no folder {str(folder)!r}; make it first")
    recipe = RECIPES[name]
    recipe = replace(
        recipe,
        steps=recipe.steps if steps is None else integer("steps", steps, 1),
        seed=recipe.seed if seed is None else integer("seed", seed, 0),
    )
    model = recipe.build()
    started = time.monotonic()
    for progress in (bar := tqdm(recipe.train(model), name, recipe.steps, unit="step")):
        bar.set_postfix(loss=f"{progress.loss:.3f}", refresh=False)
    minutes = (time.monotonic() - started) / 60
    # Evaluated as it will be used: with weights in half precision.
    model.set_weights([in_half_precision(weights) for weights in model.get_weights()])
    scores = scores_by_look(model)
    file = save_pretrained(model, name, _card(recipe, minutes, scores), folder)
    return TrainingResult(file, scores)


def scores_by_look(
    model: keras.Model, count: int = VALIDATION_COUNT
) -> dict[str, SegmentationScore]:
    """Return the mean score of a model on synthetic validation images, for each look.

    Parameters
    ----------
    model : keras.Model
        A network for grey images.
    count : int
        How many images; the looks take turns.
    """
    images = validation_images(model.input_shape[1:3], count)
    return {look: score_model(model, images[i :: len(LOOKS)]) for i, look in enumerate(LOOKS)}


def _card(recipe: Recipe, minutes: float, scores: dict[str, SegmentationScore]) -> dict[str, Any]:
    found = trace(recipe.spec)
    card: dict[str, Any] = {
        "what": recipe.words,
        "network": repr(recipe.spec),
        "sizes": f"{size_of(recipe.spec.input_size)} in, {size_of(found.steps[-1].out_shape)} out",
        "parameters": found.params,
        "data": f"synthetic images of the looks {' and '.join(LOOKS)}, in turn, mirrored at random",
        "loss": f"-log p(right class), border weight {recipe.border_weight:g}, sigma 5",
        "training": f"{recipe.steps:,} steps of Adam, images a step: {recipe.batch}; the "
        f"learning rate rises to {recipe.learning_rate:g} over a tenth of them, then falls to 0",
        "seed": recipe.seed,
        "minutes": round(minutes, 1),
        "versions": f"Keras {keras.__version__}, TensorFlow {tf.__version__}",
    }
    for look, score in scores.items():
        card[f"held-out {look}"] = f"Dice {score.dice:.3f}, boundary error {score.boundary_words}"
    return card
