"""View part: an image at a fixed zoom, with boxes that follow the current pixel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import BoxMark, PlacedImage, draw_image
from unetviz.draw.theme import box_style_sheet
from unetviz.geometry.box import Box

from ..shared._bundle import script, style

_HERE = Path(__file__).parent


class ImageView(anywidget.AnyWidget):
    """An image on which a pixel is chosen with the pointer or with keys.

    Coordinates are pixels of the image, rows first; a box is ``[top, left, bottom, right]``.

    Attributes
    ----------
    image : bytes
        A PNG file.
    origin, size : list of int
        Row and column of its first pixel, and its height and width.
    zoom : float
        Pixels of the screen for one pixel of the image.
    pitch : list of int
        Rows and columns by which an arrow key moves.
    marks : list of dict
        Boxes that stay: ``box``, ``kind``, ``words``, ``size``.
    area : list of int
        Where a pixel can be chosen; empty for nowhere. `point` counts from its upper left corner.
    point : list of int
        Row and column of the current pixel; empty for none. While the pointer moves the kernel
        hears of it a few times a second, and always of the last one.
    held : bool
        Whether the pixel stays while the pointer moves on.
    box_tables : dict
        Tables of the boxes that belong to each point, as `source_tables` writes them.
    boxes : list of dict
        Which of them are shown: ``name``, ``kind``, ``words``, ``sign``, and ``offset`` if the
        table does not count in pixels of the image.
    words : dict of str
        Sentences of the legend: ``point``, ``remark``, ``none``, ``help``, ``held``.
    label : str
        What a screen reader says.
    shown, boxes_shown : PlacedImage, tuple of BoxMark
        The image that is shown and the boxes that stay, from back to front.
    """

    shown: PlacedImage
    boxes_shown: tuple[BoxMark, ...] = ()

    _esm = script(_HERE / "image.js")
    _css = style(_HERE / "image.css", box_style_sheet())
    image = traitlets.Bytes().tag(sync=True)
    origin = traitlets.List(traitlets.Int(), [0, 0]).tag(sync=True)
    size = traitlets.List(traitlets.Int(), [1, 1]).tag(sync=True)
    zoom = traitlets.Float(1.0).tag(sync=True)
    pitch = traitlets.List(traitlets.Int(), [1, 1]).tag(sync=True)
    marks = traitlets.List(traitlets.Dict()).tag(sync=True)
    area = traitlets.List(traitlets.Int()).tag(sync=True)
    point = traitlets.List(traitlets.Int()).tag(sync=True)
    held = traitlets.Bool(False).tag(sync=True)
    box_tables = traitlets.Dict().tag(sync=True)
    boxes = traitlets.List(traitlets.Dict()).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    _channel = traitlets.Unicode().tag(sync=True)

    @traitlets.validate("point")
    def _in_area(self, proposal: Any) -> list[int]:
        """A pixel that was chosen just before the area changed may be gone."""
        if not (proposal["value"] and self.area):
            return proposal["value"]
        top, left, bottom, right = self.area
        ends = zip(proposal["value"], (bottom - top, right - left), strict=True)
        return [max(0, min(place, size - 1)) for place, size in ends]

    def show(self, image: PlacedImage, marks: Sequence[BoxMark] = ()) -> None:
        """Show another image with boxes that stay."""
        self.shown, self.boxes_shown = image, tuple(marks)
        with self.hold_sync():
            self.image = image.png
            self.origin = [image.box.top, image.box.left]
            self.size = [image.box.height, image.box.width]
            self.zoom = image.zoom
            self.marks = [
                {
                    "box": corners(mark.box),
                    "kind": mark.kind,
                    "words": mark.words,
                    "size": mark.size,
                }
                for mark in marks
            ]

    def still(self, caption: str) -> Drawing:
        """Return what is shown now as a drawing that stands alone."""
        return draw_image(self.shown, self.boxes_shown, caption)

    def follow(
        self,
        area: Box,
        box_tables: dict[str, Any],
        boxes: Sequence[dict[str, Any]],
        words: dict[str, str],
        point: tuple[int, int] | None = None,
    ) -> None:
        """Let a pixel of `area` be chosen, and show the boxes that belong to it."""
        with self.hold_sync():
            self.held = False
            self.area = corners(area)
            self.box_tables = box_tables
            self.boxes = list(boxes)
            self.words = words
            self.point = list(point) if point else []


def corners(box: Box) -> list[int]:
    """Return a box as the browser takes it."""
    return [box.top, box.left, box.bottom, box.right]
