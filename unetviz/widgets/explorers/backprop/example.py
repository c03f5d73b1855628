"""What the small examples of gradients have in common: grids, links and sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...views.grid.view import Grid, Link

Cell = tuple[int, int]
"""Row and column."""
_NUMBERS = (-3, -2, -1, 1, 2, 3)
"""What is drawn: without 0, so that every 0 that is shown was made by a rule."""


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


def drawn(random: np.random.Generator, *shape: int) -> np.ndarray:
    """Return small whole numbers other than 0."""
    return random.choice(_NUMBERS, shape)


def arriving(gradient: np.ndarray, title: str = "gradient of its output") -> Grid:
    """Return the grid of the gradient that arrives, named "gradient"."""
    return Grid("gradient", title, gradient, colours="diverging")


def result(
    out: np.ndarray,
    title: str = "gradient of its input",
    name: str = "out",
    sign: str = "\u2192",
    marked: np.ndarray | None = None,
) -> Grid:
    """Return the grid of a gradient that a rule made; `marked` are its dashed cells."""
    return Grid(name, title, out, sign, colours="diverging", marked=marked)


def cell_by_cell(source: str, target: str, weights: np.ndarray) -> Link:
    """Link each cell with the one in the same place; each has a weight, a number or a word."""
    return Link(
        source, target, {cell: ((cell, weights[cell]),) for cell in np.ndindex(*weights.shape)}
    )


def pointed(source: str, target: str, shape: Cell) -> Link:
    """Link each cell with the one in the same place, without a weight."""
    return cell_by_cell(source, target, np.full(shape, ""))


def about(
    shape: Cell, words: Callable[[Cell], str], place: str = "Row {row}, column {column}: "
) -> list[str]:
    """Return what is said of each cell, after its place."""
    return [place.format(row=i, column=j) + words((i, j)) for i, j in np.ndindex(*shape)]


def one_channel(function: Callable[..., np.ndarray], *maps: np.ndarray, **known: Any) -> np.ndarray:
    """Apply a rule for maps (h, w, c) to matrices, each a map of one channel."""
    return function(*(values[..., np.newaxis] for values in maps), **known)[..., 0]
