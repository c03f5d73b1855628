"""The explorer of one score's gradient: which input pixels it feels, and the box they lie in."""

from __future__ import annotations

from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import BoxMark, PlacedImage, draw_image
from unetviz.draw.images.colours import coloured, png_of
from unetviz.geometry.box import Box
from unetviz.geometry.receptive_field import receptive_field
from unetviz.geometry.tables.table import escaped
from unetviz.labs.images.arrays import as_floats, checked_image
from unetviz.nets.backprop.maps import pixel_gradient
from unetviz.nets.reading.trace_model import trace_model
from unetviz.nets.running.feature_maps import feature_maps
from unetviz.nets.running.instrumented import check_probabilities

from ...parts.controls import choice, row
from ...parts.image_fitting import at_size, parts_of
from ...parts.network_image import screen_zoom
from ...parts.panel import Panel
from ...views.image.view import ImageView
from .pixel_gradient_words import (
    PixelGradient,
    boxes_table,
    cut,
    percent,
    sentences,
    style_of,
    under,
)

_PIXEL_GRADIENT_MODES = {
    "gradient, by powers of ten": "powers",
    "gradient, in proportion": "linear",
    "where the gradient is not 0": "support",
    "the image itself": "image",
}
_PIXEL_GRADIENT_WORDS = {
    "point": "Pointer: row {row}, column {column}",
    "help": "A click follows a pixel back; then arrow keys go to its neighbours.",
    "held": "Held. Arrow keys move it by one, with Shift by 16; Escape or a click lets it go.",
    "none": "-",
}
_PIXEL_GRADIENT_SCALES = {
    "powers": "in: red raises the score, blue lowers it; a sixth paler for each power of ten",
    "linear": "in: red raises the score, blue lowers it; in proportion, 0 is white",
    "support": "in: white where the gradient is not 0, black where it is exactly 0",
    "image": "in: this part of the image",
}
_PIXEL_GRADIENT_INPUT_LABEL = (
    "Shown are rows {top} to {bottom}, columns {left} to {right}, and the boxes of the paths."
)

_OUTPUT_ROOM, _INPUT_ROOM = 396, 424
"""Pixels of the screen; together they have what an output has."""
_RING = 7
"""Pixels of the screen between the chosen pixel and the box around it."""
_POWERS = 6
"""Powers of ten below the largest gradient that still have a colour."""
_MARGIN = 3
"""Pixels of the input that are shown around the box: nothing is there."""


