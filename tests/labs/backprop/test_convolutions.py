"""Backward passes of convolutions, against straight loops and against numeric differences.

The loops walk over everything that was computed on the way forward and hand the gradient back to
whatever took part; the numeric differences use forward passes that are written here as well.
"""

from itertools import product
from math import ceil

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from support.numeric_slopes import slope
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.labs.backprop.convolutions import (
    convolution_backward,
    convolution_weights_backward,
    forward_backward,
    transposed_backward,
    transposed_weights_backward,
)

seeds = st.integers(0, 2**32 - 1)
sides = st.tuples(st.integers(1, 6), st.integers(1, 6))
channels = st.integers(1, 3)
paddings = st.sampled_from(["valid", "same"])
quickly = settings(max_examples=examples(30))


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def padded_before(n, k, stride, padding):
    """Zeros in front of a side, as TensorFlow's documentation says."""
    return 0 if padding == "valid" else max((ceil(n / stride) - 1) * stride + k - n, 0) // 2


def size_after(n, k, stride, padding):
    return ceil(n / stride) if padding == "same" else (n - k) // stride + 1


def taps(shape, k, stride, padding):
    """Everything a convolution reads: output row and column, tap, input row and column."""
    tops = [padded_before(n, k, stride, padding) for n in shape]
    outs = [size_after(n, k, stride, padding) for n in shape]
    for i, j, a, b in product(*map(range, (*outs, k, k))):
        y, x = i * stride + a - tops[0], j * stride + b - tops[1]
        if 0 <= y < shape[0] and 0 <= x < shape[1]:
            yield i, j, a, b, y, x


def convolved(maps, kernel, stride, padding):
    k = len(kernel)
    outs = [size_after(n, k, stride, padding) for n in maps.shape[:2]]
    result = np.zeros((*outs, kernel.shape[3]))
    for i, j, a, b, y, x in taps(maps.shape[:2], k, stride, padding):
        result[i, j] += maps[y, x] @ kernel[a, b]
    return result


def stamped(maps, kernel, stride):
    """Transposed convolution without padding."""
    k = len(kernel)
    large = [(n - 1) * stride + max(k, stride) for n in maps.shape[:2]]
    result = np.zeros((*large, kernel.shape[2]))
    for i, j, a, b in product(*map(range, (*maps.shape[:2], k, k))):
        result[i * stride + a, j * stride + b] += kernel[a, b] @ maps[i, j]
    return result


@st.composite
def convolutions(draw):
    """Maps, a kernel, its stride and padding, and a gradient that fits."""
    size, padding = draw(sides), draw(paddings)
    k = draw(st.integers(1, 4 if padding == "same" else min(*size, 4)))
    stride, c_in, c_out, seed = draw(st.integers(1, 3)), draw(channels), draw(channels), draw(seeds)
    outs = [size_after(n, k, stride, padding) for n in size]
    maps, kernel = normal(seed, *size, c_in), normal(seed + 1, k, k, c_in, c_out)
    return maps, kernel, stride, padding, normal(seed + 2, *outs, c_out)


@quickly
@given(convolutions())
def test_a_convolution_gives_back_what_each_tap_read(case):
    maps, kernel, stride, padding, gradient = case
    expected = np.zeros(maps.shape)
    of_kernel = np.zeros(kernel.shape)
    for i, j, a, b, y, x in taps(maps.shape[:2], len(kernel), stride, padding):
        expected[y, x] += kernel[a, b] @ gradient[i, j]
        of_kernel[a, b] += np.outer(maps[y, x], gradient[i, j])
    found = convolution_backward(gradient, kernel, maps.shape[:2], stride, padding)
    assert found.dtype == np.float64
    assert_allclose(found, expected, atol=1e-12)
    weights, bias = convolution_weights_backward(maps, gradient, len(kernel), stride, padding)
    assert_allclose(weights, of_kernel, atol=1e-12)
    assert_allclose(bias, [gradient[..., c].sum() for c in range(gradient.shape[2])], atol=1e-12)


@settings(max_examples=examples(10))
@given(convolutions())
def test_a_convolution_changes_as_numeric_differences_say(case):
    maps, kernel, stride, padding, gradient = case
    found = convolution_backward(gradient, kernel, maps.shape[:2], stride, padding)
    expected = slope(lambda x: convolved(x, kernel, stride, padding), maps, gradient)
    assert_allclose(found, expected, atol=1e-6)
    weights, bias = convolution_weights_backward(maps, gradient, len(kernel), stride, padding)
    expected = slope(lambda x: convolved(maps, x, stride, padding), kernel, gradient)
    assert_allclose(weights, expected, atol=1e-6)
    out = convolved(maps, kernel, stride, padding)
    assert_allclose(bias, slope(lambda x: out + x, np.zeros(out.shape[2]), gradient), atol=1e-6)


@st.composite
def transposed(draw):
    k, stride, seed = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(seeds)
    maps = normal(seed, draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(channels))
    kernel = normal(seed + 1, k, k, draw(channels), maps.shape[2])
    return maps, kernel, stride, normal(seed + 2, *stamped(maps, kernel, stride).shape)


