"""What each moment of the way forward and back is called, and what is said of it."""

from __future__ import annotations

from unetviz.geometry.graph import Step
from unetviz.geometry.ops import AveragePooling
from unetviz.geometry.tables.steps import shape_text
from unetviz.geometry.tables.table import Table
from unetviz.geometry.trace import Trace
from unetviz.nets.backprop.maps import BackwardPass

from ._rules import RULES

_BACKWARD_HEADINGS = ("gradient of", "shape", "through", "norm", "zeros")

_EXAMPLES = {
    "crop": "crop",
    "concat": "concat",
    "add": "add",
    "pool": "pool",
    "upsample": "upsample",
    "dropout": "dropout",
    "head": "pointwise_conv",
    "upconv": "upconv",
    "activation": "relu",
}


def consumers(trace: Trace, name: str) -> list[Step]:
    """Return the steps that take a map in; its gradient comes back from each of them."""
    return [step for step in trace if name in step.inputs]


def backward_rule(step: Step) -> str:
    """Return in one sentence what a step does to a gradient that comes back through it."""
    kind = _kind(step)
    rule = RULES[kind]
    padding = getattr(step.operation, "padding", "valid")
    kernel = getattr(step.operation, "kernel", (1, 1))
    if kind == "conv" and padding == "same" and kernel != (1, 1):
        rule = f"{rule} {RULES['same']}"
    if getattr(step.operation, "activation", "") == "relu":
        rule = f"{RULES['relu']} {rule}"
    return rule


def example_of(step: Step) -> str | None:
    """Return the kind of small example that shows what a step does; None where there is none."""
    kind = _kind(step)
    if kind == "conv":
        return f"conv_{step.operation.padding}"  # type: ignore[attr-defined]
    return _EXAMPLES.get(kind)


def _kind(step: Step) -> str:
    """The kind of the operation itself: a convolution behind copies is a convolution."""
    if isinstance(step.operation, AveragePooling):
        return "average"
    kind = step.operation.kind if step.kind == "upconv" else step.kind
    return kind if kind in RULES else "activation"


def reason(trace: Trace, name: str) -> str:
    """Say how the gradient comes to a map."""
    sources = consumers(trace, name)
    if not sources:
        return (
            "{rule} What is shown here is the gradient of the scores, before the softmax.".format(
                rule=RULES["loss"]
            )
        )
    lines = [
        "Through {name}: {rule}".format(name=step.name, rule=backward_rule(step))
        for step in sources
    ]
    if len(lines) > 1:
        lines.append("{count} ways lead here; what they bring is added.".format(count=len(lines)))
    if name == trace.steps[0].name:
        lines.append(
            "This is the image itself: how each of its pixels would change the loss. "
            "Training stops at the weights and does not need it."
        )
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
