"""The explorer of a U-Net: change it, walk through it, predict it, keep it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

import ipywidgets
import traitlets

from unetviz.draw.charts.pixel_budget import pixel_budget_caption, pixel_budget_svg
from unetviz.draw.drawing import Drawing
from unetviz.draw.unet.draw import draw_unet
from unetviz.geometry._checks import integer
from unetviz.geometry.problems import ShapeError
from unetviz.geometry.source.code import keras_code
from unetviz.geometry.specs.unet import PAPER, UNetSpec
from unetviz.geometry.trace import Trace, trace

from ...parts.networks import u_net
from ...parts.panel import Panel
from ...views.steps.view import StepControl, link_steps
from ...views.u.view import UView
from .spec_controls import SpecControls

_HIDDEN = "Shown when you have predicted all sizes."
_NO_CODE = "Keras cannot build this size. "


class _RestoredState:
    """``from_dict`` for a class and for an instance: a new explorer, or this one changed."""

    def __get__(self, instance: UNetExplorer | None, owner: type[UNetExplorer]) -> Any:
        def from_dict(state: dict[str, Any]) -> UNetExplorer:
            explorer = owner() if instance is None else instance
            explorer.restore(state)
            return explorer

        return from_dict


class _Folded:
    """A button and a page that is written only while it is open.

    What is folded costs nothing on the way to the browser.
    """

    def __init__(self, title: str, write: Callable[[Trace], str]):
        self.button = ipywidgets.ToggleButton(description=title, layout={"width": "160px"})
        self.page = ipywidgets.HTML()
        self._write = write

    def show(self, found: Trace | None) -> None:
        """Write the page for a trace, or that it is not yet to be seen."""
        hidden = f"<p>{_HIDDEN}</p>"
        text = self._write(found) if found is not None else hidden
        self.page.value = text if self.button.value else ""


class UNetExplorer(Panel):
    """Walk through a U-Net one arrow at a time.

    Parameters
    ----------
    spec : UNetSpec
        The network to begin with; Reset comes back to it.
    step : int
        Index of the first step shown, 0 for the input.
    predict : bool
        Whether sizes are hidden until they are typed.

    Attributes
    ----------
    spec : UNetSpec
        The current network; setting it changes everything that is shown.
    step : int
        Index of the current step.
    trace : Trace
        The trace of `spec`.

    Raises
    ------
    ValueError
        If `step` is no step of the network.
    """

    spec = traitlets.Instance(UNetSpec)
    from_dict = _RestoredState()

    def __init__(self, spec: UNetSpec = PAPER, step: int = 0, predict: bool = False):
        spec = u_net("UNetExplorer", spec)
        self.controls = SpecControls(spec)
        self.steps = StepControl(predict=predict)
        self.view = UView()
        self.pixel_budget = _Folded("Where it goes", _pixel_budget)
        self.code = _Folded("Keras code", _code)
        folds = ipywidgets.HBox([self.pixel_budget.button, self.code.button])
        self._links = link_steps(self.steps, self.view)
        super().__init__(
            [self.steps, self.view, self.controls, folds, self.pixel_budget.page, self.code.page]
        )
        self.set_trait("spec", spec)
        self.trace = trace(spec)
        self._show(_checked(step, self.trace))
        # The order matters: the image is on its way before the controls are brought in line.
        self.observe(self.guarded(self._change_network), names="spec")
        traitlets.link((self, "spec"), (self.controls, "spec"))
        self.controls.connect(self.guarded)
        self.controls.reset.on_click(self.guarded(self._reset))
        fill = self.guarded(self._fill_folded)
        self.steps.observe(fill, names="revealed")
        self.pixel_budget.button.observe(fill, names="value")
        self.code.button.observe(fill, names="value")

    @property
    def step(self) -> int:
        """Index of the current step."""
        return self.steps.step

    @step.setter
    def step(self, step: int) -> None:
        step = _checked(step, self.trace)
        if step > self.steps.revealed:
            self.steps.revealed = step
        self.steps.step = step

    def _reset(self, _: Any = None) -> None:
        self.steps.step = 0
        if self.spec == self.controls.start:
            self._show(0)
        else:
            self.spec = self.controls.start

    def _change_network(self, change: Any) -> None:
        before = self.trace.all_steps[self.step].name
        self.trace = trace(change.new)
        self._show(0 if self.steps.predict else _same_step(self.trace, before))

    def _show(self, step: int) -> None:
        """Bring drawing, words, table, totals, pixel budget and code to the current trace."""
        names = [found.name for found in self.trace.all_steps]
        line = f"uv.UNetExplorer(uv.{self.trace.spec!r}, step={{step}})"
        self.view.show(self.trace, names)
        self.steps.show(self.trace, step, line)
        self._fill_folded()
        self.note.value = ""

    def _fill_folded(self, _: Any = None) -> None:
        known = self.steps.revealed >= len(self.trace.all_steps) - 1
        for folded in (self.pixel_budget, self.code):
            folded.show(self.trace if known else None)

    def to_dict(self) -> dict[str, Any]:
        """Return the whole state as plain data, ready for JSON."""
        return {"spec": asdict(self.spec), "step": self.step, "predict": self.steps.predict}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over a state that `to_dict` returned.

        Raises
        ------
        ValueError
            If a part of the state is missing or not allowed; nothing is changed then.
        """
        missing = {"spec", "step", "predict"} - set(state)
        if missing:
            raise ValueError(f"the state lacks {', '.join(sorted(missing))}")
        spec = UNetSpec(**state["spec"])
        step = _checked(state["step"], trace(spec))
        self.steps.predict = bool(state["predict"])
        self.spec = spec
        self._show(step)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the current drawing to a file that ends in ``.svg`` or ``.png``."""
        return draw_unet(self.trace).save(path)

    def as_markdown(self) -> str:
        """Return the table of all steps, as markdown; in predict mode it would tell too much."""
        return (
            "**Run this cell, then type the sizes yourself.**"
            if self.steps.predict
            else self.trace._repr_markdown_()
        )

    def still(self) -> Drawing | None:
        """Return the current drawing; in predict mode it would tell too much."""
        return None if self.steps.predict else super().still()


def _same_step(found: Trace, name: str) -> int:
    """Index of the step of this name; if there is none the failing step, or else the first."""
    names = [step.name for step in found.all_steps]
    if name in names:
        return names.index(name)
    return 0 if found.ok else len(names) - 1


def _checked(step: int, found: Trace) -> int:
    return integer("step", step, 0, len(found.all_steps) - 1)


def _pixel_budget(found: Trace) -> str:
    bars, caption = pixel_budget_svg(found), pixel_budget_caption(found)
    return f"<div style='max-width:1400px'>{bars}</div><p>{caption}</p>"


def _code(found: Trace) -> str:
    try:
        source = keras_code(found.spec)
    except ShapeError as error:
        source = re.sub("^", "# ", f"{_NO_CODE}{error}", flags=re.MULTILINE)
    except ValueError as error:  # a layer of a model that was read
        source = f"# {error}"
    style = "line-height:1.35;font-size:12px;max-height:420px;overflow:auto"
    return f"<pre style='{style}'>{escape(source)}</pre>"
