"""One image three times: as it is, with boxes, with outlines."""

import numpy as np
import pytest
from support.drawings import SVG, corners, read, texts

from unetviz.draw.images.detection import draw_detection_and_segmentation
from unetviz.geometry import Box

IMAGE = np.random.default_rng(1).random((60, 80))
BOX = Box(10, 20, 30, 60)
OUTLINE = np.array([(5.0, 5.0), (5.0, 40.0), (50.0, 40.0)])


@pytest.fixture
def drawing():
    return draw_detection_and_segmentation(IMAGE, [BOX], [OUTLINE], ["a <cell>", "two", "three"])


def test_boxes_lie_on_the_second_image_and_outlines_on_the_third(drawing):
    root = read(drawing.svg)
    first, second, third = (float(image.get("x")) for image in root.iter(f"{SVG}image"))
    (image, *_) = root.iter(f"{SVG}image")
    zoom, top = float(image.get("width")) / 80, float(image.get("y"))
    assert float(image.get("height")) == pytest.approx(60 * zoom, abs=0.1)
    box, outline = (corners(node.get("points")) for node in root.iter(f"{SVG}polygon"))
    assert first < second < third
    for points, left, wanted in (
        (box, second, [(10, 20), (10, 60), (30, 60), (30, 20)]),
        # A point is the middle of a pixel.
        (outline, third, [(row + 0.5, column + 0.5) for row, column in OUTLINE]),
    ):
        for (x, y), (row, column) in zip(points, wanted, strict=True):
            assert (x, y) == pytest.approx((left + column * zoom, top + row * zoom), abs=0.2)


def test_each_image_has_its_caption(drawing):
    root = read(drawing.svg)
    assert texts(root) == ["a <cell>", "two", "three"]
    assert drawing.caption == "a <cell> | two | three"
    lefts = [image.get("x") for image in root.iter(f"{SVG}image")]
    assert [node.get("x") for node in root.iter(f"{SVG}text")] == lefts
    long = draw_detection_and_segmentation(IMAGE, [], [], ["words " * 40, "", ""])
    lines = list(read(long.svg).iter(f"{SVG}text"))
    assert len(lines) > 4
    assert float(lines[-1].get("y")) < float(read(long.svg).get("height"))


def test_it_is_a_photograph(drawing):
    assert drawing.photograph
    assert drawing.png().startswith(b"\x89PNG")
