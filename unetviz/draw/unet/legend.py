"""The legend below a drawing: one sample of each kind of arrow and sign."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from unetviz.geometry.trace import Trace

from ..svg import group, line, rectangle, round_sign, words
from ..theme import MARGIN
from .arrows import OperationSign
from .layout import Layout
from .plan import has_sign

_LINE = 22.0
"""Height of a row, in pixels."""

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

_TEXTS = {*_WORDS.values(), *_BACKWARD.values()}


@dataclass(frozen=True)
class Entry:
    """A sample and what it means; `kind` decides on its colour, `sign` is a word in or on it."""

    kind: str
    text: str
    sign: str = ""


def legend_entries(
    trace: Trace, changed: Collection[str], signs: Iterable[OperationSign], backward: bool = False
) -> list[Entry]:
    """Return an entry for each kind of arrow and sign that a drawing has."""
    kinds = {"crop" if step.kind in ("concat", "add") else step.kind for step in trace}
    kinds |= {"softmax" for step in trace if has_sign(step) and step.kind != "dropout"}
    kinds |= {"changed" for step in trace if step.name in changed}
    kinds |= {"window" for step in trace if step.crop}
    kinds |= {"lost" for step in trace if any(step.lost)}
    texts = _BACKWARD if backward else _WORDS
    signed = {sign.kind: sign.text for sign in signs}
    found = [Entry(kind, texts[kind], signed.get(kind, "")) for kind in _WORDS if kind in kinds]
    variants = {
        (step.kind, step.operation.sign_words, step.operation.sign)
        for step in trace
        if step.operation.sign_words
    }
    return found + [Entry(*variant) for variant in sorted(variants)]


def legend(layout: Layout, entries: Sequence[Entry], backward: bool = False) -> Iterator[str]:
    """Return one sample of each entry, with its words."""
    column = (layout.width - 2 * MARGIN) / _COLUMNS[backward]
    for index, entry in enumerate(entries):
        row, place = divmod(index, _COLUMNS[backward])
        x = MARGIN + place * column
        y = layout.height + (row + 0.5) * _LINE
        name = entry.kind if entry.text in _TEXTS else f"{entry.kind}-{entry.sign}"
        yield group(f"legend-{name}", f'class="{entry.kind}"', _sample(entry, x, y))
        yield words(x + 31, y + 4, entry.text, 'class="s"')


def _sample(entry: Entry, x: float, y: float) -> Iterable[str]:
    if entry.kind == "window":
        return [f'<path class="window" d="{rectangle(x + 4, y - 8, 18, 16)}"/>']
    if entry.kind == "changed":
        return [f'<path class="highlight frame-of-change" d="{rectangle(x + 4, y - 7, 18, 14)}"/>']
    if entry.kind == "lost":
        return [f'<path class="lost" d="{rectangle(x + 4, y - 2, 18, 3)}"/>']
    if not entry.sign:
        return line(((x, y), (x + 26, y)))
    if entry.text in _TEXTS:
        return round_sign(x + 13, y, entry.sign)
    return [words(x + 13, y - 1, entry.sign), *line(((x, y + 5), (x + 26, y + 5)))]


def legend_height(entries: int, backward: bool = False) -> float:
    """Return the height of a legend of so many entries, in pixels."""
    return -(-entries // _COLUMNS[backward]) * _LINE
