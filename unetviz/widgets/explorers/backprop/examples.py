"""A small example with whole numbers of how a gradient goes back through each kind of step.

Each is made of the forward links of the operation itself: the gradient goes back along them, and
they are what links the cells on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from unetviz.geometry import _checks as check
from unetviz.geometry import ops
from unetviz.geometry.links import Links, forward_links
from unetviz.labs.backprop.links import backward, forward
from unetviz.labs.backprop.loss import scores_backward

from ...views.grid.view import Grid, Link, number_text, weighted_sum

Cell = tuple[int, int]
"""Row and column in a grid."""

EXAMPLE_LABEL = "Small example of a rule, with whole numbers; point at a result"
LOSS_RULE = (
    "Each score gets its probability, minus 1 for the right class, divided by the pixel count."
)
_NUMBERS = (-3, -2, -1, 1, 2, 3)
"""What is drawn: without 0, so that every 0 that is shown was made by a rule."""
_PLACE, _ENTRY = "Row {row}, column {column}: ", "Pixel {row}, channel {column}: "
_RATE = 0.5


@dataclass(frozen=True)
class BackwardExample:
    """One example, ready for a `GridView`.

    Attributes
    ----------
    grids : tuple of Grid
        What the step keeps from the way forward, the gradient that arrives, and what it becomes.
    links : list of Link
        Which cells make a result. Those whose weights are numbers give it: cells times weights,
        added.
    main : str
        The grid that is stepped through.
    sentences : list of str
        What is said about each of its cells.
    rule : str
        What such a step does to a gradient, in one sentence.
    """

    grids: tuple[Grid, ...]
    links: list[Link]
    main: str
    sentences: list[str]
    rule: str


@dataclass(frozen=True)
class _Small:
    """A step in small: its numbers, the gradient that arrives, and its way back.

    Maps that are one pixel wide are shown with a row for each pixel and a column for each channel;
    others have one channel.
    """

    operation: ops.Operation
    inputs: tuple[np.ndarray, ...]
    random: np.random.Generator
    kernel: np.ndarray | None = None
    slopes: np.ndarray | None = None

    @cached_property
    def links(self) -> Links:
        return self._linked(self.kernel)

    @cached_property
    def output(self) -> np.ndarray:
        return forward(self.links, self.inputs)

    @cached_property
    def gradient(self) -> np.ndarray:
        """The gradient that arrives: small whole numbers, drawn once."""
        return _drawn(self.random, *self.output.shape)

    @cached_property
    def results(self) -> list[np.ndarray]:
        """The gradient of each input."""
        return backward(self.links, self.gradient, [one.shape for one in self.inputs])

    @property
    def weights(self) -> np.ndarray:
        """The kernel of a step that has one."""
        if self.kernel is None:
            raise ValueError(f"{self.operation.label} has no kernel")
        return self.kernel

    def _linked(self, kernel: np.ndarray | None) -> Links:
        return forward_links(self.operation, *self.inputs, kernel=kernel, slopes=self.slopes)

    def cell(self, place: tuple[int, int, int]) -> Cell:
        """Where a number of a map stands in its grid."""
        return (place[0], place[2]) if self.inputs[0].shape[1] == 1 else place[:2]

    def grid(self, values: np.ndarray) -> np.ndarray:
        """A map as the matrix that is shown."""
        return values[:, 0] if self.inputs[0].shape[1] == 1 else values[..., 0]

    def back(self, target: str, number: int = 0) -> Link:
        """Link each number of an input with the gradients that it gets."""
        return Link("gradient", target, self._read_back(self.links, number))

    def taps(self, shown: str, target: str) -> Link:
        """Link each number of the input with the numbers of the kernel that lead from it."""
        # A kernel whose numbers are its places tells through which of them a link goes.
        shape = self.weights.shape
        places = np.arange(1, self.weights.size + 1).reshape(shape)
        cells = {}
        for cell, parts in self._read_back(self._linked(places), 0).items():
            taps = [np.unravel_index(int(weight) - 1, shape) for _, weight in parts]
            rows = [
                (int(a), int(b)) if max(shape[:2]) > 1 else (int(c), int(k)) for a, b, c, k in taps
            ]
            if shown == "turned":
                rows = [(shape[0] - 1 - a, shape[1] - 1 - b) for a, b in rows]
            cells[cell] = tuple((row, "") for row in rows)
        return Link(shown, target, cells)

    def _read_back(self, links: Links, number: int) -> dict[Cell, tuple]:
        found: dict[Cell, list] = {}
        for place, sources in links.items():
            for i, source, weight in sources:
                if i == number:
                    found.setdefault(self.cell(source), []).append((self.cell(place), weight))
        return {cell: tuple(parts) for cell, parts in found.items()}

    def arriving(self, title: str = "gradient of its output") -> Grid:
        return Grid("gradient", title, self.grid(self.gradient), colours="diverging")

    def result(
        self,
        title: str = "gradient of its input",
        name: str = "out",
        number: int = 0,
        sign: str = "\u2192",
        marked: np.ndarray | None = None,
    ) -> Grid:
        values = self.grid(self.results[number])
        return Grid(name, title, values, sign, colours="diverging", marked=marked)

    def sums(self, place: str = _PLACE) -> list[str]:
        """What is said of each result: the sum of products that it is."""
        out, gradient = self.grid(self.results[0]), self.grid(self.gradient)
        parts = self._read_back(self.links, 0)

        def words(cell: Cell) -> str:
            products = [(weight, gradient[source]) for source, weight in parts.get(cell, ())]
            return f"{weighted_sum(products, out[cell])}."

        return _about(out.shape, words, place)


def _drawn(random: np.random.Generator, *shape: int) -> np.ndarray:
    """Small whole numbers other than 0."""
    return random.choice(_NUMBERS, shape)


def _about(
    shape: tuple[int, ...],
    words: Callable[[Cell], str],
    place: str = _PLACE,
) -> list[str]:
    """What is said of each cell, after its place."""
    return [place.format(row=i, column=j) + words((i, j)) for i, j in np.ndindex(*shape)]


def _pointed(source: str, target: str, shape: tuple[int, ...]) -> Link:
    """Link each cell with the one in the same place, without a weight."""
    return Link(source, target, {cell: ((cell, ""),) for cell in np.ndindex(*shape)})


def _loss(random: np.random.Generator) -> BackwardExample:
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

    def weighted(source: str, weight: float) -> Link:
        return Link(source, "out", {cell: ((cell, weight),) for cell in np.ndindex(out.shape)})

    grids = (
        Grid("probabilities", f"probabilities (rows: {count} pixels)", probabilities),
        Grid("right", "1 for the right class", right, sign="-"),
        Grid("out", "gradient of the scores", out, "\u2192", colours="diverging"),
    )
    links = [weighted("probabilities", 1 / count), weighted("right", -1 / count)]
    said = _about(out.shape, words, "Pixel {row}, class {column}: ")
    return BackwardExample(grids, links, "out", said, LOSS_RULE)


def _relu(random: np.random.Generator) -> BackwardExample:
    """A gate for each number, open where the output is above 0."""
    operation = ops.Pointwise("relu", "activation", "ReLU")
    small = _Small(operation, (random.integers(-5, 6, (4, 4, 1)),), random)
    outputs, gradient = small.grid(small.output).astype(int), small.grid(small.gradient)

    def words(cell: Cell) -> str:
        pattern = (
            "the output is {output}, so the gate is open: {gradient} passes."
            if outputs[cell]
            else "the output is 0, so the gate is shut: {gradient} becomes 0."
        )
        return pattern.format(output=outputs[cell], gradient=gradient[cell])

    kept = Grid("kept", "its output (dashed: 0)", outputs, marked=outputs == 0)
    return _with_kept(small, kept, words)


def _with_kept(small: _Small, kept: Grid, words: Callable[[Cell], str]) -> BackwardExample:
    """An example of a step that remembers something of the way forward."""
    result = small.result()
    links = [small.back("out"), _pointed("kept", "out", result.values.shape)]
    said = _about(result.values.shape, words)
    return BackwardExample(
        (kept, small.arriving(), result), links, "out", said, small.operation.backward
    )


def _dropout(random: np.random.Generator) -> BackwardExample:
    """A mask that was drawn on the way forward, and a factor."""
    kept = random.random((4, 4)) >= _RATE
    slopes = (kept / (1 - _RATE))[..., np.newaxis]
    small = _Small(ops.Dropout(_RATE), (_drawn(random, 4, 4, 1),), random, slopes=slopes)
    gradient, out = small.grid(small.gradient), small.grid(small.results[0])

    def words(cell: Cell) -> str:
        pattern = (
            "it was kept: {gradient} / (1 - {rate}) = {value}."
            if kept[cell]
            else "it was dropped: {gradient} becomes 0."
        )
        return pattern.format(gradient=gradient[cell], rate=_RATE, value=number_text(out[cell]))

    mask = Grid("kept", "1: kept (dashed: dropped)", kept.astype(int), marked=~kept)
    return _with_kept(small, mask, words)


_JOINED = {"skip": "gradient of the skip", "below": "gradient of the map from below"}


def _join(small: _Small, title: str, words: Callable[[Cell], str], place: str) -> BackwardExample:
    """An example of a step with two inputs: what becomes of each number of the gradient."""
    results = [
        small.result(title, name, number, sign)
        for number, ((name, title), sign) in enumerate(
            zip(_JOINED.items(), ("\u2192", ""), strict=True)
        )
    ]
    links = [small.back(name, number) for number, name in enumerate(_JOINED)]
    arriving = small.arriving(title)
    said = _about(arriving.values.shape, words, place)
    return BackwardExample((arriving, *results), links, "gradient", said, small.operation.backward)


def _concatenation(random: np.random.Generator) -> BackwardExample:
    """Four pixels: a row each, with the channels of the skip and of the map from below."""
    of_skip = int(random.integers(2, 4))
    inputs = tuple(_drawn(random, 4, 1, channels) for channels in (of_skip, 5 - of_skip))
    small = _Small(ops.Concatenation(), inputs, random)
    gradient = small.grid(small.gradient)

    def words(cell: Cell) -> str:
        where, start = ("skip", 0) if cell[1] < of_skip else ("map from below", of_skip)
        return "{value} goes back to the {where}, whose channel {channel} this is.".format(
            value=gradient[cell], where=where, channel=cell[1] - start
        )

    title = "gradient of its output (rows: pixels, columns: channels)"
    return _join(small, title, words, _ENTRY)


def _addition(random: np.random.Generator) -> BackwardExample:
    """One gradient, and twice the same."""
    inputs = _drawn(random, 3, 3, 1), _drawn(random, 3, 3, 1)
    small = _Small(ops.Addition(), inputs, random)
    gradient = small.grid(small.gradient)

    def words(cell: Cell) -> str:
        return "{value} goes back to both, unchanged.".format(value=gradient[cell])

    return _join(small, "gradient of its output", words, _PLACE)


def _crop(random: np.random.Generator) -> BackwardExample:
    """Zeros around a gradient; of an odd number the smaller half at the top and left."""
    rows, columns = random.integers(2, 4, 2).tolist()
    crop = ops.Crop.to_fit((3 + rows, 3 + columns, 1), (3, 3, 1))
    small = _Small(crop, (_drawn(random, 3 + rows, 3 + columns, 1),), random)
    link, out = small.back("out"), small.grid(small.results[0])
    cut = np.array([[cell not in link.weights for cell in line] for line in _cells(out.shape)])

    def words(cell: Cell) -> str:
        pattern = (
            "it was cut off: 0."
            if cut[cell]
            else "it was kept and gets its gradient back, {value}."
        )
        return pattern.format(value=number_text(out[cell]))

    result = small.result("gradient of its input (dashed: cut off)", marked=cut)
    said = _about(out.shape, words)
    return BackwardExample((small.arriving(), result), [link], "out", said, crop.backward)


def _cells(shape: tuple[int, ...]) -> list[list[Cell]]:
    return [[(i, j) for j in range(shape[1])] for i in range(shape[0])]


def _pooling(random: np.random.Generator) -> BackwardExample:
    """Each window's gradient goes to the cell that won."""
    pool = ops.MaxPooling()
    small = _Small(pool, (random.integers(0, 10, (4, 4, 1)),), random)
    maps, gradient = small.grid(small.inputs[0]), small.grid(small.gradient)
    back = small.back("out").weights
    won = np.array([[back[cell][0][1] > 0 for cell in line] for line in _cells(maps.shape)])

    def words(cell: Cell) -> str:
        window, number = back[cell][0][0], maps[cell]
        rivals = [maps[other] for other, parts in back.items() if parts[0][0] == window]
        largest = max(rivals)
        if won[cell]:
            pattern = (
                "{number} was the largest of its window and gets the whole gradient, {gradient}."
                if rivals.count(largest) == 1
                else (
                    "{number} was the largest of its window, of equal ones the first, and "
                    "gets the whole gradient, {gradient}."
                )
            )
        else:
            pattern = (
                "{number} is as large as the largest of its window, but not the first: 0."
                if number == largest
                else "the largest of its window was {largest}, not this {number}: 0."
            )
        return pattern.format(number=number, largest=largest, gradient=gradient[window])

    kept = Grid("kept", "its input (dashed: largest)", maps, marked=won)
    return _with_kept(small, kept, words)


