"""The training panel: a small network that learns before one's eyes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.charts.training import draw_training
from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import BoxMark
from unetviz.draw.images.colours import SHEET_GAP, coloured, contact_sheet
from unetviz.geometry.box import Box
from unetviz.geometry.ops import size_of
from unetviz.geometry.specs.unet import UNetSpec
from unetviz.geometry.tables.table import Table
from unetviz.geometry.trace import trace
from unetviz.labs.metrics import SegmentationScore
from unetviz.nets.training.live import SCORED_EVERY, LiveTraining, Moment, threshold_score
from unetviz.nets.training.recipes import LIVE, Recipe
from unetviz.nets.training.scoring import predict_image

from ...parts.array_view import ArrayView, placed
from ...parts.controls import number_box, row
from ...parts.long_work import LongWork
from ...parts.panel import Panel
from ...views.u.view import UView

_MASK_ROWS = ("images it has never trained with", "their true masks", "what the network says")
_CURVE_COLUMNS = ("step", "loss", "Dice", "boundary error", "accuracy", "seconds")

_SHOWN = 6
"""Held-out images whose masks are shown."""


class TrainingPanel(Panel):
    """Train a small network, stop it, go on, or begin anew with another seed.

    Parameters
    ----------
    seed : int
        Of the first weights and of the images.
    recipe : Recipe
        Which network, and how it is trained.

    Attributes
    ----------
    training : LiveTraining or None
        The current training.

    Raises
    ------
    ValueError
        If the recipe is not that of a U-Net.
    """

    def __init__(self, seed: int = 0, recipe: Recipe = LIVE):
        if not isinstance(recipe.spec, UNetSpec):
            raise ValueError(f"the panel trains a U-Net, not {recipe.spec!r}; take another recipe")
        self._recipe, self._spec, self._begun = recipe, recipe.spec, 0
        self.training: LiveTraining | None = None
        self.start = ipywidgets.Button(description="Train", layout={"width": "120px"})
        self.anew = ipywidgets.Button(description="Begin anew", layout={"width": "120px"})
        self.seed = number_box("Seed", 10_000, "130px", seed, smallest=0)
        self.work = LongWork()
        self.curves = UView(layout={"max_width": "1000px"})
        self.view = ArrayView(
            label=(
                "Held-out images in columns: the image, its true mask, what the network says, "
                "brighter for likelier."
            )
        )
        controls = row(self.start, self.anew, self.seed, self.work)
        super().__init__([controls, self.curves, self.view])
        self._forget()
        self.start.on_click(self.guarded(self._start))
        self.anew.on_click(self.guarded(self._forget))
        self.seed.observe(self.guarded(self._forget), names="value")

    def _forget(self, _: Any = None) -> None:
        """Give up what is learned, and show how a network would begin."""
        self._begun += 1
        self.work.cancel(tell=False)
        self.training = None
        self._threshold: float | None = None
        self.start.description, self.start.disabled = "Train", False
        self._draw()
        self.say("neutral", [self._begin_words()])

    def _start(self, _: Any = None) -> None:
        self.start.disabled = True
        self.say(
            "neutral",
            [
                "Building the network and its first step; Stop waits until that is done."
                if self.training is None
                else "Training goes on from where it was."
            ],
        )
        begun = self._begun

        def unless_forgotten(act: Callable[..., None]) -> Callable[..., None]:
            """What was given up meanwhile has nothing to say."""
            return self.guarded(lambda *given: act(*given) if self._begun == begun else None)

        self.work.start(
            self._steps(begun),
            unless_forgotten(self._done),
            unless_forgotten(self._stopped),
            unless_forgotten(self._fail),
        )

    def _steps(self, begun: int) -> Iterator[tuple[str, float]]:
        """Build the network if there is none, and train it; no more once it was given up."""
        training = self.training
        if training is None:
            yield "building the first step", 0.0
            training = LiveTraining(self.seed.value, self._recipe)
            threshold = threshold_score(training.images).dice
            with self._lock:  # Begin anew may be clicked in another thread
                if self._begun != begun:
                    return
                self.training, self._threshold = training, threshold
        steps = self._recipe.steps
        told = False
        for moment in training.steps():
            with self._lock:
                if self._begun != begun:
                    return
                if not told:
                    self.say(
                        "neutral",
                        [
                            (
                                "It learns. Curves, scores and masks are drawn anew every {every} "
                                "steps."
                            ).format(every=SCORED_EVERY)
                        ],
                    )
                    told = True
                if moment.score is not None:
                    self._draw()
            yield self._progress_words(moment), moment.step / steps

    def _progress_words(self, moment: Moment) -> str:
        return "step {step} of {steps}, {seconds:.0f} s, loss {loss:.2f}".format(
            step=moment.step, steps=self._recipe.steps, seconds=moment.seconds, loss=moment.loss
        )

    def _done(self) -> None:
        # The last step is scored, so it is drawn already.
        self.start.description = "Go on"
        self.say(
            "good",
            [
                *self._sentences(),
                "All {steps} steps are done. Begin anew, perhaps with another seed.".format(
                    steps=self._recipe.steps
                ),
            ],
        )

    def _stopped(self) -> None:
        self.start.description, self.start.disabled = "Go on", False
        self._draw()
        self.say(
            "warning",
            [
                "Stopped. What is learned so far is kept; Go on continues from here.",
                *self._scored_words(),
            ],
        )

    def _fail(self, error: Exception) -> None:
        if self.training is None or self.training.failed:
            self._forget()
        self.start.disabled = False
        self.start.description = "Go on" if self.training else "Train"
        raise error

    def _history(self) -> list[Moment]:
        return [] if self.training is None else self.training.history

    def _scored(self) -> list[tuple[Moment, SegmentationScore]]:
        """The moments at which it was scored, with their scores."""
        return [(one, one.score) for one in self._history() if one.score is not None]

    def _draw(self) -> None:
        """Show the curves so far, and the masks of a few images."""
        drawing = draw_training(self._history(), self._recipe.steps, self._threshold, None)
        self.curves.show_plain(drawing.svg, drawing.caption)
        if self.training is None:
            self.view.layout.display = "none"
            return
        self._show_masks(self.training)
        self.view.layout.display = None

    def _show_masks(self, training: LiveTraining) -> None:
        """Show images, true masks, and what the network says, in rows."""
        images = training.images[:_SHOWN]
        said = [predict_image(training.model, p.image)[..., -1] for p in images]
        rows = ([p.image for p in images], [p.mask for p in images], said)
        cells = [coloured(np.asarray(one), "grey", (0.0, 1.0)) for line in rows for one in line]
        sheet = contact_sheet(cells, _SHOWN)
        height, width = sheet.shape[:2]
        pitch = (height + SHEET_GAP) // len(rows)
        kinds = ("window", "kept", "tile")
        marks = [
            BoxMark(Box(i * pitch, 0, (i + 1) * pitch - SHEET_GAP, width), kind, text, is_map=False)
            for i, (kind, text) in enumerate(zip(kinds, _MASK_ROWS, strict=True))
        ]
        self.view.show(placed(sheet), marks)

    def _begin_words(self) -> str:
        spec, found = self._spec, trace(self._spec)
        return (
            "A U-Net of {depth} poolings with {filters} filters at its first level, {params} "
            "parameters, {size} pixels in and out: small enough for {steps} steps in about a "
            "minute on two cores. Press Train."
        ).format(
            depth=spec.depth,
            filters=spec.base_filters,
            params=f"{found.params:,}",
            size=size_of(spec.input_size),
            steps=self._recipe.steps,
        )

    def _sentences(self) -> list[str]:
        return self._scored_words() or [self._begin_words()]

    def _scored_words(self) -> list[str]:
        """How good it was when it was scored last; nothing before the first time."""
        scored = self._scored()
        if not scored or self.training is None or self._threshold is None:
            return []
        (last, score), samples = scored[-1], self.training.images
        background = 1 - float(np.mean([sample.mask.mean() for sample in samples]))
        return [
            (
                "After {step} steps and {seconds:.0f} seconds: Dice {dice:.3f} on {count} "
                "validation images, boundary error {error}."
            ).format(
                step=last.step,
                seconds=last.seconds,
                dice=score.dice,
                error=score.boundary_words,
                count=len(samples),
            ),
            (
                "A threshold after smoothing, which learns nothing, reaches {threshold:.2f} "
                "on them; calling every pixel background is right for {background:.0%} of the "
                "pixels, and its Dice is 0."
            ).format(threshold=self._threshold, background=background),
        ]

    def as_markdown(self) -> str:
        """Return the scores so far as a table."""
        rows = tuple(
            (
                str(moment.step),
                f"{moment.loss:.3f}",
                f"{score.dice:.3f}",
                f"{score.boundary_error:.1f}",
                f"{score.accuracy:.3f}",
                f"{moment.seconds:.0f}",
            )
            for moment, score in self._scored()
        )
        words = "\n\n".join(self._sentences())
        if not rows:
            return words
        return f"{words}\n\n{Table(_CURVE_COLUMNS, rows, frozenset(range(6))).as_markdown()}"

    def still(self) -> Drawing | None:
        """Return the masks that are shown now; None before the first step."""
        return None if self.training is None else self.view.still(self._sentences()[0])
