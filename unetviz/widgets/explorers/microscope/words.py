"""What the microscope says about a number: tables whose columns add up, and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, isfinite, log10

import numpy as np

from unetviz.geometry.ops import by, size_of
from unetviz.geometry.tables.table import Table
from unetviz.nets.running.microscope_parts import LayerCalculation

_MICROSCOPE_PARTS = ("part", "number")
_MICROSCOPE_CLASSES = ("class", "sum", "e^(sum - largest sum)", "share of all")
_MICROSCOPE_PRODUCT_COUNTS = ("1 product", "{count} products")
_MICROSCOPE_CHANNEL_COUNTS = ("the 1 input channel", "each of {count} input channels")
_MICROSCOPE_COPY = "Copied from {step}: row {row}, column {column}, channel {channel}."
_MICROSCOPE_ACTIVATIONS = {
    "linear": "There is no activation.",
    "relu": "ReLU leaves a positive number as it is.",
    "dead": "ReLU makes a negative number 0.",
    "zero": "ReLU leaves a 0 as it is.",
    "sigmoid": "Sigmoid, 1 / (1 + e^-sum), makes {value} of it, between 0 and 1.",
    "softmax": (
        "Softmax divides e^sum by the total over all {count} classes: {value}. The largest sum is "
        "subtracted from all first, which changes nothing."
    ),
    "other": "The activation {name} makes {value} of it.",
}
_MICROSCOPE_IN_USE = "The layer {layer} changes numbers only while training; in use it copies them."

MOST = 8
"""Channels that have a line, and numbers along a side of a grid, that can still be read."""
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


def largest_first(calculation: LayerCalculation) -> np.ndarray:
    """Return the channels of the piece, that with the largest absolute sum first."""
    return np.argsort(-np.abs(calculation.sums), kind="stable")


def sum_table(calculation: LayerCalculation) -> Table:
    """Table of the sums of all channels, the activation, and what Keras has."""
    rows: list[tuple[str, str]] = []
    result = four(calculation.value)
    if calculation.rule == "sum":
        order = largest_first(calculation)
        named, others = order[:MOST], order[MOST:]
        parts = [(_origin(calculation, i), float(calculation.sums[i])) for i in named]
        if len(others):
            words = "the other {count} together".format(count=len(others))
            parts.append((words, float(calculation.sums[others].sum())))
        parts.append(("bias", calculation.bias))
        written, total = adding_up([number for _, number in parts], calculation.total)
        names = [name for name, _ in parts]
        rows += [*zip(names, written, strict=True), ("sum", total)]
        result = total if calculation.value == calculation.total else result
    if calculation.activation != "linear":
        words = "after {activation}".format(activation=calculation.activation)
        rows.append((words, result))
    else:
        rows.append(("number that comes out", result))
    rows.append(("Keras has", four(calculation.keras)))
    rows.append(("difference / largest number on the way", f"{calculation.difference:.1e}"))
    return Table(_MICROSCOPE_PARTS, tuple(rows), frozenset({1}))


def class_table(calculation: LayerCalculation) -> Table | None:
    """Table of all classes of a softmax; None for another activation."""
    if calculation.activation != "softmax":
        return None
    powers, channel = calculation.exponentials, calculation.place[2]
    order = sorted(range(len(powers)), key=lambda i: (i != channel, -powers[i]))
    shown, others = sorted(order[:MOST]), order[MOST:]
    lines = [(f"{i}", four(calculation.totals[i]), powers[i]) for i in shown]
    if others:
        words = "the other {count} together".format(count=len(others))
        lines.append((words, "", powers[others].sum()))
    written, whole = adding_up([power for *_, power in lines], powers.sum())
    rows = [
        (name, total, text, four(power / powers.sum()))
        for (name, total, power), text in zip(lines, written, strict=True)
    ]
    rows.append(("all classes", "", whole, "1"))
    return Table(_MICROSCOPE_CLASSES, tuple(rows), frozenset({1, 2, 3}))


def _origin(calculation: LayerCalculation, index: int) -> str:
    step, channel = calculation.origins[index]
    return "{step}, channel {channel}".format(step=step, channel=channel)


def sentences(calculation: LayerCalculation, kernel: tuple[int, int] | None = None) -> list[str]:
    """Say in words what happened.

    Parameters
    ----------
    anatomy : LayerCalculation
        The number.
    kernel : (int, int), optional
        Height and width of a transposed convolution's kernel, of which a pixel meets a part.
    """
    said = [_made(calculation)]
    count, padded = calculation.padding.size, int(calculation.padding.sum())
    if padded and calculation.rule != "copy":
        takes_part = calculation.rule == "sum" and calculation.layer != "AveragePooling2D"
        what = "zeros" if takes_part else "it takes no part"
        said.append(
            "{padded} of the {count} pixels of the window are outside of the map: {what}.".format(
                padded=padded, count=count, what=what
            )
        )
    if kernel is not None:
        rows, columns = (_listed(sorted(taps)) for taps in calculation.taps)
        words = {"kernel": by(kernel), "rows": rows, "columns": columns}
        said.append(
            "Of the {kernel} kernel this pixel meets rows {rows} and columns {columns}.".format(
                **words
            )
        )
    height, width, channels = calculation.patch.shape
    if max(height, width) > MOST:
        shown = size_of((min(height, MOST), min(width, MOST)))
        said.append(
            "The grids show {shown} of {all} numbers, those around the largest; all count.".format(
                shown=shown, all=size_of((height, width))
            )
        )
    elif (height, width) == (1, 1) and channels > MOST:
        said.append(
            "The grids show the {shown} largest of {all} products; all count.".format(
                shown=MOST, all=channels
            )
        )
    if calculation.rule in ("sum", "activation"):
        said.append(_activation(calculation))
    words = (
        "Keras has {keras}, the same to rounding."
        if agrees(calculation)
        else "Keras has {keras}, which is more than rounding: please report this model."
    )
    return [*said, words.format(keras=four(calculation.keras))]


def agrees(calculation: LayerCalculation) -> bool:
    """Whether Keras' number is the same but for rounding."""
    return calculation.difference <= _ROUNDING


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"


