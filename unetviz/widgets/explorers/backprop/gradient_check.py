"""The gradient check: one backward pass, beside differences of the loss for a weight."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import Any

import numpy as np

from unetviz.geometry.ops import TransposedConvolution, size_of
from unetviz.geometry.tables.table import Table
from unetviz.nets.backprop.kernels import STEP, WeightCheck, check_weight, kernel_gradient
from unetviz.nets.reading.trace_model import trace_model
from unetviz.nets.running.inputs import ready
from unetviz.nets.running.instrumented import instrumented

from ...parts.controls import choice, number_box, row, set_box
from ...parts.grid_explorer import GridExample
from ...parts.panel import Panel
from ...parts.readable import readable_range
from ...parts.table_html import TableView
from ...views.grid.view import Grid, GridView, Link

AGREES = 1e-3
"""Relative difference up to which two gradients are called the same."""
Index = tuple[int, int, int, int]
"""Row, column and both channels of a weight."""

_STEPS = (1e-1, 1e-2, 1e-3, 1e-4, STEP, 1e-8, 1e-10, 1e-12)


class GradientCheckExplorer(Panel):
    """Choose a weight: its gradient from one backward pass, beside differences of the loss.

    Parameters
    ----------
    model : keras.Model
        A functional model of fixed size that ends in a softmax or a sigmoid.
    image : SyntheticImage
        An image of the model's size, with its mask.
    layer : str, optional
        Name of the layer to begin with; by default the first that has a kernel.

    Attributes
    ----------
    check : WeightCheck
        The current weight.
    layer : str
        Name of its layer. A new one begins at the weight with the largest gradient; setting it
        takes another.
    place : (int, int, int, int)
        Row, column, input channel and filter of the weight; setting it takes another.

    Raises
    ------
    KeyError, TypeError, ValueError
        If there is no such layer, the image has no mask or does not fit, or the model has no
        probabilities or no kernel.
    """

    def __init__(self, model: Any, image: Any, layer: str | None = None):
        if getattr(image, "mask", None) is None:
            words = (
                "the panel needs an image with its mask, such as synthetic_cells(64, seed=3), "
                "not {kind}"
            )
            raise TypeError(words.format(kind=type(image).__name__))
        model = ready(model, image.image)
        self._model, self._image = model, image
        self._transposed, names = _transposed(model), _layers(model)
        if not names:
            raise ValueError(
                "this model has no layer with a kernel of four axes, as convolutions "
                "have; take a network such as build(UNetSpec(64))"
            )
        self._found: dict[tuple, WeightCheck] = {}
        self.layers = choice("Layer", {n: n for n in names}, "280px")
        self.source = number_box("Input channel", 1, "180px")
        self.filter = number_box("Filter", 1, "140px")
        self.step = choice("Step e", {f"{step:g}": step for step in _STEPS}, "140px", STEP)
        self.grids = GridView(
            label=(
                "A kernel and the gradient of the loss for each of its weights. Arrow keys, "
                "the pointer or a click choose the weight that is checked."
            )
        )
        self.table = TableView()
        controls = row(self.layers, self.source, self.filter, self.step)
        super().__init__([controls, self.grids, self.table])
        self._show_layer(names[0] if layer is None else layer)
        self.layers.observe(self.guarded(lambda change: self._show_layer(change.new)), "value")
        for control in (self.source, self.filter):
            control.observe(self.guarded(self._choose_slice), names="value")
        self.step.observe(self.guarded(self._choose_cell), names="value")
        self.grids.observe(self.guarded(self._choose_cell), names="step")

    @property
    def layer(self) -> str:
        """Name of the layer of the current weight."""
        return self.check.layer

    @layer.setter
    def layer(self, layer: str) -> None:
        self._show_layer(layer)

    @property
    def place(self) -> Index:
        """Row, column, input channel and filter of the current weight."""
        return self._swapped(self.layer, self.check.index)

    @place.setter
    def place(self, place: Index) -> None:
        self.check = self._checked(self.layer, self._swapped(self.layer, place))
        self._show()

    def _swapped(self, layer: str, index: Sequence[int]) -> Index:
        """A place as an index of the kernel, or back: Keras swaps some kernels' channels."""
        down, across, first, second = index
        is_swapped = layer in self._transposed
        return (down, across, second, first) if is_swapped else (down, across, first, second)

    def _show_layer(self, layer: str) -> None:
        """Show the weight of a layer that has the largest gradient."""
        gradient = kernel_gradient(self._model, self._image.image, self._image.mask, layer)
        place = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
        check = self._checked(layer, tuple(map(int, place)))
        order = (0, 1, 3, 2) if layer in self._transposed else (0, 1, 2, 3)
        kernel = np.asarray(instrumented(self._model).kernels[layer].kernel)
        self._kernel, self._gradient = kernel.transpose(order), gradient.transpose(order)
        self.check = check
        self._show()

    def _checked(self, layer: str, index: tuple[int, ...]) -> WeightCheck:
        """The gradient of a weight in four ways."""
        key = layer, index, self.step.value
        if key not in self._found:
            image, mask = self._image.image, self._image.mask
            self._found[key] = check_weight(self._model, image, mask, *key)
        return self._found[key]

    def _choose_slice(self, _: Any) -> None:
        down, across, *_ = self.place
        self.place = down, across, self.source.value, self.filter.value

    def _choose_cell(self, _: Any) -> None:
        """Take the weight that was clicked on, or the same one with another step."""
        rows, columns = self._window
        down, across = divmod(self.grids.step, len(columns))
        *_, source, output = self.place
        self.place = rows[down], columns[across], source, output

    def _show(self) -> None:
        down, across, source, output = self.place
        with self.changing_itself():
            self.layers.value = self.layer
            set_box(self.source, 0, self._kernel.shape[2] - 1, source)
            set_box(self.filter, 0, self._kernel.shape[3] - 1, output)
            rows, columns = self._window
            self._slices().show_in(self.grids)
            self.grids.step = rows.index(down) * len(columns) + columns.index(across)
        self.table.show(check_table(self.check))
        kind = "good" if agrees(self.check) else "warning"
        self.describe(kind, sentences(self.check, self.place, self._kernel.size))

    @property
    def _window(self) -> tuple[range, range]:
        """Rows and columns of the kernel that are shown."""
        down, across = map(readable_range, self.place[:2], self._kernel.shape[:2])
        return down, across

    def _slices(self) -> GridExample:
        """The slice of the kernel and its gradient, cell by cell."""
        (rows, columns), (*_, source, output) = self._window, self.place
        cells = np.ix_(rows, columns, [source], [output])
        weights, gradients = self._kernel[cells][..., 0, 0], self._gradient[cells][..., 0, 0]
        power = _power(gradients)
        scale = ", x 10^{power}".format(power=power) if power else ""
        title = "weights w"
        if weights.shape != self._kernel.shape[:2]:
            ends = {"top": rows[0], "bottom": rows[-1], "left": columns[0], "right": columns[-1]}
            title += ", rows {top} to {bottom} and columns {left} to {right} of {size}".format(
                size=size_of(self._kernel.shape[:2]), **ends
            )
        scaled = gradients / 10.0**power
        grids = [
            Grid("weights", title, weights, colours="diverging"),
            Grid("gradients", f"gradient{scale}", scaled, "\u2192", colours="diverging"),
        ]
        own = {cell: ((cell, ""),) for cell in np.ndindex(*weights.shape)}
        said = [
            "Row {row}, column {column}: w = {weight:.4g}, gradient {gradient:.4g}".format(
                row=rows[i],
                column=columns[j],
                weight=float(weights[i, j]),
                gradient=float(gradients[i, j]),
            )
            for i, j in np.ndindex(*weights.shape)
        ]
        return GridExample(grids, [Link("weights", "gradients", own)], said, [], "weights")

    def caption(self) -> str:
        """Say what is shown, in one sentence."""
        words = (
            "The gradient of the loss for one weight of {layer}, from a backward pass and from "
            "differences."
        )
        return words.format(layer=self.layer)


