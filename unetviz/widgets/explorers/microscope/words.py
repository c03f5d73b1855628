"""What the microscope says about a number: tables whose columns add up, and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, isfinite, log10

import numpy as np

from unetviz.geometry.ops import by, size_of
from unetviz.geometry.tables.table import Table
from unetviz.nets.running.microscope import LayerCalculation

from ...parts.readable import MOST

_ROUNDING = 1e-5
_DIGITS = 4


def four(value: float) -> str:
    """Write a number with four digits.

    Examples
    --------
    >>> four(0.123456), four(2.0)
    ('0.1235', '2')
    """
    return f"{value:.{_DIGITS}g}"


def adding_up(parts: Sequence[float], total: float) -> tuple[list[str], str]:
    """Write numbers and their sum so that what is written adds up too.

    Rounded one by one they would often miss the last digit: those with the largest rest are rounded
    up until the sum is right.

    Examples
    --------
    >>> adding_up([0.12341, 0.12346, 1.0], 1.24687)
    (['0.123', '0.124', '1.000'], '1.247')
    """
    numbers = [float(number) for number in (*parts, total)]
    largest = max(abs(number) for number in numbers)
    if not isfinite(sum(numbers)) or largest == 0:
        return [four(number) for number in numbers[:-1]], four(total)
    decimals = max(0, _DIGITS - 1 - floor(log10(largest)))
    scaled = [number * 10.0**decimals for number in numbers]
    units, whole = [floor(number) for number in scaled[:-1]], round(scaled[-1])
    by_rest = sorted(range(len(units)), key=lambda i: units[i] - scaled[i])
    for i in by_rest[: max(0, whole - sum(units))]:
        units[i] += 1
    written = [f"{unit / 10**decimals:.{decimals}f}" for unit in (*units, whole)]
    return written[:-1], written[-1]


def agrees(calculation: LayerCalculation) -> bool:
    """Whether Keras' number is the same but for rounding."""
    return calculation.difference <= _ROUNDING


def largest_first(calculation: LayerCalculation) -> np.ndarray:
    """Return the channels of the piece, that which counts most first."""
    is_sum = calculation.rule == "sum"
    sizes = calculation.sums if is_sum else calculation.gradient.sum(axis=(0, 1))
    return np.argsort(-np.abs(sizes), kind="stable")


def sum_table(calculation: LayerCalculation) -> Table:
    """Table of the sums of all channels, the activation, and what Keras has."""
    rows: list[tuple[str, str]] = []
    result = four(calculation.value)
    if calculation.rule == "sum":
        order, sums = largest_first(calculation), calculation.sums
        parts = [(_channel(calculation, i), sums[i]) for i in order[:MOST]]
        if len(order) > MOST:
            words = "the other {count} together".format(count=len(order) - MOST)
            parts.append((words, sums[order[MOST:]].sum()))
        parts.append(("bias", calculation.bias))
        written, total = adding_up([number for _, number in parts], calculation.total)
        rows += [*zip([name for name, _ in parts], written, strict=True), ("sum", total)]
        result = total if calculation.value == calculation.total else result
    words = "after {activation}".format(activation=calculation.activation)
    rows += [
        ("number that comes out" if calculation.activation == "linear" else words, result),
        ("Keras has", four(calculation.keras)),
        ("difference / largest number on the way", f"{calculation.difference:.1e}"),
    ]
    return Table(("part", "number"), tuple(rows), frozenset({1}))


def class_table(calculation: LayerCalculation) -> Table | None:
    """Table of all classes of a softmax; None for another activation."""
    if calculation.activation != "softmax":
        return None
    powers, channel = calculation.exponentials, calculation.place[2]
    order = sorted(range(len(powers)), key=lambda i: (i != channel, -powers[i]))
    lines = [(f"{i}", four(calculation.totals[i]), powers[i]) for i in sorted(order[:MOST])]
    if len(order) > MOST:
        words = "the other {count} together".format(count=len(order) - MOST)
        lines.append((words, "", powers[order[MOST:]].sum()))
    written, whole = adding_up([power for *_, power in lines], powers.sum())
    rows = [
        (name, total, text, four(power / powers.sum()))
        for (name, total, power), text in zip(lines, written, strict=True)
    ]
    headings = ("class", "sum", "e^(sum - largest sum)", "share of all")
    return Table(headings, (*rows, ("all classes", "", whole, "1")), frozenset({1, 2, 3}))


def sentences(calculation: LayerCalculation, kernel: tuple[int, int] | None = None) -> list[str]:
    """Say in words what happened.

    Parameters
    ----------
    calculation : LayerCalculation
        The number.
    kernel : (int, int), optional
        Height and width of a transposed convolution's kernel, of which a pixel meets a part.
    """
    said = [_made(calculation)]
    count, padded = calculation.padding.size, int(calculation.padding.sum())
    if padded and calculation.rule != "copy":
        is_zero = calculation.rule == "sum" and calculation.gradient[calculation.padding].any()
        said.append(
            "{padded} of the {count} pixels of the window are outside of the map: {what}.".format(
                padded=padded, count=count, what="zeros" if is_zero else "it takes no part"
            )
        )
    if kernel is not None:
        rows, columns = (", ".join(map(str, sorted(taps))) or "none" for taps in calculation.taps)
        words = "Of the {kernel} kernel this pixel meets rows {rows} and columns {columns}."
        said.append(words.format(kernel=by(kernel), rows=rows, columns=columns))
    height, width, channels = calculation.patch.shape
    if max(height, width) > MOST:
        words = "The grids show {shown} of {all} numbers, those around the largest; all count."
        shown = size_of((min(height, MOST), min(width, MOST)))
        said.append(words.format(shown=shown, all=size_of((height, width))))
    elif (height, width) == (1, 1) and channels > MOST:
        words = "The grids show the {shown} that count most, of {all}; all take part."
        said.append(words.format(shown=MOST, all=channels))
    if calculation.rule == "sum" or calculation.activation != "linear":
        said.append(_activation(calculation))
    words = (
        "Keras has {keras}, the same to rounding."
        if agrees(calculation)
        else "Keras has {keras}, which is more than rounding: please report this model."
    )
    return [*said, words.format(keras=four(calculation.keras))]


