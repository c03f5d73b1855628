"""What the microscope says about a number: tables whose columns add up, and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, isfinite, log10

import numpy as np

from unetviz.geometry.ops import by, size_of
from unetviz.geometry.tables.table import Table
from unetviz.nets.running.microscope_parts import Anatomy

from ... import texts

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


def largest_first(anatomy: Anatomy) -> np.ndarray:
    """Return the channels of the piece, that with the largest absolute sum first."""
    return np.argsort(-np.abs(anatomy.sums), kind="stable")


def sum_table(anatomy: Anatomy) -> Table:
    """Table of the sums of all channels, the activation, and what Keras has."""
    rows: list[tuple[str, str]] = []
    result = four(anatomy.value)
    if anatomy.rule == "sum":
        order = largest_first(anatomy)
        named, others = order[:MOST], order[MOST:]
        parts = [(_origin(anatomy, i), float(anatomy.sums[i])) for i in named]
        if len(others):
            words = texts.MICROSCOPE_OTHERS.format(count=len(others))
            parts.append((words, float(anatomy.sums[others].sum())))
        parts.append((texts.MICROSCOPE_BIAS, anatomy.bias))
        written, total = adding_up([number for _, number in parts], anatomy.total)
        names = [name for name, _ in parts]
        rows += [*zip(names, written, strict=True), (texts.MICROSCOPE_TOTAL, total)]
        result = total if anatomy.value == anatomy.total else result
    if anatomy.activation != "linear":
        words = texts.MICROSCOPE_AFTER.format(activation=anatomy.activation)
        rows.append((words, result))
    else:
        rows.append((texts.MICROSCOPE_RESULT, result))
    rows.append((texts.MICROSCOPE_KERAS, four(anatomy.keras)))
    rows.append((texts.MICROSCOPE_DIFFERENCE, f"{anatomy.difference:.1e}"))
    return Table(texts.MICROSCOPE_PARTS, tuple(rows), frozenset({1}))


def class_table(anatomy: Anatomy) -> Table | None:
    """Table of all classes of a softmax; None for another activation."""
    if anatomy.activation != "softmax":
        return None
    powers, channel = anatomy.exponentials, anatomy.place[2]
    order = sorted(range(len(powers)), key=lambda i: (i != channel, -powers[i]))
    shown, others = sorted(order[:MOST]), order[MOST:]
    lines = [(f"{i}", four(anatomy.totals[i]), powers[i]) for i in shown]
    if others:
        words = texts.MICROSCOPE_OTHERS.format(count=len(others))
        lines.append((words, "", powers[others].sum()))
    written, whole = adding_up([power for *_, power in lines], powers.sum())
    rows = [
        (name, total, text, four(power / powers.sum()))
        for (name, total, power), text in zip(lines, written, strict=True)
    ]
    rows.append((texts.MICROSCOPE_EVERY, "", whole, "1"))
    return Table(texts.MICROSCOPE_CLASSES, tuple(rows), frozenset({1, 2, 3}))


def _origin(anatomy: Anatomy, index: int) -> str:
    step, channel = anatomy.origins[index]
    return texts.MICROSCOPE_ORIGIN.format(step=step, channel=channel)


def sentences(anatomy: Anatomy, kernel: tuple[int, int] | None = None) -> list[str]:
    """Say in words what happened.

    Parameters
    ----------
    anatomy : Anatomy
        The number.
    kernel : (int, int), optional
        Height and width of a transposed convolution's kernel, of which a pixel meets a part.
    """
    said = [_made(anatomy)]
    count, padded = anatomy.padding.size, int(anatomy.padding.sum())
    if padded and anatomy.rule != "copy":
        takes_part = anatomy.rule == "sum" and anatomy.layer != "AveragePooling2D"
        what = texts.MICROSCOPE_ZEROS if takes_part else texts.MICROSCOPE_NO_PART
        said.append(texts.MICROSCOPE_PADDED.format(padded=padded, count=count, what=what))
    if kernel is not None:
        rows, columns = (_listed(sorted(taps)) for taps in anatomy.taps)
        words = {"kernel": by(kernel), "rows": rows, "columns": columns}
        said.append(texts.MICROSCOPE_TAPS.format(**words))
    height, width, channels = anatomy.patch.shape
    if max(height, width) > MOST:
        shown = size_of((min(height, MOST), min(width, MOST)))
        said.append(texts.MICROSCOPE_PART.format(shown=shown, all=size_of((height, width))))
    elif (height, width) == (1, 1) and channels > MOST:
        said.append(texts.MICROSCOPE_SOME.format(shown=MOST, all=channels))
    if anatomy.rule in ("sum", "activation"):
        said.append(_activation(anatomy))
    words = texts.MICROSCOPE_AGREES if agrees(anatomy) else texts.MICROSCOPE_DISAGREES
    return [*said, words.format(keras=four(anatomy.keras))]


def agrees(anatomy: Anatomy) -> bool:
    """Whether Keras' number is the same but for rounding."""
    return anatomy.difference <= _ROUNDING


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) or texts.MICROSCOPE_NO_TAPS


