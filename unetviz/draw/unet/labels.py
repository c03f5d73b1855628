"""Words in the drawing, and the rule that they overlap nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from unetviz.geometry.ops import size_of

from ..svg import DISC
from ..theme import FONT_SIZE
from .arrows import CLEAR, Arrow, OperationSign
from .layout import LABEL_HEIGHT, SIGN_SIZE, Layout, PlacedMaps, label_width, size_centre

Box = tuple[float, float, float, float]
"""Left, upper, right and lower end, in pixels of the drawing."""

_LINE = 1.2
"""Half the width of an arrow's line, in pixels."""

_HANGING = frozenset("gjpqy,;()")
"""Characters that reach below the base line."""

_STEPS = 8
"""Places to either side of its middle at which the label of an arrow is tried."""


@dataclass(frozen=True)
class Label:
    """A word; (x, y) is the middle of its base line, in pixels of the drawing.

    `tells_size` says whether it would give a size away to somebody who is to predict it.
    """

    step: str
    text: str
    x: float
    y: float
    weight: str = "normal"
    tells_size: bool = True

    @property
    def box(self) -> Box:
        """Left, top, right and bottom end."""
        half = label_width(self.text, self.weight) / 2
        depth = 0.25 if _HANGING & {*self.text} else 0.02
        return self.x - half, self.y - FONT_SIZE * 0.8, self.x + half, self.y + FONT_SIZE * depth

    def overlaps(self, other: Label) -> bool:
        """Whether the two would be printed over each other."""
        return _meet(self.box, other.box)


def label(
    layout: Layout, arrows: Sequence[Arrow], signs: Iterable[OperationSign] = ()
) -> tuple[Label, ...]:
    """Return the labels that fit; the others are in the table only.

    Those of maps come first: a map without its size says less than an arrow without its label. Each
    stands at the first of its places where it overlaps no line, no map, no sign and no other label.
    """
    taken = [*_lines(arrows), *_shapes(layout, signs)]
    placed: list[Label] = []
    for candidates in (*_of_maps(layout), *_of_arrows(arrows)):
        for candidate in candidates:
            left, top, right, bottom = candidate.box
            inside = left >= 0 and right <= layout.width and top >= 0 and bottom <= layout.height
            if inside and not any(_meet(candidate.box, box) for box in taken):
                placed.append(candidate)
                taken.append(candidate.box)
                break
    return tuple(placed)


def _meet(one: Box, other: Box) -> bool:
    left, top, right, bottom = one
    left2, top2, right2, bottom2 = other
    return left < right2 and left2 < right and top < bottom2 and top2 < bottom


def _lines(arrows: Iterable[Arrow]) -> Iterator[Box]:
    for arrow in arrows:
        for (x0, y0), (x1, y1) in pairwise(arrow.points):
            (left, right), (top, bottom) = sorted((x0, x1)), sorted((y0, y1))
            wide, high = (_LINE, 0.0) if left == right else (0.0, _LINE)
            yield left - wide, top - high, right + wide, bottom + high


def _shapes(layout: Layout, signs: Iterable[OperationSign]) -> Iterator[Box]:
    for placed in layout.places():
        yield from ((box.left, box.top, box.right, box.bottom) for box in placed.boxes)
        if placed.place.sign_before:
            yield _around(*placed.disc, DISC)
    for sign in signs:
        yield _around(sign.x, sign.y, SIGN_SIZE / 2 - 1)


def _around(x: float, y: float, radius: float) -> Box:
    return x - radius, y - radius, x + radius, y + radius


def _of_maps(layout: Layout) -> Iterator[list[Label]]:
    for placed in layout.places():
        step = placed.place.step
        if step.out_shape is None:
            continue
        channels = str(step.out_shape[2])
        yield [Label(step.name, channels, placed.centre, placed.top - 4, "bold", False)]
        size = Label(
            step.name, _size(placed), size_centre(placed), placed.bottom + LABEL_HEIGHT - 3
        )
        # A long one may stand beside the arrow that arrives at the right half.
        aside = placed.boxes[0].right - label_width(size.text, size.weight) / 2
        yield [size, replace(size, x=aside)] if placed.place.is_joined else [size]


def _size(placed: PlacedMaps) -> str:
    height, width, _ = placed.place.step.out_shape
    return str(height) if height == width else size_of((height, width))


def _of_arrows(arrows: Sequence[Arrow]) -> Iterator[list[Label]]:
    at_end = Counter(point for arrow in arrows for point in (arrow.points[0], arrow.points[-1]))
    for arrow in arrows:
        (start, y), (end, _) = _longest(arrow)
        middle, length = (start + end) / 2, abs(end - start)
        # A sign is short: it may be as wide as the gap that its arrow stands in.
        for text, tells_size, room in (
            (arrow.label, True, length),
            (arrow.sign, False, length + 2 * CLEAR),
        ):
            found = Label(arrow.step, text, middle, y - 6, tells_size=tells_size)
            free = room - label_width(text, found.weight)
            places = [replace(found, x=middle + free / 2 * share) for share in _shares()]
            if text and len(arrow.points) > 2 and text == arrow.sign:
                # Arrows of one map may share their line: what tells them apart is at their heads.
                is_alone = at_end[arrow.points[0]] == at_end[arrow.points[-1]] == 1
                yield [*_beside_its_head(found, arrow), *(places if is_alone and free >= 0 else [])]
            elif text and free >= 0:
                yield places


def _beside_its_head(found: Label, arrow: Arrow) -> Iterator[Label]:
    (_, before), (x, y) = arrow.points[-2:]
    aside = label_width(found.text, found.weight) / 2 + 5
    below = y + 0.81 * FONT_SIZE if before > y else y - 1
    for side in (aside, -aside):
        yield replace(found, x=x + side, y=below)


def _longest(arrow: Arrow) -> tuple[tuple[float, float], tuple[float, float]]:
    """The longest piece of an arrow that runs to the side."""
    level = [(one, other) for one, other in pairwise(arrow.points) if one[1] == other[1]]
    if not level:
        return arrow.points[0], arrow.points[0]
    return max(level, key=lambda piece: abs(piece[1][0] - piece[0][0]))


def _shares() -> Iterator[float]:
    """Places along an arrow, from -1 to 1: its middle first, then further and further away."""
    yield 0.0
    for step in range(1, _STEPS + 1):
        yield step / _STEPS
        yield -step / _STEPS
