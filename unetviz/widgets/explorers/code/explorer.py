"""The document's code line by line, beside the map of the U that each line computes."""

from __future__ import annotations

from html import escape
from math import prod, sqrt
from typing import Any

import ipywidgets

from unetviz.draw.drawing import Drawing
from unetviz.draw.unet.draw import draw_unet
from unetviz.geometry.graph import Step
from unetviz.geometry.specs.unet import DOCUMENT
from unetviz.geometry.tables.steps import shape_text
from unetviz.geometry.tables.table import Table
from unetviz.geometry.trace import trace
from unetviz.nets.lessons.code_walk import CodeLine, walk_code
from unetviz.nets.lessons.printed_code import FIXES, fixed_code

from ... import texts
from ...parts.panel import Panel
from ...views.u.view import UView

_ROWS = 9
_TAB = 4
# A list takes its letters from the browser's settings: code needs letters of one width. Lines too
# long for an output of a notebook can be moved sideways; the one in hand is shown in full below.
# The list's name is for those who hear it; to the eye it is a list of code.
_STYLE = """<style>
.unetviz-code select { font: 11.5px/1.35 var(--jp-code-font-family, monospace); overflow-x: auto; }
.unetviz-code label { position: absolute !important; width: 1px !important; height: 1px !important;
  overflow: hidden; clip-path: inset(50%); }
</style>"""
_LINE_STYLE = (
    "margin:2px 0;padding:4px 8px;white-space:pre-wrap;overflow-wrap:anywhere;font-size:12px;"
    "line-height:1.4;background:var(--jp-cell-editor-background,transparent);"
    "color:var(--jp-content-font-color1,inherit)"
)
_STATEMENTS = (
    ("def ", texts.LINE_DEF),
    ("from ", texts.LINE_IMPORT),
    ("import ", texts.LINE_IMPORT),
    ("model = Model(", texts.LINE_MODEL),
    ("model.compile(", texts.LINE_COMPILE),
    ("if(", texts.LINE_IF),
    ("if ", texts.LINE_IF),
    ("model.load_weights(", texts.LINE_LOAD),
    ("return", texts.LINE_RETURN),
    ("#", texts.LINE_COMMENT),
)
"""What a line without a map does, by how it begins."""
_ARGUMENTS = (
    ("Adam(", texts.LINE_ADAM),
    ("binary_crossentropy", texts.LINE_CROSS_ENTROPY),
    ("'accuracy'", texts.LINE_ACCURACY),
)
_KINDS = {
    "input": texts.LINE_INPUT,
    "pool": texts.LINE_POOL,
    "upsample": texts.LINE_UPSAMPLE,
    "concat": texts.LINE_CONCATENATE,
    "head": texts.LINE_SIGMOID,
}


