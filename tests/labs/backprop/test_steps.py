"""Backward passes of single steps, against straight loops and against numeric differences."""

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from support.numeric_slopes import slope
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.labs.backprop.steps import (
    addition_backward,
    concatenation_backward,
    crop_backward,
    dropout_backward,
    pooling_backward,
    relu_backward,
    sum_of_blocks,
)

seeds = st.integers(0, 2**32 - 1)
sides = st.tuples(st.integers(1, 6), st.integers(1, 6))
channels = st.integers(1, 3)
quickly = settings(max_examples=examples(30))


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


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


@quickly
@given(sides, channels, st.integers(1, 4), seeds)
def test_nearest_up_sampling_adds_up_its_copies(size, count, factor, seed):
    gradient = normal(seed, size[0] * factor, size[1] * factor, count)

    def copied(x):
        return x.repeat(factor, axis=0).repeat(factor, axis=1)

    found = sum_of_blocks(gradient, factor)
    assert_allclose(found, slope(copied, np.zeros((*size, count)), gradient), atol=1e-6)
    assert_allclose(sum_of_blocks(gradient[..., 0], factor), found[..., 0], atol=1e-12)


def test_arguments_stay_as_they_are():
    maps, gradient = normal(0, 4, 4, 2), normal(2, 8, 8, 2)
    copies = maps.copy(), gradient.copy()
    relu_backward(maps, maps)
    pooling_backward(gradient, maps, 2)
    sum_of_blocks(gradient, 2)
    assert_array_equal(maps, copies[0])
    assert_array_equal(gradient, copies[1])


def test_wrong_arguments_are_named():
    maps = np.ones((2, 2, 4))
    for call, *named in (
        (lambda: relu_backward(maps, maps[:1]), "gradient", "(1, 2, 4)"),
        (lambda: relu_backward(maps[0], maps[0]), "outputs", "3 axes", "not 2"),
        (lambda: relu_backward(maps * np.nan, maps), "gradient", "NaN"),
        (lambda: concatenation_backward(maps, (1, 2)), "channels", "4", "not to 3"),
        (lambda: concatenation_backward(maps, (4, 0)), "channels", "at least 1"),
        (lambda: addition_backward(maps, 0), "count", "at least 1"),
        (lambda: crop_backward(maps, ((1, -1), (0, 0))), "amounts"),
        (lambda: crop_backward(maps, ((1, 1),)), "amounts", "top, bottom"),
        (lambda: pooling_backward(maps, maps, 3), "window", "from 1 to 2"),
        (lambda: pooling_backward(maps, maps, 2), "(1, 1, 4)"),
        (lambda: dropout_backward(maps, maps > 0, 1), "rate"),
        (lambda: sum_of_blocks(np.ones((4, 5)), 2), "factor", "(4, 5)"),
        (lambda: sum_of_blocks(np.ones((4, 4)), 0), "factor"),
    ):
        assert_refused(call, *named)
    assert_refused(lambda: dropout_backward(maps, maps, 0.5), "kept", error=TypeError)
    assert_refused(lambda: relu_backward(maps.astype(str), maps), "gradient", error=TypeError)
