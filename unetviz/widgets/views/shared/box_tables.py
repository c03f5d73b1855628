"""Tables of boxes for the browser: for every pixel of an image, by rows and by columns.

A box that belongs to a pixel is a range of rows, which depends on the pixel's row only, and a range
of columns. Along a row both ends only ever move on, so a table is a first number and how far each
next one is away; most maps share these steps, and the whole takes a few kilobytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from unetviz.geometry.dependencies import Dependencies
from unetviz.geometry.trace import Trace

Spans = Mapping[str, Sequence[range]]
_ZERO = ord("0")
_REPEATED = re.compile(r"(.{1,32}?)\1{7,}", re.DOTALL)
"""What poolings do to the steps: a pattern of up to their total stride, again and again."""


def encode(rows: Spans, columns: Spans) -> dict[str, Any]:
    """Write the ranges of all pixels as a table.

    Parameters
    ----------
    rows, columns : dict of str to sequence of range
        By name; entry i belongs to row i, or to column i. Empty ranges stand for "none". Neither
        end may move back from one entry to the next.

    Returns
    -------
    dict
        ``rows`` and ``columns`` (None if they are equal): by name the first number and the index
        of the steps, for the low end and for the high end; ``steps``: texts of how far each next
        number is away, "0" for 0; ``(10*24)`` stands for 24 times "10".

    Examples
    --------
    >>> encode({"out": [range(i, i + 3) for i in range(9)]}, {"out": [range(7, 9)]})["steps"]
    ['(1*8)', '']
    """
    steps: dict[str, int] = {}
    down, across = _side(rows, steps), _side(columns, steps)
    return {"rows": down, "columns": None if across == down else across, "steps": list(steps)}


def _side(spans: Spans, steps: dict[str, int]) -> dict[str, list[int]]:
    table = {}
    for name, ranges in spans.items():
        lows, highs = _ends(ranges)
        table[name] = [*_differences(lows, steps), *_differences(highs, steps)]
    return table


def _ends(ranges: Sequence[range]) -> tuple[list[int], list[int]]:
    """Low and high ends; an empty range becomes one of length 0 that keeps the order."""
    lows, highs = [], []
    last = min((span.start for span in ranges if span), default=0)
    for span in ranges:
        low, high = (span.start, span.stop) if span else (last, last)
        lows.append(low)
        highs.append(high)
        last = high
    return lows, highs


def _differences(numbers: Sequence[int], steps: dict[str, int]) -> tuple[int, int]:
    text = "".join(chr(_ZERO + after - before) for before, after in pairwise(numbers))
    return numbers[0], steps.setdefault(_REPEATED.sub(_shortened, text), len(steps))


def _shortened(match: re.Match[str]) -> str:
    pattern = match[1]
    return f"({pattern}*{len(match[0]) // len(pattern)})"


def source_tables(trace: Trace) -> dict[str, Any]:
    """Write for every output pixel the boxes of all maps, and of the input by path.

    Paths are called ``path/skip1`` and so on, steps by their names.
    """
    return encode(*_both(trace, _sources))


def target_tables(trace: Trace) -> dict[str, Any]:
    """Write for every input pixel the boxes of all maps that it reaches."""
    return encode(*_both(trace, lambda dependencies: dependencies.target_spans()))


def _sources(dependencies: Dependencies) -> Spans:
    maps, paths = dependencies.source_spans()
    return maps | {f"path/{name}": spans for name, spans in paths.items()}


def _both(trace: Trace, spans: Callable[[Dependencies], Spans]) -> tuple[Spans, Spans]:
    """Ranges of rows and of columns; followed once where all maps are square."""
    rows = spans(Dependencies(trace, 0))
    square = all(step.out_shape[0] == step.out_shape[1] for step in trace)
    return rows, rows if square else spans(Dependencies(trace, 1))
