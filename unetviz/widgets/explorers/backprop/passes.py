"""Small examples of steps that pass gradients on as they are, or not at all; and of the loss."""

from __future__ import annotations

import numpy as np

from unetviz.labs.backprop.loss import scores_backward
from unetviz.labs.backprop.steps import (
    addition_backward,
    concatenation_backward,
    crop_backward,
    dropout_backward,
    pooling_backward,
    relu_backward,
)

from ...views.grid.view import Grid, Link, number_text
from ._rules import RULES
from .example import (
    BackwardExample,
    Cell,
    about,
    arriving,
    cell_by_cell,
    drawn,
    one_channel,
    pointed,
    result,
)

_BACKWARD_GRID_ENTRY = "Pixel {row}, channel {column}: "
_BACKWARD_GRID_PARTS = {"skip": "gradient of the skip", "below": "gradient of the map from below"}
_BACKWARD_GRID_SPLIT = {
    "skip": "{value} goes back to the skip, whose channel {channel} this is.",
    "below": "{value} goes back to the map from below, whose channel {channel} this is.",
}

_RATE = 0.5
_WINDOW = 2


def loss_example(random: np.random.Generator) -> BackwardExample:
    """Five pixels and three classes: probabilities minus ones, divided by five."""
    count, classes = 5, 3
    tenths = 1 + random.multinomial(10 - classes, [1 / classes] * classes, count)
    labels = random.integers(0, classes, count)
    probabilities, right = tenths / 10, np.eye(classes, dtype=int)[labels]
    out = scores_backward(probabilities[:, np.newaxis], labels[:, np.newaxis])[:, 0]

    def words(cell: Cell) -> str:
        return "({probability} - {right}) / {count} = {value}.".format(
            probability=number_text(probabilities[cell]),
            right=right[cell],
            count=count,
            value=number_text(out[cell]),
        )

    title = "probabilities (rows: {count} pixels)".format(count=count)
    grids = (
        Grid("probabilities", title, probabilities),
        Grid("right", "1 for the right class", right, sign="-"),
        result(out, "gradient of the scores"),
    )
    links = [
        cell_by_cell("probabilities", "out", np.full(out.shape, 1 / count)),
        cell_by_cell("right", "out", np.full(out.shape, -1 / count)),
    ]
    said = about(out.shape, words, "Pixel {row}, class {column}: ")
    return BackwardExample(grids, links, "out", said, RULES["loss"])


def relu_example(random: np.random.Generator) -> BackwardExample:
    """A gate for each number, open where the output is above 0."""
    gradient, outputs = drawn(random, 4, 4), np.maximum(random.integers(-5, 6, (4, 4)), 0)
    out = one_channel(relu_backward, gradient, outputs)

    def words(cell: Cell) -> str:
        pattern = (
            "the output is {output}, so the gate is open: {gradient} passes."
            if outputs[cell]
            else "the output is 0, so the gate is shut: {gradient} becomes 0."
        )
        return pattern.format(output=outputs[cell], gradient=gradient[cell])

    kept = Grid("kept", "its output (dashed: 0)", outputs, marked=outputs == 0)
    links = [
        cell_by_cell("gradient", "out", (outputs > 0).astype(int)),
        pointed("kept", "out", out.shape),
    ]
    grids = (kept, arriving(gradient), result(out))
    return BackwardExample(grids, links, "out", about(out.shape, words), RULES["relu"])


def dropout_example(random: np.random.Generator) -> BackwardExample:
    """A mask that was drawn on the way forward, and a factor."""
    gradient, kept = drawn(random, 4, 4), random.random((4, 4)) >= _RATE
    out = one_channel(dropout_backward, gradient, kept, rate=_RATE)

    def words(cell: Cell) -> str:
        pattern = (
            "it was kept: {gradient} / (1 - {rate}) = {value}."
            if kept[cell]
            else "it was dropped: {gradient} becomes 0."
        )
        value = number_text(out[cell])
        return pattern.format(gradient=gradient[cell], rate=_RATE, value=value)

    mask = Grid("kept", "1: kept (dashed: dropped)", kept.astype(int), marked=~kept)
    links = [
        cell_by_cell("gradient", "out", kept / (1 - _RATE)),
        pointed("kept", "out", out.shape),
    ]
    grids = (mask, arriving(gradient), result(out))
    return BackwardExample(grids, links, "out", about(out.shape, words), RULES["dropout"])


