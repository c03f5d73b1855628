"""A plan of tiles in words and lines, for both explorers of tiles."""

from __future__ import annotations

from unetviz.draw.images.annotated import BoxMark
from unetviz.geometry.box import Box
from unetviz.geometry.ops import size_of
from unetviz.labs.tiles.plan import TilePlan

PADS = {"the image mirrored": "mirror", "its last pixels": "edge", "zeros": "zero"}
SMALLEST_STRIDE = 16
"""Smaller strides give more tiles than anyone waits for."""


def grid_marks(plan: TilePlan) -> list[BoxMark]:
    """Return the lines between the tiles, as rows and columns of boxes."""
    height, width = plan.image
    rows = [Box(span.start, 0, span.stop, width) for _, _, span in plan.spans(0)]
    columns = [Box(0, span.start, height, span.stop) for _, _, span in plan.spans(1)]
    return [BoxMark(box, "grid", "") for box in (*rows, *columns)]


def standing_marks(plan: TilePlan) -> list[BoxMark]:
    """Return what is drawn wherever the pointer is: the tiles and the border of the image."""
    return [*grid_marks(plan), BoxMark(Box(0, 0, *plan.image), "window", "the image itself")]


def plan_sentences(plan: TilePlan) -> list[str]:
    """Say how many tiles there are, what they cost, and whether they are seamless."""
    rows, columns = plan.grid
    factor = len(plan) * plan.tile[0] * plan.tile[1] / (plan.image[0] * plan.image[1])
    stride = str(plan.stride[0]) if len(set(plan.stride)) == 1 else size_of(plan.stride)
    end = (
        "Seamless: the result equals one pass over the whole image, to rounding."
        if plan.seamless
        else "With seams: {reason}.".format(reason=plan.reason)
    )
    return [
        "{count} tiles ({rows} x {columns}), {stride} apart.".format(
            count=len(plan), rows=rows, columns=columns, stride=stride
        ),
        end,
        (
            "Each takes {tile} pixels in; together {factor:.1f} times the pixels of the "
            "image, because they overlap."
        ).format(tile=size_of(plan.tile), factor=factor),
    ]
