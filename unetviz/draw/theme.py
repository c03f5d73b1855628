"""What all drawings share: their width and letters, the document's colours, and line styles."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from unetviz.geometry._checks import choice
from unetviz.geometry.ops import Look

WIDTH = 848.0
"""Pixels: a notebook's output in a 1280-pixel window with the file panel open."""

MARGIN = 8.0
"""Pixels between a drawing and its edges."""

FONT_SIZE = 11.0
"""Pixels; smaller letters cannot be read from the back of a room."""


@dataclass(frozen=True)
class Palette:
    """Colours of a theme, as CSS writes them.

    `conv` to `head` are those of the arrows: blue, red, green, grey and teal as in the document's
    figure. `sheet` and `skip_sheet` fill maps, `edge` is the line around them, `wrong` tells what
    fails or is lost, and `chosen` what is selected or changed.
    """

    background: str
    text: str
    quiet: str
    sheet: str
    skip_sheet: str
    edge: str
    conv: str
    pool: str
    upconv: str
    crop: str
    head: str
    wrong: str
    chosen: str


LIGHT = Palette(
    background="#ffffff",
    text="#1b2733",
    quiet="#52606d",
    sheet="#dfe7f3",
    skip_sheet="#f4f5f7",
    edge="#4a6385",
    conv="#2a6ab8",
    pool="#c8372d",
    upconv="#2f8a43",
    crop="#6b7684",
    head="#0b7d76",
    wrong="#c8102e",
    chosen="#e08700",
)

DARK = Palette(
    background="#111417",
    text="#e8edf2",
    quiet="#a9b4c0",
    sheet="#2b3c55",
    skip_sheet="#2a2e33",
    edge="#8fa8cc",
    conv="#6aa5ee",
    pool="#f07a6e",
    upconv="#68c47e",
    crop="#a5b0bc",
    head="#4cc4ba",
    wrong="#ff6b78",
    chosen="#ffb54a",
)

PALETTES = {"light": LIGHT, "dark": DARK}


def palette_of(theme: str | None) -> Palette:
    """Return the colours of a theme; None gives the light ones, to be replaced by a page's.

    Raises
    ------
    ValueError
        If there is no such theme.
    """
    return LIGHT if theme is None else PALETTES[choice("theme", theme, tuple(PALETTES))]


LIVE = Palette(*(f"var(--uv-{field.name.replace('_', '-')})" for field in fields(Palette)))
"""Colours that follow JupyterLab's theme; `theme_variables` gives them their values."""

DASHES = {
    "conv": "",
    "pool": "7 3",
    "upconv": "2 2.5",
    "crop": "12 4",
    "head": "8 3 2 3",
    "quiet": "4 4",
}
"""Line style of each colour of an arrow, so that nothing is told by colour alone."""


def classes_of(kind: str, look: Look) -> str:
    """Return the classes of an arrow or a sign: its kind, and the colour that it is drawn in."""
    return kind if kind == look.colour else f"{kind} {look.colour}"


BOX_STYLES = {
    "path1": ("#ffb000", "2 2"),
    "path2": ("#5cc8ff", "6 3"),
    "path3": ("#2fe0a8", "9 3 2 3"),
    "path4": ("#ff8fd0", "14 4"),
    "bottleneck": ("#fff15c", "none"),
    "window": ("#ffffff", "none"),
    "free": ("#8dff6a", "5 2"),
    "tile": ("#ffb000", "6 3"),
    "kept": ("#5cc8ff", "none"),
    "grid": ("#ffffff", "1 3"),
}
"""Colour and line style of the boxes on images: bright, with a dark line drawn around them."""


def path_kind(name: str) -> str:
    """Return the style of the box of a path: ``"skip1"``, ``"skip2"``, ... or ``"bottleneck"``.

    There are four styles for skips; a fifth skip has that of the first.

    Examples
    --------
    >>> path_kind("skip2"), path_kind("skip6")
    ('path2', 'path2')
    """
    if name == "bottleneck":
        return name
    return f"path{(int(name.removeprefix('skip')) - 1) % 4 + 1}"


def box_style_sheet() -> str:
    """Return the CSS of boxes on live images and of their samples in the legend."""
    return "\n".join(
        f".unetviz-image .box.{kind} {{ stroke: {colour}; stroke-dasharray: {dashes}; }}\n"
        f".unetviz-image .swatch.{kind} {{ border-color: {colour}; "
        f"border-style: {'solid' if dashes == 'none' else 'dashed'}; }}"
        for kind, (colour, dashes) in BOX_STYLES.items()
    )


def style_sheet(palette: Palette) -> str:
    """Return the CSS of a drawing; its rules hold for drawings of this package only.

    Parameters
    ----------
    palette : Palette
        One of `PALETTES` for an image that stands alone; `LIVE` for one in a notebook's page.
    """
    rules = {
        "text": (
            f"font: {FONT_SIZE:g}px 'DejaVu Sans', Verdana, sans-serif; text-anchor: middle; "
            f"fill: {palette.text}"
        ),
        "text.b": "font-weight: bold",
        "text.s": "text-anchor: start",
        ".background": f"fill: {palette.background}",
        "text.quiet": f"fill: {palette.quiet}",
        ".sheet": f"fill: {palette.sheet}; stroke: {palette.edge}",
        ".skip .sheet": f"fill: {palette.skip_sheet}; stroke: {palette.crop}",
        ".failed .sheet": f"fill: none; stroke: {palette.wrong}; stroke-dasharray: 4 3",
        ".window": f"fill: none; stroke: {palette.text}; stroke-dasharray: 3 2",
        ".outline": (
            f"fill: none; stroke: {palette.background}; stroke-width: 3; stroke-opacity: 0.7"
        ),
        ".lost": f"fill: {palette.wrong}",
        "text.wrong": f"fill: {palette.wrong}",
        ".highlight": f"fill: none; stroke: {palette.chosen}; stroke-width: 8; stroke-opacity: 0.5",
        ".frame-of-change": "stroke-width: 2.5; stroke-opacity: 1",
        ".disc": f"fill: {palette.background}; stroke: {palette.edge}",
        ".frame": f"fill: none; stroke: {palette.wrong}; stroke-width: 2",
        ".line": "fill: none; stroke-width: 2.4",
        "circle.line": "stroke-width: 1.6",
        ".bar.pixels": f"fill: {palette.pool}",
        ".bar.params": f"fill: {palette.conv}",
        ".bar.macs": f"fill: {palette.upconv}",
        ".bar.memory": f"fill: {palette.head}",
    }
    for name, dash in DASHES.items():
        colour = getattr(palette, name)
        rules[f".{name} .line"] = f"stroke: {colour}; stroke-dasharray: {dash or 'none'}"
        rules[f".{name} .tip"] = f"fill: {colour}"
    return "\n".join(f".unetviz {selector} {{ {body}; }}" for selector, body in rules.items())


def theme_variables() -> str:
    """Return the CSS that gives the `LIVE` colours their values, light and dark."""
    return (
        f":is(.unetviz, .unetviz-chart) {{ {_values(LIGHT)} }}\n"
        f'[data-jp-theme-light="false"] :is(.unetviz, .unetviz-chart) {{ {_values(DARK)} }}'
    )


def _values(palette: Palette) -> str:
    items = asdict(palette).items()
    return " ".join(f"--uv-{name.replace('_', '-')}: {colour};" for name, colour in items)
