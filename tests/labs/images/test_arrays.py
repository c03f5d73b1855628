"""What lies beyond the border of an image, and what counts as an image at all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from unetviz.geometry.box import Box
from unetviz.labs.images.arrays import (
    PADS,
    as_floats,
    centred_window,
    checked_image,
    cut_window,
    resize_mean,
    shrunk,
)

MODES = {"mirror": "reflect", "edge": "edge", "zero": "constant"}
"""What numpy calls the ways to pad."""

many = settings(max_examples=150, deadline=None)
sides = st.integers(1, 7)
shapes = st.one_of(st.tuples(sides, sides), st.tuples(sides, sides, st.just(3)))
images = shapes.flatmap(lambda shape: arrays(np.int16, shape))


def padded_by_numpy(image, box, mode):
    """The same window, cut out of an image that numpy has padded far enough on all sides."""
    margin = max(map(abs, (box.top, box.left, box.bottom, box.right)))
    around = [(margin, margin)] * 2 + [(0, 0)] * (image.ndim - 2)
    large = np.pad(image, around, mode=mode)
    return large[margin + box.top : margin + box.bottom, margin + box.left : margin + box.right]


@st.composite
def boxes(draw):
    top, left = draw(st.integers(-40, 40)), draw(st.integers(-40, 40))
    return Box(top, left, top + draw(st.integers(1, 30)), left + draw(st.integers(1, 30)))


@pytest.mark.parametrize("pad", PADS)
@many
@given(images, boxes())
def test_a_window_is_what_numpy_pads(pad, image, box):
    before = image.copy()
    found = cut_window(image, box, pad)
    np.testing.assert_array_equal(found, padded_by_numpy(image, box, MODES[pad]))
    assert found.dtype == image.dtype
    np.testing.assert_array_equal(image, before)


def test_the_mirror_is_the_default_and_is_mirrored_again_and_again():
    row = np.array([[1, 2, 3]])
    expected = [[1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2, 1]]
    np.testing.assert_array_equal(cut_window(row, Box(0, -4, 1, 9)), expected)


@pytest.mark.parametrize(("pad", "beyond"), [("mirror", 7), ("edge", 7), ("zero", 0)])
def test_one_pixel_far_outside(pad, beyond):
    image = np.full((1, 1, 3), 7)
    far = cut_window(image, Box(-900, 800, -898, 803), pad)
    np.testing.assert_array_equal(far, np.full((2, 3, 3), beyond))
    assert cut_window(image, Box(-1, -1, 2, 2), pad)[1, 1, 0] == 7


@pytest.mark.parametrize("pad", PADS)
def test_a_window_does_not_share_its_numbers_with_the_image(pad):
    image = np.ones((4, 4))
    cut_window(image, Box(0, 0, 4, 4), pad)[:] = 5
    assert (image == 1).all()


@pytest.mark.parametrize("pad", ["reflect", "", None, 0])
def test_an_unknown_way_to_pad(pad):
    with pytest.raises(ValueError, match="pad must be mirror, edge or zero, not"):
        cut_window(np.zeros((2, 2)), Box(0, 0, 1, 1), pad)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", ">u2", "int16", "int64"])
def test_integers_are_parts_of_the_largest_of_their_type(dtype):
    largest = np.iinfo(dtype).max
    found = as_floats(np.array([[0, 1, largest // 2, largest]], dtype))
    assert found.dtype == np.float32
    expected = [[0, 1 / largest, (largest // 2) / largest, 1]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_negative_integers_stay_negative():
    found = as_floats(np.array([-32767, -1], np.int16))
    np.testing.assert_allclose(found, [-1, -1 / 32767], rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_floats_are_taken_as_they_are(dtype):
    numbers = np.array([[-2.5, 0, 0.25, 300]], dtype)
    found = as_floats(numbers)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, numbers)


def test_yes_and_no_are_one_and_zero():
    found = as_floats(np.array([[True, False]]))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[1, 0]])


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_floats_are_an_array_of_their_own(dtype):
    image = np.ones((2, 2), dtype)
    as_floats(image)[:] = 9
    assert (image == 1).all()


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "uint64", "float16", "float64"])
def test_an_image_gets_channels_and_keeps_its_numbers(dtype):
    image = np.eye(3, dtype=dtype)
    found = checked_image(image, 1)
    assert (found.shape, found.dtype) == ((3, 3, 1), image.dtype)
    np.testing.assert_array_equal(found[..., 0], image)
    assert checked_image(np.zeros((2, 5, 3), dtype), 3).shape == (2, 5, 3)


def test_lists_are_images_too():
    assert checked_image([[1, 2, 3], [4, 5, 6]]).shape == (2, 3, 1)


def far_down(number):
    """An image with one such number behind the rows that are looked at first."""
    image = np.zeros((700, 3))
    image[-1, -1] = number
    return image


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.array([[0, np.nan]]), "holds NaN or infinity"),
        (far_down(np.nan), "holds NaN or infinity"),
        (far_down(-np.inf), "holds NaN or infinity"),
        (np.zeros((0, 5)), r"empty: its shape is \(0, 5\)"),
        (np.zeros((5, 5, 0)), "empty"),
        (np.zeros(9), r"shape \(height, width\) or .* not \(9,\)"),
        (np.float32(3), r"not \(\)"),
        (np.zeros((1, 8, 8, 1)), r"not \(1, 8, 8, 1\)"),
    ],
)
def test_what_is_no_image(image, words):
    with pytest.raises(ValueError, match=words):
        checked_image(image)


@pytest.mark.parametrize(
    "image",
    [
        "image.png",
        b"bytes",
        None,
        {"a": 1},
        np.array([["1", "2"]]),
        np.array([[1, 2]], object),
        np.array([[1j]]),
        np.array([["2015-05-18"]], "datetime64[D]"),
    ],
)
def test_what_holds_no_numbers(image):
    with pytest.raises(TypeError, match="an image holds whole numbers or floats, not"):
        checked_image(image)


def test_a_wrong_number_of_channels_says_what_to_try():
    colour, grey = np.zeros((4, 4, 3)), np.zeros((4, 4))
    with pytest.raises(ValueError, match=r"3 channels, .* takes 1; try image\.mean\(axis=-1\)"):
        checked_image(colour, 1)
    with pytest.raises(ValueError, match=r"1 channels, .* takes 3; .*repeat channels"):
        checked_image(grey, 3)
    # What is advised helps.
    assert checked_image(colour.mean(axis=-1), 1).shape == (4, 4, 1)
    assert checked_image(np.repeat(grey[..., np.newaxis], 3, axis=-1), 3).shape == (4, 4, 3)


def test_the_middle_is_cut_out():
    image = np.arange(7 * 8).reshape(7, 8)
    np.testing.assert_array_equal(centred_window(image, (3, 4)), image[2:5, 2:6])
    np.testing.assert_array_equal(centred_window(image, (7, 8)), image)
    assert centred_window(np.zeros((5, 5, 3)), (2, 3, 1)).shape == (2, 3, 3)


@many
@given(images, sides, sides)
def test_the_middle_has_the_same_on_both_sides(image, rows, columns):
    found = centred_window(image, (rows, columns))
    assert found.shape == (rows, columns, *image.shape[2:])
    top, left = (image.shape[0] - rows) // 2, (image.shape[1] - columns) // 2
    box = Box(top, left, top + rows, left + columns)
    np.testing.assert_array_equal(found, padded_by_numpy(image, box, "reflect"))


@pytest.mark.parametrize(("side", "block"), [(4, 3), (6, 2), (12, 1), (1, 12)])
def test_a_smaller_image_has_the_means_of_blocks(side, block):
    maps = np.random.default_rng(0).normal(5, 40, (12, 12, 2))
    expected = maps.reshape(side, block, side, block, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(resize_mean(maps, (side, side)), expected, rtol=1e-9)


def test_a_smaller_image_has_means_of_parts_of_pixels():
    maps = np.array([[0.0, 3.0, 6.0]])[..., np.newaxis].repeat(2, axis=0)
    # Three columns become two: each is one whole column and half of the middle one.
    np.testing.assert_allclose(resize_mean(maps, (2, 2))[..., 0], [[1, 5], [1, 5]], rtol=1e-9)


def covered(n, new):
    """How much of each of `n` pixels in a row each of `new` pixels covers, as parts of 1."""
    edges = np.arange(new + 1) * n / new
    starts, ends = np.arange(n), np.arange(1, n + 1)
    shared = np.minimum(ends, edges[1:, None]) - np.maximum(starts, edges[:-1, None])
    return shared.clip(0) * new / n


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 45))
def test_what_is_too_large_is_shrunk_by_means(height, width, side):
    maps = np.random.default_rng(height * 41 + width).normal(5, 40, (height, width, 2))
    found = shrunk(maps, side)
    if max(height, width) <= side:
        assert found is maps
        return
    assert max(found.shape[:2]) == side
    shorter = min(height, width) * side / max(height, width)
    assert abs(min(found.shape[:2]) - max(shorter, 1)) <= 0.5
    rows, columns = covered(height, found.shape[0]), covered(width, found.shape[1])
    np.testing.assert_allclose(found, np.einsum("ai,bj,ijc->abc", rows, columns, maps), rtol=1e-6)
