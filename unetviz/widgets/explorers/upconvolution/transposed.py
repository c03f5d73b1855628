"""One transposed convolution in three forms on the same numbers, stepped through together."""

from __future__ import annotations

from typing import Any

import ipywidgets
import numpy as np

from unetviz.geometry.ops import Convolution, TransposedConvolution
from unetviz.labs.upconvolution import (
    convolution_matrix,
    insert_zeros,
    stamp_and_add,
    transposed_by_matrix,
    zero_insertion,
)

from ...parts.controls import choice, row
from ...parts.grid_explorer import cell_weights
from ...parts.panel import Panel
from ...views.grid.view import Grid, GridView, Link, Weights, weighted_sum
from ...views.steps.view import StepControl
from ._kernels import KERNELS

_FORMS = {
    "1. Stamp and add": (
        "Transposed convolution as stamps. Arrow keys go from cell to cell of the result."
    ),
    "2. Put zeros in, then convolve": (
        "The same as a convolution with zeros put in. Arrow keys go from cell to cell."
    ),
    "3. One sparse matrix": (
        "The same as a matrix times a column. Arrow keys go from cell to cell."
    ),
}
"""What stands above each view, and what a screen reader says of it."""
_STAMPS = {0: "No stamp reaches it: 0.", 1: "One stamp reaches it: {parts}."}
_LARGEST = 99
_KERNELS = {n: np.arange(1.0, n * n + 1).reshape(n, n) for n in (2, 3, 4)}
"""Kernels to begin with; each number of them can be changed."""
Form = tuple[list[Grid], list[Link]]
"""Matrices, and what makes each number of the result."""


