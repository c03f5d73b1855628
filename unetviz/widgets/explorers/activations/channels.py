"""All channels of a feature map side by side, and one of them large."""

from __future__ import annotations

from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.images.annotated import BoxMark, PlacedImage
from unetviz.draw.images.colours import SHEET_GAP, coloured, png_of
from unetviz.draw.images.thumbnails import channel_limits, colours_of, most_variable_channel
from unetviz.geometry.box import Box
from unetviz.geometry.tables.table import Table
from unetviz.labs.images.arrays import shrunk

from ...parts.channel_sheet import ChannelSheet
from ...parts.controls import choice, number_box, row
from ...parts.network_image import screen_zoom
from ...views.grid.view import number_text
from ...views.image.view import ImageView

_SCALES = {"a scale for each channel": "channel", "one scale for all channels": "layer"}
_SHEET_WORDS = {
    "help": "A click on a channel shows it large.",
    "held": "Arrow keys move on; Esc lets the pointer choose again.",
}
_CHANNEL_COLUMNS = ("channel", "smallest", "mean", "largest")
_POINT_AT_IT = "Point at a pixel to read its number."
_SHOWN_COLOURS = {
    "sequential": "colours: dark is {low}, bright is {high}",
    "diverging": "colours: blue is {low}, white is 0, red is {high}",
}

_SIDE = 400
"""Pixels of the screen for the sheet of channels, and for the large channel beside it."""
_SMALLEST = 4