def _layers(model: Any) -> list[str]:
    """Names of the layers whose kernels have rows, columns and two axes of channels."""
    kernels = instrumented(model).kernels.items()
    return [name for name, layer in kernels if len(layer.kernel.shape) == 4]


def _transposed(model: Any) -> frozenset[str]:
    """Names of the layers whose kernels have the filter before the input channel."""
    steps = trace_model(model)
    return frozenset(s.name for s in steps if isinstance(s.operation, TransposedConvolution))


def _power(values: np.ndarray) -> int:
    """The power of ten that the largest value has; 0 where numbers are easily read as they are."""
    largest = float(np.abs(values).max())
    power = floor(log10(largest)) if largest else 0
    return 0 if -2 <= power <= 2 else power


def check_table(check: WeightCheck) -> Table:
    """Table of the gradient in four ways, and how far each is from the numeric one in float64."""
    rows = (
        ("analytic: one backward pass, float32", check.analytic, relative(check.relative)),
        ("analytic: one backward pass, float64", check.analytic64, relative(check.relative64)),
        (
            "numeric: (L(w + e) - L(w - e)) / 2e, float64",
            check.numeric64,
            "what the others are compared with",
        ),
        ("numeric: the same in float32", check.numeric32, relative(check.relative32)),
    )
    headings = ("gradient of the loss for this weight", "value", "relative difference")
    written = tuple((words, f"{value:.9g}", off) for words, value, off in rows)
    return Table(headings, written, frozenset({1, 2}))


