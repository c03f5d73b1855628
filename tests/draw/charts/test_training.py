"""Curves of a training: points lie where the axes say, words are safe, captions are measured."""

import re
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest

from unetviz.draw.charts.training import Curve, draw_curves, draw_training
from unetviz.labs.metrics import SegmentationScore

SVG = "{http://www.w3.org/2000/svg}"
RANDOM = np.random.default_rng(2)


def score(dice, error=2.0, accuracy=0.5):
    return SegmentationScore(dice, error, accuracy)


def moment(step, loss, scored=None):
    return SimpleNamespace(step=step, loss=loss, seconds=step / 10, score=scored)


def numbers(text):
    return [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", text)]


class Panels:
    """What a drawing of curves says, read back from its SVG."""

    def __init__(self, svg):
        self.root = ElementTree.fromstring(svg)
        self.texts = [
            (float(t.get("x")), float(t.get("y")), t.text or "")
            for t in self.root.iter(f"{SVG}text")
        ]
        lines = [numbers(p.get("d")) for p in self.root.findall(f"{SVG}path[@class='sheet']")]
        self.grids = {}
        for left, y, right in lines:
            self.grids.setdefault((left, right), []).append(y)

    def lines(self, kind):
        return [
            np.array(numbers(group.find(f"{SVG}path").get("d")))
            for group in self.root.findall(f"{SVG}g[@class='{kind}']")
        ]

    def axes(self, panel):
        """Return functions from a place to a step and to a value, as the labels of a panel say."""
        (left, right), heights = list(self.grids.items())[panel]
        below = [
            (x, float(t)) for x, y, t in self.texts if self._is_number(t) and y > heights[0] + 8
        ]
        steps = sorted((x, t) for x, t in below if left <= x <= right)
        beside = [
            (y - 4, float(t))
            for x, y, t in self.texts
            if self._is_number(t) and left - 46 <= x < left and y <= heights[0] + 8
        ]
        values = sorted(beside)
        assert len(values) == len(heights) == 5
        assert len(steps) > 1
        assert [y for y, _ in values] == pytest.approx(sorted(heights))
        return (
            lambda x: np.interp(x, *zip(*steps, strict=True)),
            lambda y: np.interp(y, *zip(*values, strict=True)),
        )

    @staticmethod
    def _is_number(text):
        return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def test_points_lie_where_the_axes_say():
    first = [(float(x), float(RANDOM.uniform(0, 2))) for x in range(0, 101, 10)]
    second = [(float(x), float(RANDOM.uniform(-1, 1))) for x in range(0, 101, 25)]
    curves = (Curve("one", first, (0.0, 2.0), "pool"), Curve("two", second, (-1.0, 1.0), "conv"))
    panels = Panels(draw_curves(curves, 100, "words").svg)
    for i, (kind, points) in enumerate((("pool", first), ("conv", second))):
        (line,) = panels.lines(kind)
        step_at, value_at = panels.axes(i)
        assert len(line) == 2 * len(points)
        # A tenth of a pixel is what coordinates are rounded to.
        assert step_at(line[::2]) == pytest.approx([x for x, _ in points], abs=0.05)
        assert value_at(line[1::2]) == pytest.approx([y for _, y in points], abs=0.01)


def test_points_outside_stay_at_the_edge():
    points = [(0.0, -5.0), (50.0, 9.0), (150.0, 0.5)]
    panels = Panels(draw_curves([Curve("one", points, (0.0, 1.0))], 100, "").svg)
    (line,) = panels.lines("conv")
    step_at, value_at = panels.axes(0)
    ((left, right), heights) = next(iter(panels.grids.items()))
    assert list(line[::2]) == pytest.approx([left, (left + right) / 2, right], abs=0.1)
    assert list(line[1::2]) == pytest.approx([max(heights), min(heights), np.mean(heights)])
    assert step_at(line[4]) == 100
    assert value_at(line[5]) == pytest.approx(0.5)


def test_a_value_to_compare_with_is_a_line_with_words():
    curve = Curve("one", [(0, 0.1)], (0.0, 1.0), "conv", 0.37, "a threshold")
    panels = Panels(draw_curves([curve], 10, "").svg)
    (line,) = panels.lines("crop")
    (left, right), _ = next(iter(panels.grids.items()))
    assert (line[0], line[2]) == (left, right)
    assert panels.axes(0)[1](line[1]) == pytest.approx(0.37, abs=0.002)
    ((x, y),) = [(x, y) for x, y, text in panels.texts if text == "a threshold"]
    assert left < x < right
    assert abs(y - line[1]) < 20
    without = Panels(draw_curves([Curve("one", [(0, 0.1)], (0.0, 1.0))], 10, "").svg)
    assert without.lines("crop") == []


def test_an_empty_history():
    drawing = draw_training([], 600)
    panels = Panels(drawing.svg)
    assert drawing.caption == "No step yet."
    assert panels.lines("pool") == panels.lines("conv") == panels.lines("crop") == []
    assert len(panels.grids) == 2
    assert [t for *_, t in panels.texts].count("600") == 2
    Panels(draw_training([]).svg)


def test_words_are_escaped():
    bad = "<script>alert('1')</script> & \"more\""
    curve = Curve(bad, [(0, 0.5)], (0.0, 1.0), "conv", 0.2, bad)
    drawing = draw_curves([curve], 10, bad)
    assert "<script" not in drawing.svg
    assert [text for *_, text in Panels(drawing.svg).texts].count(bad) == 3
    assert drawing.caption == bad


def test_losses_are_means_of_ten_steps():
    losses = RANDOM.uniform(0, 3, 25)
    drawing = draw_training([moment(i + 1, loss) for i, loss in enumerate(losses)], 100)
    panels = Panels(drawing.svg)
    (line,) = panels.lines("pool")
    step_at, value_at = panels.axes(0)
    means = [losses[:10].mean(), losses[10:20].mean(), losses[20:].mean()]
    assert step_at(line[::2]) == pytest.approx([10, 20, 25], abs=0.05)
    # Labels have two digits.
    assert value_at(line[1::2]) == pytest.approx(means, rel=0.05)
    assert panels.lines("conv") == []
    assert drawing.caption == "No score yet."


def test_scores_and_the_caption_are_those_of_the_history():
    history = [moment(i, 0.5) for i in range(1, 61)]
    scores = {24: score(0.25), 49: score(0.5), 54: score(0.876, 1.25, 0.943)}
    for i, one in scores.items():
        history[i].score = one
    drawing = draw_training(history, 100, threshold=0.62)
    panels = Panels(drawing.svg)
    (line,) = panels.lines("conv")
    step_at, value_at = panels.axes(1)
    assert step_at(line[::2]) == pytest.approx([25, 50, 55], abs=0.05)
    assert value_at(line[1::2]) == pytest.approx([0.25, 0.5, 0.876], abs=0.002)
    (level,) = panels.lines("crop")
    assert value_at(level[1]) == pytest.approx(0.62, abs=0.002)
    words = [text for *_, text in panels.texts]
    assert "a threshold: 0.62" in words
    # 55 steps of a tenth of a second; the last score, not the last step.
    assert "55 steps" in drawing.caption
    for number in ("Dice 0.88", "error 1.25 pixels", "accuracy 0.94"):
        assert number in drawing.caption
    assert drawing.caption in words


def test_the_axis_ends_at_the_last_step_there_is():
    panels = Panels(draw_training([moment(step, 1.0) for step in range(1, 41)]).svg)
    (line,) = panels.lines("pool")
    (_, right), _ = next(iter(panels.grids.items()))
    assert line[-2] == right
    assert [text for *_, text in panels.texts].count("40") == 2


def test_without_a_theme_it_takes_the_colours_of_the_page():
    svg = draw_training([], 30, theme=None).svg
    assert "<style" not in svg
    assert not re.search(r"#[0-9a-f]{3,6}\b", svg)
    with pytest.raises(ValueError, match="theme must be light or dark"):
        draw_training([], 30, theme="blue")
