"""One transposed convolution in three forms on the same numbers, stepped through together."""

from __future__ import annotations

from typing import Any

import ipywidgets
import numpy as np

from unetviz.geometry.index_maps import stamp
from unetviz.labs.upconvolution import (
    convolution_matrix,
    insert_zeros,
    stamp_and_add,
    transposed_by_matrix,
    zero_insertion,
)

from ...parts.controls import choice, row
from ...parts.panel import Panel, note
from ...views.grid.view import Grid, GridView, Link, weighted_sum
from ...views.steps.view import StepControl
from ._kernels import KERNELS

_STAMP_TITLES = ("in", "kernel", "out: stamps, added")
_ZERO_TITLES = (
    "in, zeros put between and around",
    "kernel, turned round",
    "out: an ordinary convolution",
)
_MATRIX_TITLES = ("C transposed", "in", "out")

_LINKED = ("step", "playing")
_LARGEST = 99
_KERNELS = {n: np.arange(1.0, n * n + 1).reshape(n, n) for n in (2, 3, 4)}
"""Kernels to begin with; each number of them can be changed."""


class TransposedExplorer(Panel):
    """Stamps, zeros put in, and a matrix: three linked views of the same transposed convolution.

    Parameters
    ----------
    values : array of shape (h, w)
        What goes in; at most 3 x 3 numbers, so that the matrix can be read.

    Attributes
    ----------
    kernel : array of shape (k, k)
        The kernel in hand; typing into its grid changes it.
    values : array of shape (h, w)
        What goes in; it can be changed too.
    """

    def __init__(self, values: np.ndarray):
        self.values = np.array(values, float)
        if self.values.ndim != 2 or max(self.values.shape) > 3:
            raise ValueError(f"values must have at most 3 x 3 numbers, not {self.values.shape}")
        self.size = choice("Kernel / stride", KERNELS, "280px")
        self.kernel = _KERNELS[2].copy()
        self.steps = StepControl()
        self.stamps = GridView(
            label="Transposed convolution as stamps. Arrow keys go from cell to cell of the result."
        )
        self.zeros = GridView(
            label="The same as a convolution with zeros put in. Arrow keys go from cell to cell."
        )
        self.matrix = GridView(
            label="The same as a matrix times a column. Arrow keys go from cell to cell."
        )
        self.views = (self.stamps, self.zeros, self.matrix)
        for view in (self.zeros, self.matrix):
            view.add_class("unetviz-narrow")  # so that all three have room side by side
        self._links = [
            ipywidgets.jslink((self.steps, name), (view, name))
            for view in self.views
            for name in _LINKED
        ]
        heads = [ipywidgets.HTML(f"<b>{text}</b>") for text in _HEADS]
        # The long matrix beside the other two where there is room, so that all are seen at once.
        left = ipywidgets.VBox([heads[0], self.stamps, heads[1], self.zeros])
        right = ipywidgets.VBox([heads[2], self.matrix], layout={"margin": "0 0 0 14px"})
        views = row(left, right)
        super().__init__([row(self.size), self.steps, views])
        # A number that is refused is said where it can be seen: above the views.
        self.children = (*self.children[:2], self.note, views)
        self._show()
        self.size.observe(self.guarded(self._change_size), names="value")
        for view in (self.stamps,):
            view.observe(self.guarded(self._edit), names="edited")

    @property
    def stride(self) -> int:
        """The stride in hand, in output pixels."""
        return self.size.value[1]

    def _change_size(self, change: Any) -> None:
        self.kernel = _KERNELS[change.new[0]].copy()
        self.steps.step = 0
        self._show()

    def _edit(self, change: Any) -> None:
        name, i, j, text = change.new
        target = self.kernel if name == "kernel" else self.values
        value = _number(text)
        if value is None or value == target[i, j]:
            self.stamps.grids = []  # nothing changes, but the box is to show again what it had
        if value is not None:
            target[i, j] = value
        self._show()
        if value is None:
            self.note.value = note(
                "wrong",
                (
                    "{text!r} is no number from -99 to 99; type one such as 3 or -0.5. Nothing "
                    "was changed."
                ).format(text=text),
            )

    def _show(self) -> None:
        self.out = stamp_and_add(self.values, self.kernel, self.stride)
        weights = self._stamp_weights()
        words = self._sentences(weights)
        self._show_stamps(weights)
        self._show_zeros()
        self._show_matrix()
        names = [
            "out {row}, {column}".format(row=i, column=j) for i, j in np.ndindex(self.out.shape)
        ]
        self.steps.tell(names, words)
        self.note.value = ""

    def _stamp_weights(self) -> dict[tuple[int, int], tuple]:
        """For every output the inputs whose stamps reach it, with the kernel's number there."""
        rule = stamp(len(self.kernel), self.stride, "valid")
        height, width = self.values.shape
        return {
            (i, j): tuple(
                ((r, c), self.kernel[i - r * self.stride, j - c * self.stride])
                for r in rule.inputs(i, height)
                for c in rule.inputs(j, width)
            )
            for i, j in np.ndindex(self.out.shape)
        }

    def _sentences(self, weights: dict[tuple[int, int], tuple]) -> list[str]:
        sentences = []
        for cell, parts in weights.items():
            products = [(weight, self.values[source]) for source, weight in parts]
            total = weighted_sum(products, self.out[cell])
            count = len(parts)
            known = {0: "No stamp reaches it: 0.", 1: "One stamp reaches it: {parts}."}.get(
                count, "{count} stamps reach it: {parts}."
            )
            sentences.append(known.format(count=count, parts=total))
        return sentences

    def _show_stamps(self, weights: dict[tuple[int, int], tuple]) -> None:
        source, kernel, out = _STAMP_TITLES
        taps = {
            (i, j): tuple(((i - r * self.stride, j - c * self.stride), "") for (r, c), _ in parts)
            for (i, j), parts in weights.items()
        }
        grids = (
            Grid("in", source, self.values, editable=True, colours="diverging"),
            Grid("kernel", kernel, self.kernel, sign="*", editable=True),
            Grid("out", out, self.out, sign="\u2192", colours="diverging"),
        )
        self._grids = grids
        self.stamps.show(grids, [Link("in", "out", weights), Link("kernel", "out", taps)], "out")

    def _show_zeros(self) -> None:
        source, kernel, out = _ZERO_TITLES
        spread = insert_zeros(self.values, len(self.kernel), self.stride)
        turned = self.kernel[::-1, ::-1]
        result = zero_insertion(self.values, self.kernel, self.stride)
        k = len(self.kernel)
        weights = {
            (i, j): tuple(((i + a, j + b), turned[a, b]) for a in range(k) for b in range(k))
            for i, j in np.ndindex(result.shape)
        }
        grids = (
            Grid("in", source, spread, colours="diverging"),
            Grid("kernel", kernel, turned, sign="*"),
            Grid("out", out, result, sign="\u2192", colours="diverging"),
        )
        self.zeros.show(grids, [Link("in", "out", weights)], "out")

    def _show_matrix(self) -> None:
        name, source, out = _MATRIX_TITLES
        forward = convolution_matrix(self.out.shape, self.kernel, self.stride)
        transposed = np.asarray(forward.todense() if hasattr(forward, "todense") else forward).T
        result = transposed_by_matrix(self.values, self.kernel, self.stride).reshape(-1, 1)
        column = self.values.reshape(-1, 1)
        inputs = range(len(column))
        rows = {(i, 0): tuple(((i, j), "") for j in inputs) for i in range(len(result))}
        used = {
            (i, 0): tuple(((j, 0), "") for j in inputs if transposed[i, j])
            for i in range(len(result))
        }
        grids = (
            Grid("matrix", name, transposed, colours="diverging"),
            Grid("in", source, column, sign="x", colours="diverging"),
            Grid("out", out, result, sign="=", colours="diverging"),
        )
        self.matrix.show(grids, [Link("matrix", "out", rows), Link("in", "out", used)], "out")

    def as_markdown(self) -> str:
        """Return what goes in, the kernel and what comes out as tables."""
        parts = [f"**{grid.title}**\n\n{grid.table().as_markdown()}" for grid in self._grids]
        return "\n\n".join(parts)


def _number(text: str) -> float | None:
    """The number that was typed; None if it is none that can be calculated with."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) <= _LARGEST else None


_HEADS = ("1. Stamp and add", "2. Put zeros in, then convolve", "3. One sparse matrix")
