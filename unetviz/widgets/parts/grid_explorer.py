"""The frame of every explorer of small matrices: an example, made anew as its controls say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets
import numpy as np

from unetviz.geometry.links import forward_links
from unetviz.geometry.ops import Operation

from ..views.grid.view import Grid, GridView, Link, Weights
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


def cell_weights(
    operation: Operation, values: np.ndarray, kernel: np.ndarray | None = None
) -> Weights:
    """Return what makes every number of an output, by the operation's own links.

    Parameters
    ----------
    operation : Operation
        A step of one channel.
    values : array of shape (h, w)
        What goes in.
    kernel : array of shape (k, k), optional
        Its weights, if it has any.

    Examples
    --------
    >>> from unetviz.geometry.ops import AveragePooling
    >>> cell_weights(AveragePooling((1, 2), (1, 2)), np.array([[8, 4]]))
    {(0, 0): [((0, 0), 0.5), ((0, 1), 0.5)]}
    """
    weights = None if kernel is None else kernel[..., np.newaxis, np.newaxis]
    links = forward_links(operation, values[..., np.newaxis], kernel=weights)
    return {
        place[:2]: [(source[:2], weight) for _, source, weight in sources]
        for place, sources in links.items()
    }


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
