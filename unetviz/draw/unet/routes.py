"""The ways of arrows that do not lead straight to the next map: around all maps and labels.

Between two rows lies a channel. An arrow leaves its map at a port, turns aside in a lane of the
channel, goes on through a gap in each row that lies between, and arrives at a port. Arrows of one
look that leave one map share their line as long as they go the same way.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from .plan import Link, Place

PORT_STEP = 7.0
"""Pixels between two arrows at one map; less at a map that is narrow."""

LANE_STEP = 7.0
"""Pixels between two lanes of a channel."""

_CLEAR = 5.0
"""Pixels between an arrow and a map or a label that it passes."""

_BEND = 7.0
"""Pixels between two arrows in one lane, or in one gap."""

_ASIDE = 5.0
"""Pixels by which a line is moved that would run on another one."""

_TRIES = 8
"""How often that is tried."""

_OVER_AN_ARROW = 60.0
"""Pixels of a way around that are better than to cross a short arrow."""

Side = str
"""``"top"`` or ``"bottom"`` of a map."""


@dataclass(frozen=True)
class Seat:
    """What the ways need to know of a place, from left to right in pixels.

    Attributes
    ----------
    row, index : int
        Its row and its number there.
    left, right : float
        Its ends, with labels and signs.
    ports : dict of (str, str) to (float, float)
        Where arrows leave or arrive, by side and role: the middle, and how wide it is there. The
        roles are ``"out"``, ``"in"`` and ``"skip"``.
    """

    row: int
    index: int
    left: float
    right: float
    ports: dict[tuple[Side, str], tuple[float, float]]


@dataclass(frozen=True)
class Route:
    """The way of one link.

    Attributes
    ----------
    start, end : str
        The sides of its two maps at which it begins and ends.
    columns : tuple of float
        Where it runs up or down, in pixels from the left: at its start, through each row, and at
        its end.
    channels : tuple of int
        The channels between these, by the row above.
    lanes : tuple of int or None
        Its lane in each channel; None where it goes straight on.
    """

    start: Side
    end: Side
    columns: tuple[float, ...]
    channels: tuple[int, ...]
    lanes: tuple[int | None, ...]


@dataclass(frozen=True)
class Routes:
    """All ways, and where the lanes of each channel lie below its row.

    Attributes
    ----------
    of : dict of Link to Route
        The ways of the links that have one; the others lead straight to the next map.
    lanes : tuple of tuple of float
        For each channel the distance of its lanes from its upper end, in pixels.
    right : float
        Right end of what runs outside all maps.
    """

    of: dict[Link, Route]
    lanes: tuple[tuple[float, ...], ...]
    right: float


@dataclass
class _Way:
    """A route while it is being found; what is alike in `net` shares its line."""

    link: Link
    net: Hashable
    start: Side
    end: Side
    channels: list[int]
    columns: list[float]
    has_sign: bool


@dataclass
class _Run:
    """The line of a net in one channel: its corners, by the row that they lead to."""

    above: set[float] = field(default_factory=set)
    below: set[float] = field(default_factory=set)
    has_sign: bool = False

    @property
    def ends(self) -> tuple[float, float]:
        corners = self.above | self.below
        room = 12.0 if self.has_sign else 0.0
        return min(corners) - room, max(corners) + room


_Port = tuple[Place, Side, float]
_Users = dict[Hashable, list[tuple[_Way, int]]]
"""What leaves or arrives at one port: by line, the ways and which end of their columns it is."""


def is_straight(link: Link, seats: dict[Place, Seat]) -> bool:
    """Whether an arrow leads straight from a map to the next one of its row."""
    source, target = seats[link.source], seats[link.target]
    return source.row == target.row and target.index == source.index + 1


def find_routes(
    seats: dict[Place, Seat], links: Iterable[Link], half_sign: float, end_pad: float
) -> Routes:
    """Find a way for every link.

    Parameters
    ----------
    seats : dict of Place to Seat
        Where everything stands.
    links : iterable of Link
        What leads from where to where.
    half_sign : float
        Half the height of a round sign on an arrow, in pixels.
    end_pad : float
        Pixels between the ends of a channel and its lanes.
    """
    return _Router(seats, list(links)).routes(half_sign, end_pad)


class _Router:
    def __init__(self, seats: dict[Place, Seat], links: list[Link]):
        self._seats = seats
        count = max(seat.row for seat in seats.values()) + 1
        self._rows: list[list[Seat]] = [[] for _ in range(count)]
        for seat in seats.values():
            self._rows[seat.row].append(seat)
        for row in self._rows:
            row.sort(key=lambda seat: seat.index)
        self._right = max(seat.right for seat in seats.values())
        self._arrows = {
            (seats[link.source].row, seats[link.source].index)
            for link in links
            if is_straight(link, seats)
        }
        self._used: list[list[float]] = [[] for _ in range(count)]
        """Columns through each row that are taken."""
        self._gaps: dict[tuple[Hashable, int], float] = {}
        self._ways = [self._way(link) for link in links if not is_straight(link, seats)]

    def routes(self, half_sign: float, end_pad: float) -> Routes:
        # What goes up or down by one level comes first: it has the straightest way.
        for way in sorted(self._ways, key=lambda way: len(way.channels)):
            self._go_through_rows(way)
        self._give_ports()
        channels = range(len(self._rows))
        for _ in range(_TRIES):
            lanes, signs = zip(*(_lanes(self._runs(channel)) for channel in channels), strict=True)
            moved = [self._move_aside(channel, lanes[channel]) for channel in channels]
            if not any(moved):
                break
        lanes, signs = zip(*(_lanes(self._runs(channel)) for channel in channels), strict=True)
        of = {
            way.link: Route(
                way.start,
                way.end,
                tuple(way.columns),
                tuple(way.channels),
                tuple(lanes[channel].get(way.net) for channel in way.channels),
            )
            for way in self._ways
        }
        heights = tuple(_heights(one, half_sign, end_pad) for one in signs)
        return Routes(of, heights, self._right)

    def _way(self, link: Link) -> _Way:
        source, target = self._seats[link.source], self._seats[link.target]
        has_sign = link.target.upsample is not None and link.step is link.target.steps[0]
        if source.row == target.row:
            start, end, channels = "bottom", "bottom", [source.row]
        elif source.row < target.row:
            start, end, channels = "bottom", "top", list(range(source.row, target.row))
        else:
            start, end = "top", "bottom"
            channels = list(range(source.row - 1, target.row - 1, -1))
        look = (link.step.look.colour, link.step.look.dash)
        net = (id(link.source), start, id(link) if has_sign else look)
        return _Way(link, net, start, end, channels, [], has_sign)

    # --- through the rows between ---------------------------------------------------------------

    def _go_through_rows(self, way: _Way) -> None:
        source, target = self._seats[way.link.source], self._seats[way.link.target]
        here, goal = source.ports[way.start, "out"][0], target.ports[way.end, _role(way)][0]
        going_up = way.start == "top"
        through = way.channels[:-1] if going_up else way.channels[1:]
        way.columns.append(here)
        for row in through:
            key = (way.net, row)
            if key not in self._gaps:
                self._gaps[key] = self._gap(row, here, goal)
            here = self._gaps[key]
            way.columns.append(here)
        way.columns.append(goal)

    def _gap(self, row: int, here: float, goal: float) -> float:
        """A free column through a row: the one that makes the way shortest."""
        found: list[tuple[float, float, float]] = []
        for left, right, cost in self._free(row):
            for wanted in (goal, here, (left + right) / 2):
                x = self._beside_others(row, min(max(wanted, left), right), left, right)
                if x is not None:
                    # Of equally short ways the one that turns aside first.
                    found.append((abs(x - here) + abs(x - goal) + cost, abs(x - goal), x))
        if found:
            x = min(found)[2]
        else:
            self._right += _BEND + _CLEAR
            x = self._right
        self._used[row].append(x)
        return x

    def _free(self, row: int) -> list[tuple[float, float, float]]:
        """Ends of the gaps of a row, and what it costs to go through."""
        seats = self._rows[row]
        free = [(_CLEAR, seats[0].left - _CLEAR, 0.0), (seats[-1].right + _CLEAR, self._right, 0.0)]
        for one, other in pairwise(seats):
            left, right = one.right + _CLEAR, other.left - _CLEAR
            crossed = (row, one.index) in self._arrows
            is_short = right - left < 6 * _CLEAR
            free.append((left, right, _OVER_AN_ARROW if crossed and is_short else 0.0))
        return [gap for gap in free if gap[0] <= gap[1]]

    def _beside_others(self, row: int, x: float, left: float, right: float) -> float | None:
        tried = [x]
        for step in range(1, 40):
            tried += [x - step * _BEND, x + step * _BEND]
        for place in tried:
            if left <= place <= right and all(abs(place - u) >= _BEND for u in self._used[row]):
                return place
        return None

    # --- where they leave and arrive ------------------------------------------------------------

    def _give_ports(self) -> None:
        """Spread what leaves and arrives at one side of a map, so that it does not cross there."""
        ports: dict[_Port, _Users] = {}
        for way in self._ways:
            for place, side, role, end in (
                (way.link.source, way.start, "out", 0),
                (way.link.target, way.end, _role(way), -1),
            ):
                middle, _ = self._seats[place].ports[side, role]
                # What shares its line shares its port; each arrow arrives alone.
                key = (way.net, "out") if end == 0 else (id(way), "in")
                group = ports.setdefault((place, side, middle), {})
                group.setdefault(key, []).append((way, end))
        for group in ports.values():
            self._spread(group)
        for way in self._ways:
            self._straighten(way, ports)

    def _spread(self, group: _Users) -> None:
        def towards(members: list[tuple[_Way, int]]) -> float:
            far = [way.columns[1] if end == 0 else way.columns[-2] for way, end in members]
            return sum(far) / len(far)

        ordered = sorted(group.values(), key=towards)
        way, end = ordered[0][0]
        middle = way.columns[end]
        place, side = (way.link.source, way.start) if end == 0 else (way.link.target, way.end)
        role = "out" if end == 0 else _role(way)
        width = max(self._seats[place].ports[side, role][1] - 8, 5.5 * (len(ordered) - 1))
        step = min(PORT_STEP + 1, width / max(1, len(ordered) - 1))
        for number, members in enumerate(ordered):
            x = middle + (number - (len(ordered) - 1) / 2) * step
            for way, end in members:
                way.columns[end] = x

    def _straighten(self, way: _Way, ports: dict[_Port, _Users]) -> None:
        """Lead an arrow straight on where its target lies ahead and nothing else arrives there."""
        if way.start == way.end:
            return
        middle, width = self._seats[way.link.target].ports[way.end, _role(way)]
        group = ports[way.link.target, way.end, middle]
        before = way.columns[-2]
        if len(group) == 1 and abs(before - middle) < width / 2 - 3:
            way.columns[-1] = before

    # --- lanes ----------------------------------------------------------------------------------

    def _runs(self, channel: int) -> dict[Hashable, _Run]:
        runs: dict[Hashable, _Run] = {}
        for way in self._ways:
            if channel not in way.channels:
                continue
            number = way.channels.index(channel)
            first, last = way.columns[number], way.columns[number + 1]
            carries = way.has_sign and number == 0
            if first == last and not carries:
                continue
            run = runs.setdefault(way.net, _Run())
            run.has_sign |= carries
            going_up = way.start == "top"
            (run.below if going_up else run.above).add(first)
            ends_above = way.end == "bottom" if number == len(way.channels) - 1 else going_up
            (run.above if ends_above else run.below).add(last)
        return runs

    def _move_aside(self, channel: int, lanes: dict[Hashable, int]) -> bool:
        """Move a line aside that runs up or down on another one; say whether there was one."""
        last = float(len(lanes))
        pieces: list[tuple[float, float, float, _Way, int]] = []
        for way in self._ways:
            if channel not in way.channels:
                continue
            number = way.channels.index(channel)
            going_up = way.start == "top"
            ends_above = way.end == "bottom" if number == len(way.channels) - 1 else going_up
            lane = lanes.get(way.net)
            for i, is_above in ((number, not going_up), (number + 1, ends_above)):
                if lane is None or way.columns[number] == way.columns[number + 1]:
                    pieces.append((way.columns[i], -1.0, last, way, i))
                else:
                    top, bottom = (-1.0, float(lane)) if is_above else (float(lane), last)
                    pieces.append((way.columns[i], top, bottom, way, i))
        for (x, top, bottom, way, _), (x2, top2, bottom2, way2, i2) in combinations(pieces, 2):
            if way.net != way2.net and abs(x - x2) < _ASIDE - 1 and top < bottom2 and top2 < bottom:
                step = _ASIDE if x2 >= x else -_ASIDE
                sharing = [other for other in self._ways if other.net == way2.net and i2 == 0]
                for other in sharing or [way2]:
                    other.columns[i2] = x + step
                return True
        return False


def _role(way: _Way) -> str:
    """What arrives: the skip's half of a join, or what the map is computed from."""
    target = way.link.target
    return "skip" if target.is_joined and way.link.step is not target.steps[0] else "in"


