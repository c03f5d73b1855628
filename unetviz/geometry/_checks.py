"""Checks of a specification's fields: one sentence for each kind of wrong value."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Sequence
from math import inf, nan
from reprlib import repr as shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _refuse(field: str, value: Any, allowed: str) -> ValueError:
    return ValueError(f"{field} must be {allowed}, not {written(value)}")


def written(value: Any) -> str:
    """Write a value for a message: NumPy's numbers and arrays as Python's, large ones shortened.

    Examples
    --------
    >>> written((3, "same"))
    "(3, 'same')"
    """
    if len(shape := getattr(value, "shape", ())) > 1:
        return f"an array of shape {shape}"
    plain = _plain(value)
    return shortened(plain) if isinstance(plain, list) and plain is not value else repr(plain)


def _plain(value: Any) -> Any:
    if type(value) in (tuple, list):
        return type(value)(map(_plain, value))
    return value.tolist() if hasattr(value, "tolist") else value


def _is_integer(value: Any) -> bool:
    try:
        operator.index(value)
    except TypeError:
        return False
    return not isinstance(value, bool)


def integer(field: str, value: Any, low: int | None = None, high: int | None = None) -> int:
    """Return `value` as an int, or raise if it is not a whole number from `low` to `high`.

    A bound that is None does not count; `high` goes with `low`.

    Examples
    --------
    >>> integer("depth", 4, 1, 8)
    4
    >>> integer("depth", 0, 1, 8)
    Traceback (most recent call last):
    ValueError: depth must be a whole number from 1 to 8, not 0
    """
    bounds = f" from {low} to {high}" if high is not None else f" of at least {low}"
    too_small = low is not None and _is_integer(value) and value < low
    too_large = high is not None and _is_integer(value) and value > high
    if not _is_integer(value) or too_small or too_large:
        raise _refuse(field, value, "a whole number" + ("" if low is None else bounds))
    return operator.index(value)


def odd_integer(field: str, value: Any, high: int) -> int:
    """Return `value` as an int, or raise if it is not an odd whole number from 1 to `high`."""
    if not _is_integer(value) or value not in range(1, high + 1, 2):
        allowed = ", ".join(map(str, range(1, high, 2)))
        raise _refuse(field, value, f"an odd whole number ({allowed} or {high})")
    return operator.index(value)


def fraction(field: str, value: Any) -> float:
    """Return `value` as a float, or raise if it is not a number from 0 up to, without, 1."""
    number = _number(value)
    if not 0 <= number < 1:
        raise _refuse(field, value, "a number from 0 up to, but not including, 1")
    return number


def positive(field: str, value: Any) -> float:
    """Return `value` as a float, or raise if it is not a finite number above 0."""
    number = _number(value)
    if not 0 < number < inf:
        raise _refuse(field, value, "a number above 0")
    return number


def _number(value: Any) -> float:
    """Return a number as a float; NaN, which is in no range, for what is none."""
    try:
        return nan if isinstance(value, (bool, str)) else float(value)
    except (TypeError, ValueError):
        return nan


def choice(field: str, value: Any, allowed: Sequence[str]) -> str:
    """Return `value`, or raise if it is not one of the allowed words."""
    if not isinstance(value, str) or value not in allowed:
        words = ", ".join(f'"{word}"' for word in allowed[:-1])
        raise _refuse(field, value, f'{words} or "{allowed[-1]}"')
    return str(value)  # a string of NumPy's is one, but writes itself otherwise


def size(field: str, value: Any) -> tuple[int, int]:
    """Return ``(height, width)`` from one number or a pair, or raise.

    Examples
    --------
    >>> size("input_size", 300), size("input_size", [500, 375])
    ((300, 300), (500, 375))
    """
    numbers = _counts((value, value) if _is_integer(value) else value)
    if numbers is None or len(numbers) != 2:
        raise _refuse(field, value, "one whole number or (height, width), each of at least 1")
    return numbers[0], numbers[1]


def integers(field: str, value: Any) -> tuple[int, ...]:
    """Return a tuple of whole numbers of at least 1, or raise."""
    numbers = _counts(value)
    if numbers is None:
        raise _refuse(field, value, "a tuple of whole numbers of at least 1, such as () or (2,)")
    return numbers


def _counts(value: Any) -> tuple[int, ...] | None:
    """Return whole numbers of at least 1 as a tuple of ints; None for anything else."""
    if isinstance(value, (str, bytes, dict)) or not isinstance(value, Iterable):
        return None
    numbers = tuple(value)
    return tuple(map(operator.index, numbers)) if all(map(_is_count, numbers)) else None


def _is_count(value: Any) -> bool:
    return _is_integer(value) and value >= 1


def parse_size(text: str) -> tuple[int, int]:
    """Read ``(height, width)`` from what a person types: ``572``, ``500x375``, ``500 x 375``.

    Raises
    ------
    ValueError
        If it is anything else.

    Examples
    --------
    >>> parse_size("572"), parse_size(" 1364 x 659 ")
    ((572, 572), (1364, 659))
    """
    parts = [part.strip() for part in re.split("[x\u00d7*,]", text.lower())]
    if len(parts) > 2 or not all(re.fullmatch("[0-9]{1,9}", part) for part in parts):
        raise ValueError(f"a size is written as 572 or 500 x 375 (height x width), not {text!r}")
    return size("input_size", (int(parts[0]), int(parts[-1])))
