"""Where pixels, parameters, work and memory go, part by part of the U, as small bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unetviz.geometry.graph import Specification
from unetviz.geometry.tables.levels import Part, parts
from unetviz.geometry.tables.pixel_budget import pixel_budget
from unetviz.geometry.tables.steps import large_number, size_in_bytes
from unetviz.geometry.tables.table import Table
from unetviz.geometry.trace import Trace

from ..drawing import traced
from ..svg import document, words
from ..theme import LIGHT, MARGIN, WIDTH, palette_of
from .chart import Chart, chart_of, new_axes

if TYPE_CHECKING:
    import plotly.graph_objects as go

_HEIGHT = 320.0
"""Pixels of the chart."""

_BAR_ROW, _BAR, _WORDS = 66.0, 38.0, 132.0
"""Pixels of the live bars: from row to row, of the longest bar, and what their titles take."""

_COLOURS = {"pixels": "pool", "params": "conv", "macs": "upconv", "memory": "head"}
"""Name of the palette's colour for each measure."""

_SHORT = {"encoder": "enc", "bottleneck": "bottom", "decoder": "dec", "head": "head"}


@dataclass(frozen=True)
class Measure:
    """One row of bars: what is measured, a number for every part, and how they are written."""

    kind: str
    title: str
    values: tuple[int, ...]
    total: str
    as_share: bool = True

    def text(self, value: int) -> str:
        """Write one number: as it is, or as a share of the sum."""
        if not self.as_share:
            return str(value)
        share = value / max(1, sum(self.values))
        return "<1 %" if 0 < share < 0.005 else f"{share:.0%}".replace("%", " %")


def measures(trace: Trace, axis: int = 0) -> tuple[tuple[str, ...], tuple[Measure, ...]]:
    """Return the names of the parts of a network, and what is measured of each.

    Parameters
    ----------
    trace : Trace
        What to measure.
    axis : int
        0 to count lost rows, 1 to count lost columns.
    """
    found = parts(trace)
    lost = {(loss.side, loss.level): loss.pixels for loss in pixel_budget(trace, axis)}
    pixels = tuple(lost.get((part.side, part.level), 0) for part in found)
    names = tuple(_name(part) for part in found)
    return names, (
        Measure("pixels", "input pixels lost", pixels, f"{sum(pixels)} in all", as_share=False),
        Measure("params", "parameters", tuple(p.params for p in found), f"{trace.params:,}"),
        Measure(
            "macs", "multiply-accumulates", tuple(p.macs for p in found), large_number(trace.macs)
        ),
        Measure(
            "memory",
            "memory of the maps",
            tuple(p.activation_bytes for p in found),
            size_in_bytes(trace.activation_bytes),
        ),
    )


def _name(part: Part) -> str:
    short = _SHORT[part.side]
    return f"{short} {part.level}" if part.side in ("encoder", "decoder") else short


def pixel_budget_caption(trace: Trace) -> str:
    """Say in one sentence what the bars show."""
    sides = dict.fromkeys(("encoder", "bottleneck", "decoder"), 0)
    losses = pixel_budget(trace)
    for loss in losses:
        sides[loss.side] = sides.get(loss.side, 0) + loss.pixels
    total = sum(sides.values())
    if not any(loss.pixels for loss in losses):
        return "No pixel is lost on the way; the bars show where the costs sit."
    if total == 0:
        lost = sum(max(0, loss.pixels) for loss in losses)
        return (
            f"As many rows come out as go in: {lost} are lost on the way down, and as many are "
            "made up for on the way up."
        )
    return (
        f"{total} rows are lost on the way: {' + '.join(map(str, sides.values()))} in encoder, "
        "bottleneck and decoder. A convolution costs more input pixels the deeper it sits."
    )


