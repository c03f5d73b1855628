"""The explorer of an FCN: its size, its skips, and every step with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unetviz.draw.drawing import Drawing
from unetviz.draw.unet.draw import draw_unet
from unetviz.geometry._checks import integer
from unetviz.geometry.ops import size_of
from unetviz.geometry.specs.fcn import FCNSpec, displacement
from unetviz.geometry.trace import Trace, trace
from unetviz.geometry.valid_sizes import valid_sizes

from ... import texts
from ...parts.controls import choice, number_box, row
from ...parts.panel import Panel
from ...views.steps.view import StepControl, link_steps
from ...views.u.view import UView

_LARGEST = 1024


class FCNExplorer(Panel):
    """Walk through an FCN one arrow at a time, at any size of the image.

    Parameters
    ----------
    spec : FCNSpec
        The network to begin with.
    step : int
        Index of the first step shown, 0 for the input.

    Attributes
    ----------
    trace : Trace
        The trace of the network in hand.

    Raises
    ------
    ValueError
        If `step` is no step of the network.
    """

    def __init__(self, spec: FCNSpec, step: int = 0):
        self._spec = spec
        height, width = spec.input_size
        self.height, self.width = (
            number_box(name, max(_LARGEST, n), "150px")
            for name, n in ((texts.HEIGHT, height), (texts.WIDTH, width))
        )
        self.height.value, self.width.value = height, width
        self.stride = choice(texts.FCN_KIND, texts.FCN_STRIDES, "200px")
        self.stride.value = spec.stride
        self.steps, self.view = StepControl(), UView()
        self._links = link_steps(self.steps, self.view)
        super().__init__([row(self.stride, self.height, self.width), self.steps, self.view])
        self._show(trace(spec), integer("step", step, 0, len(trace(spec).all_steps) - 1))
        for control in (self.height, self.width, self.stride):
            control.observe(self.guarded(self._change), names="value")
        self.steps.observe(self.guarded(self._tell), names="revealed")

    @property
    def spec(self) -> FCNSpec:
        """The network in hand."""
        return self._spec

    @property
    def step(self) -> int:
        """Index of the step in hand."""
        return self.steps.step

    def _change(self, _: Any) -> None:
        before = self.trace.all_steps[self.step].name
        self._spec = self._spec.replace(
            input_size=(self.height.value, self.width.value), stride=self.stride.value
        )
        found = trace(self._spec)
        names = [step.name for step in found.all_steps]
        known = before in names and not self.steps.predict
        # A network that fails is shown up to the step that fails, not pale.
        other = 0 if found.ok or self.steps.predict else len(names) - 1
        self._show(found, names.index(before) if known else other)

    def _show(self, found: Trace, step: int) -> None:
        self.trace = found
        line = f"uv.widgets.FCNExplorer(uv.{self._spec!r}, step={{step}})"
        self.view.show(found, [one.name for one in found.all_steps])
        self.steps.show(found, step, line)
        self._tell()

    def _tell(self, _: Any = None) -> None:
        """Say how the size fits; in predict mode it would tell too much before the end."""
        known = self.steps.revealed >= len(self.trace.all_steps) - 1
        self.say(*(self._remarks() if known else ("neutral", [texts.HIDDEN])))

    def _remarks(self) -> tuple[str, list[str]]:
        """How the size fits, and what is lost where it does not."""
        found, size = self.trace, size_of(self._spec.input_size)
        if not found.ok:
            words = texts.FCN_FAILS.format(size=size, problem=found.problems[0].message)
            return "wrong", [words, *found.problems[0].fixes]
        step = valid_sizes(self._spec, 1, _LARGEST)[0]
        values = {
            "size": size,
            "score": size_of(found["score"].out_shape),
            "out": size_of(found.output_shape),
            "step": step,
        }
        if not found.warnings:
            return "good", [texts.FCN_FITS.format(**values)]
        unfit = [n if n % step else 0 for n in self._spec.input_size]
        loses = texts.FCN_LOSES.format(sides=_said(texts.FCN_SIDES, unfit), **values)
        lost = [warning.message for warning in found.warnings]
        moved = texts.FCN_STAYS
        if any(far := displacement(found)):
            moved = texts.FCN_MOVED.format(how_far=_said(texts.FCN_HOW_FAR, far))
        advice = texts.FCN_ADVICE.format(fixes="; ".join(found.warnings[0].fixes))
        return "warning", [loses, *lost, moved, advice]

    def as_markdown(self) -> str:
        """Return the table of all steps, and how the size fits."""
        return "\n\n".join([self.trace._repr_markdown_(), *self._remarks()[1]])

    def still(self) -> Drawing:
        """Return the drawing in hand."""
        return draw_unet(self.trace)


def _said(words: Sequence[str], numbers: Sequence[int]) -> str:
    """One clause for each axis whose number is not 0."""
    clauses = [text.format(n=n) for text, n in zip(words, numbers, strict=True) if n]
    return texts.FCN_AND.join(clauses)
