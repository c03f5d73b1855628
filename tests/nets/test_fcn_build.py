"""Fully convolutional networks as Keras models, as source, and in files."""

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from support.random_specs import fcn_specs

import unetviz as uv

SPECS = [
    uv.FCNSpec((64, 96), base_filters=2),
    uv.FCNSpec((70, 100), 3, 3, 1, stride=16),
    uv.FCNSpec((96, 63), classes=1, base_filters=1, stride=8),
]
few = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
each = pytest.mark.parametrize("spec", SPECS, ids=repr)


def upconvolutions(model):
    return [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2DTranspose)]


def image_for(spec, seed=0):
    shape = (1, *spec.input_size, spec.input_channels)
    return np.random.default_rng(seed).random(shape, "float32")


@few
@given(fcn_specs())
def test_layers_are_the_steps_in_their_order(spec):
    trace, model = uv.trace(spec), uv.build(spec)
    assert [layer.name for layer in model.layers] == [step.name for step in trace]
    for layer, step in zip(model.layers, trace, strict=True):
        assert layer.output.shape[1:] == step.out_shape
        assert layer.count_params() == step.params
        inputs = layer.input if isinstance(layer.input, list) else [layer.input]
        if step.inputs:
            assert tuple(tensor.shape[1:] for tensor in inputs) == step.in_shapes
    assert model.count_params() == trace.params
    assert model.output_shape == (None, *spec.input_size, spec.classes)


@few
@given(fcn_specs())
def test_the_trace_of_the_model_is_the_trace_of_the_specification(spec):
    expected, found = uv.trace(spec), uv.trace_model(uv.build(spec))
    for name in ("name", "inputs", "in_shapes", "out_shape", "params", "macs", "crop", "level"):
        assert [getattr(step, name) for step in found] == [
            getattr(step, name) for step in expected
        ], name
    assert (found.params, found.macs) == (expected.params, expected.macs)
    assert found.activation_bytes == expected.activation_bytes
    assert [warning.step for warning in found.warnings] == [
        warning.step for warning in expected.warnings
    ]
    row, column = (n - 1 for n in spec.input_size)
    assert uv.receptive_field(found, row, column) == uv.receptive_field(expected, row, column)


@each
def test_an_image_becomes_shares_of_the_classes(spec):
    shares = uv.build(spec, seed=1)(image_for(spec)).numpy()
    assert shares.shape == (1, *spec.input_size, spec.classes)
    np.testing.assert_allclose(shares.sum(axis=-1), 1, rtol=1e-5)
    if spec.classes > 1:
        assert shares[..., 0].std() > 0


@each
def test_initializers_and_activations_of_the_description(spec):
    for layer in uv.build(spec).layers:
        if isinstance(layer, keras.layers.Conv2D):
            is_scores = "score" in layer.name
            initializer = type(layer.kernel_initializer).__name__
            assert initializer == ("GlorotUniform" if is_scores else "HeNormal")
            assert layer.activation.__name__ == ("linear" if is_scores else "relu")


@each
def test_the_way_up_begins_as_bilinear_interpolation(spec):
    layers = upconvolutions(uv.build(spec))
    assert len(layers) == [32, 16, 8].index(spec.stride) + 1
    for layer in layers:
        kernel, bias = (np.asarray(weights) for weights in layer.get_weights())
        (factor, _), size = layer.strides, kernel.shape[0]
        assert size == 2 * factor
        line = [1 - abs(i + 0.5 - factor) / factor for i in range(size)]
        expected = np.einsum("i,j,ab->ijab", line, line, np.eye(spec.classes))
        np.testing.assert_allclose(kernel, expected, atol=1e-7)
        assert not bias.any()