def _convolution(
    random: np.random.Generator, padding: str, side: int, kernel: np.ndarray | None = None
) -> _Small:
    """A 3x3 convolution of one channel, on a map of some size."""
    operation = ops.Convolution(1, padding=padding, activation="linear")
    kernel = _drawn(random, 3, 3, 1, 1) if kernel is None else kernel
    return _Small(operation, (_drawn(random, side, side, 1),), random, kernel)


def _turned(small: _Small) -> Grid:
    return Grid("turned", "kernel, turned round", small.weights[::-1, ::-1, 0, 0], "*")


def _valid(random: np.random.Generator) -> BackwardExample:
    """A 3x3 convolution without padding: the gradient becomes larger."""
    small = _convolution(random, "valid", 5)
    kernel = Grid("kernel", "kernel", small.weights[..., 0, 0])
    grids = (kernel, small.arriving(), _turned(small), small.result())
    links = [small.back("out"), small.taps("turned", "out"), small.taps("kernel", "out")]
    return BackwardExample(grids, links, "out", small.sums(), small.operation.backward)


def _same(random: np.random.Generator) -> BackwardExample:
    """A 3x3 convolution with padding: the full result, and what is left of it."""
    small = _convolution(random, "same", 4)
    # Without padding the same gradient and kernel give the result before its border is dropped.
    wide = _convolution(random, "valid", 6, small.kernel)
    full = backward(wide.links, small.gradient, [(6, 6, 1)])[0][..., 0]
    border = np.ones((6, 6), bool)
    border[1:5, 1:5] = False
    title = "full convolution (dashed: on the padding)"
    grids = (
        small.arriving(),
        _turned(small),
        Grid("full", title, full, "\u2192", colours="diverging", marked=border),
        small.result(),
    )
    middle = {(i, j): (((i + 1, j + 1), ""),) for i, j in np.ndindex(4, 4)}
    links = [
        wide.back("full"),
        wide.taps("turned", "full"),
        small.back("out"),
        small.taps("turned", "out"),
        Link("full", "out", middle),
    ]
    return BackwardExample(grids, links, "out", small.sums(), small.operation.backward)


