"""The U as an SVG string: every map and every arrow carries an id, a class and its step's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from textwrap import wrap

from ..geometry import Trace
from ..geometry.report import shape_text
from .arrows import Arrow, Mark, Point, connect
from .labels import Label, label
from .layout import FONT_SIZE, MARGIN, SHEET_STEP, Box, Laid, Layout, lay_out
from .page import document, image, number, words

_TIP = 7.0
_LINE_HEIGHT = 16.0
_LEGEND_LINE = 22.0
_LEGEND_COLUMNS = 6
_LEGEND = {
    "conv": "convolution",
    "pool": "max pool",
    "upconv": "up-convolution",
    "crop": "copy and crop",
    "head": "convolution 1x1",
    "dropout": "dropout",
    "upsample": "up-sampling",
    "pad": "zero padding",
    "window": "kept by the crop",
    "lost": "pixels lost",
}


def draw_svg(
    trace: Trace,
    caption: str = "",
    theme: str | None = None,
    pictures: Mapping[str, bytes] | None = None,
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
    pictures : dict of str to bytes, optional
        PNG files to be shown in maps, by the names that `map_areas` gives.

    Returns
    -------
    str
        One ``svg`` element. A map has the id ``map-<step>``, an arrow ``arrow-<step>``, and
        whatever belongs to a step says so in ``data-step``. What tells a size has the class
        ``secret``.
    """
    layout = lay_out(trace)
    arrows, marks = connect(layout)
    parts = [
        *(_laid(laid, trace, pictures or {}) for laid in layout.places()),
        *(_arrow(arrow) for arrow in arrows),
        *(_mark(mark) for mark in marks),
        *(_label(found) for found in label(layout, arrows)),
        *_legend(layout, trace, marks),
    ]
    sentences, bottom = _sentences(layout, trace, caption)
    return document(layout.width, bottom, [*parts, *sentences], theme)


def _of(step: str, classes: str) -> str:
    return f'class="{escape(classes)}" data-step="{escape(step)}"'


def _laid(laid: Laid, trace: Trace, pictures: Mapping[str, bytes]) -> str:
    step = laid.place.step
    inside = [_box(box, trace, pictures.get(box.step)) for box in laid.boxes]
    if not laid.place.is_joined:
        return inside[0]
    if step.out_shape is None:
        width, height = laid.right - laid.left + 6, laid.bottom - laid.top + 6
        frame = _rectangle(laid.left - 3, laid.top - 3, width, height)
        inside.append(f'<path {_of(step.name, "frame secret")} d="{frame}"/>')
    if step.kind == "add":
        seam = (laid.boxes[0].right + laid.boxes[1].x) / 2
        inside.append(words(seam, laid.boxes[0].bottom - 6, "+", 'class="b"'))
    return _group(f"map-{step.name}", _of(step.name, f"joined {step.kind}"), inside)


def _box(box: Box, trace: Trace, picture: bytes | None = None) -> str:
    shape = shape_text(box.shape) if box.shape else "does not fit"
    inside = [
        f"<title>{escape(f'{box.step}: {shape}')}</title>",
        f'<path class="sheet" d="{_sheets(box)}"/>',
        *([image(box.x + 1, box.y + 1, box.width - 2, box.height - 2, picture)] if picture else []),
        *_crop_window(box, trace),
        *_lost_edges(box, trace),
    ]
    prefix = "skip" if box.kind == "skip" else "map"
    return _group(f"{prefix}-{box.step}", _of(box.step, box.kind), inside)


def _rectangle(x: float, y: float, width: float, height: float) -> str:
    right, down = number(width), number(height)
    return f"M{number(x)} {number(y)}h{right}v{down}h-{right}z"


def _sheets(box: Box) -> str:
    """The front sheet, and of those behind it the two edges that can be seen."""
    width, height = number(box.width), number(box.height)
    inner_width, inner_height = number(box.width - SHEET_STEP), number(box.height - SHEET_STEP)
    step = number(SHEET_STEP)
    path = [_rectangle(box.x, box.y, box.width, box.height)]
    for sheet in range(1, box.sheets):
        x, y = number(box.x + sheet * SHEET_STEP), number(box.y - sheet * SHEET_STEP)
        path.append(f"M{x} {y}h{width}v{height}h-{step}v-{inner_height}h-{inner_width}z")
    return "".join(path)


def _crop_window(box: Box, trace: Trace) -> Iterator[str]:
    """The part of an encoder map that its skip keeps, to scale."""
    for step in trace:
        if step.crop and step.inputs[0] == box.step and box.kind == "map":
            height, width, _ = step.in_shapes[0]
            (top, bottom), (left, right) = step.crop
            window = _rectangle(
                box.x + box.width * left / width,
                box.y + box.height * top / height,
                box.width * (width - left - right) / width,
                box.height * (height - top - bottom) / height,
            )
            yield f'<path {_of(step.name, "window secret")} d="{window}"/>'


