"""A small example with whole numbers of how a gradient goes back through each kind of step.

Each is made of the forward links of the operation itself: the gradient goes back along them, and
they are what links the cells on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from unetviz.geometry import _checks as check
from unetviz.geometry import ops
from unetviz.labs.backprop.links import backward
from unetviz.labs.backprop.loss import scores_backward

from ...parts.grid_explorer import GridExample
from ...views.grid.view import Grid, Link, number_text, weighted_sum
from .small_step import Cell, SmallStep, drawn

EXAMPLE_LABEL = "Small example of a rule, with whole numbers; point at a result"
LOSS_RULE = (
    "Each score gets its probability, minus 1 for the right class, divided by the pixel count."
)
_PLACE, _ENTRY = "Row {row}, column {column}: ", "Pixel {row}, channel {column}: "
_RATE = 0.5

Words = Callable[[Cell], str]
"""What is said of a cell, with places for what `_example` knows of each."""


def _about(shape: tuple[int, ...], words: Words, place: str = _PLACE) -> list[str]:
    """What is said of each cell, after its place."""
    return [place.format(row=i, column=j) + words((i, j)) for i, j in np.ndindex(*shape)]


def _by_mark(marked: np.ndarray, plain: str, dashed: str) -> Words:
    """One of two sentences, by whether a cell has a dashed frame."""
    return lambda cell: dashed if marked[cell] else plain


def _example(
    small: SmallStep,
    grids: Sequence[Grid],
    links: Sequence[Link],
    words: Words = lambda _: "{sum}.",
    place: str = _PLACE,
) -> GridExample:
    """What becomes of a gradient; by default each result is a sum of products."""
    out, gradient, back = small.results[0], small.gradient, small.back().weights
    kept = next((grid.values for grid in grids if grid.name == "kept"), out)

    def said(cell: Cell) -> str:
        products = [(weight, gradient[source]) for source, weight in back.get(cell, ())]
        return words(cell).format(
            arrived=", ".join(number_text(value) for _, value in products),
            kept=number_text(kept[cell]),
            rate=_RATE,
            sum=weighted_sum(products, out[cell]),
            value=number_text(out[cell]),
        )

    return GridExample(grids, links, _about(out.shape, said, place), [small.operation.backward])


def _with_kept(small: SmallStep, kept: Grid, words: Words) -> GridExample:
    """An example of a step that remembers something of the way forward."""
    own = {cell: ((cell, ""),) for cell in np.ndindex(*kept.values.shape)}
    links = [small.back(), Link("kept", "out", own)]
    return _example(small, (kept, small.arriving(), small.result()), links, words)


def _loss(random: np.random.Generator) -> GridExample:
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

    grids = (
        Grid("probabilities", f"probabilities (rows: {count} pixels)", probabilities),
        Grid("right", "1 for the right class", right, sign="-"),
        Grid("out", "gradient of the scores", out, "\u2192", colours="diverging"),
    )
    links = [
        Link(source, "out", {cell: ((cell, weight),) for cell in np.ndindex(*out.shape)})
        for source, weight in (("probabilities", 1 / count), ("right", -1 / count))
    ]
    said = _about(out.shape, words, "Pixel {row}, class {column}: ")
    return GridExample(grids, links, said, [LOSS_RULE])


def _relu(random: np.random.Generator) -> GridExample:
    """A gate for each number, open where the output is above 0."""
    operation = ops.Pointwise("relu", "activation", "ReLU")
    small = SmallStep(operation, (random.integers(-5, 6, (4, 4, 1)),), random)
    outputs = small.output.astype(int)
    words = _by_mark(
        outputs == 0,
        "the output is {kept}, so the gate is open: {arrived} passes.",
        "the output is 0, so the gate is shut: {arrived} becomes 0.",
    )
    kept = Grid("kept", "its output (dashed: 0)", outputs, marked=outputs == 0)
    return _with_kept(small, kept, words)


def _dropout(random: np.random.Generator) -> GridExample:
    """A mask that was drawn on the way forward, and a factor."""
    kept = random.random((4, 4)) >= _RATE
    slopes = (kept / (1 - _RATE))[..., np.newaxis]
    small = SmallStep(ops.Dropout(_RATE), (drawn(random, 4, 4, 1),), random, slopes=slopes)
    words = _by_mark(
        ~kept,
        "it was kept: {arrived} / (1 - {rate}) = {value}.",
        "it was dropped: {arrived} becomes 0.",
    )
    mask = Grid("kept", "1: kept (dashed: dropped)", kept.astype(int), marked=~kept)
    return _with_kept(small, mask, words)


def _pooling(random: np.random.Generator) -> GridExample:
    """Each window's gradient goes to the cell that won."""
    small = SmallStep(ops.MaxPooling(), (random.integers(0, 10, (4, 4, 1)),), random)
    maps, gradient = small.matrix(small.inputs[0]), small.gradient
    back, won = small.back().weights, small.results[0] != 0

    def words(cell: Cell) -> str:
        window, number = back[cell][0][0], maps[cell]
        rivals = [maps[other] for other, parts in back.items() if parts[0][0] == window]
        largest = max(rivals)
        if won[cell] and rivals.count(largest) == 1:
            pattern = (
                "{number} was the largest of its window and gets the whole gradient, {gradient}."
            )
        elif won[cell]:
            pattern = (
                "{number} was the largest of its window, of equal ones the first, and gets the "
                "whole gradient, {gradient}."
            )
        elif number == largest:
            pattern = "{number} is as large as the largest of its window, but not the first: 0."
        else:
            pattern = "the largest of its window was {largest}, not this {number}: 0."
        return pattern.format(number=number, largest=largest, gradient=gradient[window])

    kept = Grid("kept", "its input (dashed: largest)", maps, marked=won)
    return _with_kept(small, kept, words)


