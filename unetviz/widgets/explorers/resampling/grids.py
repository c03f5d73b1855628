"""Explorers of lesson 02: means of windows, new pixels between old ones, pooling of odd sizes."""

from __future__ import annotations

from collections.abc import Callable
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
from ...parts.panel import Panel
from ...views.grid.view import Grid, GridView, Link, number_text, weighted_sum

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

_READABLE = 9
"""Numbers that a sentence may list."""


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

    def _result(self) -> tuple[np.ndarray, Any, Callable[..., str], np.ndarray | None]:
        """Numbers that come out, what makes each, the words for it, and what is marked in."""
        raise NotImplementedError

    def _remarks(self) -> list[str]:
        """Sentences below the matrices."""
        raise NotImplementedError

    def _show(self) -> None:
        self._out, weights, words, marked = self._result()
        sentences = [
            words((i, j), weights[i, j])
            for i in range(self._out.shape[0])
            for j in range(self._out.shape[1])
        ]
        grids = (
            Grid("in", "in", self._values, colours="diverging", marked=marked),
            Grid("out", "out", self._out, sign="\u2192", colours="diverging"),
        )
        self.view.show(grids, [Link("in", "out", weights)], "out", sentences)
        self._grids = grids
        self.say("neutral", self._remarks())

    def _parts(self, made_of: Any) -> str:
        if len(made_of) > _READABLE:
            return "{count} numbers".format(count=len(made_of))
        return ", ".join(number_text(self._values[cell]) for cell, _ in made_of)

    def as_markdown(self) -> str:
        """Return both matrices as tables, and the sentences."""
        parts = [f"**{grid.title}**\n\n{grid.table().as_markdown()}" for grid in self._grids]
        return "\n\n".join([*parts, *self._remarks()])


def _cell(cell: tuple[int, int]) -> str:
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

    def _result(self) -> tuple[np.ndarray, Any, Callable[..., str], None]:
        s = self.window.value
        out = downsample_mean(self._values, s)
        weights = {
            (i, j): tuple(((i * s + a, j * s + b), 1 / s**2) for a in range(s) for b in range(s))
            for i in range(out.shape[0])
            for j in range(out.shape[1])
        }

        def words(cell: tuple[int, int], made_of: Any) -> str:
            value = number_text(out[cell])
            parts = self._parts(made_of)
            return "out {cell}: the mean of {parts} = {value}".format(
                cell=_cell(cell), parts=parts, value=value
            )

        return out, weights, words, None

    def _remarks(self) -> list[str]:
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

    def _result(self) -> tuple[np.ndarray, Any, Callable[..., str], None]:
        method, factor, convention = self.method.value, self.factor.value, self.convention.value
        out = upsample(self._values, factor, method, convention)
        weights = contributions(self._values.shape, factor, method, convention)
        if method == "median":  # which weighs nothing: the cells light up without a number
            weights = {
                cell: tuple((source, "") for source, _ in made_of)
                for cell, made_of in weights.items()
            }

        def words(cell: tuple[int, int], made_of: Any) -> str:
            value = number_text(out[cell])
            if method == "median":
                parts = self._parts(made_of)
                return "out {cell}: the median of {parts} = {value}".format(
                    cell=_cell(cell), parts=parts, value=value
                )
            products = [(weight, self._values[source]) for source, weight in made_of]
            parts = weighted_sum(products, out[cell])
            return "out {cell}: {parts}".format(cell=_cell(cell), parts=parts)

        return out, weights, words, None

    def _remarks(self) -> list[str]:
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

    def _result(self) -> tuple[np.ndarray, Any, Callable[..., str], np.ndarray]:
        out = max_pool(self._values, self.window.value, self.padding.value)
        rules = [self._operation().axis_map(axis, n) for axis, n in enumerate(self._values.shape)]
        weights = {
            (i, j): tuple(
                ((r, c), "max" if self._is_argmax(r, c, out[i, j]) else "")
                for r in rules[0].inputs(i, self._values.shape[0])
                for c in rules[1].inputs(j, self._values.shape[1])
            )
            for i in range(out.shape[0])
            for j in range(out.shape[1])
        }
        lost = np.zeros(self._values.shape, bool)
        rows, columns = (rule.lost(n) for rule, n in zip(rules, lost.shape, strict=True))
        lost[lost.shape[0] - rows :] = True
        lost[:, lost.shape[1] - columns :] = True

        def words(cell: tuple[int, int], made_of: Any) -> str:
            value = number_text(out[cell])
            parts = self._parts(made_of)
            return "out {cell}: the largest of {parts} = {value}".format(
                cell=_cell(cell), parts=parts, value=value
            )

        return out, weights, words, lost

    def _is_argmax(self, row: int, column: int, largest: float) -> bool:
        return bool(self._values[row, column] == largest)

    def _remarks(self) -> list[str]:
        windows = self._out.shape[0]
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
