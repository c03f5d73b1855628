"""Explorers of lesson 02: means of windows, new pixels between old ones, pooling of odd sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets
import numpy as np

from unetviz.geometry.ops import MaxPooling
from unetviz.labs.pooling import max_pool
from unetviz.labs.resampling import (
    METHODS,
    common_divisors,
    contributions,
    downsample_mean,
    upsample,
)

from ...parts.controls import choice, row
from ...parts.grid_tables import grid_tables
from ...parts.panel import Panel
from ...views.grid.view import Grid, GridView, Link, Weights, number_text, weighted_sum

_CONVENTIONS = {
    "squares, aligned at their centres": "centres",
    "points, aligned at the corners": "corners",
}
_POOL_PADDINGS = {"same (padded, never the largest)": "same", "valid (no padding)": "valid"}
_WEIGHTED = {
    "nearest": "Each new pixel copies the one old pixel that is nearest to it.",
    "bilinear": "Each new pixel is a weighted mean of the (up to four) old ones around it.",
    "mean": "Each new pixel is the plain mean of the (up to four) old ones around it.",
    "median": "Each new pixel is the median of the (up to four) old ones around it, not a sum.",
}
_POOL_WINDOWS = {1: "1 window"}
_POOL_LOST = {1: "the last row and column", 2: "the last two rows and columns"}

Cell = tuple[int, int]
"""Row and column."""
Sources = Sequence[tuple[Cell, Any]]
"""Cells of the first matrix that make one of the second, each with its weight."""

_READABLE = 9
"""Numbers that a sentence may list."""


@dataclass(frozen=True, eq=False)
class _Result:
    """What one matrix becomes.

    Attributes
    ----------
    out : array of shape (rows, columns)
        The numbers that come out.
    weights : mapping
        What makes each of them, as `Link` takes it.
    words : callable
        Called with a cell and with what makes it; returns what is said about it.
    marked : array of bool, optional
        Numbers of the first matrix that have a dashed frame.
    """

    out: np.ndarray
    weights: Weights
    words: Callable[[Cell, Sources], str]
    marked: np.ndarray | None = None


class _TwoGrids(Panel):
    """One matrix in, one matrix out, and ordinary controls above them."""

    def __init__(self, values: np.ndarray, controls: list[ipywidgets.Widget]):
        self._values = np.asarray(values, float)
        self.view = GridView(
            label=(
                "Two matrices of numbers, in and out. Arrow keys go from cell to cell of the "
                "result, Home and End to its ends."
            )
        )
        super().__init__([row(*controls), self.view])
        self._show()
        for control in controls:
            control.observe(self.guarded(lambda _: self._show()), names="value")

    def _result(self) -> _Result:
        """What the matrix becomes with what is chosen."""
        raise NotImplementedError

    def _remarks(self, result: _Result) -> list[str]:
        """Sentences below the matrices."""
        raise NotImplementedError

    def _show(self) -> None:
        result = self._result()
        remarks = self._remarks(result)
        cells = np.ndindex(*result.out.shape)
        sentences = [result.words(cell, result.weights[cell]) for cell in cells]
        self._grids = (
            Grid("in", "in", self._values, colours="diverging", marked=result.marked),
            Grid("out", "out", result.out, sign="\u2192", colours="diverging"),
        )
        self.view.show(self._grids, [Link("in", "out", result.weights)], "out", sentences)
        self.describe("neutral", remarks)

    def _listed(self, made_of: Sources) -> str:
        if len(made_of) > _READABLE:
            return "{count} numbers".format(count=len(made_of))
        return ", ".join(number_text(self._values[cell]) for cell, _ in made_of)

    def as_markdown(self) -> str:
        """Return both matrices as tables, and the sentences."""
        return f"{grid_tables(self._grids)}\n\n{super().as_markdown()}"


def _place(cell: Cell) -> str:
    return "row {row}, column {column}".format(row=cell[0], column=cell[1])


class DownsamplingExplorer(_TwoGrids):
    """Make a matrix smaller by the means of s x s windows.

    Parameters
    ----------
    values : array of shape (h, w)
        Small enough to be read, with a common divisor of its sides.
    """

    def __init__(self, values: np.ndarray):
        height, width = np.shape(values)
        divisors = common_divisors(height, width)
        if not divisors:
            raise ValueError(
                f"{height} and {width} have no common divisor; take sides such as 6 x 4"
            )
        self.window = choice("Window s", {"{s} x {s}".format(s=s): s for s in divisors}, "150px")
        super().__init__(values, [self.window])

    def _result(self) -> _Result:
        s = self.window.value
        out = downsample_mean(self._values, s)
        weights = {
            (i, j): tuple(((i * s + a, j * s + b), 1 / s**2) for a, b in np.ndindex(s, s))
            for i, j in np.ndindex(*out.shape)
        }

        def words(cell: Cell, made_of: Sources) -> str:
            value = number_text(out[cell])
            parts = self._listed(made_of)
            return "out {cell}: the mean of {parts} = {value}".format(
                cell=_place(cell), parts=parts, value=value
            )

        return _Result(out, weights, words)

    def _remarks(self, result: _Result) -> list[str]:
        height, width = self._values.shape
        allowed = common_divisors(height, width)
        others = [str(s) for s in range(2, min(height, width) + 1) if s not in allowed]
        left_out = (
            "Not offered: s = {others}, because they do not divide both {height} and {width}."
        ).format(others=", ".join(others), height=height, width=width)
        return [
            "{s} divides {height} and {width}: every pixel is the mean of {s} x {s} others.".format(
                s=self.window.value, height=height, width=width
            ),
            left_out if others else "Nothing is left out here.",
        ]


class UpsamplingExplorer(_TwoGrids):
    """Make a matrix larger and see which old numbers make each new one.

    Parameters
    ----------
    values : array of shape (h, w)
        Small enough to be read.
    """

    def __init__(self, values: np.ndarray):
        self.method = choice("Method", {name: name for name in METHODS}, "180px")
        self.method.value = "bilinear"
        self.factor = choice("Factor", {str(n): n for n in (2, 3, 4)}, "110px")
        self.convention = choice("Pixels are", _CONVENTIONS, "340px")
        super().__init__(values, [self.method, self.factor, self.convention])

    def _result(self) -> _Result:
        method, factor, convention = self.method.value, self.factor.value, self.convention.value
        out = upsample(self._values, factor, method, convention)
        weights: Weights = contributions(self._values.shape, factor, method, convention)
        if method == "median":  # which weighs nothing: the cells light up without a number
            weights = {
                cell: tuple((source, "") for source, _ in made_of)
                for cell, made_of in weights.items()
            }

        def words(cell: Cell, made_of: Sources) -> str:
            value = number_text(out[cell])
            if method == "median":
                parts = self._listed(made_of)
                return "out {cell}: the median of {parts} = {value}".format(
                    cell=_place(cell), parts=parts, value=value
                )
            products = [(weight, self._values[source]) for source, weight in made_of]
            parts = weighted_sum(products, out[cell])
            return "out {cell}: {parts}".format(cell=_place(cell), parts=parts)

        return _Result(out, weights, words)

    def _remarks(self, result: _Result) -> list[str]:
        return [_WEIGHTED[self.method.value]]


class PoolingExplorer(_TwoGrids):
    """Max pooling of a matrix of odd size, with and without padding.

    Parameters
    ----------
    values : array of shape (h, w)
        Small enough to be read.
    """

    def __init__(self, values: np.ndarray):
        self.padding = choice("Padding", _POOL_PADDINGS, "290px")
        self.padding.value = "valid"
        self.window = choice("Window s", {"{s} x {s}".format(s=s): s for s in (2, 3)}, "150px")
        super().__init__(values, [self.padding, self.window])

    def _operation(self) -> MaxPooling:
        size = (self.window.value, self.window.value)
        return MaxPooling(size, size, self.padding.value)

    def _result(self) -> _Result:
        out = max_pool(self._values, self.window.value, self.padding.value)
        height, width = self._values.shape
        pooling = self._operation()
        down, across = pooling.axis_map(0, height), pooling.axis_map(1, width)
        weights = {
            (i, j): tuple(
                ((r, c), "max" if self._values[r, c] == out[i, j] else "")
                for r in down.inputs(i, height)
                for c in across.inputs(j, width)
            )
            for i, j in np.ndindex(*out.shape)
        }
        lost = np.zeros((height, width), bool)
        lost[height - down.lost(height) :] = True
        lost[:, width - across.lost(width) :] = True

        def words(cell: Cell, made_of: Sources) -> str:
            value = number_text(out[cell])
            parts = self._listed(made_of)
            return "out {cell}: the largest of {parts} = {value}".format(
                cell=_place(cell), parts=parts, value=value
            )

        return _Result(out, weights, words, lost)

    def _remarks(self, result: _Result) -> list[str]:
        windows = result.out.shape[0]
        count = _POOL_WINDOWS.get(windows, "{count} windows".format(count=windows))
        if self.padding.value == "same":
            return ["same: {count} a side; padding is never the largest.".format(count=count)]
        lost = self._operation().lost([(*self._values.shape, 1)])[0]
        words = (
            "valid: {count} a side; {lost} (dashed) are in none."
            if lost
            else "valid: {count} a side; every number is in one."
        )
        return [words.format(count=count, lost=_POOL_LOST.get(lost, ""))]
