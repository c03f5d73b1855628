"""The explorer of receptive fields, without a browser."""

import numpy as np
import pytest
from support.panels import pixels

import unetviz as uv
from unetviz.labs.images.arrays import cut_window

IMAGE = np.random.default_rng(1).integers(0, 256, (300, 260), np.uint8)


@pytest.fixture
def panel():
    return uv.widgets.ReceptiveFieldExplorer(IMAGE)


def test_the_image_is_the_middle_continued_by_its_mirror_image(panel):
    box = uv.geometry.Box(-136, -156, 436, 416)
    # Contrast is stretched to the whole range of the image, which here it already fills.
    expected = cut_window(IMAGE, box)[..., np.newaxis].astype(int)
    assert np.abs(pixels(panel.view) - expected).max() <= 1
    assert panel.view.size == [572, 572]


def test_it_begins_at_a_pixel_whose_neighbour_sees_more(panel):
    row, column = panel.point
    trace = panel.trace
    assert uv.receptive_field(trace, row, column).input.width == 188
    assert uv.receptive_field(trace, row, column + 1).input.width == 204
    assert "188 x 188 pixels of the input" in panel.caption()
    assert "| through skip 1 | 9 x 9 |" in panel.as_markdown()


def test_the_point_can_be_set_and_is_checked(panel):
    panel.point = (0, 4)
    assert "188 x 204" in panel.caption()
    with pytest.raises(ValueError, match="from 0 to 387"):
        panel.point = (388, 0)
    assert panel.point == (0, 4)


def test_both_directions(panel):
    assert panel.view.area == [92, 92, 480, 480]
    panel.direction.value = "targets"
    assert panel.view.area == [0, 0, 572, 572]
    panel.point = (0, 0)
    assert "reaches: 16 x 16 output pixels" in panel.caption()
    assert panel.marks()[-1].box == uv.geometry.Box(92, 92, 108, 108)
    assert panel.drawing.box_tables == panel.view.box_tables != {}
    panel.direction.value = "sources"
    assert {box["name"] for box in panel.view.boxes} == {
        f"path/{name}" for name in ("skip1", "skip2", "skip3", "skip4", "bottleneck")
    }


def test_another_network(panel):
    panel.controls.fields["depth"].value = 2
    assert panel.trace == uv.trace(uv.PAPER.replace(depth=2))
    assert [box["name"] for box in panel.view.boxes] == [
        "path/skip1",
        "path/skip2",
        "path/bottleneck",
    ]
    panel.controls.fields["padding"].value = "same"
    assert [mark["kind"] for mark in panel.view.marks] == ["window", "grid", "free"]
    assert panel.controls.side.value == 572


def test_a_size_that_fails_leaves_everything_as_it_was(panel):
    before = panel.trace, panel.view.image
    panel.controls.side.value = 100
    assert "needs at least 3 x 3 pixels" in panel.note.value
    assert "188" in panel.note.value
    assert (panel.trace, panel.view.image) == before
    panel.controls.fitting.buttons[0].click()
    assert panel.note.value == ""
    assert panel.trace.spec.input_size == (188, 188)


def test_areas_of_the_drawing_have_the_sizes_of_the_maps(panel):
    for name, area in panel.drawing.areas.items():
        assert tuple(area[4:]) == panel.trace[name].out_shape[:2]


def test_an_image_in_colours_and_none_at_all():
    bundle, _ = uv.widgets.ReceptiveFieldExplorer(
        np.random.default_rng(2).random((90, 80, 3)), uv.PAPER
    )._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    for wrong in (np.full((9, 9), np.nan), np.zeros((0, 9)), np.zeros(9)):
        with pytest.raises(ValueError, match="image"):
            uv.widgets.ReceptiveFieldExplorer(wrong)
