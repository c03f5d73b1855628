"""Keras source that is shown to learners, run and compared."""

import keras
import pytest
from hypothesis import HealthCheck, assume, given, settings
from support.random_examples import examples
from support.random_specs import specs

import unetviz as uv


@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
@given(specs(max_depth=3))
def test_the_source_builds_the_same_network(spec):
    trace = uv.trace(spec)
    assume(trace.ok)
    source = uv.keras_code(spec)
    assert "unetviz" not in source
    scope = {}
    exec(source, scope)
    model = scope["model"]
    assert model.count_params() == trace.params
    assert {layer.name: layer.output.shape[1:] for layer in model.layers} == {
        step.name: step.out_shape for step in trace
    }
    built = uv.build(spec)
    assert [layer.get_config() for layer in map(model.get_layer, uv_names(trace))] == [
        layer.get_config() for layer in map(built.get_layer, uv_names(trace))
    ]


def uv_names(trace):
    return [step.name for step in trace]


def test_the_full_networks_as_source():
    for spec in (uv.PAPER, uv.DOCUMENT):
        scope = {}
        exec(uv.keras_code(spec), scope)
        assert isinstance(scope["model"], keras.Model)
        assert scope["model"].count_params() == uv.trace(spec).params
        assert max(map(len, uv.keras_code(spec).splitlines())) <= 88


def test_a_size_that_fails_has_no_source():
    with pytest.raises(uv.ShapeError, match="enc4_conv2"):
        uv.keras_code(uv.UNetSpec(64))
