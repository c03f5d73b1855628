"""The U drawn from a trace: in its SVG every map and arrow has an id, a class and a step."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from html import escape
from itertools import pairwise

from unetviz.geometry.graph import Specification
from unetviz.geometry.ops import size_of
from unetviz.geometry.tables.steps import shape_text
from unetviz.geometry.trace import Trace

from ..drawing import Drawing, traced
from ..svg import (
    disc,
    document,
    group,
    image_element,
    line,
    number,
    points,
    rectangle,
    round_sign,
    words,
    wrapped,
)
from ..theme import DASHES, MARGIN, classes_of
from .arrows import Arrow, OperationSign, connect
from .labels import Label, label
from .layout import SHEET_STEP, Layout, MapBox, PlacedMaps, lay_out
from .legend import legend, legend_entries, legend_height

_LONG_NAME = r"\S{41,}"

_LINE_HEIGHT = 16.0
"""Pixels from one line of the caption to the next."""

_HIGHLIGHT_ROOM = 1.5
"""Pixels between a map and the frame that signs it as changed."""


def draw_unet(
    source: Trace | Specification,
    theme: str = "light",
    images: Mapping[str, bytes] | None = None,
    changed: Collection[str] = (),
    backward: bool = False,
) -> Drawing:
    """Draw a network as a U.

    Parameters
    ----------
    source : Trace or Specification
        What to draw. A size that fails is drawn up to the step that fails.
    theme : str
        ``"light"`` or ``"dark"``.
    images : dict of str to bytes, optional
        PNG files to be shown in maps, by the names that `map_areas` gives.
    changed : collection of str
        Names of steps that are marked as changed, such as `changed_steps` finds.
    backward : bool
        Whether the arrows are those of the gradient.

    Returns
    -------
    Drawing
        Shown as an image in a notebook; `Drawing.save` writes it to a file.

    See Also
    --------
    unetviz.UNetExplorer : the same drawing, to walk through.
    unetviz.draw.draw_worksheet : the same drawing with boxes in place of its sizes.

    Raises
    ------
    ValueError
        If there is no such theme.
    ShapeError
        If a network that stops is to be drawn backwards.

    Examples
    --------
    >>> from unetviz import PAPER
    >>> draw_unet(PAPER).caption
    'A U-Net with 4 poolings: 572 x 572 pixels go in, 388 x 388 come out.'
    """
    found = traced(source)
    caption = _backward_caption(found) if backward else _caption(found)
    svg = draw_svg(found, caption, theme, images, changed, backward)
    return Drawing(svg, caption, found, photograph=bool(images))


def draw_svg(
    trace: Trace,
    caption: str = "",
    theme: str | None = None,
    images: Mapping[str, bytes] | None = None,
    changed: Collection[str] = (),
    backward: bool = False,
) -> str:
    """Return a trace as an SVG document.

    Parameters
    ----------
    trace : Trace
        What to draw. A trace that stops is drawn up to the step that fails, that one in red.
    caption : str
        A sentence printed below the drawing.
    theme : str, optional
        ``"light"`` or ``"dark"``; None for a drawing that takes its colours from the page.
    images : dict of str to bytes, optional
        PNG files to be shown in maps, by the names that `map_areas` gives.
    changed : collection of str
        Names of steps whose maps and arrows are marked as changed.
    backward : bool
        Whether the arrows are those of the gradient, from the output back to the input; each then
        belongs to the step whose map it leads to.

    Returns
    -------
    str
        One ``svg`` element. A map has the id ``map-<step>``, an arrow ``arrow-<step>`` (of several
        that lead to one map the others have ``-from-<source>`` behind it), and whatever belongs to
        a step says so in ``data-step``. What tells a size has the class ``secret``.
    """
    layout = lay_out(trace)
    arrows, signs = connect(layout)
    names = _names(arrows)
    if backward:
        arrows = tuple(arrow.turned() for arrow in arrows)
    entries = legend_entries(trace, changed, signs, backward)
    parts = [
        *_highlights(layout, arrows, signs, changed),
        *(_placed_maps(placed, trace, images or {}) for placed in layout.places()),
        *(_arrow(arrow, name, backward) for arrow, name in zip(arrows, names, strict=True)),
        *(_sign(sign) for sign in signs),
        *(_label(found) for found in label(layout, arrows, signs)),
        *legend(layout, entries, backward),
    ]
    sentences, bottom = _sentences(layout, trace, caption, legend_height(layout, entries, backward))
    return document(layout.width, bottom, [*parts, *sentences], theme)


def _caption(found: Trace) -> str:
    start, end = (size_of(found.steps[index].out_shape) for index in (0, -1))
    title = found.spec.title
    if found.failed is not None:
        return (
            f"{title} that stops at {found.failed.name}: {start} pixels go in, nothing comes out."
        )
    return f"{title} with {_depth(found)}: {start} pixels go in, {end} come out."


def _backward_caption(found: Trace) -> str:
    # Nothing goes back from an output that there is not.
    start, end = (size_of(found.check().steps[index].out_shape) for index in (0, -1))
    return (
        f"{found.spec.title} with {_depth(found)}, backwards: the gradient goes from the {end} "
        f"pixels of the output to the {start} of the input."
    )


def _depth(found: Trace) -> str:
    pools = sum(step.kind == "pool" for step in found)
    levels = max(step.map_level for step in found)
    if pools != levels - 1:  # some networks shrink their maps by convolutions
        return f"{levels} levels"
    return "1 pooling" if pools == 1 else f"{pools} poolings"


def _highlights(
    layout: Layout,
    arrows: Iterable[Arrow],
    signs: Iterable[OperationSign],
    changed: Collection[str],
) -> Iterator[str]:
    """Yield what lies behind the maps, arrows and signs of the steps that are changed."""
    yield from _frames(layout, changed)
    for arrow in arrows:
        if arrow.step in changed:
            yield f'<polyline class="highlight" points="{points(arrow.points)}"/>'
    for sign in signs:
        if sign.step in changed:
            yield f'<circle class="highlight" cx="{number(sign.x)}" cy="{number(sign.y)}" r="9"/>'


def _frames(layout: Layout, changed: Collection[str]) -> Iterator[str]:
    """Yield a frame around each changed map; around both halves if the step that joins them is."""
    for placed in layout.places():
        framed: list[PlacedMaps | MapBox] = [box for box in placed.boxes if box.step in changed]
        if placed.place.step.name in changed:
            framed = [placed]
        for one in framed:
            frame = _frame(one, _HIGHLIGHT_ROOM)
            yield f'<path class="highlight frame-of-change" d="{frame}"/>'


def _frame(maps: PlacedMaps | MapBox, room: float) -> str:
    width, height = maps.right - maps.left, maps.bottom - maps.top
    return rectangle(maps.left - room, maps.top - room, width + 2 * room, height + 2 * room)


def _of(step: str, classes: str) -> str:
    return f'class="{escape(classes)}" data-step="{escape(step)}"'


def _placed_maps(placed: PlacedMaps, trace: Trace, images: Mapping[str, bytes]) -> str:
    step, sign = placed.place.step, placed.place.step.operation.sign
    inside = [_box(box, trace, images.get(box.step)) for box in placed.boxes]
    if not placed.place.is_joined:
        if placed.place.sign_before:
            disc_before = group(f"sum-{step.name}", _of(step.name, "sum"), disc(*placed.disc, sign))
            return f"{inside[0]}\n{disc_before}"
        return inside[0]
    if step.out_shape is None:
        inside.append(f'<path {_of(step.name, "frame secret")} d="{_frame(placed, 3)}"/>')
    if sign:
        inside += disc(*placed.disc, sign)
    return group(f"map-{step.name}", _of(step.name, f"joined {step.kind}"), inside)


def _box(box: MapBox, trace: Trace, image: bytes | None = None) -> str:
    shape = shape_text(box.shape) if box.shape else "does not fit"
    inside = [
        f"<title>{escape(f'{box.step}: {shape}')}</title>",
        f'<path class="sheet" d="{_sheets(box)}"/>',
        *(
            [image_element(box.x + 1, box.y + 1, box.width - 2, box.height - 2, image)]
            if image
            else []
        ),
        *_crop_window(box, trace, on_image=image is not None),
        *_lost_edges(box, trace),
    ]
    prefix = "skip" if box.kind == "skip" else "map"
    return group(f"{prefix}-{box.step}", _of(box.step, box.kind), inside)


def _sheets(box: MapBox) -> str:
    """The front sheet, and of the others the two edges that can be seen."""
    width, height = number(box.width), number(box.height)
    inner_width, inner_height = number(box.width - SHEET_STEP), number(box.height - SHEET_STEP)
    step = number(SHEET_STEP)
    path = [rectangle(box.x, box.y, box.width, box.height)]
    for sheet in range(1, box.sheets):
        x, y = number(box.x + sheet * SHEET_STEP), number(box.y - sheet * SHEET_STEP)
        path.append(f"M{x} {y}h{width}v{height}h-{step}v-{inner_height}h-{inner_width}z")
    return "".join(path)


def _crop_window(box: MapBox, trace: Trace, on_image: bool) -> Iterator[str]:
    """The part of an encoder map that its skip keeps, to scale."""
    for step in trace:
        if step.crop and step.inputs[0] == box.step and box.kind == "map":
            height, width, _ = step.in_shapes[0]
            (top, bottom), (left, right) = step.crop
            window = rectangle(
                box.x + box.width * left / width,
                box.y + box.height * top / height,
                box.width * (width - left - right) / width,
                box.height * (height - top - bottom) / height,
            )
            if on_image:  # light or dark, the dashes must be seen
                yield f'<path {_of(step.name, "outline secret")} d="{window}"/>'
            yield f'<path {_of(step.name, "window secret")} d="{window}"/>'


def _lost_edges(box: MapBox, trace: Trace) -> Iterator[str]:
    """Red edges where a pool drops the last rows or columns; thicker than to scale."""
    for step in trace:
        if box.kind != "map" or step.kind != "pool" or box.step not in step.inputs:
            continue
        rows, columns = step.lost
        edges = []
        if rows:
            edges.append(rectangle(box.x, box.bottom - 3, box.width, 3))
        if columns:
            edges.append(rectangle(box.x + box.width - 3, box.y, 3, box.height))
        for edge in edges:
            yield f'<path {_of(step.name, "lost secret")} d="{edge}"/>'


def _names(arrows: Iterable[Arrow]) -> list[str]:
    """A name for each arrow: that of its step, and of where it comes from if the step has more."""
    names: dict[str, None] = {}
    for arrow in arrows:
        name = arrow.step
        names[f"{name}-from-{arrow.source}" if name in names else name] = None
    return list(names)


def _arrow(arrow: Arrow, name: str, backward: bool) -> str:
    attributes = _of(arrow.step, f"arrow {classes_of(arrow.kind, arrow.look)}")
    offset = _dashes_from_the_end(arrow) if backward and len(arrow.points) > 2 else 0.0
    return group(f"arrow-{name}", attributes, line(arrow.points, arrow.look.dash, offset))


def _dashes_from_the_end(arrow: Arrow) -> float:
    """Where the dashes of an arrow begin so that they end with a whole one.

    Arrows that share their line share that end of it: there their dashes lie on each other.
    """
    dashes = [float(n) for n in (arrow.look.dash or DASHES[arrow.look.colour]).split()]
    length = sum(abs(x - x2) + abs(y - y2) for (x, y), (x2, y2) in pairwise(arrow.points))
    return (dashes[0] - length) % sum(dashes) if dashes else 0.0


def _sign(sign: OperationSign) -> str:
    attributes = _of(sign.step, f"mark {classes_of(sign.kind, sign.look)}")
    return group(f"mark-{sign.step}", attributes, round_sign(sign.x, sign.y, sign.text))


def _label(found: Label) -> str:
    classes = ["b"] * (found.weight == "bold") + ["secret"] * found.tells_size
    return words(found.x, found.y, found.text, _of(found.step, " ".join(classes)))


def _with_short_names(sentence: str) -> str:
    """Leave out the middle of names that fill a line; the tables have them whole."""
    return re.sub(_LONG_NAME, lambda name: f"{name[0][:20]}...{name[0][-17:]}", sentence)


def _sentences(
    layout: Layout, trace: Trace, caption: str, legend_room: float
) -> tuple[list[str], float]:
    """Caption and problem below the legend, and where the drawing ends."""
    y = layout.height + legend_room
    width = layout.width - 2 * MARGIN
    written = []
    for row in wrapped(_with_short_names(caption), width):
        y += _LINE_HEIGHT
        written.append(words(MARGIN, y, row, 'class="s quiet"'))
    for problem in trace.problems:
        for row in wrapped(_with_short_names(problem.message), width):
            y += _LINE_HEIGHT
            written.append(words(MARGIN, y, row, _of(problem.step, "s wrong secret")))
    return written, y + MARGIN
