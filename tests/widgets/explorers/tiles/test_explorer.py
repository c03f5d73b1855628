"""The explorer of tiles, without a browser."""

import numpy as np
import pytest
from support.panels import pixels

import unetviz as uv

IMAGE = np.random.default_rng(1).integers(0, 256, (300, 260), np.uint8)


@pytest.fixture
def panel():
    return uv.widgets.TileExplorer(IMAGE)


def test_tiles_of_the_paper(panel):
    assert panel.plan.seamless
    assert panel.stride.value == 384
    assert panel.plan.grid == (1, 1)  # 300 x 260 pixels: one tile writes them all
    assert "Seamless" in panel.as_markdown()


def test_tiles_with_seams_and_gaps(panel):
    panel.network.value = "same"
    assert panel.stride.value == 64
    assert panel.plan.grid == (5, 5)
    panel.stride.value = 60
    assert "only with multiples of 16" in panel.note.value
    plan = panel.plan
    panel.stride.value = 300
    assert "leave gaps" in panel.note.value
    assert panel.plan == plan
    panel.best.click()
    assert panel.stride.value == 64


def test_the_border_of_the_tiles_is_shown_as_chosen(panel):
    mirrored = pixels(panel.view)
    panel.pad.value = "zero"
    zeros = pixels(panel.view)
    assert mirrored.shape == zeros.shape
    assert zeros[0].max() == 0
    assert mirrored[0].max() > 0


def test_an_image_in_colours_and_none_at_all():
    bundle, _ = uv.widgets.TileExplorer(
        np.random.default_rng(2).random((90, 80, 3))
    )._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="image"):
        uv.widgets.TileExplorer(np.zeros(9))
