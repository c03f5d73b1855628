"""The legend below a drawing: one sample of each kind of arrow and mark."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from ..geometry import Trace
from .arrows import Mark
from .layout import MARGIN, Layout
from .page import words
from .plan import is_marked
from .shapes import group, line, rectangle, sign

_LINE = 22.0
_COLUMNS = {False: 6, True: 5}
"""Kinds in a row; what the arrows do to a gradient takes more words."""

_WORDS = {
    "conv": "convolution",
    "pool": "max pool",
    "upconv": "up-convolution",
    "crop": "copy and crop",
    "head": "convolution 1x1",
    "dropout": "dropout",
    "softmax": "softmax",
    "upsample": "up-sampling",
    "pad": "zero padding",
    "window": "kept by the crop",
    "lost": "pixels lost",
    "changed": "changed",
}
_BACKWARD = _WORDS | {
    "conv": "flipped kernel",
    "pool": "to the largest",
    "upconv": "strided convolution",
    "crop": "split, zeros around",
    "head": "1x1, transposed",
    "dropout": "dropout's mask",
    "upsample": "sum of blocks",
    "pad": "rim cut off",
    "lost": "gets no gradient",
}
"""What the same arrows do to a gradient."""


def legend(
    layout: Layout, kinds: list[str], marks: Iterable[Mark], backward: bool = False
) -> Iterator[str]:
    """Return one sample of each kind of arrow and mark that is drawn."""
    texts = _BACKWARD if backward else _WORDS
    signs = {mark.kind: mark.sign for mark in marks}
    column = (layout.width - 2 * MARGIN) / _COLUMNS[backward]
    for index, kind in enumerate(kinds):
        row, place = divmod(index, _COLUMNS[backward])
        x = MARGIN + place * column
        y = layout.height + (row + 0.5) * _LINE
        yield group(f"legend-{kind}", f'class="{kind}"', _sample(kind, x, y, signs))
        yield words(x + 31, y + 4, texts[kind], 'class="s"')


def _sample(kind: str, x: float, y: float, signs: dict[str, str]) -> Iterable[str]:
    if kind == "window":
        return [f'<path class="window" d="{rectangle(x + 4, y - 8, 18, 16)}"/>']
    if kind == "changed":
        return [f'<path class="halo frame-of-change" d="{rectangle(x + 4, y - 7, 18, 14)}"/>']
    if kind == "lost":
        return [f'<path class="lost" d="{rectangle(x + 4, y - 2, 18, 3)}"/>']
    if kind in signs:
        return sign(x + 13, y, signs[kind])
    return line(((x, y), (x + 26, y)))


def legend_kinds(trace: Trace, changed: Collection[str]) -> list[str]:
    """Return the kinds of arrows and marks that a drawing has, in the order of the legend."""
    kinds = {"crop" if step.kind in ("concat", "add") else step.kind for step in trace}
    kinds |= {"softmax" for step in trace if is_marked(step) and step.kind != "dropout"}
    kinds |= {"changed" for step in trace if step.name in changed}
    kinds |= {"window" for step in trace if step.crop}
    kinds |= {"lost" for step in trace if any(step.lost)}
    return [kind for kind in _WORDS if kind in kinds]


def legend_height(kinds: int, backward: bool = False) -> float:
    """Return the height of a legend of so many kinds, in pixels."""
    return -(-kinds // _COLUMNS[backward]) * _LINE
