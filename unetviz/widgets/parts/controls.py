"""Ordinary controls as all panels of this package have them: a name beside each, rows that wrap."""

from __future__ import annotations

from typing import Any

import ipywidgets

NAMED = {"description_width": "initial"}
"""Style that gives a name the room it needs."""


def number_box(name: str, largest: int, width: str) -> ipywidgets.BoundedIntText:
    """Return a box for a whole number from 1 to `largest`."""
    return ipywidgets.BoundedIntText(
        description=name, value=1, min=1, max=largest, style=NAMED, layout={"width": width}
    )


def choice(name: str, options: dict[str, Any], width: str) -> ipywidgets.Dropdown:
    """Return a list to choose from; `options` gives the value of each word."""
    return ipywidgets.Dropdown(
        description=name, options=options, style=NAMED, layout={"width": width}
    )


def row(*children: ipywidgets.Widget) -> ipywidgets.HBox:
    """Return a row that goes on in the next line where it has no room."""
    return ipywidgets.HBox(children, layout={"flex_flow": "row wrap"})


def set_box(box: ipywidgets.BoundedIntText, low: int, high: int, value: int) -> None:
    """Give a box another range and a value in it; in between no bound may cross the other."""
    box.min, box.max = min(low, box.min), max(high, box.max)
    box.value = value
    box.min, box.max = low, high
