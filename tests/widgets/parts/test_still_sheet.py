"""Several images on one sheet."""

import base64
import re

import numpy as np
from support.panels import decoded

from unetviz.draw.images.annotated import BoxMark
from unetviz.widgets.parts.still_sheet import draw_sheet, sheet_place


def test_each_image_lies_where_its_place_says():
    images = [np.full((5, 7, 3), 20 * i, np.uint8) for i in range(1, 6)]
    marks = [BoxMark(sheet_place(i, (5, 7), 3), "grid", f"image {i}") for i in range(5)]
    drawing = draw_sheet(images, 3, marks, "Five.")
    (data,) = re.findall(r"data:image/png;base64,([^\"]+)", drawing.svg)
    sheet = decoded(base64.b64decode(data))
    for mark, image in zip(marks, images, strict=True):
        box = mark.box
        np.testing.assert_array_equal(sheet[box.top : box.bottom, box.left : box.right], image)
        assert mark.words in drawing.svg
    (width,) = re.findall(r"<image[^>]* width=\"([0-9.]+)\"", drawing.svg)
    # As wide as the page allows, each pixel a square of whole pixels.
    assert float(width) <= 848 < float(width) + sheet.shape[1] + 24
    assert float(width) % sheet.shape[1] == 0
