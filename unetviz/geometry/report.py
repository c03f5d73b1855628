"""A trace as a table: for a terminal, for a notebook, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from .graph import Step
from .ops import Shape

if TYPE_CHECKING:
    from .problems import Problem
    from .trace import Trace

_HEADINGS = ("step", "operation", "in", "out", "why", "parameters")
_WHY = _HEADINGS.index("why")
_TEXT_WIDTH = 100
_NARROWEST_WHY = 18
_GAP = "  "


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


def row(step: Step, line_break: str = "\n") -> tuple[str, ...]:
    """One line of the table; cells with two inputs or two axes hold a line break."""
    incoming = f"{line_break}+ ".join(map(shape_text, step.in_shapes)) or "-"
    if step.out_shape is None:
        return step.name, step.label, incoming, "-", "does not fit", ""
    formulas = step.formulas
    if len(formulas) == 2:
        formulas = (f"h {formulas[0]}", f"w {formulas[1]}")
    params = f"{step.params:,}" if step.params else ""
    why = line_break.join(formulas)
    return step.name, step.label, incoming, shape_text(step.out_shape), why, params


def _steps(trace: Trace) -> list[Step]:
    return [*trace, trace.failed] if trace.failed is not None else [*trace]


def totals(trace: Trace) -> str:
    """Input, output and sums of a trace in one sentence."""
    end = trace.output_shape
    result = shape_text(end) if end else "no output"
    return (
        f"{shape_text(trace.steps[0].out_shape)} -> {result}: "
        f"{trace.params:,} parameters, {large_number(trace.macs)} multiply-accumulates, "
        f"{size_in_bytes(trace.activation_bytes)} of maps"
    )


def remarks(trace: Trace) -> list[tuple[str, Problem]]:
    """Problems and the other warnings of a trace, each with the word to begin with."""
    warnings = [warning for warning in trace.warnings if warning not in trace.problems]
    return [("Warning", warning) for warning in warnings] + [
        ("Problem", problem) for problem in trace.problems
    ]


def closing(trace: Trace) -> list[tuple[str, tuple[str, ...]]]:
    """Remarks as sentences with their fixes; fixes that repeat are given once, at the end."""
    found = remarks(trace)
    return [
        (f"{word}: {problem.message}", problem.fixes if problem is found[-1][1] else ())
        for word, problem in found
    ]


def as_text(trace: Trace) -> str:
    """Return the table for a terminal of 100 columns, with totals, warnings and problems."""
    rows = [[cell.split("\n") for cell in row(step)] for step in _steps(trace)]
    rows.insert(0, [[heading] for heading in _HEADINGS])
    widths = [max(len(line) for cell in column for line in cell) for column in zip(*rows)]
    others = sum(widths) - widths[_WHY] + len(_GAP) * (len(widths) - 1)
    widths[_WHY] = max(_NARROWEST_WHY, min(widths[_WHY], _TEXT_WIDTH - others))
    lines = [line for cells in rows for line in _text_lines(cells, widths)]
    lines += ["", totals(trace)]
    for sentence, fixes in closing(trace):
        lines += ["", *wrap(sentence, _TEXT_WIDTH)]
        lines += [line for fix in fixes for line in wrap(f"  - {fix}", _TEXT_WIDTH)]
    return "\n".join(lines)


def _text_lines(cells: list[list[str]], widths: list[int]) -> list[str]:
    """Lines of one row, the reason wrapped to its column and the parameters to the right."""
    why = [part for line in cells[_WHY] for part in wrap(line, widths[_WHY])]
    params = [cells[-1][0].rjust(widths[-1])]
    columns = [*cells[:_WHY], why, params]
    return [
        _GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in zip_longest(*columns, fillvalue="")
    ]


def as_markdown(trace: Trace) -> str:
    """Return the same table for a notebook."""
    lines = [_markdown_line(_HEADINGS), "|---|---|---|---|---|---:|"]
    lines += [_markdown_line(row(step, line_break="; ")) for step in _steps(trace)]
    lines += ["", f"**{totals(trace)}**"]
    for sentence, fixes in closing(trace):
        lines += ["", _escaped(sentence), "", *(f"- {_escaped(fix)}" for fix in fixes)]
    return "\n".join(lines)


def _markdown_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_escaped(cell) for cell in cells)} |"


def _escaped(text: str) -> str:
    """Keep names with underscores, stars and bars as they are written."""
    for character in "\\`*_|<>[]":
        text = text.replace(character, f"\\{character}")
    return text


def as_dict(trace: Trace) -> dict[str, Any]:
    """Return everything as plain data, ready for JSON."""
    return {
        "ok": trace.ok,
        "input_shape": list(trace.steps[0].out_shape),
        "output_shape": list(trace.output_shape) if trace.output_shape else None,
        "params": trace.params,
        "macs": trace.macs,
        "activation_bytes": trace.activation_bytes,
        "steps": [_step_dict(step) for step in trace],
        "problems": [_problem_dict(problem) for problem in trace.problems],
        "warnings": [_problem_dict(warning) for warning in trace.warnings],
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