def _transposed(random: np.random.Generator) -> BackwardExample:
    """The U-Net's up-convolution, 2x2 with stride 2: each input collects what its stamp wrote."""
    operation, kernel = ops.TransposedConvolution(1), _drawn(random, 2, 2, 1, 1)
    small = _Small(operation, (_drawn(random, 2, 2, 1),), random, kernel)
    grids = (small.arriving(), Grid("kernel", "kernel", kernel[..., 0, 0], "*"), small.result())
    links = [small.back("out"), small.taps("kernel", "out")]
    return BackwardExample(grids, links, "out", small.sums(), operation.backward)


def _upsampling(random: np.random.Generator) -> BackwardExample:
    """Each pixel was copied into a 2x2 block."""
    small = _Small(ops.Upsampling(), (_drawn(random, 2, 2, 1),), random)
    gradient, out, link = (
        small.grid(small.gradient),
        small.grid(small.results[0]),
        small.back("out"),
    )

    def words(cell: Cell) -> str:
        copies = ", ".join(number_text(gradient[source]) for source, _ in link.weights[cell])
        return "the sum of its copies' {parts} = {value}.".format(
            parts=copies, value=number_text(out[cell])
        )

    grids = (small.arriving(), small.result())
    said = _about(out.shape, words)
    return BackwardExample(grids, [link], "out", said, small.operation.backward)