def _join(
    small: SmallStep, words: Words, title: str = "gradient of its output", place: str = _PLACE
) -> GridExample:
    """An example of a step with two inputs: what becomes of each number of the gradient."""
    skip, below = small.results
    grids = (
        small.arriving(title),
        Grid("skip", "gradient of the skip", skip, "\u2192", colours="diverging"),
        Grid("below", "gradient of the map from below", below, colours="diverging"),
    )
    links = [small.back("skip", 0), small.back("below", 1)]
    said = _about(small.gradient.shape, words, place)
    return GridExample(grids, links, said, [small.operation.backward], "gradient")


def _concatenation(random: np.random.Generator) -> GridExample:
    """Four pixels: a row each, with the channels of the skip and of the map from below."""
    of_skip = int(random.integers(2, 4))
    inputs = tuple(drawn(random, 4, 1, channels) for channels in (of_skip, 5 - of_skip))
    small = SmallStep(ops.Concatenation(), inputs, random)
    gradient = small.gradient

    def words(cell: Cell) -> str:
        where, start = ("skip", 0) if cell[1] < of_skip else ("map from below", of_skip)
        return "{value} goes back to the {where}, whose channel {channel} this is.".format(
            value=gradient[cell], where=where, channel=cell[1] - start
        )

    title = "gradient of its output (rows: pixels, columns: channels)"
    return _join(small, words, title, _ENTRY)


def _addition(random: np.random.Generator) -> GridExample:
    """One gradient, and twice the same."""
    inputs = drawn(random, 3, 3, 1), drawn(random, 3, 3, 1)
    small = SmallStep(ops.Addition(), inputs, random)
    gradient = small.gradient
    return _join(
        small, lambda cell: "{value} goes back to both, unchanged.".format(value=gradient[cell])
    )


def _crop(random: np.random.Generator) -> GridExample:
    """Zeros around a gradient; of an odd number the smaller half at the top and left."""
    rows, columns = random.integers(2, 4, 2).tolist()
    crop = ops.Crop.to_fit((3 + rows, 3 + columns, 1), (3, 3, 1))
    small = SmallStep(crop, (drawn(random, 3 + rows, 3 + columns, 1),), random)
    out = small.results[0]
    words = _by_mark(
        out == 0, "it was kept and gets its gradient back, {value}.", "it was cut off: 0."
    )
    result = small.result("gradient of its input (dashed: cut off)", marked=out == 0)
    return _example(small, (small.arriving(), result), [small.back()], words)


def _upsampling(random: np.random.Generator) -> GridExample:
    """Each pixel was copied into a 2x2 block."""
    small = SmallStep(ops.Upsampling(), (drawn(random, 2, 2, 1),), random)
    grids = small.arriving(), small.result()
    return _example(
        small, grids, [small.back()], lambda _: "the sum of its copies' {arrived} = {value}."
    )


def _convolution(
    random: np.random.Generator, padding: str, side: int, kernel: np.ndarray | None = None
) -> SmallStep:
    """A 3x3 convolution of one channel, on a map of some size."""
    operation = ops.Convolution(1, padding=padding, activation="linear")
    kernel = drawn(random, 3, 3, 1, 1) if kernel is None else kernel
    return SmallStep(operation, (drawn(random, side, side, 1),), random, kernel)


def _turned(small: SmallStep) -> Grid:
    return Grid("turned", "kernel, turned round", small.kernel[::-1, ::-1, 0, 0], "*")


def _valid(random: np.random.Generator) -> GridExample:
    """A 3x3 convolution without padding: the gradient becomes larger."""
    small = _convolution(random, "valid", 5)
    kernel = Grid("kernel", "kernel", small.kernel[..., 0, 0])
    grids = (kernel, small.arriving(), _turned(small), small.result())
    return _example(small, grids, [small.back(), small.taps("turned"), small.taps("kernel")])


