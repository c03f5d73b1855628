"""The gradient of the loss, against its formula pixel by pixel and against numeric differences."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from support.numeric_slopes import slope
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.labs.backprop.loss import scores_backward

seeds = st.integers(0, 2**32 - 1)
sides = st.tuples(st.integers(1, 6), st.integers(1, 6))
channels = st.integers(1, 3)
quickly = settings(max_examples=examples(30))


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


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


def test_wrong_arguments_are_named():
    maps, mask = np.ones((2, 2, 4)), np.array([[0, 1], [0, 0]])
    for call, *named in (
        (lambda: scores_backward(2 * maps, mask), "probabilities", "softmax"),
        (lambda: scores_backward(maps, mask[:1]), "mask", "(2, 2)"),
        (lambda: scores_backward(maps, mask * 4), "mask", "0 to 3", "not 4"),
        (lambda: scores_backward(maps[..., :1], mask * 2), "mask", "0 to 1", "not 2"),
        (lambda: scores_backward(maps, mask, np.zeros((2, 2))), "weights", "not all 0"),
        (lambda: scores_backward(maps, mask, np.ones((2, 3))), "weights", "(2, 2)"),
    ):
        assert_refused(call, *named)
    assert_refused(lambda: scores_backward(maps, mask / 2), "mask", "whole", error=TypeError)
