"""Each rule of the way back: against straight loops, and against numeric differences.

The loops walk over everything that was computed on the way forward and hand the gradient back to
whatever took part; the numeric differences use forward passes that are written here as well.
"""

from itertools import product
from math import ceil

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from unetviz.labs.backprop.convolutions import (
    convolution_backward,
    convolution_weights_backward,
    transposed_backward,
    transposed_weights_backward,
)
from unetviz.labs.backprop.loss import scores_backward
from unetviz.labs.backprop.steps import (
    addition_backward,
    concatenation_backward,
    crop_backward,
    dropout_backward,
    pooling_backward,
    relu_backward,
)

seeds = st.integers(0, 2**32 - 1)
sides = st.tuples(st.integers(1, 6), st.integers(1, 6))
channels = st.integers(1, 3)
paddings = st.sampled_from(["valid", "same"])
quickly = settings(max_examples=60, deadline=None)


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def slope(function, at, gradient, step=1e-5):
    """Change of sum(function(at) * gradient) with each number of `at`, by trying."""
    found = np.zeros(at.shape)
    for index in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[index] += step
        down[index] -= step
        found[index] = ((function(up) - function(down)) * gradient).sum() / (2 * step)
    return found


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


@settings(max_examples=25, deadline=None)
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


@settings(max_examples=25, deadline=None)
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


@quickly
@given(sides, channels, st.integers(1, 4), st.booleans(), seeds)
def test_max_pooling_gives_to_the_first_of_the_largest(size, count, window, ties, seed):
    window = min(window, *size)
    random = np.random.default_rng(seed)
    maps = random.integers(0, 3, (*size, count)).astype(float)
    if not ties:
        maps = random.permutation(maps.size).reshape(maps.shape) / 8
    gradient = normal(seed, size[0] // window, size[1] // window, count)
    expected = np.zeros(maps.shape)
    for i, j, c in np.ndindex(gradient.shape):
        best = None
        for y, x in product(*(range(n * window, (n + 1) * window) for n in (i, j))):
            if best is None or maps[y, x, c] > maps[best][c]:
                best = y, x
        expected[best][c] = gradient[i, j, c]
    found = pooling_backward(maps, gradient, window)
    assert found.dtype == np.float64
    assert_array_equal(found, expected)
    if not ties:

        def pooled(x):
            blocks = [
                x[i * window : (i + 1) * window, j * window : (j + 1) * window].max(axis=(0, 1))
                for i, j in np.ndindex(gradient.shape[:2])
            ]
            return np.reshape(blocks, gradient.shape)

        assert_allclose(found, slope(pooled, maps, gradient), atol=1e-6)


@quickly
@given(sides, channels, seeds)
def test_relu_is_a_gate(size, count, seed):
    before = np.random.default_rng(seed).integers(-3, 4, (*size, count)) + 0.25
    before[0, 0, 0] = -1.0
    gradient = normal(seed, *size, count)
    outputs = np.maximum(before, 0)
    expected = [g if o > 0 else 0 for g, o in zip(gradient.flat, outputs.flat, strict=True)]
    found = relu_backward(gradient, outputs)
    assert_array_equal(found.ravel(), expected)
    assert_allclose(found, slope(lambda x: np.maximum(x, 0), before, gradient), atol=1e-6)


def test_relu_does_not_let_pass_what_was_exactly_zero():
    assert_array_equal(relu_backward(np.full((1, 2, 1), -5), [[[0], [1e-30]]]).ravel(), [0, -5])


@quickly
@given(sides, st.lists(st.integers(1, 3), min_size=1, max_size=4), seeds)
def test_a_concatenation_splits_in_order(size, counts, seed):
    maps = [normal(seed + n, *size, c) for n, c in enumerate(counts)]
    gradient = normal(seed, *size, sum(counts))
    found = concatenation_backward(gradient, counts)
    assert len(found) == len(counts)
    start = 0
    for number, (part, count) in enumerate(zip(found, counts, strict=True)):
        for c in range(count):
            assert_array_equal(part[..., c], gradient[..., start + c])

        def beside(x, number=number):
            return np.concatenate([*maps[:number], x, *maps[number + 1 :]], axis=-1)

        assert_allclose(part, slope(beside, maps[number], gradient), atol=1e-6)
        start += count
    found[0][:] = 0
    assert gradient.all()


@quickly
@given(sides, channels, st.integers(1, 3), seeds)
def test_an_addition_gives_the_same_to_each(size, channels, count, seed):
    maps = normal(seed, count, *size, channels)
    gradient = normal(seed + 1, *size, channels)
    found = addition_backward(gradient, count)
    expected = slope(lambda x: x.sum(axis=0), maps, gradient)
    assert_allclose(found, expected, atol=1e-6)
    found[0][:] = 0
    assert gradient.all()
    for other in found[1:]:
        assert_array_equal(other, gradient)


amounts = st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2)


