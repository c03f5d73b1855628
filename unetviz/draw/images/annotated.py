"""An image with boxes on it and a legend below, as an SVG that stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from unetviz.geometry.box import Box

from ..drawing import Drawing
from ..svg import document, image_element, number, words, wrapped
from ..theme import BOX_STYLES, MARGIN, WIDTH

_LINE = 18.0
"""Pixels from one line of the legend or caption to the next."""


@dataclass(frozen=True)
class PlacedImage:
    """A PNG and the pixels that it shows.

    Attributes
    ----------
    png : bytes
        The file.
    box : Box
        Rows and columns that it shows; with a mirrored border they begin below 0.
    zoom : float
        Pixels of the screen for one pixel of the image.
    """

    png: bytes
    box: Box
    zoom: float = 1.0


@dataclass(frozen=True)
class BoxMark:
    """A box on an image, with its line in the legend.

    Attributes
    ----------
    box : Box
        In pixels of the image.
    kind : str
        One of `BOX_STYLES`.
    words : str
        What it is.
    sign : str
        A short word written into the box; empty for none.
    is_map : bool
        Whether its size in pixels means anything; that of a sheet of small images does not.
    """

    box: Box
    kind: str
    words: str
    sign: str = ""
    is_map: bool = True

    @property
    def size(self) -> str:
        """Height and width, as the legend says them; empty if they are not those of a map."""
        return f"{self.box.height} x {self.box.width}" if self.is_map else ""


def draw_image(
    image: PlacedImage, marks: Sequence[BoxMark], caption: str, theme: str = "light"
) -> Drawing:
    """Draw boxes on an image; each has its line in the legend.

    Parameters
    ----------
    image : PlacedImage
        What the boxes lie on.
    marks : sequence of BoxMark
        From back to front; see `BOX_STYLES` for their kinds.
    caption : str
        One sentence.
    theme : str
        ``"light"`` or ``"dark"``.
    """
    zoom, box = image.zoom, image.box
    width, height = box.width * zoom, box.height * zoom
    parts = [image_element(MARGIN, MARGIN, width, height, image.png, smooth=zoom < 1)]
    for mark in marks:
        parts += _rectangle(mark, box, zoom)
    y = MARGIN + height
    for mark in marks:
        if mark.words:
            y += _LINE
            parts += _legend_line(mark, y)
    for line in wrapped(caption, WIDTH - 2 * MARGIN):
        y += _LINE
        parts.append(words(MARGIN, y, line, 'class="s quiet"'))
    size = max(width + 2 * MARGIN, WIDTH), y + MARGIN
    return Drawing(document(*size, parts, theme), caption, photograph=True)


def _rectangle(mark: BoxMark, frame: Box, zoom: float) -> Iterable[str]:
    x, y = (
        MARGIN + (mark.box.left - frame.left) * zoom,
        MARGIN + (mark.box.top - frame.top) * zoom,
    )
    shape = (
        f'x="{number(x)}" y="{number(y)}" width="{number(mark.box.width * zoom)}" '
        f'height="{number(mark.box.height * zoom)}"'
    )
    yield f'<rect {shape} fill="none" stroke="#000" stroke-opacity="0.55" stroke-width="4"/>'
    yield f"<rect {shape} {_stroke(mark.kind)}/>"
    if mark.sign:
        # As a style: the rules for all other words would win over attributes.
        attributes = (
            "style=\"font: bold 12px 'DejaVu Sans'; fill: #fff; text-anchor: start; "
            'stroke: #000; stroke-width: 3; paint-order: stroke"'
        )
        yield words(x + 4, y + 13, mark.sign, attributes)


def _stroke(kind: str) -> str:
    colour, dashes = BOX_STYLES[kind]
    return f'fill="none" stroke="{colour}" stroke-dasharray="{dashes}" stroke-width="2"'


def _legend_line(mark: BoxMark, y: float) -> Iterable[str]:
    yield (
        f'<rect x="{MARGIN}" y="{number(y - 10)}" width="22" height="12" '
        f"{_stroke(mark.kind).replace('none', '#555', 1)}/>"
    )
    yield words(MARGIN + 30, y, ": ".join(filter(None, (mark.words, mark.size))), 'class="s"')
