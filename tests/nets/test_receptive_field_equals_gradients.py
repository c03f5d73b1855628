"""Receptive and projective fields against networks in which every path adds something positive.

Where all weights are positive and nothing is cut off, contributions never cancel: a gradient that
is not zero, or an answer to an impulse, shows exactly what depends on what.
"""

from functools import partial
from itertools import count, product

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from keras import layers
from support.independent_fcn import build_fcn_independently
from support.independent_unet import build_independently
from support.random_examples import examples
from support.random_specs import fcn_specs, specs

import unetviz as uv

EXAMPLES = examples(50)
PATH_EXAMPLES = examples(20)  # each runs the network once for every path
FCN_EXAMPLES = examples(4)  # each asks for 32 pixels and more
LARGEST_STRIDE = 16
LARGEST_FIRST_SIZE = 190  # the paper's network starts at 188
ROOM = 40
# Rows and columns are lost, and no convolution widens the paths: skip and pool drift apart.
DRIFTING = uv.UNetSpec(
    (14, 17), depth=2, base_filters=1, kernel_size=1, pool_size=3, final_activation="linear"
)
built = count()


def random_cases(number):
    """A decorator: run the test on random networks; `seed` decides on weights and pixels."""

    def decorate(test):
        repeated = given(spec=small_specs(), seed=st.integers(0, 2**32 - 1))(test)
        repeated = example(spec=DRIFTING, seed=0)(repeated)
        quiet = list(HealthCheck)
        return settings(max_examples=number, deadline=None, suppress_health_check=quiet)(repeated)

    return decorate


