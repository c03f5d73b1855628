"""Where everything stands in the drawing of a U: positions in pixels, no colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log2, sqrt

from unetviz.geometry.graph import Step
from unetviz.geometry.trace import Trace

from ..theme import MARGIN, WIDTH
from .plan import Link, Place, Plan, Row, plan

LABEL_HEIGHT = 15.0
"""Pixels above each row for channels, and below it for sizes."""

LANE = 22.0
"""Pixels between two rows, where arrows turn aside."""

SHEET_STEP = 2.5
"""Pixels from one sheet of a map to the next."""

HALF_GAP = 3.0
"""Pixels between the skip's half and the up-sampled one."""

SKIP_ARROW = 76.0
"""Least length of a skip's arrow: it carries a label such as "crop 88"."""

SIGN_SIZE = 20.0
"""Pixels that a round sign takes after its map."""

_LARGEST, _SMALLEST = 80.0, 14.0
"""Longer side of the input's map, in pixels: the largest one is taken that fits."""

_ARROWS = (26.0, 14.0)
"""Lengths of an arrow between two maps: where the first leaves no room the second is tried."""


Area = tuple[float, float, float, float, int, int]
"""Left and upper end, width and height of a front sheet in pixels; the map's rows and columns."""


@dataclass(frozen=True)
class MapBox:
    """One map: a stack of sheets, the front one at (x, y), the others to the upper right.

    Attributes
    ----------
    step : str
        Name of the step whose map it is.
    kind : str
        ``"map"``, ``"skip"`` for the copied half of a merge, or ``"failed"``.
    x, y, width, height : float
        The front sheet, in pixels of the drawing.
    sheets : int
        Number of sheets, a sign of how many channels there are.
    shape : (int, int, int) or None
        Height, width and channels of the map.
    """

    step: str
    kind: str
    x: float
    y: float
    width: float
    height: float
    sheets: int
    shape: tuple[int, int, int] | None

    @property
    def left(self) -> float:
        """Left end of the front sheet."""
        return self.x

    @property
    def right(self) -> float:
        """Right end of the sheet at the back."""
        return self.x + self.width + self.depth

    @property
    def top(self) -> float:
        """Upper end of the sheet at the back."""
        return self.y - self.depth

    @property
    def bottom(self) -> float:
        """Lower end of the front sheet."""
        return self.y + self.height

    @property
    def centre(self) -> float:
        """Middle of the front sheet, from the left."""
        return self.x + self.width / 2

    @property
    def depth(self) -> float:
        """How far the sheet at the back is moved up and to the right."""
        return (self.sheets - 1) * SHEET_STEP


@dataclass(frozen=True)
class PlacedMaps:
    """The maps at one place of the U: one, or the skip's half and the up-sampled one."""

    place: Place
    boxes: tuple[MapBox, ...]

    @property
    def left(self) -> float:
        """Left end of the first map."""
        return self.boxes[0].x

    @property
    def right(self) -> float:
        """Right end of the last map."""
        return max(box.right for box in self.boxes)

    @property
    def top(self) -> float:
        """Upper end of the highest map."""
        return min(box.top for box in self.boxes)

    @property
    def bottom(self) -> float:
        """Lower end of the lowest map."""
        return max(box.bottom for box in self.boxes)

    @property
    def centre(self) -> float:
        """Middle between the left end and the right end of the front sheets."""
        return (self.left + self.boxes[-1].x + self.boxes[-1].width) / 2


@dataclass(frozen=True)
class PlacedRow:
    """A row with its positions; `middle` is the height of its arrows."""

    left: tuple[PlacedMaps, ...]
    right: tuple[PlacedMaps, ...]
    middle: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Layout:
    """Rows, what leads from place to place, and the size of the drawing in pixels."""

    rows: tuple[PlacedRow, ...]
    links: tuple[Link, ...]
    width: float
    height: float

    def places(self) -> Iterable[PlacedMaps]:
        """All places, row by row, from left to right."""
        for row in self.rows:
            yield from (*row.left, *row.right)


def lay_out(trace: Trace) -> Layout:
    """Find the positions of all maps of a trace, as large as `WIDTH` allows.

    A network with too many steps for that width gets a wider drawing.
    """
    planned = plan(trace)
    rows = planned.rows
    largest = max(trace.steps[0].out_shape[:2])
    for arrow in _ARROWS:
        for side in range(int(_LARGEST), int(_SMALLEST) - 1, -1):
            scale = _Scale(largest, float(side), arrow)
            if all(scale.row_width(row) <= WIDTH - 2 * MARGIN for row in rows):
                return _positions(planned, scale, WIDTH)
    width = max(scale.row_width(row) for row in rows) + 2 * MARGIN
    return _positions(planned, scale, width)


