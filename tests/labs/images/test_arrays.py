"""What counts as an image, its numbers, its windows and its sizes, against numpy and by hand."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.geometry.box import Box
from unetviz.labs.images.arrays import (
    PADS,
    as_floats,
    centred_window,
    checked_image,
    cut_window,
    densest_window,
    fitted,
    resize_mean,
    shrunk,
)

MODES = {"mirror": "reflect", "edge": "edge", "zero": "constant"}
"""What numpy calls the ways to pad."""

many = settings(max_examples=examples(50))
sides = st.integers(1, 7)
shapes = st.one_of(st.tuples(sides, sides), st.tuples(sides, sides, st.just(3)))
images = shapes.flatmap(lambda shape: arrays(np.int16, shape))
masks = st.tuples(sides, sides).flatmap(
    lambda shape: arrays(np.uint8, shape, elements=st.integers(0, 1))
)


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


@many
@given(images, boxes())
def test_a_window_is_what_numpy_pads(image, box):
    before = image.copy()
    for pad in PADS:
        found = cut_window(image, box, pad)
        np.testing.assert_array_equal(found, padded_by_numpy(image, box, MODES[pad]))
        assert found.dtype == image.dtype
        np.testing.assert_array_equal(image, before)


def test_the_mirror_is_the_default_and_is_mirrored_again_and_again():
    row = np.array([[1, 2, 3]])
    expected = [[1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2, 1]]
    np.testing.assert_array_equal(cut_window(row, Box(0, -4, 1, 9)), expected)


def test_one_pixel_far_outside():
    image = np.full((1, 1, 3), 7)
    for pad, beyond in (("mirror", 7), ("edge", 7), ("zero", 0)):
        far = cut_window(image, Box(-900, 800, -898, 803), pad)
        np.testing.assert_array_equal(far, np.full((2, 3, 3), beyond))
        assert cut_window(image, Box(-1, -1, 2, 2), pad)[1, 1, 0] == 7


def test_a_window_does_not_share_its_numbers_with_the_image():
    image = np.ones((4, 4))
    for pad in PADS:
        cut_window(image, Box(0, 0, 4, 4), pad)[:] = 5
        assert (image == 1).all()


def test_an_unknown_way_to_pad_is_named():
    for pad in ("reflect", "", None, 0):
        call = lambda p=pad: cut_window(np.zeros((2, 2)), Box(0, 0, 1, 1), p)  # noqa: E731
        assert_refused(call, *PADS, repr(pad))


def test_integers_are_parts_of_the_largest_of_their_type():
    for dtype in ("uint8", "uint16", "uint32", ">u2", "int16", "int64"):
        largest = np.iinfo(dtype).max
        found = as_floats(np.array([[0, 1, largest // 2, largest]], dtype))
        assert found.dtype == np.float32
        expected = [[0, 1 / largest, (largest // 2) / largest, 1]]
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_negative_integers_stay_negative():
    found = as_floats(np.array([-32767, -1], np.int16))
    np.testing.assert_allclose(found, [-1, -1 / 32767], rtol=1e-6)


def test_floats_are_taken_as_they_are():
    for dtype in ("float16", "float32", "float64"):
        numbers = np.array([[-2.5, 0, 0.25, 300]], dtype)
        found = as_floats(numbers)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, numbers)


def test_yes_and_no_are_one_and_zero():
    found = as_floats(np.array([[True, False]]))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[1, 0]])


def test_floats_are_an_array_of_their_own():
    for dtype in ("uint8", "float32"):
        image = np.ones((2, 2), dtype)
        as_floats(image)[:] = 9
        assert (image == 1).all()


def test_an_image_gets_channels_and_keeps_its_numbers():
    for dtype in ("bool", "uint8", "int16", "uint64", "float16", "float64"):
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


def test_what_is_not_an_image_is_named():
    for image, *named in (
        (np.array([[0, np.nan]]), "NaN or infinity"),
        (far_down(np.nan), "NaN or infinity"),
        (far_down(-np.inf), "NaN or infinity"),
        (np.zeros((0, 5)), "empty", "(0, 5)"),
        (np.zeros((5, 5, 0)), "empty"),
        (np.zeros(9), "(height, width)", "not (9,)"),
        (np.float32(3), "not ()"),
        (np.zeros((1, 8, 8, 1)), "not (1, 8, 8, 1)"),
    ):
        assert_refused(lambda i=image: checked_image(i), *named)
    for image in (
        "image.png",
        b"bytes",
        None,
        {"a": 1},
        np.array([["1", "2"]]),
        np.array([[1, 2]], object),
        np.array([[1j]]),
        np.array([["2015-05-18"]], "datetime64[D]"),
    ):
        dtype = np.asarray(image).dtype
        assert_refused(lambda i=image: checked_image(i), "numbers", dtype, error=TypeError)


def advice_of(call, error=ValueError):
    """Return what a message says one should try, as code."""
    with pytest.raises(error) as refused:
        call()
    assert "\n" not in str(refused.value)
    return re.search(r"(?:try|them:|is) ((?:np\.|image\b).*)$", str(refused.value))[1]


def followed(image, channels=None):
    """Do what the message of a refusal advises, and return the image that is taken then."""
    advice = advice_of(lambda: checked_image(image, channels), (TypeError, ValueError))
    return checked_image(eval(advice), channels)


def test_what_is_advised_about_channels_gives_the_same_brightness():
    random = np.random.default_rng(0)
    for dtype in ("uint8", "uint16", "int16", "uint32", ">u2"):
        image = random.integers(
            0, np.iinfo(dtype).max, (6, 7, 3), dtype=np.dtype(dtype).newbyteorder("=")
        )
        found = followed(image.astype(dtype), 1)
        expected = as_floats(image).mean(axis=-1, keepdims=True)
        np.testing.assert_allclose(as_floats(found), expected, atol=0.51 / 255)
        # A network that takes integers gets integers.
        assert found.dtype.kind == image.dtype.kind
    for image in (random.random((6, 7, 3)), random.random((6, 7, 3)) > 0.5):
        found = followed(image, 1)
        np.testing.assert_allclose(found[..., 0], image.mean(axis=-1))


def test_what_is_advised_about_channels_is_taken():
    whole = np.random.default_rng(1).integers(0, 256, (6, 7, 9), np.uint8)
    for image, channels, expected in (
        (whole[..., 0], 3, np.dstack([whole[..., 0]] * 3)),
        (whole[..., :1], 3, np.dstack([whole[..., 0]] * 3)),
        (whole[..., :4], 3, whole[..., :3]),  # alpha is left out
        (whole[..., :2], 1, whole[..., :1]),
        (whole[..., :5], 2, whole[..., :2]),
        (whole[..., :3].transpose(2, 0, 1), 3, whole[..., :3]),
    ):
        np.testing.assert_array_equal(followed(image, channels), expected)
    rgba = followed(whole[..., :4], 1)
    np.testing.assert_allclose(rgba[..., 0], whole[..., :3].mean(axis=-1), atol=0.51)
    call = lambda: checked_image(whole[..., :3], 4)  # noqa: E731
    assert_refused(call, "3 channels", "takes 4", "a network that takes 3")


def test_what_is_advised_about_other_arrays_is_taken():
    for image, expected in (
        (np.array([[1, 2]], object), [[1, 2]]),
        (np.array([["0.5", "1"]]), [[0.5, 1]]),
        (np.array([[3 + 4j]]), [[5]]),
        (np.array([[np.nan, np.inf, -np.inf, 0.5]]), [[0, 1, 0, 0.5]]),
        (np.array([[1e39, 0.5]]), [[1, 0.5]]),
        (np.full((2, 1, 3, 1), 0.5), [[0.5] * 3]),
    ):
        np.testing.assert_allclose(followed(image)[..., 0], expected)


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


def test_a_smaller_image_has_the_means_of_blocks():
    maps = np.random.default_rng(0).normal(5, 40, (12, 12, 2))
    for side, block in ((4, 3), (6, 2), (12, 1), (1, 12)):
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


@settings(max_examples=examples(30))
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


@many
@given(masks, st.data())
def test_no_other_window_holds_more(mask, data):
    side = data.draw(st.integers(1, min(mask.shape)))
    box = densest_window(mask, side)
    counts = {
        (top, left): int(mask[top : top + side, left : left + side].sum())
        for top in range(mask.shape[0] - side + 1)
        for left in range(mask.shape[1] - side + 1)
    }
    assert (box.height, box.width) == (side, side)
    assert counts[box.top, box.left] == max(counts.values())
    # Of several the first, row by row: the same image is always shown at the same place.
    assert (box.top, box.left) == min(k for k, v in counts.items() if v == max(counts.values()))


def test_windows_that_are_easily_told():
    mask = np.zeros((40, 60))
    assert densest_window(mask, 10) == Box(0, 0, 10, 10)
    mask[33:37, 51:55] = -2
    mask[0, 0] = 1
    found = densest_window(mask, 4)
    assert found == Box(33, 51, 37, 55)
    assert all(type(n) is int for n in (found.top, found.left, found.bottom, found.right))
    assert densest_window(np.eye(5), 5) == Box(0, 0, 5, 5)
    assert densest_window(np.eye(5) > 0, 1) == Box(0, 0, 1, 1)


def test_a_window_that_does_not_fit_is_named():
    for side in (6, 7, 0):
        assert_refused(lambda s=side: densest_window(np.eye(5), s), "side", "from 1 to 5", side)


def test_fitted_covers_and_is_cut_in_the_middle():
    blocks = np.random.default_rng(5).random((4, 7))
    image = np.kron(blocks, np.ones((5, 5)))
    # Its height just covers 4 rows; of the 7 columns the middle 3 are left.
    np.testing.assert_allclose(fitted(image, (4, 3)), blocks[:, 2:5], atol=1e-6)
    np.testing.assert_allclose(fitted(image.T, (3, 4)), blocks.T[2:5], atol=1e-6)


def test_fitted_mirrors_what_is_too_small():
    image = np.random.default_rng(6).random((5, 6))
    found = fitted(image, (9, 10))
    np.testing.assert_allclose(found, np.pad(image, 2, mode="reflect"), atol=1e-6)
    # Too low, but wide enough: nothing is reduced.
    wide = np.random.default_rng(7).random((4, 50))
    expected = np.pad(wide, ((3, 3), (0, 0)), mode="reflect")[:, 20:30]
    np.testing.assert_allclose(fitted(wide, (10, 10)), expected, atol=1e-6)


def test_fitted_changes_colour_to_grey_and_back():
    grey, colour = (
        np.random.default_rng(8).random((6, 6)),
        np.random.default_rng(9).random((6, 6, 3)),
    )
    np.testing.assert_allclose(fitted(colour, (6, 6, 1))[..., 0], colour.mean(-1), atol=1e-6)
    np.testing.assert_allclose(fitted(grey, (6, 6, 3)), np.stack([grey] * 3, -1), atol=1e-6)
    np.testing.assert_allclose(fitted(colour, (6, 6, 3)), colour, atol=1e-6)
    np.testing.assert_allclose(fitted(colour, (6, 6)), colour, atol=1e-6)
    assert fitted(grey, (6, 6)).shape == (6, 6)
    assert fitted(grey, (6, 6, 1)).dtype == np.float32
    assert_refused(lambda: fitted(colour, (6, 6, 5)), "3 channels", "5", "1 and 3")


def test_fitted_takes_whole_numbers_as_parts():
    colour = np.random.default_rng(2).integers(0, 256, (11, 17, 3), np.uint8)
    np.testing.assert_allclose(fitted(colour, (11, 17)), colour / 255, atol=1e-6)


def test_fine_stripes_become_grey_not_a_pattern():
    stripes = np.indices((300, 300)).sum(axis=0) % 2
    assert np.abs(fitted(stripes.astype(float), (70, 70)) - 0.5).max() < 0.1
