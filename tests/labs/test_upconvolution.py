"""Transposed convolution in three forms, its backward pass and its rivals against Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from unetviz.geometry.index_maps import stamp
from unetviz.labs.backprop.numeric import numeric_gradient
from unetviz.labs.checkerboard import (
    bilinear_kernel,
    has_even_overlap,
    measured_shift,
    stamp_counts,
    upsample_convolve,
)
from unetviz.labs.upconvolution import (
    convolution_matrix,
    convolve,
    forward_backward,
    insert_zeros,
    stamp_and_add,
    sum_of_blocks,
    transposed_by_matrix,
    zero_insertion,
)

FORMS = [stamp_and_add, zero_insertion, transposed_by_matrix]
KERNELS = [(2, 2), (3, 2), (4, 2), (3, 1), (1, 1), (5, 3), (2, 3), (1, 4)]
CASES = [((4, 5), *pair) for pair in KERNELS] + [((3, 3), 64, 32)]
sizes = st.tuples(st.integers(1, 6), st.integers(1, 6))
channels = st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3))
seeds = st.integers(0, 2**32 - 1)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def small_and_kernel(size, kernel_size, c_in, c_out, seed=0):
    """A small map and a kernel for its transposed convolution."""
    weights = normal(kernel_size, kernel_size, c_out, c_in, seed=seed + 1)
    return normal(*size, c_in, seed=seed), weights


def by_layer(layer, image, kernel):
    """What a layer of Keras without bias makes of one image."""
    layer.build((None, *image.shape))
    layer.set_weights([kernel])
    return np.asarray(layer(image[None].astype("float32")))[0]


def up_layer(kernel, stride, padding="valid"):
    return keras.layers.Conv2DTranspose(
        kernel.shape[2], len(kernel), stride, padding=padding, use_bias=False
    )


def down_layer(kernel, stride, padding="valid"):
    return keras.layers.Conv2D(
        kernel.shape[3], len(kernel), stride, padding=padding, use_bias=False
    )


def tape_gradient(function, at, gradient):
    """Gradient, as TensorFlow finds it in float64, of sum(function(at) * gradient)."""
    at = tf.constant(at, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(at)
        total = tf.reduce_sum(function(at[None])[0] * gradient)
    return tape.gradient(total, at).numpy()


def tf_up(kernel, stride, out_shape):
    return lambda maps: tf.nn.conv2d_transpose(
        maps, kernel, (1, *out_shape), stride, padding="VALID"
    )


def tf_down(kernel, stride):
    return lambda maps: tf.nn.conv2d(maps, kernel, stride, padding="VALID")


@pytest.mark.parametrize(("size", "kernel_size", "stride"), CASES)
@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_what_keras_computes(form, size, kernel_size, stride):
    image, kernel = small_and_kernel(size, kernel_size, 2, 3)
    expected = by_layer(up_layer(kernel, stride), image, kernel)
    result = form(image, kernel, stride)
    assert result.shape == expected.shape
    assert_allclose(result, expected, atol=1e-5)


@settings(max_examples=150, deadline=None)
@given(sizes, st.integers(1, 6), st.integers(1, 5), channels, seeds)
@example((1, 1), 1, 5, None, 0)
def test_the_three_forms_agree_in_every_number(size, kernel_size, stride, channels, seed):
    image, kernel = small_and_kernel(size, kernel_size, *(channels or (1, 1)), seed)
    image, kernel = (image * 9).astype(int), (kernel * 9).astype(int)
    if channels is None:
        image, kernel = image[..., 0], kernel[..., 0, 0]
    first, *others = (form(image, kernel, stride) for form in FORMS)
    rule = stamp(kernel_size, stride, "valid")
    assert first.shape == (*map(rule.size, size), *kernel.shape[2:3])
    for other in others:
        assert_array_equal(other, first)
        assert other.dtype == np.int64


def test_small_whole_numbers_do_not_overflow():
    image, kernel = np.full((1, 2), 255, np.uint8), np.full((2, 2), 255, np.uint8)
    for form in FORMS:
        assert_array_equal(form(image, kernel, np.uint8(1))[0], [65025, 2 * 65025, 65025])
    assert_array_equal(convolve(image.repeat(2, 0), kernel), [[4 * 65025]])


def test_arguments_stay_as_they_are():
    image, kernel = small_and_kernel((3, 3), 3, 2, 2)
    copies = image.copy(), kernel.copy()
    for form in FORMS:
        form(image, kernel, 2)
    numeric_gradient(np.sum, image)
    assert_array_equal(image, copies[0])
    assert_array_equal(kernel, copies[1])


@pytest.mark.parametrize(("kernel_size", "stride"), KERNELS)
def test_insert_zeros_keeps_the_pixels_and_adds_only_zeros(kernel_size, stride):
    image = np.arange(1, 13).reshape(3, 4)
    result = insert_zeros(image, kernel_size, stride)
    first = kernel_size - 1
    assert_array_equal(result[first::stride, first::stride][:3, :4], image)
    assert np.count_nonzero(result) == 12
    assert not result[:first].any()
    # Behind the last pixel too there are kernel_size - 1 zeros, or stride - 1 where that is more.
    assert result.shape[0] == first + 2 * stride + max(kernel_size, stride)
    assert result[first + 2 * stride].any()


@pytest.mark.parametrize(("kernel_size", "stride"), [*KERNELS, (3, 3), (2, 5)])
@pytest.mark.parametrize("size", [(9, 8), (5, 7)])
def test_convolve_is_what_keras_computes(size, kernel_size, stride):
    image = normal(*size, 2)
    kernel = normal(kernel_size, kernel_size, 2, 3, seed=1)
    expected = by_layer(down_layer(kernel, stride), image, kernel)
    result = convolve(image, kernel, stride)
    assert result.shape == expected.shape
    assert_allclose(result, expected, atol=1e-5)


@settings(max_examples=100, deadline=None)
@given(sizes, st.integers(1, 4), st.integers(1, 5), seeds)
def test_the_matrix_times_a_flat_map_is_the_convolution(size, kernel_size, stride, seed):
    assume(kernel_size <= min(size))
    large, kernel = normal(*size, seed=seed), normal(kernel_size, kernel_size, seed=seed + 1)
    expected = convolve(large, kernel, stride)
    matrix = convolution_matrix(size, kernel, stride)
    assert matrix.shape == (expected.size, large.size)
    assert matrix.nnz == expected.size * kernel.size
    assert_allclose(matrix @ large.ravel(), expected.ravel(), atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(sizes, st.integers(1, 4), st.integers(1, 5), channels, seeds)
@example((6, 5), 2, 2, (2, 3), 0)  # a column is lost
@example((5, 6), 2, 3, (1, 1), 0)  # the stamps reach further than the map
def test_backward_pass_of_convolution(size, kernel_size, stride, channels, seed):
    assume(kernel_size <= min(size))
    c_in, c_out = channels or (1, 1)
    large = normal(*size, c_in, seed=seed)
    kernel = normal(kernel_size, kernel_size, c_in, c_out, seed=seed + 1)
    gradient = normal(*convolve(large, kernel, stride).shape, seed=seed + 2)
    by_rule = forward_backward(large, kernel, stride, gradient)
    assert by_rule.shape == large.shape
    by_tape = tape_gradient(tf_down(kernel, stride), large, gradient)
    assert_allclose(by_rule, by_tape, atol=1e-6)
    tried = numeric_gradient(lambda at: (convolve(at, kernel, stride) * gradient).sum(), large)
    assert_allclose(by_rule, tried, atol=1e-6)
    if channels is None:
        flat = forward_backward(large[..., 0], kernel[..., 0, 0], stride, gradient[..., 0])
        assert_array_equal(flat, by_rule[..., 0])


@pytest.mark.parametrize(("size", "kernel_size", "stride"), CASES)
def test_backward_pass_of_one_is_the_forward_pass_of_the_other(size, kernel_size, stride):
    small, kernel = small_and_kernel(size, kernel_size, 2, 3)
    large = stamp_and_add(small, kernel, stride)

    up_gradient = normal(*large.shape, seed=2)
    by_tape = tape_gradient(tf_up(kernel, stride, large.shape), small, up_gradient)
    assert_allclose(convolve(up_gradient, kernel, stride), by_tape, atol=1e-6)

    by_tape = tape_gradient(tf_down(kernel, stride), up_gradient, small)
    assert_allclose(stamp_and_add(small, kernel, stride), by_tape, atol=1e-6)


def test_numeric_gradient_of_a_transposed_convolution_and_of_a_curve():
    small, kernel = small_and_kernel((3, 4), 3, 1, 2)
    gradient = normal(7, 9, 2, seed=2)
    tried = numeric_gradient(lambda at: (stamp_and_add(at, kernel, 2) * gradient).sum(), small)
    assert_allclose(tried, convolve(gradient, kernel, 2), atol=1e-6)
    assert_allclose(numeric_gradient(lambda at: (at**3).sum(), small), 3 * small**2, atol=1e-6)
    assert_allclose(numeric_gradient(lambda x: x**2, np.array(3)), 6, atol=1e-6)


@settings(max_examples=100, deadline=None)
@given(sizes, st.integers(1, 7), st.integers(1, 6))
def test_coverage_counts_stamps(size, kernel_size, stride):
    ones = np.ones((kernel_size, kernel_size), int)
    rule = stamp(kernel_size, stride, "valid")
    expected = np.zeros(tuple(map(rule.size, size)), int)
    for i, j in np.ndindex(size):
        for a, b in np.ndindex(ones.shape):
            expected[i * stride + a, j * stride + b] += 1
    counts = stamp_counts(size, kernel_size, stride)
    assert_array_equal(counts, expected)
    assert_array_equal(counts, stamp_and_add(np.ones(size, int), ones, stride))
    for i, j in np.ndindex(counts.shape):
        assert counts[i, j] == len(rule.inputs(i, size[0])) * len(rule.inputs(j, size[1]))


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 9), st.integers(1, 7), st.integers(0, 3))
def test_counts_are_equal_away_from_the_border_exactly_where_the_stride_divides(k, stride, more):
    # As many inputs as show every position of the stamps to one another away from the border.
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


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 5, 8])
def test_bilinear_kernel_interpolates(factor):
    size = 2 * factor - factor % 2
    weights = bilinear_kernel(size)
    assert weights.shape == (size, size)
    assert_array_equal(weights, weights.T)
    assert_array_equal(weights, weights[::-1])
    image = normal(7, 6, 2)
    kernel = weights[..., None, None] * np.eye(2)
    result = by_layer(up_layer(kernel, factor, "same"), image, kernel)
    expected = tf.image.resize(image, (7 * factor, 6 * factor), "bilinear").numpy()
    away = slice(factor, -factor)
    assert_allclose(result[away, away], expected[away, away], atol=1e-5)


@pytest.mark.parametrize(("size", "factor"), [(3, 2), (6, 3)])
def test_a_bilinear_kernel_of_the_other_kind_moves_by_half_a_pixel(size, factor):
    ramp = np.repeat(np.arange(9.0)[None, :, None], 9, axis=0)
    kernel = bilinear_kernel(size)[..., None, None]
    result = by_layer(up_layer(kernel, factor, "same"), ramp, kernel)
    expected = tf.image.resize(ramp, (9 * factor, 9 * factor), "bilinear").numpy()
    away = slice(2 * factor, -2 * factor)
    difference = (result - expected)[away, away]
    assert_allclose(np.abs(difference), 0.5 / factor, atol=1e-5)


@pytest.mark.parametrize("factor", [1, 2, 3])
@pytest.mark.parametrize("kernel_size", [1, 2, 3, 4])
def test_upsample_convolve_is_the_layers_of_the_document(kernel_size, factor):
    image = normal(4, 5, 2)
    kernel = normal(kernel_size, kernel_size, 2, 3, seed=1)
    copies = np.asarray(keras.layers.UpSampling2D(factor)(image[None]))[0]
    expected = by_layer(down_layer(kernel, 1, "same"), copies, kernel)
    assert_allclose(upsample_convolve(image, kernel, factor), expected, atol=1e-5)
    one = upsample_convolve(image[..., 0], kernel[..., 0, 0], factor)
    assert_allclose(one, upsample_convolve(image[..., :1], kernel[:, :, :1, :1], factor)[..., 0])


@settings(max_examples=40, deadline=None)
@given(sizes, st.integers(1, 4), st.integers(1, 3), seeds)
def test_block_sum_is_the_gradient_of_the_copies(size, factor, depth, seed):
    gradient = normal(size[0] * factor, size[1] * factor, depth, seed=seed)
    layer = keras.layers.UpSampling2D(factor, dtype="float64")
    expected = tape_gradient(layer, np.zeros((*size, depth)), gradient)
    assert_allclose(sum_of_blocks(gradient, factor), expected, atol=1e-12)
    one = sum_of_blocks(gradient[..., 0], factor)
    assert_allclose(one, expected[..., 0], atol=1e-12)


def up(kernel, cut=slice(None)):
    return lambda image: stamp_and_add(image, kernel, 2)[cut, cut]


@pytest.mark.parametrize("size", [4, 15, 16])
@pytest.mark.parametrize(
    ("operation", "shift"),
    [
        (up(np.full((2, 2), 0.25)), 0),
        (up(bilinear_kernel(4), slice(1, -1)), 0),
        (up(bilinear_kernel(3), slice(0, -1)), 0.5),
        (lambda image: upsample_convolve(image, np.full((2, 2), 0.25)), -0.5),
        (lambda image: upsample_convolve(image, np.ones((3, 3))), 0),
        (lambda image: image.repeat(2, 0).repeat(2, 1), 0),
    ],
)
def test_measured_shift(operation, shift, size):
    assert measured_shift(operation, size) == pytest.approx((shift, shift))


def test_rows_and_columns_are_told_apart():
    kernel = np.array([[1, 0], [1, 0]])  # uniform in rows, the left one of the columns
    assert measured_shift(up(kernel)) == (0, -0.5)


PLAIN, COLOUR = np.ones((4, 4)), np.ones((4, 4, 3))
SQUARE, FOUR = np.ones((2, 2)), np.ones((2, 2, 5, 3))
NAN = np.full((4, 4), np.nan)


@pytest.mark.parametrize("form", [*FORMS, convolve])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((np.ones(4), SQUARE, 2), "image must have 2 or 3 axes, not 1"),
        ((np.ones((0, 4)), SQUARE, 2), "image is empty"),
        ((NAN, SQUARE, 2), "image holds NaN"),
        ((PLAIN, np.full((2, 2), np.inf), 2), "kernel holds NaN or infinity"),
        ((PLAIN, np.ones((2, 3)), 2), "kernel must be square, not 2x3"),
        ((PLAIN, np.ones((0, 0)), 2), "kernel is empty"),
        ((PLAIN, FOUR, 2), "kernel for an image of 2 axes must have 2 axes, not 4"),
        ((COLOUR, SQUARE, 2), "kernel for an image of 3 axes must have 4 axes, not 2"),
        ((COLOUR, np.ones((2, 2, 2, 2)), 2), "3 channels do not fit axis [23] of a kernel"),
        ((PLAIN, SQUARE, 0), "stride must be a whole number of at least 1, not 0"),
        ((PLAIN, SQUARE, 1.5), "stride must be a whole number of at least 1, not 1.5"),
        ((PLAIN, SQUARE, True), "stride must be a whole number"),
    ],
)
def test_wrong_arguments_of_convolutions(form, arguments, words):
    with pytest.raises(ValueError, match=words):
        form(*arguments)


@pytest.mark.parametrize("values", [[["a"]], [[1j]], [[None]]])
def test_what_is_not_a_number(values):
    with pytest.raises(TypeError, match="image must hold whole numbers or floats"):
        stamp_and_add(values, SQUARE, 1)


@pytest.mark.parametrize(
    ("function", "arguments", "words"),
    [
        (convolve, (PLAIN, np.ones((5, 5))), "a 5x5 kernel does not fit into 4x4 pixels"),
        (convolution_matrix, ((4, 1), SQUARE, 1), "a 2x2 kernel does not fit into 4x1 pixels"),
        (convolution_matrix, ((4, 4), FOUR, 1), "must have 2 axes, not 4"),
        (convolution_matrix, ((4, 0), SQUARE, 1), "shape must be"),
        (convolution_matrix, ((4, 4), SQUARE, 0), "stride must be"),
        (insert_zeros, (PLAIN, 0, 2), "kernel_size must be a whole number of at least 1"),
        (insert_zeros, (PLAIN, 2, 0), "stride must be a whole number of at least 1"),
        (forward_backward, (PLAIN, SQUARE, 2, PLAIN), r"gradient must have the shape \(2, 2\)"),
        (forward_backward, (PLAIN, SQUARE, 2, NAN), "gradient holds NaN"),
        (forward_backward, (NAN, SQUARE, 2, PLAIN), "large holds NaN"),
        (numeric_gradient, (np.sum, NAN), "at holds NaN"),
        (numeric_gradient, (np.sum, PLAIN, 0), "step must be a number above 0, not 0"),
        (stamp_counts, ((0, 4), 2, 2), "size must be"),
        (stamp_counts, ((4, 4), 0, 2), "kernel_size must be"),
        (has_even_overlap, (2, 0), "stride must be"),
        (bilinear_kernel, (0,), "size must be"),
        (upsample_convolve, (PLAIN, np.ones((2, 3))), "kernel must be square"),
        (upsample_convolve, (PLAIN, np.ones((0, 0))), "kernel is empty"),
        (upsample_convolve, (PLAIN, 3.0), "kernel for an image of 2 axes"),
        (upsample_convolve, (PLAIN, SQUARE, 0), "factor must be"),
        (
            sum_of_blocks,
            (np.ones((4, 5)), 2),
            r"factor must divide both sides of the shape \(4, 5\)",
        ),
        (sum_of_blocks, (PLAIN, 0), "factor must be"),
        (measured_shift, (lambda image: np.zeros((32, 32)),), "sum is 0"),
        (measured_shift, (lambda image: np.full((32, 32), np.nan),), "returns holds NaN"),
        (measured_shift, (lambda image: image,), r"must double \(16, 16\), not return"),
        (measured_shift, (np.sum, 0), "size must be"),
    ],
)
def test_wrong_arguments_of_the_others(function, arguments, words):
    with pytest.raises(ValueError, match=words):
        function(*arguments)
