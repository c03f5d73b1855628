"""The arrows of the U: from map to map, with elbows between the levels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from .layout import LABEL_HEIGHT, LANE, MARK, Box, Laid, LaidRow, Layout

Point = tuple[float, float]
_CLEAR = 3.0
"""Pixels between an arrow and what it points at."""


@dataclass(frozen=True)
class Arrow:
    """A line with a head at its last point.

    Attributes
    ----------
    step : str
        Name of the step that it stands for.
    kind : str
        Kind of that step; it decides on colour and line style.
    points : tuple of (float, float)
        Corners of the line, in pixels of the drawing.
    label : str
        A word above the line; empty for none.
    """

    step: str
    kind: str
    points: tuple[Point, ...]
    label: str = ""


@dataclass(frozen=True)
class Mark:
    """A small round sign for a step that has no map of its own; (x, y) is its middle."""

    step: str
    kind: str
    x: float
    y: float
    sign: str


def connect(layout: Layout) -> tuple[tuple[Arrow, ...], tuple[Mark, ...]]:
    """Return the arrows and the marks of a drawing, in the order of computation."""
    arrows: list[Arrow] = []
    marks: list[Mark] = []
    for row in layout.rows:
        for group in (row.left, row.right):
            arrows += _along(row, group)
            marks += [_dropout_mark(row, laid) for laid in group if laid.place.dropout]
    for upper, lower in pairwise(layout.rows):
        if lower.left:
            arrows.append(_down(upper, lower))
    for upper, lower in pairwise(layout.rows):
        if upper.right:
            up_arrows, up_marks = _up(upper, lower)
            arrows += up_arrows
            marks += up_marks
        if upper.right and upper.right[0].place.is_joined:
            arrows.append(_skip(upper))
    return tuple(arrows), tuple(marks)


def _end(laid: Laid) -> float:
    """Where an arrow leaves a map: behind the dropout's mark, if there is one."""
    return laid.right + (MARK if laid.place.dropout else 0.0)


def _along(row: LaidRow, group: tuple[Laid, ...]) -> Iterator[Arrow]:
    for before, after in pairwise(group):
        step = after.place.step
        start, stop = _end(before) + _CLEAR, after.left - _CLEAR
        yield Arrow(step.name, step.kind, ((start, row.middle), (stop, row.middle)))


def _dropout_mark(row: LaidRow, laid: Laid) -> Mark:
    return Mark(laid.place.dropout.name, "dropout", laid.right + MARK / 2 + 1, row.middle, "D")


def _down(upper: LaidRow, lower: LaidRow) -> Arrow:
    """From the last map of a level to the first of the level below."""
    source, target = upper.left[-1], lower.left[0]
    step = target.place.step
    lane = upper.bottom + LANE / 2
    if source.place.dropout:
        start = (source.right + MARK / 2 + 1, upper.middle + MARK / 2 - 1)
    else:
        start = (source.centre, source.bottom + LABEL_HEIGHT)
    end = (_aim(start[0], target.boxes[0]), target.top - LABEL_HEIGHT)
    return Arrow(step.name, step.kind, _elbow(start, lane, end))


def _aim(x: float, box: Box) -> float:
    """Straight ahead where a map lies ahead, else to its middle."""
    return x if box.x + _CLEAR < x < box.x + box.width - _CLEAR else box.centre


def _elbow(start: Point, lane: float, end: Point) -> tuple[Point, ...]:
    if start[0] == end[0]:
        return start, end
    return start, (start[0], lane), (end[0], lane), end


def _up(upper: LaidRow, lower: LaidRow) -> tuple[list[Arrow], list[Mark]]:
    """From the last map of a level to the up-sampled map of the level above."""
    source = (lower.right or lower.left)[-1]
    target = upper.right[0]
    up, box = target.place.steps[0], target.boxes[-1]
    lane = upper.bottom + LANE / 2
    below = target.bottom + LABEL_HEIGHT if not target.place.is_joined else box.bottom + _CLEAR
    if source.place.dropout:
        start = (source.right + MARK / 2 + 1, lower.middle - MARK / 2 + 1)
    else:
        start = (source.centre, source.top - LABEL_HEIGHT)
    end = (_aim(start[0], box), below)
    copies = target.place.upsample
    if copies is None:
        return [Arrow(up.name, up.kind, _elbow(start, lane, end))], []
    mark = Mark(
        copies.name, copies.kind, (start[0] + end[0]) / 2, lane, f"{copies.operation.factor[0]}x"
    )
    before, after = _around(mark, start, end)
    first = _elbow(start, lane, before) if before[1] != lane else (start, (start[0], lane), before)
    last = (after, end) if after[0] == end[0] else (after, (end[0], lane), end)
    return [Arrow(copies.name, copies.kind, first), Arrow(up.name, up.kind, last)], [mark]


def _around(mark: Mark, start: Point, end: Point) -> tuple[Point, Point]:
    """Where the line reaches a mark and where it goes on."""
    if start[0] == end[0]:
        return (mark.x, mark.y + MARK / 2), (mark.x, mark.y - MARK / 2)
    towards = MARK / 2 if end[0] > start[0] else -MARK / 2
    return (mark.x - towards, mark.y), (mark.x + towards, mark.y)


def _skip(row: LaidRow) -> Arrow:
    """From the last map of the encoder across to the skip's half."""
    source, target = row.left[-1], row.right[0]
    bringer = target.place.steps[1]
    label = bringer.label if bringer.kind == "crop" else "copy"
    points = ((_end(source) + _CLEAR, row.middle), (target.left - _CLEAR, row.middle))
    return Arrow(bringer.name, "crop", points, label)