def test_the_scores_of_a_valid_size_stay_in_their_places():
    """With one score of 1 the first way up makes a pyramid around the pixels it stands for."""
    spec = uv.FCNSpec(160, classes=1, base_filters=1)
    model = uv.build(spec)
    tail = keras.Model(model.get_layer("up").input, model.get_layer("crop").output)
    scores = np.zeros((1, 5, 5, 1), "float32")
    scores[0, 1, 3] = 1
    (answer,) = tail(scores).numpy()[..., 0]
    rows, columns = np.indices(answer.shape)
    middle = [(index * answer).sum() / answer.sum() for index in (rows, columns)]
    np.testing.assert_allclose(middle, [32 * 1 + 15.5, 32 * 3 + 15.5], atol=1e-3)


@each
def test_a_seed_makes_the_same_weights_again(spec):
    first, again, other = (uv.build(spec, seed=seed).get_weights() for seed in (7, 7, 8))
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
    assert not all(np.array_equal(*pair) for pair in zip(first, other, strict=True))


@each
def test_a_saved_model_is_the_same_model(spec, tmp_path):
    model, image = uv.build(spec, seed=3), image_for(spec)
    path = tmp_path / "fcn.keras"
    model.save(path)
    for load in (uv.nets.load_model, keras.saving.load_model):
        loaded = load(path)
        assert [layer.get_config() for layer in loaded.layers] == [
            layer.get_config() for layer in model.layers
        ]
        np.testing.assert_array_equal(loaded(image), model(image))
        assert type(upconvolutions(loaded)[0].kernel_initializer).__name__ == "Bilinear"
    copy = keras.models.clone_model(loaded)  # made anew from its configuration
    for layer, expected in zip(upconvolutions(copy), upconvolutions(model), strict=True):
        np.testing.assert_array_equal(layer.get_weights()[0], expected.get_weights()[0])


def without_initializer(layer):
    config = layer.get_config()
    if isinstance(layer, keras.layers.Conv2DTranspose):
        config.pop("kernel_initializer")
    return config


def run(source):
    assert "unetviz" not in source
    scope = {}
    exec(source, scope)
    return scope["model"]


@few
@given(fcn_specs())
def test_the_source_builds_the_same_network(spec):
    source = uv.keras_code(spec)
    assert max(map(len, source.splitlines())) <= 88
    written, built = run(source), uv.build(spec)
    assert [without_initializer(layer) for layer in written.layers] == [
        without_initializer(layer) for layer in built.layers
    ]
    pairs = list(zip(upconvolutions(written), upconvolutions(built), strict=True))
    for one, other in pairs:
        for weights, expected in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(weights, expected)


@each
def test_the_source_computes_the_same(spec):
    written, built, image = run(uv.keras_code(spec)), uv.build(spec), image_for(spec)
    built.set_weights(written.get_weights())
    np.testing.assert_array_equal(written(image), built(image))


def test_the_source_of_a_u_net_needs_no_numpy():
    assert "numpy" not in uv.keras_code(uv.PAPER)
    assert uv.keras_code(SPECS[0]).count("def bilinear") == 1


@each
def test_the_source_of_a_model_that_was_read(spec):
    read = uv.trace_model(uv.build(spec))
    written = run(uv.keras_code(read.spec))
    assert [layer.name for layer in written.layers] == [step.name for step in read]
    for one, other in zip(upconvolutions(written), upconvolutions(uv.build(spec)), strict=True):
        np.testing.assert_array_equal(one.get_weights()[0], other.get_weights()[0])


def test_the_source_of_a_model_with_bilinear_up_sampling():
    source = keras.Input((8, 8, 1))
    layer = keras.layers.UpSampling2D(2, interpolation="bilinear", name="twice")
    trace = uv.trace_model(keras.Model(source, layer(source)))
    model = run(uv.keras_code(trace.spec))
    assert model.get_layer("twice").interpolation == "bilinear"


def test_a_size_that_fails_raises_the_explanation():
    for make in (uv.build, uv.keras_code):
        with pytest.raises(uv.ShapeError, match=r"(?s)enc5_pool.*at least 2 x 2.*32") as caught:
            make(uv.FCNSpec(31))
        assert caught.value.problem == uv.trace(uv.FCNSpec(31)).problems[0]