def _pointwise(random: np.random.Generator) -> BackwardExample:
    """A 1x1 convolution from four channels to two scores, at four pixels: a row for each."""
    operation = ops.Convolution(2, (1, 1), activation="linear")
    kernel = _drawn(random, 1, 1, 4, 2)
    small = _Small(operation, (_drawn(random, 4, 1, 4),), random, kernel)
    grids = (
        small.arriving("gradient of the scores (rows: pixels)"),
        Grid("kernel", "weights (rows: channels)", kernel[0, 0], "*"),
        small.result("gradient of the channels"),
    )
    links = [small.back("out"), small.taps("kernel", "out")]
    return BackwardExample(grids, links, "out", small.sums(_ENTRY), operation.backward)


_MAKERS: Mapping[str, Callable[[np.random.Generator], BackwardExample]] = {
    "loss": _loss,
    "relu": _relu,
    "conv_valid": _valid,
    "conv_same": _same,
    "concat": _concatenation,
    "add": _addition,
    "crop": _crop,
    "pool": _pooling,
    "upconv": _transposed,
    "upsample": _upsampling,
    "dropout": _dropout,
    "pointwise_conv": _pointwise,
}
EXAMPLES = tuple(_MAKERS)
"""Kinds of steps of which there is an example."""


def backward_example(kind: str, seed: int = 0) -> BackwardExample:
    """Return a small example of one rule, with numbers drawn at random.

    Parameters
    ----------
    kind : str
        One of `EXAMPLES`.
    seed : int
        Of the random numbers, from 0.

    Returns
    -------
    BackwardExample
        At most 6 x 6 numbers a grid, computed along the links of the operation itself.

    Raises
    ------
    ValueError
        If there is no such kind, or the seed is no whole number from 0.

    Examples
    --------
    >>> backward_example("crop").rule
    'A crop pads the gradient with zeros: what was cut off gets none through this arrow.'
    """
    maker = _MAKERS[check.choice("kind", kind, EXAMPLES)]
    return maker(np.random.default_rng(check.integer("seed", seed, 0)))


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
    return _BY_TYPE.get(type(operation))


_BY_TYPE: Mapping[type[ops.Operation], str] = {
    ops.MaxPooling: "pool",
    ops.TransposedConvolution: "upconv",
    ops.Upsampling: "upsample",
    ops.Crop: "crop",
    ops.Concatenation: "concat",
    ops.Addition: "add",
    ops.Dropout: "dropout",
}
