"""Joins of networks as their specifications name them."""

from hypothesis import given, settings
from support.random_specs import fcn_specs, specs

import unetviz as uv
from unetviz.geometry.joins import find_joins
from unetviz.geometry.ops import (
    Addition,
    Combination,
    Concatenation,
    Convolution,
    MaxPooling,
    Upsampling,
)
from unetviz.geometry.specs.from_model import Record, RecordedSpec


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


# --- networks of other people -----------------------------------------------------------------


class Network:
    """Steps written one after the other; a map is known by its name."""

    def __init__(self):
        self.records = []
        self.level = {"image": 1}

    def add(self, name, operation, *inputs, level, side="decoder"):
        kind = operation.kind
        self.records.append(
            Record(name, kind, operation, inputs, self.level[inputs[0]], side, map_level=level)
            if kind == "pool"
            else Record(name, kind, operation, inputs, level, side)
        )
        self.level[name] = level
        return name

    def conv(self, name, source, side="decoder"):
        operation = Convolution(2, padding="same")
        return self.add(name, operation, source, level=self.level[source], side=side)

    def down(self, name, source, factor=2):
        level = self.level[source] + factor.bit_length() - 1
        operation = MaxPooling((factor, factor), (factor, factor))
        return self.conv(f"{name}_conv", self.add(name, operation, source, level=level), "encoder")

    def up(self, name, source, factor=2):
        level = self.level[source] - factor.bit_length() + 1
        return self.add(name, Upsampling((factor, factor)), source, level=level)

    def join(self, name, *inputs, operation=None):
        operation = operation or Concatenation()
        return self.add(name, operation, *inputs, level=self.level[inputs[0]])

    def found(self):
        trace = uv.trace(RecordedSpec((64, 64), 2, tuple(self.records), "image")).check()
        return found(trace), find_joins(trace)


def test_shortcuts_of_blocks_are_no_joins():
    net = Network()
    skip = net.join("e1", net.conv("e1a", "image", "encoder"), "image", operation=Addition())
    deep = net.down("pool", skip)
    deep = net.join("b1", net.conv("b1a", deep), deep, operation=Addition())
    x = net.join("cat", net.up("up", deep), skip)
    x = net.join("d1", net.conv("d1a", x), net.conv("d1b", x), operation=Addition())
    net.join("d2", net.conv("d2a", x), x, operation=Addition())
    assert net.found()[0] == {"cat": (("e1",), ("up",))}


def test_a_shortcut_that_is_up_sampled_too_is_no_skip():
    net = Network()
    deep = net.down("pool", "image")
    x, short = net.up("up", net.conv("main", deep)), net.up("up2", deep)
    net.join("sum", x, net.conv("short", short), operation=Addition())
    assert net.found()[0] == {}


def test_a_nested_network_joins_all_maps_of_a_level():
    net = Network()
    x0 = net.conv("x00", "image", "encoder")
    x1 = net.down("p1", x0)
    x2 = net.down("p2", x1)
    x01 = net.conv("x01", net.join("j01", x0, net.up("u01", x1)))
    x11 = net.conv("x11", net.join("j11", x1, net.up("u11", x2)))
    x02 = net.conv("x02", net.join("j02", x0, x01, net.up("u02", x11)))
    scores = [net.conv("s1", x01), net.conv("s2", x02)]
    net.join("mean", *scores, operation=Combination("Average"))
    assert net.found()[0] == {
        "j01": (("x00",), ("u01",)),
        "j11": (("p1_conv",), ("u11",)),
        "j02": (("x00", "x01"), ("u02",)),
    }


def test_maps_of_all_levels_meet():
    """UNet 3+: what is coarser comes from below, what is finer is a skip."""
    net = Network()
    e1 = net.conv("e1", "image", "encoder")
    e2 = net.down("p2", e1)
    e3 = net.down("p3", e2)
    d2 = net.join("d2", net.down("e1_2", e1), net.conv("e2_2", e2), net.up("u32", e3))
    net.join("d1", net.conv("e1_1", e1), net.up("u21", d2), net.up("u31", e3, 4))
    assert net.found()[0] == {
        "d2": (("e1_2_conv", "e2_2"), ("u32",)),
        "d1": (("e1_1",), ("u21", "u31")),
    }


def test_several_skips_of_a_level_are_several_joins():
    net = Network()
    first = net.conv("first", "image", "encoder")
    second = net.conv("second", first, "encoder")
    x = net.conv("between", net.join("j2", net.up("up", net.down("pool", second)), second))
    net.join("j1", x, first)
    assert net.found()[0] == {"j2": (("second",), ("up",)), "j1": (("first",), ("between",))}


def test_the_map_that_a_gate_weights_is_the_skip():
    net = Network()
    skip = net.conv("skip", "image", "encoder")
    x = net.up("up", net.down("pool", skip))
    both = net.join("both", net.conv("theta", skip), net.conv("phi", x), operation=Addition())
    weights = net.conv("psi", both)
    gated = net.join("gated", weights, skip, operation=Combination("Multiply"))
    net.join("cat", x, net.conv("after", gated))
    names, joins = net.found()
    assert names == {"cat": (("after",), ("up",))}
    assert joins[0].gates == {"after": "gated"}


def test_a_product_that_no_join_takes_is_a_join():
    net = Network()
    x = net.up("up", net.down("pool", "image"))
    net.conv("end", net.join("times", x, "image", operation=Combination("Multiply")))
    names, joins = net.found()
    assert names == {"times": (("image",), ("up",))}
    assert joins[0].gates == {}


def test_the_second_of_two_networks_in_a_row_has_skips_of_its_own():
    net = Network()
    x = net.join("cat1", net.up("up1", net.down("p1", "image")), "image")
    skip = net.conv("second", x)
    net.join("cat2", net.up("up2", net.down("p2", skip)), skip)
    assert net.found()[0] == {
        "cat1": (("image",), ("up1",)),
        "cat2": (("second",), ("up2",)),
    }


def test_parallel_windows_are_no_joins():
    net = Network()
    pool = net.add("pool", MaxPooling((3, 3), (1, 1), "same"), "image", level=1)
    net.join("cat", net.conv("one", "image"), net.conv("two", "image"), pool)
    assert net.found()[0] == {}
