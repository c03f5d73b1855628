"""The explorer of overlap-tile: the tile under the pointer, its input and what it writes."""

from __future__ import annotations

from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import BoxMark, PlacedImage, draw_image
from unetviz.draw.images.colours import coloured, reduced
from unetviz.geometry.box import Box
from unetviz.geometry.graph import Specification, specification_of
from unetviz.geometry.ops import size_of
from unetviz.geometry.specs.unet import DOCUMENT, PAPER
from unetviz.labs.images.arrays import as_floats, checked_image, cut_window
from unetviz.labs.tiles.plan import Tile, TilePlan, plan_tiles

from ...parts.array_view import ArrayView, placed
from ...parts.controls import choice, number_box, row
from ...parts.network_image import WIDEST, pointer_words
from ...parts.panel import Panel
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
    spec : Specification
        The network to begin with, one of those in the list or your own.

    Attributes
    ----------
    plan : TilePlan
        The tiles that are shown.
    """

    def __init__(self, image: np.ndarray, spec: Specification = PAPER):
        self._image = checked_image(image)
        spec = specification_of(spec)
        self._networks: dict[str, Specification] = dict(NETWORKS)
        name = next((name for name, found in NETWORKS.items() if found == spec), "own")
        self._networks[name] = spec
        own = {"your own: {size}".format(size=size_of(spec.input_size)): "own"}
        options = _TILE_NETWORKS | (own if name == "own" else {})
        self.network = choice("Network", options, "330px", name)
        self.stride = number_box("Stride", _LARGEST, "130px", SMALLEST_STRIDE, SMALLEST_STRIDE)
        self.shift = number_box("Shift", _LARGEST, "120px", 0, smallest=0)
        self.pad = choice("Beyond the border", PADS, "300px")
        self.best = ipywidgets.Button(description="Seamless settings", layout={"width": "160px"})
        self.view = ArrayView(
            label=(
                "The image in its tiles. Arrow keys move the pixel by one, with Shift by 16; "
                "Home and End go to the ends of its row; Escape lets it go."
            )
        )
        controls = row(self.network, self.stride, self.shift, self.best, self.pad)
        super().__init__([controls, self.view], note_at=1)
        self._show_seamless()
        for control in (self.stride, self.shift, self.pad):
            control.observe(self.guarded(self._plan_anew), names="value")
        self.network.observe(self.guarded(self._show_seamless), names="value")
        self.best.on_click(self.guarded(self._show_seamless))

    @property
    def spec(self) -> Specification:
        """The network of the tiles."""
        return self._networks[self.network.value]

    def _show_seamless(self, _: Any = None) -> None:
        """Take the settings that leave no seams."""
        best = plan_tiles(self._image.shape[:2], self.spec)
        with self.changing_itself():
            self.stride.value, self.shift.value = best.stride[0], 0
        self._show(best)

    def _plan_anew(self, _: Any) -> None:
        """Lay the tiles as the controls say."""
        try:
            found = plan_tiles(
                self._image.shape[:2], self.spec, self.stride.value, shift=self.shift.value
            )
        except ValueError as error:
            # What was typed stays: with another network it may work.
            self.refuse(error)
            return
        self._show(found)

    def _show(self, plan: TilePlan) -> None:
        image = self._with_border(plan)
        self.plan = plan
        height, width = plan.image
        tables = [_tables(plan, axis) for axis in (0, 1)]
        down, across = self.view.point or (height // 2, width // 2)
        boxes = (
            {"name": "input", "kind": "tile", "words": "goes into the network"},
            {"name": "output", "kind": "kept", "words": "is written by it"},
        )
        self.view.show(image, standing_marks(plan))
        words = pointer_words("Pixel: row {row}, column {column}", "-")
        self.view.follow(Box(0, 0, height, width), encode(*tables), boxes, words, (down, across))
        self.describe("good" if plan.seamless else "warning", plan_sentences(plan))

    def _with_border(self, plan: TilePlan) -> PlacedImage:
        """The image and what lies beyond its border as far as tiles reach, made small."""
        tiles = plan.tiles
        top, left = min(t.input.top for t in tiles), min(t.input.left for t in tiles)
        bottom, right = max(t.input.bottom for t in tiles), max(t.input.right for t in tiles)
        factor = -(-max(bottom - top, right - left) // WIDEST)
        bottom += (top - bottom) % factor
        right += (left - right) % factor
        box = Box(top, left, bottom, right)
        piece = as_floats(reduced(cut_window(self._image, box, self.pad.value), factor))
        largest = np.iinfo(self._image.dtype).max if self._image.dtype.kind in "ui" else 1
        values = piece[..., 0] if piece.shape[2] != 3 else piece
        return placed(coloured(values / largest, limits=(0.0, 1.0)), 1 / factor, box)

    def _tile(self) -> Tile:
        """The tile of the current pixel."""
        row, column = self.view.point
        return next(
            tile
            for tile in self.plan.tiles
            if tile.output.top <= row < tile.output.bottom
            and tile.output.left <= column < tile.output.right
        )

    def still(self) -> Drawing:
        """Return the image that is shown now."""
        tile = self._tile()
        row, column = self.view.point
        marks = [
            *self.view.boxes_shown,
            BoxMark(tile.input, "tile", "goes into the network"),
            BoxMark(tile.output, "kept", "is written by it"),
        ]
        caption = (
            "An image of {size} pixels in {count} tiles, and the tile of pixel ({row}, {column})."
        ).format(size=size_of(self.plan.image), count=len(self.plan), row=row, column=column)
        return draw_image(self.view.shown, marks, caption)


def _tables(plan: TilePlan, axis: int) -> dict[str, list[range]]:
    """For each row or column of the image, what the tile that writes it takes and writes."""
    spans = [(given, out) for given, _, out in plan.spans(axis) for _ in out]
    return {"input": [given for given, _ in spans], "output": [out for _, out in spans]}
