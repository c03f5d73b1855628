"""Halos behind what an edit changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from ..svg import number
from .arrows import Arrow, Mark
from .layout import Layout
from .shapes import points, rectangle

_ROOM = 1.5


def highlights(
    layout: Layout, arrows: Iterable[Arrow], marks: Iterable[Mark], changed: Collection[str]
) -> Iterator[str]:
    """Return a halo behind the maps, arrows and marks of the steps that are named."""
    yield from _frames(layout, changed)
    for arrow in arrows:
        if arrow.step in changed:
            yield f'<polyline class="halo" points="{points(arrow.points)}"/>'
    for mark in marks:
        if mark.step in changed:
            yield f'<circle class="halo" cx="{number(mark.x)}" cy="{number(mark.y)}" r="9"/>'


def _frames(layout: Layout, changed: Collection[str]) -> Iterator[str]:
    """Around each changed map; around both halves where the step that joins them is changed."""
    for laid in layout.places():
        if laid.place.step.name in changed:
            framed = [(laid.left, laid)]
        else:
            framed = [(box.x, box) for box in laid.boxes if box.step in changed]
        for left, what in framed:
            width, height = what.right - left, what.bottom - what.top
            room = (left - _ROOM, what.top - _ROOM, width + 2 * _ROOM, height + 2 * _ROOM)
            yield f'<path class="halo frame-of-change" d="{rectangle(*room)}"/>'
