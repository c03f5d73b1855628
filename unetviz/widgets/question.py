"""A question that is answered before the image is seen, and checked at once."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets

from unetviz.geometry.tables.table import escaped

from .parts.controls import NAMED, row
from .parts.panel import Panel, note


class Question(Panel):
    """Ask for a number or a word; a wrong answer gets a hint, a second one the answer.

    Parameters
    ----------
    prompt : str
        The question.
    answer : int or str
        What is right; best taken from a trace. Words are compared without regard to case.
    hint : str
        A sentence that helps after the first wrong answer.
    reason : str
        Why the answer is right, shown with it.

    Attributes
    ----------
    tries : int
        Answers given so far that could be read.
    solved : bool or None
        True after a right answer, False once the answer was shown, None before.

    Raises
    ------
    ValueError
        If a text is empty, or `answer` is neither a whole number nor a word.
    """

    def __init__(self, prompt: str, answer: int | str, hint: str, reason: str):
        for name, text in {"prompt": prompt, "hint": hint, "reason": reason}.items():
            if not isinstance(text, str) or not text.strip():
                raise ValueError(f"{name} must be a sentence, not {text!r}")
        answer = answer.item() if hasattr(answer, "item") else answer  # a number of NumPy's
        if isinstance(answer, bool) or not isinstance(answer, (int, str)) or answer == "":
            raise ValueError(f"answer must be a whole number or a word, not {answer!r}")
        self.prompt, self.answer, self.hint, self.reason = prompt, answer, hint, reason
        self.tries = 0
        self._last: str | None = None
        self.solved: bool | None = None
        self.given = ipywidgets.Text(
            description="Your answer",
            style=NAMED,
            layout={"width": "220px"},
        )
        self.check = ipywidgets.Button(description="Check", layout={"width": "90px"})
        self.show = ipywidgets.Button(
            description="Show the answer", disabled=True, layout={"width": "140px"}
        )
        asked = f"<div style='line-height:1.45'><b>{escape(prompt)}</b></div>"
        super().__init__([ipywidgets.HTML(asked), row(self.given, self.check, self.show)])
        self.check.on_click(self.guarded(self._check))
        self.show.on_click(self.guarded(self._show_answer))
        # Enter in the box is the same as a click on the button.
        self.given.continuous_update = False
        self.given.observe(self.guarded(self._check), names="value")

    def _check(self, _: Any = None) -> None:
        given = self.given.value.strip()
        if self.solved is not None or given == self._last:
            return  # leaving the box and clicking the button are one and the same try
        if not self._readable(given):
            asked = (
                "Type a whole number, such as 64."
                if isinstance(self.answer, int)
                else "Type an answer first."
            )
            self.note.value = note("neutral", asked)
            return
        self.tries += 1
        self._last = given
        if self._is_right(given):
            self._end(True, "good", "{answer} is right.".format(answer=self.answer))
        elif self.tries == 1:
            self.show.disabled = False
            self.note.value = note(
                "warning", "{given} is not it. A hint: {hint}".format(given=given, hint=self.hint)
            )
        else:
            again = "{given} is not it either. The answer is {answer}.".format(
                given=given, answer=self.answer
            )
            self._end(False, "wrong", again)

    def _show_answer(self, _: Any = None) -> None:
        if self.solved is None:
            self._end(False, "neutral", "The answer is {answer}.".format(answer=self.answer))

    def _end(self, solved: bool, kind: str, sentence: str) -> None:
        self.solved = solved
        self.check.disabled = self.show.disabled = self.given.disabled = True
        self.note.value = note(kind, sentence, (self.reason,))

    def _readable(self, given: str) -> bool:
        if isinstance(self.answer, str):
            return bool(given)
        digits = given.replace(",", "").removeprefix("-")
        return digits.isascii() and digits.isdigit()

    def _is_right(self, given: str) -> bool:
        if isinstance(self.answer, str):
            return given.casefold() == self.answer.casefold()
        return int(given.replace(",", "")) == self.answer

    def as_markdown(self) -> str:
        """Return the question without its answer."""
        return f"**{escaped(self.prompt)}**"