class TransposedExplorer(Panel):
    """Stamps, zeros put in, and a matrix: three linked views of the same transposed convolution.

    Parameters
    ----------
    values : array of shape (h, w)
        What goes in; at most 3 x 3 numbers, so that the matrix can be read.

    Attributes
    ----------
    kernel : array of shape (k, k)
        The current kernel; typing into its grid changes it.
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
        self.views = tuple(GridView(label=label) for label in _FORMS.values())
        self.stamps, self.zeros, self.matrix = self.views
        for view in (self.zeros, self.matrix):
            view.add_class("unetviz-narrow")  # so that all three have room side by side
        self._links = [
            ipywidgets.jslink((self.steps, name), (view, name))
            for view in self.views
            for name in ("step", "playing")
        ]
        heads = [ipywidgets.HTML(f"<b>{text}</b>") for text in _FORMS]
        # The long matrix beside the other two where there is room, so that all are seen at once.
        left = ipywidgets.VBox([heads[0], self.stamps, heads[1], self.zeros])
        right = ipywidgets.VBox([heads[2], self.matrix], layout={"margin": "0 0 0 14px"})
        # A number that is refused is said where it can be seen: above the views.
        super().__init__([row(self.size), self.steps, row(left, right)], note_at=2)
        self.calculate(self.values, self.kernel)
        self.size.observe(self.guarded(self._change_size), names="value")
        self.stamps.observe(self.guarded(self._change_number), names="edited")

    @property
    def stride(self) -> int:
        """The stride in output pixels."""
        return self.size.value[1]

    def _change_size(self, change: Any) -> None:
        self.calculate(self.values, _KERNELS[change.new[0]].copy())
        self.steps.step = 0

    def _change_number(self, change: Any) -> None:
        """Calculate with the number that was typed into a grid."""
        name, i, j, text = change.new
        arrays = {"values": self.values.copy(), "kernel": self.kernel.copy()}
        target = arrays["kernel" if name == "kernel" else "values"]
        value = _number(text)
        if value is None or value == target[i, j]:
            self.stamps.grids = []  # nothing changes, but the box is to show again what it had
        if value is not None:
            target[i, j] = value
        self.calculate(**arrays)
        if value is None:
            words = (
                "{text!r} is no number from -99 to 99; type one such as 3 or -0.5. Nothing was "
                "changed."
            )
            self.say("wrong", [words.format(text=text)])

    def calculate(self, values: np.ndarray, kernel: np.ndarray) -> None:
        """Show the same transposed convolution in all three forms.

        Parameters
        ----------
        values : array of shape (h, w)
            The input.
        kernel : array of shape (k, k)
            The kernel, of the size that is chosen.
        """
        out = stamp_and_add(values, kernel, self.stride)
        operation = TransposedConvolution(1, kernel.shape, (self.stride, self.stride))
        weights = cell_weights(operation, values, kernel)
        forms = (
            _as_stamps(values, kernel, self.stride, weights),
            _as_convolution(values, kernel, self.stride),
            _as_matrix(values, kernel, self.stride),
        )
        self.values, self.kernel, self.out = values, kernel, out
        for view, (grids, links) in zip(self.views, forms, strict=True):
            view.show(grids, links, "out")
        names = ["out {row}, {column}".format(row=i, column=j) for i, j in np.ndindex(out.shape)]
        self.steps.tell(names, _sentences(values, out, weights))
        self.note.value = ""

    def as_markdown(self) -> str:
        """Return the input, the kernel and the output as tables."""
        return self.stamps.as_markdown()


def _sentences(values: np.ndarray, out: np.ndarray, weights: Weights) -> list[str]:
    """How each output is made of stamps."""
    sentences = []
    for cell, parts in weights.items():
        total = weighted_sum([(weight, values[source]) for source, weight in parts], out[cell])
        words = _STAMPS.get(len(parts), "{count} stamps reach it: {parts}.")
        sentences.append(words.format(count=len(parts), parts=total))
    return sentences


def _as_stamps(values: np.ndarray, kernel: np.ndarray, stride: int, weights: Weights) -> Form:
    taps = {
        (i, j): tuple(((i - r * stride, j - c * stride), "") for (r, c), _ in parts)
        for (i, j), parts in weights.items()
    }
    result = stamp_and_add(values, kernel, stride)
    grids = [
        Grid("in", "in", values, editable=True, colours="diverging"),
        Grid("kernel", "kernel", kernel, sign="*", editable=True),
        Grid("out", "out: stamps, added", result, sign="\u2192", colours="diverging"),
    ]
    return grids, [Link("in", "out", weights), Link("kernel", "out", taps)]


def _as_convolution(values: np.ndarray, kernel: np.ndarray, stride: int) -> Form:
    spread, turned = insert_zeros(values, len(kernel), stride), kernel[::-1, ::-1]
    result = zero_insertion(values, kernel, stride)
    weights = cell_weights(Convolution(1, kernel.shape), spread, turned)
    grids = [
        Grid("in", "in, zeros put between and around", spread, colours="diverging"),
        Grid("kernel", "kernel, turned round", turned, sign="*"),
        Grid("out", "out: an ordinary convolution", result, "\u2192", colours="diverging"),
    ]
    return grids, [Link("in", "out", weights)]


def _as_matrix(values: np.ndarray, kernel: np.ndarray, stride: int) -> Form:
    shape = stamp_and_add(values, kernel, stride).shape
    transposed = convolution_matrix(shape, kernel, stride).toarray().T
    result = transposed_by_matrix(values, kernel, stride).reshape(-1, 1)
    column = values.reshape(-1, 1)
    inputs = range(len(column))
    rows = {(i, 0): tuple(((i, j), "") for j in inputs) for i in range(len(result))}
    used = {
        (i, 0): tuple(((j, 0), "") for j in inputs if transposed[i, j]) for i in range(len(result))
    }
    grids = [
        Grid("matrix", "C transposed", transposed, colours="diverging"),
        Grid("in", "in", column, sign="x", colours="diverging"),
        Grid("out", "out", result, sign="=", colours="diverging"),
    ]
    return grids, [Link("matrix", "out", rows), Link("in", "out", used)]


def _number(text: str) -> float | None:
    """The number that was typed; None if it is none that can be calculated with."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) <= _LARGEST else None
