"""Overlap-tile: how an image of any size is cut into tiles of the size of a network's input.

References
----------
Ronneberger, Fischer and Brox, U-Net: Convolutional Networks for Biomedical Image Segmentation,
2015, figure 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from unetviz.geometry._checks import integer, size
from unetviz.geometry.box import Box
from unetviz.geometry.graph import Specification
from unetviz.geometry.ops import Pair, size_of
from unetviz.geometry.receptive_field import padding_free
from unetviz.geometry.strides import strides, total_stride
from unetviz.geometry.trace import Trace, trace

from ._axis import TileAxis, first_in_phase, seamless_stride
from .working_sizes import explain_no_stride, misfit


@dataclass(frozen=True)
class Tile:
    """One pass of the network.

    Attributes
    ----------
    input : Box
        Window of the image that is the input; beyond the border of the image it is padded.
    kept : Box
        Window of the tile's own output that is used.
    output : Box
        Where it is placed in the result.
    """

    input: Box
    kept: Box
    output: Box


@dataclass(frozen=True)
class TilePlan:
    """The tiles of an image.

    Attributes
    ----------
    image, tile, result : (int, int)
        Height and width of the image, of the input of a tile and of its output, in pixels.
    stride : (int, int)
        Pixels from one tile to the next.
    margin : (int, int)
        Outputs of a tile before the first that is kept.
    phase : (int, int)
        Total pooling factor of the network: seamless tiles lie at its multiples.
    free : Box or None
        Outputs of a tile that do not depend on padding.
    offset : (int, int)
        Pixels of a tile's input before its first output: 92 in the paper's network.
    reason : str
        Why there are seams between the tiles; empty if there are none.
    """

    image: Pair
    tile: Pair
    result: Pair
    stride: Pair
    margin: Pair
    phase: Pair
    free: Box | None
    offset: Pair
    reason: str
    _axes: tuple[TileAxis, TileAxis]

    @property
    def seamless(self) -> bool:
        """Whether the result equals that of one pass over the whole image, up to rounding."""
        return not self.reason

    def spans(self, axis: int) -> list[tuple[range, range, range]]:
        """Return the input, kept and output range of the tiles along an axis (0: height)."""
        return self._axes[axis].spans()

    @property
    def grid(self) -> Pair:
        """Number of tiles from top to bottom and from left to right."""
        rows, columns = (len(self.spans(axis)) for axis in (0, 1))
        return rows, columns

    @cached_property
    def tiles(self) -> tuple[Tile, ...]:
        """All tiles, row by row; their outputs cover the image, every pixel once."""
        rows, columns = self.spans(0), self.spans(1)
        return tuple(
            Tile(*(Box.of(down, across) for down, across in zip(row, column, strict=True)))
            for row, column in product(rows, columns)
        )

    def __len__(self) -> int:
        rows, columns = self.grid
        return rows * columns

    def __repr__(self) -> str:
        how = "seamless" if self.seamless else "with seams"
        rows, columns = self.grid
        return (
            f"<TilePlan: {size_of(self.image)} in {rows} x {columns} tiles of "
            f"{size_of(self.tile)}, {size_of(self.stride)} apart, {how}>"
        )


def plan_tiles(
    image: int | Sequence[int],
    network: Trace | Specification,
    stride: int | Sequence[int] | None = None,
    *,
    margin: int | Sequence[int] | None = None,
    shift: int | Sequence[int] = 0,
) -> TilePlan:
    """Plan the tiles of an image for a network by the overlap-tile strategy of the paper.

    Parameters
    ----------
    image : int or (int, int)
        Height and width of the image, in pixels.
    network : Trace or Specification
        The network at the size of a tile: ``uv.PAPER``, or ``uv.trace_model(model)``.
    stride : int or (int, int), optional
        Pixels from one tile to the next; None for the largest without seams.
    margin : int or (int, int), optional
        Outputs of each tile before the first that is kept; None for the fewest with which the kept
        ones are free of padding and in phase.
    shift : int or (int, int)
        Pixels by which the grid of tiles starts above and to the left of the image.

    Returns
    -------
    TilePlan
        The tiles, and whether they are seamless.

    Raises
    ------
    ShapeError
        If the network does not work at this size.
    ValueError
        If no stride is given and none is seamless, or the tiles would leave gaps.

    See Also
    --------
    cut_patches : image and mask of each tile, for training.
    padding_free : outputs that do not depend on padding.

    Examples
    --------
    >>> from unetviz import PAPER
    >>> plan_tiles(1411, PAPER)
    <TilePlan: 1411 x 1411 in 4 x 4 tiles of 572 x 572, 384 x 384 apart, seamless>
    """
    found = _traced(network)
    free = padding_free(found)
    phase, tile, result = total_stride(found), found.steps[0].out_shape, found.steps[-1].out_shape
    spans = (free.rows, free.columns) if free else (range(0), range(0))
    fitting = not found.warnings
    if stride is None and not (fitting and all(map(seamless_stride, spans, phase))):
        raise ValueError(explain_no_stride(found, free))
    strides_ = map(seamless_stride, spans, phase) if stride is None else size("stride", stride)
    margins = (None, None) if margin is None else _pair("margin", margin)
    shifts = _pair("shift", shift)
    rows, columns = (
        _axis(name, n, tile[i], result[i], phase[i], spans[i], step, margins[i], shifts[i])
        for i, (name, n, step) in enumerate(
            zip(("height", "width"), size("image", image), strides_, strict=True)
        )
    )
    reason = "" if fitting else f"tiles of {size_of(tile)} {misfit(found)}"
    reason = reason or rows.seam("height") or columns.seam("width")
    return TilePlan(
        (rows.image, columns.image),
        tile[:2],
        result[:2],
        (rows.stride, columns.stride),
        (rows.margin, columns.margin),
        phase,
        free,
        (rows.offset, columns.offset),
        reason,
        (rows, columns),
    )


def _traced(network: Trace | Specification) -> Trace:
    found = (network if isinstance(network, Trace) else trace(network)).check()
    last = found.steps[-1].name
    spacing = [strides(found, axis)[last] for axis in (0, 1)]
    if spacing != [1, 1]:
        raise ValueError(
            f"one output pixel stands for {spacing[0]} x {spacing[1]} input pixels; tiles need a "
            "network with one output pixel for each input pixel"
        )
    return found


def _pair(field: str, value: int | Sequence[int]) -> Pair:
    """Return two whole numbers of at least 0, from one number or from a pair."""
    both = tuple(value) if isinstance(value, Iterable) else (value, value)
    if len(both) != 2:
        raise ValueError(f"{field} must be one whole number or (height, width), not {value!r}")
    rows, columns = (integer(field, one, 0) for one in both)
    return rows, columns


def _axis(
    name: str,
    n: int,
    tile: int,
    result: int,
    phase: int,
    free: range,
    stride: int,
    margin: int | None,
    shift: int,
) -> TileAxis:
    if margin is None:
        margin = first_in_phase(free, phase)
        if margin + stride > free.stop:
            # So many outputs without padding do not exist: those in the middle are the best.
            margin = max(0, (result - stride) // 2 // phase * phase)
    if margin >= result:
        raise ValueError(f"a margin of {margin} leaves nothing of the {result} pixels of a tile")
    if margin + stride > result:
        raise ValueError(
            f"tiles {stride} apart with a margin of {margin} leave gaps: a tile gives only "
            f"{result} pixels in {name}; take a stride of at most {max(result - margin, 1)}"
        )
    return TileAxis(n, tile, result, phase, free, stride, margin, shift % stride)
