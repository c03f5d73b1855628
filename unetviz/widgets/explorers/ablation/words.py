"""What a row of single edits brought, as a table and in words."""

from __future__ import annotations

from collections.abc import Sequence

from unetviz.geometry.ops import size_of
from unetviz.geometry.specs.ablation import changed_fields, changed_steps
from unetviz.geometry.tables.steps import large_number
from unetviz.geometry.tables.table import Table
from unetviz.nets.lessons.ablation import AblationResult

_EDIT_HEADINGS = (
    "network",
    "edit",
    "in and out",
    "parameters",
    "multiply-accumulates",
    "Dice",
    "boundary error, pixels",
)
_EDIT_NAMES = {
    "fcn_32s": "FCN-32s",
    "fcn_16s": "FCN-16s",
    "fcn_8s": "FCN-8s",
    "unet_add": "U-Net, skips added",
    "unet_concat": "U-Net, skips concatenated",
    "unet_transposed": "U-Net, up-convolutions",
    "unet_valid": "U-Net, no padding",
}
_EDIT_CELLS = ("{score.dice:.3f}", "{score.boundary_error:.2f}")
_EDIT_VERDICTS = {
    "helps": "The edit helps here.",
    "hurts": "The edit does not help here: these networks were better without it.",
    "even": "That is little; another training could turn it round.",
}

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
        edit = changed_words(results[i - 1], result) if i else "-"
        scores = (cell.format(score=result.mean) for cell in _EDIT_CELLS)
        if hidden:
            scores = ("?" for _ in _EDIT_CELLS)
        both = f"{size_of(result.used_at)}, {size_of(found.output_shape)}"
        sizes = both.replace(" x ", "\u00a0x\u00a0")  # a narrow table breaks between the two only
        costs = f"{found.params:,}", large_number(found.macs)
        rows.append((name_of(result), edit, sizes, *costs, *scores))
    return Table(_EDIT_HEADINGS, tuple(rows), frozenset({3, 4, 5, 6}))


def name_of(result: AblationResult) -> str:
    """What a network is called in words."""
    return _EDIT_NAMES[result.name]


def changed_words(before: AblationResult, after: AblationResult) -> str:
    """Return the fields that differ with both values, as Python writes them."""
    pairs = changed_fields(before.spec, after.spec).items()
    words = [
        "{field}: {before} \u2192 {after}".format(field=n, before=repr(a), after=repr(b))
        for n, (a, b) in pairs
    ]
    return ", ".join(words) or "another network"


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
        lines = [
            (
                "{name}: Dice {after.dice:.3f}, boundary error {after.boundary_words}, means "
                "over {count} images that no network was trained with."
            ).format(name=name, after=after.mean, count=count)
        ]
    else:
        lines = [_effect(before, after), _EDIT_VERDICTS[verdict(before, after)]]
        steps = len(changed_steps(before.trace, after.trace))
        params = {"before": before.trace.params, "after": after.trace.params}
        lines.append(
            ("Parameters {before:,} → {after:,}, steps that are new or changed: {count}.").format(
                count=steps, **params
            )
        )
    if warnings := after.trace.warnings:
        size, used = size_of(after.spec.input_size), size_of(after.used_at)
        warning = warnings[0].message
        lines.append(
            (
                "Size {size} does not fit this network: {warning} It was trained, and is "
                "judged, with {used} pixels that go in: each image with its mirrored border "
                "around it."
            ).format(size=size, warning=warning, used=used)
        )
    return [
        *lines,
        (
            "Every network was trained once, with the same images, steps and rate. "
            "Differences of one or two hundredths say little."
        ),
    ]


def verdict(before: AblationResult, after: AblationResult) -> str:
    """Return ``"helps"``, ``"hurts"`` or ``"even"``, by the mean Dice scores."""
    change = after.mean.dice - before.mean.dice
    if abs(change) < _LITTLE:
        return "even"
    return "helps" if change > 0 else "hurts"


def _effect(before: AblationResult, after: AblationResult) -> str:
    pairs = list(zip(before.scores, after.scores, strict=True))
    return (
        "{name}: Dice {before.dice:.3f} \u2192 {after.dice:.3f}, boundary error "
        "{before.boundary_words} \u2192 {after.boundary_words} (means over {count} "
        "images). A better Dice on {better} of {count} images, a smaller boundary error on "
        "{closer}."
    ).format(
        name=name_of(after),
        before=before.mean,
        after=after.mean,
        count=len(pairs),
        better=sum(b.dice > a.dice for a, b in pairs),
        closer=sum(b.boundary_error < a.boundary_error for a, b in pairs),
    )
