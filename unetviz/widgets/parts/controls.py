"""Ordinary controls as all panels of this package have them: a name beside each, rows that wrap."""

from __future__ import annotations

from typing import Any

import ipywidgets

NAMED = {"description_width": "initial"}
"""Style that gives a name the room it needs."""


def number_box(
    name: str, largest: int, width: str, value: int = 1, smallest: int = 1
) -> ipywidgets.BoundedIntText:
    """Return a box for a whole number from `smallest` to `largest`."""
    layout = {"width": width}
    return ipywidgets.BoundedIntText(
        value, description=name, min=smallest, max=largest, style=NAMED, layout=layout
    )


def choice(
    name: str, options: dict[str, Any], width: str, value: Any = None
) -> ipywidgets.Dropdown:
    """Return a list to choose from, by default at its first entry; `options` says what they mean.

    Parameters
    ----------
    name : str
        Label of the list.
    options : dict
        The value that each word stands for.
    width : str
        Width of label and list together, as style sheets have it.
    value : object, optional
        The value to begin with.
    """
    given = {} if value is None else {"value": value}
    return ipywidgets.Dropdown(
        description=name, options=options, style=NAMED, layout={"width": width}, **given
    )


def tick(name: str, width: str, value: bool = False) -> ipywidgets.Checkbox:
    """Return a box to be ticked."""
    return ipywidgets.Checkbox(value, description=name, indent=False, layout={"width": width})


def row(*children: ipywidgets.Widget) -> ipywidgets.HBox:
    """Return a row that goes on in the next line where it has no room."""
    return ipywidgets.HBox(children, layout={"flex_flow": "row wrap"})


def set_box(box: ipywidgets.BoundedIntText, low: int, high: int, value: int) -> None:
    """Give a box another range and a value in it; in between no bound may cross the other."""
    box.min, box.max = min(low, box.min), max(high, box.max)
    box.value = value
    box.min, box.max = low, high
