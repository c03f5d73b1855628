"""Fields that declare everything about themselves once: what they may be and what they are called.

The check of a specification, its difference tables and the random networks of the tests are derived
from these declarations; the command line and the explorers take checks and choices from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial

from .. import _checks as check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KEY = "declaration"


@dataclass(frozen=True)
class Words:
    """What a field and its values are called in tables.

    Attributes
    ----------
    name : str
        In a table; the field's own name if empty.
    values : mapping of str to str
        Values that are called something else there.
    remark : str
        What else there is to say when the field is changed.
    """

    name: str = ""
    values: Mapping[Any, str] = field(default_factory=dict)
    remark: str = ""


@dataclass(frozen=True)
class Declaration:
    """What one field of a specification may be, and how it is spoken of.

    Attributes
    ----------
    check : callable
        Takes the field's name and a value; returns the value as it is kept, or raises ValueError.
    choices : tuple
        Values to choose from; empty if any that passes the check will do.
    words : Words
        How it is spoken of.
    """

    check: Callable[[str, Any], Any]
    choices: tuple[Any, ...]
    words: Words


def declared(
    default: Any, how: Callable[[str, Any], Any], choices: tuple[Any, ...] = (), **words: Any
) -> Any:
    """Declare a field: its default, its check, its choices, and the `Words` about it."""
    return field(default=default, metadata={_KEY: Declaration(how, choices, Words(**words))})


def whole(default: int, low: int, high: int | None = None, **words: Any) -> Any:
    """Declare a field for whole numbers from `low`; with `high` they are few enough to choose."""
    choices = tuple(range(low, high + 1)) if high is not None else ()
    return declared(default, partial(check.integer, low=low, high=high), choices, **words)


def one_of(default: str, choices: tuple[str, ...], **words: Any) -> Any:
    """Declare a field for one of a few words."""
    return declared(default, partial(check.choice, allowed=choices), choices, **words)


def declarations(specification: Any) -> dict[str, Declaration]:
    """Return the declarations of a specification, or of its class, by the names of the fields.

    Examples
    --------
    >>> from unetviz import UNetSpec
    >>> declarations(UNetSpec)["padding"].choices
    ('valid', 'same')
    """
    return {one.name: one.metadata[_KEY] for one in fields(specification) if _KEY in one.metadata}
