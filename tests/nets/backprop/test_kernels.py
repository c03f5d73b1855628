"""Gradients of single weights against plain tapes and differences of the loss."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from support.foreign_models import MODELS, foreign_models

import unetviz as uv
from unetviz.nets.backprop.kernels import STEP, WeightCheck, check_weight, kernel_gradient

pytestmark = pytest.mark.keras

DOCUMENT = uv.DOCUMENT.replace(input_size=16, base_filters=2, depth=1)
SPECS = {
    "valid": uv.UNetSpec(20, depth=1, base_filters=2, classes=3, convs_per_block=1),
    "fcn": uv.FCNSpec(32, base_filters=1, stride=16),
    "add": uv.UNetSpec(16, depth=1, base_filters=2, padding="same", merge="add", dropout=0.5),
    "document": DOCUMENT,
}


def question(spec, seed=0):
    """A model whose biases are not 0, an image and a mask of its output."""
    random = np.random.default_rng(seed)
    model = uv.build(spec, seed=seed)
    for weights in model.trainable_variables:
        if len(weights.shape) == 1:
            weights.assign(random.normal(0, 0.1, weights.shape))
    classes = max(2, model.output_shape[-1])
    mask = random.integers(0, classes, model.output_shape[1:3])
    return model, random.random(model.input_shape[1:], np.float32), mask


def plain_loss(model, image, mask):
    """The mean of -log p(right class), written straight, in the precision of the model."""
    probabilities = model(image[np.newaxis].astype(model.layers[-1].dtype), training=False)[0]
    if probabilities.shape[-1] == 1:
        probabilities = tf.concat([1 - probabilities, probabilities], axis=-1)
    right = tf.boolean_mask(probabilities, np.eye(probabilities.shape[-1], dtype=bool)[mask])
    return -tf.reduce_mean(tf.math.log(right))


def in_float64(model):
    """The same network in double precision, made by Keras."""

    def copied(layer):
        return type(layer).from_config({**layer.get_config(), "dtype": "float64"})

    double = keras.models.clone_model(model, clone_function=copied)
    double.set_weights([weights.astype(np.float64) for weights in model.get_weights()])
    assert double.layers[-1].dtype == "float64"
    return double


@pytest.fixture(scope="module")
def questions():
    """A question of each kind, for tests that leave its model as it is: graphs take seconds."""
    return {name: question(spec) for name, spec in SPECS.items()}


@pytest.fixture(scope="module", params=SPECS)
def asked(request, questions):
    return questions[request.param]


@pytest.fixture(scope="module")
def document(questions):
    return questions["document"]


def with_kernels(model):
    return [one for one in model._flatten_layers() if getattr(one, "kernel", None) is not None]


def tape_gradients(model, image, mask):
    """Gradients of the loss for all kernels, by layer, from one tape."""
    kernels = {layer.name: layer.kernel for layer in with_kernels(model)}
    with tf.GradientTape() as tape:
        loss = plain_loss(model, image, mask)
    return {name: one.numpy() for name, one in tape.gradient(loss, kernels).items()}


def some_weights(model, seed=0):
    """One weight of each layer that has a kernel."""
    random = np.random.default_rng(seed)
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            yield layer.name, tuple(int(random.integers(n)) for n in layer.kernel.shape)


def weights_of(asked, seed):
    return list(some_weights(asked[0], seed))


def test_the_four_ways(asked):
    model, image, mask = asked
    double = in_float64(model)
    singles, doubles = (tape_gradients(m, image, mask) for m in (model, double))
    loss = tf.function(lambda: plain_loss(double, image, mask), autograph=False)
    for layer, index in some_weights(model):
        found = check_weight(model, image, mask, layer, index)
        kernel = double.get_layer(layer).kernel
        weights = kernel.numpy()
        assert (found.layer, found.index, found.step) == (layer, index, STEP)
        assert found.value == weights[index]
        single, precise = singles[layer], doubles[layer]
        largest = float(np.abs(precise).max())
        assert found.analytic == pytest.approx(float(single[index]), rel=1e-3, abs=1e-4 * largest)
        assert found.analytic64 == pytest.approx(precise[index], rel=1e-9, abs=1e-12)
        losses = []
        for by in (STEP, -STEP):
            moved = weights.copy()
            moved[index] += by
            kernel.assign(moved)
            losses.append(float(loss()))
        kernel.assign(weights)
        assert found.losses64 == pytest.approx(losses, rel=1e-14)
        numeric = (losses[0] - losses[1]) / (2 * STEP)
        assert found.numeric64 == pytest.approx(numeric, abs=1e-9)
        # A kink within the step is rare, but it may be there.
        assert found.numeric64 == pytest.approx(found.analytic64, rel=1e-2, abs=1e-3 * largest)


def test_the_float32_differences_are_those_of_float32(questions):
    model, image, mask = questions["add"]
    layer, index, step = "dec1_conv1", (1, 1, 1, 1), 1e-2
    found = check_weight(model, image, mask, layer, index, step)
    kernel = model.get_layer(layer).kernel
    losses, weights = [], kernel.numpy()
    for by in (step, -step):
        moved = weights.copy()
        moved[index] += np.float32(by)
        kernel.assign(moved)
        losses.append(float(plain_loss(model, image, mask)))
    kernel.assign(weights)
    assert found.losses32 == pytest.approx(losses, rel=1e-6)
    assert found.numeric32 == (np.float32(found.losses32[0]) - np.float32(found.losses32[1])) / (
        np.float32(2 * step)
    )


def test_small_steps_are_lost_in_float32_and_not_in_float64(document):
    found = [
        check_weight(*document, *weight) for n in range(5) for weight in weights_of(document, n)
    ]
    clear = [check for check in found if abs(check.numeric64) > 1e-4]
    assert len(clear) >= 20
    assert max(check.relative64 for check in clear) < 1e-3
    assert np.median([check.relative for check in clear]) < 1e-4
    assert np.median([check.relative32 for check in clear]) > 1e-2


def test_relative_differences():
    check = WeightCheck("a", (0,), 1.0, 1e-6, 3.0, 2.5, 2.0, 1.0, (0.0, 0.0), (0.0, 0.0))
    assert (check.relative, check.relative64, check.relative32) == (0.5, 0.25, 0.5)
    tiny = WeightCheck("a", (0,), 1.0, 1e-6, 1e-9, 0.0, 0.0, 0.0, (0.0, 0.0), (0.0, 0.0))
    assert tiny.relative == pytest.approx(0.1)
    assert tiny.relative64 == 0


def test_the_gradient_of_a_whole_kernel(asked):
    model, image, mask = asked
    for layer, expected in tape_gradients(model, image, mask).items():
        found = kernel_gradient(model, image, mask, layer)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


@foreign_models("nested", "pixel_by_pixel", without=["strided", "residual"])
def test_networks_of_other_people(name):
    keras.utils.set_random_seed(0)
    model = MODELS[name]()
    random = np.random.default_rng(0)
    mask = random.integers(0, max(2, model.output_shape[-1]), model.output_shape[1:3])
    image = random.random(model.input_shape[1:], np.float32)
    known = [step.name for step in uv.trace_model(model)]
    gradients = tape_gradients(model, image, mask)
    for layer in with_kernels(model):
        # A layer inside an inner model bears the names of both.
        step = next(one for one in known if one.split("/")[-1] == layer.name)
        index = (0,) * len(layer.kernel.shape)
        found = check_weight(model, image, mask, step, index)
        expected = gradients[layer.name]
        largest = float(np.abs(expected).max())
        assert found.analytic == pytest.approx(float(expected[index]), rel=1e-3, abs=1e-4 * largest)
        assert found.analytic64 == pytest.approx(
            float(expected[index]), rel=1e-2, abs=1e-3 * largest
        )


def test_the_model_is_not_changed_and_its_weights_are_read_at_each_time():
    model, image, mask = question(DOCUMENT)
    before = model.get_weights()
    first = check_weight(model, image, mask, "head", (0, 0, 0, 0))
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    model.get_layer("head").bias.assign([1.5])
    second = check_weight(model, image, mask, "head", (0, 0, 0, 0))
    expected = tape_gradients(in_float64(model), image, mask)["head"][0, 0, 0, 0]
    assert second.analytic64 == pytest.approx(expected, rel=1e-9)
    assert abs(first.analytic64 - expected) > 1e-4


def test_wrong_questions(document):
    model, image, mask = document
    for layer, index, step, kind, words in (
        ("dec9_conv1", (0, 0, 0, 0), None, KeyError, "no kernel in a layer 'dec9_conv1'; the lay"),
        ("enc1_pool", (0, 0, 0, 0), None, KeyError, "the layers are enc1_conv1, enc1_conv2"),
        ("head", (0, 0, 0), None, ValueError, r"shape \(1, 1, 2, 1\), so index takes 4 numbers"),
        ("head", (0, 0, 2, 0), None, ValueError, r"index\[2\] must be a whole number from 0 to 1"),
        ("head", (0, 0, -1, 0), None, ValueError, r"index\[2\] must be a whole number from 0"),
        ("head", (0, 0, 0, 0.5), None, ValueError, r"index\[3\] must be a whole number"),
        ("head", (0, 0, 0, 0), 0, ValueError, "step must be a number above 0, not 0"),
        ("head", (0, 0, 0, 0), "big", ValueError, "step must be a number above 0"),
        ("head", (0, 0, 0, 0), np.nan, ValueError, "step must be a number above 0"),
    ):
        with pytest.raises(kind, match=words):
            check_weight(model, image, mask, layer, index, step)


def test_wrong_models_and_images(document):
    model, image, mask = document
    with pytest.raises(ValueError, match="the image has 15 x 16"):
        check_weight(model, image[1:], mask, "head", (0, 0, 0, 0))
    with pytest.raises(ValueError, match="the mask must have the size of the output"):
        kernel_gradient(model, image, mask[1:], "head")
    with pytest.raises(ValueError, match="does not give probabilities"):
        kernel_gradient(uv.build(DOCUMENT.replace(final_activation="linear")), image, mask, "head")
