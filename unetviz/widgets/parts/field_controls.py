"""Controls for fields of a specification, made from what the fields declare about themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ipywidgets

from unetviz.geometry.specs.fields import declarations
from unetviz.geometry.specs.unet import UNetSpec

from .controls import choice, number_box

_CHARACTER, _FRAME = 6, 54
"""Pixels: the mean width of a character, and what the frame and the arrow of a list take."""

_LARGEST = 512
"""Largest number that is offered where any number from 1 would do."""

CONTROLLED = tuple(name for name, one in declarations(UNetSpec).items() if one.words.control)
"""Fields that have a control, in their order."""


def field_control(name: str, choices: Iterable[Any] | None = None) -> ipywidgets.Widget:
    """Return the control of one field of a U-Net: a list, or a box for a number.

    Parameters
    ----------
    name : str
        One of `CONTROLLED`.
    choices : iterable, optional
        Fewer values than the field may have.
    """
    declaration = declarations(UNetSpec)[name]
    words = declaration.words
    values = list(choices or words.listed or declaration.choices)
    if not values:
        return number_box(words.control, _LARGEST, _width(words.control, [str(_LARGEST)]))
    options = {words.listed.get(value, str(value)): value for value in values}
    return choice(words.control, options, _width(words.control, options))


def _width(name: str, options: Iterable[str]) -> str:
    longest = len(name) + max(map(len, options))
    return f"{_CHARACTER * longest + _FRAME}px"


def show_field(control: ipywidgets.Widget, value: Any) -> None:
    """Set a control; a number that is larger than those offered becomes the largest."""
    if hasattr(control, "max"):
        control.max = max(_LARGEST, value)
    control.value = value
