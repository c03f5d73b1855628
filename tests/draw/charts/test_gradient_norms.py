"""Norms of gradients lie on an axis of powers of ten."""

import pytest
from support.drawings import SVG, read

from unetviz.draw.charts.gradient_norms import draw_norms


def heights(drawing, kind):
    (group,) = [
        group
        for group in read(drawing.svg).iter(f"{SVG}g")
        if group.get("class") == kind and group.find(f"{SVG}circle") is not None
    ]
    return [float(circle.get("cy")) for circle in group.iter(f"{SVG}circle")]


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


def test_nothing_to_draw_is_said():
    for series, words in (
        ({}, "from 1 to 5 networks"),
        ({"a": {"x": 0.0}}, "no number above 0"),
    ):
        with pytest.raises(ValueError, match=words):
            draw_norms(series, "")
