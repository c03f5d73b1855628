"""Training in steps: the loss, one step after the other, and how it can be left."""

import logging
import math
from itertools import product

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras.layers import Softmax

import unetviz as uv
from unetviz.labs.synthetic.examples import Batch, SyntheticExamples
from unetviz.nets.build import build
from unetviz.nets.training import steps as training
from unetviz.nets.training.steps import train_steps, weighted_loss

pytestmark = pytest.mark.keras

SPEC = uv.UNetSpec(16, depth=1, base_filters=2, padding="same")
MADE = SyntheticExamples((16, 16), (16, 16), batch=2, border_weight=0.0, drawn=16)


def examples(number, brightness=1.0):
    """Random images, masks and weights: the same for the same number."""
    random = np.random.default_rng(number)
    return Batch(
        brightness * random.random((2, 16, 16, 1), "float32"),
        random.integers(2, size=(2, 16, 16)).astype("uint8"),
        random.uniform(0.5, 3, (2, 16, 16)).astype("float32"),
    )


def ending_in(*layers):
    """Two scores for each pixel, then other layers; a graph of it is made quickly."""
    keras.utils.set_random_seed(1)
    source = keras.Input((16, 16, 1))
    x = keras.layers.Conv2D(3, 3, padding="same", activation="relu")(source)
    x = keras.layers.Conv2D(2, 1)(x)
    for layer in layers:
        x = layer(x)
    return keras.Model(source, x)


def loss_pixel_by_pixel(probabilities, masks, weights=None):
    total = count = 0.0
    for where, label in np.ndenumerate(masks):
        p = probabilities[where]
        right = (p[0] if label else 1 - p[0]) if len(p) == 1 else p[label]
        weight = 1.0 if weights is None else float(weights[where])
        total -= weight * math.log(max(float(right), 1e-7))
        count += weight
    return total / count


def test_the_loss_is_the_mean_of_the_logarithms():
    for classes, weighted in product((1, 2, 3), (False, True)):
        random = np.random.default_rng(classes)
        probabilities = random.random((2, 4, 5, classes), "float32")
        if classes > 1:
            probabilities /= probabilities.sum(axis=-1, keepdims=True)
        masks = random.integers(max(2, classes), size=(2, 4, 5)).astype("uint8")
        weights = random.uniform(0, 4, masks.shape).astype("float32") if weighted else None
        expected = loss_pixel_by_pixel(probabilities, masks, weights)
        found = weighted_loss(tf.constant(probabilities), tf.constant(masks), weights)
        assert float(found) == pytest.approx(expected, rel=1e-5)


def test_a_probability_of_exactly_0_gives_a_number():
    masks = np.array([[[0, 1, 1, 0]]], "uint8")
    for classes in (1, 2, 3):
        if classes == 1:
            probabilities = np.array([1, 0, 1, 0], "float32")
        else:
            probabilities = np.eye(classes, dtype="float32")[[1, 0, 1, 0]]
        probabilities = tf.constant(probabilities.reshape(1, 1, 4, classes))
        with tf.GradientTape() as tape:
            tape.watch(probabilities)
            loss = weighted_loss(probabilities, tf.constant(masks))
        # Two pixels are as wrong as can be, two are right.
        assert float(loss) == pytest.approx(-math.log(1e-7) / 2, rel=1e-4)
        assert np.all(np.isfinite(tape.gradient(loss, probabilities)))


def straight_training(model, batches, rate, largest):
    """Train with Keras' Adam, with the gradient written down here; return losses and lengths."""
    optimizer = keras.optimizers.Adam(rate)
    entropy = keras.losses.SparseCategoricalCrossentropy(reduction=None)
    losses, lengths = [], []
    for batch in batches:
        with tf.GradientTape() as tape:
            each = entropy(batch.masks, model(batch.images, training=True))
            loss = tf.reduce_sum(each * batch.weights) / batch.weights.sum()
        gradients = [g.numpy() for g in tape.gradient(loss, model.trainable_variables)]
        lengths.append(math.sqrt(sum(float((g.astype(float) ** 2).sum()) for g in gradients)))
        shorter = min(1.0, largest / lengths[-1])
        optimizer.apply([tf.constant(g * shorter) for g in gradients], model.trainable_variables)
        losses.append(float(loss))
    return losses, lengths


def largest_difference(one, other):
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return max(np.abs(a - b).max() for a, b in pairs)


def test_steps_are_those_of_keras_with_shortened_gradients():
    steps = 5

    def bright(number):
        return examples(number, brightness=30.0)

    found, expected, unclipped = (build(SPEC, seed=3) for _ in range(3))
    progress = list(train_steps(found, bright, steps, 0.01, decay=False))
    batches = [bright(i) for i in range(steps)]
    losses, lengths = straight_training(expected, batches, 0.01, 1.0)
    assert max(lengths) > 1
    assert [one.step for one in progress] == list(range(1, steps + 1))
    assert [one.loss for one in progress] == pytest.approx(losses, rel=1e-4)
    assert largest_difference(found, expected) < 1e-4
    # The first step of Adam has the same size whatever the gradient's length, the others do not.
    straight_training(unclipped, batches, 0.01, math.inf)
    assert largest_difference(found, unclipped) > 1e-3