@quickly
@given(sides, channels, amounts, seeds)
def test_a_crop_pads_with_zeros(size, count, amounts, seed):
    (top, bottom), (left, right) = amounts
    gradient = normal(seed, *size, count)
    shape = (top + size[0] + bottom, left + size[1] + right, count)
    found, expected = crop_backward(gradient, amounts), np.zeros(shape)
    for i, j in np.ndindex(size):
        expected[top + i, left + j] = gradient[i, j]
    assert_array_equal(found, expected)

    def cropped(x):
        return x[top : top + size[0], left : left + size[1]]

    assert_allclose(found, slope(cropped, normal(seed, *shape), gradient), atol=1e-6)


@quickly
@given(sides, channels, st.floats(0, 0.9), seeds)
def test_dropout_masks_and_scales(size, count, rate, seed):
    kept = np.random.default_rng(seed).random((*size, count)) >= rate
    gradient = normal(seed, *size, count)
    found = dropout_backward(gradient, kept, rate)
    pairs = zip(gradient.flat, kept.flat, strict=True)
    assert_allclose(found.ravel(), [g / (1 - rate) if k else 0 for g, k in pairs], rtol=1e-12)

    def dropped(x):
        return np.where(kept, x / (1 - rate), 0)

    assert_allclose(found, slope(dropped, normal(seed, *size, count), gradient), atol=1e-6)


def mean_loss(scores, mask, weights):
    """Mean of -log p(right class), pixel by pixel; one score is that of foreground."""
    total = 0.0
    for i, j in np.ndindex(mask.shape):
        s = scores[i, j]
        if len(s) == 1:
            right = 1 / (1 + np.exp(-s[0] if mask[i, j] else s[0]))
        else:
            right = np.exp(s[mask[i, j]]) / np.exp(s).sum()
        total -= weights[i, j] * np.log(right)
    return total / weights.sum()


def probabilities_of(scores):
    if scores.shape[2] == 1:
        return 1 / (1 + np.exp(-scores))
    return np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)


@quickly
@given(sides, st.integers(1, 4), st.booleans(), seeds)
@example((1, 1), 1, False, 0)
def test_the_loss_gives_probability_minus_one_for_the_right_class(size, classes, weighted, seed):
    random = np.random.default_rng(seed)
    scores, mask = 2 * normal(seed, *size, classes), random.integers(0, max(classes, 2), size)
    weights = random.random(size) + 0.1 if weighted else np.ones(size)
    probabilities = probabilities_of(scores)
    found = scores_backward(probabilities, mask, weights if weighted else None)
    expected = np.zeros(scores.shape)
    for i, j, c in np.ndindex(scores.shape):
        is_right = mask[i, j] == (1 if classes == 1 else c)
        expected[i, j, c] = (probabilities[i, j, c] - is_right) * weights[i, j] / weights.sum()
    assert_allclose(found, expected, atol=1e-12)
    one = np.ones(())
    numeric = slope(lambda x: mean_loss(x, mask, weights), scores, one)
    assert_allclose(found, numeric, atol=1e-7)
    if classes > 1:
        assert_allclose(found.sum(axis=-1), 0, atol=1e-12)


def test_nothing_depends_on_scores_of_a_pixel_whose_loss_is_held():
    given_up = np.array([[[1 - 1e-9, 1e-9], [0.5, 0.5]]])
    assert_array_equal(scores_backward(given_up, [[1, 1]])[0], [[0, 0], [0.25, -0.25]])
    found = scores_backward(given_up, [[1, 1]], smallest=0)
    assert_allclose(found[0, 0], [0.5, -0.5], atol=1e-8)


def test_a_weight_of_zero_takes_a_pixel_out():
    probabilities = np.array([[[0.25, 0.75], [0.5, 0.5]]])
    found = scores_backward(probabilities, [[0, 1]], [[0, 2]])
    assert_array_equal(found, [[[0, 0], [0.5, -0.5]]])


