"""Small images of maps: which channel, which colours, which scale."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib import colormaps
from PIL import Image

from unetviz.draw.images.thumbnails import (
    channel_limits,
    colours_of,
    most_variable_channel,
    thumbnails,
)

few = settings(max_examples=60, deadline=None, derandomize=True)
maps_of_whole_numbers = arrays(
    np.int64,
    st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 6)),
    elements=st.integers(-9, 9),
)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


@few
@given(maps_of_whole_numbers)
def test_the_most_variable_channel_has_the_largest_sum_of_squares(maps):
    numbers = maps.reshape(-1, maps.shape[2]).tolist()
    mean = [sum(column) / len(numbers) for column in zip(*numbers, strict=True)]
    squares = [
        sum((row[channel] - mean[channel]) ** 2 for row in numbers)
        for channel in range(maps.shape[2])
    ]
    assert squares[most_variable_channel(maps)] == pytest.approx(max(squares))


@few
@given(maps_of_whole_numbers)
def test_colours_show_0_in_white_where_there_is_something_below_it(maps):
    assert colours_of(maps) == ("diverging" if (maps < 0).any() else "sequential")


@few
@given(maps_of_whole_numbers)
def test_scales_hold_all_numbers_and_0(maps):
    signed = bool((maps < 0).any())
    for common in (False, True):
        limits = channel_limits(maps, common)
        assert len(limits) == maps.shape[2]
        for channel, (low, high) in enumerate(limits):
            numbers = maps if common else maps[..., channel]
            furthest = np.abs(numbers).max()
            assert (low, high) == (-furthest if signed else 0, furthest)


def test_no_numbers_have_colours_too():
    assert colours_of(np.zeros((0, 3, 2))) == "sequential"


def test_each_thumbnail_shows_its_most_variable_channel_with_a_scale_of_its_own():
    random = np.random.default_rng(0)
    positive = random.random((6, 8, 4)) * [1, 5, 2, 1] + [9, 0, 3, 0]
    signed = random.normal(size=(5, 3, 3)) * [1, 2, 30]
    # A channel without negative numbers beside one that has them.
    mixed = np.stack([random.normal(size=(4, 4)), 7 * random.random((4, 4))], axis=-1)
    found = thumbnails({"positive": positive, "signed": signed, "mixed": mixed})
    assert list(found) == ["positive", "signed", "mixed"]
    for name, channel, table in (
        ("positive", positive[..., 1] / positive[..., 1].max(), "viridis"),
        ("signed", signed[..., 2] / np.abs(signed[..., 2]).max() / 2 + 0.5, "RdBu_r"),
        ("mixed", mixed[..., 1] / mixed[..., 1].max(), "viridis"),
    ):
        levels = np.rint(channel * 255).astype(int)
        expected = np.rint(colormaps[table](levels)[..., :3] * 255)
        np.testing.assert_array_equal(pixels(found[name]), expected)


def test_grey_ones_show_the_last_channel():
    values = np.stack([np.eye(4) * 100, np.arange(16).reshape(4, 4) / 15], axis=-1)
    found = thumbnails({"head": values}, grey=frozenset({"head"}))["head"]
    expected = np.rint(values[..., 1] * 255)[..., np.newaxis].repeat(3, axis=-1)
    np.testing.assert_array_equal(pixels(found), expected)


def test_maps_of_one_number_everywhere():
    found = thumbnails({"zero": np.zeros((2, 2, 1)), "five": np.full((2, 2, 1), 5.0)})
    assert (pixels(found["zero"]) == np.rint(np.array(colormaps["viridis"](0)[:3]) * 255)).all()
    assert (pixels(found["five"]) == np.rint(np.array(colormaps["viridis"](255)[:3]) * 255)).all()
