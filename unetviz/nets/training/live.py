"""A training to watch: its steps, its scores, its clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from unetviz.geometry._checks import integer
from unetviz.labs.detection import otsu_mask
from unetviz.labs.metrics import SegmentationScore, evaluate, mean_score
from unetviz.labs.synthetic.cells import SyntheticImage
from unetviz.labs.synthetic.examples import validation_images

from .recipes import LIVE, Recipe
from .scoring import score_model

_EVALUATED = 24
"""Validation images on which it is evaluated: enough for a steady mean, few enough for a second."""
SCORED_EVERY = 25
"""Steps between two scores."""


@dataclass(frozen=True)
class Moment:
    """One step of a training.

    Attributes
    ----------
    step : int
        Steps done.
    loss : float
        Of the images of this step.
    seconds : float
        Time since the start, without pauses.
    score : SegmentationScore or None
        Mean over the validation images; None at most steps.
    """

    step: int
    loss: float
    seconds: float
    score: SegmentationScore | None = None


class LiveTraining:
    """A training that can be paused and continued.

    Parameters
    ----------
    seed : int
        Seed of the first weights and of the images.
    recipe : Recipe
        The network, and how it is trained.

    Attributes
    ----------
    model : keras.Model
        The network, trained so far.
    history : list of Moment
        Every step so far.
    images : list of SyntheticImage
        The validation images.
    failed : bool
        Whether a step failed; such a training cannot be continued.

    See Also
    --------
    train_steps : The steps alone, for any model and images.
    threshold_score : What can be reached without learning.
    """

    def __init__(self, seed: int = 0, recipe: Recipe = LIVE):
        self.recipe = replace(recipe, seed=integer("seed", seed, 0))
        self.history: list[Moment] = []
        self._started = time.monotonic()
        self.model = self.recipe.build()
        self.images = validation_images(self.recipe.spec.input_size, _EVALUATED)
        self._steps = self.recipe.train(self.model)
        self.failed = False

    def steps(self, count: int | None = None) -> Iterator[Moment]:
        """Train, yielding after every step; the last one is scored.

        Parameters
        ----------
        count : int, optional
            Steps at most; None for all that are left of the recipe.

        Yields
        ------
        Moment
            The step that was done.

        Raises
        ------
        RuntimeError
            If a step failed before.
        """
        done = len(self.history)
        last = self.recipe.steps if count is None else min(self.recipe.steps, done + count)
        before = self.history[-1].seconds if self.history else 0.0
        # The first run counts from the creation of the network: a learner waits for that too.
        started = time.monotonic() - before if self.history else self._started
        while done < last:
            loss = self._step()
            done += 1
            # Recorded before it is scored: if scoring fails, the step was done all the same.
            self.history.append(Moment(done, loss, time.monotonic() - started))
            if done % SCORED_EVERY == 0 or done == last:
                seconds = time.monotonic() - started
                self.history[-1] = Moment(done, loss, seconds, self.score())
            yield self.history[-1]

    def _step(self) -> float:
        if self.failed:
            raise RuntimeError("a step of this training failed; start over")
        self.failed = True
        loss = next(self._steps).loss
        self.failed = False
        return loss

    def score(self) -> SegmentationScore:
        """Return the mean score over the validation images."""
        return score_model(self.model, self.images)


def threshold_score(samples: list[SyntheticImage]) -> SegmentationScore:
    """Return the score that smoothing and Otsu's threshold reach, without learning.

    Parameters
    ----------
    samples : list of SyntheticImage
        At least one.

    Returns
    -------
    SegmentationScore
        Mean over the images.

    See Also
    --------
    unetviz.labs.otsu_mask : The mask of one image.
    """
    masks = (otsu_mask(sample.image) for sample in samples)
    return mean_score(evaluate(lambda _: next(masks)[..., np.newaxis].astype(float), samples))
