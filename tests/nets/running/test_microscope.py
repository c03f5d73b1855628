"""Every number that is taken apart adds up to what Keras has."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import layers
from support.foreign_models import MODELS
from support.random_specs import specs

import unetviz as uv
from unetviz.nets.running.microscope import Specimen, explain_value

pytestmark = pytest.mark.keras

SOURCE = "source"


def shaken(model, seed=0):
    """Biases, means and slopes that are not 0 or 1; variances stay positive."""
    generator = np.random.default_rng(seed)
    weights = [w + generator.normal(0, 0.3, w.shape) for w in model.get_weights()]
    model.set_weights(weights)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            variance = generator.uniform(0.2, 2, layer.moving_variance.shape)
            layer.moving_variance.assign(variance)
    return model


def around(layer, shape=(11, 13, 4), before=None):
    """A model of one layer; `before` is put in front of it."""
    source = keras.Input(shape, name=SOURCE)
    model = keras.Model(source, layer(before(source) if before else source))
    return shaken(model), np.random.default_rng(1).normal(size=shape).astype("float32")


def check(calculation):
    assert calculation.difference <= 1e-5
    numbers, total = calculation.patch.astype(float), calculation.total
    room = 1e-12 * (1 + calculation.largest)
    if calculation.rule == "sum":
        assert np.array_equal(calculation.products, numbers * calculation.kernel)
        assert calculation.sums.sum() + calculation.bias == pytest.approx(total, abs=room)
    else:
        assert calculation.kernel is None
        assert calculation.bias == 0
    inside = numbers[~calculation.padding]
    if calculation.rule == "product":
        assert inside.prod() == pytest.approx(total, rel=1e-12)
    if calculation.rule in ("largest", "smallest"):
        assert total == (inside.max() if calculation.rule == "largest" else inside.min())
    if calculation.rule == "copy":
        assert numbers[calculation.gradient != 0] == [total]
    if calculation.activation == "linear":
        assert calculation.value == total
    assert not numbers[calculation.padding].any()


def check_gradient(calculation, layer, maps):
    """Compare with the gradient of Keras' own layer in all numbers of its whole inputs."""
    given = [tf.constant(one[np.newaxis]) for one in maps.values()]
    if hasattr(layer, "activation"):
        layer.activation = keras.activations.linear
    with tf.GradientTape() as tape:
        tape.watch(given)
        number = layer(given if len(given) > 1 else given[0])[(0, *calculation.place)]
    found = {name: np.zeros(one.shape) for name, one in maps.items()}
    for i, row in enumerate(calculation.rows):
        for j, column in enumerate(calculation.columns):
            for k, (name, channel) in enumerate(calculation.origins):
                if not calculation.padding[i, j]:
                    found[name][row, column, channel] += calculation.gradient[i, j, k]
    gradients = tape.gradient(number, given, unconnected_gradients="zero")
    for one, gradient in zip(found.values(), gradients, strict=True):
        room = 1e-5 * max(1, np.abs(gradient).max())
        np.testing.assert_allclose(one, gradient[0], rtol=0, atol=room)


def everywhere(specimen, seed=0, count=12):
    """Random numbers of a map, the corners among them."""
    generator = np.random.default_rng(seed)
    shape = specimen.step.out_shape
    yield 0, 0, 0
    yield tuple(n - 1 for n in shape)
    for _ in range(count):
        yield tuple(int(generator.integers(n)) for n in shape)