class CodeExplorer(Panel):
    """Choose a line of the document's code and see the map that it computes; or the other way.

    Parameters
    ----------
    source : str, optional
        Python of the document's network, as `walk_code` takes it; None for the document's own
        code, mended for today's Keras.

    Attributes
    ----------
    lines : tuple of CodeLine
        All lines of the source.
    trace : Trace
        The steps that they compute, at the document's full width.
    """

    def __init__(self, source: str | None = None):
        source = fixed_code() if source is None else source
        self.trace = trace(DOCUMENT)
        self.lines = walk_code(source)
        self._line_of = {name: line for line in self.lines for name in line.steps}
        self._names = [step.name for step in self.trace]
        self.code = ipywidgets.Select(
            options=[(_entry(line), line.number) for line in self.lines],
            value=self._line_of[self._names[0]].number,
            rows=_ROWS,
            description=texts.CODE_LIST_LABEL,
            layout={"width": "100%"},
        )
        self.code.add_class("unetviz-code")
        self.line = ipywidgets.HTML()
        self.view = UView()
        self.view.show(self.trace, self._names)
        self.view.revealed = len(self._names) - 1
        # The U right below the code: both are seen at once, and the words below move neither.
        super().__init__([ipywidgets.HTML(_STYLE), self.code, self.view, self.line])
        self._shown = self.view.step
        self._choose()
        self.code.observe(self.guarded(self._choose), names="value")
        self.view.observe(self.guarded(self._pick), names="step")

    @property
    def chosen(self) -> CodeLine:
        """The line in hand."""
        return self.lines[self.code.value - 1]

    def _choose(self, _: Any = None) -> None:
        """Show what the chosen line computes, unless that is where the click was."""
        line = self.chosen
        self.line.value = f"<pre style='{_LINE_STYLE}'>{escape(line.text.strip()) or ' '}</pre>"
        self.say("neutral", self._sentences(line))
        clicked = self.view.step in range(len(self._names))
        if not (clicked and self._names[self.view.step] in line.steps):
            self._shown = self._place(line)
            self.view.step = self._shown

    def _place(self, line: CodeLine) -> int:
        """Index of the last step that is computed when a line has run.

        Before the first step it is -1; behind the last line with a map it is one too many: then
        no map is marked, and none or all are drawn in full.
        """
        done = [line.number for line in self.lines[: line.number] if line.steps]
        known = [name for number in done for name in self.lines[number - 1].steps]
        if len(known) == len(self._names) and not line.steps:
            return len(self._names)
        return self._names.index(known[-1]) if known else -1

    def _pick(self, change: Any) -> None:
        """Choose the line that computes the map that was clicked on."""
        # An empty line marks the map before it: that is no click.
        if change.new != self._shown and 0 <= change.new < len(self._names):
            self._shown = change.new
            self.code.value = self._line_of[self._names[change.new]].number

    def _sentences(self, line: CodeLine) -> list[str]:
        if not line.steps:
            head = texts.LINE_MAKES_NOTHING.format(number=line.number)
            return [head, *_statement(line.text), *_fixed(line.text)]
        names = texts.LINE_AND.join(line.steps)
        sentences = [texts.LINE_MAKES.format(number=line.number, steps=names)]
        for name in line.steps:
            step = self.trace[name]
            sentences += [_facts(step), *_remarks(step)]
        return sentences

    def table(self) -> Table:
        """Return the lines of the code with their steps, shapes and parameters."""
        rows = [self._row(line) for line in self.lines if line.text.strip()]
        rows.append(("", texts.CODE_TOTAL, "", "", f"{self.trace.params:,}"))
        return Table(texts.CODE_COLUMNS, tuple(rows), frozenset({0, 4}))

    def _row(self, line: CodeLine) -> tuple[str, ...]:
        steps = [self.trace[name] for name in line.steps]
        shapes = "\n".join(_shapes(step) for step in steps)
        params = "\n".join(f"{step.params:,}" for step in steps)
        return str(line.number), line.text.strip(), "\n".join(line.steps), shapes, params

    def as_markdown(self) -> str:
        """Return the lines of the code with their steps, shapes and parameters as a table."""
        return self.table().as_markdown()

    def still(self) -> Drawing:
        """Return the drawing of the U."""
        return draw_unet(self.trace)


def _entry(line: CodeLine) -> str:
    """A line for the list, which would leave out spaces at the beginning."""
    text = line.text.expandtabs(_TAB).rstrip()
    inner = text.lstrip()
    indent = "\u00a0" * (len(text) - len(inner))
    return f"{line.number:\u00a0>2}\u00a0\u00a0{indent}{inner}"


def _shapes(step: Step) -> str:
    out = shape_text(step.out_shape)
    incoming = " + ".join(map(shape_text, step.in_shapes))
    return texts.CODE_SHAPES.format(incoming=incoming, out=out) if incoming else out


def _facts(step: Step) -> str:
    incoming = " + ".join(map(shape_text, step.in_shapes))
    sentence = texts.LINE_STEP if incoming else texts.LINE_SOURCE
    return sentence.format(
        step=step.name,
        label=step.label,
        reason=step.reason,
        incoming=incoming,
        out=shape_text(step.out_shape),
        params=step.params,
    )


def _remarks(step: Step) -> list[str]:
    """What else is to be known about a step."""
    arguments = step.operation.keras()[1]
    remarks = [_KINDS[step.kind]] if step.kind in _KINDS else []
    if step.kind == "concat":
        remarks.insert(0, texts.LINE_TAKES.format(names=texts.LINE_AND.join(step.inputs)))
    if step.kind == "dropout":
        remarks.append(texts.LINE_DROPOUT.format(kept=1 - arguments["rate"]))
    if step.side == "head" and step.kind == "conv":
        remarks.append(texts.LINE_NARROW)
    if arguments.get("kernel_initializer") == "he_normal":
        inputs = prod(step.operation.kernel) * step.in_shapes[0][2]
        remarks.append(texts.LINE_HE_NORMAL.format(inputs=inputs, deviation=sqrt(2 / inputs)))
    return remarks


def _statement(text: str) -> list[str]:
    """What a line without a map does."""
    text = text.strip()
    if not text:
        return [texts.LINE_EMPTY]
    does = [words for start, words in _STATEMENTS if text.startswith(start)]
    return [does[0] if does else texts.LINE_OTHER, *(w for part, w in _ARGUMENTS if part in text)]


def _fixed(text: str) -> list[str]:
    """What the document prints in place of this line."""
    sentences = []
    for fix in FIXES:
        if text.strip() and text in fix.fixed.splitlines()[:-1]:
            sentences.append(texts.LINE_IMPORTED.format(why=fix.why))
        elif fix.fixed in text:
            sentences.append(texts.LINE_PRINTED.format(printed=fix.printed, why=fix.why))
    return sentences