def concatenation_example(random: np.random.Generator) -> BackwardExample:
    """Four pixels: a row each, with the channels of the skip and of the map from below."""
    gradient, of_skip = drawn(random, 4, 5), int(random.integers(2, 4))
    parts = concatenation_backward(gradient[:, np.newaxis], (of_skip, 5 - of_skip))
    named = dict(zip(_BACKWARD_GRID_PARTS, (part[:, 0] for part in parts), strict=True))

    def words(cell: Cell) -> str:
        name, start = ("skip", 0) if cell[1] < of_skip else ("below", of_skip)
        pattern, channel = _BACKWARD_GRID_SPLIT[name], cell[1] - start
        return pattern.format(value=gradient[cell], channel=channel)

    links = [
        Link("gradient", name, {(i, j): (((i, j + start), 1),) for i, j in np.ndindex(part.shape)})
        for (name, part), start in zip(named.items(), (0, of_skip), strict=True)
    ]
    grids = (
        arriving(gradient, "gradient of its output (rows: pixels, columns: channels)"),
        *_results(named),
    )
    said = about(gradient.shape, words, _BACKWARD_GRID_ENTRY)
    return BackwardExample(grids, links, "gradient", said, RULES["concat"])


def addition_example(random: np.random.Generator) -> BackwardExample:
    """One gradient, and twice the same."""
    gradient = drawn(random, 3, 3)
    parts = addition_backward(gradient[..., np.newaxis])
    named = dict(zip(_BACKWARD_GRID_PARTS, (part[..., 0] for part in parts), strict=True))
    links = [cell_by_cell("gradient", name, np.ones((3, 3), int)) for name in named]
    said = about(
        gradient.shape,
        lambda cell: "{value} goes back to both, unchanged.".format(value=gradient[cell]),
    )
    grids = (arriving(gradient), *_results(named))
    return BackwardExample(grids, links, "gradient", said, RULES["add"])


def _results(named: dict[str, np.ndarray]) -> list[Grid]:
    """The gradients of both inputs, the first behind an arrow."""
    signs = ("\u2192", "")
    return [
        result(part, _BACKWARD_GRID_PARTS[name], name, sign)
        for (name, part), sign in zip(named.items(), signs, strict=True)
    ]


def crop_example(random: np.random.Generator) -> BackwardExample:
    """Zeros around a gradient; of an odd number the smaller half at the top and left."""
    gradient = drawn(random, 3, 3)
    rows, columns = random.integers(2, 4, 2).tolist()
    top, left = rows // 2, columns // 2
    out = one_channel(crop_backward, gradient, amounts=((top, rows - top), (left, columns - left)))
    cut = np.ones(out.shape, bool)
    cut[top : top + 3, left : left + 3] = False

    def words(cell: Cell) -> str:
        pattern = (
            "it was cut off: 0."
            if cut[cell]
            else "it was kept and gets its gradient back, {value}."
        )
        return pattern.format(value=number_text(out[cell]))

    link = Link(
        "gradient",
        "out",
        {(top + i, left + j): (((i, j), 1),) for i, j in np.ndindex(gradient.shape)},
    )
    grids = (arriving(gradient), result(out, "gradient of its input (dashed: cut off)", marked=cut))
    return BackwardExample(grids, [link], "out", about(out.shape, words), RULES["crop"])


def pooling_example(random: np.random.Generator) -> BackwardExample:
    """Each window's gradient goes to the cell that won."""
    maps, gradient = random.integers(0, 10, (4, 4)), drawn(random, 2, 2)
    out = one_channel(pooling_backward, maps, gradient, window=_WINDOW)
    # Where a gradient of ones arrives.
    won = one_channel(pooling_backward, maps, np.ones((2, 2)), window=_WINDOW) > 0

    def window_of(cell: Cell) -> Cell:
        return cell[0] // _WINDOW, cell[1] // _WINDOW

    def words(cell: Cell) -> str:
        window = window_of(cell)
        mates = maps[tuple(slice(n * _WINDOW, (n + 1) * _WINDOW) for n in window)]
        largest, number = mates.max(), maps[cell]
        if won[cell]:
            alone = (mates == largest).sum() == 1
            pattern = (
                "{number} was the largest of its window and gets the whole gradient, {gradient}."
                if alone
                else (
                    "{number} was the largest of its window, of equal ones the first, and "
                    "gets the whole gradient, {gradient}."
                )
            )
        else:
            equal = number == largest
            pattern = (
                "{number} is as large as the largest of its window, but not the first: 0."
                if equal
                else "the largest of its window was {largest}, not this {number}: 0."
            )
        return pattern.format(number=number, largest=largest, gradient=gradient[window])

    links = [
        Link("gradient", "out", {c: ((window_of(c), int(won[c])),) for c in np.ndindex(out.shape)}),
        pointed("kept", "out", out.shape),
    ]
    kept = Grid("kept", "its input (dashed: largest)", maps, marked=won)
    grids = (kept, arriving(gradient), result(out))
    return BackwardExample(grids, links, "out", about(out.shape, words), RULES["pool"])
