"""What every SVG of this package is made of: its outer element, its colours, its words."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from html import escape

from .theme import PALETTES, style_sheet


def document(width: float, height: float, parts: Iterable[str], theme: str | None = None) -> str:
    """Return one ``svg`` element.

    Parameters
    ----------
    width, height : float
        Size of the drawing, in pixels.
    parts : iterable of str
        What is drawn, from back to front.
    theme : str, optional
        ``"light"`` or ``"dark"`` for an image that stands alone, with its page and its colours;
        None for one that takes its colours and its size from the page around it.

    Raises
    ------
    ValueError
        If there is no such theme.
    """
    if theme not in (None, *PALETTES):
        raise ValueError(f"theme must be {' or '.join(PALETTES)}, not {theme!r}")
    opening = (
        '<svg xmlns="http://www.w3.org/2000/svg" class="unetviz" '
        f'viewBox="0 0 {width:g} {height:g}"'
    )
    paper = []
    if theme is not None:
        opening += f' width="{width:g}" height="{height:g}"'
        paper = [
            f"<style>{style_sheet(PALETTES[theme])}</style>",
            f'<rect class="page" width="{width:g}" height="{height:g}"/>',
        ]
    return "\n".join([f'{opening} role="img">', *paper, *parts, "</svg>"])


def image_element(
    x: float, y: float, width: float, height: float, png: bytes, smooth: bool = False
) -> str:
    """Return an image, given as a PNG file; unless it is smooth its pixels stay squares."""
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
