"""The explorer of an FCN: its size, its skips, and every step with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unetviz.geometry._checks import integer
from unetviz.geometry.ops import size_of
from unetviz.geometry.specs.fcn import FCNSpec, displacement
from unetviz.geometry.trace import Trace, trace
from unetviz.geometry.valid_sizes import valid_sizes

from ...parts.controls import choice, number_box, row
from ...parts.networks import fcn
from ...parts.panel import Panel
from ...views.steps.view import StepControl, link_steps
from ...views.u.view import UView

_FCN_STRIDES = {"FCN-32s": 32, "FCN-16s": 16, "FCN-8s": 8}
_FCN_SIDES = ("height {n} is", "width {n} is")
_FCN_HOW_FAR = ("{n} rows too far down", "{n} columns too far right")
_HIDDEN = "Shown when you have predicted all sizes."

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
        The trace of the current network.

    Raises
    ------
    ValueError
        If `step` is no step of the network.
    """

    def __init__(self, spec: FCNSpec, step: int = 0):
        self._spec = spec = fcn("FCNExplorer", spec)
        height, width = spec.input_size
        self.height, self.width = (
            number_box(name, max(_LARGEST, n), "150px", n)
            for name, n in (("Height", height), ("Width", width))
        )
        self.stride = choice("Network", _FCN_STRIDES, "200px", spec.stride)
        self.steps, self.view = StepControl(), UView()
        self._links = link_steps(self.steps, self.view)
        super().__init__([row(self.stride, self.height, self.width), self.steps, self.view])
        self._show(trace(spec), integer("step", step, 0, len(trace(spec).all_steps) - 1))
        for control in (self.height, self.width, self.stride):
            control.observe(self.guarded(self._change_network), names="value")
        self.steps.observe(self.guarded(self._describe_size), names="revealed")

    @property
    def spec(self) -> FCNSpec:
        """The current network."""
        return self._spec

    @property
    def step(self) -> int:
        """Index of the current step."""
        return self.steps.step

    def _change_network(self, _: Any) -> None:
        before = self.trace.all_steps[self.step].name
        spec = self._spec.replace(
            input_size=(self.height.value, self.width.value), stride=self.stride.value
        )
        found = trace(spec)
        self._spec = spec
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
        self._describe_size()

    def _describe_size(self, _: Any = None) -> None:
        """Say how the size fits; in predict mode it would tell too much before the end."""
        known = self.steps.revealed >= len(self.trace.all_steps) - 1
        self.say(*(self._remarks() if known else ("neutral", [_HIDDEN])))

    def _remarks(self) -> tuple[str, list[str]]:
        """How the size fits, and what is lost where it does not."""
        found, size = self.trace, size_of(self._spec.input_size)
        if not found.ok:
            words = "{size} is too small: {problem}".format(
                size=size, problem=found.problems[0].message
            )
            return "wrong", [words, *found.problems[0].fixes]
        step = valid_sizes(self._spec, 1, _LARGEST)[0]
        values = {
            "size": size,
            "score": size_of(found["score"].out_shape),
            "out": size_of(found.steps[-1].out_shape),
            "step": step,
        }
        if not found.warnings:
            return "good", [
                (
                    "{size} fits: the poolings leave {score} scores. Up-sampled and cropped, "
                    "{out} come out."
                ).format(**values)
            ]
        unfit = [n if n % step else 0 for n in self._spec.input_size]
        loses = (
            "{sides} no multiple of {step}. The network still works: {score} scores, {out} "
            "come out, because the crop makes up the size. But rows or columns are lost on "
            "the way:"
        ).format(sides=_said(_FCN_SIDES, unfit), **values)
        lost = [warning.message for warning in found.warnings]
        moved = "All scores still lie over the pixels that they were computed from."
        if any(far := displacement(found)):
            moved = (
                "So much is lost at the bottom or right that the crop must cut less at the "
                "top or left: the coarse scores lie {how_far}."
            ).format(how_far=_said(_FCN_HOW_FAR, far))
        advice = "Pad or cut the image to a size that fits: {fixes}.".format(
            fixes="; ".join(found.warnings[0].fixes)
        )
        return "warning", [loses, *lost, moved, advice]

    def as_markdown(self) -> str:
        """Return the table of all steps, and how the size fits."""
        return "\n\n".join([self.trace._repr_markdown_(), *self._remarks()[1]])


def _said(words: Sequence[str], numbers: Sequence[int]) -> str:
    """One clause for each axis whose number is not 0."""
    clauses = [text.format(n=n) for text, n in zip(words, numbers, strict=True) if n]
    return " and ".join(clauses)
