"""Small examples of steps that add: gradients times weights, along the index map read backwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from unetviz.geometry.index_maps import Gather, stamp, window
from unetviz.labs.backprop.convolutions import convolution_backward, transposed_backward
from unetviz.labs.backprop.steps import sum_of_blocks

from ...views.grid.view import Grid, Link, number_text, weighted_sum
from ._rules import RULES
from .example import BackwardExample, Cell, about, arriving, drawn, result

_BACKWARD_GRID_ENTRY = "Pixel {row}, channel {column}: "

_TAPS = 3
_FACTOR = 2
Parts = Mapping[Cell, Sequence[tuple[Cell, Cell]]]
"""For every cell of a result the cells of the gradient that make it, each with its tap."""


def valid_example(random: np.random.Generator) -> BackwardExample:
    """A 3x3 convolution without padding: the gradient becomes larger."""
    gradient, kernel = drawn(random, 3, 3), drawn(random, _TAPS, _TAPS)
    parts = _reading(Gather(_TAPS), 5)
    out = _convolved(gradient, kernel, 5, "valid")
    grids = (
        Grid("kernel", "kernel", kernel),
        arriving(gradient),
        _turned(kernel),
        result(out),
    )
    said = _sums(gradient, kernel, parts, out)
    links = [*_links(parts, kernel, "out", "turned"), _taps("kernel", "out", parts)]
    return BackwardExample(grids, links, "out", said, RULES["conv"])


def same_example(random: np.random.Generator) -> BackwardExample:
    """A 3x3 convolution with padding: the full result, and what is left of it."""
    gradient, kernel = drawn(random, 4, 4), drawn(random, _TAPS, _TAPS)
    rule = window(_TAPS, 1, 1, "same", 4)
    wide, parts = _reading(Gather(_TAPS), 6), _reading(rule, 4)
    full, out = (
        _convolved(gradient, kernel, n, padding) for n, padding in ((6, "valid"), (4, "same"))
    )
    rim = np.ones(full.shape, bool)
    rim[rule.before : rule.before + 4, rule.before : rule.before + 4] = False
    middle = {(i, j): (((i + rule.before, j + rule.before), ""),) for i, j in np.ndindex(out.shape)}
    grids = (
        arriving(gradient),
        _turned(kernel),
        result(full, "full convolution (dashed: on the padding)", "full", marked=rim),
        result(out),
    )
    links = [
        *_links(wide, kernel, "full", "turned"),
        *_links(parts, kernel, "out", "turned"),
        Link("full", "out", middle),
    ]
    said = _sums(gradient, kernel, parts, out)
    return BackwardExample(grids, links, "out", said, RULES["same"])


def transposed_example(random: np.random.Generator) -> BackwardExample:
    """The U-Net's way up, 2x2 with stride 2: each input pixel collects what its stamp wrote."""
    gradient, kernel = drawn(random, 4, 4), drawn(random, _FACTOR, _FACTOR)
    out = transposed_backward(
        gradient[..., np.newaxis], kernel[..., np.newaxis, np.newaxis], _FACTOR
    )[..., 0]
    parts = _written(len(out))
    grids = (
        arriving(gradient),
        Grid("kernel", "kernel", kernel, sign="*"),
        result(out),
    )
    links = _links(parts, kernel, "out", "kernel")
    said = _sums(gradient, kernel, parts, out)
    return BackwardExample(grids, links, "out", said, RULES["upconv"])


def upsampling_example(random: np.random.Generator) -> BackwardExample:
    """Each pixel was copied into a 2x2 block."""
    gradient = drawn(random, 4, 4)
    out = sum_of_blocks(gradient, _FACTOR)
    parts = _written(len(out))

    def words(cell: Cell) -> str:
        copies = ", ".join(number_text(gradient[source]) for source, _ in parts[cell])
        return "the sum of its copies' {parts} = {value}.".format(
            parts=copies, value=number_text(out[cell])
        )

    link = _weighted(parts, np.ones((_FACTOR, _FACTOR), int), "out")
    grids = (arriving(gradient), result(out))
    return BackwardExample(grids, [link], "out", about(out.shape, words), RULES["upsample"])


