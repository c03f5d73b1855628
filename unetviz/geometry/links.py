"""Links: which numbers make each number of an output, and with which weight.

A small map is ``map[row][column][channel]``. Forward, a number is the sum of its sources, each
times its weight (and a bias, where there is one). Backward, the same links are read the other way:
a source gets the gradient of every number that it helped to make, times the same weight. Where a
step is not linear the weights are its slopes at the given numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from .ops import Operation, Shape

Place = tuple[int, int, int]
"""Row, column and channel of a number in a map."""

Contribution = tuple[int, Place, float]
"""Which of the inputs a number stands in, its place there, and its weight."""

Links = dict[Place, tuple[Contribution, ...]]
"""The sources of every number of an output."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of a small example, on which weights and slopes depend.

    Attributes
    ----------
    inputs : tuple of nested sequences
        The maps that go in, each ``map[row][column][channel]``.
    kernel : nested sequences, optional
        Weights of the step, in the order in which its Keras layer holds them.
    slopes : nested sequences, optional
        For steps that change every number on its own: the slope at each number.
    """

    inputs: tuple[Any, ...]
    kernel: Any = None
    slopes: Any = None

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Shape ``(height, width, channels)`` of every input."""
        return tuple((len(one), len(one[0]), len(one[0][0])) for one in self.inputs)


def forward_links(
    operation: Operation, *inputs: Any, kernel: Any = None, slopes: Any = None
) -> Links:
    """Link every number of an output with those that make it.

    Parameters
    ----------
    operation : Operation
        The step, without the activation that follows it in the same layer.
    *inputs : nested sequences
        The maps that go in, ``map[row][column][channel]``; small ones.
    kernel, slopes : nested sequences, optional
        As in `Numbers`.

    Returns
    -------
    dict of place to tuple of (input, place, weight)
        A number that nothing feeds has no sources: padding is left out.

    See Also
    --------
    unetviz.labs.backprop.backward : reads the links the other way.

    Examples
    --------
    >>> from unetviz.geometry.ops import AveragePooling
    >>> forward_links(AveragePooling(), [[[1.0], [2.0]], [[3.0], [4.0]]])[0, 0, 0][1]
    (0, (0, 1, 0), 0.25)
    """
    numbers = Numbers(inputs, kernel, slopes)
    height, width, channels = operation.out_shape(numbers.shapes)
    places: Iterable[Place] = product(range(height), range(width), range(channels))
    return {place: tuple(operation.sources(place, numbers)) for place in places}


def largest_first(sources: Sequence[Contribution], numbers: Numbers) -> list[Contribution]:
    """Give the first of the largest sources the weight 1, and all others 0: what a maximum does."""
    values = [_value(source, numbers) for source in sources]
    winner = values.index(max(values))
    return [(i, place, float(n == winner)) for n, (i, place, _) in enumerate(sources)]


def _value(source: Contribution, numbers: Numbers) -> float:
    index, (row, column, channel), _ = source
    return numbers.inputs[index][row][column][channel]
