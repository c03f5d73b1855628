"""Bilinear up-sampling by stamps against libraries and against straight lines in NumPy."""

from itertools import product

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import unetviz as uv
from unetviz.labs.checkerboard import bilinear_kernel
from unetviz.nets.initializers import Bilinear, bilinear_table, upsample_by_stamps

pytestmark = pytest.mark.keras

FACTORS = [2, 3, 4, 5, 8, 32]
each_factor = pytest.mark.parametrize("factor", FACTORS)


def image(shape=(5, 7), seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def half_pixels(n, factor):
    """Where the middle of each large pixel lies, in small pixels from the middle of the first."""
    return (np.arange(n * factor) + 0.5) / factor - 0.5


def hats(at, n):
    """Weight of each small pixel at each place: 1 above it, 0 from its neighbours on."""
    return np.maximum(0, 1 - np.abs(at[:, np.newaxis] - np.arange(n)))


def interpolated(small, factor, places, end):
    """Straight lines between the middles; beyond them nothing ("zeros") or the last pixel."""
    weights = []
    for n in small.shape:
        at = places(n, factor)
        weights.append(hats(at if end == "zeros" else np.clip(at, 0, n - 1), n))
    return weights[0] @ small @ weights[1].T


def resized(small, factor):
    shape = [n * factor for n in small.shape]
    large = tf.image.resize(small[..., np.newaxis].astype("float32"), shape, method="bilinear")
    return large.numpy()[..., 0]


def inside(large, factor):
    rim = factor // 2
    return large[rim:-rim, rim:-rim]


images = st.builds(image, st.tuples(st.integers(2, 6), st.integers(2, 6)), st.integers(0, 999))


@each_factor
@settings(max_examples=4, deadline=None)
@given(small=images)
def test_stamps_are_straight_lines_between_the_middles(factor, small):
    found = upsample_by_stamps(small, factor)
    assert found.dtype == np.float32
    expected = interpolated(small, factor, half_pixels, "zeros")
    np.testing.assert_allclose(found, expected, atol=2e-6)


@each_factor
@settings(max_examples=4, deadline=None)
@given(small=images)
def test_inside_it_is_what_tensorflow_does(factor, small):
    found, expected = upsample_by_stamps(small, factor), resized(small, factor)
    assert found.shape == expected.shape
    np.testing.assert_allclose(inside(found, factor), inside(expected, factor), atol=2e-6)


@each_factor
def test_in_the_rim_a_stamp_is_missing(factor):
    small = 1 + np.abs(image())
    difference = resized(small, factor) - upsample_by_stamps(small, factor)
    rim = np.ones(difference.shape, bool)
    inside(rim, factor)[...] = False
    assert (difference[rim] > 1e-3).all()


@each_factor
@settings(max_examples=4, deadline=None)
@given(small=images)
def test_continued_by_its_border_pixels_it_is_the_same_everywhere(factor, small):
    around = upsample_by_stamps(np.pad(small, 1, "edge"), factor)
    found = around[factor:-factor, factor:-factor]
    np.testing.assert_allclose(found, resized(small, factor), atol=2e-6)


def test_once_is_the_image_itself():
    small = image().astype("float32")
    np.testing.assert_array_equal(upsample_by_stamps(small, 1), small)


def test_wrong_factors():
    for factor in (0, -2, 1.5, "2", None, True):
        with pytest.raises(ValueError, match=r"^factor must be a whole number of at least 1, not "):
            upsample_by_stamps(image(), factor)
    for factor in (1, 0, 2.5, "2", None):
        with pytest.raises(ValueError, match=r"^factor must be a whole number of at least 2, not "):
            bilinear_table(image(), factor)


def test_kernel_of_several_channels():
    for size, (outputs, inputs) in product([1, 3, 4, 64], [(1, 1), (3, 3), (2, 4), (4, 2)]):
        kernel = np.asarray(Bilinear()((size, size, outputs, inputs)))
        assert (kernel.shape, kernel.dtype) == ((size, size, outputs, inputs), np.float32)
        for out in range(outputs):
            for channel in range(inputs):
                expected = bilinear_kernel(size) if out == channel else np.zeros((size, size))
                np.testing.assert_allclose(kernel[:, :, out, channel], expected, atol=1e-7)


def test_channels_stay_apart():
    small = np.stack([image(seed=seed) for seed in range(3)], axis=-1).astype("float32")
    layer = keras.layers.Conv2DTranspose(3, 8, strides=4, kernel_initializer=Bilinear())
    large = layer(small[np.newaxis]).numpy()[0, 2:-2, 2:-2]
    for channel in range(3):
        expected = upsample_by_stamps(small[..., channel], 4)
        np.testing.assert_allclose(large[..., channel], expected, atol=1e-6)


def test_weights_in_another_precision():
    kernel = Bilinear()((4, 4, 1, 1), dtype="float16")
    assert keras.backend.standardize_dtype(kernel.dtype) == "float16"
    np.testing.assert_array_equal(np.asarray(kernel)[..., 0, 0], bilinear_kernel(4))


def test_a_kernel_that_is_not_square_is_refused():
    with pytest.raises(ValueError, match=r"^a bilinear kernel is square, not 4 x 6$"):
        Bilinear()((4, 6, 1, 1))


def test_the_initializer_survives_a_file():
    config = keras.saving.serialize_keras_object(Bilinear())
    assert config["registered_name"] == "unetviz>Bilinear"
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is Bilinear
    np.testing.assert_array_equal(again((4, 4, 2, 2)), Bilinear()((4, 4, 2, 2)))


def corners_on_corners(n, factor):
    return np.arange(n * factor) * (n - 1) / (n * factor - 1)


def first_pixels_on_each_other(n, factor):
    return np.arange(n * factor) / factor


def expected_rows(small, factor):
    stamps = interpolated(small, factor, half_pixels, "zeros")
    clamped = interpolated(small, factor, half_pixels, "border")
    others = [
        clamped,
        clamped,
        interpolated(small, factor, corners_on_corners, "border"),
        interpolated(small, factor, first_pixels_on_each_other, "border"),
    ]
    differences = [np.abs(stamps - other) for other in others]
    rim = np.ones(stamps.shape, bool)
    inside(rim, factor)[...] = False
    rows = [(inside(found, factor).max(), found[rim].max()) for found in differences]
    return [*rows, (0.0, 0.0)]  # continued by its border pixels: the same everywhere


@pytest.mark.parametrize(("factor", "shape"), [(2, (3, 3)), (3, (5, 8)), (8, (3, 4))])
def test_the_table_against_numpy(factor, shape):
    small = image(shape, seed=factor)
    table = bilinear_table(small, factor)
    assert table.headings == ("stamps, largest difference from", "inside", "at the border")
    found = [tuple(map(float, row[1:])) for row in table.rows]
    # Two digits are shown; where there is no difference, what rounding leaves.
    np.testing.assert_allclose(found, expected_rows(small, factor), rtol=0.051, atol=2e-6)


def test_what_the_table_tells():
    table = uv.nets.bilinear_table(image((6, 6)), 2)
    rows = {name: tuple(map(float, values)) for name, *values in table.rows}
    assert len(rows) == 5
    same_inside = [name for name, (within, _) in rows.items() if within < 1e-5]
    assert len(same_inside) == 3
    assert [name for name, both in rows.items() if max(both) < 1e-5] == [
        "tf.image.resize, the small image first continued by its border pixels"
    ]
    others = set(rows) - set(same_inside)
    assert all("TensorFlow 1" in name for name in others)
    assert all(
        "half-pixel" in name or "continued" in name or "Keras" in name for name in same_inside
    )


def test_a_table_needs_an_image_of_three_by_three():
    for shape in ((2, 5), (5, 2), (5,), (5, 5, 1)):
        with pytest.raises(ValueError, match=r"at least 3 x 3 numbers, not ") as refused:
            bilinear_table(np.zeros(shape), 2)
        assert str(shape) in str(refused.value)
