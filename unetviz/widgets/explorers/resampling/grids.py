"""Explorers of lesson 02: means of windows, new pixels between old ones, pooling of odd sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from unetviz.geometry.ops import AveragePooling, MaxPooling
from unetviz.labs.pooling import max_pool
from unetviz.labs.resampling import (
    METHODS,
    common_divisors,
    contributions,
    downsample_mean,
    upsample,
)

from ...parts.controls import choice
from ...parts.grid_explorer import GridExample, GridExplorer, cell_weights
from ...views.grid.view import Grid, Link, Weights, number_text, weighted_sum

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
_LABEL = (
    "Two matrices of numbers, in and out. Arrow keys go from cell to cell of the result, Home and "
    "End to its ends."
)

_READABLE = 9
"""Numbers that a sentence may list."""


class DownsamplingExplorer(GridExplorer):
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
        self.window = _window(divisors)
        super().__init__(lambda: _means(values, self.window.value), _LABEL, [self.window])


class UpsamplingExplorer(GridExplorer):
    """Make a matrix larger and see which old numbers make each new one.

    Parameters
    ----------
    values : array of shape (h, w)
        Small enough to be read.
    """

    def __init__(self, values: np.ndarray):
        self.method = choice("Method", {name: name for name in METHODS}, "180px", "bilinear")
        self.factor = choice("Factor", {str(n): n for n in (2, 3, 4)}, "110px")
        self.convention = choice("Pixels are", _CONVENTIONS, "340px")
        controls = [self.method, self.factor, self.convention]
        super().__init__(
            lambda: _enlarged(values, self.factor.value, self.method.value, self.convention.value),
            _LABEL,
            controls,
        )


class PoolingExplorer(GridExplorer):
    """Max pooling of a matrix of odd size, with and without padding.

    Parameters
    ----------
    values : array of shape (h, w)
        Small enough to be read.
    """

    def __init__(self, values: np.ndarray):
        self.padding = choice("Padding", _POOL_PADDINGS, "290px", "valid")
        self.window = _window((2, 3))
        super().__init__(
            lambda: _pooled(values, self.window.value, self.padding.value),
            _LABEL,
            [self.padding, self.window],
        )


def _window(sizes: Sequence[int]) -> Any:
    return choice("Window s", {"{s} x {s}".format(s=s): s for s in sizes}, "150px")


def _means(values: np.ndarray, s: int) -> GridExample:
    values = np.asarray(values, float)
    out, (height, width) = downsample_mean(values, s), values.shape
    weights = cell_weights(AveragePooling((s, s), (s, s)), values)
    allowed = common_divisors(height, width)
    others = [str(n) for n in range(2, min(height, width) + 1) if n not in allowed]
    left_out = "Not offered: s = {others}, because they do not divide both {height} and {width}."
    remarks = [
        "{s} divides {height} and {width}: every pixel is the mean of {s} x {s} others.",
        left_out if others else "Nothing is left out here.",
    ]
    named = {"s": s, "height": height, "width": width, "others": ", ".join(others)}
    said = [words.format(**named) for words in remarks]
    return _example(values, out, weights, said, "the mean of {parts} = {value}")


def _enlarged(values: np.ndarray, factor: int, method: str, convention: str) -> GridExample:
    out = upsample(np.asarray(values, float), factor, method, convention)
    weights: Weights = contributions(np.shape(values), factor, method, convention)
    if method != "median":
        return _example(values, out, weights, [_WEIGHTED[method]])
    # A median weighs nothing: the cells light up without a number.
    pointed = {cell: [(source, "") for source, _ in sources] for cell, sources in weights.items()}
    said = "the median of {parts} = {value}"
    return _example(values, out, pointed, [_WEIGHTED[method]], said)


def _pooled(values: np.ndarray, size: int, padding: str) -> GridExample:
    values = np.asarray(values, float)
    out, (height, width) = max_pool(values, size, padding), values.shape
    pooling = MaxPooling((size, size), (size, size), padding)
    down, across = pooling.axis_map(0, height), pooling.axis_map(1, width)
    weights = {
        cell: [(source, "max" if values[source] == out[cell] else "") for source, _ in sources]
        for cell, sources in cell_weights(pooling, values).items()
    }
    lost = np.zeros((height, width), bool)
    lost[height - down.lost(height) :] = True
    lost[:, width - across.lost(width) :] = True
    count = _POOL_WINDOWS.get(len(out), "{count} windows".format(count=len(out)))
    words = "valid: {count} a side; every number is in one."
    if padding == "same":
        words = "same: {count} a side; padding is never the largest."
    elif down.lost(height):
        words = "valid: {count} a side; {lost} (dashed) are in none."
    remark = words.format(count=count, lost=_POOL_LOST.get(down.lost(height), ""))
    return _example(values, out, weights, [remark], "the largest of {parts} = {value}", lost)


def _example(
    values: np.ndarray,
    out: np.ndarray,
    weights: Weights,
    remarks: Sequence[str],
    words: str = "",
    marked: np.ndarray | None = None,
) -> GridExample:
    """One matrix in, one out; `words` say what a number is made of, or "" for a sum of products."""
    values = np.asarray(values, float)
    grids = (
        Grid("in", "in", values, colours="diverging", marked=marked),
        Grid("out", "out", out, sign="\u2192", colours="diverging"),
    )
    sentences = []
    for cell in np.ndindex(*out.shape):
        products = [(weight, values[source]) for source, weight in weights[cell]]
        parts = ", ".join(number_text(value) for _, value in products)
        if len(products) > _READABLE:
            parts = "{count} numbers".format(count=len(products))
        said = words.format(parts=parts, value=number_text(out[cell]))
        sentences.append(
            "out row {row}, column {column}: {said}".format(
                row=cell[0], column=cell[1], said=said or weighted_sum(products, out[cell])
            )
        )
    return GridExample(grids, [Link("in", "out", weights)], sentences, remarks)
