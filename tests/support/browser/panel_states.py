"""In the kernel: what a panel shows, as plain data, beside a fresh panel in the same state.

The notebook that plays with the panels imports this file.
"""

import contextlib
import hashlib
import json
import logging
from html import escape
from itertools import zip_longest
from pathlib import Path
from unittest.mock import patch

import ipywidgets

from support.browser.network_cases import NETWORK_CASES
from support.browser.panel_cases import PLAIN_CASES
from unetviz.widgets.parts.long_work import LongWork

KINDS = (
    "UView",
    "ImageView",
    "GridView",
    "StepControl",
    "BoundedIntText",
    "Text",
    "Dropdown",
    "Select",
    "Checkbox",
    "Button",
    "ToggleButton",
    "HTML",
)
"""What is looked for on the page, each kind in the order in which it stands there."""
UNSEEN = {"layout", "style", "children", "tabbable", "tooltip", "edited", "content", "picked"}
MARKED = ("display", "visibility")


def parts(widget):
    """A widget and all widgets in it, in the order in which they stand on the page."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def shown(widget):
    """Everything about a widget that a person sees, as plain data."""
    names = [n for n in widget.keys if n == "_options_labels" or n[0] != "_"]
    values = {n: plain(getattr(widget, n)) for n in sorted(names) if n not in UNSEEN}
    values |= {n: getattr(widget.layout, n, None) for n in MARKED if hasattr(widget, "layout")}
    classes = [one.__name__ for one in type(widget).mro()]
    values["kind"] = next((kind for kind in KINDS if kind in classes), classes[0])
    return values


def plain(value):
    """A value as JSON would give it back; of an image a short name."""
    if isinstance(value, (bytes, memoryview)):
        return hashlib.sha256(bytes(value)).hexdigest()
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def seen(widget):
    """What is shown of a widget and of all in it; of what is hidden only that."""
    if getattr(widget.layout, "display", None) == "none":
        yield {"kind": "hidden"}
        return
    yield shown(widget)
    for child in getattr(widget, "children", ()):
        yield from seen(child)


def differences(used, fresh):
    """Sentences about what two panels show differently."""
    for one, other in zip_longest(seen(used), seen(fresh), fillvalue={"kind": "nothing"}):
        if one["kind"] != other["kind"]:
            yield f"{one['kind']} afresh is {other['kind']}"
            return
        for name in one:
            if one[name] != other.get(name):
                yield f"{one['kind']} {name}: {short(one[name])}; afresh {short(other.get(name))}"


def short(value):
    text = json.dumps(value, default=str)
    return text if len(text) < 400 else f"{text[:400]}..."


class Faults(logging.Handler):
    """Errors that the kernel only writes into its log."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.told = []

    def emit(self, record):
        self.told.append(f"log: {self.format(record)[-1500:]}")


class Probe(ipywidgets.VBox):
    """Questions about the panel in hand; they come as a widget's messages, behind the clicks.

    A question is a number and a word: "state" asks for a short name of everything that is shown,
    "check" for all that is wrong and for what the page must show.
    """

    def __init__(self):
        self.ask = ipywidgets.Text(description="probe")
        self.reply = ipywidgets.HTML(layout={"display": "none"})
        self.reply.add_class("probe-reply")
        super().__init__([self.ask, self.reply])
        self.faults = Faults()
        for name in ("", "traitlets", "asyncio", "IPKernelApp"):
            logging.getLogger(name).addHandler(self.faults)
        get_ipython().kernel.log.addHandler(self.faults)  # noqa: F821 IPython has it
        self.ask.observe(self._answer, names="value")

    def use(self, name):
        """Make a panel and return it."""
        self.case = (PLAIN_CASES | NETWORK_CASES)[name]()
        self.panel = self.case.make()
        return self.panel

    def _answer(self, change):
        number, what = change.new.split()
        try:
            answer = {"state": self._state, "check": self._check}[what]()
        except Exception as error:
            answer = {"faults": [f"the check itself: {type(error).__name__}: {error}"]}
        answer["number"] = int(number)
        self.reply.value = escape(json.dumps(answer, default=str))

    def _state(self):
        found = [shown(part) for part in parts(self.panel)]
        digest = hashlib.sha256(json.dumps(found, default=str).encode()).hexdigest()
        works = [part for part in parts(self.panel) if isinstance(part, LongWork)]
        return {"digest": digest, "busy": any(work.is_busy for work in works)}

    def _check(self):
        faults = list(self.faults.told)
        self.faults.told.clear()
        note = self.panel.note.value
        is_refused = "This does not work" in note and not self.case.may_refuse
        if "should not happen" in note or is_refused:
            faults.append(f"note: {note}")
        # The fresh panel is not sent to the browser.
        with patch.object(ipywidgets.Widget, "open"):
            fresh = self.case.again(self.panel)
        if fresh is not None:
            faults += [f"not as afresh: {one}" for one in differences(self.panel, fresh)]
        words = []
        try:
            self.case.check(self.panel)
            words = [word for word in self.case.words(self.panel) if word]
        except AssertionError as error:
            faults.append(f"not true: {where(error)}")
        found = [shown(part) for part in parts(self.panel)]
        return {"faults": faults, "words": words, "parts": found}


def where(error):
    """The assertion that failed, with its line."""
    line = error.__traceback__
    while line.tb_next:
        line = line.tb_next
    name = line.tb_frame.f_code.co_name
    with contextlib.suppress(OSError):
        lines = Path(line.tb_frame.f_code.co_filename).read_text("utf-8").splitlines()
        return f"{name}, line {line.tb_lineno}: {lines[line.tb_lineno - 1].strip()} {error}"
    return f"{name}: {error}"
