"""Joins: where maps of the encoder meet maps that have come through the bottleneck."""

from __future__ import annotations

from dataclasses import dataclass

from .graph import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .trace import Trace


@dataclass(frozen=True)
class Join:
    """A step that concatenates or adds maps of both sides of a network.

    Attributes
    ----------
    step : Step
        The step.
    skips : tuple of str
        Those of its inputs that do not come from the bottleneck.
    below : tuple of str
        Those that do.
    """

    step: Step
    skips: tuple[str, ...]
    below: tuple[str, ...]


def find_joins(trace: Trace) -> tuple[Join, ...]:
    """Return the joins of a network in the order of computation.

    Sums and concatenations inside the encoder or the decoder, such as those of residual blocks,
    are none: there all maps come from one side.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> [(join.step.name, join.skips, join.below) for join in find_joins(trace(PAPER))][:1]
    [('dec4_concat', ('dec4_crop',), ('dec4_up',))]
    """
    deep: set[str] = set()
    joins = []
    for step in trace:
        if step.side == "bottleneck" or deep & set(step.inputs):
            deep.add(step.name)
        skips = tuple(name for name in step.inputs if name not in deep)
        below = tuple(name for name in step.inputs if name in deep)
        if step.kind in ("concat", "add") and skips and below:
            joins.append(Join(step, skips, below))
    return tuple(joins)
