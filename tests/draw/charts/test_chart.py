"""A chart as a value: its figure, its numbers, its SVG in the colours of a theme or a page."""

import re

import pytest
from matplotlib import rcParams
from matplotlib.figure import Figure
from support.drawings import read, texts

from unetviz.draw.charts.chart import Chart, chart_of, line_of, new_axes
from unetviz.draw.charts.gradient_norms import draw_norms
from unetviz.draw.theme import DASHES, LIGHT, PALETTES
from unetviz.geometry.tables.table import Table

BAD = "<script>alert('1')</script> & \"more\" for $5 or $6"
TABLE = Table(("a",), (("1",),))


def chart(theme="light", caption="Words."):
    axes = new_axes(200, columns=2)
    for ax in axes:
        ax.plot([1, 2, 3], **line_of("pool", LIGHT if theme is None else PALETTES[theme]))
        ax.set(title=BAD)
    return chart_of(axes, caption, TABLE, theme)


def test_it_is_shown_and_saved_as_a_drawing(tmp_path):
    found = chart()
    data, metadata = found._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert int.from_bytes(data["image/png"][16:20], "big") == 2 * 848
    assert metadata == {"image/png": {"width": 848}}
    assert "Words." in data["text/plain"]
    assert found.save(tmp_path / "a.svg").read_text("utf-8") == found.svg
    assert found.save(tmp_path / "a.png").read_bytes() == found.png()
    assert isinstance(found.figure, Figure)
    assert found.table == TABLE


def test_the_svg_is_the_same_each_time_and_has_its_words_as_words():
    found = chart(caption=BAD)
    assert found.svg == found.svg == chart(caption=BAD).svg
    root = read(found.svg)
    assert (root.get("width"), root.get("height")) == ("848", "200")
    said = [" ".join(text.split()) for text in texts(root)]
    assert said.count(BAD) == 3
    assert "<script" not in found.svg


def test_what_is_changed_in_the_figure_is_shown():
    found = chart()
    found.figure.axes[0].set_title("another title")
    assert "another title" in texts(read(found.svg))


def test_themes_have_their_colours():
    for theme, palette in PALETTES.items():
        svg = chart(theme).svg
        assert svg.count(palette.pool) == 2
        assert f"fill: {palette.background}" in svg
        used = set(re.findall(r"#[0-9a-f]{6}\b", svg))
        assert used <= {*vars(palette).values()}
    with pytest.raises(ValueError, match='theme must be "light" or "dark"'):
        draw_norms({"a": {"x": 1.0}}, "", "blue")


def test_in_a_page_colours_and_size_are_the_pages():
    svg = chart(None).svg
    assert not re.search(r"#[0-9a-f]{6}\b", svg)
    assert svg.count("stroke: var(--uv-pool)") == 2
    root = read(svg)
    assert root.get("width") is None
    assert root.get("viewBox")
    # No rule for other elements of the page.
    rules = re.findall(r"<style[^>]*>(.*?)</style>", svg, re.DOTALL)
    assert [rule.startswith(".unetviz-chart *{") for rule in rules] == [True]
    assert svg.startswith('<svg class="unetviz-chart"')


def test_letters_are_as_large_as_in_a_drawing():
    sizes = {float(size) for size in re.findall(r"font-size: ([\d.]+)px", chart().svg)}
    assert min(sizes) * 848 / 636 >= 11  # an SVG of matplotlib has units of points


def test_lines_are_those_of_the_drawing():
    styles = [line_of(kind, LIGHT) for kind in DASHES]
    assert len({str(style["linestyle"]) for style in styles}) == len(DASHES)
    ax = new_axes(100)[0]
    (line,) = ax.plot([1, 2], **line_of("pool", LIGHT))
    svg = chart_of([ax], "", TABLE, "light").svg
    (dashes,) = re.findall(r"stroke-dasharray: ([\d., ]+)", svg)
    points = [float(length) for length in dashes.replace(",", " ").split()]
    assert [length / 0.75 for length in points] == pytest.approx([7, 3])
    assert line.get_linewidth() / 0.75 == pytest.approx(2.4)


def test_settings_of_matplotlib_are_left_alone():
    before = dict(rcParams)
    chart("dark").png()
    assert dict(rcParams) == before
    # What somebody sets while a chart is drawn stays.
    found = chart()
    savefig = found.figure.savefig

    def set_something(*given, **named):
        rcParams["figure.figsize"] = (1, 2)
        savefig(*given, **named)

    try:
        found.figure.savefig = set_something
        assert found.svg
        assert rcParams["figure.figsize"] == [1, 2]
    finally:
        rcParams["figure.figsize"] = before["figure.figsize"]


def test_axes_of_somebody_else_keep_their_look():
    figure = Figure(figsize=(4, 3))
    left, right = figure.subplots(1, 2)
    left.set_title("mine")
    size = left.title.get_size()
    found = draw_norms({"a": {"x": 1.0, "y": 0.1}}, "A caption.", ax=right)
    assert found.figure is figure
    assert left.title.get_size() == size
    assert left.spines["top"].get_visible()
    assert [len(ax.lines) for ax in (left, right)] == [0, 1]
    assert "A caption." not in texts(read(found.svg))
    _, metadata = found._repr_mimebundle_()
    assert metadata["image/png"]["width"] == 4 * 96


def test_a_chart_is_told_by_its_caption():
    assert repr(Chart(Figure(), "Words.", TABLE)) == "<Chart: Words.>"
