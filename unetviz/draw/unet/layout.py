"""Where everything stands in the drawing of a U: positions in pixels, no colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log2, sqrt

from unetviz.geometry.graph import Step
from unetviz.geometry.trace import Trace

from ..svg import DISC
from ..theme import FONT_SIZE, MARGIN, WIDTH
from .plan import Link, Place, Plan, Row, plan
from .routes import Routes, Seat, find_routes

LABEL_HEIGHT = 15.0
"""Pixels above each row for channels, and below it for sizes."""

LANE = 22.0
"""Pixels between two rows, where arrows turn aside: so many with one lane for all of them."""

SHEET_STEP = 2.5
"""Pixels from one sheet of a map to the next."""

HALF_GAP = 3.0
"""Pixels between the skip's half and the up-sampled one."""

SKIP_ARROW = 76.0
"""Least length of a skip's arrow: it carries a label such as "crop 88"."""

SIGN_SIZE = 20.0
"""Pixels that a round sign takes after its map."""

_DISC_ROOM = 2 * DISC + 3.0
"""Pixels that such a disc takes before its map."""

_LARGEST, _SMALLEST = 80.0, 14.0
"""Longer side of the input's map, in pixels: the largest one is taken that fits."""

_ALL_ROWS = 500.0
"""The same of all rows together, in pixels: what has many levels is drawn smaller."""

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
    def entry(self) -> float:
        """Where an arrow from the left arrives: before the disc, if there is one."""
        return self.left - (_DISC_ROOM if self.place.sign_before else 0.0)

    @property
    def disc(self) -> tuple[float, float]:
        """The middle of the disc, between the halves or before the map."""
        box = self.boxes[-1]
        if self.place.is_joined:
            return (self.boxes[0].right + box.x) / 2, box.y + box.height / 2
        return box.x - DISC - 1.0, box.y + box.height / 2 - box.depth / 2

    @property
    def exit(self) -> float:
        """Where it ends: after the sign of a dropout or a softmax, if there is one."""
        return self.right + (SIGN_SIZE if self.place.signed else 0.0)

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
    """Rows, what leads from place to place and how, and the size of the drawing in pixels."""

    rows: tuple[PlacedRow, ...]
    links: tuple[Link, ...]
    routes: Routes
    width: float
    height: float

    def places(self) -> Iterable[PlacedMaps]:
        """All places, row by row, from left to right."""
        for row in self.rows:
            yield from (*row.left, *row.right)


def lay_out(trace: Trace) -> Layout:
    """Find the positions of all maps of a trace, as large as `WIDTH` and its levels allow.

    A network with too many steps for that width gets a wider drawing.
    """
    planned = plan(trace)
    rows = planned.rows
    largest = max(trace.steps[0].out_shape[:2])
    most = max(_SMALLEST, min(_LARGEST, _ALL_ROWS / len(rows)))
    for arrow in _ARROWS:
        for side in range(int(most), int(_SMALLEST) - 1, -1):
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

    def laid(self, places: list[Place]) -> tuple[PlacedMaps, ...]:
        """The maps of a group beside each other: the first begins at 0, their arrows lie at 0."""
        laid: list[PlacedMaps] = []
        for place in places:
            found = self._at(place, 0.0)
            x = self._after(laid[-1], found) if laid else -_left_end(found)
            laid.append(self._at(place, x))
        return tuple(laid)

    def _after(self, before: PlacedMaps, found: PlacedMaps) -> float:
        """Where a map begins: an arrow's length behind the one before, with room for labels."""
        x = before.exit + self.arrow + found.left - found.entry
        for one, other in zip(label_ends(before), label_ends(found), strict=True):
            x = max(x, one[1] + _LABEL_GAP - other[0])
        return x

    def _at(self, place: Place, x: float) -> PlacedMaps:
        boxes = []
        for box in self.place(place).boxes:
            boxes.append(replace(box, x=x, y=box.depth / 2 - box.height / 2))
            x += box.width + box.depth + HALF_GAP
        return PlacedMaps(place, tuple(boxes))

    def group_width(self, places: list[Place]) -> float:
        return _right_end(self.laid(places)[-1]) if places else 0.0

    def row_width(self, row: Row) -> float:
        between = SKIP_ARROW if row.left and row.right else 0.0
        return self.group_width(row.left) + between + self.group_width(row.right)


def label_width(text: str, weight: str) -> float:
    """Return the width of a word in the drawing, in pixels.

    Digits of DejaVu Sans are wider than most characters.
    """
    return len(text) * FONT_SIZE * {"normal": 0.64, "bold": 0.70}[weight]


_LABEL_GAP = 4.0
"""Pixels between two labels."""


