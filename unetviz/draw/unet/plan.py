"""Which map of a trace belongs where in the U: rows by level, encoder left, decoder right.

A plan knows places and what leads from one to the other, but no pixels; `layout` turns it into
positions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from unetviz.geometry.graph import Step
from unetviz.geometry.trace import Trace

_JOINING = ("concat", "add")
_FOLDED = ("dropout", "activation", "normalization")
"""Steps that change no size: they get no map of their own."""


def is_folded(step: Step) -> bool:
    """Whether a step changes no size and gets no map of its own."""
    return step.kind in _FOLDED


def has_sign(step: Step) -> bool:
    """Whether a step that has no map of its own is drawn as a sign, such as a dropout."""
    return is_folded(step) and bool(step.operation.sign)


@dataclass(eq=False)
class Place:
    """What is drawn at one place of a row: one map, or two halves that are joined.

    Attributes
    ----------
    steps : list of Step
        The steps drawn here; where two halves are joined the up-sampled map is the first, what
        brings the skip the second, and the step that joins them the last.
    folded : list of Step
        Steps right after the map that change no size.
    upsample : Step or None
        The copies made on the way up to this map: they are drawn as a sign on the arrow.
    skip : Step or None
        The step whose map is the skip's half.
    """

    steps: list[Step]
    folded: list[Step] = field(default_factory=list)
    upsample: Step | None = None
    skip: Step | None = None

    @property
    def step(self) -> Step:
        """The step whose map stands here."""
        return self.steps[-1]

    @property
    def is_joined(self) -> bool:
        """Whether a skip and an up-sampled map stand here side by side."""
        return len(self.steps) > 1

    @property
    def sign_before(self) -> str:
        """The sign of the rule that makes this map of several, drawn before it; empty for none."""
        return "" if self.is_joined or len(self.step.inputs) < 2 else self.step.operation.sign

    @property
    def signed(self) -> Step | None:
        """A dropout or softmax right after the map: it is drawn as a sign."""
        return next((step for step in self.folded if has_sign(step)), None)


@dataclass
class Row:
    """One level of the U, from left to right."""

    level: int
    left: list[Place] = field(default_factory=list)
    right: list[Place] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Link:
    """What leads from one place to another; `step` is the arrow that is drawn for it."""

    source: Place
    target: Place
    step: Step


@dataclass(frozen=True)
class Plan:
    """Rows from the input's level down, and all links in the order of computation."""

    rows: tuple[Row, ...]
    links: tuple[Link, ...]


def plan(trace: Trace) -> Plan:
    """Give every step of a trace its place, the failing one included.

    See Also
    --------
    unetviz.draw.unet.layout.lay_out : turns the plan into positions in pixels.
    """
    return _Planner(trace).plan()