def pointwise_example(random: np.random.Generator) -> BackwardExample:
    """A 1x1 convolution from four channels to two scores, at four pixels: a row for each."""
    gradient, weights = drawn(random, 4, 2), drawn(random, 4, 2)
    out = convolution_backward(gradient[:, np.newaxis], weights[np.newaxis, np.newaxis], (4, 1))
    out = out[:, 0]
    # The tap of a score is the weight that leads from the channel to it.
    parts = {(i, j): tuple(((i, k), (j, k)) for k in range(2)) for i, j in np.ndindex(out.shape)}
    grids = (
        arriving(gradient, "gradient of the scores (rows: pixels)"),
        Grid("kernel", "weights (rows: channels)", weights, sign="*"),
        result(out, "gradient of the channels"),
    )
    links = _links(parts, weights, "out", "kernel")
    said = _sums(gradient, weights, parts, out, _BACKWARD_GRID_ENTRY)
    return BackwardExample(grids, links, "out", said, RULES["head"])


def _convolved(gradient: np.ndarray, kernel: np.ndarray, n: int, padding: str) -> np.ndarray:
    """The gradient of n x n numbers that went into a convolution."""
    weights = kernel[..., np.newaxis, np.newaxis]
    return convolution_backward(gradient[..., np.newaxis], weights, (n, n), 1, padding)[..., 0]


def _reading(rule: Gather, n: int) -> Parts:
    """For every input of a convolution the outputs that read it, each with its tap."""
    return _both_axes(n, lambda i: [(o, i + rule.before - o) for o in rule.outputs(i, n)])


def _written(n: int) -> Parts:
    """For every input of a transposed convolution the outputs that it was written to."""
    rule = stamp(_FACTOR, _FACTOR, "valid")
    return _both_axes(n, lambda i: [(o, o - i * _FACTOR) for o in rule.outputs(i, n)])


def _both_axes(n: int, along: Callable[[int], Iterable[tuple[int, int]]]) -> Parts:
    """Rows and columns obey the same rule: indices with their taps, of each index."""
    return {
        (i, j): tuple(((r, c), (a, b)) for r, a in along(i) for c, b in along(j))
        for i, j in np.ndindex(n, n)
    }


def _weighted(parts: Parts, kernel: np.ndarray, target: str) -> Link:
    weights = {c: tuple((source, kernel[tap]) for source, tap in m) for c, m in parts.items()}
    return Link("gradient", target, weights)


def _taps(name: str, target: str, parts: Parts, turn: int = 0) -> Link:
    """Which numbers of the kernel make a cell; `turn` is the last index of a turned one."""

    def place(tap: Cell) -> Cell:
        return (turn - tap[0], turn - tap[1]) if turn else tap

    weights = {c: tuple((place(tap), "") for _, tap in m) for c, m in parts.items()}
    return Link(name, target, weights)


def _links(parts: Parts, kernel: np.ndarray, target: str, shown: str) -> list[Link]:
    """What makes a result: cells of the gradient, and numbers of the kernel as it is shown."""
    turn = len(kernel) - 1 if shown == "turned" else 0
    return [_weighted(parts, kernel, target), _taps(shown, target, parts, turn)]


def _turned(kernel: np.ndarray) -> Grid:
    sign, turned = "*", kernel[::-1, ::-1]
    return Grid("turned", "kernel, turned round", turned, sign)


def _sums(
    gradient: np.ndarray,
    kernel: np.ndarray,
    parts: Parts,
    out: np.ndarray,
    place: str = "Row {row}, column {column}: ",
) -> list[str]:
    """What is said of each result: the sum of products that it is."""

    def words(cell: Cell) -> str:
        products = [(kernel[tap], gradient[source]) for source, tap in parts[cell]]
        return f"{weighted_sum(products, out[cell])}."

    return about(out.shape, words, place)
