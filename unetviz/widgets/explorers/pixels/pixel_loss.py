"""The loss of a small image, pixel by pixel: scores, probabilities, cross-entropy."""

from __future__ import annotations

import numpy as np

from unetviz.labs.pixel_loss import cross_entropy, explain_pixel

from ...parts.grid_explorer import GridExample, GridExplorer
from ...views.grid.view import Grid, Link, number_text


class PixelLossExplorer(GridExplorer):
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
        super().__init__(
            lambda: _example(scores, labels, self.losses),
            "Losses of a small image, pixel by pixel. Arrow keys go from pixel to pixel.",
        )


def _example(scores: np.ndarray, labels: np.ndarray, losses: np.ndarray) -> GridExample:
    cells = list(np.ndindex(losses.shape))
    grids = (
        Grid("labels", "true label", np.asarray(labels), colours="sequential"),
        Grid("losses", "loss of each pixel", losses.round(2), "\u2192", colours="sequential"),
    )
    same = Link("labels", "losses", {cell: ((cell, ""),) for cell in cells})
    remarks = [
        "The loss of the image is the mean over its {count} pixels: {loss:.3f}.".format(
            count=losses.size, loss=float(losses.mean())
        ),
        "Labels: 0 nothing, 1 disc, 2 square. The scores stand in the same order.",
    ]
    said = [_words(scores, labels, *cell) for cell in cells]
    return GridExample(grids, [same], said, remarks, "losses")


def _words(scores: np.ndarray, labels: np.ndarray, row: int, column: int) -> str:
    found = explain_pixel(scores, labels, row, column)
    return (
        "row {row}, column {column}: scores {scores}; e to their power: {exponentials}; by their "
        "sum, the probabilities {probabilities}. True label {label}: loss = -log {probability} = "
        "{loss}"
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


def _near_one(probability: float) -> str:
    """A probability with so many digits that it is not 1 where its loss is not 0."""
    text = number_text(probability)
    return f"{probability:.7g}" if text == "1" else text


def _listed(numbers: tuple[float, ...]) -> str:
    return ", ".join(number_text(number) for number in numbers)
