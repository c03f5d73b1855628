"""The gradient check: one backward pass, beside differences of the loss for a weight."""

from __future__ import annotations

from math import floor, log10
from typing import Any

import ipywidgets
import numpy as np

from unetviz.geometry.ops import TransposedConvolution, size_of
from unetviz.geometry.tables.table import escaped
from unetviz.nets.backprop.kernels import STEP, WeightCheck, check_weight, kernel_gradient
from unetviz.nets.reading.trace_model import trace_model
from unetviz.nets.running.instrumented import instrumented

from ...parts.controls import choice, number_box, row, set_box
from ...parts.panel import Panel
from ...parts.readable import readable_range
from ...parts.table_html import as_html
from ...views.grid.view import Grid, GridView, Link
from .gradient_check_words import agrees, check_table, sentences

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
        The weight in hand.
    layer : str
        Name of the layer in hand. A new one begins at the weight with the largest gradient;
        setting it takes another.
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
            kind = type(image).__name__
            raise TypeError(
                (
                    "the panel needs an image with its mask, such as synthetic_cells(64, seed=3), "
                    "not {kind}"
                ).format(kind=kind)
            )
        self._model, self._image, self._busy = model, image, False
        self._transposed, names = _transposed(model), _layers(model)
        if not names:
            raise ValueError(
                "this model has no layer with a kernel of four axes, as convolutions "
                "have; take a network such as build(UNetSpec(64))"
            )
        self._found: dict[tuple, WeightCheck] = {}
        steps = {f"{step:g}": step for step in _STEPS}
        self.layers = choice("Layer", {n: n for n in names}, "280px")
        self.source = number_box("Input channel", 1, "180px")
        self.filter = number_box("Filter", 1, "140px")
        self.step = choice("Step e", steps, "140px")
        self.step.value = STEP
        self.grids = GridView(
            label=(
                "A kernel and the gradient of the loss for each of its weights. Arrow keys, "
                "the pointer or a click choose the weight that is checked."
            )
        )
        self.table = ipywidgets.HTML()
        controls = row(self.layers, self.source, self.filter, self.step)
        super().__init__([controls, self.grids, self.table])
        self._take(names[0] if layer is None else layer)
        self.layers.observe(self.guarded(self._change_layer), names="value")
        for control in (self.source, self.filter):
            control.observe(self.guarded(self._change_slice), names="value")
        self.step.observe(self.guarded(self._change_weight), names="value")
        self.grids.observe(self.guarded(self._change_weight), names="step")

    @property
    def layer(self) -> str:
        """Name of the layer in hand."""
        return self.check.layer

    @layer.setter
    def layer(self, layer: str) -> None:
        self._take(layer)

    @property
    def place(self) -> tuple[int, int, int, int]:
        """Row, column, input channel and filter of the weight in hand."""
        return self._swapped(self.layer, self.check.index)

    @place.setter
    def place(self, place: tuple[int, int, int, int]) -> None:
        self._check(self.layer, self._swapped(self.layer, place))
        self._show()

    def _swapped(self, layer: str, index: tuple[int, ...]) -> tuple[int, ...]:
        """A place as an index of the kernel, or back: Keras turns some kernels' channels round."""
        down, across, first, second = index
        is_turned = layer in self._transposed
        return (down, across, second, first) if is_turned else (down, across, first, second)

    def _take(self, layer: str) -> None:
        """Take the weight of a layer that has the largest gradient."""
        gradient = kernel_gradient(self._model, self._image.image, self._image.mask, layer)
        largest = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
        self._check(layer, tuple(map(int, largest)))
        turn = (0, 1, 3, 2) if layer in self._transposed else (0, 1, 2, 3)
        self._gradient = gradient.transpose(turn)
        self._kernel = np.asarray(instrumented(self._model).kernels[layer].kernel).transpose(turn)
        self._show()

    def _check(self, layer: str, index: tuple[int, ...]) -> None:
        """Compute the gradient of a weight in four ways; nothing changes if that does not work."""
        key = layer, index, self.step.value
        if key not in self._found:
            image, mask = self._image.image, self._image.mask
            self._found[key] = check_weight(self._model, image, mask, *key)
        self.check = self._found[key]

    def _change_layer(self, change: Any) -> None:
        if not self._busy:
            self._take(change.new)

    def _change_slice(self, _: Any) -> None:
        if not self._busy:
            self.place = (*self.place[:2], self.source.value, self.filter.value)

    def _change_weight(self, _: Any) -> None:
        """Take the weight that was clicked on, or the same one with another step."""
        if self._busy:
            return
        rows, columns = self._window
        down, across = divmod(self.grids.step, len(columns))
        self.place = (rows[down], columns[across], *self.place[2:])

    def _show(self) -> None:
        down, across, source, output = self.place
        self._busy = True
        try:
            self.layers.value = self.layer
            set_box(self.source, 0, self._kernel.shape[2] - 1, source)
            set_box(self.filter, 0, self._kernel.shape[3] - 1, output)
            self._grids, links, said = self._slices()
            rows, columns = self._window
            self.grids.show(self._grids, links, "weights", said)
            self.grids.step = rows.index(down) * len(columns) + columns.index(across)
        finally:
            self._busy = False
        self.table.value = as_html(check_table(self.check))
        self.say("good" if agrees(self.check) else "warning", self._sentences())

    def _slices(self) -> tuple[list[Grid], list[Link], list[str]]:
        """The slice of the kernel and its gradient, cell by cell."""
        place = self.place
        sides = self._kernel.shape[:2]
        self._window = tuple(readable_range(n, size) for n, size in zip(place, sides, strict=False))
        cells = (*np.ix_(*self._window), *place[2:])
        weights, gradients = self._kernel[cells], self._gradient[cells]
        power = _power(gradients)
        scale = ", x 10^{power}".format(power=power) if power else ""
        rows, columns = self._window
        title = "weights w"
        if weights.shape != sides:
            ends = {"top": rows[0], "bottom": rows[-1], "left": columns[0], "right": columns[-1]}
            title += ", rows {top} to {bottom} and columns {left} to {right} of {size}".format(
                size=size_of(sides), **ends
            )
        grids = [
            Grid("weights", title, weights, colours="diverging"),
            Grid(
                "gradients",
                "gradient{scale}".format(scale=scale),
                gradients / 10.0**power,
                sign="\u2192",
                colours="diverging",
            ),
        ]
        own = {cell: ((cell, ""),) for cell in np.ndindex(*weights.shape)}
        said = [
            "Row {row}, column {column}: w = {weight:.4g}, gradient {gradient:.4g}".format(
                row=rows[i], column=columns[j], weight=weights[i, j], gradient=gradients[i, j]
            )
            for i, j in np.ndindex(*weights.shape)
        ]
        return grids, [Link("weights", "gradients", own)], said

    def _sentences(self) -> list[str]:
        return sentences(self.check, self.place, self._kernel.size)

    def as_markdown(self) -> str:
        """Return the numbers of the slice, the four gradients, and the sentences."""
        parts = [
            escaped(
                (
                    "The gradient of the loss for one weight of {layer}, from a backward pass and "
                    "from differences."
                ).format(layer=self.layer)
            )
        ]
        parts += [f"**{escaped(g.title)}**\n\n{g.table().as_markdown()}" for g in self._grids]
        parts.append(check_table(self.check).as_markdown())
        return "\n\n".join([*parts, *map(escaped, self._sentences())])


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
