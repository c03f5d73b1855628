"""The microscope as a panel: choose a number of a map, see what it is made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from unetviz.draw.images.annotated import BoxMark, PlacedImage
from unetviz.draw.images.colours import coloured
from unetviz.draw.images.thumbnails import colours_of, most_variable_channel
from unetviz.geometry.box import Box
from unetviz.geometry.index_maps import Spread
from unetviz.geometry.ops import Convolution
from unetviz.nets.reading.trace_model import trace_model
from unetviz.nets.running.inputs import for_panel
from unetviz.nets.running.microscope import LayerCalculation, Specimen

from ...parts.array_view import placed
from ...parts.controls import choice, number_box, row, set_box, tick
from ...parts.network_image import pointer_words, screen_zoom
from ...parts.panel import Panel
from ...parts.table_html import TableView
from ...views.grid.view import GridView
from ...views.image.view import ImageView
from .grids import grids_of
from .words import agrees, class_table, four, largest_first, sentences, sum_table

_ROOM = 360
"""Pixels of the screen for the map, so that its legend has room beside it."""


class Microscope(Panel):
    """Take any number of any feature map apart, with the model's own weights.

    Parameters
    ----------
    model : keras.Model
        A functional model of fixed size.
    image : array of shape (h, w) or (h, w, c)
        An image; it is fitted to the model's input.
    step : str, optional
        Name of the step to begin with; by default the first convolution.
    point : (int, int), optional
        Row and column to begin with; by default where the map is largest.

    Attributes
    ----------
    calculation : LayerCalculation
        The current number, taken apart.
    step, point, channel : str, (int, int), int
        Which number it is; setting one of them takes another apart. A new step begins at the
        channel that differs most from place to place.
    """

    calculation: LayerCalculation
    _specimen: Specimen
    _images: dict[int, tuple[PlacedImage, str]]

    def __init__(
        self,
        model: Any,
        image: np.ndarray,
        step: str | None = None,
        point: tuple[int, int] | None = None,
    ):
        self._model, self._image = for_panel(model, image)
        self.trace = trace_model(self._model)
        names = [one.name for one in self.trace]
        filters = [one.name for one in self.trace if isinstance(one.operation, Convolution)]
        self.steps = choice("Step", {name: name for name in names}, "300px")
        self.channels = number_box("Output channel", 1, "180px")
        self.source = number_box("Input channel shown", 1, "220px")
        self.follow_largest = tick("the one with the largest sum", "240px", True)
        self.view = ImageView(
            label=(
                "One channel of the map. A click or arrow keys choose the number that is "
                "taken apart; with Shift the keys move by 16; Escape lets it go."
            )
        )
        self.grids = GridView(
            label=(
                "The numbers that go in, what they are multiplied by, and the products. Arrow "
                "keys go through the products."
            )
        )
        self.table = TableView()
        controls = row(self.steps, self.channels), row(self.source, self.follow_largest)
        super().__init__([*controls, self.view, self.grids, self.table])
        self._take(step if step is not None else (filters or names)[0], point)
        self.steps.observe(self.guarded(lambda change: self._take(change.new)), names="value")
        self.channels.observe(self.guarded(self._change_channel), names="value")
        self.source.observe(self.guarded(self._change_source), names="value")
        self.follow_largest.observe(self.guarded(lambda _: self._show_parts()), names="value")
        self.view.observe(self.guarded(self._pick), names=["point", "held"])

    @property
    def step(self) -> str:
        """Name of the current step."""
        return self.calculation.step

    @step.setter
    def step(self, step: str) -> None:
        self._take(step)

    @property
    def point(self) -> tuple[int, int]:
        """Row and column of the current number."""
        return self.calculation.place[:2]

    @point.setter
    def point(self, point: tuple[int, int]) -> None:
        down, across = point
        self.calculation = self._specimen.at(down, across, self.channel)
        self._show()

    @property
    def channel(self) -> int:
        """Output channel of the current number."""
        return self.calculation.place[2]

    @channel.setter
    def channel(self, channel: int) -> None:
        self.calculation = self._specimen.at(*self.point, channel)
        self._show()

    def _take(self, step: str, point: tuple[int, int] | None = None) -> None:
        """Put another step under the microscope; nothing changes if that does not work."""
        specimen = Specimen(self._model, self._image, step)
        values = specimen.maps[step]
        channel = most_variable_channel(values)
        numbers = np.abs(values[..., channel])
        down, across = point or divmod(int(numbers.argmax()), numbers.shape[1])
        self.calculation = specimen.at(down, across, channel)
        self._specimen, self._images = specimen, {}
        words = pointer_words(
            "Pointer: row {row}, column {column}",
            "-",
            "A click takes a number apart; then arrow keys go to its neighbours.",
        )
        self.view.follow(Box(0, 0, *values.shape[:2]), {}, [], words, self.point)
        self._show()

    def _change_channel(self, change: Any) -> None:
        self.channel = change.new

    def _change_source(self, _: Any) -> None:
        """A channel that was typed stays, also where another one has a larger sum."""
        if self.follow_largest.value:
            self.follow_largest.value = False  # which shows the parts
        else:
            self._show_parts()

    def _pick(self, _: Any) -> None:
        """Take the number that was clicked on; what the pointer passes over does not count."""
        if self.view.held and self.view.point not in ([], list(self.point)):
            down, across = self.view.point
            self.point = (down, across)

    def _show(self) -> None:
        self.view.point = list(self.point)
        self._show_map()
        tables = sum_table(self.calculation), class_table(self.calculation)
        self.table.show(*filter(None, tables))
        self._show_parts()
        self.describe("neutral" if agrees(self.calculation) else "wrong", self._sentences())

    def _fill(self) -> None:
        """Let the controls say which number is current."""
        with self.changing_itself():
            self.steps.value = self.step
            set_box(self.channels, 0, self._specimen.step.out_shape[2] - 1, self.channel)
            channels = [channel for _, channel in self.calculation.origins]
            # Several maps are joined number by number: then they are all shown.
            one_map = len({name for name, _ in self.calculation.origins}) == 1
            low, high = (min(channels), max(channels)) if one_map else (0, 0)
            shown = channels[largest_first(self.calculation)[0]] if one_map else 0
            if not self.follow_largest.value:
                shown = min(max(self.source.value, low), high)
            set_box(self.source, low, high, shown)
            is_single = low == high or self.calculation.patch.shape[:2] == (1, 1)
            self.source.disabled = self.follow_largest.disabled = is_single

    def _show_parts(self) -> None:
        self._fill()
        grids_of(self.calculation, self.source.value - self.source.min).show_in(self.grids)

    def _show_map(self) -> None:
        """Show the channel of the map that the number belongs to, and the number on it."""
        down, across = self.point
        if self.channel not in self._images:
            self._images[self.channel] = self._draw_channel()
        image, words = self._images[self.channel]
        pixel = "row {row}, column {column}: {value}".format(
            row=down, column=across, value=four(self.calculation.value)
        )
        spot = Box(down, across, down + 1, across + 1)
        marks = [
            BoxMark(image.box, "window", words),
            BoxMark(spot, "kept", pixel, is_map=False),
        ]
        self.view.show(image, marks)

    def _draw_channel(self) -> tuple[PlacedImage, str]:
        """The channel as an image, and what its colours mean."""
        values = self._specimen.maps[self.step][..., self.channel]
        colours, zoom = colours_of(values), screen_zoom(max(values.shape), _ROOM)
        words = "{step}, channel {channel}; dark is 0, bright is the largest"
        if colours == "diverging":
            words = "{step}, channel {channel}; 0 is white, red above, blue below"
        image = placed(coloured(values, colours), zoom)
        return image, words.format(step=self.step, channel=self.channel)

    def _sentences(self) -> list[str]:
        step = self._specimen.step
        is_stamped = bool(step.inputs) and isinstance(step.rule(0), Spread)
        kernel = getattr(step.operation, "kernel", None) if is_stamped else None
        return sentences(self.calculation, kernel)

    def caption(self) -> str:
        """Say which number is shown, in one sentence."""
        place = dict(zip(("row", "column", "channel"), self.calculation.place, strict=True))
        value = four(self.calculation.value)
        return (
            "Channel {channel} of {step}, and the number in row {row}, column {column}: {value}."
        ).format(step=self.step, value=value, **place)