@st.composite
def small_specs(draw):
    """Networks of few pixels, of sizes from the first valid one on, most of them lossy."""
    spec = made_small(draw(specs(max_depth=4, max_base=2)))
    first, stride = first_size(spec), total_stride(spec)
    if spec.padding == "same" and spec.merge != "none":
        sizes = st.integers(0, ROOM // stride).map(lambda n: first + n * stride)
    else:
        # Some sizes below the first valid one work too, but lose pixels.
        most = max(stride, min(ROOM, 120 - first))
        sizes = st.integers(-stride // 2, most).map(lambda n: max(1, first + n))
    spec = spec.replace(input_size=(draw(sizes), draw(sizes)), final_activation="linear")
    assume(uv.trace(spec).ok)
    return spec


def made_small(spec):
    while total_stride(spec) > LARGEST_STRIDE:
        spec = spec.replace(depth=spec.depth - 1)
    while first_size(spec) > LARGEST_FIRST_SIZE:
        if spec.convs_per_block > 1:
            spec = spec.replace(convs_per_block=spec.convs_per_block - 1)
        else:
            spec = spec.replace(kernel_size=spec.kernel_size - 2)
    return spec


def total_stride(spec):
    if isinstance(spec, uv.FCNSpec):
        return 32
    return spec.pool_size**spec.depth


def first_size(spec):
    return uv.nearest_valid_sizes(spec, 0)[1]


@pytest.fixture(scope="module", autouse=True)
def double_precision():
    """Float32 would lose the smallest products in a deep network."""
    number, policy = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx(number)
    keras.config.set_dtype_policy(policy)


class PaddedConv2D(layers.Conv2D):
    """A convolution whose padding is visible: it adds ones where Keras adds zeros."""

    fill = 1.0

    def call(self, inputs):
        if self.padding == "valid":
            return super().call(inputs)
        # Of an odd number of pixels the extra one is at the bottom and at the right.
        sides = [((kernel - 1) // 2, kernel // 2) for kernel in self.kernel_size]
        padded = tf.pad(inputs, [(0, 0), *sides, (0, 0)], constant_values=self.fill)
        return tf.nn.conv2d(padded, self.kernel, 1, "VALID") + self.bias


class Gate(layers.Layer):
    """Lets the numbers pass, but the gradient only while it is open."""

    open = True

    def call(self, inputs):
        return inputs if self.open else tf.stop_gradient(inputs)


class PaddedConv2DTranspose(layers.Conv2DTranspose):
    """A transposed convolution of a map that goes on beyond its border, with ones."""

    def call(self, inputs):
        padded = tf.pad(inputs, [(0, 0), (1, 1), (1, 1), (0, 0)], constant_values=1.0)
        (rows, columns), larger = self.strides, super().call(padded)
        return larger[:, rows:-rows, columns:-columns]


def positive_network(
    spec, seed, convolution=layers.Conv2D, transposed=layers.Conv2DTranspose, gate=None
):
    """Model from an image to the maps of all steps; linear, and no weight is near zero."""
    if next(built) % 50 == 0:
        keras.backend.clear_session()  # each model would keep half a megabyte
    random = np.random.default_rng(seed)

    def positive(shape, dtype):
        return random.uniform(0.5, 1.5, shape) / np.prod(shape[:-1])

    build = build_independently
    if isinstance(spec, uv.FCNSpec):
        build = partial(build_fcn_independently, final_activation="linear")
    model, tensors = build(
        spec,
        activation="linear",
        convolution=partial(convolution, kernel_initializer=positive),
        transposed=partial(transposed, kernel_initializer=positive),
        pooling=layers.AveragePooling2D,
        gate=gate,
    )
    return keras.Model(model.input, tensors)


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


def gradients(model, spec, pixels, of_maps):
    """Gradient of each pixel, one image of a batch for each, with respect to the maps."""
    images = tf.zeros((len(pixels), *spec.input_size, spec.input_channels), tf.float64)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        maps = model(images, training=False)
        asked = tf.gather_nd(maps[last_name(spec)], [(i, *pixel) for i, pixel in enumerate(pixels)])
    wanted = maps if of_maps else images
    return tape.gradient(asked, wanted, unconnected_gradients="zero")


def impulses(spec, pixels):
    images = np.zeros((len(pixels), *spec.input_size, spec.input_channels))
    for image, pixel in zip(images, pixels, strict=True):
        image[pixel] = 1
    return images


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


def last_name(spec):
    return "softmax" if isinstance(spec, uv.FCNSpec) else "head"


def path_names(spec):
    if isinstance(spec, uv.FCNSpec):
        return {32: [], 16: ["skip5"], 8: ["skip4", "skip5"]}[spec.stride] + ["bottleneck"]
    skips = [f"skip{level}" for level in range(1, spec.depth + 1)] if spec.merge != "none" else []
    return [*skips, "bottleneck"]


def compare_boxes(spec, seed):
    trace = uv.trace(spec)
    pixels = pixels_to_ask(trace.output_shape, total_stride(spec), seed)
    found = gradients(positive_network(spec, seed), spec, pixels, of_maps=True)
    found = {name: supports(gradient) for name, gradient in found.items()}
    for i, (row, col) in enumerate(pixels):
        receptive_field = uv.receptive_field(trace, row, col)
        assert receptive_field.boxes == {
            name: bounds(support[i]) for name, support in found.items()
        }
        assert receptive_field.input == receptive_field.boxes["input"]
        # Windows of 1x1 leave gaps: a skip that is cut off its middle need not lie in the block
        # of pixels that comes through the pool. Dilated windows leave gaps between their taps.
        if isinstance(spec, uv.FCNSpec) or (spec.kernel_size >= 3 and spec.dilation == 1):
            sizes = {name: np.count_nonzero(support[i]) for name, support in found.items()}
            assert sizes == {name: area(box) for name, box in receptive_field.boxes.items()}


@random_cases(EXAMPLES)
def test_boxes_bound_the_gradients_of_all_maps(spec, seed):
    compare_boxes(spec, seed)


def compare_paths(spec, seed):
    trace, gates = uv.trace(spec), {}

    def gate(tensor, level, branch):
        gates[level, branch] = Gate()
        return gates[level, branch](tensor)

    model = positive_network(spec, seed, gate=gate)
    pixels = pixels_to_ask(trace.output_shape, total_stride(spec), seed)
    receptive_fields = [uv.receptive_field(trace, row, col) for row, col in pixels]
    names = path_names(spec)
    assert all(list(receptive_field.paths) == names for receptive_field in receptive_fields)
    for name in names:
        for (level, branch), each in gates.items():
            # A path leaves the encoder by the skip of one level; all others it passes by.
            each.open = branch == ("skip" if name == f"skip{level}" else "up")
        found = supports(gradients(model, spec, pixels, of_maps=False))
        for receptive_field, support in zip(receptive_fields, found, strict=True):
            assert receptive_field.paths[name] == bounds(support), name
            if getattr(spec, "dilation", 1) == 1:  # dilated windows leave gaps
                assert area(receptive_field.paths[name]) == np.count_nonzero(support), name


@random_cases(PATH_EXAMPLES)
def test_paths_bound_the_gradients_through_each_alone(spec, seed):
    compare_paths(spec, seed)


def compare_projective_fields(spec, seed):
    trace = uv.trace(spec)
    pixels = pixels_to_ask(spec.input_size, total_stride(spec), seed)
    maps = positive_network(spec, seed)(impulses(spec, pixels), training=False)
    found = {name: supports(numbers) for name, numbers in maps.items()}
    for i, (row, col) in enumerate(pixels):
        projective_field = uv.projective_field(trace, row, col)
        assert projective_field.boxes == {
            name: bounds(support[i]) for name, support in found.items()
        }
        assert projective_field.output == projective_field.boxes[last_name(spec)]


@random_cases(EXAMPLES)
def test_influence_bounds_the_answers_to_impulses(spec, seed):
    compare_projective_fields(spec, seed)


@pytest.mark.parametrize("compare", [compare_boxes, compare_paths, compare_projective_fields])
@settings(max_examples=FCN_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(spec=fcn_specs(largest=100, max_base=2), seed=st.integers(0, 2**32 - 1))
@example(spec=uv.FCNSpec((64, 97), base_filters=1, stride=8), seed=0)
def test_an_fcn_too(compare, spec, seed):
    compare(spec, seed)


def test_a_pixel_influences_nothing_through_the_row_of_one_path_and_the_column_of_another():
    spec = uv.UNetSpec(
        (3, 5), depth=1, convs_per_block=1, kernel_size=1, pool_size=3, merge="concat"
    )
    # The pool drops column 3, and the skip, cut to columns 1 to 3, keeps it in its own row only.
    assert uv.projective_field(uv.trace(spec), 0, 3).output == uv.geometry.Box(0, 2, 1, 3)


def compare_padding(spec, seed, transposed=layers.Conv2DTranspose):
    model = positive_network(spec, seed, PaddedConv2D, transposed)
    darkness = np.zeros((1, *spec.input_size, spec.input_channels))
    free = ~supports(model(darkness, training=False)[last_name(spec)])[0]
    box = uv.padding_free(uv.trace(spec))
    assert box == bounds(free)
    assert area(box) == np.count_nonzero(free)
    return box


@random_cases(EXAMPLES)
def test_padding_free_pixels_never_see_ones_added_as_padding(spec, seed):
    compare_padding(spec, seed)


@pytest.mark.parametrize("size", [(256, 320), (319, 290), (224, 300)])
@pytest.mark.parametrize("stride", [32, 16, 8])
def test_padding_free_pixels_of_an_fcn_lie_between_stamps_of_real_pixels(size, stride):
    spec = uv.FCNSpec(size, base_filters=1, stride=stride)
    box = compare_padding(spec, stride, PaddedConv2DTranspose)
    assert (box is not None) == (size != (224, 300))


@pytest.mark.parametrize("kernel", [1, 2, 3, 5, 7])
def test_visible_padding_lies_where_keras_adds_zeros(kernel):
    image = np.random.default_rng(kernel).uniform(size=(1, 6, 9, 2))
    ours, theirs = (layer(3, kernel, padding="same") for layer in (PaddedConv2D, layers.Conv2D))
    ours.fill = 0.0
    expected = theirs(image)
    ours.build(image.shape)
    ours.set_weights(theirs.get_weights())
    np.testing.assert_allclose(ours(image), expected, rtol=1e-12)
