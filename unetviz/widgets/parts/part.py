"""What parts and panels share: they set their own widgets, and know what those show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

import ipywidgets


class Part(ipywidgets.VBox):
    """Widgets that belong together, some of which are set by what is chosen in others.

    A widget tells of every new value, whoever set it. So a part says when it changes itself, and
    callbacks that wait for a person's choice do nothing meanwhile.

    Parameters
    ----------
    children : sequence of Widget
        What it consists of.
    **traits
        First values of its traits.

    See Also
    --------
    Panel : a part with a note, whose callbacks cannot fail silently.
    """

    def __init__(self, children: Sequence[ipywidgets.Widget] = (), **traits: Any):
        # Counted, because one change of this kind may lead to another.
        self._own_changes = 0
        super().__init__(list(children), **traits)

    @property
    def is_changing_itself(self) -> bool:
        """Whether its widgets are being set by the part itself."""
        return self._own_changes > 0

    @contextmanager
    def changing_itself(self) -> Iterator[None]:
        """Set widgets of this part; whatever happens, the next choice of a person is heard again.

        Examples
        --------
        >>> part, heard = Part([ipywidgets.IntText()]), []
        >>> choose = part.unless_changing_itself(heard.append)
        >>> with part.changing_itself():
        ...     choose("set by the part")
        >>> choose("chosen by a person")
        >>> heard
        ['chosen by a person']
        """
        self._own_changes += 1
        try:
            yield
        finally:
            self._own_changes -= 1

    def unless_changing_itself(self, callback: Callable[..., None]) -> Callable[..., None]:
        """Wrap a callback so that it hears of choices only, not of what the part sets itself."""

        @wraps(callback)
        def choose(*arguments: Any) -> None:
            if not self.is_changing_itself:
                callback(*arguments)

        return choose

    def as_markdown(self) -> str:
        """Return what its widgets show, as markdown: those that know it, in their order."""
        return "\n\n".join(
            filter(None, (one.as_markdown() for one in knowing(self, "as_markdown")))
        )


def knowing(widget: ipywidgets.Widget, method: str) -> Iterator[Any]:
    """Yield the widgets inside of one that have a method, but none that is inside of those.

    Parameters
    ----------
    widget : Widget
        What is looked through, in the order of the page.
    method : str
        ``"as_markdown"`` of what can be told in words and tables, ``"still"`` of what is a picture.
    """
    for child in getattr(widget, "children", ()):
        yield from [child] if hasattr(child, method) else knowing(child, method)
