"""Several small images on one sheet, as a drawing for where no kernel runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import BoxMark, draw_image
from unetviz.draw.images.colours import SHEET_GAP, contact_sheet
from unetviz.draw.theme import MARGIN, WIDTH
from unetviz.geometry.box import Box

from .array_view import placed
from .network_image import screen_zoom


def sheet_place(number: int, shape: tuple[int, ...], columns: int) -> Box:
    """Return where an image lies on a sheet of equally large ones.

    Parameters
    ----------
    number : int
        Counted along the rows, from 0.
    shape : (int, int, ...)
        Height and width of each image.
    columns : int
        Images in a row.

    Examples
    --------
    >>> sheet_place(4, (100, 50), 3)
    Box(top=102, left=52, bottom=202, right=102)
    """
    (height, width), (line, place) = shape[:2], divmod(number, columns)
    top, left = line * (height + SHEET_GAP), place * (width + SHEET_GAP)
    return Box(top, left, top + height, left + width)


def draw_sheet(
    images: Sequence[np.ndarray], columns: int, marks: Sequence[BoxMark], caption: str
) -> Drawing:
    """Draw equally large images in rows, as large as a page allows.

    Parameters
    ----------
    images : sequence of array of shape (h, w, 3), uint8
        Their colours.
    columns : int
        Images in a row.
    marks : sequence of BoxMark
        Boxes on the sheet, in its pixels, with their lines in the legend.
    caption : str
        One sentence.
    """
    sheet = contact_sheet(images, columns)
    zoom = screen_zoom(sheet.shape[1], int(WIDTH - 2 * MARGIN))
    return draw_image(placed(sheet, zoom), marks, caption)