def draw_pixel_budget(source: Trace | Specification, theme: str | None = "light") -> Chart:
    """Draw where input pixels, parameters, work and memory of a network go, part by part.

    Parameters
    ----------
    source : Trace or Specification
        What to measure. A trace that stops is measured up to its last step.
    theme : str, optional
        ``"light"`` or ``"dark"``; None for a chart that takes its colours from the page.

    Returns
    -------
    Chart
        Four rows of bars, in the order of computation.

    Raises
    ------
    ValueError
        If there is no such theme.

    See Also
    --------
    pixel_budget_figure : the same to move over, with plotly.
    unetviz.geometry.pixel_budget_table : which steps lose how many pixels.

    Examples
    --------
    >>> from unetviz import PAPER
    >>> draw_pixel_budget(PAPER).table.rows[0]
    ('enc 1', '4', '<1 %', '8 %', '23 %')
    """
    found = traced(source)
    names, rows = measures(found)
    caption = pixel_budget_caption(found)
    palette = palette_of(theme)
    axes = new_axes(_HEIGHT, rows=len(rows))
    for ax, row in zip(axes, rows, strict=True):
        bars = ax.bar(names, row.values, width=0.64, color=getattr(palette, _COLOURS[row.kind]))
        ax.bar_label(bars, [row.text(value) for value in row.values], padding=2)
        ax.set_ylabel(f"{row.title}\n{row.total}", rotation=0, ha="left", va="center")
        ax.yaxis.set_label_coords(-0.19, 0.5)
        ax.set_yticks([])
        ax.margins(x=0.01)
        # With room for a number above the longest bar, and below it where maps grow.
        ax.set_ylim(1.3 * min(0, *row.values), 1.3 * max(1, *row.values))
        ax.spines["left"].set_visible(False)
    return chart_of(axes, caption, _table(names, rows), theme, found)


def _table(names: Sequence[str], rows: Sequence[Measure]) -> Table:
    """What the bars say: as many rows as there are parts, and the sums."""
    columns = [[*map(row.text, row.values), row.total] for row in rows]
    cells = zip([*names, "all"], *columns, strict=True)
    headings = ("part", *(row.title for row in rows))
    return Table(headings, tuple(cells), frozenset(range(1, len(headings))))


def pixel_budget_figure(source: Trace | Specification) -> go.Figure:
    """Return the bars as a plotly figure; the numbers are in its hover texts.

    Parameters
    ----------
    source : Trace or Specification
        What to measure.

    See Also
    --------
    draw_pixel_budget : the same, printed.
    """
    # Loaded for this alone: plotly takes half a second.
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    names, rows = measures(traced(source))
    titles = [f"{row.title} (sum {sum(row.values):,})" for row in rows]
    figure = make_subplots(rows=2, cols=2, subplot_titles=titles)
    for index, row in enumerate(rows):
        bars = go.Bar(
            x=list(names),
            y=list(row.values),
            marker_color=getattr(LIGHT, _COLOURS[row.kind]),
            hovertemplate="%{x}: %{y:,}<extra></extra>",
        )
        figure.add_trace(bars, row=index // 2 + 1, col=index % 2 + 1)
    return figure.update_layout(
        width=int(WIDTH),
        height=560,
        showlegend=False,
        margin={"l": 50, "r": 10, "t": 40, "b": 40},
        # Readable on a light page and on a dark one.
        font_color="#7d8894",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(128,128,128,0.1)",
    )


def pixel_budget_svg(trace: Trace) -> str:
    """Return the bars as SVG for the explorer: there they follow a control at once.

    Parameters
    ----------
    trace : Trace
        What to measure. A trace that stops is measured up to its last step.

    Returns
    -------
    str
        One ``svg`` element that takes its colours from the page. Its caption is not in it.
    """
    names, rows = measures(trace)
    column = (WIDTH - 2 * MARGIN - _WORDS) / len(names)
    body = [line for i, row in enumerate(rows) for line in _row(row, i * _BAR_ROW, column)]
    bottom = len(rows) * _BAR_ROW + 18
    for i, name in enumerate(names):
        body.append(_text(_middle(i, column), bottom - 4, name, "quiet"))
    return document(WIDTH, bottom + MARGIN, body)


def _row(measure: Measure, top: float, column: float) -> Iterator[str]:
    base = top + _BAR_ROW - 8
    yield _text(MARGIN, base - 18, measure.title, "s")
    yield _text(MARGIN, base - 3, measure.total, "s quiet")
    largest = max(1, *measure.values)
    for i, value in enumerate(measure.values):
        height = _BAR * value / largest
        x, width = _middle(i, column) - column * 0.32, column * 0.64
        yield (
            f'<rect class="bar {measure.kind}" x="{x:.1f}" y="{base - height:.1f}" '
            f'width="{width:.1f}" height="{height:.1f}"/>'
        )
        yield _text(_middle(i, column), base - height - 4, measure.text(value))


def _middle(i: int, column: float) -> float:
    return MARGIN + _WORDS + (i + 0.5) * column


def _text(x: float, y: float, text: str, classes: str = "") -> str:
    return words(x, y, text, f'class="{classes}"')