def _made(anatomy: Anatomy) -> str:
    """How the number before the activation came about."""
    height, width, channels = anatomy.patch.shape
    value, count = four(anatomy.total), int((~anatomy.padding).sum()) * channels
    if anatomy.rule == "copy":
        return _copied(anatomy)
    if anatomy.rule == "activation":
        return texts.MICROSCOPE_COPY.format(**_place(anatomy, (0, 0, 0)))
    if anatomy.rule == "product":
        return texts.MICROSCOPE_MULTIPLIED.format(count=count, value=value)
    if anatomy.rule in ("largest", "smallest"):
        words = {"rule": anatomy.rule, "count": count, "value": value}
        if len(anatomy.winners) > 1:
            return texts.MICROSCOPE_SEVERAL.format(many=len(anatomy.winners), **words)
        return texts.MICROSCOPE_ONE_OF.format(**words, **_place(anatomy, anatomy.winners[0]))
    bias = four(anatomy.bias)
    if not height * width:
        return texts.MICROSCOPE_NO_INPUT.format(bias=bias)
    if anatomy.layer in ("BatchNormalization", "Rescaling"):
        factor = four(float(anatomy.kernel[0, 0, 0]))  # type: ignore[index]
        return texts.MICROSCOPE_SCALED.format(factor=factor, bias=bias, sum=value)
    if len({step for step, _ in anatomy.origins}) > 1:
        return texts.MICROSCOPE_FACTORS.format(sum=value)
    each, several = texts.MICROSCOPE_PRODUCT_COUNTS, texts.MICROSCOPE_CHANNEL_COUNTS
    words = {
        "each": each[height * width > 1].format(count=height * width),
        "channels": several[channels > 1].format(count=channels),
        "sum": value,
        "bias": bias,
    }
    template = texts.MICROSCOPE_SUM_BIAS if anatomy.bias else texts.MICROSCOPE_SUM
    return template.format(**words)


def _place(anatomy: Anatomy, cell: tuple[int, int, int]) -> dict[str, object]:
    step, channel = anatomy.origins[cell[2]]
    row, column = anatomy.rows[cell[0]], anatomy.columns[cell[1]]
    return {"step": step, "channel": channel, "row": row, "column": column}


def _copied(anatomy: Anatomy) -> str:
    place = _place(anatomy, (0, 0, 0))
    if place["step"] == anatomy.step:
        return texts.MICROSCOPE_PICTURE
    if anatomy.padding[0, 0]:
        return texts.MICROSCOPE_COPY_ZERO.format(**place)
    said = texts.MICROSCOPE_COPY.format(**place)
    in_use = any(word in anatomy.layer for word in ("Dropout", "Noise"))
    return f"{said} {texts.MICROSCOPE_IN_USE.format(layer=anatomy.layer)}" if in_use else said


def _activation(anatomy: Anatomy) -> str:
    name = anatomy.activation
    if name == "relu" and anatomy.total <= 0:
        name = "dead" if anatomy.total < 0 else "zero"
    template = texts.MICROSCOPE_ACTIVATIONS.get(name, texts.MICROSCOPE_ACTIVATIONS["other"])
    return template.format(name=name, value=four(anatomy.value), count=len(anatomy.totals))
