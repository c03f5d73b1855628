"""View part: the drawing of a U, with a current step, clicks and keys."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import anywidget
import ipywidgets
import traitlets

from unetviz.draw.drawing import Drawing
from unetviz.draw.theme import LIVE, style_sheet
from unetviz.draw.unet.draw import draw_svg, draw_unet
from unetviz.draw.unet.layout import map_areas
from unetviz.geometry.trace import Trace

from ..image.view import ImageView
from ..shared._bundle import script, style

_HERE = Path(__file__).parent


class UView(anywidget.AnyWidget):
    """The SVG of a trace; stepping, clicks and keys are handled in the browser.

    Attributes
    ----------
    step : int
        Index of the current step.
    fading : bool
        Whether later steps are drawn faintly.
    revealed : int
        Index of the last step whose sizes are shown; of later ones they are question marks.
    playing : bool
        Turned by the space bar; whoever links to it decides what it means.
    areas : dict
        Where the maps lie in the drawing: ``[x, y, width, height, rows, columns]`` by step; empty
        for a drawing without boxes.
    box_tables, point : dict, list of int
        Tables of the boxes that belong to a pixel, and the current pixel, as in `ImageView`.
    """

    _esm = script(_HERE / "u.js")
    _css = style(_HERE / "u.css", style_sheet(LIVE))
    svg = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    fading = traitlets.Bool(True).tag(sync=True)
    revealed = traitlets.Int(0).tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    areas = traitlets.Dict().tag(sync=True)
    box_tables = traitlets.Dict().tag(sync=True)
    point = traitlets.List(traitlets.Int()).tag(sync=True)
    _channel = traitlets.Unicode().tag(sync=True)
    _draw: Callable[[], Drawing]

    @traitlets.validate("step")
    def _near_the_steps(self, proposal: Any) -> int:
        """One before and one after all steps are places; others were of the previous drawing."""
        return max(-1, min(proposal["value"], len(self.names)))

    def follow(self, trace: Trace, box_tables: dict[str, Any]) -> None:
        """Show in every map of a trace what belongs to the current pixel."""
        with self.hold_sync():
            self.areas = {name: list(area) for name, area in map_areas(trace).items()}
            self.box_tables = box_tables

    def show(
        self,
        trace: Trace,
        names: list[str],
        images: Mapping[str, bytes] | None = None,
        changed: Collection[str] = (),
        backward: bool = False,
        label: str = "",
    ) -> None:
        """Draw another trace; `names` are its steps in order, a failing one included.

        `images` are PNG files for the maps that `map_areas` names; the steps that are `changed`
        are marked; `backward` reverses the arrows. `label` is for screen readers, by default how
        to step.
        """
        self._draw = partial(draw_unet, trace, "light", images, changed, backward)
        with self.hold_sync():
            self.names = names
            network = trace.spec.title.split(" ", 1)[1]
            self.label = label or (
                "Drawing of the {network}. Left and right arrow keys step, Home and End go to "
                "the ends, Space plays and pauses, a click goes to a step."
            ).format(network=network)
            self.svg = draw_svg(trace, images=images, changed=changed, backward=backward)

    def still(self, caption: str = "") -> Drawing:
        """Return the drawing that is shown now; it has a caption of its own."""
        return self._draw()

    def show_plain(self, svg: str, label: str) -> None:
        """Show a drawing that has no steps, such as curves."""
        with self.hold_sync():
            self.names, self.label, self.svg = [], label, svg


def link_point(image: ImageView, drawing: UView) -> Any:
    """Let a drawing show the current pixel of an image, in the browser alone.

    The link is by the trait; between two pixels that the kernel hears of, the image tells the
    drawing through the page, on a channel of their own.
    """
    image._channel = drawing._channel = uuid4().hex
    return ipywidgets.jslink((image, "point"), (drawing, "point"))
