"""Where pixels, parameters, work and memory go, part by part of the U, as small bars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unetviz.geometry.graph import Specification
from unetviz.geometry.tables.levels import Part, parts
from unetviz.geometry.tables.pixel_budget import Loss, pixel_budget
from unetviz.geometry.tables.steps import large_number, size_in_bytes
from unetviz.geometry.trace import Trace

from ..drawing import Drawing, traced
from ..svg import document, words
from ..theme import MARGIN, WIDTH

_BAR_ROW = 66.0
_BAR = 38.0
_WORDS = 132.0
_CAPTION_LINE = 20.0
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
    lost = {(loss.side, loss.level): loss for loss in pixel_budget(trace, axis)}
    pixels = tuple(_pixels(lost.get((part.side, part.level))) for part in found)
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


def _pixels(loss: Loss | None) -> int:
    return loss.pixels if loss else 0


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


def draw_pixel_budget(source: Trace | Specification, theme: str = "light") -> Drawing:
    """Draw where input pixels, parameters, work and memory of a network go, part by part.

    Parameters
    ----------
    source : Trace or Specification
        What to draw.
    theme : str
        ``"light"`` or ``"dark"``.

    Returns
    -------
    Drawing
        Four rows of bars, in the order of computation.

    Raises
    ------
    ValueError
        If there is no such theme.
    """
    found = traced(source)
    return Drawing(pixel_budget_svg(found, theme), pixel_budget_caption(found), found)


def pixel_budget_svg(trace: Trace, theme: str | None = None) -> str:
    """Return the bars as an SVG string, in the order of computation.

    Parameters
    ----------
    trace : Trace
        What to measure. A trace that stops is measured up to its last step.
    theme : str, optional
        ``"light"`` or ``"dark"``, with the caption below the bars; None for colours that are taken
        from the page, where the caption stands beside the image.
    """
    names, rows = measures(trace)
    column = (WIDTH - 2 * MARGIN - _WORDS) / len(names)
    body = [line for i, row in enumerate(rows) for line in _row(row, i * _BAR_ROW, column)]
    bottom = len(rows) * _BAR_ROW + 18
    for i, name in enumerate(names):
        body.append(_text(_middle(i, column), bottom - 4, name, "quiet"))
    height = bottom + MARGIN
    if theme is not None:
        height += _CAPTION_LINE
        body.append(_text(MARGIN, height - MARGIN, pixel_budget_caption(trace), "s quiet"))
    return document(WIDTH, height, body, theme)


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
