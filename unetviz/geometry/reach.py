"""Along one axis: which indices of every map feed an output index, and which an input reaches.

Rows and columns are followed each on its own, through the index maps of the steps. A path from the
input to the output is known by the deepest level that it visits: all paths that turn round at
level 2 go through the skip of level 2, and those that visit the deepest level go through the
bottleneck.
"""

from __future__ import annotations

from .bits import hull
from .graph import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .axis import AxisMap
    from .trace import Trace

IndexSets = dict[str, dict[int, int]]
"""For each step, and each deepest level of the paths on from there, a set of indices."""


class Reach:
    """The index maps of all steps along one axis, ready to be followed many times.

    Parameters
    ----------
    trace : Trace
        A trace that works.
    axis : int
        0 for the height, 1 for the width.
    """

    def __init__(self, trace: Trace, axis: int):
        self.trace, self.axis = trace, axis
        self.deepest = max(step.level for step in trace)
        self._rules: dict[str, AxisMap] = {
            step.name: step.rule(axis) for step in trace if step.inputs
        }

    def size(self, step: Step) -> int:
        """Pixels of a step's map along this axis."""
        return step.out_shape[self.axis]

    def sources(self, index: int) -> IndexSets:
        """Sets of indices of every map that feed the output `index`."""
        found: IndexSets = {step.name: {} for step in self.trace}
        last = self.trace.steps[-1]
        found[last.name][last.level] = 1 << index
        for step in reversed(self.trace.steps[1:]):
            rule = self._rules[step.name]
            n = step.in_shapes[0][self.axis]
            for deepest, outputs in found[step.name].items():
                inputs = rule.sources(outputs, n)
                for name in step.inputs:
                    level = max(deepest, self.trace[name].level)
                    found[name][level] = found[name].get(level, 0) | inputs
        return found

    def targets(self, index: int) -> dict[str, int]:
        """Sets of indices of every map that the input `index` reaches."""
        first = self.trace.steps[0]
        found = {first.name: 1 << index}
        for step in self.trace.steps[1:]:
            rule = self._rules[step.name]
            n = step.in_shapes[0][self.axis]
            reached = 0
            for name in step.inputs:
                reached |= rule.targets(found[name], n)
            found[step.name] = reached
        return found

    def path_name(self, deepest: int) -> str:
        """Name of the paths that go down to a level: ``skip1`` and so on, or ``bottleneck``."""
        return "bottleneck" if deepest == self.deepest else f"skip{deepest}"

    def source_spans(self) -> tuple[dict[str, list[range]], dict[str, list[range]]]:
        """Return for every output index the range of each map, and of the input by path.

        Returns
        -------
        maps, paths : dict of str to list of range
            By step and by path; entry i of a list belongs to output index i.
        """
        maps: dict[str, list[range]] = {step.name: [] for step in self.trace}
        paths: dict[str, list[range]] = {}
        for index in range(self.size(self.trace.steps[-1])):
            found = self.sources(index)
            for name, sets in found.items():
                maps[name].append(hull(_union(sets)))
            for deepest, indices in found[self.trace.steps[0].name].items():
                paths.setdefault(self.path_name(deepest), []).append(hull(indices))
        return maps, dict(sorted(paths.items(), key=lambda item: _path_order(item[0])))

    def target_spans(self) -> dict[str, list[range]]:
        """Return for every input index the range of each map that it reaches."""
        maps: dict[str, list[range]] = {step.name: [] for step in self.trace}
        for index in range(self.size(self.trace.steps[0])):
            for name, indices in self.targets(index).items():
                maps[name].append(hull(indices))
        return maps


def _union(sets: dict[int, int]) -> int:
    whole = 0
    for indices in sets.values():
        whole |= indices
    return whole


def _path_order(name: str) -> tuple[bool, int]:
    return name == "bottleneck", int(name.removeprefix("skip") or 0) if name != "bottleneck" else 0
