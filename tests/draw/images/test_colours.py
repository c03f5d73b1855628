"""Arrays as colours, as files, and side by side on a sheet."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from unetviz.draw.images.colours import (
    COLOURS,
    SHEET_GAP,
    coloured,
    contact_sheet,
    limits_of,
    png_of,
    reduced,
    with_few_colours,
)

RANDOM = np.random.default_rng(0)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_a_png_holds_the_very_colours():
    colours = RANDOM.integers(0, 256, (9, 7, 3), np.uint8)
    assert np.array_equal(pixels(png_of(colours)), colours)
    grey = colours[..., :1].repeat(3, axis=-1)
    assert np.array_equal(pixels(png_of(grey)), grey)
    assert len(png_of(grey)) < len(png_of(colours))


def test_a_smaller_file_has_few_colours_that_are_near():
    smooth = coloured(np.add.outer(np.arange(60.0), np.arange(60.0)), "sequential")
    png = png_of(smooth)
    few = pixels(with_few_colours(png, 16))
    assert len(np.unique(few.reshape(-1, 3), axis=0)) <= 16
    assert np.abs(few.astype(int) - smooth).mean() < 10
    assert len(with_few_colours(png, 16)) < len(png)


def test_limits_hold_all_numbers():
    values = np.array([-1.0, 4.0])
    assert limits_of(values) == (-1.0, 4.0)
    assert limits_of(values, "diverging") == (-4.0, 4.0)
    assert limits_of(np.array([2.0, 4.0]), "sequential") == (0.0, 4.0)
    assert limits_of(values, "sequential") == (-1.0, 4.0)


def test_grey_goes_from_the_smallest_to_the_largest_number():
    assert coloured(np.array([[2.0, 3.0, 4.0]]))[0, :, 0].tolist() == [0, 128, 255]
    # Beyond limits that are given the first and the last colour stay.
    assert coloured(np.array([[-1.0, 9.0]]), limits=(0.0, 1.0))[0, :, 0].tolist() == [0, 255]


def test_diverging_colours_are_even_around_zero():
    blue, white, red = coloured(np.array([[-4.0, 0.0, 4.0]]), "diverging").astype(int)[0]
    assert blue[2] > blue[0]
    assert red[0] > red[2]
    assert white.min() > 240


def test_sequential_colours_grow_brighter():
    brightness = coloured(np.linspace(0, 1, 9)[np.newaxis], "sequential").sum(axis=-1)[0]
    assert (np.diff(brightness.astype(int)) > 0).all()


def test_an_image_in_colours_stays_as_it_is():
    image = RANDOM.integers(0, 256, (5, 4, 3))
    assert np.array_equal(coloured(image / 255), image)


def test_constant_images_and_unknown_colours():
    for colours in COLOURS:
        assert coloured(np.zeros((2, 2)), colours).shape == (2, 2, 3)
    with pytest.raises(ValueError, match='colours must be "grey", "sequential" or "diverging"'):
        coloured(np.zeros((2, 2)), "rainbow")


def test_grey_images_do_without_matplotlib():
    code = (
        "import sys, numpy as np; from unetviz.draw.images.colours import coloured, png_of;"
        "png_of(coloured(np.eye(3))); sys.exit('matplotlib' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_reduced_images_are_means():
    for shape in ((8, 6), (8, 6, 3), (9, 7)):
        values = RANDOM.random(shape)
        small = reduced(values, 2)
        assert small.shape == (4, 3, *shape[2:])
        np.testing.assert_allclose(small[1, 2], values[2:4, 4:6].mean(axis=(0, 1)))


def test_a_sheet_holds_every_image_in_its_place():
    images = [np.full((3, 4, 3), n, np.uint8) for n in range(5)]
    sheet = contact_sheet(images, 3)
    pitch = 3 + SHEET_GAP, 4 + SHEET_GAP
    assert sheet.shape == (2 * pitch[0] - SHEET_GAP, 3 * pitch[1] - SHEET_GAP, 3)
    paper = np.ones(sheet.shape[:2], bool)
    for n in range(5):
        top, left = n // 3 * pitch[0], n % 3 * pitch[1]
        assert (sheet[top : top + 3, left : left + 4] == n).all()
        paper[top : top + 3, left : left + 4] = False
    assert len(np.unique(sheet[paper])) == 1
    assert contact_sheet(images[:1], 3).shape == (3, 4, 3)
