"""Where the sizes and the costs of a network sit: sums over each part of the U."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import groupby

from ..graph import Step
from ..ops import Shape
from ..trace import Trace
from .steps import large_number, shape_text, size_in_bytes, text_under
from .table import Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True)
class Part:
    """One side of one level of the U: what comes in, what goes out, what it costs.

    Attributes
    ----------
    side, level : str, int
        As in `Step`.
    in_shape, out_shape : (int, int, int)
        Shape of the first map and of the last, ``(height, width, channels)``.
    params, macs, activation_bytes : int
        Sums over the steps of the part.
    """

    side: str
    level: int
    in_shape: Shape
    out_shape: Shape
    params: int
    macs: int
    activation_bytes: int


def parts(trace: Trace) -> tuple[Part, ...]:
    """Sum a trace up by side and level, in the order of computation.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> [(part.side, part.level, part.out_shape[0]) for part in parts(trace(PAPER))][4:6]
    [('bottleneck', 5, 28), ('decoder', 4, 52)]
    """
    groups = groupby(trace, key=lambda step: (step.side, step.level))
    return tuple(_part(side, level, list(steps)) for (side, level), steps in groups)


def _part(side: str, level: int, steps: list[Step]) -> Part:
    first = steps[0]
    return Part(
        side,
        level,
        first.in_shapes[0] if first.in_shapes else first.out_shape,
        steps[-1].out_shape,
        sum(step.params for step in steps),
        sum(step.macs for step in steps),
        sum(step.activation_bytes for step in steps),
    )


def summary_table(trace: Trace) -> Table:
    """Table of the parts of a network and their costs."""
    headings = ("part", "level", "in", "out", "parameters", "multiply-accumulates", "maps")
    rows = tuple(
        (
            part.side,
            str(part.level),
            shape_text(part.in_shape),
            shape_text(part.out_shape),
            f"{part.params:,}",
            large_number(part.macs),
            size_in_bytes(part.activation_bytes),
        )
        for part in parts(trace)
    )
    return Table(headings, rows, frozenset({1, 4, 5, 6}))


def as_text(trace: Trace) -> str:
    """Return the table for a terminal of 100 columns, with totals, warnings and problems."""
    return text_under(summary_table(trace), trace)


def as_dict(trace: Trace) -> dict[str, Any]:
    """Return the same as plain data, ready for JSON."""
    whole = trace.to_dict()
    del whole["steps"]
    return whole | {"parts": [asdict(part) for part in parts(trace)]}
