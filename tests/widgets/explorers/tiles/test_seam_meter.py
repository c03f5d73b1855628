"""The seam meter, without a browser."""

import keras
import numpy as np
import pytest
from support.panels import work_at_once

import unetviz as uv

pytestmark = pytest.mark.keras
SPEC = uv.PAPER.replace(input_size=92, depth=2, base_filters=2)
IMAGE = np.random.default_rng(3).random((120, 130))


@pytest.fixture(scope="module")
def models():
    keras.utils.set_random_seed(1)
    same = uv.PAPER.replace(input_size=64, depth=1, base_filters=2, padding="same")
    return {"valid": uv.build(SPEC), "same": uv.build(same)}


@pytest.fixture
def meter(models, monkeypatch):
    work_at_once(monkeypatch)
    return uv.widgets.SeamMeter(IMAGE, models)


def test_aligned_tiles_agree_and_others_do_not(meter):
    assert meter.stride.value == 52
    assert meter.largest < 1e-6
    meter.stride.value = 51
    assert meter.largest > 1e-3
    assert "only with multiples of 4" in meter.note.value
    meter.best.click()
    assert meter.largest < 1e-6
    meter.shift.value = 2
    assert meter.largest > 1e-3
    meter.shift.value = 4
    assert meter.largest < 1e-6


def test_padded_tiles_need_their_margin(meter):
    meter.network.value = "same"
    assert meter.margin.value > 0
    assert meter.largest < 1e-6
    meter.margin.value = 0
    assert meter.largest > 1e-4
    assert "never see padding" in meter.note.value


def test_the_border_changes_nothing_about_seams(meter):
    first = meter._done.probabilities
    meter.pad.value = "zero"
    assert meter.largest < 1e-6
    assert not np.array_equal(meter._done.probabilities, first)


def test_gaps_are_refused_and_the_result_stays(meter):
    done = meter._done
    meter.stride.value = 60
    assert "leave gaps" in meter.note.value
    assert meter._done is done
