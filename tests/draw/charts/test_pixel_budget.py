"""The bars: their numbers are those of the trace, and none is printed over another."""

from itertools import pairwise

from hypothesis import given, settings
from support.drawings import FCNS, SVG, read, texts, traces, with_class
from support.random_specs import specs

import unetviz as uv
from unetviz.draw.charts.pixel_budget import (
    draw_pixel_budget,
    measures,
    pixel_budget_caption,
    pixel_budget_svg,
)
from unetviz.draw.theme import FONT_SIZE, MARGIN, WIDTH

DEEP = uv.UNetSpec(2048, depth=8, padding="same", head_filters=(2,))


def test_sums_are_those_of_the_trace():
    for trace in traces():
        names, (pixels, params, macs, memory) = measures(trace)
        assert len(names) == len(pixels.values)
        assert sum(params.values) == trace.params
        assert sum(macs.values) == trace.macs
        assert sum(memory.values) == trace.activation_bytes
        if trace.ok:
            assert sum(pixels.values) == trace.spec.input_size[0] - trace.output_shape[0]


def test_every_bar_has_its_number_and_is_as_high_as_it_says():
    for trace in traces((uv.PAPER, uv.DOCUMENT, DEEP, uv.UNetSpec(64), FCNS[3])):
        root = read(pixel_budget_svg(trace))
        names, rows = measures(trace)
        said = texts(root)
        assert set(names) <= set(said)
        for row in rows:
            assert {row.title, row.total, *map(row.text, row.values)} <= set(said)
            bars = with_class(root, row.kind)
            highest = max(1, *row.values)
            for bar, value in zip(bars, row.values, strict=True):
                share = max(value, 0) / highest
                assert abs(float(bar.get("height")) - 38 * share) < 0.11 or value < 0
        ends = [float(bar.get("x")) + float(bar.get("width")) for bar in root.iter(f"{SVG}rect")]
        assert max(ends) <= WIDTH


def test_numbers_in_one_row_do_not_overlap():
    for trace in traces((uv.PAPER, DEEP)):
        names, rows = measures(trace)
        column = (WIDTH - 2 * MARGIN - 132) / len(names)
        longest = max(len(row.text(value)) for row in rows for value in row.values)
        assert longest * FONT_SIZE * 0.6 <= column
        for one, other in pairwise(names):
            assert (len(one) + len(other)) / 2 * FONT_SIZE * 0.6 <= column


@settings(max_examples=25, deadline=None, derandomize=True)
@given(specs(max_depth=8))
def test_any_network_has_its_bars(spec):
    trace = uv.trace(spec)
    assert len(with_class(read(pixel_budget_svg(trace)), "bar")) == 4 * len(measures(trace)[0])


def test_the_caption_tells_what_is_lost():
    assert "184 rows are lost on the way: 60 + 64 + 60" in pixel_budget_caption(uv.trace(uv.PAPER))
    assert "No pixel is lost" in pixel_budget_caption(uv.trace(uv.DOCUMENT))


def test_the_drawing_has_its_caption_inside():
    for theme in ("light", "dark"):
        drawing = draw_pixel_budget(uv.PAPER, theme)
        assert drawing.caption in texts(read(drawing.svg))
        assert drawing.trace == uv.trace(uv.PAPER)
