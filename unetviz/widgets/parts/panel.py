"""What all explorers share: callbacks that cannot fail silently, and a twin without a kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from html import escape
from threading import RLock
from typing import Any

import ipywidgets

from unetviz.draw.drawing import Drawing

_COLOURS = {
    "good": "var(--jp-success-color1, #2e7d32)",
    "warning": "var(--jp-warn-color1, #b26a00)",
    "wrong": "var(--jp-error-color1, #c62828)",
    "neutral": "var(--jp-border-color1, #888888)",
}
_SIGNS = {"good": "\u2713 ", "warning": "! ", "wrong": "\u2717 ", "neutral": ""}


def note(kind: str, sentence: str, lines: tuple[str, ...] = ()) -> str:
    """Return a sentence and further lines as HTML, with a coloured edge and a sign.

    Parameters
    ----------
    kind : str
        ``"good"``, ``"warning"``, ``"wrong"`` or ``"neutral"``.
    sentence : str
        Text; it is escaped here.
    lines : tuple of str
        Paragraphs below it; they are escaped too.
    """
    paragraphs = "".join(f"<p style='margin:4px 0 0 0'>{escape(line)}</p>" for line in lines)
    return (
        f"<div role='status' style='border-left:4px solid {_COLOURS[kind]};padding:2px 10px;"
        "max-width:800px;line-height:1.45;color:var(--jp-content-font-color1,inherit)'>"
        f"<b>{_SIGNS[kind]}{escape(sentence)}</b>{paragraphs}</div>"
    )


class Panel(ipywidgets.VBox):
    """An explorer: controls, a note below them, and a table where no kernel runs.

    Parameters
    ----------
    children : list of Widget
        What it consists of besides its note.
    note_at : int, optional
        How many of them stand above the note; all, unless what follows is so tall that nobody
        would see it there.
    """

    def __init__(self, children: list[ipywidgets.Widget], note_at: int | None = None):
        self.note = ipywidgets.HTML()
        self._lock = RLock()
        above = len(children) if note_at is None else note_at
        super().__init__([*children[:above], self.note, *children[above:]])

    def guarded(self, callback: Callable[..., None]) -> Callable[..., None]:
        """Wrap a callback so that what goes wrong in it is shown in the panel.

        Jupyter hides exceptions of callbacks from the person who clicked. It may also call two of
        them at once, in two threads; one panel runs them one after the other.
        """

        @wraps(callback)
        def run(*arguments: Any) -> None:
            try:
                with self._lock:
                    callback(*arguments)
            except Exception as error:
                what = f"{type(error).__name__}: {error}"
                self.note.value = note(
                    "wrong",
                    "This should not happen: {error}. What was shown before is still valid.".format(
                        error=what
                    ),
                )

        return run

    def say(self, kind: str, sentences: Sequence[str]) -> None:
        """Show a sentence and others below it; `kind` as in `note`."""
        first, *others = sentences
        self.note.value = note(kind, first, tuple(others))

    def refuse(self, error: Exception) -> None:
        """Say that a choice does not work; what was shown stays."""
        words = "This does not work: {error}. The images still show the result before."
        self.say("wrong", [words.format(error=error)])

    def as_markdown(self) -> str:
        """Return what the panel shows, as markdown."""
        raise NotImplementedError

    def still(self) -> Drawing | None:
        """Return an image of what the panel shows, for where no kernel runs; None for none."""
        return None

    def _repr_mimebundle_(self, **keywords: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = super()._repr_mimebundle_(**keywords) or {}
        bundle |= {"text/markdown": self.as_markdown()}
        drawing = self.still()
        if drawing is None:
            return bundle, {}
        image, metadata = drawing._repr_mimebundle_()
        return bundle | {kind: image[kind] for kind in image if kind.startswith("image/")}, metadata
