"""Curves over the steps of a training, as an SVG that follows the theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Any

from ..drawing import Drawing
from ..svg import document, number, words
from ..theme import MARGIN, WIDTH

_HEIGHT = 170.0
_LEFT, _TOP, _BOTTOM = 46.0, 24.0, 34.0
_TICKS = 4
_SMOOTHED = 10


@dataclass(frozen=True)
class Curve:
    """One curve.

    Attributes
    ----------
    title : str
        What stands above it.
    points : sequence of (float, float)
        Step and value, in order.
    limits : (float, float)
        Lowest and highest value of its axis.
    kind : str
        Kind of step whose colour and line it takes, such as ``"conv"``.
    level, level_words : float or None, str
        A value to compare with, drawn as a thin line, and what it is.
    """

    title: str
    points: Sequence[tuple[float, float]]
    limits: tuple[float, float]
    kind: str = "conv"
    level: float | None = None
    level_words: str = ""


def draw_curves(
    curves: Sequence[Curve], last_step: int, caption: str, theme: str | None = "light"
) -> Drawing:
    """Draw curves side by side over the same steps.

    Parameters
    ----------
    curves : sequence of Curve
        From left to right.
    last_step : int
        End of the axis of steps.
    caption : str
        One sentence, printed below.
    theme : str, optional
        ``"light"`` or ``"dark"``; None for a drawing that takes its colours from the page.
    """
    width = (WIDTH - 2 * MARGIN) / len(curves)
    parts: list[str] = []
    for i, curve in enumerate(curves):
        parts += _panel(curve, MARGIN + i * width, width, max(1, last_step))
    bottom = _TOP + _HEIGHT + _BOTTOM
    if caption:
        bottom += 18
        parts.append(words(MARGIN, bottom - 6, caption, 'class="s quiet"'))
    return Drawing(document(WIDTH, bottom, parts, theme), caption)


def _panel(curve: Curve, left: float, width: float, last: int) -> list[str]:
    x0, x1 = left + _LEFT, left + width - 14
    low, high = curve.limits

    def across(step: float) -> float:
        return x0 + (x1 - x0) * min(step, last) / last

    def down(value: float) -> float:
        part = (min(max(value, low), high) - low) / (high - low)
        return _TOP + _HEIGHT * (1 - part)

    parts = [words((x0 + x1) / 2, _TOP - 8, curve.title, 'class="b"')]
    for i in range(_TICKS + 1):
        value = low + (high - low) * i / _TICKS
        y = number(down(value))
        parts.append(
            f'<path class="sheet" stroke-opacity="0.4" d="M{number(x0)} {y}H{number(x1)}"/>'
        )
        parts.append(words(x0 - 22, down(value) + 4, f"{value:g}", 'class="quiet"'))
    # Steps are whole numbers, so the axis is parted where they are.
    count = next((n for n in (_TICKS, 5, 3, 2) if last % n == 0), 1)
    for step in range(0, last + 1, last // count):
        parts.append(words(across(step), _TOP + _HEIGHT + 18, str(step), 'class="quiet"'))
    if curve.level is not None:
        y = number(down(curve.level))
        parts.append(f'<g class="crop"><path class="line" d="M{number(x0)} {y}H{number(x1)}"/></g>')
        parts.append(words(x1 - 60, down(curve.level) + 15, curve.level_words))
    if curve.points:
        path = "L".join(f"{number(across(x))} {number(down(y))}" for x, y in curve.points)
        parts.append(f'<g class="{curve.kind}"><path class="line" d="M{path}"/></g>')
    return parts


def draw_training(
    history: Sequence[Any],
    last_step: int | None = None,
    threshold: float | None = None,
    theme: str | None = "light",
) -> Drawing:
    """Draw loss and Dice over the steps of a training.

    Parameters
    ----------
    history : sequence of Moment
        Steps, as `LiveTraining.history` has them.
    last_step : int, optional
        End of the axis; by default the last step there is.
    threshold : float, optional
        Dice that a threshold reaches without learning, drawn as a line.
    theme : str, optional
        ``"light"`` or ``"dark"``; None for a drawing that takes its colours from the page.
    """
    scored = [moment for moment in history if moment.score is not None]
    losses = _smoothed([(one.step, one.loss) for one in history if isfinite(one.loss)])
    # Rounded up, so that the axis has short numbers.
    highest = ceil(5 * max([1.0, *(loss for _, loss in losses)])) / 5
    curves = (
        Curve("loss, mean of ten steps", losses, (0.0, highest), "pool"),
        Curve(
            "Dice on validation images",
            [(moment.step, moment.score.dice) for moment in scored],
            (0.0, 1.0),
            "conv",
            threshold,
            "" if threshold is None else f"a threshold: {threshold:.2f}",
        ),
    )
    caption = "No score yet." if history else "No step yet."
    if scored:
        last = scored[-1]
        caption = (
            f"After {last.step} steps, {last.seconds:.0f} s: Dice {last.score.dice:.2f}, "
            f"boundary error {last.score.boundary_words}, "
            f"accuracy {last.score.accuracy:.2f}."
        )
    end = last_step or max((moment.step for moment in history), default=1)
    return draw_curves(curves, end, caption, theme)


def _smoothed(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Means of ten steps each: a single batch says little."""
    groups = [points[i : i + _SMOOTHED] for i in range(0, len(points), _SMOOTHED)]
    return [(group[-1][0], sum(y for _, y in group) / len(group)) for group in groups]
