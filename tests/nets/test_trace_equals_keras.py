"""The trace against a network written independently of it, on random specifications."""

import math

import keras
import pytest
from hypothesis import HealthCheck, given, settings
from support.independent_fcn import build_fcn_independently
from support.independent_unet import build_independently
from support.random_examples import examples
from support.random_specs import fcn_specs, specs

import unetviz as uv

EXAMPLES = examples(150)
seen = {"ok": 0, "lossy": 0, "refused": 0}


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(specs())
def test_shapes_parameters_and_verdict(spec):
    if sum(seen.values()) % 50 == 0:
        keras.backend.clear_session()  # each model would keep half a megabyte
    trace = uv.trace(spec)
    try:
        model, tensors = build_independently(spec)
    except ValueError:
        seen["refused"] += 1
        assert not trace.ok
        assert trace.output_shape is None
        assert trace.warnings
        return
    seen["lossy" if trace.warnings else "ok"] += 1
    compare(trace, model, tensors)


@settings(max_examples=examples(10), deadline=None, suppress_health_check=list(HealthCheck))
@given(fcn_specs())
def test_shapes_and_parameters_of_an_fcn(spec):
    compare(uv.trace(spec), *build_fcn_independently(spec))


def compare(trace, model, tensors):
    assert trace.ok, trace.problems
    assert {step.name: step.out_shape for step in trace} == {
        name: tuple(tensor.shape[1:]) for name, tensor in tensors.items()
    }
    assert [step.name for step in trace] == list(tensors)
    assert trace.params == model.count_params()
    assert trace.macs == sum(multiply_accumulates(layer) for layer in model.layers)
    numbers = sum(math.prod(tensor.shape[1:]) for tensor in tensors.values())
    assert trace.activation_bytes == 4 * numbers


def multiply_accumulates(layer):
    """One for every weight at every place where the kernel is laid on."""
    if isinstance(layer, keras.layers.Conv2DTranspose):
        return math.prod(layer.input.shape[1:3]) * math.prod(layer.kernel.shape)
    if isinstance(layer, keras.layers.Conv2D):
        return math.prod(layer.output.shape[1:3]) * math.prod(layer.kernel.shape)
    return 0


@pytest.mark.parametrize("kind", ["ok", "lossy", "refused"])
def test_random_specifications_reached_every_verdict(kind):
    if sum(seen.values()) < EXAMPLES // 2:
        test_shapes_parameters_and_verdict()
    assert seen[kind] >= EXAMPLES // 20
