"""Is my image's size fine? Type it and read the sentence."""

from __future__ import annotations

from typing import Any

import ipywidgets

from unetviz.geometry._checks import parse_size
from unetviz.geometry.graph import Specification, specification_of
from unetviz.geometry.ops import size_of
from unetviz.geometry.specs.unet import UNetSpec
from unetviz.geometry.tables.table import escaped
from unetviz.geometry.trace import Trace, trace

from ...parts.controls import NAMED, row
from ...parts.field_controls import field_control, show_field
from ...parts.panel import Panel, note

_WHAT_TO_DO = "What to do:"


class SizeCheck(Panel):
    """A box for a size, the choices that matter for it, and what the trace says.

    Parameters
    ----------
    size : str
        Height and width, as a person types them.
    spec : Specification
        The network. Of a U-Net padding and depth can be changed; its other fields are kept.

    Attributes
    ----------
    trace : Trace
        The trace of the last size that could be read.
    """

    def __init__(self, size: str = "1364 x 659", spec: Specification | None = None):
        self._spec = UNetSpec(padding="same") if spec is None else specification_of(spec)
        self.size = ipywidgets.Text(
            value=size,
            description="Image size",
            placeholder="height x width",
            tooltip="height x width",
            style=NAMED,
            layout={"width": "230px"},
        )
        # A network that was read from a model has no fields to change.
        names = ("padding", "depth") if isinstance(self._spec, UNetSpec) else ()
        self.fields = {name: field_control(name) for name in names}
        for name, control in self.fields.items():
            show_field(control, getattr(self._spec, name))
        controls = [self.size, *self.fields.values()]
        super().__init__([row(*controls)])
        self.trace: Trace = trace(self._spec)
        update = self.guarded(self._update)
        for control in controls:
            control.observe(update, names="value")
        update()

    def _update(self, _: Any = None) -> None:
        if not self.size.value.strip():
            self.note.value = note("neutral", "Type a size, height x width, such as 500 x 375.")
            return
        try:
            spec = self._spec.replace(
                input_size=parse_size(self.size.value),
                **{name: control.value for name, control in self.fields.items()},
            )
        except ValueError as error:
            self.note.value = note("wrong", "This cannot be read: {error}.".format(error=error))
            return
        self.trace, self._spec = trace(spec), spec
        kind, sentence = verdict(self.trace)
        self.note.value = note(kind, sentence, explanation(self.trace))

    def as_markdown(self) -> str:
        """Return the verdict and its explanation, as markdown."""
        paragraphs = (
            f"**{escaped(verdict(self.trace)[1])}**",
            *map(escaped, explanation(self.trace)),
        )
        return "\n\n".join(paragraphs)


def verdict(found: Trace) -> tuple[str, str]:
    """Return the kind of note and the sentence that sums a trace up."""
    size = size_of(found.steps[0].out_shape)
    if found.output_shape is None:
        return "wrong", "{size} does not work with this network.".format(size=size)
    output = size_of(found.output_shape)
    if found.warnings:
        return "warning", "{size} works, {output} come out, but pixels are lost on the way.".format(
            size=size, output=output
        )
    return "good", "{size} fits: {output} come out, and no pixel is lost on the way.".format(
        size=size, output=output
    )


def explanation(found: Trace) -> tuple[str, ...]:
    """Return the problem, the warnings that it does not speak of, and what to do about them."""
    told = " ".join(problem.message for problem in found.problems)
    others = [w for w in found.warnings if w not in found.problems and w.step not in told]
    shown = (*found.problems, *others)
    if not shown:
        return ()
    fixes = "; ".join(shown[-1].fixes)
    return (*(problem.message for problem in shown), f"{_WHAT_TO_DO} {fixes}.")
