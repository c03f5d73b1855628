"""What is read from a model is read whole: models made of it again compute the same numbers."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from keras import layers
from support.foreign_models import MODELS
from support.random_models import random_models

import unetviz as uv

pytestmark = pytest.mark.keras


def run(source):
    scope = {}
    exec(source, scope)
    return scope["model"]


def made_again(model):
    """The model as `build` makes it of its trace, and as its source does, with its weights."""
    spec = uv.trace_model(model).spec
    for copy in (uv.build(spec), run(uv.keras_code(spec))):
        copy.set_weights(model.get_weights())
        yield copy


def compare(model, tolerance=1e-4):
    shape = (2, *(n or 12 for n in model.input_shape[1:]))
    image = np.random.default_rng(3).normal(0, 3, shape).astype("float32")
    expected = np.asarray(model(image, training=False))
    for copy in made_again(model):
        np.testing.assert_allclose(
            np.asarray(copy(image, training=False)), expected, rtol=tolerance, atol=tolerance
        )


@settings(max_examples=30, deadline=None)
@given(random_models())
def test_a_model_that_is_made_again_computes_the_same(drawn):
    model, refused = drawn
    if not refused:
        compare(model)
        return
    spec = uv.trace_model(model).spec
    for make in (uv.build, uv.keras_code):
        with pytest.raises(ValueError, match=f"'.*{refused}'.*cannot be written"):
            make(spec)


@pytest.mark.parametrize("name", ["mobile", "nested", "called_twice", "pixel_by_pixel", "residual"])
def test_a_foreign_model_is_made_again(name):
    compare(MODELS[name]())


def test_it_is_made_at_another_size_too():
    model = MODELS["nested"]((32, 32))
    spec = uv.trace_model(model).spec.replace(input_size=(48, 64))
    larger = MODELS["nested"]((48, 64))
    for copy in (uv.build(spec), run(uv.keras_code(spec))):
        copy.set_weights(model.get_weights())
        larger.set_weights(model.get_weights())
        image = np.random.default_rng(0).random((1, 48, 64, 3), "float32")
        np.testing.assert_allclose(copy(image), larger(image), rtol=1e-5, atol=1e-5)


def test_crops_follow_the_size_where_the_network_is_built_anew():
    model = MODELS["original"]((92, 76))
    spec = uv.trace_model(model).spec.rebuilt().replace(input_size=(108, 92))
    for copy in (uv.build(spec), run(uv.keras_code(spec))):
        assert (
            copy.output_shape == uv.build(spec).output_shape == (None, *uv.trace(spec).output_shape)
        )


def test_a_model_inside_that_is_called_at_two_sizes():
    convolution = layers.Conv2D(2, 3, padding="same", activation="tanh")
    inner = keras.Sequential([keras.Input((None, None, 2)), convolution], name="inner")
    source = keras.Input((12, 12, 2))
    small = inner(layers.MaxPooling2D()(inner(source)))
    model = keras.Model(source, layers.Concatenate()([layers.UpSampling2D()(small), source]))
    compare(model)
    assert "None" in uv.keras_code(uv.trace_model(model).spec)


def test_a_model_inside_with_outputs_that_are_not_used():
    inner = keras.Input((8, 8, 2))
    fine = layers.Conv2D(2, 3, padding="same", name="fine")(inner)
    encoder = keras.Model(inner, [fine, layers.Conv2D(2, 2, strides=2, name="coarse")(fine)])
    source = keras.Input((8, 8, 2))
    model = keras.Model(source, encoder(source)[0])
    trace = uv.trace_model(model)
    assert trace.output_shape == model.output_shape[1:]
    with pytest.raises(ValueError, match=r"'.*coarse'.*keras\.Model") as caught:
        uv.build(trace.spec)
    assert "inner.inputs" in str(caught.value)
    compare(keras.Model(source, keras.Model(encoder.inputs, encoder.outputs[0])(source)))


NAMES = (
    *("class", "my layer", "3d", "conv2d-1", "model", "inputs", "layers", 'a"b', "卷积", "_"),
    *("max", "my_layer", "Add"),
)


def test_names_that_python_does_not_allow_are_kept():
    source = x = keras.Input((8, 8, 1), name="keras")
    for name in NAMES:
        x = layers.Conv2D(2, 3, padding="same", name=name)(x)
    model = keras.Model(source, x)
    for copy in made_again(model):
        assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]
    compare(model)


def test_what_each_setting_is_kept_as():
    source = keras.Input((8, 8, 1), dtype="uint8", name="image")
    x = layers.Rescaling(1 / 255)(source)
    frozen = layers.Conv2D(2, 3, dtype="mixed_float16", name="frozen", trainable=False)
    x = layers.Dropout(0.5, seed=3, name="drop")(frozen(x), training=True)
    model = keras.Model(source, layers.BatchNormalization(momentum=0.5, name="norm")(x))
    for copy in made_again(model):
        assert copy.input.dtype == "uint8"
        for name in ("frozen", "drop", "norm"):
            expected = model.get_layer(name).get_config()
            found = copy.get_layer(name).get_config()
            assert found == expected, name
        image = np.full((1, 8, 8, 1), 200, "uint8")
        assert np.any(np.asarray(copy(image)) != np.asarray(copy(image)))  # dropout is on


REFUSED = {
    "a function": lambda: layers.Conv2D(2, 1, activation=lambda x: x * 2, name="own"),
    "a function of a known name": lambda: layers.Activation(relu, name="own"),
    "a class": lambda: type("Own", (layers.Conv2D,), {})(2, 1, name="own"),
    "a class that Keras also has": lambda: type("Conv2D", (layers.Conv2D,), {})(2, 1, name="own"),
    "a regularizer": lambda: layers.Conv2D(2, 1, kernel_regularizer=relu, name="own"),
    "a layer with weights": lambda: layers.Conv2D(2, 1, activation=layers.PReLU(), name="own"),
}


def relu(x):
    return keras.ops.relu(x) * 2


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", REFUSED)
def test_code_of_ones_own_is_followed_but_not_written(what):
    source = keras.Input((8, 8, 1))
    trace = uv.trace_model(keras.Model(source, REFUSED[what]()(source)))
    assert trace.ok
    for make in (uv.build, uv.keras_code):
        with pytest.raises(ValueError, match=r"'own'.*cannot be written.*the model itself"):
            make(trace.spec)
    compare(keras.Model(source, layers.Conv2D(2, 1, activation="relu", name="own")(source)))


@pytest.mark.parametrize(
    "start", ["he_normal", keras.initializers.Constant(0.1), keras.initializers.HeNormal(seed=3)]
)
def test_initial_values_that_keras_has_a_name_for_are_kept(start):
    source = keras.Input((8, 8, 1))
    model = keras.Model(source, layers.Conv2D(2, 3, kernel_initializer=start, name="c")(source))
    for copy in made_again(model):
        found, expected = (one.get_layer("c").get_config() for one in (copy, model))
        assert found["kernel_initializer"] == expected["kernel_initializer"]


def test_a_model_inside_with_two_inputs():
    one, other = keras.Input((8, 8, 2)), keras.Input((8, 8, 1))
    joined = layers.Conv2D(2, 3, padding="same")(layers.Concatenate()([one, other]))
    inner = keras.Model([one, other], joined, name="join")
    source = keras.Input((8, 8, 1))
    twice = inner([layers.Conv2D(2, 3, padding="same")(source), source])
    compare(keras.Model(source, inner([twice, source])))


def test_initial_values_of_ones_own_come_with_the_weights():
    def own(shape, dtype=None):
        return keras.ops.ones(shape, dtype)

    source = keras.Input((8, 8, 1))
    compare(keras.Model(source, layers.Conv2D(2, 3, kernel_initializer=own)(source)))
