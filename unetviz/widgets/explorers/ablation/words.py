"""What a row of single edits brought, as a table and in words."""

from __future__ import annotations

from collections.abc import Sequence

from unetviz.geometry.ops import size_of
from unetviz.geometry.specs.ablation import changed_fields, changed_steps
from unetviz.geometry.tables.steps import large_number
from unetviz.geometry.tables.table import Table
from unetviz.nets.lessons.ablation import AblationResult

from ... import texts

_LITTLE = 0.02
"""A smaller change of the Dice score is no news: another training may turn it round."""


def changes_table(results: Sequence[AblationResult], known: int | None = None) -> Table:
    """Return sizes, costs and mean scores of all networks, one row each.

    Sizes and costs are those at which a network is used. Scores stop at the row `known`.
    """
    rows = []
    for i, result in enumerate(results):
        found = result.used_trace
        hidden = known is not None and i > known
        edit = changed_words(results[i - 1], result) if i else texts.EDIT_START
        scores = (cell.format(score=result.mean) for cell in texts.EDIT_CELLS)
        if hidden:
            scores = (texts.EDIT_UNKNOWN for _ in texts.EDIT_CELLS)
        both = f"{size_of(result.used_at)}, {size_of(found.output_shape)}"
        sizes = both.replace(" x ", "\u00a0x\u00a0")  # a narrow table breaks between the two only
        costs = f"{found.params:,}", large_number(found.macs)
        rows.append((name_of(result), edit, sizes, *costs, *scores))
    return Table(texts.EDIT_HEADINGS, tuple(rows), frozenset({3, 4, 5, 6}))


def name_of(result: AblationResult) -> str:
    """What a network is called in words."""
    return texts.EDIT_NAMES[result.name]


def changed_words(before: AblationResult, after: AblationResult) -> str:
    """Return the fields that differ with both values, as Python writes them."""
    pairs = changed_fields(before.spec, after.spec).items()
    words = [texts.EDIT_FIELD.format(field=n, before=repr(a), after=repr(b)) for n, (a, b) in pairs]
    return ", ".join(words) or texts.EDIT_NO_FIELD


def sentences(before: AblationResult | None, after: AblationResult) -> list[str]:
    """Say what an edit changed and what was measured, also where it does not help.

    Parameters
    ----------
    before : AblationResult or None
        The network without the edit; None for the first of the row.
    after : AblationResult
        The network in hand.
    """
    count, name = len(after.scores), name_of(after)
    if before is None:
        lines = [texts.EDIT_FIRST.format(name=name, after=after.mean, count=count)]
    else:
        lines = [_effect(before, after), texts.EDIT_VERDICTS[verdict(before, after)]]
        steps = len(changed_steps(before.trace, after.trace))
        params = {"before": before.trace.params, "after": after.trace.params}
        lines.append(texts.EDIT_COSTS.format(count=steps, **params))
    if warnings := after.trace.warnings:
        size, used = size_of(after.spec.input_size), size_of(after.used_at)
        warning = warnings[0].message
        lines.append(texts.EDIT_LOSES.format(size=size, warning=warning, used=used))
    return [*lines, texts.EDIT_ONE_TRAINING]


def verdict(before: AblationResult, after: AblationResult) -> str:
    """Return ``"helps"``, ``"hurts"`` or ``"even"``, by the mean Dice scores."""
    change = after.mean.dice - before.mean.dice
    if abs(change) < _LITTLE:
        return "even"
    return "helps" if change > 0 else "hurts"


def _effect(before: AblationResult, after: AblationResult) -> str:
    pairs = list(zip(before.scores, after.scores, strict=True))
    return texts.EDIT_EFFECT.format(
        name=name_of(after),
        before=before.mean,
        after=after.mean,
        count=len(pairs),
        better=sum(b.dice > a.dice for a, b in pairs),
        closer=sum(b.boundary_error < a.boundary_error for a, b in pairs),
    )