def _channel(calculation: LayerCalculation, index: int) -> str:
    step, channel = calculation.origins[index]
    return "{step}, channel {channel}".format(step=step, channel=channel)


def origin_of(calculation: LayerCalculation, cell: tuple[int, int, int]) -> dict[str, object]:
    """Return where a number of the piece is from, for a sentence."""
    step, channel = calculation.origins[cell[2]]
    row, column = calculation.rows[cell[0]], calculation.columns[cell[1]]
    return {"step": step, "channel": channel, "row": row, "column": column}


def _made(calculation: LayerCalculation) -> str:
    """How the number before the activation came about."""
    value = four(calculation.total)
    count = int((~calculation.padding).sum()) * calculation.patch.shape[2]
    if calculation.rule == "copy":
        return _copied(calculation)
    if calculation.rule in ("largest", "smallest"):
        return _chosen(calculation, count)
    if calculation.rule == "product":
        words = "{count} numbers are multiplied with each other: {value}."
        return words.format(count=count, value=value)
    if calculation.rule == "function":
        return (
            "{layer} makes {value} of {count} numbers together, and not by adding up products. "
            "The gradient says by how much it grows with each of them, for one unit."
        ).format(layer=calculation.layer, value=value, count=count)
    return _added(calculation, value)


def _added(calculation: LayerCalculation, value: str) -> str:
    (height, width, channels), bias = calculation.patch.shape, four(calculation.bias)
    if not height * width:
        words = "No stamp of an input reaches this pixel: only the bias {bias} is left."
        return words.format(bias=bias)
    if calculation.patch.size == 1 and calculation.bias:
        words = "The number is multiplied by {factor}, then {bias} is added: {sum}."
        return words.format(factor=four(calculation.gradient.item()), bias=bias, sum=value)
    if len({step for step, _ in calculation.origins}) > 1:
        return "Each number has its factor; the sum is {sum}.".format(sum=value)
    each = "{count} products" if height * width > 1 else "1 product"
    several = "each of {count} input channels" if channels > 1 else "the 1 input channel"
    words = (
        "{each} for {channels}; they and the bias {bias} add up to {sum}."
        if calculation.bias
        else "{each} for {channels}; they add up to {sum}."
    )
    return words.format(
        each=each.format(count=height * width),
        channels=several.format(count=channels),
        bias=bias,
        sum=value,
    )


def _chosen(calculation: LayerCalculation, count: int) -> str:
    """Which number is the largest or the smallest; of equal ones, which has the gradient."""
    given: dict[str, object] = {"rule": calculation.rule, "count": count}
    given["value"], winners = four(calculation.total), calculation.winners
    if len(winners) == 1:
        words = "The {rule} of {count} numbers is {value}: row {row}, column {column} of {step}."
        return words.format(**given, **origin_of(calculation, winners[0]))
    said = "{many} of the {count} numbers are equally {rule}: {value}."
    said = said.format(many=len(winners), **given)
    passed = [cell for cell in winners if calculation.gradient[cell]]
    if len(passed) > 1:
        return f"{said} In training they share the gradient."
    words = "In training the gradient goes to one of them: row {row}, column {column} of {step}."
    return f"{said} {words.format(**origin_of(calculation, passed[0]))}"


def _copied(calculation: LayerCalculation) -> str:
    place = origin_of(calculation, (0, 0, 0))
    if place["step"] == calculation.step:
        return "This is a number of the image itself."
    if calculation.padding[0, 0]:
        words = "Row {row}, column {column} is outside of {step}: a zero of the padding."
        return words.format(**place)
    said = "Copied from {step}: row {row}, column {column}, channel {channel}.".format(**place)
    if not any(word in calculation.layer for word in ("Dropout", "Noise")):
        return said
    words = "The layer {layer} changes numbers only while training; in use it copies them."
    return f"{said} {words.format(layer=calculation.layer)}"


def _activation(calculation: LayerCalculation) -> str:
    name, total = calculation.activation, calculation.total
    words = "The activation {name} makes {value} of it."
    if name == "linear":
        words = "There is no activation."
    elif name == "relu" and calculation.value == max(total, 0):
        words = "ReLU leaves a positive number as it is."
        if total <= 0:
            words = "ReLU makes a negative number 0." if total else "ReLU leaves a 0 as it is."
    elif name == "sigmoid":
        words = "Sigmoid, 1 / (1 + e^-sum), makes {value} of it, between 0 and 1."
    elif name == "softmax":
        words = (
            "Softmax divides e^sum by the total over all {count} classes: {value}. The largest sum "
            "is subtracted from all first, which changes nothing."
        )
    return words.format(name=name, value=four(calculation.value), count=len(calculation.totals))
