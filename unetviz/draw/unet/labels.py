"""Words in the drawing, and the rule that no two of them overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from unetviz.geometry.ops import size_of

from ..theme import FONT_SIZE
from .arrows import CLEAR, Arrow
from .layout import LABEL_HEIGHT, Layout, PlacedMaps

_WIDTHS = {"normal": 0.60, "bold": 0.70}
"""Width of a character of DejaVu Sans as a part of the font size; digits are wider than most."""


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
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom end."""
        half = len(self.text) * FONT_SIZE * _WIDTHS[self.weight] / 2
        return self.x - half, self.y - FONT_SIZE * 0.8, self.x + half, self.y + FONT_SIZE * 0.25

    def overlaps(self, other: Label) -> bool:
        """Whether the two would be printed over each other."""
        left, top, right, bottom = self.box
        left2, top2, right2, bottom2 = other.box
        return left < right2 and left2 < right and top < bottom2 and top2 < bottom


def label(layout: Layout, arrows: Iterable[Arrow]) -> tuple[Label, ...]:
    """Return the labels that fit; the others are in the table only.

    Those of maps come first: a map without its size says less than an arrow without its label.
    """
    placed: list[Label] = []
    wanted = [*_of_maps(layout), *_of_arrows(arrows)]
    for candidate in wanted:
        left, _, right, _ = candidate.box
        inside = left >= 0 and right <= layout.width
        if inside and not any(candidate.overlaps(other) for other in placed):
            placed.append(candidate)
    return tuple(placed)


def _of_maps(layout: Layout) -> Iterator[Label]:
    for placed in layout.places():
        step = placed.place.step
        if step.out_shape is None:
            continue
        channels = str(step.out_shape[2])
        yield Label(step.name, channels, placed.centre, placed.top - 4, "bold", False)
        # Below two halves the arrow of the up-convolution needs the right one for itself.
        x = placed.boxes[0].centre if placed.place.is_joined else placed.centre
        yield Label(step.name, _size(placed), x, placed.bottom + LABEL_HEIGHT - 3)


def _size(placed: PlacedMaps) -> str:
    height, width, _ = placed.place.step.out_shape
    return str(height) if height == width else size_of((height, width))


def _of_arrows(arrows: Iterable[Arrow]) -> Iterator[Label]:
    for arrow in arrows:
        (start, y), (end, _) = arrow.points[0], arrow.points[-1]
        middle, length = (start + end) / 2, abs(end - start)
        # A sign is short: it may be as wide as the gap that its arrow stands in.
        for text, tells_size, room in (
            (arrow.label, True, length),
            (arrow.sign, False, length + 2 * CLEAR),
        ):
            found = Label(arrow.step, text, middle, y - 6, tells_size=tells_size)
            if text and found.box[2] - found.box[0] <= room:
                yield found
