"""The panels of small matrices, without a browser: every number shown is the computed one."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from support.grids import linked, numbers

import unetviz as uv
from unetviz.geometry.ops import MaxPooling, Upsampling

VALUES = np.array([[0, 8, 4, 2], [4, 4, 9, 1], [7, 2, 5, 3], [1, 6, 0, 8]])
TOY = -np.array(
    [[9, 4, 7, 3, 8], [2, 6, 5, 9, 1], [8, 3, 9, 7, 6], [5, 9, 4, 8, 2], [7, 5, 8, 6, 4]]
)


def test_means_of_windows():
    panel = uv.widgets.DownsamplingExplorer(np.arange(36).reshape(6, 6))
    for s in (2, 3, 6):
        panel.window.value = s
        expected = uv.labs.downsample_mean(np.arange(36).reshape(6, 6), s)
        assert np.allclose(numbers(panel.view, "out"), expected, rtol=0.01)
        assert all(len(parts) == s * s for parts in linked(panel.view))
        used = sorted(cell for parts in linked(panel.view) for cell, _ in parts)
        assert used == list(range(36))
    assert "4, 5" in panel.note.value  # which do not divide the side
    with pytest.raises(ValueError, match="no common divisor"):
        uv.widgets.DownsamplingExplorer(np.zeros((5, 7)))


def test_up_sampled_numbers_are_the_sums_of_what_lights_up():
    panel = uv.widgets.UpsamplingExplorer(VALUES)
    flat = VALUES.ravel()
    choices = product(("nearest", "bilinear", "mean"), (2, 3), ("centres", "corners"))
    for method, factor, convention in choices:
        panel.method.value, panel.factor.value = method, factor
        panel.convention.value = convention
        out = uv.labs.upsample(VALUES, factor, method, convention)
        for value, parts in zip(out.ravel(), linked(panel.view), strict=True):
            total = sum(float(Fraction(weight)) * flat[cell] for cell, weight in parts)
            assert total == pytest.approx(value, abs=0.05)
        assert np.allclose(numbers(panel.view, "out"), out, atol=0.006)


def test_bilinear_links_are_the_index_map_of_the_operation():
    panel = uv.widgets.UpsamplingExplorer(VALUES)
    rule = Upsampling((2, 2), "bilinear").axis_map(0, 4)
    for index, parts in enumerate(linked(panel.view)):
        i, j = divmod(index, 8)
        expected = {4 * r + c for r in rule.inputs(i, 4) for c in rule.inputs(j, 4)}
        assert {cell for cell, _ in parts} == expected


def test_a_median_has_no_weights():
    panel = uv.widgets.UpsamplingExplorer(VALUES)
    panel.method.value = "median"
    out = uv.labs.upsample(VALUES, 2, "median", "centres")
    assert np.allclose(numbers(panel.view, "out"), out, atol=0.006)
    assert {weight for parts in linked(panel.view) for _, weight in parts} == {""}


def test_pooling_shows_window_argmax_and_what_is_lost():
    panel = uv.widgets.PoolingExplorer(TOY)
    for size, padding in product((2, 3), ("valid", "same")):
        panel.window.value, panel.padding.value = size, padding
        out = uv.labs.max_pool(TOY, size, padding)
        assert np.array_equal(numbers(panel.view, "out"), out)
        rule = MaxPooling((size, size), (size, size), padding).axis_map(0, 5)
        for index, parts in enumerate(linked(panel.view)):
            i, j = divmod(index, rule.size(5))
            window = {5 * r + c for r in rule.inputs(i, 5) for c in rule.inputs(j, 5)}
            assert {cell for cell, _ in parts} == window
            best = [cell for cell, word in parts if word == "max"]
            assert [TOY.ravel()[cell] for cell in best] == [out[i, j]]
        marked = np.array(panel.view.grids[0]["marked"])
        assert marked.sum() == 25 - (5 - rule.lost(5)) ** 2
