"""Arrays as images, and boxes on them."""

import io

import numpy as np
import pytest
from PIL import Image
from support.foreign_models import MODELS

import unetviz as uv
from unetviz.draw.images.annotated import BoxMark, PlacedImage, draw_image
from unetviz.draw.images.colours import coloured, contact_sheet, limits_of, png_of, reduced
from unetviz.draw.images.maps import draw_map, draw_patches
from unetviz.draw.theme import BOX_STYLES, box_style_sheet, path_kind
from unetviz.draw.unet.layout import map_areas

RANDOM = np.random.default_rng(0)


def read(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_a_png_holds_the_very_colours():
    colours = RANDOM.integers(0, 256, (9, 7, 3), np.uint8)
    assert np.array_equal(read(png_of(colours)), colours)
    grey = colours[..., :1].repeat(3, axis=-1)
    assert np.array_equal(read(png_of(grey)), grey)


def test_grey_goes_from_the_smallest_to_the_largest_number():
    shown = coloured(np.array([[2.0, 3.0, 4.0]]))
    assert shown[0, :, 0].tolist() == [0, 128, 255]


def test_diverging_colours_are_even_around_zero():
    assert limits_of(np.array([-1.0, 4.0]), "diverging") == (-4.0, 4.0)
    shown = coloured(np.array([[-4.0, 0.0, 4.0]]), "diverging").astype(int)
    blue, white, red = shown[0]
    assert blue[2] > blue[0]
    assert red[0] > red[2]
    assert white.min() > 240


def test_sequential_colours_begin_at_zero():
    assert limits_of(np.array([2.0, 4.0]), "sequential") == (0.0, 4.0)
    brightness = coloured(np.linspace(0, 1, 9)[np.newaxis], "sequential").sum(axis=-1)[0]
    assert (np.diff(brightness.astype(int)) > 0).all()


def test_constant_images_and_unknown_colours():
    assert coloured(np.zeros((2, 2))).shape == (2, 2, 3)
    with pytest.raises(ValueError, match="colours must be grey, sequential or diverging"):
        coloured(np.zeros((2, 2)), "rainbow")


def test_reduced_images_are_means():
    values = RANDOM.random((8, 6))
    small = reduced(values, 2)
    assert small.shape == (4, 3)
    assert small[1, 2] == pytest.approx(values[2:4, 4:6].mean())


def test_a_sheet_holds_every_image_in_its_place():
    images = [np.full((3, 4, 3), n, np.uint8) for n in range(5)]
    sheet = contact_sheet(images, 3)
    assert sheet.shape == (2 * 5 - 2, 3 * 6 - 2, 3)
    for n in range(5):
        top, left = n // 3 * 5, n % 3 * 6
        assert (sheet[top : top + 3, left : left + 4] == n).all()


def test_boxes_lie_where_their_pixels_are():
    black = PlacedImage(
        png_of(np.zeros((20, 30, 3), np.uint8)), uv.geometry.Box(-5, -10, 15, 20), 4.0
    )
    mark = BoxMark(uv.geometry.Box(0, 0, 10, 10), "kept", "a <b> box", "B")
    drawing = draw_image(black, [mark], "What is <shown>.")
    assert "a &lt;b&gt; box: 10 x 10" in drawing.svg
    assert "What is &lt;shown&gt;." in drawing.svg
    shown = read(drawing.png(1.0)).astype(int)
    wanted = [int(BOX_STYLES["kept"][0][i : i + 2], 16) for i in (1, 3, 5)]
    # The box begins 5 rows and 10 columns from the corner, 4 pixels each, behind a margin of 8.
    at = shown[8 + 5 * 4, 8 + 10 * 4 + 20]
    assert np.abs(at - wanted).max() < 60
    assert drawing.png().startswith(b"\x89PNG")


def test_every_kind_of_box_has_colour_and_line_of_its_own():
    assert len(set(BOX_STYLES.values())) == len(BOX_STYLES)
    css = box_style_sheet()
    assert all(f".box.{kind}" in css and f".swatch.{kind}" in css for kind in BOX_STYLES)
    assert {path_kind(f"skip{level}") for level in range(1, 9)} < set(BOX_STYLES)


@pytest.mark.parametrize("spec", [uv.PAPER, uv.DOCUMENT, uv.UNetSpec((304, 208), padding="same")])
def test_areas_lie_in_the_drawing_and_do_not_overlap(spec):
    trace = uv.trace(spec)
    areas = list(map_areas(trace).items())
    for i, (name, (x, y, width, height, rows, columns)) in enumerate(areas):
        assert (rows, columns) == trace[name].out_shape[:2]
        assert x >= 0
        assert x + width <= 848
        for _, (x2, y2, width2, height2, *_) in areas[:i]:
            apart = x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y
            assert apart


def test_a_map_says_its_range():
    drawing = draw_map(np.linspace(-1, 3, 24).reshape(4, 6), "A map.", "diverging")
    assert drawing.caption == "A map. Shown from -3 to 3."
    assert draw_map(RANDOM.random((1200, 900)), "Large.").png().startswith(b"\x89PNG")


def test_patches_show_images_above_masks():
    images, masks = RANDOM.random((9, 64, 64, 1)), RANDOM.integers(0, 2, (9, 40, 40))
    drawing = draw_patches(images, masks)
    assert drawing.caption == "6 of 9 pairs: 64 x 64 in, 40 x 40 out."


@pytest.mark.parametrize("name", MODELS)
def test_foreign_networks_are_drawn_with_all_their_maps(name):
    trace = uv.trace_model(MODELS[name]())
    drawing = uv.draw_unet(trace)
    folded = ("dropout", "activation", "normalization")
    for step in trace:
        if step.kind not in folded:
            assert f'data-step="{step.name}"' in drawing.svg, step.name
    assert "come out" in drawing.caption
