"""Sizes of gradients, layer by layer, on an axis of powers of ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10

from ..drawing import Drawing
from ..svg import document, line, number, words
from ..theme import MARGIN, WIDTH

_HEIGHT = 230.0
_LEFT, _TOP, _BOTTOM = 56.0, 16.0, 96.0
_KINDS = ("conv", "pool", "upconv", "crop", "head")
"""Kinds of steps whose colour and line the series take, in turn."""


def draw_norms(
    series: Mapping[str, Mapping[str, float]], caption: str, theme: str | None = "light"
) -> Drawing:
    """Draw a number above 0 for each layer of one or more networks.

    Parameters
    ----------
    series : dict of str to dict of str to float
        By the name of the network: by layer, in the order of the forward pass. At most five, with
        the layers of the first; a layer that one of them lacks leaves a gap.
    caption : str
        One sentence.
    theme : str, optional
        ``"light"`` or ``"dark"``; None for a drawing that takes its colours from the page.

    Raises
    ------
    ValueError
        If there is no series, or too many, or nothing above 0 in them.
    """
    if not 0 < len(series) <= len(_KINDS):
        raise ValueError(f"give from 1 to {len(_KINDS)} networks, not {len(series)}")
    values = [value for one in series.values() for value in one.values() if value > 0]
    if not values:
        raise ValueError("there is no number above 0 to draw")
    layers = list(next(iter(series.values())))
    axis = _Axis(len(layers), floor(log10(min(values))), ceil(log10(max(values))))
    parts = [*_grid(axis), *_names(axis, layers)]
    y = _TOP + _HEIGHT + _BOTTOM
    for kind, (name, numbers) in zip(_KINDS, series.items(), strict=False):
        parts += _curve(axis, kind, [numbers.get(layer, 0.0) for layer in layers])
        parts += _legend_line(kind, name, y)
        y += 18
    parts.append(words(MARGIN, y + 4, caption, 'class="s quiet"'))
    return Drawing(document(WIDTH, y + 4 + MARGIN, parts, theme), caption)


class _Axis:
    """Where a layer and a power of ten lie, in pixels."""

    def __init__(self, count: int, low: int, high: int):
        self.low, self.high = low, max(high, low + 1)
        self._step = (WIDTH - 2 * MARGIN - _LEFT) / max(1, count)

    def across(self, index: int) -> float:
        return MARGIN + _LEFT + (index + 0.5) * self._step

    def down(self, exponent: float) -> float:
        return _TOP + _HEIGHT * (self.high - exponent) / (self.high - self.low)


def _grid(axis: _Axis) -> list[str]:
    parts = []
    for exponent in range(axis.low, axis.high + 1):
        y = axis.down(exponent)
        ends = f"M{number(MARGIN + _LEFT)} {number(y)}H{number(WIDTH - MARGIN)}"
        parts.append(f'<path class="sheet" stroke-opacity="0.4" d="{ends}"/>')
        parts.append(words(MARGIN + _LEFT / 2, y + 4, f"1e{exponent:+d}", 'class="quiet"'))
    return parts


def _names(axis: _Axis, layers: Sequence[str]) -> list[str]:
    """Names of the layers, upright, so that all of them have room."""
    parts = []
    for i, layer in enumerate(layers):
        x, y = number(axis.across(i) + 4), number(_TOP + _HEIGHT + 8)
        turn = f'style="text-anchor: end" transform="rotate(-90 {x} {y})"'
        parts.append(words(axis.across(i) + 4, _TOP + _HEIGHT + 8, layer, turn))
    return parts


def _curve(axis: _Axis, kind: str, numbers: Sequence[float]) -> list[str]:
    points = [
        (axis.across(i), axis.down(log10(value))) for i, value in enumerate(numbers) if value > 0
    ]
    path = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    dots = "".join(
        f'<circle class="tip" cx="{number(x)}" cy="{number(y)}" r="2.5"/>' for x, y in points
    )
    return [f'<g class="{kind}"><path class="line" d="M{path}"/>{dots}</g>']


def _legend_line(kind: str, name: str, y: float) -> list[str]:
    sample = "".join(line(((MARGIN, y - 4), (MARGIN + 30, y - 4))))
    return [f'<g class="{kind}">{sample}</g>', words(MARGIN + 38, y, name, 'class="s"')]