@pytest.fixture
def rates(monkeypatch):
    """Return the learning rate of every step that is done."""
    found = []
    compiled = training.compiled_step

    def watched(model, optimizer):
        step = compiled(model, optimizer)

        def run(*tensors):
            found.append(float(optimizer.learning_rate))
            return step(*tensors)

        return run

    monkeypatch.setattr(training, "compiled_step", watched)
    return found


def test_the_learning_rate_rises_then_falls(rates):
    list(train_steps(ending_in(Softmax()), examples, 40, 0.02))
    assert len(rates) == 40
    top = int(np.argmax(rates))
    assert rates[top] == pytest.approx(0.02, rel=0.01)
    assert 3 <= top <= 5
    assert np.all(np.diff(rates[: top + 1]) > 0)
    assert np.all(np.diff(rates[top:]) < 0)
    assert 0 <= rates[-1] < 0.02 * 0.01
    # Half a cosine: half the way down in the middle.
    assert rates[(top + 39) // 2] == pytest.approx(0.01, rel=0.1)


def test_without_decay_it_stays(rates):
    list(train_steps(ending_in(Softmax()), examples, 6, 0.02, decay=False))
    assert rates == pytest.approx([0.02] * 6)


def test_it_can_be_left_and_the_model_used():
    model = ending_in(Softmax())
    before = [w.copy() for w in model.get_weights()]
    asked = []

    def watched(number):
        asked.append(number)
        return examples(number)

    for progress in train_steps(model, watched, 100, 0.01):
        if progress.step == 3:
            break
    assert asked == [0, 1, 2]
    assert any(not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    said = model.predict_on_batch(examples(0).images)
    assert np.allclose(said.sum(axis=-1), 1, atol=1e-5)


def test_first_goes_on_with_other_batches():
    asked = []

    def watched(number):
        asked.append(number)
        return examples(number)

    list(train_steps(ending_in(Softmax()), watched, 3, first=17))
    assert asked == [17, 18, 19]


def test_no_steps_change_nothing():
    model = ending_in(Softmax())
    assert list(train_steps(model, examples, 0)) == []
    assert largest_difference(model, ending_in(Softmax())) == 0
    with pytest.raises(ValueError, match="steps must be a whole number"):
        next(train_steps(model, examples, -1))


def test_the_loss_falls():
    def bright_or_dark(number):
        # The task: a pixel brighter than one half is foreground.
        batch = examples(number)
        masks = (batch.images[..., 0] > 0.5).astype("uint8")
        return Batch(batch.images, masks, np.ones_like(batch.weights))

    model = build(SPEC.replace(base_filters=4, classes=1, final_activation="sigmoid"), seed=1)
    losses = [one.loss for one in train_steps(model, bright_or_dark, 120, 0.02)]
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:10])


def test_the_same_seed_gives_the_same_numbers():
    def run(seed):
        model = build(SPEC, seed=seed)
        losses = [one.loss for one in train_steps(model, MADE, 5, 0.01)]
        return losses, model

    (first, one), (second, two), (third, _) = run(4), run(4), run(5)
    assert first == second
    assert largest_difference(one, two) == 0
    assert first != third


def test_a_network_without_probabilities_is_refused():
    model = build(SPEC.replace(final_activation="linear"))
    with pytest.raises(ValueError, match="'head', does not give probabilities, so there is no"):
        next(train_steps(model, examples, 1))


def test_a_softmax_that_is_a_layer_of_its_own_can_be_trained():
    found, expected = (ending_in(Softmax()) for _ in range(2))
    expected.set_weights(found.get_weights())
    progress = list(train_steps(found, examples, 4, 0.01, decay=False))
    losses, _ = straight_training(expected, [examples(i) for i in range(4)], 0.01, 1.0)
    assert [one.loss for one in progress] == pytest.approx(losses, rel=1e-4)
    assert largest_difference(found, expected) < 1e-4


def test_a_network_that_ends_otherwise_is_refused():
    for last in (
        keras.layers.ReLU(name="the_end"),
        keras.layers.LeakyReLU(name="the_end"),
        keras.layers.Activation("relu", name="the_end"),
        keras.layers.Conv2D(2, 1, activation="relu", name="the_end"),
        keras.layers.Cropping2D(0, name="the_end"),
    ):
        model = ending_in(Softmax(), last)
        with pytest.raises(ValueError, match="'the_end', does not give probabilities"):
            next(train_steps(model, examples, 1))


def test_an_activation_that_is_a_layer_of_its_own_is_taken():
    for name in ("softmax", "sigmoid"):
        model = ending_in(keras.layers.Activation(name))
        assert next(train_steps(model, examples, 1)).step == 1


def test_many_trainings_in_one_process_give_no_warning(caplog):
    log = logging.getLogger("tensorflow")
    log.addHandler(caplog.handler)
    try:
        for _ in range(6):
            list(train_steps(ending_in(Softmax()), examples, 2))
        assert [record.getMessage() for record in caplog.records] == []
        # What would have been heard: a function that TensorFlow traces at every call.
        for _ in range(6):
            tf.function(lambda x: x + 1)(tf.constant(1))
        assert "retracing" in caplog.text
    finally:
        log.removeHandler(caplog.handler)
