"""Convolution and its transpose in three forms, against each other and against Keras."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.geometry.index_maps import stamp
from unetviz.geometry.links import forward_links
from unetviz.geometry.ops import Convolution, Upsampling
from unetviz.labs.backprop.links import backward
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
"""Size of the small map, kernel and stride; the last is that of FCN-32s."""

sizes = st.tuples(st.integers(1, 6), st.integers(1, 6))
channels = st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3))
seeds = st.integers(0, 2**32 - 1)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def small_and_kernel(size, kernel_size, c_in, c_out, seed=0):
    """A small map and a kernel for its transposed convolution."""
    weights = normal(kernel_size, kernel_size, c_out, c_in, seed=seed + 1)
    return normal(*size, c_in, seed=seed), weights


@pytest.mark.keras
def test_each_form_is_what_keras_computes():
    from support.keras_layers import apply_layer, up_layer

    for size, kernel_size, stride in CASES:
        image, kernel = small_and_kernel(size, kernel_size, 2, 3)
        expected = apply_layer(up_layer(kernel, stride), image, kernel)
        for form in FORMS:
            result = form(image, kernel, stride)
            assert result.shape == expected.shape
            assert_allclose(result, expected, atol=1e-5)


@settings(max_examples=examples(60))
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
    convolve(image, kernel, 2)
    assert_array_equal(image, copies[0])
    assert_array_equal(kernel, copies[1])


def test_insert_zeros_keeps_the_pixels_and_adds_only_zeros():
    image = np.arange(1, 13).reshape(3, 4)
    for kernel_size, stride in KERNELS:
        result = insert_zeros(image, kernel_size, stride)
        first = kernel_size - 1
        assert_array_equal(result[first::stride, first::stride][:3, :4], image)
        assert np.count_nonzero(result) == 12
        assert not result[:first].any()
        # After the last pixel, too, there are kernel_size - 1 zeros, or stride - 1 if that is more.
        assert result.shape[0] == first + 2 * stride + max(kernel_size, stride)
        assert result[first + 2 * stride].any()


def convolved(image, kernel, stride):
    """A convolution without padding as its definition says, window by window."""
    k = len(kernel)
    tops, lefts = (range(0, n - k + 1, stride) for n in image.shape[:2])
    result = np.zeros((len(tops), len(lefts), kernel.shape[3]))
    for (i, top), (j, left) in product(enumerate(tops), enumerate(lefts)):
        for a, b in np.ndindex(k, k):
            result[i, j] += image[top + a, left + b] @ kernel[a, b]
    return result


@settings(max_examples=examples(40))
@given(sizes, st.integers(1, 4), st.integers(1, 5), channels, seeds)
def test_convolve_sums_over_windows(size, kernel_size, stride, channels, seed):
    assume(kernel_size <= min(size))
    c_in, c_out = channels or (1, 1)
    image = normal(*size, c_in, seed=seed)
    kernel = normal(kernel_size, kernel_size, c_in, c_out, seed=seed + 1)
    expected = convolved(image, kernel, stride)
    assert_allclose(convolve(image, kernel, stride), expected, atol=1e-12)
    if channels is None:
        flat = convolve(image[..., 0], kernel[..., 0, 0], stride)
        assert_allclose(flat, expected[..., 0], atol=1e-12)


@pytest.mark.keras
def test_convolve_is_what_keras_computes():
    from support.keras_layers import apply_layer, down_layer

    for size, (kernel_size, stride) in product([(9, 8), (5, 7)], [*KERNELS, (3, 3), (2, 5)]):
        image = normal(*size, 2)
        kernel = normal(kernel_size, kernel_size, 2, 3, seed=1)
        expected = apply_layer(down_layer(kernel, stride), image, kernel)
        result = convolve(image, kernel, stride)
        assert result.shape == expected.shape
        assert_allclose(result, expected, atol=1e-5)


@settings(max_examples=examples(40))
@given(sizes, st.integers(1, 4), st.integers(1, 5), seeds)
def test_the_matrix_times_a_flat_map_is_the_convolution(size, kernel_size, stride, seed):
    assume(kernel_size <= min(size))
    large, kernel = normal(*size, seed=seed), normal(kernel_size, kernel_size, seed=seed + 1)
    expected = convolve(large, kernel, stride)
    matrix = convolution_matrix(size, kernel, stride)
    assert matrix.shape == (expected.size, large.size)
    assert matrix.nnz == expected.size * kernel.size
    assert_allclose(matrix @ large.ravel(), expected.ravel(), atol=1e-12)


@pytest.mark.keras
def test_backward_pass_of_one_is_the_forward_pass_of_the_other():
    import tensorflow as tf
    from support.keras_layers import tape_gradient

    for size, kernel_size, stride in CASES:
        small, kernel = small_and_kernel(size, kernel_size, 2, 3)
        large = stamp_and_add(small, kernel, stride)
        up_gradient = normal(*large.shape, seed=2)

        def up(maps, kernel=kernel, shape=large.shape, stride=stride):
            return tf.nn.conv2d_transpose(maps, kernel, (1, *shape), stride, padding="VALID")

        by_tape = tape_gradient(up, small, up_gradient)
        assert_allclose(convolve(up_gradient, kernel, stride), by_tape, atol=1e-6)

        def down(maps, kernel=kernel, stride=stride):
            return tf.nn.conv2d(maps, kernel, stride, padding="VALID")

        by_tape = tape_gradient(down, up_gradient, small)
        assert_allclose(stamp_and_add(small, kernel, stride), by_tape, atol=1e-6)


PLAIN, COLOUR = np.ones((4, 4)), np.ones((4, 4, 3))
SQUARE, FOUR = np.ones((2, 2)), np.ones((2, 2, 5, 3))
NAN = np.full((4, 4), np.nan)


def test_wrong_arguments_of_all_forms_are_named():
    for form, (image, kernel, stride, *named) in product(
        [*FORMS, convolve],
        [
            (np.ones(4), SQUARE, 2, "image", "2 or 3 axes", "not 1"),
            (np.ones((0, 4)), SQUARE, 2, "image", "empty"),
            (NAN, SQUARE, 2, "image", "NaN"),
            (PLAIN, np.full((2, 2), np.inf), 2, "kernel", "infinity"),
            (PLAIN, np.ones((2, 3)), 2, "kernel", "square", "2x3"),
            (PLAIN, np.ones((0, 0)), 2, "kernel", "empty"),
            (PLAIN, FOUR, 2, "kernel", "2 axes", "not 4"),
            (COLOUR, SQUARE, 2, "kernel", "4 axes", "not 2"),
            (COLOUR, np.ones((2, 2, 2, 2)), 2, "3 channels", "kernel", "(2, 2, 2, 2)"),
            (PLAIN, SQUARE, 0, "stride", "at least 1", "not 0"),
            (PLAIN, SQUARE, 1.5, "stride", "not 1.5"),
            (PLAIN, SQUARE, True, "stride"),
        ],
    ):
        assert_refused(lambda f=form, i=image, k=kernel, s=stride: f(i, k, s), *named)


def test_wrong_arguments_of_single_functions_are_named():
    for call, *named in (
        (lambda: convolve(PLAIN, np.ones((5, 5))), "5x5", "4x4"),
        (lambda: convolution_matrix((4, 1), SQUARE, 1), "2x2", "4x1"),
        (lambda: convolution_matrix((4, 4), FOUR, 1), "kernel", "2 axes", "not 4"),
        (lambda: convolution_matrix((4, 0), SQUARE, 1), "shape"),
        (lambda: convolution_matrix((4, 4), SQUARE, 0), "stride"),
        (lambda: insert_zeros(PLAIN, 0, 2), "kernel_size", "at least 1"),
        (lambda: insert_zeros(PLAIN, 2, 0), "stride", "at least 1"),
    ):
        assert_refused(call, *named)


def test_what_is_not_a_number_is_refused():
    for values in ([["a"]], [[1j]], [[None]]):
        assert_refused(lambda v=values: stamp_and_add(v, SQUARE, 1), "image", error=TypeError)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_backward_passes_are_the_links_read_backwards(stride):
    random = np.random.default_rng(stride)
    maps, kernel = random.integers(-4, 5, (7, 8, 2)), random.integers(-4, 5, (3, 3, 2, 3))
    gradient = random.integers(-4, 5, convolve(maps, kernel, stride).shape)
    operation = Convolution(3, stride=(stride, stride), activation="linear")
    links = forward_links(operation, maps, kernel=kernel)
    (expected,) = backward(links, gradient, [maps.shape])
    assert_array_equal(forward_backward(maps, kernel, stride, gradient), expected)

    links = forward_links(Upsampling((stride, stride)), maps)
    wide = random.integers(-4, 5, (7 * stride, 8 * stride, 2))
    (expected,) = backward(links, wide, [maps.shape])
    assert_array_equal(sum_of_blocks(wide, stride), expected)
    with pytest.raises(ValueError, match="gradient must have the shape"):
        forward_backward(maps, kernel, stride, gradient[:1])
