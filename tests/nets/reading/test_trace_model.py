"""Models that others wrote, read into a trace, against what Keras computes with them."""

import math
import re
from dataclasses import dataclass, replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from support.foreign_models import MODELS
from support.network_pool import check_each

import unetviz as uv
from unetviz.geometry.strides import total_stride

pytestmark = pytest.mark.keras


# Our own models, built and read again.


def test_a_built_model_is_read_as_the_trace_it_was_built_from(network_pool):
    check_each(network_pool, compare)


def compare(network):
    expected, found = network.trace, uv.trace_model(network.model)
    if network.is_fcn:
        # A chain of layers has no sides: where the decoder begins is the specification's to say.
        for name in ("name", "inputs", "in_shapes", "out_shape", "params", "macs", "crop", "level"):
            assert [getattr(step, name) for step in found] == [
                getattr(step, name) for step in expected
            ], name
    else:
        assert [replace(step, side="") for step in found] == [
            replace(step, side="") for step in expected
        ]
        assert all(same_side(*pair) for pair in zip(found, expected, strict=True))
    assert found.ok
    assert found.params == expected.params == network.model.count_params()
    assert found.macs == expected.macs
    assert found.activation_bytes == expected.activation_bytes
    assert found.output_shape == expected.output_shape
    lossy = [warning.step for warning in expected.warnings]
    # Whether an uneven crop was meant cannot be seen in a model: it is a crop of these numbers.
    lossy = [name for name in lossy if network.is_fcn or not name.endswith("_crop")]
    assert [warning.step for warning in found.warnings] == lossy
    assert uv.padding_free(found) == uv.padding_free(expected)
    for pixel in some_pixels(expected.output_shape)[::3]:
        assert uv.receptive_field(found, *pixel) == uv.receptive_field(expected, *pixel)
    for pixel in some_pixels(expected.steps[0].out_shape)[::3]:
        assert uv.projective_field(found, *pixel) == uv.projective_field(expected, *pixel)
    if not expected.warnings:
        # Where nothing is lost the crops are those of all sizes that fit.
        assert uv.valid_sizes(found.spec, 1, 700) == uv.valid_sizes(network.small, 1, 700)


def same_side(found, expected):
    """A convolution in front of the head looks like one more of the decoder."""
    if expected.name.startswith("head_conv"):
        return found.side in ("decoder", "head")
    return found.side == expected.side


