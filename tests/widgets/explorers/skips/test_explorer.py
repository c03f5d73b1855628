"""The explorer of skips, without a browser."""

import keras
import numpy as np
import pytest

import unetviz as uv

pytestmark = pytest.mark.keras
SPEC = uv.PAPER.replace(input_size=92, depth=2, base_filters=2)
IMAGE = np.random.default_rng(3).random((120, 130))


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    return uv.build(SPEC)


@pytest.fixture
def skips(model):
    return uv.widgets.SkipExplorer(model, IMAGE)


def test_sizes_and_crops_come_from_the_trace(skips):
    trace = uv.trace(SPEC)
    for level in (1, 2):
        skips.level.value = level
        crop = trace[f"dec{level}_crop"]
        assert f"{crop.why}: {crop.crop[0][0]} rows are cut" in skips.note.value
        assert skips.encoder.size == list(crop.in_shapes[0][:2])
        assert skips.kept.size == list(crop.out_shape[:2])
        (top, bottom), (left, right) = crop.crop
        height, width, _ = crop.in_shapes[0]
        assert skips.encoder.marks[1]["box"] == [top, left, height - bottom, width - right]
        both = trace[f"dec{level}_concat"].out_shape[2]
        assert f"channels {both // 2} to {both - 1})" in skips.strip.marks[1]["words"]


def test_the_kept_piece_is_the_middle_of_the_map(skips):
    encoder, kept, _ = (skips._maps[name] for name in skips._parts(skips._joins[1]))
    (top, bottom), (left, right) = uv.trace(SPEC)["dec1_crop"].crop
    height, width = encoder.shape[:2]
    assert np.array_equal(kept, encoder[top : height - bottom, left : width - right])


def test_a_click_on_the_strip_chooses_the_channel(skips):
    before = bytes(skips.encoder.image)
    skips.strip.held = True
    skips.strip.point = [3, 30]
    assert skips.channel.value == 1
    assert bytes(skips.encoder.image) != before
    skips.strip.point = [40, 3]
    assert skips.channel.value == 0


def test_a_model_without_cropped_skips_is_refused():
    same = uv.build(uv.PAPER.replace(input_size=32, padding="same", base_filters=1))
    with pytest.raises(ValueError, match="no cropped skips"):
        uv.widgets.SkipExplorer(same, IMAGE)
