"""How many input pixels lie between two neighbouring pixels of each map."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import lcm

from .graph import Graph, Specification, Step, specification_of
from .ops import Pair


def ratio(step: Step, axis: int) -> Fraction:
    """Return the pixels of a step's input from one of its outputs to the next."""
    return Fraction(*step.rule(axis).ratio)


def strides(steps: Iterable[Step], axis: int) -> dict[str, Fraction]:
    """Return, for each step, the input pixels from one pixel of its map to the next.

    Parameters
    ----------
    steps : Trace or other iterable of Step
        In the order of computation; a trace that stops is followed up to its last step.
    axis : int
        0 for the height, 1 for the width.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> strides(trace(PAPER), 0)["bottleneck_conv2"]
    Fraction(16, 1)
    """
    found: dict[str, Fraction] = {}
    for step in steps:
        # Where a skip joins, the last input is the way through the bottleneck.
        found[step.name] = (
            found[step.inputs[-1]] * ratio(step, axis) if step.inputs else Fraction(1)
        )
    return found


def total_stride(steps: Iterable[Step] | Specification) -> Pair:
    """Return the total pooling factor: input pixels by which a tile may move, height and width.

    Moved by a multiple of it, an image meets every pooling in the same phase.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> total_stride(trace(PAPER))
    (16, 16)
    """
    if not isinstance(steps, Iterable) or isinstance(steps, str):
        steps = Graph.of(specification_of(steps))
    rows, columns = (
        lcm(*(stride.numerator for stride in strides(steps, axis).values())) for axis in (0, 1)
    )
    return rows, columns


def deepest_levels(steps: Iterable[Step]) -> dict[str, int]:
    """Return for every step the deepest level that its map has come through.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> found = deepest_levels(trace(PAPER))
    >>> found["dec4_crop"], found["dec4_up"]
    (4, 5)
    """
    deepest: dict[str, int] = {}
    for step in steps:
        deepest[step.name] = max([step.map_level, *(deepest[name] for name in step.inputs)])
    return deepest
