"""The legend below a drawing: one sample of each kind of arrow and sign."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from unetviz.geometry.graph import Step
from unetviz.geometry.ops import COPY
from unetviz.geometry.trace import Trace

from ..svg import group, line, rectangle, round_sign, words
from ..theme import MARGIN, classes_of
from .arrows import OperationSign
from .layout import Layout
from .plan import is_folded

_LINE = 22.0
"""Height of a row, in pixels."""

_COLUMNS = {False: 6, True: 5}
"""Kinds in a row; what the arrows do to a gradient takes more words."""


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
    """

    name: str
    text: str
    classes: str
    sign: str = ""
    is_round: bool = False
    dash: str = ""


def legend_entries(
    trace: Trace, changed: Collection[str], signs: Iterable[OperationSign], backward: bool = False
) -> list[Entry]:
    """Return an entry for each kind of arrow and sign that a drawing has."""
    round_signs = {sign.step: sign for sign in signs}
    found: dict[tuple[str, str], Entry] = {}
    for step in trace:
        sign = round_signs.get(step.name)
        if step.inputs and (sign or not is_folded(step)):
            entry = _entry_of(step, sign, backward)
            found.setdefault((entry.text, entry.classes), entry)
    entries = sorted(found.values(), key=lambda entry: entry.is_round)
    # What has a variant's sign comes after all kinds, whatever it is a variant of.
    variants = {
        (step.operation.sign_words, step.kind, step.operation.sign, step.look)
        for step in trace
        if step.operation.sign_words
    }
    for words_of_sign, kind, text, look in sorted(variants, key=lambda variant: variant[:3]):
        classes, is_join = classes_of(kind, look), kind == "add"
        name = f"{kind}-{text}"
        entries.append(Entry(name, words_of_sign, classes, text, is_join, look.dash))
    loses = any(any(step.lost) for step in trace)
    marks = (
        ("window", "kept by the crop", any(step.crop for step in trace)),
        ("lost", "gets no gradient" if backward else "pixels lost", loses),
        ("changed", "changed", any(step.name in changed for step in trace)),
    )
    return entries + [Entry(name, text, name) for name, text, is_there in marks if is_there]


def _entry_of(step: Step, sign: OperationSign | None, backward: bool) -> Entry:
    look, kind = step.look, sign.kind if sign else step.kind
    text = look.backward if backward else look.legend
    # What joins a skip is drawn as the skip that it takes.
    kind = COPY.colour if look is COPY else kind
    is_round = sign is not None
    return Entry(kind, text, classes_of(kind, look), sign.text if sign else "", is_round, look.dash)


def legend(layout: Layout, entries: Sequence[Entry], backward: bool = False) -> Iterator[str]:
    """Return one sample of each entry, with its words."""
    column = (layout.width - 2 * MARGIN) / _COLUMNS[backward]
    for index, entry in enumerate(entries):
        row, place = divmod(index, _COLUMNS[backward])
        x = MARGIN + place * column
        y = layout.height + (row + 0.5) * _LINE
        yield group(f"legend-{entry.name}", f'class="{entry.classes}"', _sample(entry, x, y))
        yield words(x + 31, y + 4, entry.text, 'class="s"')


def _sample(entry: Entry, x: float, y: float) -> Iterable[str]:
    if entry.name == "window":
        return [f'<path class="window" d="{rectangle(x + 4, y - 8, 18, 16)}"/>']
    if entry.name == "changed":
        return [f'<path class="highlight frame-of-change" d="{rectangle(x + 4, y - 7, 18, 14)}"/>']
    if entry.name == "lost":
        return [f'<path class="lost" d="{rectangle(x + 4, y - 2, 18, 3)}"/>']
    if entry.is_round:
        return round_sign(x + 13, y, entry.sign)
    if not entry.sign:
        return line(((x, y), (x + 26, y)), entry.dash)
    return [words(x + 13, y - 1, entry.sign), *line(((x, y + 5), (x + 26, y + 5)), entry.dash)]


def legend_height(entries: int, backward: bool = False) -> float:
    """Return the height of a legend of so many entries, in pixels."""
    return -(-entries // _COLUMNS[backward]) * _LINE
