"""A step in small: a few whole numbers, forward along the links of its operation, and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from unetviz.geometry.links import Links, forward_links
from unetviz.geometry.ops import Operation
from unetviz.labs.backprop.links import backward, forward

from ...views.grid.view import Grid, Link, Weights

Cell = tuple[int, int]
"""Row and column in a grid."""
_NUMBERS = (-3, -2, -1, 1, 2, 3)
"""What is drawn: without 0, so that every 0 that is shown was made by a rule."""


def drawn(random: np.random.Generator, *shape: int) -> np.ndarray:
    """Return small whole numbers other than 0."""
    return random.choice(_NUMBERS, shape)


@dataclass(frozen=True)
class SmallStep:
    """A step in small: its numbers, the gradient that arrives, and its way back.

    Maps that are one pixel wide are shown with a row for each pixel and a column for each channel;
    others have one channel.

    Attributes
    ----------
    operation : Operation
        What the step does.
    inputs : tuple of array of shape (h, w, c)
        What goes in.
    random : numpy.random.Generator
        Draws the gradient that arrives, when it is first asked for.
    kernel, slopes : array, optional
        As `forward_links` takes them.
    """

    operation: Operation
    inputs: tuple[np.ndarray, ...]
    random: np.random.Generator
    kernel: Any = None
    slopes: np.ndarray | None = None

    @cached_property
    def links(self) -> Links:
        """The sources of every number of the output."""
        return self._linked(self.kernel)

    @cached_property
    def output(self) -> np.ndarray:
        """What comes out, as the matrix that is shown."""
        return self.matrix(forward(self.links, self.inputs))

    @cached_property
    def arrived(self) -> np.ndarray:
        """The gradient of the output: small whole numbers, drawn once."""
        return drawn(self.random, *forward(self.links, self.inputs).shape)

    @property
    def gradient(self) -> np.ndarray:
        """The gradient of the output, as the matrix that is shown."""
        return self.matrix(self.arrived)

    @cached_property
    def results(self) -> list[np.ndarray]:
        """The gradient of each input, as the matrix that is shown."""
        shapes = [one.shape for one in self.inputs]
        return [self.matrix(one) for one in backward(self.links, self.arrived, shapes)]

    def _linked(self, kernel: Any) -> Links:
        return forward_links(self.operation, *self.inputs, kernel=kernel, slopes=self.slopes)

    @property
    def _is_column(self) -> bool:
        return self.inputs[0].shape[1] == 1

    def matrix(self, values: np.ndarray) -> np.ndarray:
        """Return a map as the matrix that is shown."""
        return values[:, 0] if self._is_column else values[..., 0]

    def cell(self, place: tuple[int, int, int]) -> Cell:
        """Return where a number of a map stands in its matrix."""
        return (place[0], place[2]) if self._is_column else place[:2]

    def arriving(self, title: str = "gradient of its output") -> Grid:
        """Return the gradient of the output as a grid."""
        return Grid("gradient", title, self.gradient, colours="diverging")

    def result(
        self, title: str = "gradient of its input", marked: np.ndarray | None = None
    ) -> Grid:
        """Return the gradient of the first input as a grid."""
        return Grid("out", title, self.results[0], "\u2192", colours="diverging", marked=marked)

    def back(self, target: str = "out", number: int = 0) -> Link:
        """Link each number of an input with the gradients that it gets."""
        return Link("gradient", target, self._read_back(self.links, number))

    def taps(self, shown: str, target: str = "out") -> Link:
        """Link each number of the input with the numbers of the kernel that lead from it."""
        # A kernel whose numbers are its places tells through which of them a link goes.
        shape = self.kernel.shape
        places = np.arange(1, self.kernel.size + 1).reshape(shape)
        height, width = shape[:2]

        def tap(weight: float) -> Cell:
            down, across, *channels = map(int, np.unravel_index(int(weight) - 1, shape))
            if (height, width) == (1, 1):
                return channels[0], channels[1]
            is_turned = shown == "turned"
            return (height - 1 - down, width - 1 - across) if is_turned else (down, across)

        back = self._read_back(self._linked(places), 0)
        cells = {cell: [(tap(weight), "") for _, weight in parts] for cell, parts in back.items()}
        return Link(shown, target, cells)

    def _read_back(self, links: Links, number: int) -> Weights:
        found: dict[Cell, list] = {}
        for place, sources in links.items():
            for i, source, weight in sources:
                if i == number:
                    found.setdefault(self.cell(source), []).append((self.cell(place), weight))
        return found
