"""Arrows that join maps of one size: concatenation, sum and other rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .operation import LayerCall, Operation, Shape


@dataclass(frozen=True)
class _Merge(Operation):
    """Several maps of equal size become one."""

    def refusal(self, inputs: Sequence[Shape]) -> str:
        sizes = [shape[:2] for shape in inputs]
        return "" if len(set(sizes)) == 1 else "only maps of equal size can be joined"


@dataclass(frozen=True)
class Concatenation(_Merge):
    """Concatenation: the channels of all inputs, one after the other."""

    kind = "concat"
    label = "concatenate"
    explanation = "Concatenation: the channels of the maps are put one behind the other"

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
    explanation = "Sum: the maps are added number by number"

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
    def label(self) -> str:
        return self.layer.lower()

    @property
    def explanation(self) -> str:
        return f"{self.layer}: the maps are joined number by number"

    def channels(self, inputs: Sequence[Shape]) -> int:
        return max(shape[2] for shape in inputs)

    def keras(self) -> LayerCall:
        return self.layer, {}
