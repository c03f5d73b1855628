"""What each moment of the way forward and back is called, and what is said of it."""

from __future__ import annotations

from unetviz.geometry.graph import Step
from unetviz.geometry.tables.steps import shape_text
from unetviz.geometry.tables.table import Table
from unetviz.geometry.trace import Trace
from unetviz.nets.backprop.maps import BackwardPass

from .examples import LOSS_RULE

_BACKWARD_HEADINGS = ("gradient of", "shape", "through", "norm", "zeros")


def consumers(trace: Trace, name: str) -> list[Step]:
    """Return the steps that take a map in; its gradient comes back from each of them."""
    return [step for step in trace if name in step.inputs]


def reason(trace: Trace, name: str) -> str:
    """Say how the gradient comes to a map."""
    sources = consumers(trace, name)
    if not sources:
        return (
            "{rule} What is shown here is the gradient of the scores, before the softmax.".format(
                rule=LOSS_RULE
            )
        )
    lines = [
        "Through {name}: {rule}".format(name=step.name, rule=step.operation.backward)
        for step in sources
    ]
    if len(lines) > 1:
        lines.append("{count} ways lead here; what they bring is added.".format(count=len(lines)))
    if name == trace.steps[0].name:
        lines.append(trace[name].operation.backward)
    return " ".join(lines)


def sizes_of(trace: Trace, found: BackwardPass, name: str) -> tuple[float, float, float]:
    """Return norm, largest number and share of zeros; of the last step those of its scores."""
    if name == trace.steps[-1].name:
        return found.of_scores
    return found.norms[name], found.extremes[name], found.zeros[name]


def gradient_table(trace: Trace, found: BackwardPass) -> Table:
    """Return norm and zeros of the gradient of every map, from the output back to the input."""
    rows = []
    for step in reversed(trace.steps):
        if step.name in found.norms:
            through = ", ".join(one.name for one in consumers(trace, step.name))
            norm, _, zeros = sizes_of(trace, found, step.name)
            shape = shape_text(step.out_shape)
            numbers = f"{norm:.2e}", f"{zeros:.1%}"
            rows.append((step.name, shape, through or "loss", *numbers))
    return Table(_BACKWARD_HEADINGS, tuple(rows), frozenset({3, 4}))