def label_ends(placed: PlacedMaps) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the left and right ends of what stands above a map, and of what stands below.

    Of sizes only those of squares always have room; others are left out where there is none.
    """
    shape = placed.place.step.out_shape
    if shape is None:
        return (placed.left, placed.right), (placed.left, placed.right)
    above = label_width(str(shape[2]), "bold") / 2
    below = label_width(str(shape[0]), "normal") / 2 if shape[0] == shape[1] else 0.0
    x = size_centre(placed)
    return (placed.centre - above, placed.centre + above), (x - below, x + below)


def _left_end(placed: PlacedMaps) -> float:
    """Where a place begins, with its labels and its disc."""
    return min(placed.entry, *(left for left, _ in label_ends(placed)))


def _right_end(placed: PlacedMaps) -> float:
    return max(placed.exit, *(right for _, right in label_ends(placed)))


def size_centre(placed: PlacedMaps) -> float:
    """Return the middle of the label below a map, from the left.

    Below two halves the arrow of the up-convolution needs the right one for itself.
    """
    return placed.boxes[0].centre if placed.place.is_joined else placed.centre


def _positions(planned: Plan, scale: _Scale, width: float) -> Layout:
    indent = _indent(planned.rows, scale, width)
    rows: list[tuple[tuple[PlacedMaps, ...], tuple[PlacedMaps, ...]]] = []
    for index, row in enumerate(planned.rows):
        left, right = scale.laid(row.left), scale.laid(row.right)
        start = MARGIN + indent * index
        alone = not row.right and index == len(planned.rows) - 1 and index > 0
        if alone:
            start = (width - scale.group_width(row.left)) / 2
        end = width - MARGIN - indent * index - scale.group_width(row.right)
        rows.append((_moved(left, start, 0.0), _moved(right, end, 0.0)))
    routes = find_routes(_seats(rows), planned.links, SIGN_SIZE / 2, LANE / 2)
    return _with_heights(rows, planned.links, routes, max(width, routes.right + MARGIN))


def _with_heights(
    rows: Sequence[tuple[tuple[PlacedMaps, ...], tuple[PlacedMaps, ...]]],
    links: tuple[Link, ...],
    routes: Routes,
    width: float,
) -> Layout:
    """Put the rows below each other: as far apart as the arrows between them need."""
    placed: list[PlacedRow] = []
    top = MARGIN
    for (left, right), lanes in zip(rows, routes.lanes, strict=True):
        height = max(maps.bottom - maps.top for maps in (*left, *right))
        middle = top + LABEL_HEIGHT + height / 2
        bottom = top + height + 2 * LABEL_HEIGHT
        placed.append(
            PlacedRow(_moved(left, 0.0, middle), _moved(right, 0.0, middle), middle, top, bottom)
        )
        top = bottom + (lanes[-1] + LANE / 2 if lanes else LANE)
    # Below the last row there are lanes only where something leads around a map of it.
    end = placed[-1].bottom + (routes.lanes[-1][-1] if routes.lanes[-1] else 0.0)
    return Layout(tuple(placed), links, routes, width, end + MARGIN)


def _moved(maps: Iterable[PlacedMaps], x: float, y: float) -> tuple[PlacedMaps, ...]:
    return tuple(
        PlacedMaps(one.place, tuple(replace(box, x=box.x + x, y=box.y + y) for box in one.boxes))
        for one in maps
    )


def _seats(
    rows: Sequence[tuple[tuple[PlacedMaps, ...], tuple[PlacedMaps, ...]]],
) -> dict[Place, Seat]:
    """What the arrows need to know of the places."""
    seats: dict[Place, Seat] = {}
    for number, (left, right) in enumerate(rows):
        for index, placed in enumerate((*left, *right)):
            first, last = placed.boxes[0], placed.boxes[-1]
            out = (placed.right + SIGN_SIZE / 2 + 1, 12.0) if placed.place.signed else None
            seats[placed.place] = Seat(
                number,
                index,
                _left_end(placed),
                _right_end(placed),
                {
                    ("top", "in"): (first.centre, first.width),
                    ("bottom", "in"): (last.centre, last.width),
                    ("bottom", "skip"): (first.centre, first.width),
                    ("top", "out"): out or (placed.centre, first.width),
                    ("bottom", "out"): out or (last.centre, last.width),
                },
            )
    return seats


def _indent(planned: Sequence[Row], scale: _Scale, width: float) -> float:
    """Pixels by which each row begins further inside: as many as all rows have room for."""
    room = [
        (width - 2 * MARGIN - scale.row_width(row)) / (2 * index)
        for index, row in enumerate(planned)
        if index > 0
    ]
    return min(room, default=0.0)
