"""The bars, as SVG and as plotly figure: their numbers are those of the trace."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest

import unetviz as uv
from unetviz.draw.charts.pixel_budget import measures, pixel_budget_caption, pixel_budget_svg
from unetviz.draw.theme import WIDTH

SPECS = [uv.PAPER, uv.DOCUMENT, uv.UNetSpec(64), uv.UNetSpec((1364, 659), padding="same")]
DEEP = uv.UNetSpec(2048, depth=8, padding="same", head_filters=(2,))


@pytest.fixture(params=[*SPECS, DEEP], ids=repr)
def trace(request):
    return uv.trace(request.param)


def test_sums_are_those_of_the_trace(trace):
    names, (pixels, params, macs, memory) = measures(trace)
    assert len(names) == len(pixels.values)
    assert sum(params.values) == trace.params
    assert sum(macs.values) == trace.macs
    assert sum(memory.values) == trace.activation_bytes
    if trace.ok:
        assert sum(pixels.values) == trace.spec.input_size[0] - trace.output_shape[0]


def test_every_bar_has_its_number(trace):
    svg = pixel_budget_svg(trace)
    texts = [node.text for node in ElementTree.fromstring(svg).iter() if node.text]
    names, rows = measures(trace)
    assert svg.count("<rect") == len(names) * len(rows)
    for row in rows:
        for value in row.values:
            assert row.text(value) in texts
        assert row.title in texts
        assert row.total in texts
    ends = [
        float(x) + float(w) for x, w in re.findall(r'x="([\d.]+)" y="[^"]+" width="([\d.]+)', svg)
    ]
    assert max(ends) <= WIDTH


def test_numbers_in_one_row_do_not_overlap():
    for spec in (uv.PAPER, DEEP):
        names, rows = measures(uv.trace(spec))
        column = (WIDTH - 16 - 132) / len(names)
        longest = max(len(row.text(value)) for row in rows for value in row.values)
        assert longest * 11 * 0.6 <= column
        for one, other in pairwise(names):
            assert (len(one) + len(other)) / 2 * 11 * 0.6 <= column


def test_caption_of_the_paper_and_of_a_net_that_loses_nothing():
    assert "184 rows are lost on the way: 60 + 64 + 60" in pixel_budget_caption(uv.trace(uv.PAPER))
    assert "No pixel is lost" in pixel_budget_caption(uv.trace(uv.DOCUMENT))
    drawing = uv.draw.draw_pixel_budget(uv.PAPER)
    assert drawing.caption in drawing.svg
    assert drawing.png().startswith(b"\x89PNG")


def test_the_figure_has_the_same_numbers(trace):
    figure = uv.draw.pixel_budget_figure(trace)
    names, rows = measures(trace)
    for bars, row in zip(figure.data, rows, strict=True):
        assert tuple(bars.x) == names
        assert tuple(bars.y) == row.values
    assert len(figure.to_json()) < 20_000
