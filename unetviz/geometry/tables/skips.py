"""What is joined with what: the skips of a network, level by level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..graph import Step
from ..joins import Join, find_joins
from ..strides import strides
from ..trace import Trace
from ..trace import trace as traced
from .steps import shape_text
from .table import Table


def skip_table(trace: Trace) -> Table:
    """Table of the scales of a network: the encoder's last map, what is cut, what it joins.

    Parameters
    ----------
    trace : Trace
        A trace that works.

    Returns
    -------
    Table
        One row a level, the original size first; a level with several joins has a row for each, one
        without a skip, as the deepest, a row of dashes. Shortcuts inside the blocks of a residual
        network are no skips.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> skip_table(trace(PAPER)).rows[3]
    ('4', '8', '64x64x512', '4 a side', '56x56x512', '56x56x512', '56x56x1024')
    """
    headings = ("level", "one pixel is", "encoder", "cut", "skip", "up-sampled", "joined")
    trace = traced(trace).check()
    spacing = [strides(trace, axis) for axis in (0, 1)]
    joins = find_joins(trace)
    encoder = _encoder(trace, joins)
    rows = []
    for level in sorted({step.map_level for step in trace}):
        last = encoder.get(level)
        here = last or next(step for step in trace if step.map_level == level)
        scale = "x".join(dict.fromkeys(str(axis[here.name]) for axis in spacing))
        start = (str(level), scale, shape_text(last.out_shape if last else None))
        of_level: list[Join | None] = [join for join in joins if join.step.level == level]
        rows += [(*start, *_joined(trace, join)) for join in of_level or [None]]
    return Table(headings, tuple(rows), frozenset({0, 1}))


def _encoder(trace: Trace, joins: Sequence[Join]) -> dict[int, Step]:
    """The last map of each level on the way down, and the bottleneck's last."""
    deepest = max(joins, key=lambda join: join.step.map_level, default=None)
    wanted = set(deepest.below) if deepest else {trace.steps[-1].name}
    found: dict[int, Step] = {}
    for step in reversed(trace.steps):
        if step.name not in wanted:
            continue
        wanted |= set(step.inputs)
        if step.side in ("encoder", "bottleneck"):
            known = found.setdefault(step.map_level, step)
            if known.kind in ("pool", "pad"):  # unless there is nothing else
                found[step.map_level] = step
    return found


def _joined(trace: Trace, join: Join | None) -> tuple[str, str, str, str]:
    if join is None:
        return "-", "-", "-", "-"
    skips, below = ([trace[name] for name in names] for names in (join.skips, join.below))
    return (
        _cuts(skips, below),
        "\n+ ".join(
            shape_text(step.out_shape) + (", gated" if step.name in join.gates else "")
            for step in skips
        ),
        _shapes(below),
        shape_text(join.step.out_shape),
    )


def _shapes(steps: Iterable[Step]) -> str:
    return "\n+ ".join(shape_text(step.out_shape) for step in steps)


def _cuts(skips: Sequence[Step], below: Sequence[Step]) -> str:
    """What is cut from the skips; else from the maps that they are joined with."""
    cuts = [_cut(step.crop) if step.crop else "nothing" for step in skips]
    if any(step.crop for step in skips):
        return "\n".join(cuts)
    of_the_other = [f"{_cut(step.crop)} of the up-sampled" for step in below if step.crop]
    return "\n".join(of_the_other or dict.fromkeys(cuts))


def _cut(crop: tuple[tuple[int, int], tuple[int, int]]) -> str:
    sides = [n for pair in crop for n in pair]
    return f"{sides[0]} a side" if len(set(sides)) == 1 else "+".join(map(str, sides))
