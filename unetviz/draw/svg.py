"""The U as an SVG string: every map and every arrow carries an id and a class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from textwrap import wrap

from ..geometry import Trace
from .arrows import Arrow, Mark, Point, connect
from .labels import Label, label
from .layout import FONT_SIZE, MARGIN, SHEET_STEP, Box, Laid, Layout, lay_out
from .style import PALETTES, style_sheet

_TIP = 7.0
_LINE_HEIGHT = 16.0
_LEGEND_LINE = 22.0
_LEGEND_COLUMNS = 5
_LEGEND = {
    "conv": "convolution",
    "pool": "max pool",
    "upconv": "up-convolution",
    "crop": "copy and crop",
    "head": "convolution 1x1",
    "dropout": "dropout",
    "upsample": "up-sampling by copies",
}


def draw_svg(trace: Trace, caption: str, theme: str) -> str:
    """Return a trace as an SVG document.

    Parameters
    ----------
    trace : Trace
        What to draw. A trace that stops is drawn up to the step that fails, that one in red.
    caption : str
        A sentence printed below the drawing.
    theme : str
        ``"light"`` or ``"dark"``.

    Returns
    -------
    str
        One ``svg`` element. A map has the id ``map-<step>``, an arrow ``arrow-<step>``.
    """
    layout = lay_out(trace)
    arrows, marks = connect(layout)
    parts = [
        *(_laid(laid, trace) for laid in layout.places()),
        *(_arrow(arrow) for arrow in arrows),
        *(_mark(mark) for mark in marks),
        *(_label(found) for found in label(layout, arrows)),
    ]
    below = [
        line
        for part in (_legend(layout, trace, marks), _sentences(layout, trace, caption))
        for line in part
    ]
    lines = len(_lines(layout, trace, caption))
    height = _sentences_top(layout, trace) + _LINE_HEIGHT * lines + MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="unetviz" role="img" '
            f'viewBox="0 0 {layout.width:g} {height:g}" width="{layout.width:g}" '
            f'height="{height:g}">',
            f"<title>{escape(caption)}</title>",
            f"<style>{style_sheet(PALETTES[theme])}</style>",
            f'<rect class="page" width="{layout.width:g}" height="{height:g}"/>',
            *parts,
            *below,
            "</svg>",
        ]
    )


def _sentences_top(layout: Layout, trace: Trace) -> float:
    legend_lines = -(-len(_legend_kinds(trace)) // _LEGEND_COLUMNS)
    return layout.height + legend_lines * _LEGEND_LINE


def _laid(laid: Laid, trace: Trace) -> str:
    step = laid.place.step
    inside = [_box(box, trace) for box in laid.boxes]
    if step.out_shape is None and laid.place.is_joined:
        inside.append(
            f'<rect class="frame" x="{laid.left - 3:.1f}" y="{laid.top - 3:.1f}" '
            f'width="{laid.right - laid.left + 6:.1f}" height="{laid.bottom - laid.top + 6:.1f}"/>'
        )
    if not laid.place.is_joined:
        return inside[0]
    if step.kind == "add":
        seam = (laid.boxes[0].right + laid.boxes[1].x) / 2
        inside.append(_text(seam, laid.boxes[0].bottom - 6, "+", weight="bold"))
    return _group(f"map-{step.name}", f"joined {step.kind}", inside)


def _box(box: Box, trace: Trace) -> str:
    offsets = [i * SHEET_STEP for i in reversed(range(box.sheets))]
    inside = [_sheet(box, offset) for offset in offsets]
    inside += _crop_window(box, trace)
    inside += _lost_edges(box, trace)
    prefix = "skip" if box.kind == "skip" else "map"
    return _group(f"{prefix}-{box.step}", box.kind, inside)


def _sheet(box: Box, offset: float) -> str:
    return _rectangle("sheet", box.x + offset, box.y - offset, box.width, box.height)


def _rectangle(name: str, x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
    )


def _crop_window(box: Box, trace: Trace) -> Iterator[str]:
    """The part of an encoder map that its skip keeps, to scale."""
    for step in trace:
        if step.crop and step.inputs[0] == box.step and box.kind == "map":
            height, width, _ = step.in_shapes[0]
            (top, bottom), (left, right) = step.crop
            x, y = box.x + box.width * left / width, box.y + box.height * top / height
            kept_width = box.width * (width - left - right) / width
            kept_height = box.height * (height - top - bottom) / height
            yield _rectangle("window", x, y, kept_width, kept_height)


def _lost_edges(box: Box, trace: Trace) -> Iterator[str]:
    """Red edges where a pool drops the last rows or columns; thicker than to scale."""
    for step in trace:
        if box.kind != "map" or step.kind != "pool" or box.step not in step.inputs:
            continue
        rows, columns = step.lost
        if rows:
            yield _rectangle("lost", box.x, box.bottom - 3, box.width, 3)
        if columns:
            yield _rectangle("lost", box.x + box.width - 3, box.y, 3, box.height)


def _group(name: str, classes: str, inside: Iterable[str]) -> str:
    return f'<g id="{escape(name)}" class="{escape(classes)}">{"".join(inside)}</g>'


def _arrow(arrow: Arrow) -> str:
    return _group(f"arrow-{arrow.step}", f"arrow {arrow.kind}", _line(arrow.points))


def _line(points: Sequence[Point]) -> Iterator[str]:
    """A line that ends where its head begins, and the head."""
    (x0, y0), (x1, y1) = points[-2:]
    length = max(abs(x1 - x0) + abs(y1 - y0), 0.01)  # lines run along one axis
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    base = (x1 - dx * _TIP, y1 - dy * _TIP)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*points[:-1], base))
    side = _TIP * 0.55
    corners = (
        (x1, y1),
        (base[0] - dy * side, base[1] + dx * side),
        (base[0] + dy * side, base[1] - dx * side),
    )
    yield f'<polyline class="line" stroke-width="2.4" points="{path}"/>'
    tip = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    yield f'<polygon class="tip" points="{tip}"/>'


def _mark(mark: Mark) -> str:
    return _group(f"mark-{mark.step}", f"mark {mark.kind}", _sign(mark.x, mark.y, mark.sign))


def _sign(x: float, y: float, sign: str) -> Iterator[str]:
    yield f'<circle class="line" stroke-width="1.6" cx="{x:.1f}" cy="{y:.1f}" r="9"/>'
    yield _text(x, y + 4, sign)


def _label(found: Label) -> str:
    return _text(found.x, found.y, found.text, weight=found.weight)


def _text(
    x: float, y: float, text: str, name: str = "", anchor: str = "middle", weight: str = "normal"
) -> str:
    return (
        f'<text class="{name}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
        f'font-size="{FONT_SIZE:g}" font-weight="{weight}">{escape(text)}</text>'
    )


def _legend(layout: Layout, trace: Trace, marks: Iterable[Mark]) -> Iterator[str]:
    """One sample of each kind of arrow and mark that is drawn."""
    signs = {mark.kind: mark.sign for mark in marks}
    column = (layout.width - 2 * MARGIN) / _LEGEND_COLUMNS
    for index, kind in enumerate(_legend_kinds(trace)):
        line, place = divmod(index, _LEGEND_COLUMNS)
        x = MARGIN + place * column
        y = layout.height + (line + 0.5) * _LEGEND_LINE
        sample = _sign(x + 13, y, signs[kind]) if kind in signs else _line(((x, y), (x + 26, y)))
        yield _group(f"legend-{kind}", kind, sample)
        yield _text(x + 31, y + 4, _LEGEND[kind], anchor="start")


def _legend_kinds(trace: Trace) -> list[str]:
    kinds = {_kind_of_arrow(step.kind) for step in trace}
    return [kind for kind in _LEGEND if kind in kinds]


def _kind_of_arrow(kind: str) -> str:
    """Kind in the legend: a merge is the arrow that brings the skip."""
    return "crop" if kind in ("concat", "add") else kind


def _lines(layout: Layout, trace: Trace, caption: str) -> list[tuple[str, str]]:
    """Sentences below the drawing, wrapped, each line with its class."""
    characters = int((layout.width - 2 * MARGIN) / (FONT_SIZE * 0.56))
    lines = [("quiet", line) for line in wrap(caption, characters)]
    for problem in trace.problems:
        lines += [("wrong", line) for line in wrap(problem.message, characters)]
    return lines


def _sentences(layout: Layout, trace: Trace, caption: str) -> Iterator[str]:
    y = _sentences_top(layout, trace) + _LINE_HEIGHT
    for index, (name, line) in enumerate(_lines(layout, trace, caption)):
        yield _text(MARGIN, y + index * _LINE_HEIGHT, line, name, anchor="start")
