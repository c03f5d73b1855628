"""Controls for a specification: boxes, choices, presets and the sizes that fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets
import traitlets

from unetviz.geometry.specs.unet import DOCUMENT, PAPER, UNetSpec

from ...parts.controls import choice, number_box, row, tick
from ...parts.field_controls import LABELS, field_control, show_field
from ...parts.part import Part
from ...parts.size_buttons import SizeButtons

_PRESETS = {
    "the paper's figure": "paper",
    "the document's code": "document",
    "a size that fails": "failing",
}

FAILING = UNetSpec((1364, 659), padding="same")
"""A size that people ask about: neither side fits; the height fails first, at level 3."""

SPECS = {"paper": PAPER, "document": DOCUMENT, "failing": FAILING}
_LARGEST_SIDE = 4096


class SpecControls(Part):
    """Controls that always show the same specification.

    Attributes
    ----------
    spec : UNetSpec
        What the controls say; setting it sets the controls.
    start : UNetSpec
        What they said at first.
    fields : dict of str to Widget
        The controls of single fields of the specification.
    reset : Button
        For going back; what belongs to it besides the specification is not known here.
    """

    spec = traitlets.Instance(UNetSpec)

    def __init__(self, spec: UNetSpec):
        self.start = spec
        self.preset = choice("Network", {**_PRESETS, "changed": ""}, "250px")
        self.height = number_box("Height", _LARGEST_SIDE, "130px")
        self.width = number_box("Width", _LARGEST_SIDE, "130px")
        self.square = tick("square", "80px")
        self.fields = {name: field_control(name) for name in LABELS}
        self.reset = ipywidgets.Button(description="Reset", layout={"width": "80px"})
        self.fitting = [SizeButtons(axis, _LARGEST_SIDE) for axis in (0, 1)]
        super().__init__(
            [
                row(self.preset, self.height, self.width, self.square, self.reset),
                row(*self.fields.values()),
                *(buttons.row for buttons in self.fitting),
            ],
            spec=spec,
        )
        self._set_controls(spec)

    def connect(self, guard: Any) -> None:
        """Listen to the controls; `guard` wraps each callback."""

        def listen(control: ipywidgets.Widget, callback: Callable[[Any], None]) -> None:
            control.observe(guard(self.unless_changing_itself(callback)), names="value")

        for control in self.fields.values():
            listen(control, self._read_fields)
        listen(self.height, lambda change: self._resize(0, change.new))
        listen(self.width, lambda change: self._resize(1, change.new))
        listen(self.square, self._make_square)
        listen(self.preset, self._choose_preset)
        self.observe(guard(lambda change: self._set_controls(change.new)), names="spec")
        for axis, buttons in enumerate(self.fitting):
            for button in buttons.buttons:
                button.on_click(
                    guard(lambda clicked, axis=axis: self._resize(axis, int(clicked.description)))
                )

    def _read_fields(self, _: Any = None) -> None:
        self.spec = self.spec.replace(
            input_size=(self.height.value, self.width.value),
            **{name: control.value for name, control in self.fields.items()},
        )

    def _resize(self, axis: int, n: int) -> None:
        height, width = self.spec.input_size
        if self.square.value:
            height = width = n
        else:
            height, width = (n, width) if axis == 0 else (height, n)
        self.spec = self.spec.replace(input_size=(height, width))

    def _make_square(self, change: Any) -> None:
        if change.new:
            self.spec = self.spec.replace(input_size=self.spec.input_size[0])
        self._show_fitting(self.spec)  # which a square that was one already does not change

    def _choose_preset(self, change: Any) -> None:
        if change.new:
            self.spec = SPECS[change.new]
        else:  # nothing is "changed" by choosing that
            self.preset.value = _preset_of(self.spec)

    def _set_controls(self, spec: UNetSpec) -> None:
        """Set every control to what `spec` says, without being told of it again."""
        with self.changing_itself():
            self.preset.value = _preset_of(spec)
            self.height.max = max(_LARGEST_SIDE, spec.input_size[0])
            self.width.max = max(_LARGEST_SIDE, spec.input_size[1])
            self.height.value, self.width.value = spec.input_size
            if spec.input_size[0] != spec.input_size[1]:
                self.square.value = False
            elif spec in SPECS.values() or spec == self.start:
                self.square.value = True
            for name, control in self.fields.items():
                show_field(control, getattr(spec, name))
            self._show_fitting(spec)

    def _show_fitting(self, spec: UNetSpec) -> None:
        is_square = self.square.value
        self.fitting[0].show(spec, is_square)
        self.fitting[1].row.layout.display = "none" if is_square else None
        if not is_square:
            self.fitting[1].show(spec, is_square)


def _preset_of(spec: UNetSpec) -> str:
    """Name of the preset that a specification is; empty for none."""
    names = {found: name for name, found in SPECS.items()}
    return names.get(spec, "")
