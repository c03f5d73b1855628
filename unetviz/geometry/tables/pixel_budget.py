"""Where the pixels go: what each step takes from the border, counted in input pixels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from .._checks import integer
from ..graph import Step
from ..strides import deepest_levels, ratio, strides
from ..trace import Trace
from ..trace import trace as traced
from .table import Table


@dataclass(frozen=True)
class Loss:
    """Input pixels along one axis that one side of one level uses up.

    Attributes
    ----------
    side, level : str, int
        As in `Step`.
    pixels : int
        Pixels of the input, top and bottom (or left and right) together.
    stride : int
        Input pixels from one pixel of this level's maps to the next.
    steps : tuple of str
        Names of the steps that lose something.
    """

    side: str
    level: int
    pixels: int
    stride: int
    steps: tuple[str, ...]


def pixel_budget(trace: Trace, axis: int = 0) -> tuple[Loss, ...]:
    """Say for every side and level how much of the input it uses up.

    A pixel of a map that lies s input pixels from the next counts s. Counted so, a pool that
    drops nothing and an up-convolution keep what there is, and the sum over all steps on the way
    through the bottleneck is input size minus output size (section 8 of the document).

    Parameters
    ----------
    trace : Trace
        A trace; one that stops is counted up to its last step.
    axis : int
        0 for the height, 1 for the width.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> [loss.pixels for loss in pixel_budget(trace(PAPER))]
    [4, 8, 16, 32, 64, 32, 16, 8, 4]
    """
    integer("axis", axis, 0, 1)
    groups = groupby(_losses(traced(trace), axis), key=lambda item: (item[0].side, item[0].level))
    sums = [_sum(side, level, list(items)) for (side, level), items in groups]
    return tuple(loss for loss in sums if loss.side != "head" or loss.pixels)


def _losses(trace: Trace, axis: int) -> list[tuple[Step, int, int]]:
    """Each step on the way through the bottleneck, what it loses, and the stride of its input."""
    spacing = strides(trace, axis)
    counted = []
    for step, source in _way_through_the_bottleneck(trace):
        stride = spacing[source]
        before, after = trace[source].out_shape[axis], step.out_shape[axis]
        lost = stride * (before - after * ratio(step, axis))
        counted.append((step, int(lost), int(stride)))
    return counted


def _way_through_the_bottleneck(trace: Trace) -> list[tuple[Step, str]]:
    """Each step on the way through the deepest level, and the input that it comes from."""
    deepest = deepest_levels(trace)
    way = []
    step = trace.steps[-1]
    while step.inputs:
        # Of equally deep inputs the last: a skip comes first where it is joined.
        source = max(reversed(step.inputs), key=deepest.__getitem__)
        way.append((step, source))
        step = trace[source]
    return way[::-1]


def _sum(side: str, level: int, items: list[tuple[Step, int, int]]) -> Loss:
    losing = tuple(step.name for step, pixels, _ in items if pixels)
    # The first step of a decoder's level is the up-convolution, which still sees larger pixels.
    stride = min(stride for _, _, stride in items)
    return Loss(side, level, sum(pixels for _, pixels, _ in items), stride, losing)


def pixel_budget_table(trace: Trace, axis: int = 0) -> Table:
    """Table of the pixels that are lost, with the sum that it must come to."""
    trace = traced(trace)
    losses = pixel_budget(trace, axis)
    rows = [
        (loss.side, str(loss.level), str(loss.stride), ", ".join(loss.steps), str(loss.pixels))
        for loss in losses
    ]
    total = sum(loss.pixels for loss in losses)
    start, end = trace.steps[0].out_shape[axis], trace.output_shape
    result = f"{start} - {end[axis]} =" if end else "up to here"
    rows.append(("all", "", "", result, str(total)))
    headings = ("side", "level", "one pixel is", "steps that lose", "input pixels lost")
    return Table(headings, tuple(rows), frozenset({1, 2, 4}))
