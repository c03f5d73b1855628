"""View part: Back, Next, Play, the words for each step, the table, and predict mode."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from unetviz.geometry.graph import Step
from unetviz.geometry.tables.steps import step_table, totals
from unetviz.geometry.trace import Trace

from ..shared._bundle import script, style

_STEP_WORDS = {
    "back": "\u25c0 Back",
    "next": "Next \u25b6",
    "play": "Play",
    "pause": "Pause",
    "speed": "Speed",
    "speeds": [["slow", 3], ["normal", 1.5], ["fast", 0.5]],
    "facts": "in {in} \u2192 out {out}",
    "facts_input": "out {out}",
    "params": "; {params} parameters",
    "place": "Step {step} of {steps}",
    "predict": "Predict the sizes",
    "copy": "Copy this state",
    "copied": "Copied",
    "line": "This state as one line of Python",
    "height": "Height that comes out",
    "width": "Width that comes out",
    "check": "Check",
    "fails": "It does not fit",
    "fits": "It does fit. {rule}.",
    "skip": "Skip",
    "skipped": "Skipped; the reason stands above.",
    "question": "Next: {name}, {label}. In: {size_in}. Which size comes out?",
    "number": "Type a whole number, such as 64.",
    "right": "{given}: right, for the reason above.",
    "wrong": "{given} is not it. {rule}.",
    "wrong_again": "{given} is not it either. {rule}.",
    "and_hint": " A hint: {hint}",
    "finished": "All steps are known. Untick the box to leave, or tick it again at an early step.",
    "score": "Score: {right} right at once, {helped} after help, {skipped} skipped, of {steps}.",
    "totals_hidden": "The totals are shown when all steps are known.",
    "table": "Table. ",
    "columns": ["step", "operation", "in", "out", "why", "parameters"],
}
_HINT_FAILS = "Compare the sizes that come in."

_HERE = Path(__file__).parent
_LINKED = ("step", "revealed", "playing")


class StepControl(anywidget.AnyWidget):
    """Controls and words for the steps of a trace; stepping needs no kernel.

    Attributes
    ----------
    step : int
        Index of the current step.
    revealed : int
        Index of the last step whose size is known; all of them outside predict mode.
    predict : bool
        Whether sizes are hidden until they are typed.
    playing, seconds : bool, float
        Whether the steps follow each other by themselves, and how long each stays.
    score : dict
        Numbers of steps that were ``right`` at once, ``helped`` and ``skipped``.
    tries : int
        Wrong answers to the question that is open.
    plain : bool
        Whether the steps are those of a small example: words, but no table and no predictions.
    """

    _esm = script(_HERE / "steps.js")
    _css = style(_HERE / "steps.css")
    words = traitlets.Dict(_STEP_WORDS).tag(sync=True)
    steps = traitlets.Dict().tag(sync=True)  # one list a column: half as many bytes as rows
    totals = traitlets.Unicode().tag(sync=True)
    line = traitlets.Unicode().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    revealed = traitlets.Int(0).tag(sync=True)
    predict = traitlets.Bool(False).tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    seconds = traitlets.Float(1.5).tag(sync=True)
    tries = traitlets.Int(0).tag(sync=True)
    score = traitlets.Dict({"right": 0, "helped": 0, "skipped": 0}).tag(sync=True)

    plain = traitlets.Bool(False).tag(sync=True)

    @traitlets.validate("step")
    def _one_of_them(self, proposal: Any) -> int:
        """A step that was chosen just before the steps changed may be gone."""
        last = len(self.steps.get("name", ())) - 1
        return max(0, min(proposal["value"], last))

    def tell(self, names: Sequence[str], reasons: Sequence[str]) -> None:
        """Take the steps of a small example: what each is called and what it does."""
        empty = [""] * len(names)
        with self.hold_sync():
            self.plain, self.predict, self.playing = True, False, False
            self.steps = {
                "name": list(names),
                "label": empty,
                "reason": list(reasons),
                **dict.fromkeys(("asked", "in", "out", "why", "params", "hint"), empty),
                "rule": [0] * len(names),
                "answer": [None] * len(names),
            }
            self.revealed = len(names) - 1
            self.step = min(self.step, self.revealed)

    def show(self, trace: Trace, step: int, line: str) -> None:
        """Show another trace at one of its steps.

        Parameters
        ----------
        trace : Trace
            The trace; one that stops has its failing step at the end.
        step : int
            Index of the step to begin with; in predict mode nothing beyond it is known.
        line : str
            Python that makes this state again, with ``{step}`` for the step.
        """
        described = describe(trace)
        with self.hold_sync():
            self.playing = False
            self.line = line
            self.totals = totals(trace)
            self.steps = {key: [row[key] for row in described] for key in described[0]}
            self.step = step
            self.revealed = step if self.predict else len(described) - 1
            self.tries = 0
            self.score = {"right": 0, "helped": 0, "skipped": 0}


def link_steps(steps: StepControl, view: anywidget.AnyWidget) -> list[Any]:
    """Let controls and a drawing go step by step together, in the browser alone."""
    return [ipywidgets.jslink((steps, name), (view, name)) for name in _LINKED]


def describe(trace: Trace) -> list[dict[str, Any]]:
    """Return what the browser tells about each step, the failing one included."""
    rows = step_table(trace).rows
    return [_described(step, row, trace) for step, row in zip(trace.all_steps, rows, strict=True)]


def _described(step: Step, row: tuple[str, ...], trace: Trace) -> dict[str, Any]:
    name, label, incoming, out, why, params = row
    fits = step.out_shape is not None
    rule = step.operation.explanation
    return {
        "name": name,
        "label": label,
        "asked": None if step.operation.name == label else step.operation.name,
        "in": incoming,
        "out": out if fits else None,
        "why": why,
        "params": params,
        "reason": step.reason if fits else f"{rule}. {trace.problems[0]}",
        "rule": len(rule),  # the reason begins with the rule: its length says enough
        "hint": hint(step),
        "answer": list(step.out_shape[:2]) if fits else None,
    }


def hint(step: Step) -> str:
    """Return the size rule of a step without its result.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> hint(trace(PAPER)["enc1_conv1"])
    '572 - 3 + 1 = ?'
    """
    if step.out_shape is None:
        return _HINT_FAILS
    if not step.inputs:
        return ""
    unsolved = [_unsolved(*pair) for pair in zip(step.formulas, step.out_shape, strict=False)]
    return unsolved[0] if len(unsolved) == 1 else "h {}; w {}".format(*unsolved)


def _unsolved(formula: str, size: int) -> str:
    rule, equals, _ = formula.partition(" = ")
    return f"{rule} = ?" if equals else f"{formula.removesuffix(str(size))}?"
