"""Softmax and cross-entropy in numpy against Keras and against numbers worked out by hand."""

import math

import keras
import numpy as np
import pytest

from unetviz.geometry.box import OutOfRangeError
from unetviz.labs.pixel_loss import cross_entropy, explain_pixel, softmax

RANDOM = np.random.default_rng(0)
SCORES = RANDOM.normal(0, 3, (5, 7, 4))
LABELS = RANDOM.integers(0, 4, (5, 7))


@pytest.mark.parametrize("classes", [2, 5, 21])
@pytest.mark.parametrize("scale", [0.1, 3, 40])
def test_the_losses_are_those_of_keras(classes, scale):
    random = np.random.default_rng(classes)
    scores = random.normal(0, scale, (6, 9, classes))
    labels = random.integers(0, classes, (6, 9))
    each = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=None)
    expected = np.asarray(each(labels, scores.astype("float32")))
    np.testing.assert_allclose(cross_entropy(scores, labels), expected, rtol=1e-5, atol=1e-5)
    mean = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    found = cross_entropy(scores, labels).mean()
    assert found == pytest.approx(float(mean(labels, scores.astype("float32"))), rel=1e-5, abs=1e-6)


def test_softmax_is_that_of_keras():
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


@pytest.mark.parametrize(
    ("scores", "labels", "kind", "words"),
    [
        (SCORES[0], LABELS, ValueError, r"scores must have the shape .*, not \(7, 4\)"),
        (SCORES[np.newaxis], LABELS, ValueError, "scores must have the shape"),
        (SCORES, LABELS.T, ValueError, r"labels must have the shape \(5, 7\), not \(7, 5\)"),
        (SCORES, LABELS[..., np.newaxis], ValueError, "labels must have the shape"),
        (SCORES, LABELS + 1, ValueError, "labels must hold classes from 0 to 3, not 4"),
        (SCORES, LABELS - 1, ValueError, "labels must hold classes from 0 to 3, not -1"),
        (SCORES, LABELS.astype(float), TypeError, r"not float64; try labels.astype\(int\)"),
        (SCORES * np.nan, LABELS, ValueError, "NaN or infinity"),
        (np.full((5, 7, 4), np.inf), LABELS, ValueError, "NaN or infinity"),
        (np.zeros((5, 7, 0)), LABELS, ValueError, "scores is empty"),
        (SCORES.astype(str), LABELS, TypeError, "scores must hold .* not <U"),
    ],
)
def test_wrong_scores_and_labels(scores, labels, kind, words):
    with pytest.raises(kind, match=words):
        cross_entropy(scores, labels)
    with pytest.raises(kind, match=words):
        explain_pixel(scores, labels, 0, 0)


@pytest.mark.parametrize("scores", [1.5, [], "high", None, [1, math.nan]])
def test_softmax_of_what_are_no_scores(scores):
    with pytest.raises((TypeError, ValueError), match="score"):
        softmax(scores)


@pytest.mark.parametrize(
    ("row", "col", "words"), [(5, 0, "row must be from 0 to 4"), (0, -1, "col")]
)
def test_pixels_that_are_not_there(row, col, words):
    with pytest.raises(OutOfRangeError, match=words):
        explain_pixel(SCORES, LABELS, row, col)


@pytest.mark.parametrize("wrong", [1.5, "0", None, True])
def test_rows_and_columns_are_whole_numbers(wrong):
    with pytest.raises(ValueError, match="row must be a whole number"):
        explain_pixel(SCORES, LABELS, wrong, 0)
