"""Joins of networks as their specifications name them."""

from hypothesis import given, settings
from support.random_specs import fcn_specs, specs

import unetviz as uv
from unetviz.geometry.joins import find_joins


def found(trace):
    return {join.step.name: (join.skips, join.below) for join in find_joins(trace)}


@settings(max_examples=30)
@given(specs(max_depth=3, max_base=1))
def test_a_unet_joins_its_skip_with_the_map_from_below(spec):
    trace = uv.trace(spec)
    joined = [step for step in trace if len(step.inputs) > 1]
    assert found(trace) == {step.name: ((step.inputs[0],), (step.inputs[1],)) for step in joined}
    assert all(step.inputs[1] == f"{step.name[:4]}_up" for step in joined)


@settings(max_examples=20)
@given(fcn_specs(max_base=1))
def test_an_fcn_joins_its_scores(spec):
    levels = {32: (), 16: (5,), 8: (5, 4)}[spec.stride]
    assert found(uv.trace(spec)) == {
        f"dec{n}_add": ((f"dec{n}_score",), (f"dec{n}_crop",)) for n in levels
    }
