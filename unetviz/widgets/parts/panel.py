"""What all explorers share: a note, callbacks that cannot fail silently, a page without kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from html import escape
from threading import RLock
from typing import Any

import ipywidgets
from traitlets import TraitError

from unetviz.draw.drawing import Drawing
from unetviz.geometry.tables.table import escaped

from .part import Part, knowing

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


class Note(ipywidgets.HTML):
    """What a panel says at present.

    Attributes
    ----------
    described : tuple of str
        Sentences about what is shown now; a refusal is none of them.
    """

    described: tuple[str, ...] = ()

    def as_markdown(self) -> str:
        """Return the sentences about what is shown now."""
        return "\n\n".join(map(escaped, self.described))


class Panel(Part):
    """An explorer: its parts, and a note; where no kernel runs, what the parts know of themselves.

    Parameters
    ----------
    children : list of Widget
        What it consists of besides its note.
    note_at : int, optional
        How many of them stand above the note; all, unless what follows is so tall that nobody
        would see it there.
    """

    def __init__(self, children: list[ipywidgets.Widget], note_at: int | None = None):
        self.note = Note()
        self._lock = RLock()
        above = len(children) if note_at is None else note_at
        super().__init__([*children[:above], self.note, *children[above:]])

    @property
    def described(self) -> tuple[str, ...]:
        """Sentences about what is shown now; a refusal is none of them."""
        return self.note.described

    @contextmanager
    def changing_itself(self) -> Iterator[None]:
        """Set own widgets; a choice that comes in another thread meanwhile waits for its turn."""
        with self._lock, super().changing_itself():
            yield

    def guarded(self, callback: Callable[..., None]) -> Callable[..., None]:
        """Wrap a callback so that it hears of choices only, and what goes wrong in it is shown.

        Jupyter hides exceptions of callbacks from the person who clicked. It may also call two of
        them at once, in two threads; one panel runs them one after the other.

        A `ValueError` is how all layers refuse something: its sentence is for the person. Anything
        else is a fault of the program, and named as such. In both cases the control that was
        changed goes back to what is shown, so that the next choice begins from there.
        """

        @wraps(callback)
        def run(*arguments: Any) -> None:
            with self._lock:
                if self.is_changing_itself:
                    return
                try:
                    callback(*arguments)
                except ValueError as error:
                    self._take_back(*arguments)
                    self.refuse(error)
                except Exception as error:
                    self._take_back(*arguments)
                    self._show_fault(error)

        return run

    def _take_back(self, change: Any = None, *_: Any) -> None:
        """Let a control say again what it said before a change; what views tell stays."""
        owner = getattr(change, "owner", None)
        if not isinstance(owner, ipywidgets.ValueWidget) or change.name != "value":
            return
        if owner.value == change.new:  # else it was set on, in another thread
            # What a list held before may have left it meanwhile.
            with self.changing_itself(), suppress(TraitError):
                owner.value = change.old

    def _show_fault(self, error: Exception) -> None:
        self.note.value = note(
            "wrong",
            "This should not happen: {kind}: {error}. What was shown before is still valid.".format(
                kind=type(error).__name__, error=_without_full_stop(error)
            ),
        )

    def say(self, kind: str, sentences: Sequence[str]) -> None:
        """Show a sentence and others below it; `kind` as in `note`."""
        first, *others = sentences
        self.note.value = note(kind, first, tuple(others))

    def describe(self, kind: str, sentences: Sequence[str]) -> None:
        """Show sentences about what is shown now; `as_markdown` returns them too."""
        self.note.described = tuple(sentences)
        self.say(kind, sentences)

    def refuse(self, error: Exception) -> None:
        """Say that a choice does not work; what was shown stays."""
        words = "This does not work: {error}. What was shown before is still shown."
        self.say("wrong", [words.format(error=_without_full_stop(error))])

    def caption(self) -> str:
        """Return a sentence that names what is shown; by default none, as the note says it."""
        return ""

    def as_markdown(self) -> str:
        """Return what the panel shows, as markdown: its caption, and what its parts know."""
        return "\n\n".join(filter(None, (escaped(self.caption()), super().as_markdown())))

    def still(self) -> Drawing | None:
        """Return an image of what the panel shows: of its first part that has one, if any."""
        caption = next(filter(None, (self.caption(), *self.described)), "")
        return next((view.still(caption) for view in knowing(self, "still")), None)

    def _repr_mimebundle_(self, **keywords: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = super()._repr_mimebundle_(**keywords) or {}
        bundle |= {"text/markdown": self.as_markdown()}
        drawing = self.still()
        if drawing is None:
            return bundle, {}
        image, metadata = drawing._repr_mimebundle_()
        return bundle | {kind: image[kind] for kind in image if kind.startswith("image/")}, metadata


def _without_full_stop(error: Exception) -> str:
    return str(error).rstrip(".")
