"""Sizes that do not fit, in words: what happened where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .graph import Specification, Step, Steps
from .ops import Pair, size_of
from .valid_sizes import nearest_valid_sizes, read_sizes, stride_zeros

_AXES = ("height", "width")


@dataclass(frozen=True)
class Problem:
    """A size that does not fit, explained.

    Attributes
    ----------
    step : str
        Name of the step at which it shows.
    message : str
        What happens there: the level, the sizes that meet, where pixels were lost.
    fixes : tuple of str
        What can be done, one sentence each.
    """

    step: str
    message: str
    fixes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join((self.message, *(f"  - {fix}" for fix in self.fixes)))


class ShapeError(ValueError):
    """A network that cannot be built at this input size; `problem` says why."""

    def __init__(self, problem: Problem):
        super().__init__(str(problem))
        self.problem = problem


def describe_problems(steps: Steps) -> tuple[Problem, ...]:
    """Explain the step that Keras would refuse; nothing if there is none."""
    failed = steps.failed
    if failed is None:
        return ()
    inputs = zip(failed.inputs, failed.in_shapes, strict=True)
    maps = " and ".join(f"{name} is {size_of(shape)}" for name, shape in inputs)
    refusal = failed.operation.refusal(failed.in_shapes)
    sentences = [f"{_place(failed)}: {maps}, but {refusal}."]
    sentences += [f"Before, at {step.name}, {_loss(step)}." for step in _where_lost(steps, failed)]
    return (Problem(failed.name, " ".join(sentences), size_fixes(steps.spec)),)


def describe_warnings(steps: Steps) -> tuple[Problem, ...]:
    """Explain each step that loses pixels or crops unevenly, then what `describe_problems` does."""
    unfit = [step for step in steps if not step.fits]
    fixes = size_fixes(steps.spec) if unfit else ()
    warnings = [Problem(step.name, f"{_place(step)}: {_remark(step)}.", fixes) for step in unfit]
    if not unfit and steps.ok and steps.spec.is_read:
        warnings += _moved(steps)
    return *warnings, *describe_problems(steps)


def _moved(steps: Steps) -> list[Problem]:
    """Explain why the output of a model that was read does not lie over its input as it should."""
    # Loaded here: it takes fractions, which all other networks do without.
    from .strides import total_stride

    last, result, size = steps.steps[-1], steps.steps[-1].out_shape[:2], steps.spec.input_size
    if size == steps.spec.own_size and not any(
        # An output that covers the input at some size is nowhere further from it than a stride.
        0 < abs(n - m) <= stride
        for n, m, stride in zip(size, result, total_stride(steps), strict=True)
    ):
        return []
    spec = steps.spec.replace(input_size=1)
    found = []
    for axis in (0, 1):
        sizes = read_sizes(spec, axis)
        if sizes.shrinks is not None and size[axis] - result[axis] != sizes.shrinks:
            smaller = f"{sizes.shrinks} pixels smaller than" if sizes.shrinks else "as large as"
            text = (
                f"{_place(last)}: the {_AXES[axis]} of the output is {result[axis]}, that of the "
                f"input {size[axis]}; an output that lies over the input is {smaller} that."
            )
            return [Problem(last.name, text, size_fixes(steps.spec))]
        zeros = stride_zeros(steps, axis)
        own = zeros if sizes.zeros is None else sizes.zeros
        found += [(step, axis) for step in steps if zeros.get(step.name) != own.get(step.name)]
    if not found:
        return []
    step, axis = found[0]
    before, after = stride_zeros([step], axis)[step.name]
    own_before, own_after = read_sizes(spec, axis).zeros[step.name]  # type: ignore[index]
    text = (
        f"{_place(step)}: Keras adds {before} zeros before and {after} after the {_AXES[axis]} of "
        f"{step.in_shapes[0][axis]}, but {own_before} and {own_after} at the model's own size, "
        f"{size_of(steps.spec.own_size)}, so the same weights meet other pixels."
    )
    return [Problem(step.name, text, size_fixes(steps.spec))]


def size_fixes(spec: Specification) -> tuple[str, ...]:
    """Say for every axis that does not fit which sizes do, and how to get there."""
    try:
        around = [nearest_valid_sizes(spec, n, axis) for axis, n in enumerate(spec.input_size)]
    except ValueError:
        return ()  # a model may crop unevenly at every size
    fixes = [
        _axis_fix(axis, n, *nearest)
        for axis, n, nearest in zip(_AXES, spec.input_size, around, strict=True)
        if nearest[1] != n
    ]
    if not fixes:
        return ()
    larger = tuple(above for _, above in around)
    fixes.append(f"pad the image to {size_of(larger)} (mirrored borders look natural)")
    smaller = tuple(below for below, _ in around if below is not None)
    if len(smaller) == len(around):
        fixes.append(f"crop the image to {size_of(smaller)}")
    return tuple(fixes)


def _axis_fix(axis: str, n: int, below: int | None, above: int) -> str:
    if below is None:
        return f"{axis} {n} is too small: the smallest that fits is {above}"
    return f"{axis} {n} does not fit: the nearest that do are {below} and {above}"


def _place(step: Step) -> str:
    return f"Level {step.level}, {step.name}"


def _remark(step: Step) -> str:
    """What a step that works does to a size that does not fit, as a clause."""
    return _uneven(step) if any(step.uneven) else _loss(step)


def _loss(step: Step) -> str:
    what = _rows_and_columns(step.lost)
    verb = "is" if sum(step.lost) == 1 else "are"
    return f"{what} of {step.inputs[0]} {verb} lost ({step.why})"


def _rows_and_columns(lost: Pair) -> str:
    parts = []
    for count, noun in zip(lost, ("row", "column"), strict=True):
        if count:
            parts.append(f"the last {noun}" if count == 1 else f"the last {count} {noun}s")
    return " and ".join(parts)


def _uneven(step: Step) -> str:
    (top, bottom), (left, right) = step.operation.amounts  # type: ignore[attr-defined]
    parts = []
    if top != bottom:
        parts.append(f"{top} rows at the top and {bottom} at the bottom")
    if left != right:
        parts.append(f"{left} columns on the left and {right} on the right")
    return (
        f"the crop is uneven ({', '.join(parts)}), "
        "so the two maps that are joined lie half a pixel apart"
    )


def _where_lost(steps: Steps, failed: Step) -> Iterable[Step]:
    """Steps that lost pixels on the way of one input but not of the others."""
    ways = [_ancestors(steps, name) for name in failed.inputs]
    shared = set.intersection(*ways)
    return [step for step in steps if any(step.lost) and step.name in set.union(*ways) - shared]


def _ancestors(steps: Steps, name: str) -> set[str]:
    found = {name}
    for step in reversed(steps.steps):
        if step.name in found:
            found.update(step.inputs)
    return found
