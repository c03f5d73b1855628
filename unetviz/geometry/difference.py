"""Two networks side by side: which fields of their specifications differ, and what that changes."""

from __future__ import annotations

from dataclasses import fields

from .ops import size_of
from .report import large_number, shape_text, size_in_bytes
from .spec import UNetSpec
from .table import Table
from .trace import Trace, trace

_NAMES = {
    "input_size": "picture",
    "input_channels": "channels of the picture",
    "base_filters": "channels of the first level",
    "convs_per_block": "convolutions of a block",
    "kernel_size": "window of the convolutions",
    "pool_size": "window of the poolings",
    "upsampling": "way up",
    "head_filters": "extra convolutions before the last",
    "final_activation": "last activation",
}
_VALUES = {
    "transposed": "transposed convolution",
    "upsample_conv": "copies, then a 2x2 convolution",
    "none": "no skips",
}


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
        (_NAMES.get(field.name, field.name), *(_words(spec, field.name) for spec in specs))
        for field in fields(UNetSpec)
        if getattr(specs[0], field.name) != getattr(specs[1], field.name)
    ]
    first, second = (_results(trace(spec)) for spec in specs)
    rows += [(name, first[name], second[name]) for name in first]
    return Table(("", *names), tuple(rows))


def _words(spec: UNetSpec, field: str) -> str:
    value = getattr(spec, field)
    if field == "input_size":
        return size_of(value)
    if field == "head_filters":
        return ", ".join(f"3x3 with {filters} filters" for filters in value) or "none"
    if field == "dropout" and not value:
        return "none"
    return _VALUES.get(str(value), str(value))


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
