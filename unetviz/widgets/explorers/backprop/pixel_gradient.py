"""The explorer of one score's gradient: which input pixels it feels, and the box they lie in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import BoxMark
from unetviz.draw.images.colours import coloured
from unetviz.draw.theme import path_kind
from unetviz.geometry.box import Box
from unetviz.geometry.ops import size_of
from unetviz.geometry.receptive_field import ReceptiveField, receptive_field
from unetviz.geometry.strides import strides
from unetviz.geometry.tables.table import Table
from unetviz.geometry.trace import Trace
from unetviz.labs.images.arrays import as_floats, checked_image
from unetviz.nets.backprop.maps import pixel_gradient
from unetviz.nets.reading.trace_model import trace_model
from unetviz.nets.running.feature_maps import feature_maps
from unetviz.nets.running.inputs import takes_integers
from unetviz.nets.running.instrumented import check_probabilities

from ...parts.array_view import placed
from ...parts.controls import choice, row, tick
from ...parts.image_fitting import network_and_image, parts_of
from ...parts.network_image import pointer_words, screen_zoom
from ...parts.panel import Panel
from ...views.image.view import ImageView

_STEP = 0.01
"""How much brighter a pixel is made in the example."""
_MODES = {
    "gradient, by powers of ten": "powers",
    "gradient, in proportion": "linear",
    "where the gradient is not 0": "support",
    "the image itself": "image",
}
_WORDS = pointer_words(
    "Pointer: row {row}, column {column}",
    "-",
    "A click follows a pixel back; then arrow keys go to its neighbours.",
)
_SCALES = {
    "powers": "in: red raises the score, blue lowers it; a sixth paler for each power of ten",
    "linear": "in: red raises the score, blue lowers it; in proportion, 0 is white",
    "support": "in: white where the gradient is not 0, black where it is exactly 0",
    "image": "in: this part of the image",
}

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
        The current output pixel; setting it follows another one back.
    seen : PixelGradient
        The gradient of its score, before the softmax, and the boxes that the geometry predicts.

    Raises
    ------
    TypeError, ValueError
        If the image does not fit, there is no such pixel, or the model has no probabilities.
    """

    def __init__(self, model: Any, image: Any, point: tuple[int, int] | None = None):
        self._model, fitting = network_and_image(model, image)
        model = self._model
        self.trace = trace_model(model)
        check_probabilities(model)
        self._image, _ = parts_of(fitting)
        image = as_floats(checked_image(self._image))
        if self._image.dtype.kind == "f" and takes_integers(model):
            image = image / max(1.0, float(image.max()))
        self._plain = image if image.shape[2] == 3 else image.mean(axis=2)
        last = self.trace.steps[-1].name
        self._probabilities = feature_maps(model, self._image, [last])[last]
        rows, columns, classes = self._probabilities.shape
        numbers = {str(number): number for number in range(classes)}
        self.channel = choice("Score of class", numbers, "180px", classes - 1)
        self.colours = choice("Shown", _MODES, "340px")
        self.boxes = tick("boxes of the paths", "200px", True)
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
        self._follow(*(point or (rows // 2, columns // 2)))
        self.output.follow(area, {}, [], _WORDS, self.point)
        self._show()
        self.channel.observe(self.guarded(self._choose_class), names="value")
        for control in (self.colours, self.boxes):
            control.observe(self.guarded(lambda _: self._show_input()), names="value")
        self.output.observe(self.guarded(self._choose_pixel), names=["point", "held"])

    @property
    def point(self) -> tuple[int, int]:
        """Row and column of the current output pixel."""
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

    def _choose_class(self, _: Any) -> None:
        """Follow the score of another class back from the same pixel."""
        self.point = self.point

    def _choose_pixel(self, _: Any) -> None:
        """Take the pixel that was clicked on; what the pointer passes over does not count."""
        if self.output.point and self.output.held and tuple(self.output.point) != self.point:
            down, across = self.output.point
            self.point = down, across

    def _show(self) -> None:
        self._show_output()
        self._show_input()
        self.describe("wrong" if self.seen.counts[1] else "neutral", sentences(self.seen))

    def _show_output(self) -> None:
        """Show the probability of the class, and the chosen pixel on it."""
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
        self.output.show(placed(coloured(values, limits=(0.0, 1.0)), zoom), marks)

    def _show_input(self) -> None:
        """Show the gradient in and around the predicted box, and the boxes of the paths on it."""
        frame, values = self._frame(), self.seen.strongest
        largest, mode = float(np.abs(values).max()), self.colours.value
        if mode == "image":
            pixels = coloured(cut(self._plain, frame))
        else:
            pixels = _painted(cut(values, frame), mode, largest)
        marks = [BoxMark(frame, "window", _SCALES[mode])]
        named = self.seen.boxes if self.boxes.value else {}
        for name, (path, box) in reversed(named.items()):
            line = "{path}: {share}".format(path=path, share=percent(self.seen.share(box)))
            marks.append(BoxMark(box, "kept" if name == "whole" else path_kind(name), line))
        zoom = screen_zoom(max(frame.height, frame.width), _INPUT_ROOM)
        where = (
            "Shown are rows {top} to {bottom}, columns {left} to {right}, and the boxes of the "
            "paths."
        ).format(top=frame.top, bottom=frame.bottom - 1, left=frame.left, right=frame.right - 1)
        self.input.label = f"{self.caption()} {where}"
        self.input.show(placed(pixels, zoom, frame), marks)

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
        table = boxes_table(self.seen).as_markdown()
        return "\n\n".join([self.caption(), table, self.note.as_markdown()])

    def still(self) -> Drawing:
        """Return the gradient as it is shown now."""
        return self.input.still(self.caption())


def _painted(values: np.ndarray, mode: str, largest: float) -> np.ndarray:
    """Colours of a gradient, as one of the modes says."""
    if mode == "support":
        return coloured((values != 0).astype(float), limits=(0.0, 1.0))
    parts = values / (largest or 1.0)
    if mode == "powers":
        sizes = np.maximum(np.abs(parts), 10.0**-_POWERS)
        parts = np.sign(parts) * (1 + np.log10(sizes) / _POWERS)
    return coloured(parts, "diverging", (-1.0, 1.0))


@dataclass(frozen=True, eq=False)
class PixelGradient:
    """The gradient of one score, and where the geometry says that it can be.

    Attributes
    ----------
    found : ReceptiveField
        The output pixel and its boxes.
    channel : int
        Class whose score it is.
    gradient : array of shape (h, w, c)
        Of that score, with respect to the input.
    centre : (int, int)
        The input pixel that lies under the output pixel.
    """

    found: ReceptiveField
    channel: int
    gradient: np.ndarray
    centre: tuple[int, int]

    @cached_property
    def sizes(self) -> np.ndarray:
        """Absolute values, added up over the input's channels: an array of shape (h, w)."""
        return np.abs(self.gradient.astype(float)).sum(axis=2)

    @cached_property
    def strongest(self) -> np.ndarray:
        """Of each pixel the value of the channel that has the largest: an array of shape (h, w)."""
        channels = np.abs(self.gradient).argmax(axis=2)[..., np.newaxis]
        return np.take_along_axis(self.gradient, channels, axis=2)[..., 0]

    @property
    def box(self) -> Box:
        """The predicted box; an empty one if nothing can be felt."""
        return self.found.input or Box(*self.centre, *self.centre)

    @property
    def counts(self) -> tuple[int, int]:
        """How many pixels inside and outside of the box have a gradient that is not 0."""
        inside = int(np.count_nonzero(cut(self.sizes, self.box)))
        return inside, int(np.count_nonzero(self.sizes)) - inside

    def share(self, box: Box) -> float:
        """Return which part of the sum of absolute values lies in a box, from 0 to 1."""
        rest, total = self.sizes.copy(), self.sizes.sum()
        # What is left over is added up, so that a box that holds all has exactly 1.
        cut(rest, box)[:] = 0
        return float(1 - rest.sum() / total) if total else 0.0

    def side_of(self, part: float) -> int:
        """Return the side of the smallest square around `centre` that holds a part of the sum."""
        rows, columns = np.indices(self.sizes.shape)
        far = np.maximum(abs(rows - self.centre[0]), abs(columns - self.centre[1]))
        sums = np.bincount(far.ravel(), weights=self.sizes.ravel()).cumsum()
        return 2 * int(np.searchsorted(sums, part * sums[-1])) + 1

    @property
    def boxes(self) -> dict[str, tuple[str, Box]]:
        """The boxes to be drawn, the smallest paths first: words and box, by the style."""
        named = {}
        for name, box in self.found.paths.items():
            is_skip = name != "bottleneck"
            words = "through skip {level}" if is_skip else "the bottleneck"
            words += ", as all paths" if box == self.found.input else ""
            named[name] = words.format(level=name.removeprefix("skip")), box
        if self.found.input and self.found.input not in self.found.paths.values():
            named["whole"] = "all paths", self.found.input
        return named


def under(trace: Trace, row: int, column: int) -> tuple[int, int]:
    """Return the input pixel that lies under a pixel of the output.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> under(trace(PAPER), 0, 10)
    (92, 102)
    """
    places = []
    for axis, place in enumerate((row, column)):
        size, out = (trace.steps[i].out_shape[axis] for i in (0, -1))
        stride = strides(trace, axis)[trace.steps[-1].name]
        middle = (size - out * stride) / 2 + stride * place + (stride - 1) / 2
        places.append(min(max(int(middle), 0), size - 1))
    return places[0], places[1]


def cut(values: np.ndarray, box: Box) -> np.ndarray:
    """Return the rows and columns of a box."""
    return values[box.top : box.bottom, box.left : box.right]


def sentences(seen: PixelGradient) -> list[str]:
    """Say where the gradient is, and how far most of it reaches."""
    inside, outside = seen.counts
    area = seen.box.height * seen.box.width
    peak = np.unravel_index(np.abs(seen.strongest).argmax(), seen.strongest.shape)
    value = float(seen.strongest[peak])
    place = {"row": seen.found.row, "column": seen.found.column}
    if not inside + outside:
        words = (
            "Output row {row}, column {column}: the gradient of its score is 0 at every pixel of "
            "the input. No way back is open: each meets a closed ReLU."
        )
        return [words.format(**place)]
    said = [
        "Output row {row}, column {column}: the gradient of its score is not 0 at {count:,} pixels "
        "of the input. Inside the predicted box of {size}: {inside:,}; outside: {outside:,}.",
        "Half of the gradient (of the sum of its absolute values) lies within {half} x {half} "
        "pixels around the chosen one, 95 % within {most} x {most}; the box has {size}. What "
        "counts in practice, the effective receptive field, is smaller than what can count.",
        "The largest, {value:+.3g}, is at input row {peak[0]}, column {peak[1]}: with that pixel "
        "brighter by {step}, the score would change by about {change:+.2g}.",
        "{zeros:,} of the {area:,} pixels of the box have a gradient of exactly 0: in each way "
        "from there stands a closed ReLU, or a larger number in a max pooling."
        if inside < area
        else "None of the {area:,} pixels of the box has a gradient of exactly 0.",
    ]
    if len(seen.boxes) > 1:
        said.append(
            "A share is that of a box, not of a path: what lies in the small box of a high skip "
            "comes back through the deeper paths as well."
        )
    numbers = place | {
        "count": inside + outside,
        "inside": inside,
        "outside": outside,
        "size": _size(seen.box),
        "half": seen.side_of(0.5),
        "most": seen.side_of(0.95),
        "value": value,
        "peak": peak,
        "step": _STEP,
        "change": value * _STEP,
        "area": area,
        "zeros": area - inside,
    }
    return [words.format(**numbers) for words in said]


def boxes_table(seen: PixelGradient) -> Table:
    """Table of the boxes: how large each is, and how much of the gradient lies in it."""
    area = seen.box.height * seen.box.width
    rows = tuple(
        (words, _size(box), percent(box.height * box.width / area), percent(seen.share(box)))
        for words, box in seen.boxes.values()
    )
    headings = ("box", "size", "share of the pixels", "share of the gradient")
    return Table(headings, rows, frozenset({1, 2, 3}))


def percent(part: float) -> str:
    """Write a part of 1.

    Examples
    --------
    >>> percent(0.25), percent(0.99997)
    ('25.0 %', '99.99 %')
    """
    decimals = 1 if part in (0.0, 1.0) or 0.001 <= part < 0.9995 else 2
    # Cut, not rounded: only what is all is called 100 %.
    return f"{int(part * 100 * 10**decimals + 1e-9) / 10**decimals:.{decimals}f} %"


def _size(box: Box) -> str:
    return size_of((box.height, box.width))
