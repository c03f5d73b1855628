"""Several images on one sheet."""

import base64
import re

import numpy as np
from support.panels import decoded

from unetviz.draw.images.annotated import BoxMark
from unetviz.geometry.box import Box
from unetviz.widgets.parts.masks import legend_line
from unetviz.widgets.parts.still_sheet import draw_sheet


def sheet_of(drawing):
    (data,) = re.findall(r"data:image/png;base64,([^\"]+)", drawing.svg)
    return decoded(base64.b64decode(data))


def test_each_image_lies_in_its_row_and_column_with_its_words():
    images = [np.full((5, 7, 3), 20 * i, np.uint8) for i in range(1, 6)]
    shown = [
        (image, [BoxMark(Box(0, 0, 5, 7), "grid", f"image {i}"), BoxMark(Box(0, 0, 0, 0), "", "x")])
        for i, image in enumerate(images)
    ]
    drawing = draw_sheet(shown, 3, "Five.")
    sheet = sheet_of(drawing)
    assert sheet.shape[:2] == (12, 25)
    for i, image in enumerate(images):
        top, left = 7 * (i // 3), 9 * (i % 3)
        np.testing.assert_array_equal(sheet[top : top + 5, left : left + 7], image)
        assert f"image {i}; x" in drawing.svg
    (width,) = re.findall(r"<image[^>]* width=\"([0-9.]+)\"", drawing.svg)
    # As wide as the page allows, each pixel a square of whole pixels.
    assert float(width) <= 848 < float(width) + sheet.shape[1] + 24
    assert float(width) % sheet.shape[1] == 0


def test_a_smaller_image_lies_at_its_place_and_boxes_come_with_it():
    small, large = np.full((2, 3, 3), 10, np.uint8), np.full((6, 8, 3), 200, np.uint8)
    box, line = BoxMark(Box(3, 2, 4, 4), "bottleneck", "chosen"), legend_line("kept", "all")
    shown = [
        (large, [BoxMark(Box(0, 0, 6, 8), "grid", "large"), box]),
        (small, [BoxMark(Box(3, 1, 5, 4), "grid", "small"), box]),
    ]
    drawing = draw_sheet(shown, 2, "Two.", [line])
    sheet = sheet_of(drawing)
    np.testing.assert_array_equal(sheet[:, :8], large)
    np.testing.assert_array_equal(sheet[3:5, 11:14], small)
    assert (sheet[:3, 10:] == 127).all()
    zoom = float(re.findall(r"<image[^>]* width=\"([0-9.]+)\"", drawing.svg)[0]) / 18
    places = re.findall(
        r'<rect x="([0-9.]+)"[^>]*width="([0-9.]+)"[^>]*stroke="#fff15c"', drawing.svg
    )
    margin = float(re.findall(r"<image[^>]* x=\"([0-9.]+)\"", drawing.svg)[0])
    boxes = [((float(x) - margin) / zoom, float(w) / zoom) for x, w in places]
    assert boxes[:2] == [(2, 2), (12, 2)]
    assert "large; chosen" in drawing.svg
    assert "small; chosen" in drawing.svg
    assert ">all<" in drawing.svg
