"""The bars: their numbers are those of the trace, and none is printed over another."""

import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from support.drawings import FCNS, SVG, read, texts, traces, with_class
from support.random_specs import specs

import unetviz as uv
from unetviz.draw.charts.pixel_budget import (
    draw_pixel_budget,
    measures,
    pixel_budget_caption,
    pixel_budget_figure,
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


def test_the_chart_has_the_numbers_of_the_trace():
    for trace in traces((uv.PAPER, uv.UNetSpec(64), FCNS[3])):
        chart = draw_pixel_budget(trace)
        _, rows = measures(trace)
        assert chart.trace == trace
        for ax, row in zip(chart.figure.axes, rows, strict=True):
            assert tuple(bar.get_height() for bar in ax.patches) == row.values
            low, high = ax.get_ylim()
            assert low <= min(row.values)
            assert max(row.values) < high
            assert tuple(text.get_text() for text in ax.texts) == tuple(map(row.text, row.values))


def test_the_chart_has_its_words():
    chart = draw_pixel_budget(uv.PAPER)
    names, rows = measures(chart.trace)
    said = texts(read(chart.svg))
    assert {*names, *(row.title for row in rows), *(row.total for row in rows)} <= set(said)
    assert chart.caption in " ".join(said)


def test_the_table_says_what_the_bars_say():
    table = draw_pixel_budget(uv.PAPER).table
    names, rows = measures(uv.trace(uv.PAPER))
    assert [row[0] for row in table.rows] == [*names, "all"]
    for column, measure in enumerate(rows, start=1):
        assert table.headings[column] == measure.title
        cells = [row[column] for row in table.rows]
        assert cells == [*map(measure.text, measure.values), measure.total]


def test_a_specification_is_traced_and_a_wrong_theme_is_named():
    assert draw_pixel_budget(uv.PAPER).trace == uv.trace(uv.PAPER)
    with pytest.raises(ValueError, match='theme must be "light" or "dark"'):
        draw_pixel_budget(uv.PAPER, "blue")


def test_the_figure_to_move_over_has_the_numbers_of_the_bars():
    for trace in traces((uv.PAPER, uv.DOCUMENT, uv.UNetSpec(64), FCNS[3])):
        figure = pixel_budget_figure(trace)
        names, rows = measures(trace)
        for bars, row in zip(figure.data, rows, strict=True):
            assert tuple(bars.x) == names
            assert tuple(bars.y) == row.values
        assert len(figure.to_json()) < 20_000


def test_live_bars_load_no_library():
    code = (
        "import sys, unetviz as uv; from unetviz.draw.charts.pixel_budget import pixel_budget_svg;"
        "pixel_budget_svg(uv.trace(uv.PAPER));"
        "sys.exit(bool({'matplotlib', 'plotly', 'numpy'} & sys.modules.keys()))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
