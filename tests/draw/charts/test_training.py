"""Curves of a training: the numbers of its history, and the last score in words."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure
from support.drawings import read, texts

from unetviz.draw.charts.training import draw_training

RANDOM = np.random.default_rng(2)


def score(dice, error=2.0, accuracy=0.5):
    return SimpleNamespace(dice=dice, boundary_words=f"{error:.2f} pixels", accuracy=accuracy)


def moment(step, loss, scored=None):
    return SimpleNamespace(step=step, loss=loss, seconds=step / 10, score=scored)


def line(chart, name):
    """Steps and values of a curve; None if it is not drawn."""
    for ax in chart.figure.axes:
        for one in ax.lines:
            if one.get_gid() == name:
                return one.get_xdata(), one.get_ydata()
    return None


def test_losses_are_means_of_ten_steps():
    losses = RANDOM.uniform(0, 3, 25)
    chart = draw_training([moment(i + 1, loss) for i, loss in enumerate(losses)], 100)
    steps, values = line(chart, "loss")
    assert list(steps) == [10, 20, 25]
    assert values == pytest.approx([losses[:10].mean(), losses[10:20].mean(), losses[20:].mean()])
    assert line(chart, "dice") is None
    assert chart.caption == "No score yet."
    low, high = chart.figure.axes[0].get_ylim()
    assert low == 0
    assert max(values) <= high < max(values) + 0.21


def test_losses_that_are_no_numbers_are_left_out():
    history = [moment(i, np.inf if i > 10 else 0.5) for i in range(1, 31)]
    steps, values = line(draw_training(history), "loss")
    assert (list(steps), list(values)) == ([10], [0.5])


def test_scores_and_the_caption_are_those_of_the_history():
    history = [moment(i, 0.5) for i in range(1, 61)]
    scores = {24: score(0.25), 49: score(0.5), 54: score(0.876, 1.25, 0.943)}
    for i, one in scores.items():
        history[i].score = one
    chart = draw_training(history, 100, threshold=0.62)
    steps, values = line(chart, "dice")
    assert list(steps) == [25, 50, 55]
    assert list(values) == [0.25, 0.5, 0.876]
    assert set(line(chart, "threshold")[1]) == {0.62}
    words = texts(read(chart.svg))
    assert "a threshold: 0.62" in words
    assert chart.caption in words
    # 55 steps of a tenth of a second; the last score, not the last step.
    assert "55 steps" in chart.caption
    for number in ("Dice 0.88", "error 1.25 pixels", "accuracy 0.94"):
        assert number in chart.caption


def test_the_axis_ends_where_it_is_said_or_at_the_last_step():
    history = [moment(step, 1.0) for step in range(1, 41)]
    for last, end in ((None, 40), (600, 600)):
        for ax in draw_training(history, last).figure.axes:
            assert ax.get_xlim() == (0, end)


def test_an_empty_history():
    for last in (None, 600):
        chart = draw_training([], last)
        assert chart.caption == "No step yet."
        assert line(chart, "loss") is line(chart, "dice") is line(chart, "threshold") is None
        assert len(chart.figure.axes) == 2
        assert chart.table.rows == ()
        assert "No step yet." in texts(read(chart.svg))


def test_the_table_has_the_same_numbers():
    history = [moment(i, 0.5, score(0.25) if i in (5, 20) else None) for i in range(1, 21)]
    table = draw_training(history, threshold=0.62).table
    assert table.headings == ("step", "loss, mean of ten steps", "Dice on validation images")
    assert table.rows == (
        ("5", "", "0.25"),
        ("10", "0.5", ""),
        ("20", "0.5", "0.25"),
        ("a threshold", "", "0.62"),
    )


def test_it_is_drawn_in_axes_that_are_given():
    left, right = Figure().subplots(1, 2)
    chart = draw_training([moment(1, 0.5, score(0.5))], axes=(left, right))
    assert chart.figure is left.figure
    assert [ax.lines[0].get_gid() for ax in (left, right)] == ["loss", "dice"]
    assert chart.caption not in texts(read(chart.svg))


def test_without_a_theme_it_takes_the_colours_of_the_page():
    svg = draw_training([moment(1, 0.5)], 30, 0.5, theme=None).svg
    assert "var(--uv-pool)" in svg
    with pytest.raises(ValueError, match='theme must be "light" or "dark"'):
        draw_training([], 30, theme="blue")