def map_areas(trace: Trace) -> dict[str, Area]:
    """Return the front sheet of every map that is drawn, by the name of its step.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> map_areas(trace(PAPER))["enc1_conv1"][4:]
    (570, 570)
    """
    areas: dict[str, Area] = {}
    for placed in lay_out(trace).places():
        for box in placed.boxes:
            if box.shape is not None:
                x, y, width, height = (
                    round(value, 1) for value in (box.x, box.y, box.width, box.height)
                )
                areas[box.step] = (x, y, width, height, box.shape[0], box.shape[1])
    return areas


@dataclass(frozen=True)
class _Scale:
    """How large maps are drawn: their sides grow with the square root of their size.

    To scale, the smallest maps of the paper's network would be 4 pixels wide.
    """

    largest: int
    side: float
    arrow: float

    def box(self, step: Step, kind: str = "map") -> MapBox:
        shape = step.out_shape or step.in_shapes[0]
        longer = max(shape[:2])
        side = self.side * (0.4 + 0.6 * sqrt(min(1.0, longer / self.largest)))
        height, width = (max(6.0, side * n / longer) for n in shape[:2])
        sheets = 1 if shape[2] < 4 else min(5, 1 + round(log2(shape[2]) / 2.5))
        if step.out_shape is None:
            kind, sheets = "failed", 1
        return MapBox(step.name, kind, 0.0, 0.0, width, height, sheets, step.out_shape)

    def place(self, place: Place) -> PlacedMaps:
        if not place.is_joined:
            return PlacedMaps(place, (self.box(place.step),))
        up, bringer = place.steps[:2]
        skip = self.box(place.skip or up, "skip")
        return PlacedMaps(place, (replace(skip, step=bringer.name), self.box(up)))

    def place_width(self, place: Place) -> float:
        boxes = self.place(place).boxes
        sign = SIGN_SIZE if place.signed else 0.0
        return sum(box.width + box.depth for box in boxes) + HALF_GAP * (len(boxes) - 1) + sign

    def group_width(self, places: list[Place]) -> float:
        widths = [self.place_width(place) for place in places]
        return sum(widths) + self.arrow * max(0, len(widths) - 1)

    def row_width(self, row: Row) -> float:
        between = SKIP_ARROW if row.left and row.right else 0.0
        return self.group_width(row.left) + between + self.group_width(row.right)


def _positions(planned: Plan, scale: _Scale, width: float) -> Layout:
    rows: list[PlacedRow] = []
    top = MARGIN
    indent = _indent(planned.rows, scale, width)
    for index, row in enumerate(planned.rows):
        start = MARGIN + indent * index
        alone = not row.right and index == len(planned.rows) - 1 and index > 0
        if alone:
            start = (width - scale.group_width(row.left)) / 2
        end = width - MARGIN - indent * index - scale.group_width(row.right)
        height = max(_height(scale, place) for place in (*row.left, *row.right))
        middle = top + LABEL_HEIGHT + height / 2
        left, right = (
            _lay_group(scale, places, x, middle)
            for places, x in ((row.left, start), (row.right, end))
        )
        bottom = top + height + 2 * LABEL_HEIGHT
        rows.append(PlacedRow(left, right, middle, top, bottom))
        top = bottom + LANE
    return Layout(tuple(rows), planned.links, width, rows[-1].bottom + MARGIN)


def _height(scale: _Scale, place: Place) -> float:
    return max(box.height + box.depth for box in scale.place(place).boxes)


def _indent(planned: Sequence[Row], scale: _Scale, width: float) -> float:
    """Pixels by which each row begins further inside: as many as all rows have room for."""
    room = [
        (width - 2 * MARGIN - scale.row_width(row)) / (2 * index)
        for index, row in enumerate(planned)
        if index > 0
    ]
    return min(room, default=0.0)


def _lay_group(
    scale: _Scale, places: list[Place], x: float, middle: float
) -> tuple[PlacedMaps, ...]:
    placed = []
    for place in places:
        boxes = []
        for box in scale.place(place).boxes:
            y = middle - box.height / 2 + box.depth / 2
            boxes.append(replace(box, x=x, y=y))
            x += box.width + box.depth + HALF_GAP
        x += scale.arrow - HALF_GAP + (SIGN_SIZE if place.signed else 0.0)
        placed.append(PlacedMaps(place, tuple(boxes)))
    return tuple(placed)
