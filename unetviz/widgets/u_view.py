"""View part: the drawing of a U, with a current step, clicks and keys."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

from ..draw.style import LIVE, style_sheet, theme_variables
from ..draw.svg import draw_svg
from ..geometry import Trace
from . import texts

_HERE = Path(__file__).parent


class UView(anywidget.AnyWidget):
    """The SVG of a trace; stepping, clicks and keys are handled in the browser.

    Attributes
    ----------
    step : int
        Index of the current step; later ones are drawn faintly.
    revealed : int
        Index of the last step whose sizes are shown; of later ones they are question marks.
    playing : bool
        Turned by the space bar; whoever links to it decides what it means.
    """

    _esm = _HERE / "u_view.js"
    _css = "\n".join(
        (theme_variables(), style_sheet(LIVE), (_HERE / "u_view.css").read_text("utf-8"))
    )
    svg = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    revealed = traitlets.Int(0).tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)

    def show(self, trace: Trace, names: list[str]) -> None:
        """Draw another trace; `names` are its steps in order, a failing one included."""
        with self.hold_sync():
            self.names = names
            self.label = texts.DRAWING_LABEL
            self.svg = draw_svg(trace)
