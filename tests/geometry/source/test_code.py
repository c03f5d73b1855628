"""Keras source that is shown to learners, run and compared."""

import keras
import numpy as np
import pytest
from support.network_pool import check_each

import unetviz as uv

pytestmark = pytest.mark.keras


def run(source):
    assert "unetviz" not in source
    scope = {}
    exec(source, scope)
    return scope["model"]


def upconvolutions(model):
    return [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2DTranspose)]


def configuration(layer):
    """All settings, but how the kernel of an FCN's up-convolution starts: see below."""
    settings = layer.get_config()
    if isinstance(layer, keras.layers.Conv2DTranspose):
        settings.pop("kernel_initializer")
    return settings


def test_the_source_builds_the_same_network(network_pool):
    check_each(network_pool, compare)


def compare(network):
    source = uv.keras_code(network.small)
    assert max(map(len, source.splitlines())) <= 88
    written = run(source)
    assert written.count_params() == network.trace.params
    assert {layer.name: layer.output.shape[1:] for layer in written.layers} == {
        step.name: step.out_shape for step in network.trace
    }
    for step in network.trace:
        one, other = (model.get_layer(step.name) for model in (written, network.model))
        assert configuration(one) == configuration(other)


def test_the_source_starts_an_fcn_with_the_same_bilinear_kernels_and_computes_the_same():
    for spec in (
        uv.FCNSpec((64, 96), base_filters=2),
        uv.FCNSpec((96, 63), 3, 3, 1, stride=8),
    ):
        built = uv.build(spec)
        read = uv.trace_model(built)
        for written in (run(uv.keras_code(spec)), run(uv.keras_code(read.spec))):
            assert [layer.name for layer in written.layers] == [step.name for step in read]
            for one, other in zip(upconvolutions(written), upconvolutions(built), strict=True):
                for weights, expected in zip(one.get_weights(), other.get_weights(), strict=True):
                    np.testing.assert_array_equal(weights, expected)
            built.set_weights(written.get_weights())
            image = np.random.default_rng(0).random((1, *spec.input_size, spec.input_channels))
            np.testing.assert_array_equal(written(image), built(image))


def test_only_the_source_of_an_fcn_needs_numpy():
    assert "numpy" not in uv.keras_code(uv.PAPER)
    assert uv.keras_code(uv.FCNSpec(64)).count("def bilinear") == 1


def test_the_source_of_a_model_with_bilinear_up_sampling():
    source = keras.Input((8, 8, 1))
    layer = keras.layers.UpSampling2D(2, interpolation="bilinear", name="twice")
    trace = uv.trace_model(keras.Model(source, layer(source)))
    model = run(uv.keras_code(trace.spec))
    assert model.get_layer("twice").interpolation == "bilinear"


def test_the_source_of_the_full_network():
    assert run(uv.keras_code(uv.PAPER)).count_params() == 31_030_658


def test_a_size_that_fails_has_no_source():
    for spec, step in ((uv.UNetSpec(64), "enc4_conv2"), (uv.FCNSpec(31), "enc5_pool")):
        with pytest.raises(uv.ShapeError, match=step) as caught:
            uv.keras_code(spec)
        assert caught.value.problem == uv.trace(spec).problems[0]
