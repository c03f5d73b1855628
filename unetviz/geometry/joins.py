"""Joins: where maps that have been to a deeper level meet maps that have not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .graph import Step, Steps
from .ops import Combination

_JOINING = ("concat", "add")


@dataclass(frozen=True)
class Join:
    """A step that joins maps of which some have been deeper in the network than the others.

    Attributes
    ----------
    step : Step
        The step.
    skips : tuple of str
        Those of its inputs that have not been as deep as the others.
    below : tuple of str
        Those that come from the deepest level.
    gates : mapping of str to str
        For each skip that a gate weights, the product that does so: ``{skip: product}``. The
        product's weights come from below, its map is the skip's.
    """

    step: Step
    skips: tuple[str, ...]
    below: tuple[str, ...]
    gates: Mapping[str, str] = field(default_factory=dict)


def find_joins(trace: Steps) -> tuple[Join, ...]:
    """Return the joins of a network in the order of computation.

    Maps are compared by what happened to them since their ways parted. So the sums and
    concatenations of residual, dense and parallel blocks are none: there all maps come from the
    same level. The product of an attention gate is none either: its map is the skip of the join
    that takes it; nor are the sums that compute the gate's weights.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> [(join.step.name, join.skips, join.below) for join in find_joins(trace(PAPER))][:1]
    [('dec4_concat', ('dec4_crop',), ('dec4_up',))]
    """
    products = {step.name for step in trace if _is_product(step)}
    found = _Ways(trace, products)
    joins = found.joins()
    # A product is a gate if a join takes what it lets through; else it is a join of its own.
    gates = {name for join in joins for skip in join.skips for name in found.gates_on(skip)}
    if gates != products:
        found = _Ways(trace, gates)
        joins = found.joins()
    return tuple(joins)


def _is_product(step: Step) -> bool:
    return isinstance(step.operation, Combination) and step.operation.layer == "Multiply"


class _Ways:
    """By which steps each map has come: a set of bits, one for each step.

    What a gate lets through has come by the way of the map that is weighted, not by the weights'.
    """

    def __init__(self, trace: Steps, gates: set[str]):
        self._steps = list(trace)
        self._bit = {step.name: 1 << i for i, step in enumerate(self._steps)}
        self._levels: dict[int, int] = {}
        """The steps of each level, as bits."""
        self._sources: dict[int, int] = {}
        """The inputs of each step."""
        self._joined: dict[int, int] = {}
        """The joins of each level."""
        self._found: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._way: dict[str, int] = {}
        self._gated: dict[str, str] = {}
        """For each gate the input that it weights."""
        for step in self._steps:
            bit, level = self._bit[step.name], step.map_level
            self._levels[level] = self._levels.get(level, 0) | bit
            inputs = step.inputs
            if step.name in gates and (halves := self._halves(step)) and len(halves[0]) == 1:
                inputs = halves[0]
                self._gated[step.name] = inputs[0]
            self._way[step.name] = bit
            self._sources[bit] = 0
            for name in inputs:
                self._way[step.name] |= self._way[name]
                self._sources[bit] |= self._bit[name]
            if step.name not in self._gated and (halves := self._halves(step)):
                self._found[step.name] = halves
                self._joined[level] = self._joined.get(level, 0) | bit

    def joins(self) -> list[Join]:
        carried = self._carried()
        return [
            Join(step, *self._found[step.name], self._gates_of(self._found[step.name][0]))
            for step in self._steps
            if step.name in self._found and step.name in carried
        ]

    def gates_on(self, name: str) -> set[str]:
        """The gates that a map has come through."""
        return {gate for gate in self._gated if self._way[name] & self._bit[gate]}

    def _gates_of(self, skips: Sequence[str]) -> dict[str, str]:
        """The last gate that each skip has come through, if there is one."""
        found = {}
        for skip in skips:
            gates = sorted(self.gates_on(skip), key=self._bit.__getitem__)
            if gates:
                found[skip] = gates[-1]
        return found

    def _halves(self, step: Step) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """Its skips and what comes from below; None if all its maps come from one level."""
        if step.kind not in _JOINING or len(step.inputs) < 2:
            return None
        in_common = -1
        for name in step.inputs:
            in_common &= self._way[name]
        own = {name: self._way[name] & ~in_common for name in step.inputs}
        depths = {name: self._deepest(name, own[name]) for name in step.inputs}
        deepest, level = max(depths.values()), step.map_level
        if deepest <= level or set(depths.values()) == {deepest}:
            return None
        skips = tuple(name for name in step.inputs if depths[name] < deepest)
        below = tuple(name for name in step.inputs if depths[name] == deepest)
        # Scores of several depths that end in a mean: all have been joined, none is the encoder's.
        was_joined = all(own[name] & self._joined.get(level, 0) for name in below)
        if was_joined and all(self._deepest(name, self._way[name]) > level for name in skips):
            return None
        return skips, below

    def _deepest(self, name: str, own: int) -> int:
        """The deepest level of a map's own way, the maps that it begins at included."""
        where = own or self._bit[name]
        for bit, sources in self._sources.items():
            if own & bit:
                where |= sources
        return max(level for level, bits in self._levels.items() if bits & where)

    def _carried(self) -> set[str]:
        """Steps whose maps get to the output, not only into the weights of gates."""
        carried = {self._steps[-1].name}
        for step in reversed(self._steps):
            if step.name in carried:
                gated = self._gated.get(step.name)
                carried |= {gated} if gated else set(step.inputs)
        return carried
