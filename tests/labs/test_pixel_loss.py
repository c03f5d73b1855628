"""Softmax and cross-entropy in numpy against Keras and against numbers worked out by hand."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.geometry.box import OutOfRangeError
from unetviz.labs.pixel_loss import cross_entropy, explain_pixel, permuted_pixels, softmax

RANDOM = np.random.default_rng(0)
SCORES = RANDOM.normal(0, 3, (5, 7, 4))
LABELS = RANDOM.integers(0, 4, (5, 7))


@pytest.mark.keras
def test_the_losses_are_those_of_keras():
    import keras

    each = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=None)
    mean = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for classes, scale in product([2, 5, 21], [0.1, 3, 40]):
        random = np.random.default_rng(classes)
        scores = random.normal(0, scale, (6, 9, classes))
        labels = random.integers(0, classes, (6, 9))
        single = scores.astype("float32")
        losses = cross_entropy(scores, labels)
        expected = np.asarray(each(labels, single))
        np.testing.assert_allclose(losses, expected, rtol=1e-5, atol=1e-5)
        assert losses.mean() == pytest.approx(float(mean(labels, single)), rel=1e-5, abs=1e-6)


@pytest.mark.keras
def test_softmax_is_that_of_keras():
    import keras

    expected = np.asarray(keras.ops.softmax(SCORES.astype("float32"), axis=-1))
    np.testing.assert_allclose(softmax(SCORES), expected, rtol=1e-5, atol=1e-7)


def test_probabilities_are_positive_add_up_and_keep_the_order():
    found = softmax(SCORES)
    assert found.shape == SCORES.shape
    assert (found > 0).all()
    np.testing.assert_allclose(found.sum(axis=-1), 1)
    np.testing.assert_array_equal(found.argsort(axis=-1), SCORES.argsort(axis=-1))


def test_a_number_added_to_all_scores_of_a_pixel_changes_nothing():
    moved = SCORES + RANDOM.normal(0, 50, (5, 7, 1))
    np.testing.assert_allclose(softmax(moved), softmax(SCORES))
    losses = cross_entropy(SCORES, LABELS)
    np.testing.assert_allclose(cross_entropy(moved, LABELS), losses, atol=1e-12)


def test_the_loss_is_minus_the_logarithm_of_the_true_probability():
    probabilities = np.take_along_axis(softmax(SCORES), LABELS[..., np.newaxis], axis=-1)[..., 0]
    np.testing.assert_allclose(cross_entropy(SCORES, LABELS), -np.log(probabilities))


def test_who_says_nothing_loses_the_logarithm_of_the_classes():
    losses = cross_entropy(np.full((2, 3, 5), -7), np.arange(6).reshape(2, 3) % 5)
    np.testing.assert_allclose(losses, math.log(5))


def test_large_scores_neither_overflow_nor_become_infinite():
    scores = [[[1e4, 0, -1e4]] * 3]
    np.testing.assert_array_equal(softmax(scores), [[[1, 0, 0]] * 3])
    np.testing.assert_allclose(cross_entropy(scores, [[0, 1, 2]]), [[0, 1e4, 2e4]])


def test_whole_numbers_and_booleans_will_do():
    found = cross_entropy(np.zeros((1, 2, 2), int), np.array([[True, False]]))
    np.testing.assert_allclose(found, math.log(2))


def test_one_pixel_worked_out_by_hand():
    found = explain_pixel([[[0, 0], [2, 0]]], [[0, 1]], 0, 1)
    assert found.scores == (2, 0)
    assert found.exponentials == pytest.approx((7.389056, 1))
    assert found.probabilities == pytest.approx((0.880797, 0.119203), abs=1e-6)
    assert found.label == 1
    assert found.loss == pytest.approx(2.126928)


def test_each_pixel_explained_is_the_pixel_of_the_image():
    losses, probabilities = cross_entropy(SCORES, LABELS), softmax(SCORES)
    for row, col in np.ndindex(LABELS.shape):
        found = explain_pixel(SCORES, LABELS, row, col)
        assert found.scores == tuple(SCORES[row, col])
        assert found.label == LABELS[row, col]
        assert found.loss == losses[row, col]
        assert found.probabilities == tuple(probabilities[row, col])
        shares = np.array(found.exponentials) / sum(found.exponentials)
        np.testing.assert_allclose(found.probabilities, shares)
    assert all(type(number) is float for number in (*found.scores, *found.exponentials, found.loss))
    assert type(found.label) is int


def test_an_exponential_too_large_for_a_float_spoils_nothing():
    found = explain_pixel([[[1000, 999]]], [[1]], 0, 0)
    assert found.exponentials == (math.inf, math.inf)
    assert found.probabilities == pytest.approx((0.731059, 0.268941), abs=1e-6)
    assert found.loss == pytest.approx(1.313262)


def test_wrong_scores_and_labels_are_named():
    for scores, labels, *named in (
        (SCORES[0], LABELS, "scores", "(7, 4)"),
        (SCORES[np.newaxis], LABELS, "scores", "(1, 5, 7, 4)"),
        (SCORES, LABELS.T, "labels", "(5, 7)", "not (7, 5)"),
        (SCORES, LABELS[..., np.newaxis], "labels", "(5, 7, 1)"),
        (SCORES, LABELS + 1, "labels", "from 0 to 3", "not 4"),
        (SCORES, LABELS - 1, "labels", "from 0 to 3", "not -1"),
        (SCORES * np.nan, LABELS, "scores", "NaN"),
        (np.full((5, 7, 4), np.inf), LABELS, "scores", "infinity"),
        (np.zeros((5, 7, 0)), LABELS, "scores", "empty"),
    ):
        assert_refused(lambda s=scores, t=labels: cross_entropy(s, t), *named)
        assert_refused(lambda s=scores, t=labels: explain_pixel(s, t, 0, 0), *named)
    for scores, labels, *named in (
        (SCORES, LABELS.astype(float), "labels", "float64", "astype(int)"),
        (SCORES.astype(str), LABELS, "scores", "<U"),
    ):
        assert_refused(lambda s=scores, t=labels: cross_entropy(s, t), *named, error=TypeError)
        assert_refused(
            lambda s=scores, t=labels: explain_pixel(s, t, 0, 0), *named, error=TypeError
        )


def test_softmax_of_what_are_no_scores_is_refused():
    for scores in (1.5, [], [1, math.nan]):
        assert_refused(lambda s=scores: softmax(s), "scores")
    for scores in ("high", None):
        assert_refused(lambda s=scores: softmax(s), "scores", error=TypeError)


def test_pixels_that_are_not_there_are_named():
    for row, col, *named in ((5, 0, "row", "0 to 4"), (0, -1, "col", "not -1")):
        assert_refused(
            lambda r=row, c=col: explain_pixel(SCORES, LABELS, r, c), *named, error=OutOfRangeError
        )
    for wrong in (1.5, "0", None, True):
        assert_refused(lambda r=wrong: explain_pixel(SCORES, LABELS, r, 0), "row", repr(wrong))


@settings(max_examples=examples(30))
@given(st.tuples(st.integers(1, 9), st.integers(1, 9)), st.integers(0, 100))
def test_a_permutation_holds_each_pixel_once(shape, seed):
    order = permuted_pixels(shape, seed)
    assert order.shape == shape
    assert order.dtype.kind == "i"
    assert sorted(order.ravel().tolist()) == list(range(shape[0] * shape[1]))
    np.testing.assert_array_equal(permuted_pixels(shape, seed), order)


def test_pixels_move_whole_and_by_the_seed():
    image = np.random.default_rng(0).random((6, 8, 3))
    order = permuted_pixels((6, 8))
    mixed = image.reshape(48, -1)[order]
    assert mixed.shape == image.shape
    for place, number in np.ndenumerate(order):
        np.testing.assert_array_equal(mixed[place], image[divmod(int(number), 8)])
    assert (order != np.arange(48).reshape(6, 8)).any()
    assert (order != permuted_pixels((6, 8), seed=1)).any()


def test_the_mean_loss_does_not_depend_on_the_order_of_pixels():
    order = permuted_pixels(LABELS.shape)
    scores, labels = SCORES.reshape(-1, 4)[order], LABELS.ravel()[order]
    losses = cross_entropy(SCORES, LABELS)
    assert cross_entropy(scores, labels).mean() == pytest.approx(losses.mean())
