"""Panels take every network that they can show, and say in one sentence what else they need."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from support.random_graphs import nested

import unetviz as uv
from unetviz.geometry.graph import Specification
from unetviz.geometry.ops import Convolution, Source
from unetviz.widgets.parts.networks import fcn, u_net

IMAGE = np.random.default_rng(0).random((96, 96))


class Mine(uv.UNetSpec):
    """What a person makes of a U-Net."""


@dataclass(frozen=True)
class Own(Specification):
    """A network of one's own: two convolutions, and nothing else."""

    input_size: tuple

    def replace(self, **changes):
        return replace(self, **changes)

    def arrange(self, graph):
        x = graph.add("image", Source((*self.input_size, 1)), level=1, side="encoder")
        for name, side in (("one", "encoder"), ("two", "head")):
            convolution = Convolution(2, padding="same")
            x = graph.add(name, convolution, [x], level=1, side=side)


READ = nested(2).replace(input_size=(64, 64))
NETWORKS = {
    "read": READ,
    "its trace": uv.trace(READ),
    "fcn": uv.FCNSpec(64, base_filters=1),
    "a subclass": Mine(64, depth=2, base_filters=2, padding="same"),
    "own": Own((64, 64)),
}
PANELS = {
    "ReceptiveFieldExplorer": lambda spec: uv.widgets.ReceptiveFieldExplorer(IMAGE, spec),
    "BorderExplorer": lambda spec: uv.widgets.BorderExplorer(IMAGE, spec),
    "SizeCheck": lambda spec: uv.widgets.SizeCheck("64 x 64", spec),
    "TileExplorer": lambda spec: uv.widgets.TileExplorer(IMAGE, spec),
    "UNetExplorer": uv.UNetExplorer,
    "FCNExplorer": uv.widgets.FCNExplorer,
}
REFUSED = {("UNetExplorer", name) for name in ("read", "its trace", "fcn", "own")} | {
    ("FCNExplorer", name) for name in NETWORKS if name != "fcn"
}
SEAMS = {("TileExplorer", "fcn")}
"""Here all of the output has seen padding: there is no plan to show."""


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_panel_shows_a_network_or_says_what_it_takes(panel, name):
    network = NETWORKS[name]
    if (panel, name) in REFUSED:
        with pytest.raises(TypeError, match=rf"{panel} changes the fields of an? \w+Spec"):
            PANELS[panel](network)
        return
    if (panel, name) in SEAMS:
        with pytest.raises(ValueError, match="no stride is seamless"):
            PANELS[panel](network)
        return
    shown = PANELS[panel](network)
    if hasattr(shown, "trace"):
        assert shown.trace.output_shape == uv.trace(network).output_shape


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("what", ["UNetSpec", 64, uv.UNetSpec])
def test_what_is_no_network_is_refused(panel, what):
    with pytest.raises(TypeError, match="a network is a trace or a specification"):
        PANELS[panel](what)


def test_the_size_of_a_network_that_was_read_can_be_changed():
    panel = uv.widgets.ReceptiveFieldExplorer(IMAGE, READ)
    assert panel.controls.fields == {}
    panel.controls.side.value = 32
    assert panel.trace.steps[0].out_shape == (32, 32, 1)
    check = uv.widgets.SizeCheck("64 x 64", READ)
    check.size.value = "63 x 64"
    assert not check.trace.ok
    assert check.fields == {}


def test_tiles_of_ones_own_network_are_one_of_the_choices():
    panel = uv.widgets.TileExplorer(IMAGE, READ)
    assert panel.spec == READ
    assert panel.plan.tile == (64, 64)
    panel.network.value = "paper"
    assert panel.spec == uv.PAPER
    panel.network.value = "own"
    assert panel.spec == READ


def test_a_trace_of_a_u_net_counts_as_its_specification():
    spec = uv.UNetSpec(64, padding="same", depth=2)
    assert u_net("A panel", uv.trace(spec)) == spec
    assert fcn("A panel", NETWORKS["fcn"]) is NETWORKS["fcn"]


def test_steps_may_be_numbers_of_numpy():
    assert uv.UNetExplorer(step=np.int64(3)).step == 3
    with pytest.raises(ValueError, match=r"step must be .*, not 300$"):
        uv.UNetExplorer(step=np.int64(300))
    with pytest.raises(ValueError, match=r"step must be .*, not True$"):
        uv.UNetExplorer(step=True)
