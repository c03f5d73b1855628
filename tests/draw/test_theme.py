"""Colours can be told apart and read, and no rule leaves the drawings of this package."""

import re
from dataclasses import fields
from itertools import combinations

from unetviz.draw.theme import (
    BOX_STYLES,
    DASHES,
    FONT_SIZE,
    LIVE,
    PALETTES,
    box_style_sheet,
    path_kind,
    style_sheet,
    theme_variables,
)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return sum(weight * v for weight, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    """Return the contrast of two colours as the accessibility guidelines of the web define it."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def test_words_and_arrows_are_readable_in_both_themes():
    for name, palette in PALETTES.items():
        for kind in ("text", "quiet", "wrong"):
            assert contrast(getattr(palette, kind), palette.background) >= 4.5, (name, kind)
        for kind in DASHES:
            assert contrast(getattr(palette, kind), palette.background) >= 3, (name, kind)
        assert contrast(palette.text, palette.sheet) >= 4.5
    assert FONT_SIZE >= 11


def test_colour_is_never_the_only_sign():
    css = style_sheet(PALETTES["light"])
    styles = dict(re.findall(r"\.(\w+) \.line \{[^}]*stroke-dasharray: ([^;]+);", css))
    assert styles.keys() == DASHES.keys()
    for one, other in combinations(DASHES, 2):
        assert styles[one] != styles[other]
    assert len(set(BOX_STYLES.values())) == len(BOX_STYLES)


def test_every_rule_holds_for_drawings_only():
    for palette in (*PALETTES.values(), LIVE):
        for rule in style_sheet(palette).splitlines():
            assert rule.startswith(".unetviz ")
    for rule in box_style_sheet().splitlines():
        assert rule.startswith(".unetviz-image ")


def test_live_colours_follow_the_page():
    live = style_sheet(LIVE)
    assert not re.search(r"#[0-9a-f]{3,6}\b", live)
    light, dark = theme_variables().splitlines()
    assert light.startswith(":is(.unetviz, .unetviz-chart) {")
    assert dark.startswith('[data-jp-theme-light="false"] :is(.unetviz, .unetviz-chart) {')
    for name in set(re.findall(r"var\((--[\w-]+)\)", live)):
        assert f"{name}: #" in light
        assert f"{name}: #" in dark
    assert light.count(": #") == dark.count(": #") == len(fields(LIVE))


def test_every_kind_of_box_has_its_styles():
    css = box_style_sheet()
    assert all(f".box.{kind}" in css and f".swatch.{kind}" in css for kind in BOX_STYLES)
    names = [path_kind(name) for name in ("skip1", "skip2", "skip3", "skip4", "bottleneck")]
    assert len(set(names)) == 5
    assert set(names) < set(BOX_STYLES)
    assert path_kind("skip5") == path_kind("skip1")
