"""Controls for fields of a specification; what a field may be is taken from its declaration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ipywidgets

from unetviz.geometry.specs.fields import declarations
from unetviz.geometry.specs.unet import UNetSpec

from .controls import choice, number_box

_CHARACTER, _FRAME = 6, 54
"""Pixels: the mean width of a character, and what the frame and the arrow of a list take."""

_LARGEST = 512
"""Largest number that is offered where any number from 1 would do."""


@dataclass(frozen=True)
class FieldLabel:
    """What the explorer calls a field and its values.

    Attributes
    ----------
    name : str
        Label of the control.
    values : mapping of str to str
        What the control calls the values, in its order; all choices as they are if empty.
    """

    name: str
    values: Mapping[Any, str] = field(default_factory=dict)


LABELS = {
    "depth": FieldLabel("Poolings"),
    "base_filters": FieldLabel("Base channels"),
    "dilation": FieldLabel("Dilation"),
    "padding": FieldLabel("Padding", {"same": "same (zeros around)", "valid": "valid (no zeros)"}),
    "upsampling": FieldLabel(
        "Way up", {"transposed": "transposed convolution", "upsample_conv": "copies, then 2x2"}
    ),
}
"""Fields of a U-Net that have a control, in their order."""


def field_control(name: str, choices: Iterable[Any] | None = None) -> ipywidgets.Widget:
    """Return the control of one field of a U-Net: a list, or a box for a number.

    Parameters
    ----------
    name : str
        One of `LABELS`.
    choices : iterable, optional
        Fewer values than the field may have.
    """
    declaration = declarations(UNetSpec)[name]
    label = LABELS[name]
    values = list(choices or label.values or declaration.choices)
    if not values:
        return number_box(label.name, _LARGEST, _width(label.name, [str(_LARGEST)]))
    options = {label.values.get(value, str(value)): value for value in values}
    return choice(label.name, options, _width(label.name, options))


def _width(name: str, options: Iterable[str]) -> str:
    longest = len(name) + max(map(len, options))
    return f"{_CHARACTER * longest + _FRAME}px"


def show_field(control: ipywidgets.Widget, value: Any) -> None:
    """Set a control; a number that is larger than those offered becomes the largest."""
    if hasattr(control, "max"):
        control.max = max(_LARGEST, value)
    control.value = value
