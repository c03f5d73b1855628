"""Specifications that are written down field by field, and changed the same way."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from ..graph import Specification
from .fields import declarations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self


@dataclass(frozen=True)
class DeclaredSpecification(Specification):
    """A specification that is a dataclass: its declared fields are all that there is to know.

    Raises
    ------
    ValueError
        If a field has a value that is not allowed; the message says which and what is.
    """

    def __post_init__(self) -> None:
        for name, one in declarations(self).items():
            object.__setattr__(self, name, one.check(name, getattr(self, name)))

    def replace(self, **changes: Any) -> Self:
        """Return a copy in which the named fields are changed.

        Raises
        ------
        TypeError
            If a name is not a field.
        ValueError
            If a value is not allowed.

        Examples
        --------
        >>> from unetviz import PAPER
        >>> PAPER.replace(input_size=300).input_size
        (300, 300)
        """
        known = [field.name for field in fields(self)]
        for name in changes:
            if name not in known:
                raise TypeError(
                    f"{type(self).__name__} has no field {name!r}; it has {', '.join(known)}"
                )
        return replace(self, **changes)

    def __repr__(self) -> str:
        """Show what differs from the defaults, as Python that makes it again."""
        shown = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in fields(self)
            if getattr(self, field.name) != field.default
        ]
        return f"{type(self).__name__}({', '.join(shown)})"
