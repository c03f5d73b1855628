"""The arrows of the U: from map to map, with elbows between the levels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from unetviz.geometry.graph import Step
from unetviz.geometry.ops import COPY, Look

from ..svg import Point
from .layout import LABEL_HEIGHT, LANE, SIGN_SIZE, Layout, MapBox, PlacedMaps, PlacedRow
from .plan import Link

CLEAR = 3.0
"""Pixels between an arrow and what it points at."""


@dataclass(frozen=True)
class Arrow:
    """A line with a head at its last point.

    Attributes
    ----------
    step : str
        Name of the step that it stands for.
    kind : str
        Kind of that step.
    look : Look
        Its colour and line style.
    points : tuple of (float, float)
        Corners of the line, in pixels of the drawing.
    label : str
        A word above the line; empty for none.
    source : str
        Name of the step whose map it leaves.
    sign : str
        A few characters above the line that tell a variant of the kind; empty for none.
    """

    step: str
    kind: str
    look: Look
    points: tuple[Point, ...]
    label: str = ""
    source: str = ""
    sign: str = ""

    def turned(self) -> Arrow:
        """The way of the gradient: from the map that it leads to, back to the one it leaves."""
        label = self.label.replace("crop", "zeros")
        return replace(
            self,
            step=self.source,
            points=self.points[::-1],
            label=label,
            source=self.step,
        )


@dataclass(frozen=True)
class OperationSign:
    """A small round sign for a step that has no map of its own; (x, y) is its middle."""

    step: str
    kind: str
    look: Look
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class _Seat:
    """A place where it lies: its row's number, its side, its number on that side."""

    placed: PlacedMaps
    row: int
    side: str
    index: int


def connect(layout: Layout) -> tuple[tuple[Arrow, ...], tuple[OperationSign, ...]]:
    """Return the arrows and the signs of a drawing, in the order of computation."""
    seats = {seat.placed.place: seat for seat in _seats(layout)}
    arrows: list[Arrow] = []
    signs: list[OperationSign] = []
    for link in layout.links:
        found, on_the_way = _arrows(layout, link, seats[link.source], seats[link.target])
        arrows += _with_sources(found, link)
        signs += on_the_way
    for row in layout.rows:
        for placed in (*row.left, *row.right):
            if placed.place.signed is not None:
                signs.append(_sign_after(row, placed, placed.place.signed))
    return tuple(arrows), tuple(signs)


def _with_sources(arrows: list[Arrow], link: Link) -> Iterator[Arrow]:
    """Name the map that each arrow leaves; of two in a row the second leaves the first's."""
    source = link.source.step.name
    for arrow in arrows:
        yield replace(arrow, source=source)
        source = arrow.step


def _seats(layout: Layout) -> Iterator[_Seat]:
    for number, row in enumerate(layout.rows):
        for side, group in (("left", row.left), ("right", row.right)):
            for index, placed in enumerate(group):
                yield _Seat(placed, number, side, index)


def _arrows(
    layout: Layout, link: Link, source: _Seat, target: _Seat
) -> tuple[list[Arrow], list[OperationSign]]:
    """What is drawn for one link, by where its two ends lie."""
    row, step = layout.rows[target.row], link.step
    if target.row < source.row and target.side == "right":
        above, lower = layout.rows[source.row - 1], layout.rows[source.row]
        return _up(above, lower, source.placed, target.placed)
    if target.row > source.row and target.index == 0:
        return [_down(layout.rows[source.row], source.placed, target.placed)], []
    if source.row != target.row:
        return [_detour(step, row, source.placed, target.placed)], []
    is_next = source.side == target.side and target.index == source.index + 1
    if is_next:
        return [_along(row, source.placed, target.placed)], []
    is_last = source.index == len(row.left) - 1 and source.side == "left"
    if is_last and target.side == "right" and target.index == 0:
        return [_across(row, step, source.placed, target.placed)], []
    return [_detour(step, row, source.placed, target.placed)], []


def _end(placed: PlacedMaps) -> float:
    """Where an arrow leaves a map: after the dropout's sign, if there is one."""
    return placed.right + (SIGN_SIZE if placed.place.signed else 0.0)


def _along(row: PlacedRow, before: PlacedMaps, after: PlacedMaps) -> Arrow:
    step = after.place.step
    start, stop = _end(before) + CLEAR, after.left - CLEAR
    points = ((start, row.middle), (stop, row.middle))
    return Arrow(step.name, step.kind, step.look, points, sign=step.operation.sign)


