"""The explorer of feature maps: what a network really makes of an image, map by map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.images.annotated import BoxMark
from unetviz.draw.images.colours import SHEET_GAP, coloured
from unetviz.draw.images.thumbnails import (
    channel_limits,
    colours_of,
    most_variable_channel,
    thumbnails,
)
from unetviz.draw.unet.layout import map_areas
from unetviz.geometry.tables.table import Table, escaped
from unetviz.labs.images.arrays import shrunk
from unetviz.nets.reading.files import load_model
from unetviz.nets.reading.trace_model import trace_model
from unetviz.nets.running.feature_maps import feature_maps, readable_maps
from unetviz.nets.running.inputs import (
    broken_weights,
    constant_softmax,
    fitted_numbers,
    fixed_for,
)

from ...parts.array_view import placed
from ...parts.channel_sheet import ChannelSheet
from ...parts.controls import choice, number_box, row
from ...parts.network_image import screen_zoom
from ...parts.panel import Panel
from ...parts.part import Part
from ...views.grid.view import number_text
from ...views.image.view import ImageView
from ...views.u.view import UView
from .image_choice import ImageChoice

_THUMBNAIL = 64
_LOOKED_AT = 16
"""Channels of each map among which the most variable is shown: keeping all takes too much."""
_SCALES = {"a scale for each channel": "channel", "one scale for all channels": "layer"}
_SHEET_WORDS = {
    "help": "A click on a channel shows it large.",
    "held": "Arrow keys move on; Esc lets the pointer choose again.",
}
_POINT_AT_IT = "Point at a pixel to read its number."
_SHOWN_COLOURS = {
    "sequential": "colours: dark is {low}, bright is {high}",
    "diverging": "colours: blue is {low}, white is 0, red is {high}",
}

_SIDE = 400
"""Pixels of the screen for the sheet of channels, and for the large channel beside it."""
_SMALLEST = 4


class ActivationExplorer(Panel):
    """See the real feature maps of a network inside the drawing of its U.

    Parameters
    ----------
    networks : dict of str to keras.Model
        Networks to choose from, by their words in the list; ``.keras`` files of the folder too.
    images : dict of str to array, or to something with an array ``image``
        Images to choose from; image files of the folder too.
    folder : str or path
        Where files are looked for: the folder of the notebook.
    step : str, optional
        Name of the map shown first; by default the first that has weights.

    Attributes
    ----------
    model : keras.Model
        The network that is shown.
    trace : Trace
        Its trace.
    image : array of shape (h, w, c)
        What the network sees.
    """

    def __init__(
        self,
        networks: Mapping[str, Any],
        images: Mapping[str, Any],
        folder: str | PathLike[str] = ".",
        step: str | None = None,
    ):
        if not networks:
            raise ValueError("networks must hold at least one network, such as {'cells': model}")
        self._networks, self._folder = dict(networks), Path(folder)
        self._name = next(iter(self._networks))
        self.network = choice("Network", {}, "400px")
        self.images = ImageChoice(images, folder)
        self.drawing = UView(fading=False)
        self.map = choice("Map", {}, "230px")
        self.channels = ChannelBrowser(self.map)
        super().__init__([self.network, self.images, self.drawing, self.channels])
        self._list_networks()
        self._show_network(self._name, step)
        self.network.observe(self.guarded(self._change_network), names="value")
        self.images.connect(self.guarded, self._show_image, lambda s: self.say("wrong", [s]))
        self.images.look.on_click(self.guarded(self._list_networks))
        self.drawing.observe(self.guarded(self._choose_in_drawing), names="step")
        self.map.observe(self.guarded(lambda _: self._show_map()), names="value")
        self.channels.connect(self.guarded, self._describe_map)

    def _list_networks(self, _: Any = None) -> None:
        """List the networks of the lesson and the model files that lie in the folder now."""
        files = sorted(path.name for path in self._folder.glob("*.keras"))
        with self.changing_itself():
            self.network.options = [*self._networks, *(f for f in files if f not in self._networks)]
            self.network.value = self._name

    def _change_network(self, change: Any) -> None:
        """Show another network; one that cannot be read is refused and the previous one stays."""
        if change.new is None:
            return
        try:
            self._show_network(change.new, self.map.value)
        except (ValueError, TypeError, OSError) as error:
            self._list_networks()
            words = "This network cannot be shown: {error}"
            self.say("wrong", [words.format(error=error), "What was shown before is still shown."])

    def _show_network(self, name: str, step: str | None) -> None:
        model = self._networks.get(name) or load_model(self._folder / name)
        self._run(model)
        self._networks[name], self._name = model, name
        found = self.trace
        readable = set(readable_maps(self.model))
        names = [one.name for one in found if one.name in readable]
        first = next((one for one in names if found[one].params), names[0])
        with self.changing_itself():
            self.map.options = names
            self.map.value = step if step in names else first
        self._show()

    def _show_image(self) -> None:
        self._run(self._networks[self._name])
        self._show()

    def _run(self, model: Any) -> None:
        """Run a network on the image, and keep it with a small image of each map."""
        model = fixed_for(model, self.images.image)
        image = fitted_numbers(model, self.images.image)
        found = trace_model(model).check()
        readable = set(readable_maps(model))
        drawn = [name for name in map_areas(found) if name in readable]
        small = feature_maps(model, image, drawn, _LOOKED_AT, _THUMBNAIL)
        ends = frozenset({found.steps[0].name, found.steps[-1].name})
        self._thumbnails = thumbnails(small, grey=ends)
        self.model, self.trace, self.image = model, found, image
        faults = filter(None, (broken_weights(model), constant_softmax(model)))
        self._remarks = [f"{fault[0].upper()}{fault[1:]}." for fault in faults]

    def _show(self) -> None:
        names = [step.name for step in self.trace]
        self.drawing.show(self.trace, names, self._thumbnails)
        self.drawing.revealed = len(names)
        self._show_map()

    def _choose_in_drawing(self, _: Any) -> None:
        """Take the map that was clicked on in the drawing, if it can be read."""
        names, step = self.drawing.names, self.drawing.step
        if step not in range(len(names)):  # one of the previous network
            self.drawing.step = names.index(self.map.value)
        elif names[step] in self.map.options:
            self.map.value = names[step]

    def _show_map(self) -> None:
        name = self.map.value
        maps = feature_maps(self.model, self.image, [name])[name]
        with self.changing_itself():
            self.drawing.step = self.drawing.names.index(name)
        self.channels.show_map(maps, name)
        self._describe_map()

    def _describe_map(self) -> None:
        step = self.trace[self.map.value]
        shape = dict(zip(("height", "width", "channels"), step.out_shape, strict=True))
        first = "{step}: {label}; {height} x {width} pixels, {channels} channels."
        last = (
            "In the drawing, each map shows the one of its first {count} channels that differs "
            "most from pixel to pixel, with a scale of its own."
        )
        sentences = [
            first.format(step=step.name, label=step.label, **shape),
            *self.channels.sentences(),
            *self.images.sentences(),
            *self._remarks,
            last.format(count=_LOOKED_AT),
        ]
        self.describe("neutral", sentences)

    def as_markdown(self) -> str:
        """Return the chosen map as a table of its channels."""
        said = map(escaped, (self.caption(), *self.described[:-1]))
        return "\n\n".join([*said, self.channels.as_markdown()])

    def caption(self) -> str:
        """Say what is shown, in one sentence."""
        return "What {network} makes of {image}: a real channel in each map of its U.".format(
            network=self._name, image=self.images.name
        )


class ChannelBrowser(Part):
    """Look at the channels of a map.

    Attributes
    ----------
    maps : array of shape (h, w, channels)
        The map whose channels are shown.
    channel : BoundedIntText
        The channel that is shown large.
    """

    def __init__(self, first_control: ipywidgets.Widget):
        self.maps = np.zeros((1, 1, 1), np.float32)
        self.scale = choice("Colours", _SCALES, "280px")
        self.channel = number_box("Channel", 1, "150px", 0, smallest=0)
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

    def connect(self, guarded: Any, scaled: Callable[[], None]) -> None:
        """Let the controls act; `scaled` is called when what `sentences` says has changed."""
        self._scaled = scaled
        self.scale.observe(guarded(self._change_scale), names="value")
        show = guarded(self.unless_changing_itself(lambda _: self._show_channel()))
        self.channel.observe(show, names="value")
        self.sheet.observe(guarded(self._choose_in_sheet), names=["point", "held"])
        self.view.observe(guarded(self._show_number), names="point")

    def show_map(self, maps: np.ndarray, step: str) -> None:
        """Show another map, and of it the channel that differs most from pixel to pixel."""
        channel = most_variable_channel(maps)
        self.maps, self._step = maps, step
        with self.changing_itself():
            self.channel.max = maps.shape[2] - 1
            self.channel.value = channel
        self._show_sheet()
        self._show_channel()

    def _change_scale(self, _: Any) -> None:
        self._show_sheet()
        self._show_channel()
        self._scaled()

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

    def _choose_in_sheet(self, _: Any) -> None:
        """Take the channel that was clicked on in the sheet."""
        chosen = self.sheet.chosen()
        if self.sheet.held and chosen is not None:
            self.channel.value = min(chosen[0], self.channel.max)

    def _show_channel(self) -> None:
        channel, colours = self.channel.value, colours_of(self.maps)
        values = self.maps[..., channel]
        words = "channel {channel} of {step}, {low} to {high}".format(
            channel=channel,
            step=self._step,
            low=number_text(float(values.min())),
            high=number_text(float(values.max())),
        )
        zoom = screen_zoom(max(values.shape), _SIDE)
        image = placed(coloured(values, colours, self._limits[channel]), zoom)
        with self.view.hold_sync():
            self.view.show(image, [BoxMark(image.box, "window", words)])
            self.view.follow(image.box, {}, [], {"help": self._colour_words(channel)})
        self.value.value = f"<p>{_POINT_AT_IT}</p>"
        self.sheet.choose(channel)

    def _colour_words(self, channel: int) -> str:
        low, high = (number_text(round(float(n), 4)) for n in self._limits[channel])
        return _SHOWN_COLOURS[colours_of(self.maps)].format(low=low, high=high)

    def _show_number(self, _: Any) -> None:
        """Say which number lies under the pointer."""
        if len(self.view.point) == 2:
            at, column = self.view.point
            value = number_text(float(self.maps[at, column, self.channel.value]))
            words = "row {row}, column {column}: {value}".format(row=at, column=column, value=value)
            self.value.value = f"<p><b>{words}</b></p>"

    def sentences(self) -> list[str]:
        """Say what the scale is, and which channels are dead."""
        low, high = self._limits[0]
        scale = "One scale for all channels: {low} to {high}.".format(
            low=number_text(round(low, 4)), high=number_text(round(high, 4))
        )
        if self.scale.value == "channel":
            scale = (
                "Each channel has its own scale, up to its own largest number: a faint channel "
                "looks as strong as a loud one."
            )
        least, most = self.maps.min(axis=(0, 1)), self.maps.max(axis=(0, 1))
        if not np.isfinite(least + most).all():
            words = (
                "There is no number (NaN) in channel {channels}: the weights of this network are "
                "broken."
            )
            return [scale, words.format(channels=_listed(~np.isfinite(least + most)))]
        dead, constant = (least == 0) & (most == 0), (least == most) & (least != 0)
        said = "No channel is dead: none is 0 at every pixel of this image."
        if dead.any():
            said = (
                "Dead here, 0 at every pixel of this image: channel {channels} ({count} of {all})."
            ).format(channels=_listed(dead), count=dead.sum(), all=len(dead))
        words = "The same number at every pixel: channel {channels}."
        return [scale, said] + [words.format(channels=_listed(constant))] * bool(constant.any())

    def as_markdown(self) -> str:
        """Return the smallest, mean and largest number of every channel as a table."""
        rows = tuple(
            (str(i), *(number_text(float(number)) for number in (one.min(), one.mean(), one.max())))
            for i, one in enumerate(np.moveaxis(self.maps, -1, 0))
        )
        headings = ("channel", "smallest", "mean", "largest")
        return Table(headings, rows, frozenset({0, 1, 2, 3})).as_markdown()


def _listed(marked: np.ndarray) -> str:
    return ", ".join(map(str, np.flatnonzero(marked)))
