"""The explorer of feature maps: what a network really makes of an image, map by map."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.thumbnails import thumbnails
from unetviz.draw.unet.draw import draw_unet
from unetviz.draw.unet.layout import map_areas
from unetviz.geometry.tables.table import escaped
from unetviz.labs.images.arrays import fitted
from unetviz.nets.reading.files import load_model
from unetviz.nets.reading.trace_model import trace_model
from unetviz.nets.running.feature_maps import feature_maps, readable_maps

from ...parts.controls import choice
from ...parts.image_choice import ImageChoice
from ...parts.panel import Panel
from ...views.u.view import UView
from .channels import ChannelBrowser

_KEPT = "What was shown before is still shown."

_THUMBNAIL = 64
_LOOKED_AT = 16
"""Channels of each map among which the liveliest is shown: keeping all of them takes too much."""


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
        The network in hand.
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
        self._busy = False
        self._name = next(iter(self._networks))
        self.network = choice("Network", {}, "400px")
        self.images = ImageChoice(images, folder)
        self.drawing = UView(fading=False)
        self.map = choice("Map", {}, "230px")
        self.channels = ChannelBrowser(self.map)
        super().__init__([self.network, self.images, self.drawing, self.channels])
        self._list_networks()
        self._take_network(self._name, step)
        self._connect()

    def _connect(self) -> None:
        self.network.observe(self.guarded(self._change_network), names="value")
        self.images.connect(self.guarded, self._show_image, lambda s: self.say("wrong", [s]))
        self.images.look.on_click(self.guarded(self._list_networks))
        self.drawing.observe(self.guarded(self._pick_map), names="step")
        self.map.observe(self.guarded(self._change_map), names="value")
        self.channels.connect(self.guarded, self._say)

    def _list_networks(self, _: Any = None) -> None:
        """List the networks of the lesson and the model files that lie in the folder now."""
        files = sorted(path.name for path in self._folder.glob("*.keras"))
        self._busy = True
        self.network.options = [*self._networks, *(f for f in files if f not in self._networks)]
        self.network.value = self._name
        self._busy = False

    def _change_network(self, change: Any) -> None:
        if not self._busy and change.new is not None:
            self._show_network(change.new, self.map.value)

    def _show_network(self, name: str, step: str | None) -> None:
        """Take a network; one that cannot be read is refused and the one before stays."""
        try:
            self._take_network(name, step)
        except (ValueError, TypeError, OSError) as error:
            self._list_networks()
            self.say("wrong", ["This network cannot be shown: {error}".format(error=error), _KEPT])

    def _take_network(self, name: str, step: str | None) -> None:
        model = self._networks.get(name) or load_model(self._folder / name)
        found = trace_model(model).check()
        self._run(model, found)
        self._networks[name], self._name = model, name
        readable = set(readable_maps(model))
        names = [one.name for one in found if one.name in readable]
        first = next((one for one in names if found[one].params), names[0])
        self._busy = True
        self.map.options = names
        self.map.value = step if step in names else first
        self._busy = False
        self._show()

    def _show_image(self) -> None:
        self._run(self.model, self.trace)
        self._show()

    def _run(self, model: Any, found: Any) -> None:
        """Run a network on the image, and keep it with a small image of each map."""
        image = fitted(self.images.image, found.steps[0].out_shape)
        readable = set(readable_maps(model))
        drawn = [name for name in map_areas(found) if name in readable]
        small = feature_maps(model, image, drawn, _LOOKED_AT, _THUMBNAIL)
        ends = frozenset({found.steps[0].name, found.steps[-1].name})
        self._thumbnails = thumbnails(small, grey=ends)
        self.model, self.trace, self.image = model, found, image

    def _show(self) -> None:
        names = [step.name for step in self.trace]
        self.drawing.show(self.trace, names, self._thumbnails)
        self.drawing.revealed = len(names)
        self._show_map()

    def _pick_map(self, _: Any) -> None:
        """Take the map that was clicked on in the drawing, if it can be read."""
        names, step = self.drawing.names, self.drawing.step
        if self._busy:
            return
        if step not in range(len(names)):  # one of the network before
            self.drawing.step = names.index(self.map.value)
        elif names[step] in self.map.options:
            self.map.value = names[step]

    def _change_map(self, _: Any) -> None:
        if not self._busy:
            self._show_map()

    def _show_map(self) -> None:
        name = self.map.value
        self._busy = True
        self.drawing.step = self.drawing.names.index(name)
        self._busy = False
        self.channels.show_map(feature_maps(self.model, self.image, [name])[name], name)
        self._say()

    def _say(self) -> None:
        self.say("neutral", self._sentences())

    def _sentences(self) -> list[str]:
        step = self.trace[self.map.value]
        height, width, channels = step.out_shape
        size = {"height": height, "width": width, "channels": channels}
        return [
            "{step}: {label}; {height} x {width} pixels, {channels} channels.".format(
                step=step.name, label=step.label, **size
            ),
            *self.channels.sentences(),
            (
                "In the drawing, each map shows the one of its first {count} channels that "
                "differs most from pixel to pixel, with a scale of its own."
            ).format(count=_LOOKED_AT),
        ]

    def as_markdown(self) -> str:
        """Return the chosen map as a table of its channels."""
        table = self.channels.table().as_markdown()
        return "\n\n".join([*map(escaped, (self.caption(), *self._sentences()[:-1])), table])

    def caption(self) -> str:
        """Say what is shown, in one sentence."""
        return "What {network} makes of {image}: a real channel in each map of its U.".format(
            network=self._name, image=self.images.name
        )

    def still(self) -> Drawing:
        """Return the drawing that is shown now."""
        return draw_unet(self.trace, images=self._thumbnails)
