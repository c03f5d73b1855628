"""Which map of a trace belongs where in the U: rows by level, encoder left, decoder right.

A plan knows places but no pixels; `layout` turns it into positions.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..geometry import Step, Trace


@dataclass
class Place:
    """What stands at one place of a row: one map, or two halves that are joined.

    Attributes
    ----------
    steps : list of Step
        The steps drawn here; where two halves are joined the up-sampled map is the first, what
        brings the skip the second, and the step that joins them the last.
    dropout : Step or None
        A dropout right behind the map: it gets a mark, no map of its own.
    upsample : Step or None
        The copies made on the way up to this map: they get a mark on the arrow.
    """

    steps: list[Step]
    dropout: Step | None = None
    upsample: Step | None = None

    @property
    def step(self) -> Step:
        """The step whose map stands here."""
        return self.steps[-1]

    @property
    def is_joined(self) -> bool:
        """Whether a skip and an up-sampled map stand here side by side."""
        return len(self.steps) > 1


@dataclass
class Row:
    """One level of the U, from left to right."""

    level: int
    left: list[Place] = field(default_factory=list)
    right: list[Place] = field(default_factory=list)


def plan(trace: Trace) -> tuple[Row, ...]:
    """Give every step of a trace its place, the failing one included.

    Returns
    -------
    tuple of Row
        One row a level, from the input's down; the bottleneck stands on the left of the last.
    """
    rows: dict[int, Row] = {}
    upsample = None
    for step in trace.all_steps:
        # A pool's map is the first of the level below.
        level = step.level + (step.kind == "pool")
        row = rows.setdefault(level, Row(level))
        side = row.right if step.side in ("decoder", "head") else row.left
        if step.kind == "dropout":
            side[-1].dropout = step
        elif step.kind == "upsample":
            upsample = step
        elif step.kind in ("crop", "concat", "add"):
            side[-1].steps.append(step)
        else:
            side.append(Place([step], upsample=upsample))
            upsample = None
    return tuple(rows[level] for level in sorted(rows))
