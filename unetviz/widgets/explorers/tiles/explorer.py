"""The explorer of overlap-tile: the tile under the pointer, what goes in and what it writes."""

from __future__ import annotations

from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import Mark, PlacedImage, draw_image
from unetviz.draw.images.colours import coloured, png_of, reduced
from unetviz.geometry.box import Box
from unetviz.geometry.ops import size_of
from unetviz.geometry.specs.unet import DOCUMENT, PAPER, UNetSpec
from unetviz.labs.images.arrays import as_floats, checked_image, cut_window
from unetviz.labs.tiles.plan import TilePlan, plan_tiles

from ...parts.controls import choice, number_box, row
from ...parts.network_image import WIDEST, pointer_words
from ...parts.panel import Panel
from ...views.image.view import ImageView
from ...views.shared.box_tables import encode
from ._plan import PADS, SMALLEST_STRIDE, plan_sentences, standing_marks

_TILE_NETWORKS = {
    "the paper's: 572, valid": "paper",
    "576, same": "large",
    "256, same": "same",
    "the document's code: 256, same": "document",
}

NETWORKS = {
    "paper": PAPER,
    "large": PAPER.replace(input_size=576, padding="same"),
    "same": PAPER.replace(input_size=256, padding="same"),
    "document": DOCUMENT,
}

_LARGEST = 4096
"""Tiles nearer to each other would be too many to draw, or to wait for."""


class TileExplorer(Panel):
    """See how a large image is cut into tiles.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, 3)
        The image.
    spec : UNetSpec
        The network to begin with, one of those in the list.

    Attributes
    ----------
    plan : TilePlan
        The tiles in hand.
    """

    def __init__(self, image: np.ndarray, spec: UNetSpec = PAPER):
        self._image = checked_image(image)
        names = {found: name for name, found in NETWORKS.items()}
        self.network = choice("Network", _TILE_NETWORKS, "330px")
        self.network.value = names[spec]
        self.stride = number_box("Stride", _LARGEST, "130px")
        self.stride.min = SMALLEST_STRIDE
        self.shift = number_box("Shift", _LARGEST, "120px")
        self.shift.min = self.shift.value = 0
        self.pad = choice("Beyond the border", PADS, "300px")
        self.best = ipywidgets.Button(description="Seamless settings", layout={"width": "160px"})
        self.view = ImageView(
            label=(
                "The image in its tiles. Arrow keys move the pixel by one, with Shift by 16; "
                "Home and End go to the ends of its row; Escape lets it go."
            )
        )
        controls = row(self.network, self.stride, self.shift, self.best, self.pad)
        super().__init__([controls, self.view], note_at=1)
        self._busy = False
        self._reset()
        for control in (self.stride, self.shift, self.pad):
            control.observe(self.guarded(self._change), names="value")
        self.network.observe(self.guarded(self._reset), names="value")
        self.best.on_click(self.guarded(self._reset))

    @property
    def spec(self) -> UNetSpec:
        """The network of the tiles."""
        return NETWORKS[self.network.value]

    def _reset(self, _: Any = None) -> None:
        """Take the settings that leave no seams."""
        self._busy = True
        best = plan_tiles(self._image.shape[:2], self.spec)
        self.stride.value, self.shift.value = best.stride[0], 0
        self._busy = False
        self._show(best)

    def _change(self, _: Any) -> None:
        if self._busy:
            return
        try:
            found = plan_tiles(
                self._image.shape[:2], self.spec, self.stride.value, shift=self.shift.value
            )
        except ValueError as error:
            self.refuse(error)
            return
        self._show(found)

    def _show(self, plan: TilePlan) -> None:
        self.plan = plan
        height, width = plan.image
        self._drawn = self._with_border()
        tables = [_tables(plan, axis) for axis in (0, 1)]
        point = tuple(self.view.point) or (height // 2, width // 2)
        boxes = (
            {"name": "input", "kind": "tile", "words": "goes into the network"},
            {"name": "output", "kind": "kept", "words": "is written by it"},
        )
        self.view.show(self._drawn, standing_marks(self.plan))
        area = Box(0, 0, height, width)
        self.view.follow(
            area,
            encode(*tables),
            boxes,
            pointer_words(("Pixel: row {row}, column {column}"), "-"),
            point,
        )
        kind = "good" if plan.seamless else "warning"
        self.say(kind, plan_sentences(plan))

    def _with_border(self) -> PlacedImage:
        """The image and what lies beyond its border as far as tiles reach, made small."""
        tiles = self.plan.tiles
        top, left = min(t.input.top for t in tiles), min(t.input.left for t in tiles)
        bottom, right = max(t.input.bottom for t in tiles), max(t.input.right for t in tiles)
        factor = -(-max(bottom - top, right - left) // WIDEST)
        bottom += (top - bottom) % factor
        right += (left - right) % factor
        box = Box(top, left, bottom, right)
        piece = as_floats(reduced(cut_window(self._image, box, self.pad.value), factor))
        largest = np.iinfo(self._image.dtype).max if self._image.dtype.kind in "ui" else 1
        values = piece[..., 0] if piece.shape[2] != 3 else piece
        png = png_of(coloured(values / largest, limits=(0.0, 1.0)))
        return PlacedImage(png, box, 1 / factor)

    def _tile(self) -> Any:
        """The tile of the pixel in hand."""
        row, column = self.view.point
        return next(
            tile
            for tile in self.plan.tiles
            if tile.output.top <= row < tile.output.bottom
            and tile.output.left <= column < tile.output.right
        )

    def as_markdown(self) -> str:
        """Return the sentences about the plan."""
        return "\n\n".join(plan_sentences(self.plan))

    def still(self) -> Drawing:
        """Return the image that is shown now."""
        tile = self._tile()
        row, column = self.view.point
        marks = [
            *standing_marks(self.plan),
            Mark(tile.input, "tile", "goes into the network"),
            Mark(tile.output, "kept", "is written by it"),
        ]
        caption = (
            "An image of {size} pixels in {count} tiles, and the tile of pixel ({row}, {column})."
        ).format(size=size_of(self.plan.image), count=len(self.plan), row=row, column=column)
        return draw_image(self._drawn, marks, caption)


def _tables(plan: TilePlan, axis: int) -> dict[str, list[range]]:
    """For each row or column of the image, what the tile that writes it takes and writes."""
    spans = [(given, out) for given, _, out in plan.spans(axis) for _ in out]
    return {"input": [given for given, _ in spans], "output": [out for _, out in spans]}
