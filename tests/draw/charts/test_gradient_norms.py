"""Norms of gradients lie on an axis of powers of ten, layer by layer."""

from math import isnan

import pytest
from matplotlib.figure import Figure
from support.drawings import read, texts

from unetviz.draw.charts.gradient_norms import draw_norms

SERIES = {"a": {"x": 1.0, "y": 0.1, "<z>": 0.01}, "b": {"x": 0.5, "<z>": 3.0}}


def test_norms_are_those_of_the_series():
    chart = draw_norms(SERIES, "Norms.")
    (ax,) = chart.figure.axes
    first, second = ax.lines
    assert list(first.get_ydata()) == [1.0, 0.1, 0.01]
    assert list(first.get_xdata()) == [0, 1, 2]
    x, gap, z = second.get_ydata()
    assert (x, z) == (0.5, 3.0)
    assert isnan(gap)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["x", "y", "<z>"]
    assert chart.caption == "Norms."


def test_the_axis_goes_from_one_power_of_ten_to_another():
    for values, limits, labels in (
        ((1.0, 0.01, 3.0), (0.01, 10), ["1e-2", "1e-1", "1e+0", "1e+1"]),
        ((1.0, 1.0, 1.0), (1, 10), ["1e+0", "1e+1"]),
    ):
        series = {"a": dict(zip("xyz", values, strict=True))}
        chart = draw_norms(series, "")
        (ax,) = chart.figure.axes
        assert ax.get_yscale() == "log"
        assert ax.get_ylim() == pytest.approx(limits)
        said = texts(read(chart.svg))
        assert [text for text in said if text.startswith("1e")] == labels


def test_all_words_are_in_the_chart():
    said = texts(read(draw_norms(SERIES, "Norms of <kernels>.").svg))
    assert {"x", "y", "<z>", "a", "b", "Norms of <kernels>."} <= set(said)


def test_the_table_has_the_same_numbers():
    table = draw_norms(SERIES, "").table
    assert table.headings == ("layer", "a", "b")
    assert table.rows == (("x", "1", "0.5"), ("y", "0.1", ""), ("<z>", "0.01", "3"))


def test_numbers_that_are_not_above_0_leave_a_gap():
    (line,) = draw_norms({"a": {"x": 0.0, "y": 2.0}}, "").figure.axes[0].lines
    gap, y = line.get_ydata()
    assert isnan(gap)
    assert y == 2.0


def test_each_series_has_a_line_style_of_its_own():
    series = {str(i): {"x": 1.0, "y": 2.0} for i in range(5)}
    lines = draw_norms(series, "").figure.axes[0].lines
    assert len({line.get_color() for line in lines}) == 5
    assert len({str(line._dash_pattern) for line in lines}) == 5


def test_it_is_drawn_in_axes_that_are_given():
    ax = Figure().subplots()
    chart = draw_norms(SERIES, "Norms.", ax=ax)
    assert len(ax.lines) == 2
    assert chart.figure is ax.figure
    assert chart.table.rows


def test_nothing_to_draw_is_said():
    for series, words in (
        ({}, "from 1 to 5 networks"),
        ({str(i): {"x": 1.0} for i in range(6)}, "from 1 to 5 networks, not 6"),
        ({"a": {"x": 0.0}}, "no number above 0"),
    ):
        with pytest.raises(ValueError, match=words):
            draw_norms(series, "")