def some_pixels(shape):
    """The corners, the middle of the map and of two sides, and pixels where nothing is even."""
    bottom, right = shape[0] - 1, shape[1] - 1
    corners = [(0, 0), (0, right), (bottom, 0), (bottom, right)]
    middles = [(bottom // 2, right // 2), (bottom, right // 2), (bottom // 3, right)]
    others = [(bottom // 3, right - right // 9), (min(1, bottom), right // 2), (bottom - 4, 5)]
    inside = [(row, col) for row, col in others if 0 <= row <= bottom and 0 <= col <= right]
    return [*corners, *middles, *inside]


# Models of others: what Keras makes of them is found by running them.


@dataclass
class Call:
    """One call of a layer while a model runs: what went in and what came out."""

    layer: keras.layers.Layer
    given: object
    result: object


def leaves(model, prefix=""):
    """Names as a trace has them, and the layers; those of inner models stand for the models."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from leaves(layer, f"{prefix}{layer.name}/")
        else:
            yield prefix + layer.name, layer


def listen(model):
    """Make a model note the calls of its layers; returns the notes, empty before the first run."""
    calls = {}

    def noting(name, layer, call):
        def run(given, *_, **__):
            number = sum(key.split("_call")[0] == name for key in calls) + 1
            # A copy: layers that hand on what they get would make two maps one tensor.
            result = tf.identity(call(given))
            calls[name if number == 1 else f"{name}_call{number}"] = Call(layer, given, result)
            return result

        return run

    for name, layer in leaves(model):
        layer.call = noting(name, layer, layer.call)
    return calls


NUMBER_BY_NUMBER = (
    layers.Activation,
    layers.AlphaDropout,
    layers.BatchNormalization,
    layers.Dropout,
    layers.ELU,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.LayerNormalization,
    layers.LeakyReLU,
    layers.PReLU,
    layers.ReLU,
    layers.Rescaling,
    layers.Softmax,
    layers.SpatialDropout2D,
    layers.UnitNormalization,
)


def straighten(model):
    """Make every map a positive sum of pixels, so that no path is hidden by a zero.

    Activations and the like let everything pass, maxima become means and sums, kernels positive.
    """
    numbers = np.random.default_rng(0)
    for _, layer in leaves(model):
        if isinstance(layer, NUMBER_BY_NUMBER):
            layer.call = lambda given: given
        elif isinstance(layer, layers.MaxPooling2D):
            layer.call = mean_of_windows(layer)
        elif isinstance(layer, (layers.Maximum, layers.Minimum)):
            layer.call = sum
        elif hasattr(layer, "activation"):
            layer.activation = keras.activations.linear
        for weight in layer.weights:
            weight.assign(kernel(weight.shape, numbers) if len(weight.shape) == 4 else weight * 0)


def kernel(shape, numbers):
    """Sums neither explode nor vanish on a long way: up-sampling computes in single precision."""
    return numbers.uniform(0.5, 1, shape) / math.sqrt(math.prod(shape[:3]))


def mean_of_windows(layer):
    pool, stride, padding = layer.pool_size, layer.strides, layer.padding
    return lambda given: keras.ops.average_pool(given, pool, stride, padding)


def in_double(name, *size):
    """Build a foreign model that computes in double precision."""
    policy, floatx = keras.config.dtype_policy(), keras.config.floatx()
    try:
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy("float64")
        return MODELS[name](*size)
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)


class Case:
    """A foreign model, its trace, and a run of it in which only the paths of the pixels count."""

    def __init__(self, name):
        self.name, self.model = name, in_double(name)
        self.params = self.model.count_params()
        self.trace = uv.trace_model(self.model)
        straighten(self.model)
        self.calls = listen(self.model)

    def __repr__(self):
        return self.name

    def maps(self, image):
        """Run the model and return the map of every step."""
        self.calls.clear()
        self.model(image)
        first = self.trace.steps[0].name
        return {first: image} | {name: call.result for name, call in self.calls.items()}

    @property
    def shape(self):
        return self.trace.steps[0].out_shape

    @property
    def multiplies(self):
        """Where maps are multiplied, a pixel alone in the dark has no influence."""
        return any(isinstance(layer, layers.Multiply) for _, layer in leaves(self.model))


@pytest.fixture(scope="module")
def cases():
    return [Case(name) for name in MODELS]


def random_image(shape, seed=0):
    return tf.constant(np.random.default_rng(seed).uniform(0.5, 1, (1, *shape)))


def boxes_around(maps, count):
    """For each of some images the smallest box around what is not zero in any channel, by map."""
    boxes = [{} for _ in range(count)]
    for name, numbers in maps.items():
        lit = (
            np.zeros((count, 1, 1)) if numbers is None else (np.asarray(numbers) != 0).any(axis=-1)
        )
        for found, image in zip(boxes, lit, strict=True):
            rows, columns = (np.flatnonzero(image.any(axis=axis)).tolist() for axis in (1, 0))
            found[name] = (
                uv.geometry.Box(rows[0], columns[0], rows[-1] + 1, columns[-1] + 1)
                if rows
                else None
            )
    return boxes


def test_steps_are_the_calls_with_their_shapes_parameters_and_costs(cases):
    check_each(cases, compare_steps)


def compare_steps(case):
    maps = case.maps(random_image(case.shape))
    assert {step.name: step.out_shape for step in case.trace} == {
        name: tuple(result.shape[1:]) for name, result in maps.items()
    }
    for step in case.trace.steps[1:]:
        given = case.calls[step.name].given
        given = given if isinstance(given, (list, tuple)) else [given]
        assert step.in_shapes == tuple(tuple(tensor.shape[1:]) for tensor in given)
        # The very maps that the step names: running in order of the trace is possible.
        assert all(name in maps for name in step.inputs)
    assert case.trace.ok
    assert not case.trace.problems
    assert case.trace.params == case.params
    for name, call in case.calls.items():
        laid_on = call.given if isinstance(call.layer, layers.Conv2DTranspose) else call.result
        pixels = math.prod(laid_on.shape[1:3])
        kernels = [weight for weight in call.layer.weights if len(weight.shape) == 4]
        expected = sum(pixels * math.prod(weight.shape) for weight in kernels)
        assert case.trace[name].macs == expected, name


def test_receptive_field_is_where_the_gradient_is(cases):
    check_each(cases, compare_receptive_fields)


def compare_receptive_fields(case):
    pixels = some_pixels(case.trace.output_shape)
    # The same image for each pixel: what is asked of one is not asked of the others.
    images = tf.repeat(random_image(case.shape), len(pixels), axis=0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        maps = case.maps(images)
    output = maps[case.trace.steps[-1].name]
    here = np.zeros(output.shape)
    for i, pixel in enumerate(pixels):
        here[i, *pixel] = 1.0
    gradients = tape.gradient(output, maps, output_gradients=tf.constant(here))
    boxes = boxes_around(gradients, len(pixels))
    for (row, col), found in zip(pixels, boxes, strict=True):
        receptive_field = uv.receptive_field(case.trace, row, col)
        assert receptive_field.boxes == found, (row, col)
        assert receptive_field.input == found[case.trace.steps[0].name]


def test_the_projective_field_is_where_a_light_in_the_dark_is_seen(cases):
    check_each(cases, compare_projective_fields)


def compare_projective_fields(case):
    if case.multiplies:
        return
    pixels = some_pixels(case.shape)
    dark = np.zeros((len(pixels), *case.shape))
    for i, pixel in enumerate(pixels):
        dark[i, *pixel] = 1.0
    maps = case.maps(tf.constant(dark))
    for (row, col), found in zip(pixels, boxes_around(maps, len(pixels)), strict=True):
        projective_field = uv.projective_field(case.trace, row, col)
        assert projective_field.boxes == found
        assert projective_field.output == projective_field.boxes[case.trace.steps[-1].name]


def test_padding_free_pixels_are_those_that_cannot_see_a_frame(cases):
    check_each(cases, compare_padding)


def compare_padding(case):
    """A dark image in a bright frame: free pixels stay dark, those around them do not."""
    if case.multiplies:
        return
    box = uv.padding_free(case.trace)
    (height, width, _), margin = case.shape, frame(case.trace)
    framed = np.pad(
        np.zeros((1, *case.shape)),
        [(0, 0), *((wide, wide) for wide in margin), (0, 0)],
        constant_values=1.0,
    )
    larger = in_double(case.name, (height + 2 * margin[0], width + 2 * margin[1]))
    straighten(larger)
    listen(larger)
    bright = without_frame(np.asarray(larger(framed)), case.trace) != 0
    if box is None:
        assert bright.all()
        return
    assert not bright[box.top : box.bottom, box.left : box.right].any()
    for edge in edges(box, bright):
        assert edge.all()


def frame(trace):
    """A frame of at least 8 pixels, in which every pool keeps its phase."""
    return tuple(stride * math.ceil(8 / stride) for stride in total_stride(trace))


def without_frame(output, trace):
    """The part of a larger output that lies where the output of `trace` lies, in one channel."""
    height, width, _ = trace.output_shape
    top, left = frame(trace)
    return output[0, top : top + height, left : left + width, 0]


def edges(box, whole):
    """The pixels directly above, below, left and right of a box, as far as there are any."""
    if box.top > 0:
        yield whole[box.top - 1, box.left : box.right]
    if box.bottom < whole.shape[0]:
        yield whole[box.bottom, box.left : box.right]
    if box.left > 0:
        yield whole[box.top : box.bottom, box.left - 1]
    if box.right < whole.shape[1]:
        yield whole[box.top : box.bottom, box.right]


@pytest.mark.parametrize("name", ["bilinear", "strided", "attention"])
def test_padding_free_pixels_are_the_same_in_a_larger_image(name):
    """The same with the weights and the activations as they are."""
    model = in_double(name)
    trace = uv.trace_model(model)
    (height, width, channels), (top, left) = trace.steps[0].out_shape, frame(trace)
    larger = in_double(name, (height + 2 * top, width + 2 * left))
    larger.set_weights(model.get_weights())
    surrounded = np.asarray(random_image((height + 2 * top, width + 2 * left, channels)))
    image = surrounded[:, top : top + height, left : left + width]
    here = np.asarray(model(image))[0, :, :, 0]
    there = without_frame(np.asarray(larger(surrounded)), trace)
    box = uv.padding_free(trace)
    free = slice(box.top, box.bottom), slice(box.left, box.right)
    np.testing.assert_allclose(here[free], there[free], rtol=0, atol=1e-10)
    if box.height < trace.output_shape[0]:
        assert np.abs(here - there).max() > 1e-6


@pytest.mark.parametrize("name", ["padded_by_hand", "strided", "transposed_3_cropped", "original"])
def test_sizes_that_fit_are_those_that_keras_takes_without_a_loss(name):
    found = uv.trace_model(MODELS[name]((64, 64)))
    sizes = range(60, 66)
    fitting = [size for size in sizes if fits(MODELS[name], size)]
    assert uv.valid_sizes(found.spec, sizes.start, sizes.stop) == fitting
    # Rows of zeros, and rows between two windows, are nothing that the image loses.
    assert not any(any(step.lost) for step in found)


def fits(builder, size):
    """Keras builds it, and no window of a pool stays half empty."""
    try:
        model = builder((size, size))
    except ValueError:
        return False
    pools = [layer for _, layer in leaves(model) if isinstance(layer, layers.MaxPooling2D)]
    return all(pool.input.shape[1] % pool.strides[0] == 0 for pool in pools)


def test_a_call_is_fed_by_the_call_before_it():
    source = keras.Input((16, 16, 1), name="image")
    again = layers.Conv2D(1, 3, padding="same", name="again")
    model = keras.Model(source, again(again(again(source))))
    inputs = {step.name: step.inputs for step in uv.trace_model(model)}
    assert inputs == {
        "image": (),
        "again": ("image",),
        "again_call2": ("again",),
        "again_call3": ("again_call2",),
    }


def test_levels_and_sides_of_a_foreign_model():
    trace = uv.trace_model(MODELS["batch_normalized"]())
    places = list(dict.fromkeys((step.side, step.level) for step in trace))
    assert places == [
        ("encoder", 1),
        ("encoder", 2),
        ("bottleneck", 3),
        ("decoder", 2),
        ("decoder", 1),
        ("head", 1),
    ]
    pools = [step.level for step in trace if step.kind == "pool"]
    assert pools == [1, 2]


def sides_of(trace):
    return {step.name: (step.side, step.level, step.map_level) for step in trace}


def test_shortcuts_and_gates_stand_where_their_maps_are_made():
    for name in ("residual", "attention", "coarse_gate", "residual_backbone", "dense_skips"):
        trace = uv.trace_model(MODELS[name]())
        sizes = {}
        for step in trace:
            # A row is one size; encoder maps have not come through the bottleneck.
            assert sizes.setdefault(step.map_level, step.out_shape[0]) in (
                step.out_shape[0],
                step.out_shape[0] - 1,
                step.out_shape[0] - 2,
                step.out_shape[0] - 6,
            ), (name, step.name)
        after = set()
        for step in trace:
            if step.side == "bottleneck" or after & set(step.inputs):
                after.add(step.name)
            assert (step.side == "encoder") <= (step.name not in after), (name, step.name)


def test_a_pool_may_go_down_several_levels_or_none():
    """UNet 3+ takes finer maps at once, parallel blocks have pools that keep the size."""
    source = keras.Input((32, 32, 1))
    first = layers.Conv2D(2, 3, padding="same", name="first")(source)
    same = layers.MaxPooling2D(3, strides=1, padding="same", name="same")(first)
    far = layers.MaxPooling2D(4, name="far")(same)
    half = layers.MaxPooling2D(2, name="half")(first)
    deep = layers.MaxPooling2D(2, name="quarter")(layers.Conv2D(2, 3, padding="same")(half))
    deep = layers.Conv2D(2, 3, padding="same", name="deep")(layers.concatenate([deep, far]))
    trace = uv.trace_model(keras.Model(source, layers.UpSampling2D(4, name="up")(deep)))
    places = sides_of(trace)
    assert places["same"] == ("encoder", 1, 1)
    assert places["far"] == ("encoder", 1, 3)
    assert places["half"] == ("encoder", 1, 2)
    assert places["quarter"] == ("encoder", 2, 3)
    assert places["deep"] == ("bottleneck", 3, 3)
    assert places["up"] == ("decoder", 1, 1)


def test_where_the_last_pool_is_the_deepest_map_there_are_two_sides_all_the_same():
    source = x = keras.Input((32, 32, 1))
    for number in (1, 2):
        x = layers.Conv2D(2, 3, padding="same", name=f"down{number}")(x)
        x = layers.MaxPooling2D(name=f"pool{number}")(x)
    for number in (2, 1):
        x = layers.UpSampling2D(name=f"up{number}")(x)
        x = layers.Conv2D(2, 3, padding="same", name=f"conv{number}")(x)
    places = sides_of(uv.trace_model(keras.Model(source, x)))
    assert places["down2"] == ("encoder", 2, 2)
    assert places["pool2"] == ("encoder", 2, 3)
    assert places["up2"] == ("decoder", 2, 2)
    assert places["conv2"] == ("decoder", 2, 2)


def test_an_image_that_is_not_the_largest_map_has_its_own_level():
    source = keras.Input((16, 16, 1))
    x = layers.Conv2D(2, 3, strides=2, padding="same", name="down")(source)
    model = keras.Model(source, layers.Conv2DTranspose(1, 4, strides=4, name="up")(x))
    trace = uv.trace_model(model)
    assert (trace.steps[0].level, trace["down"].level, trace["up"].level) == (2, 3, 1)


def test_a_model_that_makes_the_image_larger_first():
    source = keras.Input((32, 32, 1))
    x = layers.Conv2D(2, 3, padding="same")(layers.UpSampling2D()(source))
    for _ in range(2):
        x = layers.MaxPooling2D()(x)
    model = keras.Model(source, layers.Conv2DTranspose(1, 4, strides=4)(x))
    trace = uv.trace_model(model)
    assert uv.valid_sizes(trace.spec, 30, 40) == [30, 32, 34, 36, 38]
    # The words to a size that loses something want the sizes that do not.
    odd = uv.trace_model(model, 33)
    assert [warning.step for warning in odd.warnings] == [
        step.name for step in odd if step.kind == "pool"
    ][1:]


def test_a_model_that_keras_brings_along():
    model = keras.applications.MobileNetV2((64, 64, 3), 0.35, include_top=False, weights=None)
    trace = uv.trace_model(model)
    assert {step.name: step.out_shape for step in trace} == {
        layer.name: tuple(layer.output.shape[1:]) for layer in model.layers
    }
    assert trace.params == model.count_params()
    assert max(step.level for step in trace) == 6


# Files and open sizes.


def test_a_saved_model_has_the_same_trace(tmp_path):
    for name in ("mobile", "nested", "pixel_by_pixel", "called_twice"):
        model = MODELS[name]()
        model.save(tmp_path / "model.keras")
        loaded = uv.nets.load_model(tmp_path / "model.keras")
        assert uv.trace_model(loaded) == uv.trace_model(model)


def test_an_open_size_must_be_given():
    for size in ((None, None), (None, 64), (64, None)):
        model = MODELS["batch_normalized"](size)
        with pytest.raises(ValueError, match=r"trace_model\(model, input_size="):
            uv.trace_model(model)


def test_an_open_model_at_a_size():
    model = MODELS["batch_normalized"]((None, None))
    for size, both in ((96, (96, 96)), ([32, 48], (32, 48))):
        trace = uv.trace_model(model, input_size=size)
        fixed = uv.trace_model(MODELS["batch_normalized"](both))
        assert trace.ok
        assert trace.steps[0].out_shape == (*both, 3)
        assert [step.out_shape for step in trace] == [step.out_shape for step in fixed]
        assert trace.params == model.count_params()


def test_a_fixed_model_at_another_size():
    trace = uv.trace_model(MODELS["batch_normalized"]((64, 64)), 128)
    assert trace.output_shape == (128, 128, 1)


def test_a_size_that_fails_is_explained():
    trace = uv.trace_model(MODELS["batch_normalized"]((None, None)), 50)
    assert not trace.ok
    assert trace.output_shape is None
    (problem,) = trace.problems
    assert problem.step.startswith("concatenate")
    assert "25 x 25" in problem.message
    assert "24 x 24" in problem.message
    assert any("48 and 52" in fix for fix in problem.fixes)
    with pytest.raises(uv.ShapeError):
        uv.receptive_field(trace, 0, 0)


def test_a_wrong_size_is_refused():
    model = MODELS["batch_normalized"]((None, None))
    for size in (0, -64, 96.0, "96", (96,), (96, 96, 3), (96, None), True):
        with pytest.raises(ValueError, match="input_size"):
            uv.trace_model(model, input_size=size)


# What cannot be followed.


def last_layer(make):
    """A small model that ends in what `make` does to a map."""
    source = keras.Input((8, 8, 4))
    return keras.Model(source, make(layers.Conv2D(4, 3)(source)))


UNKNOWN = {
    "GlobalAveragePooling2D": layers.GlobalAveragePooling2D(name="culprit"),
    "Dense": layers.Dense(3, name="culprit"),
    "Lambda": layers.Lambda(lambda x: x, name="culprit"),
    "Flatten": layers.Flatten(name="culprit"),
    "Reshape": layers.Reshape((36, 4), name="culprit"),
    "GroupNormalization": layers.GroupNormalization(2, name="culprit"),
    "UpSampling2D": layers.UpSampling2D(interpolation="bicubic", name="culprit"),
    "Concatenate": lambda x: layers.Concatenate(axis=1, name="culprit")([x, x]),
    "Conv2D": layers.Conv2D(3, 3, data_format="channels_first", name="culprit"),
    "MaxPooling2D": layers.MaxPooling2D(data_format="channels_first", name="culprit"),
    "Conv2DTranspose": layers.Conv2DTranspose(3, 3, strides=2, output_padding=1, name="culprit"),
    "BatchNormalization": layers.BatchNormalization(axis=1, name="culprit"),
    "LayerNormalization": layers.LayerNormalization(axis=[1, 2, 3], name="culprit"),
    "Softmax": layers.Softmax(axis=1, name="culprit"),
    "Resizing": layers.Resizing(16, 16, name="culprit"),
    "CenterCrop": layers.CenterCrop(4, 4, name="culprit"),
    "RandomFlip": layers.RandomFlip(name="culprit"),
    "Permute": layers.Permute((2, 1, 3), name="culprit"),
}


def test_a_layer_that_cannot_be_followed_is_named():
    assert issubclass(uv.nets.UnknownLayerError, ValueError)
    for kind, make in UNKNOWN.items():
        with pytest.raises(uv.nets.UnknownLayerError) as caught:
            uv.trace_model(last_layer(make))
        message = str(caught.value)
        assert f"'culprit' ({kind})" in message
        assert "Replace it" in message
        assert "end the model before it" in message


JOINS = {
    "Add": lambda x, y: x + y,
    "Subtract": lambda x, y: x - y,
    "Multiply": lambda x, y: keras.ops.multiply(x, y),
    "Maximum": lambda x, y: keras.ops.maximum(x, y),
    "Minimum": lambda x, y: keras.ops.minimum(x, y),
    "Concatenate": lambda x, y: keras.ops.concatenate([x, y], axis=-1),
}


def test_an_operation_that_joins_maps_is_named_with_the_layer_to_write_instead():
    """It is called Add like the layer that is known, so the message must tell them apart."""
    for kind, join in JOINS.items():
        with pytest.raises(uv.nets.UnknownLayerError, match="operation, not a layer") as caught:
            uv.trace_model(last_layer(lambda x, join=join: join(x, layers.ReLU()(x))))
        instead = re.search(r"layers\.\w+\(\)\(\[x, y\]\)", str(caught.value))[0]
        assert kind in instead
        assert uv.trace_model(last_layer(lambda x, code=instead: replaced(code, x))).ok


def replaced(code, x):
    return eval(code, {"layers": layers, "x": x, "y": layers.ReLU()(x)})


@pytest.mark.parametrize("operation", [lambda x: x**2, lambda x: x[..., ::-1], abs])
def test_an_operation_that_is_no_layer_is_named(operation):
    with pytest.raises(uv.nets.UnknownLayerError, match=r"operation.*Replace it"):
        uv.trace_model(last_layer(operation))


def test_a_model_can_end_before_what_cannot_be_followed():
    for make in UNKNOWN.values():
        model = last_layer(lambda x, make=make: layers.ReLU()(make(layers.ELU()(x))))
        with pytest.raises(uv.nets.UnknownLayerError) as caught:
            uv.trace_model(model)
        code = re.search(r"keras\.Model\(.*?\.output\)", str(caught.value))[0]
        ended = eval(code, {"keras": keras, "model": model})
        assert uv.trace_model(ended).steps[-1].label == "elu"


def test_no_end_is_offered_where_nothing_would_be_left():
    source = keras.Input((8, 8, 1))
    with pytest.raises(uv.nets.UnknownLayerError) as caught:
        uv.trace_model(keras.Model(source, layers.Flatten()(source)))
    assert "end the model" not in str(caught.value)


INSTEAD = {
    "GroupNormalization": (layers.BatchNormalization, layers.LayerNormalization),
    "UpSampling2D": (lambda: layers.UpSampling2D(interpolation="bilinear"),),
    "GlobalAveragePooling2D": (lambda: layers.AveragePooling2D(2),),
    "Dense": (lambda: layers.Conv2D(3, 1),),
    "Lambda": (lambda: layers.Rescaling(1 / 255), lambda: layers.Activation("relu")),
    "Resizing": (layers.UpSampling2D, lambda: layers.AveragePooling2D(2)),
    "BatchNormalization": (lambda: layers.BatchNormalization(axis=-1),),
    "Softmax": (lambda: layers.Softmax(axis=-1),),
    "Conv2D": (lambda: layers.Conv2D(3, 3, data_format="channels_last"),),
    "Conv2DTranspose": (lambda: layers.Conv2DTranspose(3, 3, strides=2),),
}


def test_what_a_message_names_instead_can_be_followed():
    for kind, others in INSTEAD.items():
        with pytest.raises(uv.nets.UnknownLayerError) as caught:
            uv.trace_model(last_layer(UNKNOWN[kind]))
        for make in others:
            layer = make()
            assert f"layers.{type(layer).__name__}(" in str(caught.value)
            assert uv.trace_model(last_layer(layer)).ok


def test_a_layer_inside_an_inner_model_is_named_with_it():
    inner = keras.Sequential([layers.GroupNormalization(2, name="norm")], name="inner")
    with pytest.raises(uv.nets.UnknownLayerError, match="'inner/norm'"):
        uv.trace_model(last_layer(inner))


def test_maps_of_different_size_that_keras_joins_are_refused():
    """One weight for each channel: Keras spreads it over the whole map."""

    def squeeze(x):
        return layers.Multiply(name="culprit")([x, layers.AveragePooling2D(6)(x)])

    with pytest.raises(ValueError, match="culprit"):
        uv.trace_model(last_layer(squeeze))


def test_one_image_in_and_one_out():
    first, second = keras.Input((8, 8, 1)), keras.Input((8, 8, 1))
    total = layers.Add()([first, second])
    with pytest.raises(ValueError, match="2 inputs"):
        uv.trace_model(keras.Model([first, second], total))
    with pytest.raises(ValueError, match="2 outputs"):
        uv.trace_model(keras.Model(first, [layers.ReLU()(first), layers.ELU()(first)]))
    # Lists of one are not several.
    assert uv.trace_model(keras.Model([first], [layers.ReLU()(first)])).ok


def test_an_inner_model_with_several_outputs_is_unfolded():
    """As in encoders that give out a map at every level."""
    inner = keras.Input((8, 8, 4))
    fine = layers.Conv2D(3, 3, padding="same", name="fine")(inner)
    coarse = layers.MaxPooling2D(name="coarse")(fine)
    encoder = keras.Model(inner, [fine, coarse], name="encoder")
    outer = keras.Input((8, 8, 4))
    skip, below = encoder(outer)
    model = keras.Model(outer, layers.Concatenate()([skip, layers.UpSampling2D()(below)]))
    trace = uv.trace_model(model)
    assert [step.name for step in trace][1:3] == ["encoder/fine", "encoder/coarse"]
    assert trace.steps[-1].inputs[0] == "encoder/fine"
    assert trace.params == model.count_params()
    assert uv.receptive_field(trace, 3, 3).paths["skip1"] == uv.geometry.Box(2, 2, 5, 5)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.layer = layers.Conv2D(1, 3)

    def call(self, images):
        return self.layer(images)


def test_a_model_without_a_graph_is_refused():
    called = Subclassed()
    called(np.zeros((1, 8, 8, 1)))
    for model in (Subclassed(), called, keras.Sequential([layers.Conv2D(1, 3)])):
        with pytest.raises(TypeError, match="functional"):
            uv.trace_model(model)
    with pytest.raises(TypeError, match="functional"):
        uv.trace_model(last_layer(Subclassed()))


def test_what_is_not_a_model_is_refused():
    for thing in (uv.PAPER, None, "model.keras", layers.ReLU(), 572):
        with pytest.raises(TypeError, match="takes a Keras model"):
            uv.trace_model(thing)


def test_a_model_of_something_else_than_images_is_refused():
    for shape, layer in (
        ((64, 1), layers.Conv1D(1, 3)),
        ((8, 8, 8, 1), layers.Conv3D(1, 3)),
        ((8,), layers.Dense(2)),
        ((8, 8, None), layers.ReLU()),
    ):
        source = keras.Input(shape)
        with pytest.raises(ValueError, match="not images"):
            uv.trace_model(keras.Model(source, layer(source)))


# Names that would be markup.


def test_names_are_no_markup():
    name = 'a<b>&"c|d*e'
    source = keras.Input((8, 8, 1), name="image<i>")
    model = keras.Model(source, layers.Conv2D(1, 3, name=name)(source))
    trace = uv.trace_model(model)
    assert trace.steps[-1].name == name
    assert "<" not in trace._repr_markdown_().replace("\\<", "").replace("<br>", "")
    assert str(trace).count(name) == 1