LAYERS = {
    "conv valid": lambda: layers.Conv2D(5, 3, name="x"),
    "conv same": lambda: layers.Conv2D(5, 3, padding="same", activation="relu", name="x"),
    "conv strided": lambda: layers.Conv2D(5, (4, 2), strides=(3, 2), padding="same", name="x"),
    "conv dilated": lambda: layers.Conv2D(
        5, 3, dilation_rate=(2, 3), padding="same", use_bias=False, name="x"
    ),
    "conv groups": lambda: layers.Conv2D(6, 3, groups=2, activation="tanh", name="x"),
    "1x1": lambda: layers.Conv2D(5, 1, activation="sigmoid", name="x"),
    "head": lambda: layers.Conv2D(5, 1, activation="softmax", name="x"),
    "gelu": lambda: layers.Conv2D(5, 3, activation="gelu", name="x"),
    "depthwise": lambda: layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", name="x"),
    "separable": lambda: layers.SeparableConv2D(5, 3, depth_multiplier=2, name="x"),
    "up 2": lambda: layers.Conv2DTranspose(5, 2, strides=2, name="x"),
    "up 3 same": lambda: layers.Conv2DTranspose(5, 3, strides=2, padding="same", name="x"),
    "up 5 valid": lambda: layers.Conv2DTranspose(5, 5, strides=(2, 3), name="x"),
    "up 64": lambda: layers.Conv2DTranspose(2, 64, strides=32, padding="same", name="x"),
    "up with gaps": lambda: layers.Conv2DTranspose(5, 2, strides=3, name="x"),
    "max": lambda: layers.MaxPooling2D(2, name="x"),
    "max same": lambda: layers.MaxPooling2D(3, 2, padding="same", name="x"),
    "mean": lambda: layers.AveragePooling2D((2, 3), name="x"),
    "mean same": lambda: layers.AveragePooling2D(3, 2, padding="same", name="x"),
    "nearest": lambda: layers.UpSampling2D((2, 3), name="x"),
    "bilinear": lambda: layers.UpSampling2D((2, 3), interpolation="bilinear", name="x"),
    "crop": lambda: layers.Cropping2D(((1, 2), (3, 0)), name="x"),
    "pad": lambda: layers.ZeroPadding2D(((1, 2), (3, 0)), name="x"),
    "dropout": lambda: layers.Dropout(0.5, name="x"),
    "noise": lambda: layers.GaussianNoise(0.5, name="x"),
    "relu": lambda: layers.Activation("relu", name="x"),
    "swish": lambda: layers.Activation("swish", name="x"),
    "ReLU": lambda: layers.ReLU(1.5, negative_slope=0.1, threshold=0.3, name="x"),
    "LeakyReLU": lambda: layers.LeakyReLU(0.2, name="x"),
    "ELU": lambda: layers.ELU(1.3, name="x"),
    "PReLU": lambda: layers.PReLU(name="x"),
    "PReLU shared": lambda: layers.PReLU(shared_axes=[1, 2], name="x"),
    "softmax": lambda: layers.Softmax(name="x"),
    "batch": lambda: layers.BatchNormalization(name="x"),
    "batch plain": lambda: layers.BatchNormalization(scale=False, center=False, name="x"),
    "rescaling": lambda: layers.Rescaling(1 / 3, 0.25, name="x"),
    "layer normalization": lambda: layers.LayerNormalization(name="x"),
    "unit normalization": lambda: layers.UnitNormalization(name="x"),
    "slopes within": lambda: layers.Conv2D(5, 3, activation=layers.PReLU(), name="x"),
    "head within": lambda: layers.Conv2D(5, 1, activation=layers.Softmax(), name="x"),
}
RULES = {
    "copy": "nearest crop pad dropout noise relu swish ReLU LeakyReLU ELU PReLU softmax",
    "largest": "max",
    "function": "layer unit",
}
"""Rules by the first word of the kinds of layers; all others add up products."""


@pytest.mark.parametrize("kind", LAYERS)
def test_every_kind_of_layer_gives_what_keras_has(kind):
    model, image = around(LAYERS[kind]())
    expected = model.predict_on_batch(image[np.newaxis])[0]
    specimen = Specimen(model, image, "x")
    words = kind.split()[0]
    rule = next((rule for rule, kinds in RULES.items() if words in kinds.split()), "sum")
    for place in everywhere(specimen, count=4):
        calculation = specimen.at(*place)
        check(calculation)
        assert calculation.place == place
        # With one weight of 1 there is nothing to add up: a corner of a bilinear up-sampling.
        assert calculation.rule == rule or (kind, calculation.rule) == ("bilinear", "copy")
        assert calculation.keras == pytest.approx(expected[place], abs=1e-5 * calculation.largest)
    is_activation = specimen.step.operation.kind == "activation" and rule == "copy"
    check_gradient(
        calculation,
        layers.Identity() if is_activation else model.get_layer("x"),
        {SOURCE: image},
    )


def test_the_weights_are_those_of_the_pass():
    model, image = around(layers.Conv2D(5, 3, activation="relu", name="x"))
    specimen = Specimen(model, image, "x")
    model.set_weights([np.zeros_like(weights) for weights in model.get_weights()])
    check(specimen.at(3, 4, 1))


def test_a_number_changed_by_hand_is_noticed():
    model, image = around(layers.Conv2D(5, 3, name="x"))
    specimen = Specimen(model, image, "x")
    specimen.maps["x"][2, 3, 1] += 1
    assert specimen.at(2, 3, 1).difference > 1e-2


JOINS = ["Add", "Average", "Multiply", "Maximum", "Minimum", "Subtract", "Concatenate"]


