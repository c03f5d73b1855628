"""What is said about the gradient of one weight: a table of four ways, and sentences."""

from __future__ import annotations

from unetviz.geometry.tables.table import Table
from unetviz.nets.backprop.kernels import STEP, WeightCheck

_GRADIENT_CHECK_HEADINGS = ("gradient of the loss for this weight", "value", "relative difference")
_GRADIENT_CHECK_ROWS = {
    "analytic": "analytic: one backward pass, float32",
    "analytic64": "analytic: one backward pass, float64",
    "numeric64": "numeric: (L(w + e) - L(w - e)) / 2e, float64",
    "numeric32": "numeric: the same in float32",
}

AGREES = 1e-3
"""Relative difference up to which two gradients are called the same."""
_OFF = {"analytic": "relative", "analytic64": "relative64", "numeric32": "relative32"}


def check_table(check: WeightCheck) -> Table:
    """Table of the gradient in four ways, and how far each is from the numeric one in float64."""
    rows = []
    for name, words in _GRADIENT_CHECK_ROWS.items():
        off = relative(getattr(check, _OFF[name])) if name in _OFF else None
        cells = f"{getattr(check, name):.9g}", off or "what the others are compared with"
        rows.append((words, *cells))
    return Table(_GRADIENT_CHECK_HEADINGS, tuple(rows), frozenset({1, 2}))


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
    words = (
        (
            "{layer}, row {row}, column {column}, input channel {source}, filter {filter}: "
            "analytic {analytic:.6g}, numeric {numeric:.6g}, in float64: the same to "
            "{relative}."
        )
        if agrees(check)
        else (
            "{layer}, row {row}, column {column}, input channel {source}, filter {filter}: "
            "analytic {analytic:.6g}, numeric {numeric:.6g}, in float64: they differ by "
            "{relative}."
        )
    )
    names = dict(zip(("row", "column", "source", "filter"), place, strict=True))
    first = (
        (
            "{layer}, row {row}, column {column}, input channel {source}, filter {filter}: "
            "analytic and numeric are both exactly 0. On this image the weight changes "
            "nothing: what it adds to is cut off by closed ReLUs, or it is multiplied by "
            "zeros only."
        )
        if is_zero
        else words
    ).format(
        layer=check.layer,
        analytic=check.analytic64,
        numeric=check.numeric64,
        relative=relative(check.relative64),
        **names,
    )
    higher, lower = check.losses64
    losses = (
        "w = {value:.8g} and e = {step:g}, in float64: L(w + e) = {higher:.12g}, "
        "L(w - e) = {lower:.12g}. Their difference, {difference:.6g}, divided by 2e is the numeric "
        "gradient."
    ).format(
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
        lines.append(
            (
                "The backward pass in float32 is off by {relative}: so small a gradient is "
                "what is left of many numbers that nearly cancel, each of about 7 digits."
            ).format(relative=off)
        )
    return [
        *lines,
        (
            "The numeric way takes two forward passes for each weight: for the {count:,} "
            "weights of this kernel {passes:,}. One backward pass gives them all."
        ).format(count=count, passes=2 * count),
    ]


def _advice(check: WeightCheck) -> str:
    if check.step > 10 * STEP:
        return (
            "The step is large: between w - e and w + e the loss bends, and ReLUs or max "
            "poolings switch. Try a smaller e."
        )
    return (
        (
            "The step is so small that even in float64 few digits of the difference are left. "
            "Try a larger e."
        )
        if check.step < STEP / 10
        else (
            "Either a ReLU or a max pooling switches between w - e and w + e (there the loss "
            "has a kink), or the gradient is too small for the digits of the loss. Try "
            "another e."
        )
    )


def _in_float32(check: WeightCheck) -> str:
    higher, lower = check.losses32
    if higher == lower:
        verdict = "They are the same number, so the numeric gradient is 0."
    elif check.relative32 <= 10 * AGREES:
        verdict = "With so large a step enough digits of the difference are left."
    else:
        off = relative(check.relative32)
        verdict = (
            "Their difference has few right digits left: divided by 2e it is off by {relative}."
        ).format(relative=off)
    return "In float32 a loss has about 7 digits: {higher:.8g} and {lower:.8g}. {verdict}".format(
        higher=higher, lower=lower, verdict=verdict
    )


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
