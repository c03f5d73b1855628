"""The controls of a specification, without a browser."""

import pytest

import unetviz as uv


@pytest.fixture
def controls():
    return uv.UNetExplorer(uv.UNetSpec(60, depth=2)).controls


def test_nothing_is_changed_by_choosing_changed(controls):
    controls.preset.value = "paper"
    controls.preset.value = ""
    assert controls.preset.value == "paper"
    assert controls.spec == uv.PAPER


def test_square_tells_the_sizes_of_both_axes_or_of_one(controls):
    widths = controls.fitting[1].row.layout
    assert widths.display == "none"
    controls.square.value = False
    assert widths.display is None
    assert controls.spec.input_size == (60, 60)
    controls.square.value = True
    assert widths.display == "none"
