"""Two networks side by side: which fields of their specifications differ, and what that changes."""

from __future__ import annotations

from dataclasses import fields

from .report import large_number, shape_text, size_in_bytes
from .spec import UNetSpec
from .table import Table
from .trace import Trace, trace


def difference_table(names: tuple[str, str], specs: tuple[UNetSpec, UNetSpec]) -> Table:
    """Table of the fields in which two specifications differ, and of the results.

    Parameters
    ----------
    names : (str, str)
        Headings of the two columns.
    specs : (UNetSpec, UNetSpec)
        The two networks.

    Examples
    --------
    >>> from unetviz.geometry import PAPER
    >>> table = difference_table(("a", "b"), (PAPER, PAPER.replace(depth=3)))
    >>> table.rows[0]
    ('depth', '4', '3')
    """
    rows = [
        (field.name, str(getattr(specs[0], field.name)), str(getattr(specs[1], field.name)))
        for field in fields(UNetSpec)
        if getattr(specs[0], field.name) != getattr(specs[1], field.name)
    ]
    first, second = (_results(trace(spec)) for spec in specs)
    rows += [(name, first[name], second[name]) for name in first]
    return Table(("", *names), tuple(rows))


def _results(found: Trace) -> dict[str, str]:
    convolutions = sum(step.params > 0 for step in found)
    return {
        "output": shape_text(found.output_shape),
        "steps": str(len(found)),
        "layers that learn": str(convolutions),
        "crops": str(sum(step.kind == "crop" for step in found)),
        "parameters": f"{found.params:,}",
        "multiply-accumulates": large_number(found.macs),
        "memory of all maps": size_in_bytes(found.activation_bytes),
    }
