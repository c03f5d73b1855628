"""Few controls for a network of a lesson: size, padding, depth, up-sampling."""

from __future__ import annotations

from typing import Any

import ipywidgets
import traitlets

from unetviz.geometry.graph import Specification, specification_of
from unetviz.geometry.specs.unet import UNetSpec
from unetviz.geometry.trace import trace
from unetviz.geometry.valid_sizes import nearest_valid_sizes

from ...parts.controls import number_box, row
from ...parts.field_controls import field_control, show_field
from ...parts.panel import Panel
from ...parts.part import Part
from ...parts.size_buttons import SizeButtons

LARGEST = 1024


class NetworkChoice(Part):
    """Controls that always show the same square network.

    Attributes
    ----------
    spec : Specification
        What the controls say; setting it sets the controls. Only a U-Net has more of them than that
        of its size.
    """

    spec = traitlets.Instance(Specification)

    def __init__(self, spec: Specification, deepest: int = 5):
        self.side = number_box(
            "Height = width (at most {largest})".format(largest=LARGEST), LARGEST, "280px"
        )
        choices = {"padding": None, "depth": range(1, deepest + 1), "upsampling": None}
        self.fields = {
            name: field_control(name, values)
            for name, values in choices.items()
            if isinstance(spec, UNetSpec)
        }
        self.fitting = SizeButtons(0, LARGEST)
        super().__init__([row(self.side, *self.fields.values()), self.fitting.row], spec=spec)
        self._set_controls()
        self.observe(self._set_controls, names="spec")

    def connect(self, guarded: Any) -> None:
        """Let the controls act, each callback wrapped by `guarded`."""
        resize = guarded(self.unless_changing_itself(self._resize))
        replace = guarded(self.unless_changing_itself(self._replace_fields))
        self.side.observe(resize, names="value")
        for control in self.fields.values():
            control.observe(replace, names="value")
        for button in self.fitting.buttons:
            button.on_click(guarded(self._choose_size))

    def _resize(self, _: Any) -> None:
        self.spec = self.spec.replace(input_size=self.side.value)

    def _replace_fields(self, _: Any) -> None:
        """Another network keeps the size, or takes the nearest that fits it."""
        given = {name: control.value for name, control in self.fields.items()}
        spec = self.spec.replace(**given)
        below, above = nearest_valid_sizes(spec, self.side.value)
        self.spec = spec.replace(input_size=below or above)

    def _choose_size(self, button: ipywidgets.Button) -> None:
        self.side.value = int(button.description)

    def _set_controls(self, _: Any = None) -> None:
        spec = self.spec
        with self.changing_itself():
            self.side.value = spec.input_size[0]
            for name, control in self.fields.items():
                show_field(control, getattr(spec, name))
            self.fitting.show(spec, is_square=True)


class NetworkPanel(Panel):
    """A panel about one network that is chosen with few controls.

    Parameters
    ----------
    image : array
        The image that it shows.
    spec : Specification
        The network to begin with: a U-Net, or one that was read from a model.
    children : list of Widget
        What it consists of besides `controls`, which come first.

    Attributes
    ----------
    trace : Trace
        The current network; one that does not work never becomes it.
    """

    def __init__(self, image: Any, spec: Specification, children: list[ipywidgets.Widget]):
        self._image = image
        spec = specification_of(spec)
        self.controls = NetworkChoice(spec)
        super().__init__([self.controls, *children], note_at=1)
        self.trace = trace(spec).check()
        self._show_network()
        self.controls.observe(self.guarded(self._change_network), names="spec")
        self.controls.connect(self.guarded)

    def _change_network(self, change: Any) -> None:
        found, before = trace(change.new), self.trace
        if found.ok:
            self.trace = found
            try:
                self._show_network()
            except Exception:
                self.trace = before
                raise
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

    def _show_network(self) -> None:
        """Show another network, that of `trace`."""
        raise NotImplementedError
