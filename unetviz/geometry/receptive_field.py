"""Where a pixel comes from, where it goes to, and which pixels never meet the padding."""

from __future__ import annotations

from dataclasses import dataclass

from ._index_sets import hull
from .box import Box, pixel
from .dependencies import Dependencies, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .trace import Trace


@dataclass(frozen=True)
class ReceptiveField:
    """What can influence one output pixel.

    Attributes
    ----------
    row, column : int
        The output pixel.
    boxes : dict of str to Box or None
        For every step the smallest rectangle around the pixels of its map that the pixel depends
        on; None where it does not. Dilated windows leave gaps inside it.
    paths : dict of str to Box
        Region of the input through each path alone: ``"skip1"`` and so on by the level at which
        the path turns round, and ``"bottleneck"``.
    input : Box
        Region of the input through all paths.
    """

    row: int
    column: int
    boxes: dict[str, Box | None]
    paths: dict[str, Box]
    input: Box | None


@dataclass(frozen=True)
class ProjectiveField:
    """What one input pixel can influence.

    Attributes
    ----------
    row, column : int
        The input pixel.
    boxes : dict of str to Box or None
        For every step the region of its map that depends on the pixel; None where nothing does.
    output : Box or None
        That region of the output.
    """

    row: int
    column: int
    boxes: dict[str, Box | None]
    output: Box | None


def receptive_field(trace: Trace, row: int, col: int) -> ReceptiveField:
    """Return the region of every map that can influence one output pixel.

    Parameters
    ----------
    trace : Trace
        A trace that works; `trace(spec)` or `trace_model(model)`.
    row, col : int
        The output pixel, from 0.

    Returns
    -------
    ReceptiveField
        Smallest rectangles around the contributing pixels, through all paths, clipped to the maps.

    Raises
    ------
    ShapeError
        If the trace stops at a step.
    OutOfRangeError
        If the output has no such pixel; negative numbers do not count from the end.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> found = receptive_field(trace(PAPER), 0, 5)
    >>> found.input.height, found.input.width
    (188, 204)
    >>> {path: box.width for path, box in found.paths.items()}
    {'skip1': 9, 'skip2': 26, 'skip3': 60, 'skip4': 132, 'bottleneck': 204}
    """
    row, col = pixel(trace.check().steps[-1].out_shape, row, col)
    dependencies = Dependencies(trace, 0, 1)
    found = dependencies.sources(row, col)
    boxes = {name: _box(*map(hull, whole(regions, 2))) for name, regions in found.items()}
    first = trace.steps[0].name
    paths = {
        dependencies.path_name(level): box
        for level, region in sorted(found[first].items())
        if (box := _box(*map(hull, region))) is not None
    }
    return ReceptiveField(row, col, boxes, paths, boxes[first])


def projective_field(trace: Trace, row: int, col: int) -> ProjectiveField:
    """Return the region of every map that one input pixel can influence.

    Parameters
    ----------
    trace : Trace
        A trace that works.
    row, col : int
        The input pixel, from 0.

    Returns
    -------
    ProjectiveField
        Smallest rectangles around the pixels that depend on it; None for a map without any.

    Raises
    ------
    ShapeError
        If the trace stops at a step.
    OutOfRangeError
        If the input has no such pixel.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> projective_field(trace(PAPER), 0, 0).output
    Box(top=0, left=0, bottom=16, right=16)
    """
    row, col = pixel(trace.check().steps[0].out_shape, row, col)
    found = Dependencies(trace, 0, 1).targets(row, col)
    boxes = {name: _box(*map(hull, whole(regions, 2))) for name, regions in found.items()}
    return ProjectiveField(row, col, boxes, boxes[trace.steps[-1].name])


def padding_free(trace: Trace) -> Box | None:
    """Return the output pixels that depend on real pixels only, never on padding.

    Parameters
    ----------
    trace : Trace
        A trace that works.

    Returns
    -------
    Box or None
        The whole output of a network without padding; None if every pixel meets some.

    Raises
    ------
    ShapeError
        If the trace stops at a step.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> padding_free(trace(PAPER.replace(input_size=256, padding="same")))
    Box(top=94, left=94, bottom=162, right=162)
    """
    rows, columns = (free_span(trace.check(), axis) for axis in (0, 1))
    return _box(rows, columns)


def free_span(trace: Trace, axis: int) -> range:
    """Return the outputs along one axis that depend on real pixels only; empty if none does."""
    free = {trace.steps[0].name: range(trace.steps[0].out_shape[axis])}
    for step in trace.steps[1:]:
        start = max(free[name].start for name in step.inputs)
        stop = min(free[name].stop for name in step.inputs)
        span = range(start, max(start, stop))
        free[step.name] = step.rule(axis).within(span, step.in_shapes[0][axis]) if span else span
    return free[trace.steps[-1].name]


def _box(rows: range, columns: range) -> Box | None:
    """Rectangle of some rows and columns; None where there are none of either."""
    return Box.of(rows, columns) if rows and columns else None
