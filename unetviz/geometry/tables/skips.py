"""What is joined with what: the skips of a network, level by level."""

from __future__ import annotations

from ..graph import Step
from ..strides import strides
from ..trace import Trace
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
        One row a level, the original size first; the deepest level has no skip.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> skip_table(trace(PAPER)).rows[3]
    ('4', '8', '64x64x512', '4 a side', '56x56x512', '56x56x512', '56x56x1024')
    """
    headings = ("level", "one pixel is", "encoder", "cut", "skip", "up-sampled", "joined")
    spacing = strides(trace.check(), 0)
    rows = []
    for level in sorted({step.level for step in trace}):
        last = [s for s in trace if s.level == level and s.side in ("encoder", "bottleneck")]
        last = [step for step in last if step.kind != "pool"]
        join = next((s for s in trace if s.level == level and len(s.inputs) > 1), None)
        scale = str(spacing[last[-1].name])
        rows.append((str(level), scale, shape_text(last[-1].out_shape), *_joined(trace, join)))
    return Table(headings, tuple(rows), frozenset({0, 1}))


def _joined(trace: Trace, join: Step | None) -> tuple[str, str, str, str]:
    if join is None:
        return "-", "-", "-", "-"
    skip, up = (trace[name] for name in join.inputs)
    cut = _cut(skip.crop) if skip.crop else "nothing"
    first, second, both = (shape_text(step.out_shape) for step in (skip, up, join))
    return cut, first, second, both


def _cut(crop: tuple[tuple[int, int], tuple[int, int]]) -> str:
    sides = [n for pair in crop for n in pair]
    return f"{sides[0]} a side" if len(set(sides)) == 1 else "+".join(map(str, sides))