def _same(random: np.random.Generator) -> GridExample:
    """A 3x3 convolution with padding: the full result, and what is left of it."""
    small = _convolution(random, "same", 4)
    # Without padding the same gradient and kernel give the result before its border is dropped.
    wide = _convolution(random, "valid", 6, small.kernel)
    (full,) = backward(wide.links, small.arrived, [(6, 6, 1)])
    border = np.ones((6, 6), bool)
    border[1:5, 1:5] = False
    title = "full convolution (dashed: on the padding)"
    grids = (
        small.arriving(),
        _turned(small),
        Grid("full", title, full[..., 0], "\u2192", colours="diverging", marked=border),
        small.result(),
    )
    middle = {(i, j): (((i + 1, j + 1), ""),) for i, j in np.ndindex(4, 4)}
    links = [
        wide.back("full"),
        wide.taps("turned", "full"),
        small.back(),
        small.taps("turned"),
        Link("full", "out", middle),
    ]
    return _example(small, grids, links)


def _transposed(random: np.random.Generator) -> GridExample:
    """The U-Net's up-convolution, 2x2 with stride 2: each input collects what its stamp wrote."""
    operation, kernel = ops.TransposedConvolution(1), drawn(random, 2, 2, 1, 1)
    small = SmallStep(operation, (drawn(random, 2, 2, 1),), random, kernel)
    grids = (small.arriving(), Grid("kernel", "kernel", kernel[..., 0, 0], "*"), small.result())
    return _example(small, grids, [small.back(), small.taps("kernel")])


def _pointwise(random: np.random.Generator) -> GridExample:
    """A 1x1 convolution from four channels to two scores, at four pixels: a row for each."""
    operation = ops.Convolution(2, (1, 1), activation="linear")
    kernel = drawn(random, 1, 1, 4, 2)
    small = SmallStep(operation, (drawn(random, 4, 1, 4),), random, kernel)
    grids = (
        small.arriving("gradient of the scores (rows: pixels)"),
        Grid("kernel", "weights (rows: channels)", kernel[0, 0], "*"),
        small.result("gradient of the channels"),
    )
    return _example(small, grids, [small.back(), small.taps("kernel")], place=_ENTRY)


_MAKERS: Mapping[str, tuple[str, Callable[[np.random.Generator], GridExample]]] = {
    "loss": ("softmax and loss", _loss),
    "relu": ("ReLU", _relu),
    "conv_valid": ("3x3 convolution without padding", _valid),
    "conv_same": ("3x3 convolution with same padding", _same),
    "concat": ("concatenation", _concatenation),
    "add": ("sum", _addition),
    "crop": ("crop", _crop),
    "pool": ("max pooling", _pooling),
    "upconv": ("up-convolution (transposed)", _transposed),
    "upsample": ("up-sampling by copies", _upsampling),
    "dropout": ("dropout", _dropout),
    "pointwise_conv": ("1x1 convolution", _pointwise),
}
EXAMPLES = {kind: name for kind, (name, _) in _MAKERS.items()}
"""Kinds of steps of which there is an example, and what a list calls them."""


def backward_example(kind: str, seed: int = 0) -> GridExample:
    """Return a small example of one rule, with numbers drawn at random.

    Parameters
    ----------
    kind : str
        One of `EXAMPLES`.
    seed : int
        Of the random numbers, from 0.

    Returns
    -------
    GridExample
        At most 6 x 6 numbers a grid, computed along the links of the operation itself: what the
        step keeps from the way forward, the gradient that arrives, and what it becomes. The remark
        is the rule.

    Raises
    ------
    ValueError
        If there is no such kind, or the seed is no whole number from 0.

    Examples
    --------
    >>> backward_example("crop").remarks
    ['A crop pads the gradient with zeros: what was cut off gets none through this arrow.']
    """
    _, maker = _MAKERS[check.choice("kind", kind, tuple(EXAMPLES))]
    return maker(np.random.default_rng(check.integer("seed", seed, 0)))


_ONE_FOR_ALL = (
    ops.MaxPooling,
    ops.TransposedConvolution,
    ops.Upsampling,
    ops.Crop,
    ops.Concatenation,
    ops.Addition,
    ops.Dropout,
)
"""Operations whose kind has one example, whatever their fields are."""


def example_of(operation: ops.Operation) -> str | None:
    """Return the kind of example that shows what an operation does; None where there is none."""
    if type(operation) is ops.Convolution and operation.groups == 1:
        if operation.kernel == (1, 1):
            return "pointwise_conv"
        plain = operation.stride == operation.dilation == (1, 1)
        return f"conv_{operation.padding}" if plain else None
    if isinstance(operation, ops.Pointwise):
        return "relu" if operation.words == "relu" else None
    if isinstance(operation, ops.Upsampling) and operation.interpolation != "nearest":
        return None
    return operation.kind if type(operation) in _ONE_FOR_ALL else None
