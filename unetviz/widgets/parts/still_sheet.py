"""Several small images on one sheet, as a drawing for where no kernel runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import BoxMark, draw_image
from unetviz.draw.images.colours import SHEET_GAP, contact_sheet
from unetviz.draw.theme import MARGIN, WIDTH
from unetviz.geometry.box import Box

from .array_view import placed
from .network_image import moved, screen_zoom

Shown = tuple[np.ndarray, Sequence[BoxMark]]
"""Pixels of shape (h, w, 3), and marks: the first says where they lie, others are on or below."""

_PAPER = 127
"""Grey where an image does not cover its place."""


def draw_sheet(
    shown: Sequence[Shown], columns: int, caption: str, lines: Sequence[BoxMark] = ()
) -> Drawing:
    """Draw images in rows, as large as a page allows, each with its words in the legend.

    Parameters
    ----------
    shown : sequence of (array of shape (h, w, 3), sequence of BoxMark)
        Their colours and their marks, as views show them. The first mark is the place of the
        pixels: an image that is smaller than others has grey around it.
    columns : int
        Images in a row.
    caption : str
        One sentence.
    lines : sequence of BoxMark
        Further lines of the legend.
    """
    frames = [marks[0].box for _, marks in shown]
    height, width = max(box.bottom for box in frames), max(box.right for box in frames)
    papers, placed_marks = [], []
    for i, (pixels, (first, *others)) in enumerate(shown):
        paper, box = np.full((height, width, 3), _PAPER, np.uint8), first.box
        paper[box.top : box.bottom, box.left : box.right] = pixels
        papers.append(paper)
        line, place = divmod(i, columns)
        top, left = line * (height + SHEET_GAP), place * (width + SHEET_GAP)
        words = "; ".join(mark.words for mark in (first, *others) if mark.words)
        whole = Box(top, left, top + height, left + width)
        placed_marks.append(replace(first, box=whole, words=words, is_map=False))
        placed_marks += [
            replace(mark, box=moved(mark.box, top, left), words="")
            for mark in others
            if mark.box.height
        ]
    sheet = contact_sheet(papers, columns)
    zoom = screen_zoom(sheet.shape[1], int(WIDTH - 2 * MARGIN))
    return draw_image(placed(sheet, zoom), [*placed_marks, *lines], caption)
