"""Where the gradient begins: against a tape over Keras' softmax and the training loss."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from unetviz.labs.backprop.loss import scores_backward
from unetviz.nets.training.steps import weighted_loss

pytestmark = pytest.mark.keras

seeds = st.integers(0, 2**32 - 1)
sides = st.tuples(st.integers(1, 7), st.integers(1, 7))
quickly = settings(max_examples=40, deadline=None)


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


@quickly
@given(sides, st.integers(1, 4), st.sampled_from([1, 60]), st.booleans(), seeds)
def test_loss(size, classes, spread, is_weighted, seed):
    """Large scores make probabilities so small that the loss is held: then the gradient is 0."""
    random = np.random.default_rng(seed)
    scores = tf.constant(spread * normal(seed, 1, *size, classes), tf.float32)
    mask = random.integers(0, max(classes, 2), size)
    weights = random.random(size).astype("float32") + 0.1 if is_weighted else None
    with tf.GradientTape() as tape:
        tape.watch(scores)
        activation = tf.nn.softmax if classes > 1 else tf.sigmoid
        probabilities = activation(scores)
        given_weights = None if weights is None else weights[np.newaxis]
        loss = weighted_loss(probabilities, mask[np.newaxis], given_weights)
    expected = tape.gradient(loss, scores)[0].numpy()
    found = scores_backward(probabilities[0].numpy(), mask, weights)
    assert_allclose(found, expected, atol=1e-6)
