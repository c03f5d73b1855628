"""Receptive and projective fields against networks in which every path adds something positive.

Where all weights are positive and nothing is cut off, contributions never cancel: a gradient that
is not zero, or an answer to an impulse, shows exactly what depends on what.
"""

from functools import partial
from itertools import product

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from support.independent_fcn import build_fcn_independently
from support.independent_unet import build_independently
from support.network_pool import check_each

import unetviz as uv

pytestmark = pytest.mark.keras


class PaddedConv2D(layers.Conv2D):
    """A convolution whose padding can be made visible: it adds `fill` where Keras adds zeros."""

    fill = 0.0

    def call(self, inputs):
        if self.padding == "valid":
            return super().call(inputs)
        spans = [(k - 1) * d for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)]
        # Of an odd number of pixels the extra one is at the bottom and at the right.
        sides = [(span // 2, span - span // 2) for span in spans]
        padded = tf.pad(inputs, [(0, 0), *sides, (0, 0)], constant_values=self.fill)
        dilation = self.dilation_rate
        return keras.ops.conv(padded, self.kernel, dilation_rate=dilation) + self.bias


class PaddedConv2DTranspose(layers.Conv2DTranspose):
    """A transposed convolution of a map that goes on beyond its border, with `fill`."""

    fill = 0.0

    def call(self, inputs):
        if not self.fill:
            return super().call(inputs)
        padded = tf.pad(inputs, [(0, 0), (1, 1), (1, 1), (0, 0)], constant_values=self.fill)
        (rows, columns), larger = self.strides, super().call(padded)
        return larger[:, rows:-rows, columns:-columns]


class Gate(layers.Layer):
    """Lets the numbers pass, but the gradient only while it is open."""

    open = True

    def call(self, inputs):
        return inputs if self.open else tf.stop_gradient(inputs)


class PositiveNetwork:
    """A linear network with positive weights, from an image to the maps of all steps.

    It computes in double precision: float32 would lose the smallest products in a deep network.
    """

    def __init__(self, spec, seed=0):
        self.spec, self.seed, self.trace = spec, seed, uv.trace(spec)
        self.gates = {}
        random = np.random.default_rng(seed)

        def positive(shape, dtype):
            return random.uniform(0.5, 1.5, shape) / np.prod(shape[:-1])

        def gate(tensor, level, branch):
            self.gates[level, branch] = Gate()
            return self.gates[level, branch](tensor)

        is_fcn, linear = isinstance(spec, uv.FCNSpec), {"final_activation": "linear"}
        policy, floatx = keras.config.dtype_policy(), keras.config.floatx()
        try:
            keras.config.set_floatx("float64")
            keras.config.set_dtype_policy("float64")
            model, tensors = (build_fcn_independently if is_fcn else build_independently)(
                spec if is_fcn else spec.replace(**linear),
                activation="linear",
                convolution=partial(PaddedConv2D, kernel_initializer=positive),
                transposed=partial(PaddedConv2DTranspose, kernel_initializer=positive),
                pooling=layers.AveragePooling2D,
                gate=gate,
                **(linear if is_fcn else {}),
            )
        finally:
            keras.config.set_floatx(floatx)
            keras.config.set_dtype_policy(policy)
        self.padding = [layer for layer in model.layers if hasattr(layer, "fill")]
        self.last = self.trace.steps[-1].name
        self._maps = keras.Model(model.input, tensors)

    def __repr__(self):
        return repr(self.spec)

    def __call__(self, images):
        return self._maps(images, training=False)

    @property
    def total_stride(self):
        return 32 if isinstance(self.spec, uv.FCNSpec) else self.spec.pool_size**self.spec.depth

    def images(self, count):
        return np.zeros((count, *self.spec.input_size, self.spec.input_channels))


@pytest.fixture(scope="module")
def networks(network_pool):
    return [PositiveNetwork(network.small, seed) for seed, network in enumerate(network_pool)]


def pixels_to_ask(shape, stride, seed):
    """Pixels that meet every residue of rows and of columns, and the four corners."""
    random = np.random.default_rng(seed)
    height, width = shape[:2]
    rows, columns = (one_of_each_residue(size, stride, random) for size in (height, width))
    most = max(len(rows), len(columns))
    diagonal = zip(np.resize(rows, most), np.resize(columns, most), strict=True)
    corners = product((0, height - 1), (0, width - 1))
    return list(dict.fromkeys((int(row), int(col)) for row, col in (*diagonal, *corners)))


def one_of_each_residue(size, stride, random):
    residues = random.permutation(min(size, stride))
    return [random.choice(np.arange(residue, size, stride)) for residue in residues]


def gradients(network, pixels, of_maps):
    """Gradient of each pixel, one image of a batch for each, with respect to the maps."""
    images = tf.constant(network.images(len(pixels)))
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        maps = network(images)
        asked = tf.gather_nd(maps[network.last], [(i, *pixel) for i, pixel in enumerate(pixels)])
    wanted = maps if of_maps else images
    return tape.gradient(asked, wanted, unconnected_gradients="zero")


def supports(numbers):
    """For each image of a batch, where any channel is not zero."""
    return (np.asarray(numbers) != 0).any(axis=-1)


def bounds(support):
    rows, columns = (np.flatnonzero(support.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return None
    top, left, bottom, right = map(int, (rows[0], columns[0], rows[-1] + 1, columns[-1] + 1))
    return uv.geometry.Box(top, left, bottom, right)


def area(box):
    return box.height * box.width if box else 0


def path_names(spec):
    if isinstance(spec, uv.FCNSpec):
        return {32: [], 16: ["skip5"], 8: ["skip4", "skip5"]}[spec.stride] + ["bottleneck"]
    skips = [f"skip{level}" for level in range(1, spec.depth + 1)] if spec.merge != "none" else []
    return [*skips, "bottleneck"]


def compare_boxes(network):
    pixels = pixels_to_ask(network.trace.output_shape, network.total_stride, network.seed)
    found = gradients(network, pixels, of_maps=True)
    found = {name: supports(gradient) for name, gradient in found.items()}
    for i, (row, col) in enumerate(pixels):
        field = uv.receptive_field(network.trace, row, col)
        assert field.boxes == {name: bounds(support[i]) for name, support in found.items()}
        assert field.input == field.boxes["input"]
        # Windows of 1x1 leave gaps: a skip that is cut off its middle need not lie in the block
        # of pixels that comes through the pool. Dilated windows leave gaps between their taps.
        spec = network.spec
        if isinstance(spec, uv.FCNSpec) or (spec.kernel_size >= 3 and spec.dilation == 1):
            sizes = {name: np.count_nonzero(support[i]) for name, support in found.items()}
            assert sizes == {name: area(box) for name, box in field.boxes.items()}


def test_boxes_bound_the_gradients_of_all_maps(networks):
    check_each(networks, compare_boxes)


def compare_paths(network):
    pixels = pixels_to_ask(network.trace.output_shape, network.total_stride, network.seed)
    fields = [uv.receptive_field(network.trace, row, col) for row, col in pixels]
    names = path_names(network.spec)
    assert all(list(field.paths) == names for field in fields)
    for name in names:
        for (level, branch), gate in network.gates.items():
            # A path leaves the encoder by the skip of one level; all others it passes by.
            gate.open = branch == ("skip" if name == f"skip{level}" else "up")
        found = supports(gradients(network, pixels, of_maps=False))
        for field, support in zip(fields, found, strict=True):
            assert field.paths[name] == bounds(support), name
            if getattr(network.spec, "dilation", 1) == 1:  # dilated windows leave gaps
                assert area(field.paths[name]) == np.count_nonzero(support), name


def test_paths_bound_the_gradients_through_each_alone(networks):
    try:
        check_each(networks[::2], compare_paths)  # each runs once for every path
    finally:
        for network in networks:
            for gate in network.gates.values():
                gate.open = True


def compare_projective_fields(network):
    pixels = pixels_to_ask(network.spec.input_size, network.total_stride, network.seed)
    impulses = network.images(len(pixels))
    for image, pixel in zip(impulses, pixels, strict=True):
        image[pixel] = 1
    found = {name: supports(numbers) for name, numbers in network(impulses).items()}
    for i, (row, col) in enumerate(pixels):
        field = uv.projective_field(network.trace, row, col)
        assert field.boxes == {name: bounds(support[i]) for name, support in found.items()}
        assert field.output == field.boxes[network.last]


def test_the_projective_field_bounds_the_answers_to_impulses(networks):
    check_each(networks, compare_projective_fields)


def test_a_pixel_reaches_nothing_through_the_row_of_one_path_and_the_column_of_another():
    spec = uv.UNetSpec(
        (3, 5), depth=1, convs_per_block=1, kernel_size=1, pool_size=3, merge="concat"
    )
    # The pool drops column 3, and the skip, cut to columns 1 to 3, keeps it in its own row only.
    assert uv.projective_field(uv.trace(spec), 0, 3).output == uv.geometry.Box(0, 2, 1, 3)


def compare_padding(network, fill=1.0):
    for layer in network.padding:
        layer.fill = fill
    try:
        free = ~supports(network(network.images(1))[network.last])[0]
    finally:
        for layer in network.padding:
            layer.fill = 0.0
    box = uv.padding_free(network.trace)
    assert box == bounds(free)
    assert area(box) == np.count_nonzero(free)
    return box


def test_padding_free_pixels_never_see_ones_added_as_padding(networks):
    check_each(networks, compare_padding)


@pytest.mark.parametrize("stride", [32, 16, 8])
def test_padding_free_pixels_of_an_fcn_lie_between_stamps_of_real_pixels(stride):
    for size in [(256, 320), (319, 290), (224, 300)]:
        box = compare_padding(PositiveNetwork(uv.FCNSpec(size, base_filters=1, stride=stride)))
        assert (box is not None) == (size != (224, 300))


def test_the_padding_that_can_be_seen_lies_where_keras_adds_zeros():
    image = np.random.default_rng(0).uniform(size=(1, 16, 19, 2)).astype("float32")
    for kernel, dilation in product([1, 2, 3, 5, 7], [1, 2, 3]):
        settings = {"padding": "same", "dilation_rate": dilation}
        ours, theirs = (kind(3, kernel, **settings) for kind in (PaddedConv2D, layers.Conv2D))
        expected = theirs(image)
        ours.build(image.shape)
        ours.set_weights(theirs.get_weights())
        np.testing.assert_allclose(ours(image), expected, rtol=1e-5, atol=1e-6)