def _made(calculation: LayerCalculation) -> str:
    """How the number before the activation came about."""
    height, width, channels = calculation.patch.shape
    value, count = four(calculation.total), int((~calculation.padding).sum()) * channels
    if calculation.rule == "copy":
        return _copied(calculation)
    if calculation.rule == "activation":
        return _MICROSCOPE_COPY.format(**_place(calculation, (0, 0, 0)))
    if calculation.rule == "product":
        return "{count} numbers are multiplied with each other: {value}.".format(
            count=count, value=value
        )
    if calculation.rule in ("largest", "smallest"):
        words = {"rule": calculation.rule, "count": count, "value": value}
        if len(calculation.winners) > 1:
            return "{many} of the {count} numbers are equally {rule}: {value}.".format(
                many=len(calculation.winners), **words
            )
        return (
            "The {rule} of {count} numbers is {value}: row {row}, column {column} of {step}."
        ).format(**words, **_place(calculation, calculation.winners[0]))
    bias = four(calculation.bias)
    if not height * width:
        return "No stamp of an input reaches this pixel: only the bias {bias} is left.".format(
            bias=bias
        )
    if calculation.layer in ("BatchNormalization", "Rescaling"):
        factor = four(float(calculation.kernel[0, 0, 0]))  # type: ignore[index]
        return "The number is multiplied by {factor}, then {bias} is added: {sum}.".format(
            factor=factor, bias=bias, sum=value
        )
    if len({step for step, _ in calculation.origins}) > 1:
        return "Each number has its factor; the sum is {sum}.".format(sum=value)
    each, several = _MICROSCOPE_PRODUCT_COUNTS, _MICROSCOPE_CHANNEL_COUNTS
    words = {
        "each": each[height * width > 1].format(count=height * width),
        "channels": several[channels > 1].format(count=channels),
        "sum": value,
        "bias": bias,
    }
    template = (
        "{each} for {channels}; they and the bias {bias} add up to {sum}."
        if calculation.bias
        else "{each} for {channels}; they add up to {sum}."
    )
    return template.format(**words)


def _place(calculation: LayerCalculation, cell: tuple[int, int, int]) -> dict[str, object]:
    step, channel = calculation.origins[cell[2]]
    row, column = calculation.rows[cell[0]], calculation.columns[cell[1]]
    return {"step": step, "channel": channel, "row": row, "column": column}


def _copied(calculation: LayerCalculation) -> str:
    place = _place(calculation, (0, 0, 0))
    if place["step"] == calculation.step:
        return "This is a number of the image itself."
    if calculation.padding[0, 0]:
        return "Row {row}, column {column} is outside of {step}: a zero of the padding.".format(
            **place
        )
    said = _MICROSCOPE_COPY.format(**place)
    in_use = any(word in calculation.layer for word in ("Dropout", "Noise"))
    return f"{said} {_MICROSCOPE_IN_USE.format(layer=calculation.layer)}" if in_use else said


def _activation(calculation: LayerCalculation) -> str:
    name = calculation.activation
    if name == "relu" and calculation.total <= 0:
        name = "dead" if calculation.total < 0 else "zero"
    template = _MICROSCOPE_ACTIVATIONS.get(name, _MICROSCOPE_ACTIVATIONS["other"])
    return template.format(name=name, value=four(calculation.value), count=len(calculation.totals))
