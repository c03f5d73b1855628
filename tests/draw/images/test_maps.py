"""Maps as large as there is room, with their range; patches above their masks."""

import io
from base64 import b64decode

import numpy as np
import pytest
from PIL import Image
from support.drawings import SVG, read

from unetviz.draw.images.maps import draw_map, draw_patches

RANDOM = np.random.default_rng(0)


def image_of(drawing):
    """The only image of a drawing: its size there, and its pixels."""
    (element,) = read(drawing.svg).iter(f"{SVG}image")
    data = b64decode(element.get("href").removeprefix("data:image/png;base64,"))
    size = float(element.get("height")), float(element.get("width"))
    return size, np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_a_map_says_its_range():
    values = np.linspace(-1, 3, 24).reshape(4, 6)
    captions = {
        "grey": "A map. Shown from -1 to 3.",
        "sequential": "A map. Shown from -1 to 3.",
        "diverging": "A map. Shown from -3 to 3.",
    }
    for colours, caption in captions.items():
        assert draw_map(values, "A map.", colours).caption == caption
    assert draw_map(values.clip(1e-9), "A map.").caption == "A map. Shown from 0 to 3."
    assert draw_map(RANDOM.random((4, 6, 3)), "In colours.").caption == "In colours."


def test_small_maps_are_enlarged_and_large_ones_reduced():
    for shape, size, stored in (
        ((4, 6), (332, 498), (4, 6)),
        ((500, 300), (500, 300), (500, 300)),
        ((1200, 900), (400, 300), (400, 300)),
    ):
        drawn, pixels = image_of(draw_map(RANDOM.random(shape), "Words."))
        assert drawn == pytest.approx(size)
        assert pixels.shape == (*stored, 3)


def test_patches_show_images_above_masks():
    images, masks = RANDOM.random((9, 64, 64, 1)), RANDOM.integers(0, 2, (9, 40, 40))
    drawing = draw_patches(images, masks)
    assert drawing.caption == "6 of 9 pairs: 64 x 64 in, 40 x 40 out."
    _, pixels = image_of(drawing)
    assert pixels.shape == (2 * 64 + 2, 6 * 64 + 5 * 2, 3)
    for place, i in enumerate((0, 2, 3, 5, 6, 8)):
        left = place * 66
        grey = np.rint(images[i, ..., 0] * 255)
        assert np.array_equal(pixels[:64, left : left + 64, 0], grey)
        # The mask lies below the middle of its image.
        below = pixels[66:, left : left + 64, 0]
        assert np.array_equal(below[12:52, 12:52], masks[i] * 255)
        assert set(np.unique(below[:12])) == {128}


def test_large_patches_are_reduced_and_it_is_said():
    images, masks = RANDOM.random((5, 204, 204, 3)), RANDOM.integers(0, 3, (5, 20, 20))
    drawing = draw_patches(images, masks, count=9)
    assert drawing.caption == "5 of 5 pairs: 204 x 204 in, 20 x 20 out; reduced 2 times."
    _, pixels = image_of(drawing)
    assert pixels.shape[1] == 5 * 102 + 4 * 2
