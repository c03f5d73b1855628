"""The loss of a small image, pixel by pixel: scores, probabilities, cross-entropy."""

from __future__ import annotations

import numpy as np

from unetviz.labs.pixel_loss import cross_entropy, explain_pixel

from ...parts.grid_tables import grid_tables
from ...parts.panel import Panel
from ...views.grid.view import Grid, GridView, Link, number_text

_PIXEL_TITLES = ("true label", "loss of each pixel")


class PixelLossExplorer(Panel):
    """Pick a pixel and see how its loss is made.

    Parameters
    ----------
    scores : array of shape (h, w, classes)
        What the network says, before the softmax.
    labels : array of shape (h, w)
        The true class of each pixel, a whole number.
    """

    def __init__(self, scores: np.ndarray, labels: np.ndarray):
        self.losses = cross_entropy(scores, labels)
        self.view = GridView(
            label="Losses of a small image, pixel by pixel. Arrow keys go from pixel to pixel."
        )
        titles = _PIXEL_TITLES
        self._grids = (
            Grid("labels", titles[0], np.asarray(labels), colours="sequential"),
            Grid("losses", titles[1], self.losses.round(2), sign="\u2192", colours="sequential"),
        )
        cells = list(np.ndindex(self.losses.shape))
        same = Link("labels", "losses", {cell: ((cell, ""),) for cell in cells})
        words = [self._words(scores, labels, *cell) for cell in cells]
        self.view.show(self._grids, [same], "losses", words)
        super().__init__([self.view])
        self.describe("neutral", self._sentences())

    def _words(self, scores: np.ndarray, labels: np.ndarray, row: int, column: int) -> str:
        found = explain_pixel(scores, labels, row, column)
        return (
            "row {row}, column {column}: scores {scores}; e to their power: {exponentials}; "
            "by their sum, the probabilities {probabilities}. True label {label}: loss = -log "
            "{probability} = {loss}"
        ).format(
            row=row,
            column=column,
            scores=_listed(found.scores),
            exponentials=_listed(found.exponentials),
            probabilities=_listed(found.probabilities),
            label=found.label,
            probability=_near_one(found.probabilities[found.label]),
            loss=number_text(found.loss),
        )

    def _sentences(self) -> list[str]:
        count, loss = self.losses.size, float(self.losses.mean())
        return [
            "The loss of the image is the mean over its {count} pixels: {loss:.3f}.".format(
                count=count, loss=loss
            ),
            "Labels: 0 nothing, 1 disc, 2 square. The scores stand in the same order.",
        ]

    def as_markdown(self) -> str:
        """Return labels and losses as tables."""
        return f"{grid_tables(self._grids)}\n\n{super().as_markdown()}"


def _near_one(probability: float) -> str:
    """A probability with so many digits that it is not 1 where its loss is not 0."""
    text = number_text(probability)
    return f"{probability:.7g}" if text == "1" else text


def _listed(numbers: tuple[float, ...]) -> str:
    return ", ".join(number_text(number) for number in numbers)
