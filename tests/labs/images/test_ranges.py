"""Which part of its range an image uses, and what stretching makes of it."""

import re
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from support.random_examples import examples

from unetviz.geometry.specs.unet import UNetSpec
from unetviz.labs.images.arrays import fitted
from unetviz.labs.images.ranges import (
    DimImageWarning,
    joined,
    stretched,
    unstretched,
    used_range,
)
from unetviz.labs.tiles.patches import cut_patches
from unetviz.labs.tiles.plan import plan_tiles

many = settings(max_examples=examples(80))
kinds = st.sampled_from(["uint8", "uint16", "int16", "uint32", "int32", "int64", "float32"])


@st.composite
def images(draw):
    kind = np.dtype(draw(kinds))
    shape = draw(st.sampled_from([(5, 7), (6, 4, 3), (1, 1)]))
    if kind.kind == "f":
        return draw(arrays(kind, shape, elements=st.floats(-1e6, 1e6, width=32)))
    return draw(arrays(kind, shape))


@many
@given(images())
def test_a_stretched_image_is_a_fraction_and_keeps_the_order(image):
    used = used_range(image)
    found = stretched(image, used)
    assert (found.dtype, found.shape) == (np.float32, image.shape)
    assert found.min() >= 0
    assert found.max() <= 1
    order = np.argsort(image, axis=None, kind="stable")
    assert (np.diff(found.ravel()[order]) >= 0).all()
    if used.low != used.high:
        assert found.ravel()[order[0]] == 0


@many
@given(arrays(np.uint16, (4, 5), elements=st.integers(0, 4095)), st.integers(0, 60000))
def test_an_offset_and_the_type_do_not_matter_to_a_stretched_image(image, offset):
    expected = stretched(image, used_range(image))
    if image.min() < image.max():
        for other in (image + np.uint16(offset), image.astype(np.int64) - offset, image / 4096):
            found = stretched(other, used_range(other))
            np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "low", "high", "is_small"),
    [
        ("uint8", 0, 255, False),
        ("uint8", 0, 64, False),
        ("uint8", 0, 63, True),
        ("uint8", 100, 160, False),
        ("uint16", 0, 255, True),
        ("uint16", 0, 4095, True),
        ("uint16", 0, 16383, True),
        ("uint16", 0, 32767, False),
        ("uint16", 40000, 44095, True),
        ("int16", 0, 4095, True),
        ("int16", 0, 32767, False),
        ("uint32", 0, 65535, True),
        ("int64", 0, 255, True),
        ("float32", 0, 0.1, False),
        ("uint16", 7, 7, False),
    ],
)
def test_how_much_of_its_range_is_little(kind, low, high, is_small):
    image = np.linspace(low, high, 100).astype(kind)
    assert used_range(image).is_small == is_small


def test_a_range_is_written_with_the_numbers_of_the_file():
    for image, words in (
        (np.array([[3, 4095]], np.uint16), "3 to 4095 of 0 to 65535 (uint16)"),
        (np.array([[-1000, 999]], np.int16), "-1000 to 999 of -32768 to 32767 (int16)"),
        (np.array([[0.25, 200]], np.float32), "0.25 to 200 (float32)"),
        (np.array([[0, 1]], np.int64), "0 to 1 of 0 to 9223372036854775807 (int64)"),
        (np.array([[0, 2**63 - 1]], np.uint64), f"0 to {2**63 - 1} of 0 to {2**64 - 1} (uint64)"),
    ):
        assert str(used_range(image)) == words


def test_hot_pixels_do_not_hide_that_the_rest_is_dark():
    image = np.arange(4000, dtype=np.uint16).reshape(40, 100)
    image[3, 5] = 65535
    used = used_range(image)
    assert used.is_small
    assert used.largest == 65535
    assert np.median(stretched(image, used)) == pytest.approx(0.5, abs=0.01)


def test_ranges_of_several_images():
    dark, bright = np.array([[10, 200]], np.uint16), np.array([[5, 60000]], np.uint16)
    both = joined(map(used_range, (dark, bright)))
    assert (both.smallest, both.largest, both.is_small) == (5, 60000, False)
    np.testing.assert_allclose(unstretched(dark, both), dark / 65535, rtol=1e-6)


def test_an_array_of_few_bits_is_told_where_it_becomes_floats_and_the_way_out_works():
    random = np.random.default_rng(0)
    plan = plan_tiles((40, 50), UNetSpec((28, 36), depth=1))
    mask = np.zeros((40, 50), np.uint8)
    calls = {
        "fitted": lambda image: fitted(image, (40, 50)),
        "patches": lambda image: cut_patches(image, mask, plan).images,
    }
    for kind, top in (("uint16", 4096), ("int64", 256), ("int32", 256), ("uint32", 60000)):
        image = random.integers(0, top, (40, 50)).astype(kind)
        for call in calls.values():
            with pytest.warns(DimImageWarning, match=f"of 0 to .*{kind}") as heard:
                call(image)
            assert heard[0].filename == __file__
            advice = re.search(r"np\.interp\(image, \(.*?\), \(0, 1\)\)", str(heard[0].message))[0]
            better = eval(advice)
            np.testing.assert_allclose(better, stretched(image, used_range(image)), atol=1e-3)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                assert call(better).max() == 1


@pytest.mark.filterwarnings("error")
def test_no_word_about_arrays_that_use_their_range_or_are_floats():
    for image in (
        np.arange(256, dtype=np.uint8).reshape(16, 16) // 9,
        np.arange(0, 65536, 256, dtype=np.uint16).reshape(16, 16),
        np.full((16, 16), 1e-3),
        np.zeros((16, 16), np.int64),
    ):
        fitted(image, (8, 8))
