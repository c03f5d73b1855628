"""The drawing with its arrows turned round, and the chart of norms."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from support.random_specs import fcn_specs, specs

import unetviz as uv
from unetviz.draw.charts.gradient_norms import draw_norms
from unetviz.draw.unet.arrows import connect
from unetviz.draw.unet.draw import draw_svg
from unetviz.draw.unet.layout import lay_out

SVG = "{http://www.w3.org/2000/svg}"


def arrows_of(trace, backward):
    root = ElementTree.fromstring(draw_svg(trace, backward=backward))
    groups = [g for g in root.iter(f"{SVG}g") if (g.get("id") or "").startswith("arrow-")]
    assert len({g.get("id") for g in groups}) == len(groups)
    return {
        g.get("id"): (
            g.get("data-step"),
            [
                tuple(map(float, p.split(",")))
                for p in g.find(f"{SVG}polyline").get("points").split()
            ],
            [
                tuple(map(float, p.split(",")))
                for p in g.find(f"{SVG}polygon").get("points").split()
            ],
        )
        for g in groups
    }


def check(trace):
    forward, backward = arrows_of(trace, False), arrows_of(trace, True)
    assert forward.keys() == backward.keys()
    steps = {step.name: step for step in trace}
    for name, (step, points, tip) in forward.items():
        leads_to, turned, turned_tip = backward[name]
        assert name == f"arrow-{step}"
        # It leads to what went in: the map itself, or the one that a crop or a dropout follows.
        source = steps[step].inputs
        while leads_to not in source and source:
            source = tuple(one for name in source for one in steps[name].inputs)
        assert leads_to in source
        # Its tip is where it began, up to what the tips take away.
        assert turned_tip[0] == pytest.approx(points[0], abs=0.11)
        assert tip[0] == pytest.approx(turned[0], abs=0.11)


@pytest.mark.parametrize("spec", [uv.PAPER, uv.DOCUMENT, uv.FCNSpec(256, stride=8)], ids=str)
def test_every_arrow_leads_back_to_what_went_in(spec):
    check(uv.trace(spec))


@given(specs())
def test_every_arrow_of_any_network_leads_back(spec):
    found = uv.trace(spec)
    if found.ok:
        check(found)


@given(fcn_specs())
def test_every_arrow_of_any_fcn_leads_back(spec):
    check(uv.trace(spec).check())


def test_two_arrows_lead_back_to_a_map_that_goes_two_ways():
    trace = uv.trace(uv.PAPER)
    arrows, _ = connect(lay_out(trace))
    turned = [arrow.turned() for arrow in arrows]
    for level in range(1, 5):
        assert sum(arrow.step == f"enc{level}_conv2" for arrow in turned) == 2
    assert {arrow.label for arrow in turned} - {""} == {f"zeros {n}" for n in (4, 16, 40, 88)}
    assert all(arrow.turned().turned() == arrow or arrow.label for arrow in arrows)


def test_caption_and_legend_tell_the_way_back():
    drawing = uv.draw_unet(uv.PAPER, backward=True)
    assert drawing.caption == (
        "A U-Net with 4 poolings, backwards: the gradient goes from the 388 x 388 pixels of the "
        "output to the 572 x 572 of the input."
    )
    for words in ("flipped kernel", "to the largest", "strided convolution", "zeros 88"):
        assert f">{words}</text>" in drawing.svg
        assert f">{words}</text>" not in uv.draw_unet(uv.PAPER).svg


def heights(drawing, kind):
    root = ElementTree.fromstring(drawing.svg)
    (group,) = [
        g
        for g in root.iter(f"{SVG}g")
        if g.get("class") == kind and g.find(f"{SVG}circle") is not None
    ]
    return [float(c.get("cy")) for c in group.iter(f"{SVG}circle")]


def test_norms_lie_on_an_axis_of_powers_of_ten():
    series = {"a": {"x": 1.0, "y": 0.1, "<z>": 0.01}, "b": {"x": 0.5, "<z>": 1.0}}
    drawing = draw_norms(series, "Norms.")
    first, second, third = heights(drawing, "conv")
    assert second - first == pytest.approx(third - second, abs=0.2)
    assert first < second < third
    assert heights(drawing, "pool")[1] == pytest.approx(first, abs=0.1)
    assert len(heights(drawing, "pool")) == 2
    assert "&lt;z&gt;" in drawing.svg
    assert drawing.caption == "Norms."


@pytest.mark.parametrize(
    ("series", "words"),
    [({}, "from 1 to 5 networks"), ({"a": {"x": 0.0}}, "no number above 0")],
)
def test_nothing_to_draw_is_said(series, words):
    with pytest.raises(ValueError, match=words):
        draw_norms(series, "")
