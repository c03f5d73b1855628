"""Two networks side by side: which fields of their specifications differ, and what that changes."""

from __future__ import annotations

from ..ops import size_of
from ..specs.fields import declarations
from ..specs.unet import UNetSpec
from ..trace import Trace, trace
from .steps import large_number, shape_text, size_in_bytes
from .table import Table

_DECLARED = declarations(UNetSpec)


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
    >>> from unetviz import PAPER
    >>> table = difference_table(("a", "b"), (PAPER, PAPER.replace(depth=3)))
    >>> table.rows[0]
    ('depth', '4', '3')
    """
    rows = [(_name(name), *(_words(spec, name) for spec in specs)) for name in _different(*specs)]
    first, second = (_results(trace(spec)) for spec in specs)
    rows += [(name, first[name], second[name]) for name in first]
    return Table(("", *names), tuple(rows))


def ablation_table(first: UNetSpec, second: UNetSpec) -> Table:
    """Table of what each single difference between two specifications does to the first.

    Parameters
    ----------
    first, second : UNetSpec
        One field of `first` at a time takes its value from `second`.

    Examples
    --------
    >>> from unetviz import PAPER
    >>> ablation_table(PAPER, PAPER.replace(classes=3, depth=3)).rows[1][:3]
    ('depth', '4 -> 3', '484x484x2')
    """
    before = trace(first)
    rows = []
    for name in _different(first, second):
        edited, others = _edited(first, second, name)
        found = trace(edited)
        change = f"{_words(first, name)} -> {_words(edited, name)}"
        *effects, remark = _effects(name, before, found)
        changes = [f"{_name(other)}: {_words(edited, other)}" for other in others]
        rows.append((_name(name), change, *effects, "; ".join(filter(None, (remark, *changes)))))
    headings = ("what", "change", "output", "parameters", "steps", "remark")
    return Table(headings, tuple(rows), frozenset({3, 4}))


def _different(first: UNetSpec, second: UNetSpec) -> list[str]:
    return [name for name in _DECLARED if getattr(first, name) != getattr(second, name)]


def _edited(first: UNetSpec, second: UNetSpec, name: str) -> tuple[UNetSpec, tuple[str, ...]]:
    """Return `first` with one field of `second`, and the other fields that it brings along."""
    try:
        return first.replace(**{name: getattr(second, name)}), ()
    except ValueError:
        # A softmax goes with at least two classes, so one of the two changes brings the other.
        both = {field: getattr(second, field) for field in ("classes", "final_activation")}
        return first.replace(**both), tuple(both.keys() - {name})


def _name(field: str) -> str:
    return _DECLARED[field].words.name or field


def _effects(name: str, before: Trace, found: Trace) -> tuple[str, str, str, str]:
    """Output, change of parameters and of steps, and what else there is to say about an edit."""
    if not found.ok:
        return "none", "", "", found.problems[0].message
    params, steps = (
        f"{after - earlier:+,}" if after != earlier else "same"
        for after, earlier in ((found.params, before.params), (len(found), len(before)))
    )
    remark = f"sizes do not fit at {len(found.warnings)} steps" if found.warnings else ""
    return shape_text(found.output_shape), params, steps, remark or _DECLARED[name].words.remark


def _words(spec: UNetSpec, field: str) -> str:
    value = getattr(spec, field)
    if field == "input_size":
        return size_of(value)
    if field == "head_filters":
        return ", ".join(f"3x3 with {filters} filters" for filters in value) or "none"
    if field == "dropout" and not value:
        return "none"
    return _DECLARED[field].words.values.get(value, str(value))


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
