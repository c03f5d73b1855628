"""What is said about the gradient of one weight: a table of four ways, and sentences."""

from __future__ import annotations

from unetviz.geometry.tables.table import Table
from unetviz.nets.backprop.kernels import STEP, WeightCheck

from ... import texts

AGREES = 1e-3
"""Relative difference up to which two gradients are called the same."""
_OFF = {"analytic": "relative", "analytic64": "relative64", "numeric32": "relative32"}


def check_table(check: WeightCheck) -> Table:
    """Table of the gradient in four ways, and how far each is from the numeric one in float64."""
    rows = []
    for name, words in texts.GRADIENT_CHECK_ROWS.items():
        off = relative(getattr(check, _OFF[name])) if name in _OFF else None
        cells = f"{getattr(check, name):.9g}", off or texts.GRADIENT_CHECK_REFERENCE
        rows.append((words, *cells))
    return Table(texts.GRADIENT_CHECK_HEADINGS, tuple(rows), frozenset({1, 2}))


def agrees(check: WeightCheck) -> bool:
    """Return whether the backward pass has what the differences of the loss have, in float64."""
    return check.relative64 <= AGREES


def sentences(check: WeightCheck, place: tuple[int, int, int, int], count: int) -> list[str]:
    """Say what was found.

    Parameters
    ----------
    check : WeightCheck
        The four gradients.
    place : (int, int, int, int)
        Row, column, input channel and filter of the weight.
    count : int
        How many weights the kernel has.
    """
    is_zero = check.analytic64 == check.numeric64 == 0
    words = texts.GRADIENT_CHECK_AGREE if agrees(check) else texts.GRADIENT_CHECK_DIFFER
    names = dict(zip(("row", "column", "source", "filter"), place, strict=True))
    first = (texts.GRADIENT_CHECK_ZERO if is_zero else words).format(
        layer=check.layer,
        analytic=check.analytic64,
        numeric=check.numeric64,
        relative=relative(check.relative64),
        **names,
    )
    higher, lower = check.losses64
    losses = texts.GRADIENT_CHECK_LOSSES.format(
        value=check.value,
        step=check.step,
        higher=higher,
        lower=lower,
        difference=higher - lower,
    )
    lines = [first] + [_advice(check)] * (not agrees(check)) + [losses]
    if not is_zero:
        lines.append(_in_float32(check))
    if agrees(check) and check.relative > AGREES:
        off = relative(check.relative)
        lines.append(texts.GRADIENT_CHECK_ANALYTIC32.format(relative=off))
    return [*lines, texts.GRADIENT_CHECK_COST.format(count=count, passes=2 * count)]


def _advice(check: WeightCheck) -> str:
    if check.step > 10 * STEP:
        return texts.GRADIENT_CHECK_LARGE
    return texts.GRADIENT_CHECK_SMALL if check.step < STEP / 10 else texts.GRADIENT_CHECK_KINK


def _in_float32(check: WeightCheck) -> str:
    higher, lower = check.losses32
    if higher == lower:
        verdict = texts.GRADIENT_CHECK_SAME32
    elif check.relative32 <= 10 * AGREES:
        verdict = texts.GRADIENT_CHECK_GOOD32
    else:
        off = relative(check.relative32)
        verdict = texts.GRADIENT_CHECK_WORSE32.format(relative=off)
    return texts.GRADIENT_CHECK_FLOAT32.format(higher=higher, lower=lower, verdict=verdict)


def relative(part: float) -> str:
    """Write a relative difference.

    Examples
    --------
    >>> relative(0.0), relative(2.34e-7), relative(0.0123), relative(8.2)
    ('0', '2.3e-07', '1.2 %', '820 %')
    """
    if part == 0:
        return "0"
    return f"{part:.1e}" if part < 1e-3 else f"{float(f'{100 * part:.2g}'):g} %"
