"""The panels with pictures, without a browser: ancestry, border, tiles."""

import io

import numpy as np
import pytest
from PIL import Image

import unetviz as uv
from unetviz.draw.images.colours import coloured
from unetviz.labs.images.arrays import cut_window

PICTURE = np.random.default_rng(1).integers(0, 256, (300, 260), np.uint8)
LARGE = np.random.default_rng(1).integers(0, 256, (640, 650), np.uint8)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGB"))


@pytest.fixture
def ancestry():
    return uv.AncestryExplorer(PICTURE)


def test_the_picture_is_the_middle_continued_by_its_mirror_image(ancestry):
    box = uv.Box(-136, -156, 436, 416)
    expected = coloured(cut_window(PICTURE, box) / 255, limits=(0.0, 1.0))
    shown = pixels(ancestry.view.picture).astype(int)
    # Contrast is stretched to the whole range of the picture, which here it already fills.
    assert np.abs(shown - expected).max() <= 1
    assert ancestry.view.size == [572, 572]


def test_it_begins_at_a_pixel_whose_neighbour_sees_more(ancestry):
    row, column = ancestry.point
    trace = ancestry.trace
    assert uv.ancestry(trace, row, column).input.width == 188
    assert uv.ancestry(trace, row, column + 1).input.width == 204
    assert "188 x 188 pixels of the input" in ancestry.caption()
    assert "| through skip 1 | 9 x 9 |" in ancestry.as_markdown()


def test_the_point_can_be_set_and_is_checked(ancestry):
    ancestry.point = (0, 4)
    assert "188 x 204" in ancestry.caption()
    with pytest.raises(ValueError, match="from 0 to 387"):
        ancestry.point = (388, 0)
    assert ancestry.point == (0, 4)


def test_both_directions(ancestry):
    assert ancestry.view.area == [92, 92, 480, 480]
    ancestry.direction.value = "targets"
    assert ancestry.view.area == [0, 0, 572, 572]
    ancestry.point = (0, 0)
    assert "reaches: 16 x 16 output pixels" in ancestry.caption()
    assert ancestry.marks()[-1].box == uv.Box(92, 92, 108, 108)
    assert ancestry.drawing.reach == ancestry.view.reach
    ancestry.direction.value = "sources"
    assert {box["name"] for box in ancestry.view.boxes} == {
        f"path/{name}" for name in ("skip1", "skip2", "skip3", "skip4", "bottleneck")
    }


def test_another_network(ancestry):
    ancestry.controls.fields["depth"].value = 2
    assert ancestry.trace == uv.trace(uv.PAPER.replace(depth=2))
    assert [box["name"] for box in ancestry.view.boxes] == [
        "path/skip1",
        "path/skip2",
        "path/bottleneck",
    ]
    ancestry.controls.fields["padding"].value = "same"
    assert [mark["kind"] for mark in ancestry.view.marks] == ["window", "grid", "free"]
    assert ancestry.controls.side.value == 572


def test_a_size_that_fails_leaves_everything_as_it_was(ancestry):
    before = ancestry.trace, ancestry.view.picture
    ancestry.controls.side.value = 100
    assert "needs at least 3 x 3 pixels" in ancestry.note.value
    assert "188" in ancestry.note.value
    assert (ancestry.trace, ancestry.view.picture) == before
    ancestry.controls.fitting.buttons[0].click()
    assert ancestry.note.value == ""
    assert ancestry.trace.spec.input_size == (188, 188)


def test_areas_of_the_drawing_have_the_sizes_of_the_maps(ancestry):
    for name, area in ancestry.drawing.areas.items():
        assert tuple(area[4:]) == ancestry.trace[name].out_shape[:2]


def test_border_sentences_for_valid_and_same():
    border = uv.BorderExplorer(LARGE)
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
    border = uv.BorderExplorer(PICTURE, uv.DOCUMENT)
    assert f"{free.height} x {free.width} of the 256 x 256" in border.as_markdown()


@pytest.fixture
def tiles():
    return uv.TileExplorer(PICTURE)


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
    mirrored = pixels(tiles.view.picture)
    tiles.pad.value = "zero"
    zeros = pixels(tiles.view.picture)
    assert mirrored.shape == zeros.shape
    assert zeros[0].max() == 0
    assert mirrored[0].max() > 0


@pytest.mark.parametrize("make", [uv.AncestryExplorer, uv.BorderExplorer, uv.TileExplorer])
def test_pictures_of_all_kinds_and_none(make):
    colour = np.random.default_rng(2).random((90, 80, 3))
    bundle, _ = make(colour)._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/markdown"]
    for wrong in (np.full((9, 9), np.nan), np.zeros((0, 9)), np.zeros(9)):
        with pytest.raises(ValueError, match="picture"):
            make(wrong)
