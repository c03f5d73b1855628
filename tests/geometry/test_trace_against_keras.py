"""The trace against networks written independently of it."""

import math
from collections import Counter
from dataclasses import fields

import keras
import pytest
from support.network_pool import check_each

import unetviz as uv
from unetviz.geometry.specs.fields import declarations

pytestmark = pytest.mark.keras


def test_shapes_parameters_costs_and_verdict(network_pool):
    check_each(network_pool, compare)


def compare(network):
    trace = uv.trace(network.spec)
    try:
        model, tensors = network.independent()
    except ValueError:
        assert not trace.ok
        assert trace.output_shape is None
        assert trace.warnings
        return
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


def test_the_shared_networks_are_of_all_kinds(network_pool):
    """Else the tests that go through them would prove less than they seem to."""
    verdicts = Counter()
    for network in network_pool:
        trace = uv.trace(network.spec)
        verdicts["refused" if not trace.ok else "lossy" if trace.warnings else "fits"] += 1
    assert min(verdicts[kind] for kind in ("refused", "lossy", "fits")) >= 5, verdicts
    unets = [network.small for network in network_pool if not network.is_fcn]
    for field in fields(uv.UNetSpec):
        values = {getattr(spec, field.name) for spec in unets}
        choices = declarations(uv.UNetSpec)[field.name].choices
        assert len(values) >= min(2, len(choices) or 2), field.name
        if len(choices) <= 3:
            assert values >= set(choices), field.name
    assert {network.small.stride for network in network_pool if network.is_fcn} == {32, 16, 8}