@pytest.mark.parametrize("kind", JOINS)
def test_joins(kind):
    source = keras.Input((8, 9, 3), name=SOURCE)
    one = layers.Conv2D(3, 3, padding="same", name="one")(source)
    other = layers.Conv2D(1 if kind != "Concatenate" else 2, 1, name="other")(source)
    model = shaken(keras.Model(source, getattr(layers, kind)(name="x")([one, other])))
    image = np.random.default_rng(2).random((8, 9, 3)).astype("float32")
    specimen = Specimen(model, image, "x")
    for place in everywhere(specimen, count=4):
        calculation = specimen.at(*place)
        check(calculation)
        row, column, channel = place
        if kind == "Concatenate":
            origin = ("one", channel) if channel < 3 else ("other", channel - 3)
            assert calculation.origins == (origin,)
            assert calculation.value == specimen.maps[origin[0]][row, column, origin[1]]
        else:
            assert calculation.origins == (("one", channel), ("other", 0))
        if kind in ("Maximum", "Minimum"):
            numbers = calculation.patch[0, 0]
            best = numbers.argmax() if kind == "Maximum" else numbers.argmin()
            assert calculation.winners == ((0, 0, int(best)),)
    maps = {name: specimen.maps[name] for name in ("one", "other")}
    check_gradient(calculation, model.get_layer("x"), maps)


@pytest.mark.parametrize("kind", ["Maximum", "Multiply", "Average"])
def test_joins_of_several_maps(kind):
    source = keras.Input((4, 4, 2), name=SOURCE)
    maps = [layers.Conv2D(2, 1, name=f"map{i}")(source) for i in range(4)]
    # One map twice, and one of zeros: each of them takes part.
    model = keras.Model(source, getattr(layers, kind)(name="x")([*maps, maps[0]]))
    model.get_layer("map3").set_weights([np.zeros((1, 1, 2, 2)), np.zeros(2)])
    image = np.random.default_rng(2).normal(size=(4, 4, 2)).astype("float32")
    calculation = explain_value(model, image, "x", 1, 2, 1)
    check(calculation)
    assert calculation.rule == {"Maximum": "largest", "Multiply": "product"}.get(kind, "sum")
    names = [name for name, _ in calculation.origins]
    assert names == ["map0", "map1", "map2", "map3", "map0"]


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_the_winner_of_a_pool_is_that_of_numpy(padding):
    model, image = around(layers.MaxPooling2D(3, 2, padding=padding, name="x"))
    specimen = Specimen(model, image, "x")
    for row, column, channel in everywhere(specimen):
        calculation = specimen.at(row, column, channel)
        window = np.where(calculation.padding, -np.inf, calculation.patch[..., 0])
        best = np.unravel_index(window.argmax(), window.shape)
        assert calculation.winners == ((*map(int, best), 0),)
        at = calculation.rows[best[0]], calculation.columns[best[1]], channel
        assert image[at] == calculation.keras


