"""The document's code line by line, beside the map of the U that each line computes."""

from __future__ import annotations

from html import escape
from math import prod, sqrt
from typing import Any

import ipywidgets

from unetviz.geometry.graph import Step
from unetviz.geometry.ops import Convolution, Dropout
from unetviz.geometry.specs.unet import DOCUMENT
from unetviz.geometry.tables.steps import shape_text
from unetviz.geometry.tables.table import Table
from unetviz.geometry.trace import trace
from unetviz.nets.lessons.code_walk import CodeLine, walk_code
from unetviz.nets.lessons.printed_code import FIXES, fixed_code

from ...parts.panel import Panel
from ...views.u.view import UView

_LINE_IMPORT = "It fetches names from Keras: model, layers, optimizer."
_LINE_IF = "Only where a file of weights was given does the next line run."
_CODE_COLUMNS = ("line", "code", "steps", "in \u2192 out", "parameters")

_ROWS = 9
_TAB = 4
# A list takes its letters from the browser's settings: code needs letters of one width. Lines too
# long for an output of a notebook can be moved sideways; the chosen one is shown in full below.
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
    (
        "def ",
        (
            "The function takes a file of trained weights, or none, and the shape of one "
            "image: height, width, channels. How many images come at a time stays open."
        ),
    ),
    ("from ", _LINE_IMPORT),
    ("import ", _LINE_IMPORT),
    (
        "model = Model(",
        (
            "It names the two ends. Keras follows the notes of each map back from the output "
            "to the input and so finds every layer in between."
        ),
    ),
    ("model.compile(", "It computes nothing yet: it says how the network is to be trained."),
    ("if(", _LINE_IF),
    ("if ", _LINE_IF),
    (
        "model.load_weights(",
        (
            "It replaces the random first weights by trained ones from a file. They must come "
            "from a network with the same layers."
        ),
    ),
    ("return", "The compiled network is handed to whoever called the function."),
    ("#", "A comment: Python skips it."),
)
"""What a line without a map does, by how it begins."""
_ARGUMENTS = (
    (
        "Adam(",
        (
            "Adam is gradient descent with a step of its own for each weight, from running "
            "means of its gradients and of their squares. The learning rate, 1e-4, is roughly "
            "how far a weight moves in one step. The paper used gradient descent with "
            "momentum 0.99."
        ),
    ),
    (
        "binary_crossentropy",
        (
            "The loss of a pixel with probability p is -log p where the mask is 1 and -log(1 "
            "- p) where it is 0; the loss is the mean over all pixels. A softmax over two "
            "classes with cross-entropy gives the same."
        ),
    ),
    (
        "'accuracy'",
        (
            "Accuracy is the share of pixels on the right side of 0.5. It can mislead: where "
            "9 of 10 pixels are background, an empty mask reaches 0.9."
        ),
    ),
)
_KINDS = {
    "input": (
        "No image yet: a placeholder that knows only its shape. Each layer that is called below "
        "notes what it was given; so the network becomes known without computing a number."
    ),
    "pool": "It has no weights. Half the height and width: a quarter of the numbers.",
    "upsample": (
        "Two layers in one line, the inner one first. The paper has one transposed "
        "convolution here. A 2x2 window has no middle: its one row and column of zeros are at "
        "the bottom and right."
    ),
    "concat": (
        "axis = 3 are the channels; 0 counts images, 1 rows, 2 columns. This is the skip. "
        "Nothing is cropped, because with same padding both maps have the same size."
    ),
    "head": (
        "The sigmoid, 1 / (1 + exp(-x)), gives one map: the probability of foreground. The "
        "paper has two maps and a softmax. For two classes that is the same: the softmax of "
        "scores a and b gives the second class the sigmoid of b - a. Without "
        "kernel_initializer Keras takes glorot_uniform."
    ),
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
            description="Lines of the code; a click chooses one.",
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
        self._show_line()
        self.code.observe(self.guarded(self._show_line), names="value")
        self.view.observe(self.guarded(self._choose_in_drawing), names="step")

    @property
    def chosen(self) -> CodeLine:
        """The chosen line."""
        return self.lines[self.code.value - 1]

    def _show_line(self, _: Any = None) -> None:
        """Show what the chosen line computes, unless that is where the click was."""
        line = self.chosen
        sentences = self._sentences(line)
        self.line.value = f"<pre style='{_LINE_STYLE}'>{escape(line.text.strip()) or ' '}</pre>"
        self.describe("neutral", sentences)
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

    def _choose_in_drawing(self, change: Any) -> None:
        """Choose the line that computes the map that was clicked on."""
        # An empty line marks the map before it: that is no click.
        if change.new != self._shown and 0 <= change.new < len(self._names):
            self._shown = change.new
            self.code.value = self._line_of[self._names[change.new]].number

    def _sentences(self, line: CodeLine) -> list[str]:
        if not line.steps:
            head = "Line {number} computes no map.".format(number=line.number)
            return [head, *_statement(line.text), *_fixed(line.text)]
        names = " and ".join(line.steps)
        sentences = ["Line {number} computes {steps}.".format(number=line.number, steps=names)]
        for name in line.steps:
            step = self.trace[name]
            sentences += [_facts(step), *_remarks(step)]
        return sentences

    def table(self) -> Table:
        """Return the lines of the code with their steps, shapes and parameters."""
        rows = [self._row(line) for line in self.lines if line.text.strip()]
        rows.append(("", "all", "", "", f"{self.trace.params:,}"))
        return Table(_CODE_COLUMNS, tuple(rows), frozenset({0, 4}))

    def _row(self, line: CodeLine) -> tuple[str, ...]:
        steps = [self.trace[name] for name in line.steps]
        shapes = "\n".join(_shapes(step) for step in steps)
        params = "\n".join(f"{step.params:,}" for step in steps)
        return str(line.number), line.text.strip(), "\n".join(line.steps), shapes, params

    def as_markdown(self) -> str:
        """Return the lines of the code with their steps, shapes and parameters as a table."""
        return self.table().as_markdown()


def _entry(line: CodeLine) -> str:
    """A line for the list, which would leave out spaces at the beginning."""
    text = line.text.expandtabs(_TAB).rstrip()
    inner = text.lstrip()
    indent = "\u00a0" * (len(text) - len(inner))
    return f"{line.number:\u00a0>2}\u00a0\u00a0{indent}{inner}"


def _shapes(step: Step) -> str:
    out = shape_text(step.out_shape)
    incoming = " + ".join(map(shape_text, step.in_shapes))
    return "{incoming} \u2192 {out}".format(incoming=incoming, out=out) if incoming else out


def _facts(step: Step) -> str:
    incoming = " + ".join(map(shape_text, step.in_shapes))
    sentence = (
        "{step}, {label}: {reason} {incoming} \u2192 {out}; {params:,} parameters."
        if incoming
        else "{step}, {label}: {reason} {params:,} parameters."
    )
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
        remarks.insert(0, "It takes the maps of {names}.".format(names=" and ".join(step.inputs)))
    if isinstance(step.operation, Dropout):
        remarks.append(
            (
                "While training the numbers that stay are divided by {kept:g}, so that their "
                "mean stays the same; each number is drawn on its own, not whole channels. In "
                "use the layer changes nothing."
            ).format(kept=1 - step.operation.rate)
        )
    if step.side == "head" and step.kind == "conv":
        remarks.append(
            "Only 2 filters, with ReLU: all that is learned must pass through 2 maps. A "
            "filter whose map is 0 everywhere passes nothing on. If both are like that, "
            "the layers before learn nothing. The paper has no such layer."
        )
    if (
        isinstance(step.operation, Convolution)
        and arguments.get("kernel_initializer") == "he_normal"
    ):
        inputs = prod(step.operation.kernel) * step.in_shapes[0][2]
        remarks.append(
            (
                "he_normal: the first weights are random, with mean 0 and standard deviation "
                "sqrt(2 / n). Each filter sums n = {inputs:,} numbers here, so "
                "{deviation:.3f}. Then the maps keep their scale through many ReLUs. The "
                "biases begin at 0."
            ).format(inputs=inputs, deviation=sqrt(2 / inputs))
        )
    return remarks


def _statement(text: str) -> list[str]:
    """What a line without a map does."""
    text = text.strip()
    if not text:
        return ["An empty line: it only parts what belongs together."]
    does = [words for start, words in _STATEMENTS if text.startswith(start)]
    return [
        does[0] if does else "It prepares what other lines use.",
        *(w for part, w in _ARGUMENTS if part in text),
    ]


def _fixed(text: str) -> list[str]:
    """What the document prints in place of this line."""
    sentences = []
    for fix in FIXES:
        if text.strip() and text in fix.fixed.splitlines()[:-1]:
            sentences.append("The document does not print this line. {why}".format(why=fix.why))
        elif fix.fixed in text:
            sentences.append(
                "The document prints {printed} here. {why}".format(printed=fix.printed, why=fix.why)
            )
    return sentences
