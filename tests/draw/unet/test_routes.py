"""Arrows lead around maps and words: measured in the SVG, for networks of any kind."""

import re
from itertools import pairwise

import pytest
from support.drawings import traces
from support.drawn import Drawn, faults
from support.random_examples import examples
from support.random_graphs import random_graph

import unetviz as uv
from unetviz.draw.unet.arrows import connect
from unetviz.draw.unet.draw import draw_svg
from unetviz.draw.unet.layout import lay_out
from unetviz.draw.unet.plan import plan


def test_nothing_lies_over_anything_else_in_a_u():
    for trace in traces():
        assert faults(uv.draw_unet(trace).svg) == [], trace.spec


@pytest.mark.parametrize("first", range(0, examples(40), 10))
def test_nothing_lies_over_anything_else_in_any_network(first):
    for seed in range(first, first + 10):
        trace = uv.trace(random_graph(seed)).check()
        for backward in (False, True):
            assert faults(uv.draw_unet(trace, backward=backward).svg) == [], seed


@pytest.mark.keras
def test_nothing_lies_over_anything_else_in_networks_that_others_write():
    from support.foreign_models import MODELS

    for name, make in MODELS.items():
        assert faults(uv.draw_unet(uv.trace_model(make())).svg) == [], name


@pytest.mark.keras
def test_nothing_lies_over_anything_else_in_random_u_nets():
    from support.network_pool import make_pool

    for network in make_pool():
        assert faults(uv.draw_unet(uv.trace(network.spec)).svg) == [], network


def test_the_measure_finds_what_lies_over_something():
    svg = uv.draw_unet(uv.UNetSpec(60, depth=1)).svg
    assert faults(svg) == []
    moved = re.sub(r'(<polyline class="line" points=")[^"]+', r"\g<1>0,60 300,60", svg, count=1)
    assert any("crosses" in fault for fault in faults(moved))
    low = re.sub(r'(<text [^>]*x="[\d.]+" y=")[\d.]+', r"\g<1>60", svg, count=1)
    assert any("lies over" in fault for fault in faults(low))
    cut = re.sub(r'viewBox="0 0 \d+', 'viewBox="0 0 300', svg)
    assert any("outside" in fault for fault in faults(cut))


def test_every_link_has_an_arrow():
    for seed in range(20):
        trace = uv.trace(random_graph(seed))
        layout = lay_out(trace)
        arrows, _ = connect(layout)
        drawn = {(arrow.source, arrow.step) for arrow in arrows}
        for link in plan(trace).links:
            assert any(step == link.step.name for _, step in drawn)
        assert len(arrows) == len(layout.links) + sum(
            link.target.upsample is not None and link.step is link.target.steps[0]
            for link in layout.links
        )
        ids = re.findall(r' id="([^"]+)"', draw_svg(trace))
        assert len(ids) == len(set(ids))


def test_arrows_run_along_the_axes():
    for seed in range(20):
        for arrow in connect(lay_out(uv.trace(random_graph(seed))))[0]:
            assert all(x == x2 or y == y2 for (x, y), (x2, y2) in pairwise(arrow.points)), arrow


def test_what_leaves_a_map_for_several_shares_its_line():
    """The first map of a nested network goes to each join of its level."""
    from support.random_graphs import nested

    trace = uv.trace(nested(depth=3))
    arrows, _ = connect(lay_out(trace))
    copies = [arrow for arrow in arrows if arrow.source == "x00" and arrow.look.colour == "crop"]
    around = [arrow.points for arrow in copies if len(arrow.points) > 2]
    assert len(around) == 2
    assert len({points[:2] for points in around}) == 1
    assert faults(draw_svg(trace)) == []


def test_a_wide_network_is_drawn_wider_and_is_not_cut_off():
    from support.random_graphs import residual_chain

    svg = draw_svg(uv.trace(residual_chain(blocks=12)))
    drawn = Drawn(svg)
    assert drawn.width > 848
    assert faults(svg) == []
