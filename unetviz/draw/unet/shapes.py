"""Shapes of which the drawing of a U is made, as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from ..svg import number, words
from .arrows import Point

_TIP = 7.0


def rectangle(x: float, y: float, width: float, height: float) -> str:
    """Return a closed path."""
    right, down = number(width), number(height)
    return f"M{number(x)} {number(y)}h{right}v{down}h-{right}z"


def group(name: str, attributes: str, inside: Iterable[str]) -> str:
    """Return shapes that belong together; the name is escaped here."""
    return f'<g id="{escape(name)}" {attributes}>{"".join(inside)}</g>'


def line(corners: Sequence[Point]) -> Iterator[str]:
    """Return a line that ends where its head begins, and the head."""
    (x0, y0), (x1, y1) = corners[-2:]
    length = max(abs(x1 - x0) + abs(y1 - y0), 0.01)  # lines run along one axis
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    base = (x1 - dx * _TIP, y1 - dy * _TIP)
    side = _TIP * 0.55
    head = (
        (x1, y1),
        (base[0] - dy * side, base[1] + dx * side),
        (base[0] + dy * side, base[1] - dx * side),
    )
    yield f'<polyline class="line" points="{points((*corners[:-1], base))}"/>'
    yield f'<polygon class="tip" points="{points(head)}"/>'


def points(corners: Sequence[Point]) -> str:
    """Return corners as a polyline takes them."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in corners)


def sign(x: float, y: float, text: str) -> Iterator[str]:
    """Return a small round sign with a word in it."""
    yield f'<circle class="line" cx="{number(x)}" cy="{number(y)}" r="9"/>'
    yield words(x, y + 4, text)
