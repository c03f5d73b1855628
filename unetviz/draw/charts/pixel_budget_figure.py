"""The same bars as a plotly figure, to hover over and to take into a page."""

from __future__ import annotations

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from unetviz.geometry.trace import Trace

from ..theme import LIGHT, WIDTH
from .pixel_budget import measures

_COLOURS = {"pixels": LIGHT.pool, "params": LIGHT.conv, "macs": LIGHT.upconv, "memory": LIGHT.head}


def pixel_budget_figure(trace: Trace) -> go.Figure:
    """Return the bars of `pixel_budget_svg` as a plotly figure; the numbers are in its hover texts.

    Parameters
    ----------
    trace : Trace
        What to measure.
    """
    names, rows = measures(trace)
    titles = [f"{row.title} (sum {sum(row.values):,})" for row in rows]
    figure = make_subplots(rows=2, cols=2, subplot_titles=titles)
    for index, row in enumerate(rows):
        bars = go.Bar(
            x=list(names),
            y=list(row.values),
            marker_color=_COLOURS[row.kind],
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
