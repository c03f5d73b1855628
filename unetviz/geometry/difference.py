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

_REMARKS = {
    "classes": "one map of the output for each class",
    "upsampling": "same sizes, other numbers",
    "head_filters": "without padding each takes a ring of pixels away",
    "dropout": "random zeros while training, nothing in use",
    "final_activation": "softmax: the classes share 1; sigmoid: each class on its own, 0 to 1",
    "merge": "what the decoder gets to see of the encoder",
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
        (_NAMES.get(name, name), *(_words(spec, name) for spec in specs))
        for name in _different(*specs)
    ]
    first, second = (_results(trace(spec)) for spec in specs)
    rows += [(name, first[name], second[name]) for name in first]
    return Table(("", *names), tuple(rows))


def single_edits_table(first: UNetSpec, second: UNetSpec) -> Table:
    """Table of what each single difference between two specifications does to the first.

    Parameters
    ----------
    first, second : UNetSpec
        One field of `first` at a time takes its value from `second`.

    Examples
    --------
    >>> from unetviz.geometry import PAPER
    >>> single_edits_table(PAPER, PAPER.replace(classes=1, depth=3)).rows[1][:3]
    ('depth', '4 -> 3', '484x484x2')
    """
    before = trace(first)
    rows = []
    for name in _different(first, second):
        edited = first.replace(**{name: getattr(second, name)})
        found = trace(edited)
        change = f"{_words(first, name)} -> {_words(edited, name)}"
        rows.append((_NAMES.get(name, name), change, *_effects(name, before, found)))
    headings = ("what", "change", "output", "parameters", "steps", "remark")
    return Table(headings, tuple(rows), frozenset({3, 4}))


def _different(first: UNetSpec, second: UNetSpec) -> list[str]:
    names = [field.name for field in fields(UNetSpec)]
    return [name for name in names if getattr(first, name) != getattr(second, name)]


def _effects(name: str, before: Trace, found: Trace) -> tuple[str, str, str, str]:
    """Output, change of parameters and of steps, and what else there is to say about an edit."""
    if not found.ok:
        return "none", "", "", found.problems[0].message
    changes = (
        f"{after - earlier:+,}" if after != earlier else "same"
        for after, earlier in ((found.params, before.params), (len(found), len(before)))
    )
    remark = f"sizes do not fit at {len(found.warnings)} steps" if found.warnings else ""
    return shape_text(found.output_shape), *changes, remark or _REMARKS.get(name, "")


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
