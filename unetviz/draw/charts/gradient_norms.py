"""Sizes of gradients, layer by layer, on an axis of powers of ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10, nan
from typing import TYPE_CHECKING

from unetviz.geometry.tables.table import value_table

from ..theme import DASHES, palette_of
from .chart import Chart, chart_of, line_of, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_KINDS = tuple(name for name in DASHES if name != "quiet")
"""Colours of the curves: those of the arrows that a figure shows."""
_HEIGHT = 400.0
"""Pixels, with the names of the layers, which stand upright so that all of them have room."""


def draw_norms(
    series: Mapping[str, Mapping[str, float]],
    caption: str,
    theme: str | None = "light",
    ax: Axes | None = None,
) -> Chart:
    """Draw a number above 0 for each layer of one or more networks.

    Parameters
    ----------
    series : dict of str to dict of str to float
        By the name of the network: by layer, in the order of the forward pass. At most five, with
        the layers of the first; a layer that one of them lacks leaves a gap.
    caption : str
        One sentence.
    theme : str, optional
        ``"light"`` or ``"dark"``; None for a chart that takes its colours from the page.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a figure of its own, with the caption below.

    Raises
    ------
    ValueError
        If there is no series, or too many, or nothing above 0 in them, or no such theme.

    Examples
    --------
    >>> chart = draw_norms({"start": {"conv1": 0.1, "conv2": 2.0}}, "Two layers.")
    >>> print(chart.table.as_text())
    layer  start
    conv1    0.1
    conv2      2
    """
    if not 0 < len(series) <= len(_KINDS):
        raise ValueError(f"give from 1 to {len(_KINDS)} networks, not {len(series)}")
    values = [value for one in series.values() for value in one.values() if value > 0]
    if not values:
        raise ValueError("there is no number above 0 to draw")
    layers = list(next(iter(series.values())))
    axes, palette = [ax] if ax else new_axes(_HEIGHT), palette_of(theme)
    for kind, (name, found) in zip(_KINDS, series.items(), strict=False):
        shown = [found[layer] if found.get(layer, 0) > 0 else nan for layer in layers]
        style = line_of(kind, palette) | {"marker": "o", "markersize": 4, "clip_on": False}
        axes[0].plot(range(len(layers)), shown, label=name, **style)
    _scale(axes[0], layers, values)
    axes[0].grid(axis="y", color=palette.edge, alpha=0.3)
    # Above the axes: below are the names of the layers, and lines cross everywhere else.
    axes[0].legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, handlelength=4)
    rows = [(layer, *(one.get(layer, "") for one in series.values())) for layer in layers]
    table = value_table(("layer", *series), rows)
    return chart_of(axes, caption, table, theme, is_new=ax is None)


def _scale(ax: Axes, layers: Sequence[str], values: Sequence[float]) -> None:
    """Whole powers of ten from bottom to top, at least two; the layers from left to right."""
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    ax.set_yscale("log")
    ax.set_ylim(10.0**low, 10.0 ** max(high, low + 1))
    ax.minorticks_off()
    ax.yaxis.set_major_formatter(lambda value, _: f"1e{round(log10(value)):+d}")
    ax.set_xticks(range(len(layers)), layers, rotation=90)