@quickly
@given(transposed())
def test_a_transposed_convolution_gives_back_what_each_stamp_wrote(case):
    maps, kernel, stride, gradient = case
    expected, of_kernel = np.zeros(maps.shape), np.zeros(kernel.shape)
    for i, j, a, b in product(*map(range, (*maps.shape[:2], *kernel.shape[:2]))):
        arrived = gradient[i * stride + a, j * stride + b]
        expected[i, j] += arrived @ kernel[a, b]
        of_kernel[a, b] += np.outer(arrived, maps[i, j])
    found = transposed_backward(gradient, kernel, stride)
    assert found.dtype == np.float64
    assert_allclose(found, expected, atol=1e-12)
    weights, bias = transposed_weights_backward(maps, gradient, len(kernel), stride)
    assert_allclose(weights, of_kernel, atol=1e-12)
    assert_allclose(bias, gradient.sum(axis=0).sum(axis=0), atol=1e-12)


@settings(max_examples=examples(10))
@given(transposed())
def test_a_transposed_convolution_changes_as_numeric_differences_say(case):
    maps, kernel, stride, gradient = case
    found = transposed_backward(gradient, kernel, stride)
    assert_allclose(found, slope(lambda x: stamped(x, kernel, stride), maps, gradient), atol=1e-6)
    weights, bias = transposed_weights_backward(maps, gradient, len(kernel), stride)
    expected = slope(lambda x: stamped(maps, x, stride), kernel, gradient)
    assert_allclose(weights, expected, atol=1e-6)
    out = stamped(maps, kernel, stride)
    assert_allclose(bias, slope(lambda x: out + x, np.zeros(out.shape[2]), gradient), atol=1e-6)


def test_the_rule_of_the_lesson_is_that_of_a_valid_convolution():
    cases = (
        ((6, 5), 2, 2, 2, 3),  # a column is lost
        ((5, 6), 2, 3, 1, 1),  # the stamps reach further than the map
        ((4, 4), 3, 1, 2, 1),
    )
    for size, k, stride, c_in, c_out in cases:
        maps, kernel = normal(0, *size, c_in), normal(1, k, k, c_in, c_out)
        gradient = normal(2, *(size_after(n, k, stride, "valid") for n in size), c_out)
        expected = np.zeros(maps.shape)
        for i, j, a, b, y, x in taps(size, k, stride, "valid"):
            expected[y, x] += kernel[a, b] @ gradient[i, j]
        found = forward_backward(maps, kernel, stride, gradient)
        assert_allclose(found, expected, atol=1e-12)
        one = forward_backward(maps[..., 0], kernel[..., 0, 0], stride, gradient[..., 0])
        alone = forward_backward(maps[..., :1], kernel[..., :1, :1], stride, gradient[..., :1])
        assert_array_equal(one, alone[..., 0])


def test_whole_numbers_stay_whole_numbers():
    found = forward_backward(np.zeros((2, 2), int), np.ones((2, 2), int), 1, [[3]])
    assert_array_equal(found, [[3, 3], [3, 3]])
    assert found.dtype == np.int64


def test_arguments_stay_as_they_are():
    maps, kernel, gradient = normal(0, 4, 4, 2), normal(1, 2, 2, 2, 2), normal(2, 8, 8, 2)
    copies = [array.copy() for array in (maps, kernel, gradient)]
    transposed_backward(gradient, kernel, 2)
    transposed_weights_backward(maps, gradient, 2, 2)
    convolution_backward(gradient, kernel, (8, 8), 1, "same")
    forward_backward(gradient, kernel, 2, maps)
    for array, copy in zip((maps, kernel, gradient), copies, strict=True):
        assert_array_equal(array, copy)


def test_wrong_arguments_are_named():
    kernel, maps = np.ones((3, 3, 2, 4)), np.ones((2, 2, 4))
    plain, square = np.ones((4, 4)), np.ones((2, 2))
    for call, *named in (
        (lambda: convolution_backward(maps, kernel, (5, 5)), "(3, 3, 4)", "not (2, 2, 4)"),
        (lambda: convolution_backward(maps, kernel, (2, 9)), "3x3", "2x9"),
        (lambda: convolution_backward(maps, kernel[0], (4, 4)), "kernel", "4 axes", "not 3"),
        (lambda: convolution_backward(maps, kernel, (4, 4), 0), "stride"),
        (lambda: convolution_backward(maps, kernel, (4, 4), 1, "full"), "padding", "'full'"),
        (lambda: convolution_weights_backward(maps, maps, 3, 1), "3x3", "2x2"),
        (lambda: convolution_weights_backward(maps, maps, 2, 1), "(1, 1, 4)"),
        (lambda: transposed_backward(np.ones((5, 4, 2)), kernel[:2, :2], 2), "5 x 4", "2, 4"),
        (lambda: transposed_backward(maps, kernel, 2), "kernel of 3", "stride 2"),
        (lambda: transposed_backward(np.ones((3, 3, 1)), kernel, 2), "1 channels"),
        (lambda: transposed_weights_backward(maps, maps, 2, 2), "(4, 4, 4)"),
        (lambda: forward_backward(plain, square, 2, plain), "gradient", "(2, 2)"),
        (lambda: forward_backward(plain, square, 2, plain * np.nan), "gradient", "NaN"),
        (lambda: forward_backward(plain * np.nan, square, 2, plain), "large", "NaN"),
    ):
        assert_refused(call, *named)
