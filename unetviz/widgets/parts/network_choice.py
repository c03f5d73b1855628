"""Few controls for a network of a lesson: size, padding, poolings, way up."""

from __future__ import annotations

from typing import Any

import ipywidgets
import traitlets

from unetviz.geometry.specs.unet import UNetSpec
from unetviz.geometry.trace import Trace, trace
from unetviz.geometry.valid_sizes import nearest_valid_sizes

from .controls import number_box, row
from .field_controls import field_control, show_field
from .panel import Panel
from .size_buttons import SizeButtons

LARGEST = 1024


class NetworkChoice(ipywidgets.VBox):
    """Controls that always show the same square network.

    Attributes
    ----------
    spec : UNetSpec
        What the controls say; setting it sets the controls.
    """

    spec = traitlets.Instance(UNetSpec)

    def __init__(self, spec: UNetSpec, deepest: int = 5):
        self._busy = False
        self.side = number_box(
            "Height = width (at most {largest})".format(largest=LARGEST), LARGEST, "280px"
        )
        self.fields = {
            "padding": field_control("padding"),
            "depth": field_control("depth", range(1, deepest + 1)),
            "upsampling": field_control("upsampling"),
        }
        self.fitting = SizeButtons(0, LARGEST)
        super().__init__([row(self.side, *self.fields.values()), self.fitting.row], spec=spec)
        self._fill(None)
        self.observe(self._fill, names="spec")

    def connect(self, guarded: Any) -> None:
        """Let the controls act, each callback wrapped by `guarded`."""
        self.side.observe(guarded(self._take_size), names="value")
        for control in self.fields.values():
            control.observe(guarded(self._take_rest), names="value")
        for button in self.fitting.buttons:
            button.on_click(guarded(self._take_button))

    def _take_size(self, _: Any) -> None:
        if not self._busy:
            self.spec = self.spec.replace(input_size=self.side.value)

    def _take_rest(self, _: Any) -> None:
        """Another network keeps the size, or takes the nearest that fits it."""
        if self._busy:
            return
        given = {name: control.value for name, control in self.fields.items()}
        spec = self.spec.replace(**given)
        below, above = nearest_valid_sizes(spec, self.side.value)
        self.spec = spec.replace(input_size=below or above)

    def _take_button(self, button: Any) -> None:
        self.side.value = int(button.description)

    def _fill(self, _: Any) -> None:
        self._busy = True
        try:
            spec = self.spec
            self.side.value = spec.input_size[0]
            for name, control in self.fields.items():
                show_field(control, getattr(spec, name))
            self.fitting.show(spec, is_square=True)
        finally:
            self._busy = False


class NetworkPanel(Panel):
    """A panel about one network that is chosen with few controls.

    Parameters
    ----------
    image : array
        The image that it shows.
    spec : UNetSpec
        The network to begin with.
    children : list of Widget
        What it consists of besides `controls`, which come first.

    Attributes
    ----------
    trace : Trace
        The network in hand; one that does not work is never in hand.
    """

    def __init__(self, image: Any, spec: UNetSpec, children: list[ipywidgets.Widget]):
        self._image = image
        self.controls = NetworkChoice(spec)
        super().__init__([self.controls, *children], note_at=1)
        self._take(trace(spec).check())
        self.controls.observe(self.guarded(self._change), names="spec")
        self.controls.connect(self.guarded)

    def _change(self, change: Any) -> None:
        found = trace(change.new)
        if found.ok:
            self._take(found)
            return
        problem = found.problems[0]
        self.say(
            "wrong",
            [
                "{problem} The image still shows the network before.".format(
                    problem=problem.message
                ),
                *problem.fixes,
            ],
        )

    def _take(self, found: Trace) -> None:
        self.trace = found
        self._show(found)

    def _show(self, found: Trace) -> None:
        """Show another network."""
        raise NotImplementedError
