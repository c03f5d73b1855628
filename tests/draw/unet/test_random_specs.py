"""Drawings, bars and words of random specifications: nothing breaks, nothing overlaps."""

import xml.etree.ElementTree as ElementTree
from itertools import combinations

from hypothesis import HealthCheck, given, settings
from support.random_specs import specs

import unetviz as uv
from unetviz.draw.charts.pixel_budget import pixel_budget_svg
from unetviz.draw.unet.arrows import connect
from unetviz.draw.unet.draw import draw_svg
from unetviz.draw.unet.labels import label
from unetviz.draw.unet.layout import lay_out


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(specs(max_depth=8))
def test_any_network_can_be_drawn(spec):
    trace = uv.trace(spec)
    for svg in (draw_svg(trace), pixel_budget_svg(trace)):
        ElementTree.fromstring(svg)
    layout = lay_out(trace)
    labels = label(layout, connect(layout)[0])
    assert not any(one.overlaps(other) for one, other in combinations(labels, 2))
    boxes = [box for laid in layout.places() for box in laid.boxes]
    assert all(box.x >= 0 and box.right <= layout.width + 0.01 for box in boxes)
    for one, other in combinations(boxes, 2):
        beside = one.right <= other.x or other.right <= one.x
        assert beside or one.bottom <= other.top or other.bottom <= one.top
