"""One image, three questions: what is in it, where are the objects, which pixels are theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from textwrap import wrap

import numpy as np

from unetviz.geometry.box import Box

from ..drawing import Drawing
from ..svg import document, image_element, points, words
from ..theme import BOX_STYLES, MARGIN, WIDTH
from .colours import coloured, png_of

_GAP = 10.0
"""Pixels between two of the three images."""

_LINE = 16.0
"""Pixels from one line of a caption to the next."""

_LETTERS = 40
"""Letters that fit below one of the three images."""


def draw_detection_and_segmentation(
    image: np.ndarray,
    boxes: Sequence[Box],
    outlines: Sequence[np.ndarray],
    captions: Sequence[str],
    theme: str = "light",
) -> Drawing:
    """Draw an image three times: as it is, with boxes, with outlines.

    Parameters
    ----------
    image : array of shape (h, w)
        A grey image.
    boxes : sequence of Box
        What detection finds.
    outlines : sequence of arrays of shape (n, 2)
        What segmentation finds: rows and columns of points, in pixels.
    captions : sequence of str
        Three, one below each; together they are the drawing's caption.
    theme : str
        ``"light"`` or ``"dark"``.
    """
    height, width = image.shape
    each = (WIDTH - 2 * MARGIN - 2 * _GAP) / 3
    zoom = each / width
    png = png_of(coloured(image))
    parts, lines = [], 0
    for place, caption in enumerate(captions):
        x = MARGIN + place * (each + _GAP)
        parts.append(image_element(x, MARGIN, each, height * zoom, png, smooth=True))
        shapes = ((), boxes, outlines)[place]
        parts += [_shape(shape, x, zoom) for shape in shapes]
        rows = wrap(caption, _LETTERS)
        lines = max(lines, len(rows))
        y = MARGIN + height * zoom
        parts += [words(x, y + _LINE * (i + 1), row, 'class="s"') for i, row in enumerate(rows)]
    total = 2 * MARGIN + height * zoom + _LINE * lines
    return Drawing(document(WIDTH, total, parts, theme), " | ".join(captions), photograph=True)


def _shape(shape: Box | np.ndarray, x: float, zoom: float) -> str:
    if isinstance(shape, Box):
        top, left, bottom, right = astuple(shape)
        corners = [(top, left), (top, right), (bottom, right), (bottom, left)]
    else:
        corners = [(row + 0.5, column + 0.5) for row, column in shape]
    colour = BOX_STYLES["path1" if isinstance(shape, Box) else "free"][0]
    line = points([(x + c * zoom, MARGIN + r * zoom) for r, c in corners])
    return f'<polygon points="{line}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
