"""A trace as a table: for a terminal, for a notebook, as plain data."""

from __future__ import annotations

from textwrap import wrap

from ..graph import Step, Steps
from ..ops import Shape
from ..problems import Problem, describe_problems, describe_warnings
from .table import TEXT_WIDTH, Table, escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def shape_text(shape: Shape | None) -> str:
    """Write a shape in a table; a dash where there is none.

    Examples
    --------
    >>> shape_text((572, 572, 64)), shape_text(None)
    ('572x572x64', '-')
    """
    return "-" if shape is None else "x".join(map(str, shape))


def size_in_bytes(count: int) -> str:
    """Write a number of bytes with the unit that suits it.

    Examples
    --------
    >>> size_in_bytes(808186048), size_in_bytes(1024)
    ('808.2 MB', '1.0 kB')
    """
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def large_number(count: int) -> str:
    """Write a count of operations with the word that suits it.

    Examples
    --------
    >>> large_number(150428424448), large_number(576)
    ('150.4 billion', '576')
    """
    for word, size in (("billion", 10**9), ("million", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {word}"
    return f"{count:,}"


def step_table(trace: Steps) -> Table:
    """Table of all steps: step, operation, in, out, why, parameters."""
    headings = ("step", "operation", "in", "out", "why", "parameters")
    return Table(
        headings, tuple(_row(step) for step in trace.all_steps), frozenset({5}), flexible=4
    )


def _row(step: Step) -> tuple[str, ...]:
    incoming = "\n+ ".join(map(shape_text, step.in_shapes)) or "-"
    if step.out_shape is None:
        return step.name, step.label, incoming, "-", "does not fit", ""
    formulas = step.formulas
    if len(formulas) == 2:
        formulas = (f"h {formulas[0]}", f"w {formulas[1]}")
    params = f"{step.params:,}" if step.params else ""
    return step.name, step.label, incoming, shape_text(step.out_shape), "\n".join(formulas), params


def totals(trace: Steps) -> str:
    """Input, output and sums of a trace in one sentence."""
    end = trace.output_shape
    result = shape_text(end) if end else "no output"
    return (
        f"{shape_text(trace.steps[0].out_shape)} -> {result}: "
        f"{trace.params:,} parameters, {large_number(trace.macs)} multiply-accumulates, "
        f"{size_in_bytes(trace.activation_bytes)} of maps"
    )


def remarks(trace: Steps) -> list[tuple[str, tuple[str, ...]]]:
    """Warnings and problems as sentences with their fixes.

    The fixes of all are the same, the sizes around this one, so only the last has them.
    """
    problems, found = describe_problems(trace), describe_warnings(trace)
    warnings = [warning for warning in found if warning not in problems]
    sentences = [f"Warning: {warning.message}" for warning in warnings]
    sentences += [f"Problem: {problem.message}" for problem in problems]
    fixes = found[-1].fixes if found else ()
    last = len(sentences) - 1
    return [(sentence, fixes if i == last else ()) for i, sentence in enumerate(sentences)]


def as_text(trace: Steps) -> str:
    """Return the table for a terminal of 100 columns, with totals, warnings and problems."""
    return text_under(step_table(trace), trace)


def text_under(table: Table, trace: Steps) -> str:
    """Write a table of a trace for a terminal, and below it the totals and the remarks."""
    lines = [table.as_text(), "", totals(trace)]
    for sentence, fixes in remarks(trace):
        lines += ["", *wrap(sentence, TEXT_WIDTH)]
        lines += [line for fix in fixes for line in wrap(f"  - {fix}", TEXT_WIDTH)]
    return "\n".join(lines)


def as_markdown(trace: Steps) -> str:
    """Return the same for a notebook."""
    lines = [step_table(trace).as_markdown(), "", f"**{escaped(totals(trace))}**"]
    for sentence, fixes in remarks(trace):
        lines += ["", escaped(sentence), "", *(f"- {escaped(fix)}" for fix in fixes)]
    return "\n".join(lines)


def as_dict(trace: Steps) -> dict[str, Any]:
    """Return everything as plain data, ready for JSON."""
    return {
        "ok": trace.ok,
        "input_shape": list(trace.steps[0].out_shape),
        "output_shape": list(trace.output_shape) if trace.output_shape else None,
        "params": trace.params,
        "macs": trace.macs,
        "activation_bytes": trace.activation_bytes,
        "steps": [_step_dict(step) for step in trace],
        "problems": [_problem_dict(problem) for problem in describe_problems(trace)],
        "warnings": [_problem_dict(warning) for warning in describe_warnings(trace)],
    }


def _step_dict(step: Step) -> dict[str, Any]:
    names = ("name", "kind", "label", "level", "side", "why", "reason")
    return {name: getattr(step, name) for name in names} | {
        "inputs": list(step.inputs),
        "in_shapes": [list(shape) for shape in step.in_shapes],
        "out_shape": list(step.out_shape),
        "params": step.params,
        "macs": step.macs,
        "activation_bytes": step.activation_bytes,
        "crop": [list(pair) for pair in step.crop] if step.crop else None,
        "lost": list(step.lost),
    }


def _problem_dict(problem: Problem) -> dict[str, Any]:
    return {"step": problem.step, "message": problem.message, "fixes": list(problem.fixes)}
