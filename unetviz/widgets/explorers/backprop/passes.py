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

from ... import texts
from ...views.grid.view import Grid, Link, number_text
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
        return texts.BACKWARD_GRID_SCORE.format(
            probability=number_text(probabilities[cell]),
            right=right[cell],
            count=count,
            value=number_text(out[cell]),
        )

    title = texts.BACKWARD_GRID_PROBABILITIES.format(count=count)
    grids = (
        Grid("probabilities", title, probabilities),
        Grid("right", texts.BACKWARD_GRID_RIGHT, right, sign=texts.BACKWARD_GRID_MINUS),
        result(out, texts.BACKWARD_GRID_SCORES),
    )
    links = [
        cell_by_cell("probabilities", "out", np.full(out.shape, 1 / count)),
        cell_by_cell("right", "out", np.full(out.shape, -1 / count)),
    ]
    said = about(out.shape, words, texts.BACKWARD_GRID_SCORE_PLACE)
    return BackwardExample(grids, links, "out", said, texts.RULES["loss"])


def relu_example(random: np.random.Generator) -> BackwardExample:
    """A gate for each number, open where the output is above 0."""
    gradient, outputs = drawn(random, 4, 4), np.maximum(random.integers(-5, 6, (4, 4)), 0)
    out = one_channel(relu_backward, gradient, outputs)

    def words(cell: Cell) -> str:
        pattern = texts.BACKWARD_GRID_OPEN if outputs[cell] else texts.BACKWARD_GRID_SHUT
        return pattern.format(output=outputs[cell], gradient=gradient[cell])

    kept = Grid("kept", texts.BACKWARD_GRID_OUTPUT, outputs, marked=outputs == 0)
    links = [
        cell_by_cell("gradient", "out", (outputs > 0).astype(int)),
        pointed("kept", "out", out.shape),
    ]
    grids = (kept, arriving(gradient), result(out))
    return BackwardExample(grids, links, "out", about(out.shape, words), texts.RULES["relu"])


def dropout_example(random: np.random.Generator) -> BackwardExample:
    """A mask that was drawn on the way forward, and a factor."""
    gradient, kept = drawn(random, 4, 4), random.random((4, 4)) >= _RATE
    out = one_channel(dropout_backward, gradient, kept, rate=_RATE)

    def words(cell: Cell) -> str:
        pattern = texts.BACKWARD_GRID_PASSES if kept[cell] else texts.BACKWARD_GRID_DROPPED
        value = number_text(out[cell])
        return pattern.format(gradient=gradient[cell], rate=_RATE, value=value)

    mask = Grid("kept", texts.BACKWARD_GRID_KEPT, kept.astype(int), marked=~kept)
    links = [
        cell_by_cell("gradient", "out", kept / (1 - _RATE)),
        pointed("kept", "out", out.shape),
    ]
    grids = (mask, arriving(gradient), result(out))
    return BackwardExample(grids, links, "out", about(out.shape, words), texts.RULES["dropout"])


def concatenation_example(random: np.random.Generator) -> BackwardExample:
    """Four pixels: a row each, with the channels of the skip and of the map from below."""
    gradient, of_skip = drawn(random, 4, 5), int(random.integers(2, 4))
    parts = concatenation_backward(gradient[:, np.newaxis], (of_skip, 5 - of_skip))
    named = dict(zip(texts.BACKWARD_GRID_PARTS, (part[:, 0] for part in parts), strict=True))

    def words(cell: Cell) -> str:
        name, start = ("skip", 0) if cell[1] < of_skip else ("below", of_skip)
        pattern, channel = texts.BACKWARD_GRID_SPLIT[name], cell[1] - start
        return pattern.format(value=gradient[cell], channel=channel)

    links = [
        Link("gradient", name, {(i, j): (((i, j + start), 1),) for i, j in np.ndindex(part.shape)})
        for (name, part), start in zip(named.items(), (0, of_skip), strict=True)
    ]
    grids = (arriving(gradient, texts.BACKWARD_GRID_CHANNELS), *_results(named))
    said = about(gradient.shape, words, texts.BACKWARD_GRID_ENTRY)
    return BackwardExample(grids, links, "gradient", said, texts.RULES["concat"])


def addition_example(random: np.random.Generator) -> BackwardExample:
    """One gradient, and twice the same."""
    gradient = drawn(random, 3, 3)
    parts = addition_backward(gradient[..., np.newaxis])
    named = dict(zip(texts.BACKWARD_GRID_PARTS, (part[..., 0] for part in parts), strict=True))
    links = [cell_by_cell("gradient", name, np.ones((3, 3), int)) for name in named]
    said = about(gradient.shape, lambda cell: texts.BACKWARD_GRID_BOTH.format(value=gradient[cell]))
    grids = (arriving(gradient), *_results(named))
    return BackwardExample(grids, links, "gradient", said, texts.RULES["add"])


def _results(named: dict[str, np.ndarray]) -> list[Grid]:
    """The gradients of both inputs, the first behind an arrow."""
    signs = (texts.BACKWARD_GRID_ARROW, "")
    return [
        result(part, texts.BACKWARD_GRID_PARTS[name], name, sign)
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
        pattern = texts.BACKWARD_GRID_CUT if cut[cell] else texts.BACKWARD_GRID_LEFT
        return pattern.format(value=number_text(out[cell]))

    link = Link(
        "gradient",
        "out",
        {(top + i, left + j): (((i, j), 1),) for i, j in np.ndindex(gradient.shape)},
    )
    grids = (arriving(gradient), result(out, texts.BACKWARD_GRID_PADDED, marked=cut))
    return BackwardExample(grids, [link], "out", about(out.shape, words), texts.RULES["crop"])


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
            pattern = texts.BACKWARD_GRID_LARGEST if alone else texts.BACKWARD_GRID_FIRST
        else:
            equal = number == largest
            pattern = texts.BACKWARD_GRID_LATER if equal else texts.BACKWARD_GRID_SMALLER
        return pattern.format(number=number, largest=largest, gradient=gradient[window])

    links = [
        Link("gradient", "out", {c: ((window_of(c), int(won[c])),) for c in np.ndindex(out.shape)}),
        pointed("kept", "out", out.shape),
    ]
    kept = Grid("kept", texts.BACKWARD_GRID_POOLED, maps, marked=won)
    grids = (kept, arriving(gradient), result(out))
    return BackwardExample(grids, links, "out", about(out.shape, words), texts.RULES["pool"])