def _lost_edges(box: Box, trace: Trace) -> Iterator[str]:
    """Red edges where a pool drops the last rows or columns; thicker than to scale."""
    for step in trace:
        if box.kind != "map" or step.kind != "pool" or box.step not in step.inputs:
            continue
        rows, columns = step.lost
        edges = []
        if rows:
            edges.append(_rectangle(box.x, box.bottom - 3, box.width, 3))
        if columns:
            edges.append(_rectangle(box.x + box.width - 3, box.y, 3, box.height))
        for edge in edges:
            yield f'<path {_of(step.name, "lost secret")} d="{edge}"/>'


def _group(name: str, attributes: str, inside: Iterable[str]) -> str:
    return f'<g id="{escape(name)}" {attributes}>{"".join(inside)}</g>'


def _arrow(arrow: Arrow) -> str:
    attributes = _of(arrow.step, f"arrow {arrow.kind}")
    return _group(f"arrow-{arrow.step}", attributes, _line(arrow.points))


def _line(points: Sequence[Point]) -> Iterator[str]:
    """A line that ends where its head begins, and the head."""
    (x0, y0), (x1, y1) = points[-2:]
    length = max(abs(x1 - x0) + abs(y1 - y0), 0.01)  # lines run along one axis
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    base = (x1 - dx * _TIP, y1 - dy * _TIP)
    side = _TIP * 0.55
    corners = (
        (x1, y1),
        (base[0] - dy * side, base[1] + dx * side),
        (base[0] + dy * side, base[1] - dx * side),
    )
    yield f'<polyline class="line" points="{_points((*points[:-1], base))}"/>'
    yield f'<polygon class="tip" points="{_points(corners)}"/>'


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def _mark(mark: Mark) -> str:
    attributes = _of(mark.step, f"mark {mark.kind}")
    return _group(f"mark-{mark.step}", attributes, _sign(mark.x, mark.y, mark.sign))


def _sign(x: float, y: float, sign: str) -> Iterator[str]:
    yield f'<circle class="line" cx="{number(x)}" cy="{number(y)}" r="9"/>'
    yield words(x, y + 4, sign)


def _label(found: Label) -> str:
    classes = "b" if found.weight == "bold" else "secret"
    return words(found.x, found.y, found.text, _of(found.step, classes))


def _legend(layout: Layout, trace: Trace, marks: Iterable[Mark]) -> Iterator[str]:
    """One sample of each kind of arrow and mark that is drawn."""
    signs = {mark.kind: mark.sign for mark in marks}
    column = (layout.width - 2 * MARGIN) / _LEGEND_COLUMNS
    for index, kind in enumerate(_legend_kinds(trace)):
        line, place = divmod(index, _LEGEND_COLUMNS)
        x = MARGIN + place * column
        y = layout.height + (line + 0.5) * _LEGEND_LINE
        yield _group(f"legend-{kind}", f'class="{kind}"', _sample(kind, x, y, signs))
        yield words(x + 31, y + 4, _LEGEND[kind], 'class="s"')


def _sample(kind: str, x: float, y: float, signs: dict[str, str]) -> Iterable[str]:
    if kind == "window":
        return [f'<path class="window" d="{_rectangle(x + 4, y - 8, 18, 16)}"/>']
    if kind == "lost":
        return [f'<path class="lost" d="{_rectangle(x + 4, y - 2, 18, 3)}"/>']
    if kind in signs:
        return _sign(x + 13, y, signs[kind])
    return _line(((x, y), (x + 26, y)))


def _legend_kinds(trace: Trace) -> list[str]:
    kinds = {"crop" if step.kind in ("concat", "add") else step.kind for step in trace}
    kinds |= {"window" for step in trace if step.crop}
    kinds |= {"lost" for step in trace if any(step.lost)}
    return [kind for kind in _LEGEND if kind in kinds]


def _sentences(layout: Layout, trace: Trace, caption: str) -> tuple[list[str], float]:
    """Caption and problem below the legend, and where the drawing ends."""
    legend_lines = -(-len(_legend_kinds(trace)) // _LEGEND_COLUMNS)
    y = layout.height + legend_lines * _LEGEND_LINE
    characters = int((layout.width - 2 * MARGIN) / (FONT_SIZE * 0.56))
    written = []
    for line in wrap(caption, characters):
        y += _LINE_HEIGHT
        written.append(words(MARGIN, y, line, 'class="s quiet"'))
    for problem in trace.problems:
        for line in wrap(problem.message, characters):
            y += _LINE_HEIGHT
            written.append(words(MARGIN, y, line, _of(problem.step, "s wrong secret")))
    return written, y + MARGIN
