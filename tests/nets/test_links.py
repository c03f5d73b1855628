"""Links of every operation against Keras: forward its layer, backward a gradient tape."""

import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from support.readme import Depthwise

from unetviz.geometry import ops
from unetviz.geometry.links import forward_links
from unetviz.labs.backprop.links import backward, forward

pytestmark = pytest.mark.keras

RANDOM = np.random.default_rng(5)
IMAGE = (6, 7, 4)
LINEAR = {"activation": "linear"}
CASES = [
    *(
        ops.Convolution(2, kernel, stride, padding, dilation=dilation, **LINEAR)
        for kernel, stride, padding, dilation in (
            ((3, 3), (1, 1), "valid", (1, 1)),
            ((3, 2), (1, 1), "same", (1, 1)),
            ((2, 2), (1, 1), "same", (1, 1)),
            ((3, 3), (2, 2), "same", (1, 1)),
            ((3, 3), (2, 1), "valid", (1, 1)),
            ((3, 3), (1, 1), "valid", (2, 1)),
            ((1, 1), (1, 1), "valid", (1, 1)),
        )
    ),
    ops.Convolution(6, groups=2, **LINEAR),
    ops.SeparableConvolution(3, multiplier=2, **LINEAR),
    *(
        ops.TransposedConvolution(3, kernel, stride, padding)
        for kernel, stride, padding in (
            ((2, 2), (2, 2), "valid"),
            ((3, 3), (2, 2), "same"),
            ((3, 3), (2, 2), "valid"),
            ((3, 3), (1, 1), "same"),
            ((1, 2), (2, 3), "valid"),
        )
    ),
    *(
        kind(size, stride, padding)
        for kind in (ops.MaxPooling, ops.AveragePooling)
        for size, stride, padding in (
            ((2, 2), (2, 2), "valid"),
            ((2, 3), (2, 2), "same"),
            ((3, 3), (1, 2), "same"),
        )
    ),
    *(ops.Upsampling((2, 3), how) for how in ("nearest", "bilinear")),
    ops.Crop(((1, 2), (0, 1))),
    ops.ZeroPadding(((1, 2), (0, 1))),
    ops.Dropout(0.5),
    ops.Concatenation(),
    ops.Addition(),
    *(ops.Combination(name) for name in ("Multiply", "Average", "Maximum", "Minimum", "Subtract")),
    ops.Pointwise("relu", "activation", "ReLU"),
    ops.Pointwise("softmax", "activation", "Softmax"),
    Depthwise(),
]
SLOPES_GIVEN = ops.Pointwise("tanh", "activation", "Activation", (("activation", "tanh"),))


def all_operations(kind=ops.Operation):
    for one in kind.__subclasses__():
        yield one
        yield from all_operations(one)


def layer_of(operation):
    name, arguments = operation.keras()
    return getattr(layers, name)(**arguments)


def check(operation, slopes=None):
    joins = isinstance(operation, ops.Concatenation | ops.Addition | ops.Combination)
    shapes = [IMAGE, IMAGE] if joins else [IMAGE]
    # Few different numbers: windows with equal ones are part of it.
    inputs = [RANDOM.integers(-3, 4, shape).astype(np.float32) for shape in shapes]
    layer, tensors = layer_of(operation), [tf.constant(one[np.newaxis]) for one in inputs]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        output = layer(tensors if joins else tensors[0])
        gradient = RANDOM.integers(-3, 4, output.shape).astype(np.float32)
        loss = tf.reduce_sum(output * gradient)
    expected = tape.gradient(loss, tensors)
    kernels = [one.numpy() for one in layer.weights if "bias" not in one.name]
    kernel = None if not kernels else kernels[0] if len(kernels) == 1 else tuple(kernels)
    links = forward_links(operation, *inputs, kernel=kernel, slopes=slopes and slopes(inputs[0]))
    found = backward(links, gradient[0], shapes)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other.numpy()[0], atol=2e-5, err_msg=repr(operation))
    curved = {"softmax", "tanh"} & {operation.label} or operation.label == "multiply"
    if not curved:
        assert np.abs(forward(links, inputs) - output.numpy()[0]).max() < 2e-5, operation


def test_every_operation_is_run_forward_and_backward_as_keras_does():
    for operation in CASES:
        check(operation)
    check(SLOPES_GIVEN, lambda values: 1 - np.tanh(values) ** 2)


def test_no_operation_is_left_out():
    tried = {type(one) for one in CASES} | {ops.Source}
    here = {
        one
        for one in all_operations()
        if not one.__name__.startswith("_") and one.__module__.startswith("unetviz.")
    }
    assert here == {one for one in tried if one.__module__.startswith("unetviz.")}


def test_every_operation_says_what_it_does_to_a_gradient():
    for operation in [*CASES, SLOPES_GIVEN, ops.Source(IMAGE)]:
        assert operation.backward.endswith(".")


def test_what_an_operation_does_not_say_is_not_made_up():
    class Silent(ops.Operation):
        kind = "silent"

    with pytest.raises(NotImplementedError, match="Silent does not say how it weights"):
        forward_links(Silent(), np.ones((2, 2, 1)))
    with pytest.raises(NotImplementedError):
        _ = Silent().backward
    with pytest.raises(ValueError, match="slope of tanh"):
        forward_links(SLOPES_GIVEN, np.ones((2, 2, 1)))