def test_arguments_stay_as_they_are():
    maps, kernel, gradient = normal(0, 4, 4, 2), normal(1, 2, 2, 2, 2), normal(2, 8, 8, 2)
    copies = [array.copy() for array in (maps, kernel, gradient)]
    relu_backward(maps, maps)
    pooling_backward(gradient, maps, 2)
    transposed_backward(gradient, kernel, 2)
    transposed_weights_backward(maps, gradient, 2, 2)
    convolution_backward(gradient, kernel, (8, 8), 1, "same")
    for array, copy in zip((maps, kernel, gradient), copies, strict=True):
        assert_array_equal(array, copy)


KERNEL, MAP = np.ones((3, 3, 2, 4)), np.ones((2, 2, 4))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: relu_backward(MAP, MAP[:1]), r"gradient must have the shape \(1, 2, 4\)"),
        (lambda: relu_backward(MAP[0], MAP[0]), "outputs must have 3 axes, not 2"),
        (lambda: relu_backward(MAP * np.nan, MAP), "gradient holds NaN or infinity"),
        (lambda: convolution_backward(MAP, KERNEL, (5, 5)), r"shape \(3, 3, 4\), not \(2, 2, 4\)"),
        (lambda: convolution_backward(MAP, KERNEL, (2, 9)), "3x3 kernel does not fit into 2x9"),
        (lambda: convolution_backward(MAP, KERNEL[0], (4, 4)), "kernel must have 4 axes, not 3"),
        (lambda: convolution_backward(MAP, KERNEL, (4, 4), 0), "stride must be a whole number"),
        (lambda: convolution_backward(MAP, KERNEL, (4, 4), 1, "full"), "padding must be"),
        (lambda: convolution_weights_backward(MAP, MAP, 3, 1), "does not fit into 2x2"),
        (lambda: convolution_weights_backward(MAP, MAP, 2, 1), r"shape \(1, 1, 4\)"),
        (lambda: transposed_backward(np.ones((5, 4, 2)), KERNEL[:2, :2], 2), "can be 2, 4"),
        (lambda: transposed_backward(MAP, KERNEL, 2), "with a kernel of 3 and stride 2"),
        (lambda: transposed_backward(np.ones((3, 3, 1)), KERNEL, 2), "1 channels do not fit"),
        (lambda: transposed_weights_backward(MAP, MAP, 2, 2), r"shape \(4, 4, 4\)"),
        (lambda: concatenation_backward(MAP, (1, 2)), "add up to the gradient's 4, not to 3"),
        (lambda: concatenation_backward(MAP, (4, 0)), "whole numbers of at least 1"),
        (lambda: addition_backward(MAP, 0), "count must be a whole number of at least 1"),
        (lambda: crop_backward(MAP, ((1, -1), (0, 0))), "amounts must be a whole number"),
        (lambda: crop_backward(MAP, ((1, 1),)), "top, bottom"),
        (lambda: pooling_backward(MAP, MAP, 3), "window must be a whole number from 1 to 2"),
        (lambda: pooling_backward(MAP, MAP, 2), r"shape \(1, 1, 4\)"),
        (lambda: dropout_backward(MAP, MAP > 0, 1), "rate must be a number from 0"),
        (lambda: scores_backward(2 * MAP, [[0, 0], [0, 0]]), "take them after the softmax"),
        (lambda: scores_backward(MAP, [[0, 0]]), r"mask must have the shape \(2, 2\)"),
        (lambda: scores_backward(MAP, [[0, 4], [0, 0]]), "classes from 0 to 3, not 4"),
        (lambda: scores_backward(MAP[..., :1], [[0, 2], [0, 0]]), "classes from 0 to 1, not 2"),
        (lambda: scores_backward(MAP, [[0, 1], [0, 0]], np.zeros((2, 2))), "not all 0"),
        (lambda: scores_backward(MAP, [[0, 1], [0, 0]], np.ones((2, 3))), "weights must have"),
    ],
)
def test_what_does_not_fit_is_said(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: dropout_backward(MAP, MAP, 0.5), "kept must hold True and False"),
        (lambda: scores_backward(MAP, [[0.5, 1], [0, 0]]), "mask must hold whole numbers"),
        (lambda: relu_backward(MAP.astype(str), MAP), "gradient must hold"),
    ],
)
def test_what_is_no_number_is_said(call, words):
    with pytest.raises(TypeError, match=words):
        call()
