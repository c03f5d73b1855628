"""View part: all channels of a map as small images, of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unetviz.draw.images.annotated import BoxMark
from unetviz.draw.images.colours import SHEET_GAP, SHEET_PAPER, contact_sheet
from unetviz.geometry.box import Box

from ..views.image.view import ImageView
from ..views.shared.box_tables import encode
from .array_view import placed


class ChannelSheet(ImageView):
    """Small images in rows, in one block or in several below each other.

    Parameters
    ----------
    label : str
        What a screen reader says.
    sentences : dict of str
        Sentences of the legend, as `ImageView.words` has them.

    Attributes
    ----------
    blocks : list of BoxMark
        A frame around each block, with its words.
    """

    def __init__(self, label: str, sentences: dict[str, str]):
        super().__init__(label=label)
        self._sentences = sentences
        self._lines: list[int] = []

    def show_channels(
        self,
        blocks: Sequence[Sequence[np.ndarray]],
        columns: int,
        zoom: float,
        words: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Show other channels.

        Parameters
        ----------
        blocks : sequence of sequence of array of shape (h, w, 3), uint8
            The images of each block, all equally large.
        columns : int
            Images in a row.
        zoom : float
            Pixels of the screen for one pixel of an image.
        words : sequence of (str, str)
            Kind and words of the frame around each block; none for no frames.
        """
        height, width = blocks[0][0].shape[:2]
        self._pitch = height + SHEET_GAP, width + SHEET_GAP
        self._columns = columns
        self._lines = [-(-len(block) // columns) for block in blocks]
        widest = min(columns, max(map(len, blocks)))
        blank = np.full_like(blocks[0][0], SHEET_PAPER)
        cells = [
            image
            for block, lines in zip(blocks, self._lines, strict=True)
            for image in [*block, *[blank] * (lines * widest - len(block))]
        ]
        image = placed(contact_sheet(cells, widest), zoom)
        marks, top = [], 0
        for (kind, text), lines in zip(words, self._lines, strict=False):
            bottom = top + lines * self._pitch[0] - SHEET_GAP
            marks.append(BoxMark(Box(top, 0, bottom, image.box.width), kind, text, is_map=False))
            top = bottom + SHEET_GAP
        shape = image.box.height, image.box.width
        tables = (_cells(n, pitch) for n, pitch in zip(shape, self._pitch, strict=True))
        box = {"name": "channel", "kind": "bottleneck", "words": ""}
        with self.hold_sync():
            self.pitch = list(self._pitch)
            self.show(image, marks)
            self.follow(image.box, encode(*tables), [box], self._sentences)
        self.blocks = marks

    def choose(self, channel: int, block: int = 0) -> None:
        """BoxMark a channel of a block."""
        line, place = divmod(channel, self._columns)
        line += sum(self._lines[:block])
        self.point = [
            line * self._pitch[0] + self._pitch[0] // 2,
            place * self._pitch[1] + self._pitch[1] // 2,
        ]

    def chosen(self) -> tuple[int, int] | None:
        """Return channel and block at the current pixel; None if there is none."""
        if not self.point:
            return None
        line, place = (n // pitch for n, pitch in zip(self.point, self._pitch, strict=True))
        block = 0
        while block < len(self._lines) - 1 and line >= self._lines[block]:
            line -= self._lines[block]
            block += 1
        return line * self._columns + place, block


def _cells(size: int, pitch: int) -> dict[str, list[range]]:
    """For every row or column of the sheet, those of the small image that it belongs to."""
    starts = [i // pitch * pitch for i in range(size)]
    return {"channel": [range(start, start + pitch - SHEET_GAP) for start in starts]}
