"""Counts of stamps against counting, kernels against Keras, shifts against known ones."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.geometry.index_maps import stamp
from unetviz.labs.checkerboard import (
    bilinear_kernel,
    has_even_overlap,
    measured_shift,
    stamp_counts,
    upsample_convolve,
)
from unetviz.labs.upconvolution import stamp_and_add

sizes = st.tuples(st.integers(1, 6), st.integers(1, 6))


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


@settings(max_examples=examples(40))
@given(sizes, st.integers(1, 7), st.integers(1, 6))
def test_stamps_are_counted(size, kernel_size, stride):
    ones = np.ones((kernel_size, kernel_size), int)
    rule = stamp(kernel_size, stride, "valid")
    expected = np.zeros(tuple(map(rule.size, size)), int)
    for i, j in np.ndindex(size):
        for a, b in np.ndindex(ones.shape):
            expected[i * stride + a, j * stride + b] += 1
    counts = stamp_counts(size, kernel_size, stride)
    assert_array_equal(counts, expected)
    assert_array_equal(counts, stamp_and_add(np.ones(size, int), ones, stride))


def test_counts_are_equal_away_from_the_border_exactly_where_the_stride_divides():
    for k, stride, more in product(range(1, 10), range(1, 8), range(3)):
        # As many inputs as show each position of the stamps to one another away from the border.
        n = -(-k // stride) + more
        counts = stamp_counts((n, n + 1), k, stride)
        rows, columns = (slice(max(k - stride, 0), m * stride) for m in (n, n + 1))
        inside = counts[rows, columns]
        assert min(inside.shape) >= stride
        assert (inside.min() == inside.max()) == has_even_overlap(k, stride) == (k % stride == 0)
        if has_even_overlap(k, stride):
            assert inside.max() == (k // stride) ** 2
            # Nearer to the border there are fewer.
            assert np.array_equal(counts, np.full_like(counts, inside.max())) == (k == stride)


@pytest.mark.keras
def test_bilinear_kernel_interpolates():
    import tensorflow as tf
    from support.keras_layers import apply_layer, up_layer

    for factor in (1, 2, 3, 4, 5, 8):
        size = 2 * factor - factor % 2
        weights = bilinear_kernel(size)
        assert weights.shape == (size, size)
        assert_array_equal(weights, weights.T)
        assert_array_equal(weights, weights[::-1])
        image = normal(7, 6, 2)
        kernel = weights[..., None, None] * np.eye(2)
        result = apply_layer(up_layer(kernel, factor, "same"), image, kernel)
        expected = tf.image.resize(image, (7 * factor, 6 * factor), "bilinear").numpy()
        away = slice(factor, -factor)
        assert_allclose(result[away, away], expected[away, away], atol=1e-5)


@pytest.mark.keras
def test_a_bilinear_kernel_of_another_size_moves_by_half_a_pixel():
    import tensorflow as tf
    from support.keras_layers import apply_layer, up_layer

    for size, factor in ((3, 2), (6, 3)):
        ramp = np.repeat(np.arange(9.0)[None, :, None], 9, axis=0)
        kernel = bilinear_kernel(size)[..., None, None]
        result = apply_layer(up_layer(kernel, factor, "same"), ramp, kernel)
        expected = tf.image.resize(ramp, (9 * factor, 9 * factor), "bilinear").numpy()
        away = slice(2 * factor, -2 * factor)
        difference = (result - expected)[away, away]
        assert_allclose(np.abs(difference), 0.5 / factor, atol=1e-5)


@pytest.mark.keras
def test_upsample_convolve_is_the_layers_of_the_document():
    import keras
    from support.keras_layers import apply_layer, down_layer

    for kernel_size, factor in product([1, 2, 3, 4], [1, 2, 3]):
        image = normal(4, 5, 2)
        kernel = normal(kernel_size, kernel_size, 2, 3, seed=1)
        copies = np.asarray(keras.layers.UpSampling2D(factor)(image[None]))[0]
        expected = apply_layer(down_layer(kernel, 1, "same"), copies, kernel)
        assert_allclose(upsample_convolve(image, kernel, factor), expected, atol=1e-5)
        one = upsample_convolve(image[..., 0], kernel[..., 0, 0], factor)
        assert_allclose(
            one, upsample_convolve(image[..., :1], kernel[:, :, :1, :1], factor)[..., 0]
        )


def up(kernel, cut=slice(None)):
    return lambda image: stamp_and_add(image, kernel, 2)[cut, cut]


SHIFTS = (
    (up(np.full((2, 2), 0.25)), 0),
    (up(bilinear_kernel(4), slice(1, -1)), 0),
    (up(bilinear_kernel(3), slice(0, -1)), 0.5),
    (lambda image: upsample_convolve(image, np.full((2, 2), 0.25)), -0.5),
    (lambda image: upsample_convolve(image, np.ones((3, 3))), 0),
    (lambda image: image.repeat(2, 0).repeat(2, 1), 0),
)


def test_known_shifts_are_measured():
    for (operation, shift), size in product(SHIFTS, (4, 15, 16)):
        assert measured_shift(operation, size) == pytest.approx((shift, shift))


def test_rows_and_columns_are_told_apart():
    kernel = np.array([[1, 0], [1, 0]])  # uniform in rows, the left one of the columns
    assert measured_shift(up(kernel)) == (0, -0.5)


def test_wrong_arguments_are_named():
    plain, square = np.ones((4, 4)), np.ones((2, 2))
    for call, *named in (
        (lambda: stamp_counts((0, 4), 2, 2), "size"),
        (lambda: stamp_counts((4, 4), 0, 2), "kernel_size"),
        (lambda: has_even_overlap(2, 0), "stride"),
        (lambda: bilinear_kernel(0), "size"),
        (lambda: upsample_convolve(plain, np.ones((2, 3))), "kernel", "square"),
        (lambda: upsample_convolve(plain, np.ones((0, 0))), "kernel", "empty"),
        (lambda: upsample_convolve(plain, 3.0), "kernel", "2 axes"),
        (lambda: upsample_convolve(plain, square, 0), "factor"),
        (lambda: measured_shift(lambda image: image), "(16, 16)"),
        (lambda: measured_shift(np.sum, 0), "size"),
        (lambda: measured_shift(lambda image: np.full((32, 32), np.nan)), "NaN"),
    ):
        assert_refused(call, *named)


def test_weights_that_cancel_have_no_centre_of_mass():
    for kernel in ([[1, -1], [1, -1]], [[0.1, 0.2], [-0.3, 0]]):
        assert_refused(
            lambda k=kernel: measured_shift(up(np.array(k))), "sum is 0", "centre of mass"
        )
