"""The legend below a drawing: one sample of each kind of arrow and sign."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from unetviz.geometry.graph import Step
from unetviz.geometry.ops import COPY
from unetviz.geometry.trace import Trace

from ..svg import disc, group, line, rectangle, round_sign, words
from ..theme import MARGIN, classes_of
from .arrows import OperationSign
from .layout import Layout, label_width
from .plan import is_folded

_LINE = 22.0
"""Height of a row, in pixels."""

_COLUMNS = {False: 6, True: 5}
"""Kinds in a row, if their words have room; what a gradient meets takes more of them."""

_SAMPLE = 31.0
"""Pixels that a sample takes before its words."""


@dataclass(frozen=True)
class Entry:
    """A line of the legend: a sample and what it means.

    Attributes
    ----------
    name : str
        What tells it from the others.
    text : str
        What it means.
    classes : str
        Decide on colour and line of the sample.
    sign : str
        A word above an arrow or in a round sign; empty for none.
    is_round : bool
        Whether the sample is a round sign.
    dash : str
        A line style of its own.
    is_join : bool
        Whether the sign stands on a disc between the maps that it joins.
    """

    name: str
    text: str
    classes: str
    sign: str = ""
    is_round: bool = False
    dash: str = ""
    is_join: bool = False


def legend_entries(
    trace: Trace, changed: Collection[str], signs: Iterable[OperationSign], backward: bool = False
) -> list[Entry]:
    """Return an entry for each kind of arrow and sign that a drawing has."""
    round_signs = {sign.step: sign for sign in signs}
    found: dict[tuple[str, str, str], Entry] = {}
    copies = _copy_words(trace, backward)
    for step in trace:
        sign = round_signs.get(step.name)
        if step.inputs and (sign or not is_folded(step)):
            entry = _entry_of(step, sign, backward, copies)
            found.setdefault((entry.text, step.look.colour, entry.sign), entry)
    entries = sorted(found.values(), key=lambda entry: entry.is_round)
    # What has a variant's sign comes after all kinds, whatever it is a variant of.
    variants = set()
    for step in trace:
        sign_words = step.operation.sign_backward if backward else step.operation.sign_words
        if sign_words:
            variants.add((sign_words, step.kind, step.operation.sign, step.look))
    for text, kind, sign_text, look in sorted(variants, key=lambda variant: variant[:3]):
        classes, is_join = classes_of(kind, look), kind == "add"
        name = f"{kind}-{sign_text}"
        entries.append(Entry(name, text, classes, sign_text, is_join, look.dash, is_join))
    loses = any(any(step.lost) for step in trace)
    marks = (
        ("window", "kept by the crop", any(step.crop for step in trace)),
        ("lost", "gets no gradient" if backward else "pixels lost", loses),
        ("changed", "changed", any(step.name in changed for step in trace)),
    )
    entries += [Entry(name, text, name) for name, text, is_there in marks if is_there]
    return _with_own_names(entries)


def _with_own_names(entries: Iterable[Entry]) -> list[Entry]:
    """Number those of one kind from the second on: names are ids in the drawing."""
    named: dict[str, Entry] = {}
    for entry in entries:
        others = sum(other.name == entry.name for other in named.values())
        named[f"{entry.name}-{others + 1}" if others else entry.name] = entry
    return [replace(entry, name=name) for name, entry in named.items()]


def _copy_words(trace: Trace, backward: bool) -> str:
    """What the arrows to joins do: in many networks nothing is cropped, in some all is added."""
    crops = any(step.kind == "crop" for step in trace)
    if not backward:
        return COPY.legend if crops else "copy"
    splits = any(step.kind == "concat" for step in trace)
    if crops:
        return COPY.backward if splits else "zeros around"
    return "split" if splits else "copy"


def _entry_of(step: Step, sign: OperationSign | None, backward: bool, copies: str) -> Entry:
    look, kind = step.look, sign.kind if sign else step.kind
    text = copies if look is COPY else look.backward if backward else look.legend
    # What joins a skip is drawn as the skip that it takes.
    kind = COPY.colour if look is COPY else kind
    is_round = sign is not None
    return Entry(kind, text, classes_of(kind, look), sign.text if sign else "", is_round, look.dash)


def legend(layout: Layout, entries: Sequence[Entry], backward: bool = False) -> Iterator[str]:
    """Return one sample of each entry, with its words."""
    columns = _columns(layout, entries, backward)
    column = (layout.width - 2 * MARGIN) / columns
    for index, entry in enumerate(entries):
        row, place = divmod(index, columns)
        x = MARGIN + place * column
        y = layout.height + (row + 0.5) * _LINE
        yield group(f"legend-{entry.name}", f'class="{entry.classes}"', _sample(entry, x, y))
        yield words(x + _SAMPLE, y + 4, entry.text, 'class="s"')


def _columns(layout: Layout, entries: Sequence[Entry], backward: bool) -> int:
    """As many as all words have room for."""
    longest = max((label_width(entry.text, "normal") for entry in entries), default=0.0)
    room = (layout.width - 2 * MARGIN) / (_SAMPLE + longest)
    return max(1, min(_COLUMNS[backward], int(room)))


def _sample(entry: Entry, x: float, y: float) -> Iterable[str]:
    if entry.name == "window":
        return [f'<path class="window" d="{rectangle(x + 4, y - 8, 18, 16)}"/>']
    if entry.name == "changed":
        return [f'<path class="highlight frame-of-change" d="{rectangle(x + 4, y - 7, 18, 14)}"/>']
    if entry.name == "lost":
        return [f'<path class="lost" d="{rectangle(x + 4, y - 2, 18, 3)}"/>']
    if entry.is_join:
        return disc(x + 13, y, entry.sign)
    if entry.is_round:
        return round_sign(x + 13, y, entry.sign)
    if not entry.sign:
        return line(((x, y), (x + 26, y)), entry.dash)
    return [words(x + 13, y - 1, entry.sign), *line(((x, y + 5), (x + 26, y + 5)), entry.dash)]


def legend_height(layout: Layout, entries: Sequence[Entry], backward: bool = False) -> float:
    """Return the height of a legend, in pixels."""
    return -(-len(entries) // _columns(layout, entries, backward)) * _LINE
