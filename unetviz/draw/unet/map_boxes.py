"""Where the maps lie in the drawing of a U, to put boxes and images into them."""

from __future__ import annotations

from unetviz.geometry.trace import Trace

from .layout import lay_out

Area = tuple[float, float, float, float, int, int]
"""Left end, upper end, width and height of a front sheet, then the map's rows and columns."""


def map_areas(trace: Trace) -> dict[str, Area]:
    """Return the front sheet of every map that is drawn, by the name of its step.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> map_areas(trace(PAPER))["enc1_conv1"][4:]
    (570, 570)
    """
    areas: dict[str, Area] = {}
    for laid in lay_out(trace).places():
        for box in laid.boxes:
            if box.shape is not None:
                x, y, width, height = (
                    round(value, 1) for value in (box.x, box.y, box.width, box.height)
                )
                areas[box.step] = (x, y, width, height, box.shape[0], box.shape[1])
    return areas
