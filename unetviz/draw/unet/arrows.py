"""The arrows of the U: from map to map, with elbows between the levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from unetviz.geometry.graph import Step
from unetviz.geometry.ops import COPY, Look

from ..svg import Point
from .layout import LABEL_HEIGHT, SIGN_SIZE, Layout, PlacedMaps, PlacedRow
from .plan import Link
from .routes import Route

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
        A few characters beside the line that tell a variant of the kind; empty for none.
    backward : str
        The word for the way of the gradient.
    """

    step: str
    kind: str
    look: Look
    points: tuple[Point, ...]
    label: str = ""
    source: str = ""
    sign: str = ""
    backward: str = ""

    def turned(self) -> Arrow:
        """The way of the gradient: from the map that it leads to, back to the one it leaves."""
        return replace(
            self,
            step=self.source,
            points=self.points[::-1],
            label=self.backward,
            source=self.step,
            backward=self.label,
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


def connect(layout: Layout) -> tuple[tuple[Arrow, ...], tuple[OperationSign, ...]]:
    """Return the arrows and the signs of a drawing, in the order of computation."""
    at = {
        placed.place: (number, placed)
        for number, row in enumerate(layout.rows)
        for placed in (*row.left, *row.right)
    }
    ways = {
        link: _points(layout, route, link, at[link.source][1], at[link.target][1])
        for link, route in layout.routes.of.items()
    }
    arrows: list[Arrow] = []
    signs: list[OperationSign] = []
    for link in layout.links:
        (row, source), (_, target) = at[link.source], at[link.target]
        if link not in ways:
            found = [_straight(layout.rows[row], link, source, target)]
        else:
            others = [points for other, points in ways.items() if other is not link]
            found, on_the_way = _around_maps(link, ways[link], others)
            signs += on_the_way
        arrows += _with_sources(found, link)
    for row_of_maps in layout.rows:
        for placed in (*row_of_maps.left, *row_of_maps.right):
            if placed.place.signed is not None:
                signs.append(_sign_after(row_of_maps, placed, placed.place.signed))
    return tuple(arrows), tuple(signs)


def _with_sources(arrows: list[Arrow], link: Link) -> Iterator[Arrow]:
    """Name the map that each arrow leaves; of two in a row the second leaves the first's."""
    source = link.source.step.name
    for arrow in arrows:
        yield replace(arrow, source=source)
        source = arrow.step


def _sign_after(row: PlacedRow, placed: PlacedMaps, step: Step) -> OperationSign:
    kind = "softmax" if step.kind == "activation" else step.kind
    x = placed.right + SIGN_SIZE / 2 + 1
    return OperationSign(step.name, kind, step.look, x, row.middle, step.operation.sign)


def _straight(row: PlacedRow, link: Link, source: PlacedMaps, target: PlacedMaps) -> Arrow:
    """From a map to the next one of its row, which may be a skip's half across the U."""
    points = ((source.exit + CLEAR, row.middle), (target.entry - CLEAR, row.middle))
    return _arrow(link, points)


def _arrow(link: Link, points: tuple[Point, ...]) -> Arrow:
    step, place = link.step, link.target
    if place.is_joined and step is not place.steps[0]:
        if step.kind == "crop":
            words = step.label, step.label.replace("crop", "zeros")
        else:
            words = "copy", "split" if place.step.kind == "concat" else "copy"
        return Arrow(step.name, "crop", COPY, points, words[0], backward=words[1])
    sign = "" if place.sign_before else step.operation.sign
    return Arrow(step.name, step.kind, step.look, points, sign=sign)


def _around_maps(
    link: Link,
    points: tuple[Point, ...],
    others: Iterable[tuple[Point, ...]],
) -> tuple[list[Arrow], list[OperationSign]]:
    """An arrow along a route, or two with the sign of the copies between them."""
    step, place = link.step, link.target
    copies = place.upsample if step is place.steps[0] else None
    if copies is None:
        return [_arrow(link, points)], []
    first, (x, y), last = _parted(points, others)
    return [
        Arrow(copies.name, copies.kind, copies.look, first),
        Arrow(step.name, step.kind, step.look, last),
    ], [OperationSign(copies.name, copies.kind, copies.look, x, y, copies.operation.sign)]


def _points(
    layout: Layout, route: Route, link: Link, source: PlacedMaps, target: PlacedMaps
) -> tuple[Point, ...]:
    """The corners of a route, now that all heights are known."""
    first, last = route.columns[0], route.columns[-1]
    start, end = _leaves(layout, route.start, source), _arrives(route, link, target)
    points = [(first, start)]
    for number, (channel, lane) in enumerate(zip(route.channels, route.lanes, strict=True)):
        before, after = route.columns[number : number + 2]
        if before != after and lane is not None:
            y = layout.rows[channel].bottom + layout.routes.lanes[channel][lane]
            points += [(before, y), (after, y)]
        elif number == 0 and lane is not None and link.target.upsample:
            # It goes straight on, but its sign has a lane.
            y = layout.rows[channel].bottom + layout.routes.lanes[channel][lane]
            points += [(before, y)]
    return (*points, (last, end))


def _leaves(layout: Layout, side: str, source: PlacedMaps) -> float:
    """Where an arrow begins: past the label, or at the sign after a map."""
    if source.place.signed:
        middle = next(row.middle for row in layout.rows if source in (*row.left, *row.right))
        return middle + (SIGN_SIZE / 2 - 1) * (1 if side == "bottom" else -1)
    if side == "top":
        return source.top - LABEL_HEIGHT
    return _below(source)


def _below(placed: PlacedMaps) -> float:
    """Below two halves the label stands under the left one."""
    if placed.place.is_joined:
        return placed.boxes[-1].bottom + CLEAR
    return placed.bottom + LABEL_HEIGHT


def _arrives(route: Route, link: Link, target: PlacedMaps) -> float:
    if route.end == "top":
        return target.top - LABEL_HEIGHT
    if target.place.is_joined and link.step is not target.place.steps[0]:
        return target.bottom + LABEL_HEIGHT
    return _below(target)


def _parted(
    points: tuple[Point, ...], others: Iterable[tuple[Point, ...]]
) -> tuple[tuple[Point, ...], Point, tuple[Point, ...]]:
    """Part a line in two, with a round sign between them: on its first piece aside, or straight."""
    half = SIGN_SIZE / 2
    for i, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        if y0 == y1 and abs(x1 - x0) > SIGN_SIZE:
            middle, towards = _clear_of(others, (x0, x1), y0), half if x1 > x0 else -half
            before, after = (middle - towards, y0), (middle + towards, y0)
            return (*points[: i + 1], before), (middle, y0), (after, *points[i + 1 :])
    # Too short a piece aside: the sign is where the line turns.
    (x0, _), (x, y) = points[:2]
    towards = half if y > points[0][1] else -half
    before = (x, y - towards)
    rest = points[2:]
    if rest[0][1] == y:
        after = (x + (half if rest[0][0] > x else -half), y)
        if abs(rest[0][0] - x) <= half:  # it would turn inside the sign
            after, rest = (rest[0][0], y + towards), rest[1:]
    else:
        after = (x, y + towards)
    return (points[0], before), (x, y), (after, *rest)


def _clear_of(others: Iterable[tuple[Point, ...]], ends: tuple[float, float], y: float) -> float:
    """The place on a level line, as near to its middle as can be, where no other line crosses."""
    (left, right), half = sorted(ends), SIGN_SIZE / 2
    crossing = [
        x
        for points in others
        for (x, y0), (x1, y1) in pairwise(points)
        if x == x1 and min(y0, y1) - half < y < max(y0, y1) + half
    ]
    middle, room = (left + right) / 2, (right - left) / 2 - half
    places = [middle + share * room / 20 for n in range(21) for share in (n, -n)]
    return next((x for x in places if all(abs(x - c) > half + 1 for c in crossing)), middle)
