"""The frame of every explorer of small matrices: an example, made anew as its controls say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets

from ..views.grid.view import Grid, GridView, Link
from .controls import row
from .panel import Panel


@dataclass(frozen=True, eq=False)
class GridExample:
    """Small matrices and what is said about them.

    Attributes
    ----------
    grids : sequence of Grid
        The matrices, from left to right.
    links : sequence of Link
        Which cells make a result. Those whose weights are numbers give it: cells times weights,
        added.
    sentences : sequence of str
        What is said about each cell of `main`.
    remarks : sequence of str
        What is said about the whole.
    main : str
        Name of the matrix that is stepped through.
    """

    grids: Sequence[Grid]
    links: Sequence[Link]
    sentences: Sequence[str]
    remarks: Sequence[str]
    main: str = "out"

    def show_in(self, view: GridView) -> None:
        """Show the matrices in a view."""
        view.show(self.grids, self.links, self.main, self.sentences)


class GridExplorer(Panel):
    """One example of small matrices, with ordinary controls above it.

    Parameters
    ----------
    example : callable
        Called without arguments at the beginning and after every choice: returns the `GridExample`
        that belongs to what the controls say.
    label : str
        What a screen reader says of the matrices.
    controls : sequence of Widget
        Those above the matrices; buttons are connected by whoever makes them.
    note_at : int, optional
        As `Panel` takes it.

    Attributes
    ----------
    example : GridExample
        What is shown.
    """

    def __init__(
        self,
        example: Callable[[], GridExample],
        label: str,
        controls: Sequence[ipywidgets.Widget] = (),
        note_at: int | None = None,
    ):
        self._make = example
        self.view = GridView(label=label)
        super().__init__([*([row(*controls)] if controls else []), self.view], note_at)
        self._show()
        for control in controls:
            if isinstance(control, ipywidgets.ValueWidget):
                control.observe(self.guarded(self._show), names="value")

    def _show(self, _: Any = None) -> None:
        self.example = self._make()
        self.example.show_in(self.view)
        self.describe("neutral", self.example.remarks)
