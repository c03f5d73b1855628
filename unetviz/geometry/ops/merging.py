"""Arrows that join maps of one size: concatenation, sum and other rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

from ..links import largest_first
from .operation import COPY, LayerCall, Operation, Shape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..links import Contribution, Numbers, Place


@dataclass(frozen=True)
class _Merge(Operation):
    """Several maps of equal size become one."""

    look = COPY

    def refusal(self, inputs: Sequence[Shape]) -> str:
        sizes = [shape[:2] for shape in inputs]
        return "" if len(set(sizes)) == 1 else "only maps of equal size can be joined"

    @staticmethod
    def _side_by_side(place: Place, numbers: Numbers) -> list[Contribution]:
        """The number at a place of each input; one channel takes part in all of the others."""
        row, column, channel = place
        return [
            (i, (row, column, min(channel, shape[2] - 1)), 1.0)
            for i, shape in enumerate(numbers.shapes)
        ]


@dataclass(frozen=True)
class Concatenation(_Merge):
    """Concatenation: the channels of all inputs, one after the other."""

    kind = "concat"
    label = "concatenate"
    explanation = "Concatenation: the channels of the maps are put one behind the other"
    backward = "A concatenation splits the gradient: each input gets the channels that it gave."

    def sources(self, place: Place, numbers: Numbers) -> Iterable[Contribution]:
        row, column, channel = place
        for i, shape in enumerate(numbers.shapes):
            if 0 <= channel < shape[2]:
                yield i, (row, column, channel), 1.0
            channel -= shape[2]

    def channels(self, inputs: Sequence[Shape]) -> int:
        return sum(shape[2] for shape in inputs)

    def channel_note(self, inputs: Sequence[Shape]) -> str:
        parts = " + ".join(str(shape[2]) for shape in inputs)
        return f"{parts} = {self.channels(inputs)} channels."

    def keras(self) -> LayerCall:
        return "Concatenate", {}


@dataclass(frozen=True)
class Addition(_Merge):
    """Sum: number by number, so the channels must agree too."""

    kind = "add"
    label = "add"
    sign = "+"
    sign_words = "sum"
    sign_backward = "sum: to each alike"
    explanation = "Sum: the maps are added number by number"
    backward = "An addition passes the gradient on unchanged to each of its inputs."

    def sources(self, place: Place, numbers: Numbers) -> Iterable[Contribution]:
        return self._side_by_side(place, numbers)

    def refusal(self, inputs: Sequence[Shape]) -> str:
        channels = [shape[2] for shape in inputs]
        if len(set(channels) - {1}) <= 1:  # one channel is added to all of the other map
            return super().refusal(inputs)
        return f"{' and '.join(map(str, channels))} channels cannot be added number by number"

    def channels(self, inputs: Sequence[Shape]) -> int:
        return max(shape[2] for shape in inputs)

    def channel_note(self, inputs: Sequence[Shape]) -> str:
        return f"{self.channels(inputs)} channels stay {self.channels(inputs)}."

    def keras(self) -> LayerCall:
        return "Add", {}


@dataclass(frozen=True)
class Combination(_Merge):
    """Another rule that joins maps number by number: product, mean, maximum and the like.

    A map of one channel takes part in all channels of the others.

    Parameters
    ----------
    layer : str
        Name of the Keras layer, such as ``"Multiply"``.
    """

    layer: str
    kind = "add"

    @property
    def sign(self) -> str:  # type: ignore[override]
        # One character each: it stands on a small disc.
        signs = {"Multiply": "\u00d7", "Subtract": "\u2212", "Average": "\u00f8"}
        signs |= {"Maximum": "\u2191", "Minimum": "\u2193"}
        return signs.get(self.layer, self.layer[:1].upper())

    @property
    def sign_words(self) -> str:  # type: ignore[override]
        words = {"Multiply": "product", "Subtract": "difference", "Average": "mean"}
        return words.get(self.layer, self.layer.lower())

    @property
    def sign_backward(self) -> str:
        words = {
            "Multiply": "product: times the other",
            "Subtract": "difference: second negative",
            "Average": "mean: equal shares",
        }
        return words.get(self.layer, f"{self.layer.lower()}: to the chosen")

    @property
    def backward(self) -> str:
        return {
            "Multiply": "A product passes each input the gradient times the other inputs.",
            "Average": "A mean gives each of its inputs an equal share of the gradient.",
            "Subtract": "A difference passes the gradient on; the second input gets its negative.",
        }.get(self.layer, f"{self.layer} routes each gradient to the number that it chose.")

    def sources(self, place: Place, numbers: Numbers) -> Iterable[Contribution]:
        found = self._side_by_side(place, numbers)
        row, column, _ = place
        values = [numbers.inputs[i][row][column][c] for i, (_, _, c), _ in found]
        if self.layer == "Multiply":
            weights = [prod(values[:i] + values[i + 1 :]) for i in range(len(values))]
        elif self.layer == "Average":
            weights = [1 / len(values)] * len(values)
        elif self.layer == "Subtract":
            weights = [1.0, -1.0]
        elif self.layer == "Maximum":
            return largest_first(found, numbers)
        elif self.layer == "Minimum":
            weights = [float(i == values.index(min(values))) for i in range(len(values))]
        else:
            raise NotImplementedError(f"the slopes of {self.layer} are not known")
        return [(i, where, w) for (i, where, _), w in zip(found, weights, strict=True)]

    @property
    def label(self) -> str:
        return self.layer.lower()

    @property
    def explanation(self) -> str:
        if self.layer == "Multiply":
            return "Product: the maps are multiplied number by number"
        return f"{self.layer}: the maps are joined number by number"

    def channels(self, inputs: Sequence[Shape]) -> int:
        return max(shape[2] for shape in inputs)

    def keras(self) -> LayerCall:
        return self.layer, {}
