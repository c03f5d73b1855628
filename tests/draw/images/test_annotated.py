"""Boxes on an image lie where their pixels are, and each has its line in the legend."""

import io

import numpy as np
import pytest
from PIL import Image
from support.drawings import SVG, read, texts

from unetviz.draw.images.annotated import BoxMark, PlacedImage, draw_image
from unetviz.draw.images.colours import png_of
from unetviz.draw.theme import BOX_STYLES, MARGIN, WIDTH
from unetviz.geometry import Box

BLACK = PlacedImage(png_of(np.zeros((20, 30, 3), np.uint8)), Box(-5, -10, 15, 20), 4.0)
MARK = BoxMark(Box(0, 0, 10, 12), "kept", "a <b> box", "B")


def boxes_of(root):
    """Place and colour of each rectangle but the background."""
    return [
        ([float(node.get(key)) for key in ("x", "y", "width", "height")], node.get("stroke"))
        for node in root.iter(f"{SVG}rect")
        if node.get("x")
    ]


def test_a_box_lies_where_its_pixels_are():
    root = read(draw_image(BLACK, [MARK], "Words.").svg)
    dark, bright, sample = boxes_of(root)
    # It begins 5 rows and 10 columns from the corner, 4 pixels each.
    assert bright[0] == [MARGIN + 40, MARGIN + 20, 48, 40]
    assert dark[0] == bright[0]
    assert dark[1] == "#000"
    assert bright[1] == sample[1] == BOX_STYLES["kept"][0]


def test_a_box_is_seen_on_the_image():
    drawing = draw_image(BLACK, [MARK], "Words.")
    shown = np.asarray(Image.open(io.BytesIO(drawing.png(1.0))).convert("RGB")).astype(int)
    wanted = [int(BOX_STYLES["kept"][0][i : i + 2], 16) for i in (1, 3, 5)]
    at = shown[8 + 5 * 4, 8 + 10 * 4 + 20]
    assert np.abs(at - wanted).max() < 60
    assert drawing.photograph


def test_words_are_escaped_and_the_size_is_told_where_it_means_something():
    marks = [
        MARK,
        BoxMark(MARK.box, "tile", "a sheet", is_map=False),
        BoxMark(MARK.box, "grid", ""),
    ]
    drawing = draw_image(BLACK, marks, "What is <shown>.")
    assert texts(read(drawing.svg)) == [
        "B",
        "a <b> box: 10 x 12",
        "a sheet",
        "What is <shown>.",
    ]
    assert [mark.size for mark in marks] == ["10 x 12", "", "10 x 12"]


def test_a_drawing_has_room_for_image_and_words():
    caption = "A long caption. " * 20
    for zoom in (0.5, 4.0, 40.0):
        image = PlacedImage(BLACK.png, BLACK.box, zoom)
        root = read(draw_image(image, [MARK], caption).svg)
        assert float(root.get("width")) == max(WIDTH, 30 * zoom + 2 * MARGIN)
        ends = [float(node.get("y")) for node in root.iter(f"{SVG}text")]
        assert max(ends) < float(root.get("height"))
        assert " ".join(texts(root)[2:]).split() == caption.split()


def test_pixels_stay_squares_unless_the_image_is_reduced():
    for zoom, style in ((4.0, "optimizeSpeed"), (0.5, "optimizeQuality")):
        root = read(draw_image(PlacedImage(BLACK.png, BLACK.box, zoom), [], "").svg)
        (image,) = root.iter(f"{SVG}image")
        assert image.get("image-rendering") == style
        assert float(image.get("height")) == 20 * zoom


def test_a_wrong_theme_is_named():
    with pytest.raises(ValueError, match='theme must be "light" or "dark"'):
        draw_image(BLACK, [], "", "blue")
