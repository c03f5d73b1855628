"""Which pixels of every map feed an output pixel, and which an input pixel reaches.

Rows and columns go each through index maps of their own. A path between the input and the output is
known by the deepest level that it visits: all paths that turn round at level 2 go through the skip
of level 2, and those that visit the deepest level go through the bottleneck.
"""

from __future__ import annotations

from operator import or_

from ._index_sets import hull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .trace import Trace

Region = tuple[int, ...]
"""A set of indices for each axis that is followed; the region is their product."""

Regions = dict[str, dict[int, Region]]
"""For each step, and each deepest level of the paths between there and where it began, a region."""


class Dependencies:
    """The index maps of all steps, ready to be followed many times.

    Rows and columns followed together forget a path on which one of the two comes to nothing: what
    it would have brought along the other axis does not count.

    Parameters
    ----------
    trace : Trace
        A trace that works.
    axes : int
        0 for the height, 1 for the width, or both.
    """

    def __init__(self, trace: Trace, *axes: int):
        self.trace, self.axes = trace, axes
        self.deepest = max(step.map_level for step in trace)
        self._rules = {
            step.name: tuple((step.rule(axis), step.in_shapes[0][axis]) for axis in axes)
            for step in trace
            if step.inputs
        }

    def sources(self, *pixel: int) -> Regions:
        """Regions of all maps that feed an output pixel, which has an index for each axis."""
        last = self.trace.steps[-1]
        found: Regions = {step.name: {} for step in self.trace}
        found[last.name][last.map_level] = tuple(1 << index for index in pixel)
        for step in reversed(self.trace.steps[1:]):
            for deepest, outputs in found[step.name].items():
                inputs = tuple(
                    rule.sources(indices, n)
                    for (rule, n), indices in zip(self._rules[step.name], outputs, strict=True)
                )
                for name in step.inputs:
                    _merge(found[name], max(deepest, self.trace[name].map_level), inputs)
        return found

    def targets(self, *pixel: int) -> Regions:
        """Regions of all maps that an input pixel reaches."""
        first = self.trace.steps[0]
        found: Regions = {first.name: {first.map_level: tuple(1 << index for index in pixel)}}
        for step in self.trace.steps[1:]:
            found[step.name] = {}
            for name in step.inputs:
                for deepest, inputs in found[name].items():
                    outputs = tuple(
                        rule.targets(indices, n)
                        for (rule, n), indices in zip(self._rules[step.name], inputs, strict=True)
                    )
                    _merge(found[step.name], max(deepest, step.map_level), outputs)
        return found

    def path_name(self, deepest: int) -> str:
        """Name of the paths that go down to a level: ``skip1`` and so on, or ``bottleneck``."""
        return "bottleneck" if deepest == self.deepest else f"skip{deepest}"

    def source_spans(self) -> tuple[dict[str, list[range]], dict[str, list[range]]]:
        """Return for every output index along one axis the range of each map, and of each path.

        Returns
        -------
        maps, paths : dict of str to list of range
            By step, and by path to the input; entry i of a list belongs to output index i.
        """
        maps: dict[str, list[range]] = {step.name: [] for step in self.trace}
        paths: dict[int, list[range]] = {}
        first, last = self.trace.steps[0], self.trace.steps[-1]
        for index in range(last.out_shape[self.axes[0]]):
            found = self.sources(index)
            for name, regions in found.items():
                maps[name].append(hull(whole(regions, 1)[0]))
            for deepest, (indices,) in found[first.name].items():
                paths.setdefault(deepest, []).append(hull(indices))
        return maps, {self.path_name(deepest): paths[deepest] for deepest in sorted(paths)}

    def target_spans(self) -> dict[str, list[range]]:
        """Return for every input index along one axis the range of each map that it reaches."""
        maps: dict[str, list[range]] = {step.name: [] for step in self.trace}
        for index in range(self.trace.steps[0].out_shape[self.axes[0]]):
            for name, regions in self.targets(index).items():
                maps[name].append(hull(whole(regions, 1)[0]))
        return maps


def _merge(regions: dict[int, Region], level: int, more: Region) -> None:
    """Add a region to those that are known for its level, unless it is empty."""
    if all(more):
        known = regions.get(level, (0,) * len(more))
        regions[level] = tuple(map(or_, known, more))


def whole(regions: dict[int, Region], axes: int) -> Region:
    """Return the union along each axis over all levels."""
    found: Region = (0,) * axes
    for region in regions.values():
        found = tuple(map(or_, found, region))
    return found
