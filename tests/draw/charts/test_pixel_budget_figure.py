"""The bars as a plotly figure: the same numbers."""

from support.drawings import FCNS, traces

import unetviz as uv
from unetviz.draw.charts.pixel_budget import measures
from unetviz.draw.charts.pixel_budget_figure import pixel_budget_figure


def test_the_figure_has_the_numbers_of_the_bars():
    for trace in traces((uv.PAPER, uv.DOCUMENT, uv.UNetSpec(64), FCNS[3])):
        figure = pixel_budget_figure(trace)
        names, rows = measures(trace)
        for bars, row in zip(figure.data, rows, strict=True):
            assert tuple(bars.x) == names
            assert tuple(bars.y) == row.values
        assert len(figure.to_json()) < 20_000
