"""The panels with images, without a browser: ancestry, border, tiles."""

import io

import numpy as np
import pytest
from PIL import Image

import unetviz as uv
from unetviz.draw.images.colours import coloured
from unetviz.labs.images.arrays import cut_window

IMAGE = np.random.default_rng(1).integers(0, 256, (300, 260), np.uint8)
LARGE = np.random.default_rng(1).integers(0, 256, (640, 650), np.uint8)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGB"))


@pytest.fixture
def receptive_field():
    return uv.widgets.ReceptiveFieldExplorer(IMAGE)


def test_the_image_is_the_middle_continued_by_its_mirror_image(receptive_field):
    box = uv.geometry.Box(-136, -156, 436, 416)
    expected = coloured(cut_window(IMAGE, box) / 255, limits=(0.0, 1.0))
    shown = pixels(receptive_field.view.image).astype(int)
    # Contrast is stretched to the whole range of the image, which here it already fills.
    assert np.abs(shown - expected).max() <= 1
    assert receptive_field.view.size == [572, 572]


def test_it_begins_at_a_pixel_whose_neighbour_sees_more(receptive_field):
    row, column = receptive_field.point
    trace = receptive_field.trace
    assert uv.receptive_field(trace, row, column).input.width == 188
    assert uv.receptive_field(trace, row, column + 1).input.width == 204
    assert "188 x 188 pixels of the input" in receptive_field.caption()
    assert "| through skip 1 | 9 x 9 |" in receptive_field.as_markdown()


def test_the_point_can_be_set_and_is_checked(receptive_field):
    receptive_field.point = (0, 4)
    assert "188 x 204" in receptive_field.caption()
    with pytest.raises(ValueError, match="from 0 to 387"):
        receptive_field.point = (388, 0)
    assert receptive_field.point == (0, 4)


def test_both_directions(receptive_field):
    assert receptive_field.view.area == [92, 92, 480, 480]
    receptive_field.direction.value = "targets"
    assert receptive_field.view.area == [0, 0, 572, 572]
    receptive_field.point = (0, 0)
    assert "reaches: 16 x 16 output pixels" in receptive_field.caption()
    assert receptive_field.marks()[-1].box == uv.geometry.Box(92, 92, 108, 108)
    assert receptive_field.drawing.reach == receptive_field.view.reach != {}
    receptive_field.direction.value = "sources"
    assert {box["name"] for box in receptive_field.view.boxes} == {
        f"path/{name}" for name in ("skip1", "skip2", "skip3", "skip4", "bottleneck")
    }


def test_another_network(receptive_field):
    receptive_field.controls.fields["depth"].value = 2
    assert receptive_field.trace == uv.trace(uv.PAPER.replace(depth=2))
    assert [box["name"] for box in receptive_field.view.boxes] == [
        "path/skip1",
        "path/skip2",
        "path/bottleneck",
    ]
    receptive_field.controls.fields["padding"].value = "same"
    assert [mark["kind"] for mark in receptive_field.view.marks] == ["window", "grid", "free"]
    assert receptive_field.controls.side.value == 572


def test_a_size_that_fails_leaves_everything_as_it_was(receptive_field):
    before = receptive_field.trace, receptive_field.view.image
    receptive_field.controls.side.value = 100
    assert "needs at least 3 x 3 pixels" in receptive_field.note.value
    assert "188" in receptive_field.note.value
    assert (receptive_field.trace, receptive_field.view.image) == before
    receptive_field.controls.fitting.buttons[0].click()
    assert receptive_field.note.value == ""
    assert receptive_field.trace.spec.input_size == (188, 188)


def test_areas_of_the_drawing_have_the_sizes_of_the_maps(receptive_field):
    for name, area in receptive_field.drawing.areas.items():
        assert tuple(area[4:]) == receptive_field.trace[name].out_shape[:2]


def test_border_sentences_for_valid_and_same():
    border = uv.widgets.BorderExplorer(LARGE)
    assert "388 x 388 come out of 572 x 572: 46% of the pixels." in border.as_markdown()
    assert "92 rows at the top and 92 at the bottom" in border.as_markdown()
    border.controls.spec = uv.PAPER.replace(input_size=256, padding="same")
    assert "68 x 68 of the 256 x 256" in border.as_markdown()
    assert "rows 94 to 161, columns 94 to 161 of the output, 7% of it" in border.note.value
    border.controls.fields["upsampling"].value = "upsample_conv"
    assert border.view.marks[1]["size"] == "53 x 53"
    border.controls.side.value = 64
    assert "Not one of the 64 x 64 pixels" in border.note.value
    assert [mark["kind"] for mark in border.view.marks] == ["window"]


def test_border_of_the_document():
    free = uv.padding_free(uv.trace(uv.DOCUMENT))
    border = uv.widgets.BorderExplorer(IMAGE, uv.DOCUMENT)
    assert f"{free.height} x {free.width} of the 256 x 256" in border.as_markdown()


@pytest.fixture
def tiles():
    return uv.widgets.TileExplorer(IMAGE)


def test_tiles_of_the_paper(tiles):
    assert tiles.plan.seamless
    assert tiles.stride.value == 384
    assert tiles.plan.grid == (1, 1)  # 300 x 260 pixels: one tile writes them all
    assert "Seamless" in tiles.as_markdown()


def test_tiles_with_seams_and_gaps(tiles):
    tiles.network.value = "same"
    assert tiles.stride.value == 64
    assert tiles.plan.grid == (5, 5)
    tiles.stride.value = 60
    assert "only with multiples of 16" in tiles.note.value
    plan = tiles.plan
    tiles.stride.value = 300
    assert "leave gaps" in tiles.note.value
    assert tiles.plan == plan
    tiles.best.click()
    assert tiles.stride.value == 64


def test_the_border_of_the_tiles_is_shown_as_chosen(tiles):
    mirrored = pixels(tiles.view.image)
    tiles.pad.value = "zero"
    zeros = pixels(tiles.view.image)
    assert mirrored.shape == zeros.shape
    assert zeros[0].max() == 0
    assert mirrored[0].max() > 0


@pytest.mark.parametrize(
    "make", [uv.widgets.ReceptiveFieldExplorer, uv.widgets.BorderExplorer, uv.widgets.TileExplorer]
)
def test_images_of_all_kinds_and_none(make):
    colour = np.random.default_rng(2).random((90, 80, 3))
    bundle, _ = make(colour)._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/markdown"]
    for wrong in (np.full((9, 9), np.nan), np.zeros((0, 9)), np.zeros(9)):
        with pytest.raises(ValueError, match="image"):
            make(wrong)