class ChannelBrowser(ipywidgets.VBox):
    """Look at the channels of a map.

    Attributes
    ----------
    maps : array of shape (h, w, channels)
        The map in hand.
    channel : BoundedIntText
        The channel that is shown large.
    """

    def __init__(self, first_control: ipywidgets.Widget):
        self._busy = False
        self.maps = np.zeros((1, 1, 1), np.float32)
        self.scale = choice("Colours", _SCALES, "280px")
        self.channel = number_box("Channel", 1, "150px")
        self.channel.min = self.channel.value = 0
        self.sheet = ChannelSheet(
            (
                "All channels of the chosen map as small images. Arrow keys move, and the "
                "channel under the marker is shown large."
            ),
            _SHEET_WORDS,
        )
        self.view = ImageView(
            label="One channel of the chosen map. Arrow keys move from pixel to pixel."
        )
        self.value = ipywidgets.HTML()
        for part in (self.sheet, self.view):
            part.layout.width = f"{_SIDE + 10}px"
        large = ipywidgets.VBox([self.view, self.value])
        super().__init__([row(first_control, self.scale, self.channel), row(self.sheet, large)])

    def connect(self, guarded: Any, changed: Any) -> None:
        """Let the controls act; `changed` is called when what `sentences` says has changed."""
        self._changed = changed
        self.scale.observe(guarded(self._change_scale), names="value")
        self.channel.observe(guarded(self._change_channel), names="value")
        self.sheet.observe(guarded(self._pick), names=["point", "held"])
        self.view.observe(guarded(self._tell_value), names="point")

    def show_map(self, maps: np.ndarray, step: str) -> None:
        """Show another map, and of it the channel that differs most from pixel to pixel."""
        self.maps, self._step = maps, step
        self._busy = True
        self.channel.max = maps.shape[2] - 1
        self.channel.value = most_variable_channel(maps)
        self._busy = False
        self._show_sheet()
        self._show_channel()

    def _change_scale(self, _: Any) -> None:
        self._show_sheet()
        self._show_channel()
        self._changed()

    def _show_sheet(self) -> None:
        """Show all channels, with the scales that are chosen."""
        count = self.maps.shape[2]
        columns = int(np.ceil(count**0.5))
        small = shrunk(self.maps, max(_SMALLEST, _SIDE // columns - SHEET_GAP))
        self._limits = channel_limits(self.maps, self.scale.value == "layer")
        colours = colours_of(self.maps)
        block = [coloured(small[..., i], colours, self._limits[i]) for i in range(count)]
        rows = -(-count // columns)
        # Neither wider nor higher than there is room.
        sides = (rows * (small.shape[0] + SHEET_GAP), columns * (small.shape[1] + SHEET_GAP))
        self.sheet.show_channels([block], columns, _SIDE / max(sides))

    def _change_channel(self, _: Any) -> None:
        if not self._busy:
            self._show_channel()

    def _pick(self, _: Any) -> None:
        """Take the channel that was clicked on in the sheet."""
        chosen = self.sheet.chosen()
        if self.sheet.held and chosen is not None:
            self.channel.value = min(chosen[0], self.channel.max)

    def _show_channel(self) -> None:
        channel, colours = self.channel.value, colours_of(self.maps)
        values = self.maps[..., channel]
        box = Box(0, 0, *values.shape)
        words = "channel {channel} of {step}, {low} to {high}".format(
            channel=channel,
            step=self._step,
            low=number_text(float(values.min())),
            high=number_text(float(values.max())),
        )
        image = PlacedImage(
            png_of(coloured(values, colours, self._limits[channel])),
            box,
            screen_zoom(max(values.shape), _SIDE),
        )
        with self.view.hold_sync():
            self.view.show(image, [BoxMark(box, "window", words)])
            self.view.follow(box, {}, [], {"help": self._colour_words(channel)})
        self.value.value = f"<p>{_POINT_AT_IT}</p>"
        self.sheet.choose(channel)

    def _colour_words(self, channel: int) -> str:
        low, high = (number_text(round(float(n), 4)) for n in self._limits[channel])
        return _SHOWN_COLOURS[colours_of(self.maps)].format(low=low, high=high)

    def _tell_value(self, _: Any) -> None:
        if len(self.view.point) == 2:
            at, column = self.view.point
            value = number_text(float(self.maps[at, column, self.channel.value]))
            words = "row {row}, column {column}: {value}".format(row=at, column=column, value=value)
            self.value.value = f"<p><b>{words}</b></p>"

    def sentences(self) -> list[str]:
        """Say what the scale is, and which channels are silent."""
        sentences = [
            (
                "Each channel has its own scale, up to its own largest number: a faint "
                "channel looks as strong as a loud one."
            )
        ]
        if self.scale.value == "layer":
            low, high = (number_text(round(n, 4)) for n in self._limits[0])
            sentences = ["One scale for all channels: {low} to {high}.".format(low=low, high=high)]
        low, high = self.maps.min(axis=(0, 1)), self.maps.max(axis=(0, 1))
        broken = np.flatnonzero(~np.isfinite(low + high))
        if len(broken):
            return [
                *sentences,
                (
                    "There is no number (NaN) in channel {channels}: the weights of this network "
                    "are broken."
                ).format(channels=_listed(broken)),
            ]
        dead = np.flatnonzero((low == 0) & (high == 0))
        constant = np.flatnonzero((low == high) & (low != 0))
        if len(dead):
            count = {"count": len(dead), "all": len(low)}
            sentences.append(
                (
                    "Dead here, 0 at every pixel of this image: channel {channels} ({count} of "
                    "{all})."
                ).format(channels=_listed(dead), **count)
            )
        else:
            sentences.append("No channel is dead: none is 0 at every pixel of this image.")
        if len(constant):
            sentences.append(
                "The same number at every pixel: channel {channels}.".format(
                    channels=_listed(constant)
                )
            )
        return sentences

    def table(self) -> Table:
        """Return the smallest, mean and largest number of every channel."""
        rows = tuple(
            (str(i), *(number_text(float(number)) for number in (one.min(), one.mean(), one.max())))
            for i, one in enumerate(np.moveaxis(self.maps, -1, 0))
        )
        return Table(_CHANNEL_COLUMNS, rows, frozenset({0, 1, 2, 3}))


def _listed(numbers: np.ndarray) -> str:
    return ", ".join(map(str, numbers))
