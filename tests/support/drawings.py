"""Networks to draw, and a drawing read back from its SVG: what is there, where, for which step."""

import re
from functools import cache
from xml.etree import ElementTree

import unetviz as uv
from unetviz.draw.unet.draw import draw_svg

SVG = "{http://www.w3.org/2000/svg}"
TENTH = 0.11
"""Coordinates are written in tenths of a pixel."""


def at_first_valid_size(**fields):
    spec = uv.UNetSpec(**fields)
    return spec.replace(input_size=uv.nearest_valid_sizes(spec, 300)[1])


WIDE = at_first_valid_size(
    depth=4, convs_per_block=4, head_filters=(2,) * 30, kernel_size=7, base_filters=2
)
"""A network with more maps in one row than 848 pixels have room for."""

UNETS = (
    uv.PAPER,
    uv.DOCUMENT,
    uv.UNetSpec((1364, 659), padding="same"),
    uv.UNetSpec(64),
    uv.UNetSpec(8, padding="same"),
    uv.UNetSpec((573, 700)),
    uv.UNetSpec((40, 1000), padding="same", depth=3, merge="none"),
    uv.UNetSpec(1, depth=1),
    at_first_valid_size(depth=1, merge="add", base_filters=1),
    at_first_valid_size(depth=2, convs_per_block=1, dropout=0.1, merge="none"),
    at_first_valid_size(depth=6, convs_per_block=3, upsampling="upsample_conv", dropout=0.5),
    at_first_valid_size(depth=8, convs_per_block=4, head_filters=(2, 3)),
    at_first_valid_size(depth=8, padding="same", pool_size=4, merge="add"),
    WIDE,
)
FCNS = (
    uv.FCNSpec(512, base_filters=8),
    uv.FCNSpec(512, base_filters=8, stride=16),
    uv.FCNSpec(512, stride=8),
    uv.FCNSpec((500, 375), input_channels=3, classes=21, stride=8),
    uv.FCNSpec((33, 1000), base_filters=1, stride=16),
    uv.FCNSpec((700, 40), base_filters=2),
    uv.FCNSpec(32, base_filters=1, stride=8),
)


@cache
def traces(specs=(*UNETS, *FCNS)):
    """Trace networks, each once in a run of the tests."""
    return tuple(uv.trace(spec) for spec in specs)


@cache
def drawn_at(place):
    return read(draw_svg(traces()[place]))


def drawings():
    """Yield each of the networks with its drawing, which is made once in a run of the tests."""
    for place, trace in enumerate(traces()):
        yield trace, drawn_at(place)


def read(svg):
    """Return the outer element of a drawing."""
    return ElementTree.fromstring(svg)


def with_class(root, name):
    """List the elements that have a class, from back to front."""
    return [node for node in root.iter() if name in node.get("class", "").split()]


def groups(root, prefix):
    """Return the groups whose names begin with a prefix, by the rest of the name."""
    named = ((node.get("id", ""), node) for node in root.iter(f"{SVG}g"))
    return {name.removeprefix(prefix): node for name, node in named if name.startswith(prefix)}


def texts(root):
    """List the words of a drawing."""
    return [node.text for node in root.iter(f"{SVG}text") if node.text]


def numbers(text):
    return [float(word) for word in re.findall(r"-?\d+(?:\.\d+)?", text)]


def corners(text):
    flat = numbers(text)
    return list(zip(flat[::2], flat[1::2], strict=True))


def front_sheet(group):
    """Return left, upper, right and lower end of the map that a group shows."""
    (sheet,) = (node for node in group if node.get("class") == "sheet")
    x, y, width, height, *_ = numbers(sheet.get("d"))
    return x, y, x + width, y + height


def are_apart(one, other):
    """Whether two rectangles, given as left, upper, right and lower end, share no pixel."""
    left, top, right, bottom = one
    left2, top2, right2, bottom2 = other
    return right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top
