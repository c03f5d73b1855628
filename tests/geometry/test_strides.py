"""Pixels of the input between two neighbours of a map."""

import pytest

import unetviz as uv
from unetviz.geometry.strides import deepest_levels, strides, total_stride

PAPER = uv.trace(uv.PAPER)


def test_strides():
    assert total_stride(PAPER) == (16, 16)
    assert total_stride(uv.trace(uv.UNetSpec(300, pool_size=3, depth=2))) == (9, 9)
    assert strides(PAPER, 1)["dec3_conv1"] == 4


def test_the_deepest_level_that_a_map_has_come_through():
    found = deepest_levels(PAPER)
    assert [found[name] for name in ("enc2_conv1", "dec4_crop", "dec4_up", "head")] == [2, 4, 5, 5]


def test_the_total_stride_of_a_specification_is_that_of_its_trace():
    assert total_stride(uv.PAPER) == total_stride(PAPER)
    for what in (None, "PAPER", uv.UNetSpec):
        with pytest.raises(TypeError, match="a network is a trace or a specification"):
            total_stride(what)