def _sign_after(row: PlacedRow, placed: PlacedMaps, step: Step) -> OperationSign:
    kind = "softmax" if step.kind == "activation" else step.kind
    x = placed.right + SIGN_SIZE / 2 + 1
    return OperationSign(step.name, kind, step.look, x, row.middle, step.operation.sign)


def _down(upper: PlacedRow, source: PlacedMaps, target: PlacedMaps) -> Arrow:
    """From a map of a level to the first of a level below."""
    step = target.place.step
    lane = upper.bottom + LANE / 2
    if source.place.signed:
        start = (source.right + SIGN_SIZE / 2 + 1, upper.middle + SIGN_SIZE / 2 - 1)
    else:
        start = (source.centre, source.bottom + LABEL_HEIGHT)
    end = (_aim(start[0], target.boxes[0]), target.top - LABEL_HEIGHT)
    return Arrow(step.name, step.kind, step.look, _elbow(start, lane, end))


def _aim(x: float, box: MapBox) -> float:
    """Straight ahead where a map lies ahead, else to its middle."""
    return x if box.x + CLEAR < x < box.x + box.width - CLEAR else box.centre


def _elbow(start: Point, lane: float, end: Point) -> tuple[Point, ...]:
    if start[0] == end[0]:
        return start, end
    return start, (start[0], lane), (end[0], lane), end


def _up(
    upper: PlacedRow, lower: PlacedRow, source: PlacedMaps, target: PlacedMaps
) -> tuple[list[Arrow], list[OperationSign]]:
    """From a map to the up-sampled map of a level above.

    `upper` is the row right above the map: what goes up several levels turns aside below them, so
    that it crosses no encoder.
    """
    up, box = target.place.steps[0], target.boxes[-1]
    below = target.bottom + LABEL_HEIGHT if not target.place.is_joined else box.bottom + CLEAR
    if source.place.signed:
        start = (source.right + SIGN_SIZE / 2 + 1, lower.middle - SIGN_SIZE / 2 + 1)
    else:
        start = (source.centre, source.top - LABEL_HEIGHT)
    # Where the encoder reaches further right its pooling comes down in the same gap.
    is_shared = bool(upper.left) and start[0] < upper.left[-1].centre
    lane = upper.bottom + LANE * (0.8 if is_shared else 0.5)
    end = (_aim(start[0], box), below)
    copies = target.place.upsample
    if copies is None:
        return [Arrow(up.name, up.kind, up.look, _elbow(start, lane, end))], []
    middle = (start[0] + end[0]) / 2
    sign = OperationSign(copies.name, copies.kind, copies.look, middle, lane, copies.operation.sign)
    before, after = _around(sign, start, end)
    first = _elbow(start, lane, before) if before[1] != lane else (start, (start[0], lane), before)
    last = (after, end) if after[0] == end[0] else (after, (end[0], lane), end)
    arrows = [
        Arrow(copies.name, copies.kind, copies.look, first),
        Arrow(up.name, up.kind, up.look, last),
    ]
    return arrows, [sign]


def _around(sign: OperationSign, start: Point, end: Point) -> tuple[Point, Point]:
    """Where the line reaches a sign and where it continues."""
    if start[0] == end[0]:
        return (sign.x, sign.y + SIGN_SIZE / 2), (sign.x, sign.y - SIGN_SIZE / 2)
    towards = SIGN_SIZE / 2 if end[0] > start[0] else -SIGN_SIZE / 2
    return (sign.x - towards, sign.y), (sign.x + towards, sign.y)


def _across(row: PlacedRow, bringer: Step, source: PlacedMaps, target: PlacedMaps) -> Arrow:
    """From the last map of the encoder across to the skip's half, or on into the decoder."""
    is_skip = target.place.is_joined
    kind, look = ("crop", COPY) if is_skip else (bringer.kind, bringer.look)
    label = (bringer.label if bringer.kind == "crop" else "copy") if is_skip else ""
    points = ((_end(source) + CLEAR, row.middle), (target.left - CLEAR, row.middle))
    return Arrow(bringer.name, kind, look, points, label)


def _detour(step: Step, row: PlacedRow, source: PlacedMaps, target: PlacedMaps) -> Arrow:
    """Around what lies between: below the row of the target."""
    lane = row.bottom + LANE / 4
    start = (source.centre, source.bottom + LABEL_HEIGHT)
    end = (target.boxes[0].centre - 2 * CLEAR, target.boxes[0].bottom + LABEL_HEIGHT)
    kind, look = ("crop", COPY) if target.place.is_joined else (step.kind, step.look)
    return Arrow(step.name, kind, look, (start, (start[0], lane), (end[0], lane), end))