def _lanes(runs: dict[Hashable, _Run]) -> tuple[dict[Hashable, int], list[bool]]:
    """Give each line of a channel a lane; say of each lane whether there is a sign in it."""
    lanes: list[list[_Run]] = []
    of: dict[int, int] = {}

    def order(run: _Run) -> tuple[int, float]:
        # What only leads to the row above lies right below it, short lines closest.
        kind = 0 if not run.below else 2 if not run.above else 1
        length = run.ends[1] - run.ends[0]
        return kind, length if kind < 2 else -length

    for run in sorted(runs.values(), key=order):
        for lane in lanes:
            if run.has_sign == lane[0].has_sign and all(_are_apart(run, other) for other in lane):
                lane.append(run)
                break
        else:
            lanes.append([run])
    lanes = _with_few_crossings(lanes)
    for number, lane in enumerate(lanes):
        of |= {id(run): number for run in lane}
    return {key: of[id(run)] for key, run in runs.items()}, [lane[0].has_sign for lane in lanes]


def _are_apart(one: _Run, other: _Run) -> bool:
    (left, right), (left2, right2) = one.ends, other.ends
    return right + _BEND < left2 or right2 + _BEND < left


def _with_few_crossings(lanes: list[list[_Run]]) -> list[list[_Run]]:
    """Exchange lanes as long as that makes it better."""
    count = len(lanes)
    cost = [[sum(_conflicts(a, b) for a in x for b in y) for y in lanes] for x in lanes]
    order = list(range(count))

    def total() -> int:
        return sum(cost[a][b] for i, a in enumerate(order) for b in order[i + 1 :])

    best = total()
    is_better = count > 1
    while is_better:
        is_better = False
        for i in range(count):
            for j in range(i + 1, count):
                order[i], order[j] = order[j], order[i]
                found = total()
                if found < best:
                    best, is_better = found, True
                else:
                    order[i], order[j] = order[j], order[i]
    return [lanes[i] for i in order]


def _conflicts(upper: _Run, lower: _Run) -> int:
    """How bad it is if one line lies above another: crossings, and lines on each other."""
    (left, right), (left2, right2) = upper.ends, lower.ends
    crossings = sum(left < x < right for x in lower.above)
    crossings += sum(left2 < x < right2 for x in upper.below)
    on_each_other = sum(abs(x - y) < 4 for x in upper.below for y in lower.above)
    return crossings + 100 * on_each_other


def _heights(signs: Sequence[bool], half_sign: float, end_pad: float) -> tuple[float, ...]:
    """Distances of lanes from the upper end of their channel."""
    heights: list[float] = []
    for number, has_sign in enumerate(signs):
        if not number:
            heights.append(end_pad)
            continue
        halves = (half_sign if one else LANE_STEP / 2 for one in (has_sign, signs[number - 1]))
        heights.append(heights[-1] + sum(halves))
    return tuple(heights)