def agrees(check: WeightCheck) -> bool:
    """Return whether the backward pass has what the differences of the loss have, in float64."""
    return check.relative64 <= AGREES


def sentences(check: WeightCheck, place: Index, count: int) -> list[str]:
    """Say what was found.

    Parameters
    ----------
    check : WeightCheck
        The four gradients.
    place : (int, int, int, int)
        Row, column, input channel and filter of the weight.
    count : int
        How many weights the kernel has.
    """
    is_zero = check.analytic64 == check.numeric64 == 0
    words = "analytic {analytic:.6g}, numeric {numeric:.6g}, in float64: they differ by {relative}."
    if is_zero:
        words = (
            "analytic and numeric are both exactly 0. On this image the weight changes nothing: "
            "what it adds to is cut off by closed ReLUs, or it is multiplied by zeros only."
        )
    elif agrees(check):
        words = (
            "analytic {analytic:.6g}, numeric {numeric:.6g}, in float64: the same to {relative}."
        )
    verdict = words.format(
        analytic=check.analytic64, numeric=check.numeric64, relative=relative(check.relative64)
    )
    names = dict(zip(("row", "column", "source", "filter"), place, strict=True))
    weight = "{layer}, row {row}, column {column}, input channel {source}, filter {filter}"
    first = f"{weight.format(layer=check.layer, **names)}: {verdict}"
    higher, lower = check.losses64
    losses = (
        "w = {value:.8g} and e = {step:g}, in float64: L(w + e) = {higher:.12g}, "
        "L(w - e) = {lower:.12g}. Their difference, {difference:.6g}, divided by 2e is the numeric "
        "gradient."
    ).format(
        value=check.value,
        step=check.step,
        higher=higher,
        lower=lower,
        difference=higher - lower,
    )
    lines = [first] + [_advice(check)] * (not agrees(check)) + [losses]
    if not is_zero:
        lines.append(_in_float32(check))
    if agrees(check) and check.relative > AGREES:
        off = relative(check.relative)
        lines.append(
            (
                "The backward pass in float32 is off by {relative}: so small a gradient is "
                "what is left of many numbers that nearly cancel, each of about 7 digits."
            ).format(relative=off)
        )
    return [
        *lines,
        (
            "The numeric way takes two forward passes for each weight: for the {count:,} "
            "weights of this kernel {passes:,}. One backward pass gives them all."
        ).format(count=count, passes=2 * count),
    ]


def _advice(check: WeightCheck) -> str:
    if check.step > 10 * STEP:
        return (
            "The step is large: between w - e and w + e the loss bends, and ReLUs or max "
            "poolings switch. Try a smaller e."
        )
    if check.step < STEP / 10:
        return (
            "The step is so small that even in float64 few digits of the difference are left. "
            "Try a larger e."
        )
    return (
        "Either a ReLU or a max pooling switches between w - e and w + e (there the loss has a "
        "kink), or the gradient is too small for the digits of the loss. Try another e."
    )


def _in_float32(check: WeightCheck) -> str:
    higher, lower = check.losses32
    if higher == lower:
        verdict = "They are the same number, so the numeric gradient is 0."
    elif check.relative32 <= 10 * AGREES:
        verdict = "With so large a step enough digits of the difference are left."
    else:
        off = relative(check.relative32)
        verdict = (
            "Their difference has few right digits left: divided by 2e it is off by {relative}."
        ).format(relative=off)
    return "In float32 a loss has about 7 digits: {higher:.8g} and {lower:.8g}. {verdict}".format(
        higher=higher, lower=lower, verdict=verdict
    )


def relative(part: float) -> str:
    """Write a relative difference.

    Examples
    --------
    >>> relative(0.0), relative(2.34e-7), relative(0.0123), relative(8.2)
    ('0', '2.3e-07', '1.2 %', '820 %')
    """
    if part == 0:
        return "0"
    return f"{part:.1e}" if part < 1e-3 else f"{float(f'{100 * part:.2g}'):g} %"