class PixelGradientExplorer(Panel):
    """Follow the score of one output pixel back to the input.

    Parameters
    ----------
    model : keras.Model
        A functional model of fixed size that ends in a softmax or a sigmoid.
    image : SyntheticImage, or array of shape (h, w) or (h, w, c)
        An image of the model's size; an array of another size is fitted to it.
    point : (int, int), optional
        Row and column of the output pixel to begin with; by default the one in the middle.

    Attributes
    ----------
    point : (int, int)
        The output pixel in hand; setting it follows another one back.
    seen : PixelGradient
        The gradient of its score, before the softmax, and the boxes that the geometry predicts.

    Raises
    ------
    TypeError, ValueError
        If the image does not fit, there is no such pixel, or the model has no probabilities.
    """

    def __init__(self, model: Any, image: Any, point: tuple[int, int] | None = None):
        self.trace, self._model = trace_model(model), model
        check_probabilities(model)
        self._image, _ = parts_of(at_size(image, self.trace.steps[0].out_shape))
        image = as_floats(checked_image(self._image))
        self._plain = image if image.shape[2] == 3 else image.mean(axis=2)
        last = self.trace.steps[-1].name
        self._probabilities = feature_maps(model, self._image, [last])[last]
        rows, columns, classes = self._probabilities.shape
        numbers = {str(number): number for number in range(classes)}
        self.channel = choice("Score of class", numbers, "180px")
        self.channel.value = classes - 1
        self.colours = choice("Shown", _PIXEL_GRADIENT_MODES, "340px")
        self.boxes = ipywidgets.Checkbox(
            True, description="boxes of the paths", indent=False, layout={"width": "200px"}
        )
        self.output = ImageView(
            label=(
                "The output: the probability of a class. A click or arrow keys choose the "
                "pixel whose score is followed back; with Shift the keys move by 16; Escape "
                "lets it go."
            ),
            layout={"width": f"{_OUTPUT_ROOM + 6}px"},
        )
        self.input = ImageView(layout={"width": f"{_INPUT_ROOM + 6}px"})
        super().__init__(
            [row(self.channel, self.colours, self.boxes), row(self.output, self.input)]
        )
        area = Box(0, 0, rows, columns)
        self._follow(*((rows // 2, columns // 2) if point is None else point))
        self.output.follow(area, {}, [], _PIXEL_GRADIENT_WORDS, self.point)
        self._show()
        self.channel.observe(self.guarded(self._change), names="value")
        for control in (self.colours, self.boxes):
            control.observe(self.guarded(lambda _: self._show_input()), names="value")
        self.output.observe(self.guarded(self._pick), names=["point", "held"])

    @property
    def point(self) -> tuple[int, int]:
        """Row and column of the output pixel in hand."""
        return self.seen.found.row, self.seen.found.column

    @point.setter
    def point(self, point: tuple[int, int]) -> None:
        self._follow(*point)
        # Where a key moved it, it is there already, and the next key may be on its way.
        if tuple(self.output.point) != self.point:
            self.output.point = list(self.point)
        self._show()

    def _follow(self, down: int, across: int) -> None:
        """Follow another pixel back; nothing changes if there is no such pixel."""
        found, channel = receptive_field(self.trace, down, across), self.channel.value
        place = found.row, found.column
        gradient = pixel_gradient(self._model, self._image, *place, channel)
        self.seen = PixelGradient(found, channel, gradient, under(self.trace, *place))

    def _change(self, _: Any) -> None:
        self.point = self.point

    def _pick(self, _: Any) -> None:
        """Take the pixel that was clicked on; what the pointer passes over does not count."""
        place = tuple(self.output.point)
        if place and self.output.held and place != self.point:
            self.point = place

    def _show(self) -> None:
        self.output.show(*self._output())
        self._show_input()
        self.say("wrong" if self.seen.counts[1] else "neutral", sentences(self.seen))

    def _show_input(self) -> None:
        image, marks = self._input()
        ends = {"top": image.box.top, "bottom": image.box.bottom - 1}
        ends |= {"left": image.box.left, "right": image.box.right - 1}
        self.input.label = f"{self.caption()} {_PIXEL_GRADIENT_INPUT_LABEL.format(**ends)}"
        self.input.show(image, marks)

    def _output(self) -> tuple[PlacedImage, list[BoxMark]]:
        """The probability of the class, and the chosen pixel on it."""
        (down, across), values = self.point, self._probabilities[..., self.seen.channel]
        box = Box(0, 0, *values.shape)
        words = "out: probability of class {number}, black 0, white 1".format(
            number=self.seen.channel
        )
        chosen = "chosen: row {row}, column {column}, probability {value:.3f}".format(
            row=down, column=across, value=values[down, across]
        )
        zoom = screen_zoom(max(values.shape), _OUTPUT_ROOM)
        # A ring, where a pixel is too small to be found among so many.
        ring = int(_RING / zoom)
        spot = Box(down - ring, across - ring, down + ring + 1, across + ring + 1)
        marks = [BoxMark(box, "grid", words), BoxMark(spot, "bottleneck", chosen, is_map=False)]
        return PlacedImage(png_of(coloured(values, limits=(0.0, 1.0))), box, zoom), marks

    def _input(self) -> tuple[PlacedImage, list[BoxMark]]:
        """The gradient in and around the predicted box, and the boxes of the paths on it."""
        frame, values = self._frame(), self.seen.strongest
        largest, mode = float(np.abs(values).max()), self.colours.value
        if mode == "image":
            pixels = coloured(cut(self._plain, frame))
        else:
            pixels = _painted(cut(values, frame), mode, largest)
        marks = [BoxMark(frame, "window", _PIXEL_GRADIENT_SCALES[mode])]
        named = self.seen.boxes if self.boxes.value else {}
        for name, (path, box) in reversed(named.items()):
            share = percent(self.seen.share(box))
            line = "{path}: {share}".format(path=path, share=share)
            marks.append(BoxMark(box, style_of(name), line))
        zoom = screen_zoom(max(frame.height, frame.width), _INPUT_ROOM)
        return PlacedImage(png_of(pixels), frame, zoom), marks

    def _frame(self) -> Box:
        box, (height, width, _) = self.seen.box, self.trace.steps[0].out_shape
        return Box(
            max(box.top - _MARGIN, 0),
            max(box.left - _MARGIN, 0),
            min(box.bottom + _MARGIN, height),
            min(box.right + _MARGIN, width),
        )

    def caption(self) -> str:
        """Say what is shown, in one sentence."""
        down, across = self.point
        return (
            "Gradient of the score of class {number} at output row {row}, column {column}, over "
            "the input."
        ).format(number=self.seen.channel, row=down, column=across)

    def as_markdown(self) -> str:
        """Return the boxes as a table, and the sentences below the images."""
        parts = [self.caption(), boxes_table(self.seen).as_markdown()]
        return "\n\n".join([*parts, *map(escaped, sentences(self.seen))])

    def still(self) -> Drawing:
        """Return the gradient as it is shown now."""
        return draw_image(*self._input(), self.caption())


def _painted(values: np.ndarray, mode: str, largest: float) -> np.ndarray:
    """Colours of a gradient, as one of the modes says."""
    if mode == "support":
        return coloured((values != 0).astype(float), limits=(0.0, 1.0))
    parts = values / (largest or 1.0)
    if mode == "powers":
        sizes = np.maximum(np.abs(parts), 10.0**-_POWERS)
        parts = np.sign(parts) * (1 + np.log10(sizes) / _POWERS)
    return coloured(parts, "diverging", (-1.0, 1.0))
