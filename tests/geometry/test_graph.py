"""What a network is, and in which row its maps stand."""

import pytest

import unetviz as uv
from unetviz.geometry.graph import Graph, specification_of
from unetviz.geometry.ops import Convolution, MaxPooling, Source


def test_a_network_is_given_as_its_specification_or_as_its_trace():
    for spec in (uv.PAPER, uv.FCNSpec(64)):
        assert specification_of(spec) is spec
        assert specification_of(uv.trace(spec)) is spec


@pytest.mark.parametrize("what", [None, "UNetSpec", 572, uv.UNetSpec])
def test_what_is_no_network_is_refused_in_one_sentence(what):
    with pytest.raises(TypeError, match=r"such as a UNetSpec, not .*; try UNetSpec"):
        specification_of(what)


def test_a_model_is_told_how_it_becomes_a_network():
    class Model:
        def get_layer(self):
            raise NotImplementedError

    with pytest.raises(TypeError, match=r"trace_model\(model\)"):
        specification_of(Model())


def test_only_a_pool_that_shrinks_its_map_goes_a_level_down():
    graph, place = Graph(), {"level": 1, "side": "encoder"}
    image = graph.add("image", Source((16, 16, 1)), **place)
    same = MaxPooling((3, 3), (1, 1), "same")
    assert graph.add("conv", Convolution(2), [image], **place).map_level == 1
    assert graph.add("pool", MaxPooling(), [image], **place).map_level == 2
    assert graph.add("in_place", same, [image], **place).map_level == 1
    assert (
        graph.add("far", MaxPooling((4, 4), (4, 4)), [image], **place, map_level=3).map_level == 3
    )