def test_equal_numbers_all_win_and_the_gradient_goes_where_keras_sends_it():
    model, image = around(layers.MaxPooling2D(3, 2, padding="same", name="x"), (5, 5, 1))
    image[:] = 0
    image[1, 2] = image[2, 1] = 2
    specimen = Specimen(model, image, "x")
    assert len(specimen.at(2, 2).winners) == 4
    assert specimen.at(1, 1).winners == ((0, 1, 0), (1, 0, 0))
    for place in [(0, 0), (0, 2), (1, 1), (2, 2)]:
        check_gradient(specimen.at(*place), model.get_layer("x"), {SOURCE: image})


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"), [(3, 1, 1), (5, 2, 1), (4, 3, 1), (3, 1, 2)]
)
def test_padding_is_where_numpy_pads(kernel, stride, dilation):
    n = 11
    layer = layers.Conv2D(
        1, kernel, strides=stride, dilation_rate=dilation, padding="same", name="x"
    )
    model, image = around(layer, (n, n, 2))
    size = -(-n // stride)
    span = (kernel - 1) * dilation + 1
    zeros = max((size - 1) * stride + span - n, 0)
    sides = (zeros // 2, zeros - zeros // 2)
    padded = np.pad(image, (sides, sides, (0, 0)))
    outside = np.pad(np.zeros((n, n), bool), (sides, sides), constant_values=True)
    specimen = Specimen(model, image, "x")
    for row in {0, 1, size - 1}:
        for column in {0, size // 2, size - 1}:
            window = tuple(slice(i * stride, i * stride + span, dilation) for i in (row, column))
            calculation = specimen.at(row, column)
            assert np.array_equal(calculation.padding, outside[window])
            assert np.array_equal(calculation.patch, padded[window])


def test_overlapping_stamps_meet_the_right_taps():
    model, image = around(layers.Conv2DTranspose(1, 64, strides=32, padding="same", name="x"))
    kernel = keras.ops.convert_to_numpy(model.get_layer("x").kernel)
    calculation = explain_value(model, image, "x", 100, 200)
    assert calculation.patch.shape == (2, 2, 4)
    for i, row in enumerate(calculation.rows):
        for j, column in enumerate(calculation.columns):
            tap = kernel[100 + 16 - 32 * row, 200 + 16 - 32 * column, 0]
            assert np.array_equal(calculation.kernel[i, j], tap)
            assert np.array_equal(calculation.patch[i, j], image[row, column])


def test_a_gap_between_stamps_has_only_the_bias():
    model, image = around(layers.Conv2DTranspose(2, 2, strides=3, name="x"))
    calculation = explain_value(model, image, "x", 2, 0, 1)
    assert calculation.patch.shape == (0, 1, 4)
    assert calculation.total == calculation.bias == pytest.approx(calculation.keras)


def test_a_softmax_needs_all_classes():
    model, image = around(layers.Conv2D(4, 1, activation="softmax", name="x"))
    layer = model.get_layer("x")
    kernel, bias = (np.asarray(w, float) for w in layer.get_weights())
    calculation = explain_value(model, image, "x", 3, 5, 2)
    assert calculation.totals == pytest.approx(image[3, 5] @ kernel[0, 0] + bias)
    assert calculation.total == calculation.totals[2]
    powers = calculation.exponentials
    assert calculation.value == pytest.approx(powers[2] / powers.sum())


@pytest.mark.parametrize("name", MODELS)
def test_models_of_others(name):
    """A model inside another, and a layer that is called again, are no exception."""
    keras.utils.set_random_seed(0)
    model = shaken(MODELS[name]())
    image = np.random.default_rng(0).random(model.input_shape[1:]).astype("float32")
    names = [step.name for step in uv.trace_model(model)]
    inside = [one for one in names if "/" in one or "_call" in one][:2]
    for step in [*np.random.default_rng(4).permutation(names)[:2], *inside]:
        specimen = Specimen(model, image, str(step))
        for place in everywhere(specimen, count=2):
            check(specimen.at(*place))


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(spec=specs(max_depth=2, max_base=3), data=st.data())
def test_random_specifications(spec, data):
    small = uv.nearest_valid_sizes(spec.replace(input_size=40), 40)[1]
    spec = spec.replace(input_size=min(small, 140))
    if not uv.trace(spec).ok:
        return
    model = shaken(uv.build(spec))
    image = np.random.default_rng(0).random((*spec.input_size, spec.input_channels))
    steps = [step.name for step in uv.trace(spec)]
    for step in (data.draw(st.sampled_from(steps)), "head"):
        specimen = Specimen(model, image, step)
        for place in everywhere(specimen, count=4):
            check(specimen.at(*place))


def test_the_image_itself():
    model, _ = around(layers.MaxPooling2D(2, name="x"), (4, 4, 1))
    image = np.arange(16, dtype=np.uint8).reshape(4, 4)
    calculation = explain_value(model, image, SOURCE, 1, 2)
    assert calculation.rule == "copy"
    assert calculation.value == pytest.approx(6 / 255)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ((9, 0, 0), "row must be a whole number from 0 to 8, not 9"),
        ((-1, 0, 0), "row must be a whole number from 0 to 8"),
        ((0, 11, 0), "column must be a whole number from 0 to 10"),
        ((0, 0, 5), "channel must be a whole number from 0 to 4"),
        ((0.5, 0, 0), "row must be a whole number"),
    ],
)
def test_a_number_that_is_not_there(place, words):
    model, image = around(layers.Conv2D(5, 3, name="x"))
    with pytest.raises(ValueError, match=words):
        explain_value(model, image, "x", *place)


def test_a_step_that_is_not_there():
    model, image = around(layers.Conv2D(5, 3, name="x"))
    with pytest.raises(KeyError, match="no step 'y'; the steps are source, x"):
        explain_value(model, image, "y", 0, 0)


def test_a_number_of_an_adapted_normalization():
    """Its mean and variance are no weights, so a copy of the layer must be given them."""
    source = keras.Input((8, 8, 2))
    layer = keras.layers.Normalization(name="norm")
    layer.adapt(np.random.default_rng(0).normal(3, 2, (4, 8, 8, 2)))
    model = keras.Model(source, keras.layers.Conv2D(1, 1, activation="sigmoid")(layer(source)))
    image = np.random.default_rng(1).random((8, 8, 2), "float32")
    assert uv.nets.explain_value(model, image, "norm", 3, 4, 1).difference < 1e-5
