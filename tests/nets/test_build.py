"""Models that `build` makes are what the trace describes."""

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from support.random_examples import examples
from support.random_specs import specs

import unetviz as uv

relaxed = settings(
    max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck)
)


@relaxed
@given(specs(max_depth=4))
def test_layers_are_the_steps(spec):
    trace = uv.trace(spec)
    assume(trace.ok)
    model = uv.build(spec)
    assert {layer.name for layer in model.layers} == {step.name for step in trace}
    for step in trace:
        layer = model.get_layer(step.name)
        assert layer.output.shape[1:] == step.out_shape
        assert layer.count_params() == step.params
        inputs = layer.input if isinstance(layer.input, list) else [layer.input]
        if step.inputs:
            assert tuple(tensor.shape[1:] for tensor in inputs) == step.in_shapes
    assert model.output_shape == (None, *trace.output_shape)


@settings(relaxed, max_examples=examples(12))
@given(specs(max_depth=3, max_base=2))
def test_an_image_goes_through(spec):
    trace = uv.trace(spec)
    assume(trace.ok and trace.macs < 2e8)
    image = np.random.default_rng(0).random((1, *trace["input"].out_shape), "float32")
    assert uv.build(spec)(image).shape == (1, *trace.output_shape)


@pytest.mark.parametrize("size", [573, (574, 600), (400, 189)])
def test_lossy_sizes_are_built(size):
    spec = uv.PAPER.replace(input_size=size, base_filters=1)
    assert uv.trace(spec).warnings
    assert uv.build(spec).output_shape[1:] == uv.trace(spec).output_shape


def test_initialisers_and_activations_of_the_description():
    model = uv.build(uv.DOCUMENT.replace(base_filters=1, input_size=32, final_activation="linear"))
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            head = layer.name == "head"
            initializer = type(layer.kernel_initializer).__name__
            assert initializer == ("GlorotUniform" if head else "HeNormal")
            assert layer.activation.__name__ == ("linear" if head else "relu")


def test_a_size_that_fails_raises_the_explanation():
    with pytest.raises(uv.ShapeError, match=r"(?s)dec4_concat.*192 and 208") as caught:
        uv.build(uv.UNetSpec(200, padding="same"))
    assert caught.value.problem == uv.trace(uv.UNetSpec(200, padding="same")).problems[0]
