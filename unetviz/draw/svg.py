"""What every SVG is made of: its outer element, words, images, shapes; all texts are escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from textwrap import wrap

from .theme import FONT_SIZE, palette_of, style_sheet

Point = tuple[float, float]
"""Pixels from the left and from above."""

_TIP = 7.0
"""Length of an arrow's head, in pixels."""

DISC = 7.0
"""Radius of a disc with the sign of a sum or a product, in pixels."""

_LETTER = 0.56
"""Mean width of a letter of DejaVu Sans in a sentence, as a part of the font size."""


def document(width: float, height: float, parts: Iterable[str], theme: str | None = None) -> str:
    """Return one ``svg`` element.

    Parameters
    ----------
    width, height : float
        Size of the drawing, in pixels.
    parts : iterable of str
        What is drawn, from back to front.
    theme : str, optional
        ``"light"`` or ``"dark"`` for an image that stands alone, with its background and colours;
        None for one that takes its colours and its size from the page around it.

    Raises
    ------
    ValueError
        If there is no such theme.
    """
    opening = (
        '<svg xmlns="http://www.w3.org/2000/svg" class="unetviz" '
        f'viewBox="0 0 {width:g} {height:g}"'
    )
    paper = []
    if theme is not None:
        opening += f' width="{width:g}" height="{height:g}"'
        paper = [
            f"<style>{style_sheet(palette_of(theme))}</style>",
            f'<rect class="background" width="{width:g}" height="{height:g}"/>',
        ]
    return "\n".join([f'{opening} role="img">', *paper, *parts, "</svg>"])


def image_element(
    x: float, y: float, width: float, height: float, png: bytes, smooth: bool = False
) -> str:
    """Return a PNG file as an image element, at least one pixel high and wide.

    Unless it is smooth its pixels stay squares: one attribute says so to what makes PNG files, the
    style to browsers.
    """
    style = "optimizeQuality" if smooth else "optimizeSpeed"
    live = "" if smooth else ' style="image-rendering: pixelated"'
    data = b64encode(png).decode()
    return (
        f'<image x="{number(x)}" y="{number(y)}" width="{number(max(width, 1))}" '
        f'height="{number(max(height, 1))}" image-rendering="{style}"{live} '
        f'preserveAspectRatio="none" href="data:image/png;base64,{data}"/>'
    )


def number(value: float) -> str:
    """Write a coordinate in tenths of a pixel, as short as it can be.

    Examples
    --------
    >>> number(8.04), number(8.25)
    ('8', '8.2')
    """
    return f"{value:.1f}".removesuffix(".0")


def words(x: float, y: float, text: str, attributes: str = "") -> str:
    """Return a text with its base line at (x, y); the text is escaped here."""
    return f'<text {attributes} x="{number(x)}" y="{number(y)}">{escape(text)}</text>'


def wrapped(text: str, width: float) -> list[str]:
    """Return the lines of a text that is printed in so many pixels.

    Examples
    --------
    >>> wrapped("a sentence that is cut in two", 100)
    ['a sentence that', 'is cut in two']
    """
    return wrap(text, int(width / (FONT_SIZE * _LETTER)))


def rectangle(x: float, y: float, width: float, height: float) -> str:
    """Return a rectangle as the data of a path, its upper left corner at (x, y)."""
    right, down = number(width), number(height)
    return f"M{number(x)} {number(y)}h{right}v{down}h-{right}z"


def group(name: str, attributes: str, inside: Iterable[str]) -> str:
    """Return shapes that belong together; the name is escaped here."""
    return f'<g id="{escape(name)}" {attributes}>{"".join(inside)}</g>'


def line(corners: Sequence[Point], dash: str = "", offset: float = 0.0) -> Iterator[str]:
    """Return an arrow along some corners: a line that ends where its head begins, and the head.

    `dash` holds lengths of lines and gaps, in pixels, where those of its class are not to be taken;
    `offset` is where in them the line begins.
    """
    (x0, y0), (x1, y1) = corners[-2:]
    length = max(abs(x1 - x0) + abs(y1 - y0), 0.01)  # the last piece runs along one axis
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    base = (x1 - dx * _TIP, y1 - dy * _TIP)
    side = _TIP * 0.55
    head = (
        (x1, y1),
        (base[0] - dy * side, base[1] + dx * side),
        (base[0] + dy * side, base[1] - dx * side),
    )
    styles = [f"stroke-dasharray: {escape(dash)}"] * bool(dash)
    styles += [f"stroke-dashoffset: {number(offset)}"] * bool(offset)
    own = f' style="{"; ".join(styles)}"' if styles else ""
    yield f'<polyline class="line" points="{points((*corners[:-1], base))}"{own}/>'
    yield f'<polygon class="tip" points="{points(head)}"/>'


def points(corners: Sequence[Point]) -> str:
    """Return corners as a polyline takes them."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in corners)


def round_sign(x: float, y: float, text: str) -> Iterator[str]:
    """Return a small round sign with a word in it."""
    yield f'<circle class="line" cx="{number(x)}" cy="{number(y)}" r="9"/>'
    yield words(x, y + 4, text)


def disc(x: float, y: float, text: str) -> list[str]:
    """Return a small filled disc with a word in it: it may lie on maps."""
    circle = f'<circle class="disc" cx="{number(x)}" cy="{number(y)}" r="{number(DISC)}"/>'
    return [circle, words(x, y + 4, text, 'class="b"')]