class _Planner:
    def __init__(self, trace: Trace):
        self._steps = {step.name: step for step in trace.all_steps}
        self._home: dict[str, Place] = {}
        """Where the map of each step is drawn; of copies and crops, where they are taken from."""
        self._rows: dict[int, Row] = {}
        self._links: list[Link] = []
        self._consumers: dict[str, list[Step]] = {name: [] for name in self._steps}
        for step in self._steps.values():
            for name in step.inputs:
                self._consumers[name].append(step)

    def plan(self) -> Plan:
        for step in _in_order(self._steps):
            self._put(step)
        for row in self._rows.values():
            # What is computed for the decoder only, such as an FCN's scores, stands beside the way.
            row.left.sort(key=self._leads_across)
        number = {name: i for i, name in enumerate(self._steps)}
        links = sorted(self._links, key=lambda link: number[link.step.name])
        return Plan(tuple(self._rows[level] for level in sorted(self._rows)), tuple(links))

    def _leads_across(self, place: Place) -> bool:
        """Whether nothing on the left takes the map of a place."""
        names = [step.name for step in (*place.steps, *place.folded)]
        others = [
            step for name in names for step in self._consumers[name] if step.name not in names
        ]
        right = {id(one) for row in self._rows.values() for one in row.right}
        return bool(others) and all(id(self._home[step.name]) in right for step in others)

    def _put(self, step: Step) -> None:
        if step.kind in _FOLDED:
            self._home[step.name] = self._home[step.inputs[0]]
            self._home[step.name].folded.append(step)
        elif self._is_on_the_way(step):
            self._home[step.name] = self._home[step.inputs[0]]
        elif halves := self._halves(step):
            self._join(step, *halves)
        else:
            self._new_place(step)

    def _is_on_the_way(self, step: Step) -> bool:
        """Whether a step is drawn on an arrow: copies before their convolution, a skip's crop."""
        following = self._consumers[step.name]
        kinds = [consumer.kind for consumer in following]
        if step.kind == "upsample":
            return kinds == ["upconv"]
        if step.kind != "crop" or len(following) != 1:
            return False
        return bool(self._halves(following[0]))

    def _halves(self, step: Step) -> tuple[str, str] | None:
        """The up-sampled map and the skip, if this step joins two such; else nothing."""
        if step.kind not in _JOINING or len(step.inputs) != 2:
            return None
        for up, skip in (step.inputs[::-1], step.inputs):
            source = self._steps[skip]
            if source.kind == "crop":
                source = self._steps[source.inputs[0]]
            is_skip = source.side == "encoder" and self._steps[up].side == "decoder"
            comes_up = self._comes_up(self._steps[up])
            if is_skip and comes_up and self._consumers[up] == [step] and self._stands_alone(up):
                return up, skip
        return None

    def _comes_up(self, step: Step) -> bool:
        """Whether a map was up-sampled just before: an arrow from the level below leads to it."""
        while step.kind == "crop" or is_folded(step):
            step = self._steps[step.inputs[0]]
        return step.kind == "upconv" or _changes_level(step, self._steps)

    def _stands_alone(self, name: str) -> bool:
        home = self._home.get(name)
        return home is None or not (home.is_joined or home.signed)

    def _join(self, step: Step, up: str, skip: str) -> None:
        place = self._home[up]
        crop = self._steps[skip] if self._steps[skip].kind == "crop" else None
        bringer = crop or step
        place.skip = self._steps[skip]
        place.steps += [crop, step] if crop else [step]
        self._home[step.name] = place
        self._links.append(Link(self._home[skip], place, bringer))

    def _new_place(self, step: Step) -> None:
        above = [self._steps[name] for name in step.inputs[:1]]
        copies = [one for one in above if one.kind == "upsample" and self._is_on_the_way(one)]
        place = Place([step], upsample=copies[0] if copies else None)
        row = self._rows.setdefault(step.map_level, Row(step.map_level))
        side = row.right if step.side in ("decoder", "head") else row.left
        side.append(place)
        self._home[step.name] = place
        self._links += [Link(source, place, step) for source in self._sources(step)]

    def _sources(self, step: Step) -> Iterable[Place]:
        homes = [self._home[name] for name in step.inputs]
        return dict.fromkeys(homes)


def _changes_level(step: Step, steps: Mapping[str, Step]) -> bool:
    return bool(step.inputs) and steps[step.inputs[0]].map_level != step.map_level


def _in_order(steps: Mapping[str, Step]) -> Iterator[Step]:
    """Yield each step right before what takes its map, as far as that can be.

    In the order of computation of a nested network all up-convolutions of a level come before the
    maps that they are joined with.
    """
    lengths: dict[str, int] = {}
    for step in steps.values():
        lengths[step.name] = 1 + max((lengths[name] for name in step.inputs), default=0)

    def inputs(step: Step) -> list[Step]:
        # The long way first, shortcuts last; before the step itself what comes from below.
        taken = [steps[name] for name in step.inputs]
        return sorted(taken, key=lambda one: (_changes_level(one, steps), -lengths[one.name]))

    seen: set[str] = set()
    for root in list(steps.values())[::-1]:
        waiting = [(root, iter(inputs(root)))] if root.name not in seen else []
        seen.add(root.name)
        while waiting:
            step, rest = waiting[-1]
            following = next((one for one in rest if one.name not in seen), None)
            if following is None:
                waiting.pop()
                yield step
            else:
                seen.add(following.name)
                waiting.append((following, iter(inputs(following))))
