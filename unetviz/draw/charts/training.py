"""Loss and Dice over the steps of a training."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isfinite
from typing import TYPE_CHECKING, Any

from unetviz.geometry.tables.table import Table, value_table

from ..theme import palette_of
from .chart import Chart, chart_of, line_of, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Points = Sequence[tuple[int, float]]
"""Step and value, in order."""

_HEIGHT = 250.0
_SMOOTHED = 10
"""Steps whose mean loss is one point: a single batch says little."""

_LOSS, _DICE = "loss, mean of ten steps", "Dice on validation images"


def draw_training(
    history: Sequence[Any],
    last_step: int | None = None,
    threshold: float | None = None,
    theme: str | None = "light",
    axes: tuple[Axes, Axes] | None = None,
) -> Chart:
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
        ``"light"`` or ``"dark"``; None for a chart that takes its colours from the page.
    axes : pair of matplotlib.axes.Axes, optional
        Where to draw loss and Dice; by default a figure of its own, with the caption below.

    Raises
    ------
    ValueError
        If there is no such theme.

    Examples
    --------
    >>> draw_training([]).caption
    'No step yet.'
    """
    losses = _smoothed([(one.step, one.loss) for one in history if isfinite(one.loss)])
    scores = [(one.step, one.score.dice) for one in history if one.score is not None]
    # Rounded up, so that the axis has short numbers.
    highest = ceil(5 * max([1.0, *(loss for _, loss in losses)])) / 5
    end = last_step or max((moment.step for moment in history), default=1)
    caption = _caption(history)
    left, right = axes or new_axes(_HEIGHT, columns=2)
    palette = palette_of(theme)
    _curve(left, "loss", _LOSS, losses, line_of("pool", palette))
    _curve(right, "dice", _DICE, scores, line_of("conv", palette))
    left.set(xlim=(0, max(1, end)), ylim=(0, highest))
    right.set(xlim=(0, max(1, end)), ylim=(0, 1))
    if threshold is not None:
        words = f"a threshold: {threshold:.2f}"
        right.axhline(threshold, label=words, gid="threshold", **line_of("crop", palette))
        right.legend(frameon=False, handlelength=4)
    for ax in (left, right):
        ax.grid(color=palette.edge, alpha=0.3)
    table = _table(losses, scores, threshold)
    return chart_of((left, right), caption, table, theme, is_new=axes is None)


def _curve(ax: Axes, name: str, title: str, points: Points, style: dict[str, Any]) -> None:
    ax.set(title=title, xlabel="steps")
    if points:
        # The edges of the axes would cut a line in half that runs along them.
        ax.plot(*zip(*points, strict=True), gid=name, clip_on=False, **style)


def _caption(history: Sequence[Any]) -> str:
    scored = [moment for moment in history if moment.score is not None]
    if not scored:
        return "No score yet." if history else "No step yet."
    last = scored[-1]
    return (
        f"After {last.step} steps, {last.seconds:.0f} s: Dice {last.score.dice:.2f}, "
        f"boundary error {last.score.boundary_words}, "
        f"accuracy {last.score.accuracy:.2f}."
    )


def _smoothed(points: Points) -> list[tuple[int, float]]:
    groups = [points[i : i + _SMOOTHED] for i in range(0, len(points), _SMOOTHED)]
    return [(group[-1][0], sum(y for _, y in group) / len(group)) for group in groups]


def _table(losses: Points, scores: Points, threshold: float | None) -> Table:
    loss_at, dice_at = dict(losses), dict(scores)
    steps = sorted(loss_at | dice_at)
    rows: list[tuple[object, ...]] = [
        (step, loss_at.get(step, ""), dice_at.get(step, "")) for step in steps
    ]
    if threshold is not None:
        rows.append(("a threshold", "", threshold))
    return value_table(("step", _LOSS, _DICE), rows)
