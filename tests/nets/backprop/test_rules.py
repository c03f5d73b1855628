"""Each rule of the way back is what the tape does: layer by layer, and in whole networks."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from support.random_examples import examples

import unetviz as uv
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
from unetviz.labs.checkerboard import sum_of_blocks
from unetviz.nets.training.steps import weighted_loss

pytestmark = pytest.mark.keras

seeds = st.integers(0, 2**32 - 1)
sides = st.tuples(st.integers(1, 7), st.integers(1, 7))
channels = st.integers(1, 3)
steps = st.integers(1, 3)
quickly = settings(max_examples=examples(25), deadline=None)


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def by_tape(layer, *maps, seed=0, training=False):
    """What a layer returns, a random gradient of that, and the tape's gradients.

    These are of each map that went in and of each weight, all in float64.
    """
    tensors = [tf.constant(one[np.newaxis], tf.float64) for one in maps]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        out = layer(tensors if len(tensors) > 1 else tensors[0], training=training)
        gradient = normal(seed + 1, *out.shape[1:])
        total = tf.reduce_sum(out * gradient)
    *inputs, weights = tape.gradient(total, [*tensors, layer.trainable_variables])
    return out[0].numpy(), gradient, [g[0].numpy() for g in inputs], [w.numpy() for w in weights]


@quickly
@given(sides, channels, channels, st.integers(1, 4), steps, st.booleans(), seeds)
def test_convolution(size, c_in, c_out, k, stride, is_padded, seed):
    padding = "same" if is_padded else "valid"
    assume(is_padded or k <= min(size))
    maps = normal(seed, *size, c_in)
    layer = keras.layers.Conv2D(c_out, k, stride, padding, dtype="float64")
    _, gradient, (expected,), weights = by_tape(layer, maps, seed=seed)
    kernel = layer.kernel.numpy()
    found = convolution_backward(gradient, kernel, size, stride, padding)
    assert_allclose(found, expected, atol=1e-10)
    for one, other in zip(
        convolution_weights_backward(maps, gradient, k, stride, padding), weights, strict=True
    ):
        assert_allclose(one, other, atol=1e-10)


@quickly
@given(sides, channels, channels, st.integers(1, 4), st.integers(1, 4), seeds)
def test_transposed_convolution(size, c_in, c_out, k, stride, seed):
    maps = normal(seed, *size, c_in)
    layer = keras.layers.Conv2DTranspose(c_out, k, stride, dtype="float64")
    _, gradient, (expected,), weights = by_tape(layer, maps, seed=seed)
    assert_allclose(
        transposed_backward(gradient, layer.kernel.numpy(), stride), expected, atol=1e-10
    )
    for one, other in zip(
        transposed_weights_backward(maps, gradient, k, stride), weights, strict=True
    ):
        assert_allclose(one, other, atol=1e-10)


@quickly
@given(sides, channels, st.integers(1, 3), seeds)
def test_max_pooling_also_of_equal_numbers(size, count, window, seed):
    assume(window <= min(size))
    maps = np.random.default_rng(seed).integers(0, 3, (*size, count)).astype(float)
    layer = keras.layers.MaxPooling2D(window, dtype="float64")
    _, gradient, (expected,), _ = by_tape(layer, maps, seed=seed)
    assert_array_equal(pooling_backward(maps, gradient, window), expected)


def test_max_pooling_of_equal_numbers_in_float32_and_at_full_size():
    maps = np.random.default_rng(0).integers(0, 3, (1, 64, 66, 16)).astype("float32")
    gradient = np.random.default_rng(1).standard_normal((32, 33, 16)).astype("float32")
    tensor = tf.constant(maps)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        total = tf.reduce_sum(keras.layers.MaxPooling2D(2)(tensor) * gradient)
    expected = tape.gradient(total, tensor)[0].numpy()
    assert_array_equal(pooling_backward(maps[0], gradient, 2), expected)


@quickly
@given(sides, channels, st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2), seeds)
def test_crop(size, count, amounts, seed):
    whole = [n + sum(pair) for n, pair in zip(size, amounts, strict=True)]
    layer = keras.layers.Cropping2D(amounts, dtype="float64")
    _, gradient, (expected,), _ = by_tape(layer, normal(seed, *whole, count), seed=seed)
    assert_array_equal(crop_backward(gradient, amounts), expected)


@quickly
@given(sides, channels, steps, seeds)
def test_up_sampling(size, count, factor, seed):
    layer = keras.layers.UpSampling2D(factor, dtype="float64")
    _, gradient, (expected,), _ = by_tape(layer, normal(seed, *size, count), seed=seed)
    assert_allclose(sum_of_blocks(gradient, factor), expected, atol=1e-10)


@quickly
@given(sides, st.lists(channels, min_size=2, max_size=4), seeds)
def test_concatenation_and_addition(size, counts, seed):
    maps = [normal(seed + n, *size, count) for n, count in enumerate(counts)]
    layer = keras.layers.Concatenate(dtype="float64")
    _, gradient, expected, _ = by_tape(layer, *maps, seed=seed)
    for one, other in zip(concatenation_backward(gradient, counts), expected, strict=True):
        assert_array_equal(one, other)
    alike = [maps[0] + n for n in range(len(counts))]
    _, gradient, expected, _ = by_tape(keras.layers.Add(dtype="float64"), *alike, seed=seed)
    for one, other in zip(addition_backward(gradient, len(counts)), expected, strict=True):
        assert_array_equal(one, other)


@quickly
@given(sides, channels, st.sampled_from([0.1, 0.5, 0.8]), seeds)
def test_dropout(size, count, rate, seed):
    layer = keras.layers.Dropout(rate, seed=seed % 1000, dtype="float64")
    out, gradient, (expected,), _ = by_tape(
        layer, normal(seed, *size, count), seed=seed, training=True
    )
    assert_allclose(dropout_backward(gradient, out != 0, rate), expected, rtol=1e-6)


@quickly
@given(sides, channels, seeds)
def test_relu(size, count, seed):
    maps = np.random.default_rng(seed).integers(-2, 3, (*size, count)).astype(float)
    out, gradient, (expected,), _ = by_tape(keras.layers.ReLU(dtype="float64"), maps, seed=seed)
    assert_array_equal(relu_backward(gradient, out), expected)


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


@st.composite
def networks(draw):
    """A small network of any kind whose output are probabilities; some sizes lose rows."""
    classes = draw(st.integers(1, 3))
    spec = uv.UNetSpec(
        input_channels=draw(st.integers(1, 2)),
        classes=classes,
        depth=draw(st.integers(1, 2)),
        base_filters=draw(st.integers(2, 3)),
        convs_per_block=draw(st.integers(1, 2)),
        kernel_size=draw(st.sampled_from([3, 3, 1])),
        pool_size=draw(st.sampled_from([2, 2, 3])),
        padding=draw(st.sampled_from(["valid", "same"])),
        upsampling=draw(st.sampled_from(["transposed", "upsample_conv"])),
        merge=draw(st.sampled_from(["concat", "add", "none"])),
        head_filters=draw(st.sampled_from([(), (2,)])),
        dropout=draw(st.sampled_from([0.0, 0.5])),
        final_activation="softmax" if classes > 1 else "sigmoid",
    )
    first = uv.nearest_valid_sizes(spec, 0)[1]
    more = st.integers(0, 2 if spec.padding == "valid" else 0)
    spec = spec.replace(input_size=(first + draw(more), first + draw(more)))
    assume(uv.trace(spec).ok)
    return spec


class Backwards:
    """A network's maps, and the tape's gradients of all of them and of all weights."""

    def __init__(self, spec, seed):
        self.trace, random = uv.trace(spec), np.random.default_rng(seed)
        self.model = uv.build(spec, seed=seed % 1000)
        # Biases above 0, so that few ReLUs are shut everywhere.
        for weight in self.model.weights:
            change = random.uniform(0, 0.4, weight.shape) if len(weight.shape) == 1 else 0
            weight.assign(weight.numpy() + change)
        self.layers = {layer.name: layer for layer in self.model.layers}
        names = [step.name for step in self.trace]
        probe = keras.Model(self.model.inputs, [self.layers[n].output for n in names[1:]])
        height, width, classes = self.trace.output_shape
        self.mask = random.integers(0, max(classes, 2), (height, width))
        image = tf.constant(random.random((1, *self.model.input_shape[1:])), tf.float32)
        variables = self.model.trainable_variables
        with tf.GradientTape() as tape:
            tape.watch(image)
            values = [image, *tf.nest.flatten(probe(image, training=True))]
            loss = weighted_loss(values[-1], self.mask[np.newaxis])
        found = tape.gradient(loss, [*values, *variables])
        self.maps = {n: v[0].numpy() for n, v in zip(names, values, strict=True)}
        self.gradients = {n: g[0].numpy() for n, g in zip(names, found, strict=False)}
        of_weights = found[len(names) :]
        self.of_weights = {v.path: g.numpy() for v, g in zip(variables, of_weights, strict=True)}

    def before_activation(self, step):
        """Gradient of what a layer returned before its activation."""
        activation = getattr(getattr(self.layers[step.name], "activation", None), "__name__", "")
        if step is self.trace.steps[-1]:
            return scores_backward(self.maps[step.name], self.mask)
        given = self.gradients[step.name]
        if activation == "relu":
            return relu_backward(given, self.maps[step.name])
        assert activation in ("", "linear")
        return given

    def through(self, step):
        """By the rule of a step, what each of its inputs gets; of its weights too."""
        layer, maps = self.layers[step.name], [self.maps[name] for name in step.inputs]
        gradient = self.before_activation(step)
        match layer:
            case keras.layers.Conv2DTranspose():
                k, stride = layer.kernel_size[0], layer.strides[0]
                weights = transposed_weights_backward(maps[0], gradient, k, stride)
                return [transposed_backward(gradient, layer.kernel.numpy(), stride)], weights
            case keras.layers.Conv2D():
                kernel, size, padding = layer.kernel.numpy(), maps[0].shape[:2], layer.padding
                k = layer.kernel_size[0]
                weights = convolution_weights_backward(maps[0], gradient, k, 1, padding)
                return [convolution_backward(gradient, kernel, size, 1, padding)], weights
            case keras.layers.MaxPooling2D():
                return [pooling_backward(maps[0], gradient, layer.pool_size[0])], ()
            case keras.layers.UpSampling2D():
                return [sum_of_blocks(gradient, layer.size[0])], ()
            case keras.layers.Cropping2D():
                return [crop_backward(gradient, layer.cropping)], ()
            case keras.layers.Concatenate():
                return concatenation_backward(gradient, [m.shape[2] for m in maps]), ()
            case keras.layers.Add():
                return addition_backward(gradient, len(maps)), ()
            case keras.layers.Dropout():
                kept = self.maps[step.name] != 0
                return [dropout_backward(gradient, kept, layer.rate)], ()
            case keras.layers.Softmax():
                return [gradient], ()
        raise AssertionError(layer)

    def compare(self):
        """Compare all; return the names of the maps whose gradient is not 0 everywhere."""
        brought = {step.name: [] for step in self.trace}
        for step in reversed(self.trace.steps[1:]):
            parts, weights = self.through(step)
            for name, part in zip(step.inputs, parts, strict=True):
                brought[name].append((part, step.kind))
            for variable, found in zip(
                self.layers[step.name].trainable_variables, weights, strict=True
            ):
                self.alike(found, self.of_weights[variable.path])
        for name, parts in brought.items():
            if not parts:
                continue
            total, expected = sum(part for part, _ in parts), self.gradients[name]
            if any(kind == "dropout" for _, kind in parts):
                # Whether a 0 was kept cannot be seen; the ReLU that made it is shut anyway.
                total, expected = (relu_backward(g, self.maps[name]) for g in (total, expected))
            self.alike(total, expected)
        return {name for name, parts in brought.items() if parts and self.gradients[name].any()}

    @staticmethod
    def alike(found, expected):
        assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max() + 1e-9, rtol=1e-4)


@settings(max_examples=examples(6), deadline=None)
@given(networks(), seeds)
def test_whole_networks(spec, seed):
    Backwards(spec, seed).compare()


FIXED = {
    "figure": uv.UNetSpec(44, depth=2, base_filters=3),
    "figure, rows lost": uv.UNetSpec((45, 47), depth=2, base_filters=3),
    "added": uv.UNetSpec(44, depth=2, base_filters=3, merge="add"),
    "document": uv.DOCUMENT.replace(input_size=16, depth=2, base_filters=3),
    "fcn": uv.FCNSpec(32, base_filters=2, stride=8),
}


@pytest.mark.parametrize("name", FIXED)
def test_networks_in_which_no_gradient_is_zero_everywhere(name):
    taken = Backwards(FIXED[name], 3)
    last = taken.trace.steps[-1].name
    assert taken.compare() == {step.name for step in taken.trace} - {last}


def test_a_map_that_goes_two_ways_gets_both_gradients():
    taken = Backwards(FIXED["figure"], 3)
    expected = taken.gradients["enc1_conv2"]
    (pooled,), _ = taken.through(taken.trace["enc1_pool"])
    (skipped,), _ = taken.through(taken.trace["dec1_crop"])
    assert pooled.any()
    assert skipped.any()
    taken.alike(pooled + skipped, expected)
    assert np.abs(pooled - expected).max() > 1e-3 * np.abs(expected).max()
