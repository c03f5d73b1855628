"""Arrows that look at one pixel at a time: dropout, activations, normalizations and the like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .operation import LayerCall, Operation, Shape


@dataclass(frozen=True)
class Dropout(Operation):
    """Dropout: random zeros while training, nothing at all in use.

    Parameters
    ----------
    rate : float
        Share of the numbers set to zero, from 0 up to, not including, 1.
    """

    rate: float
    kind = "dropout"
    sign = "D"

    @property
    def label(self) -> str:
        return f"dropout {self.rate:g}"

    @property
    def explanation(self) -> str:
        return (
            f"Dropout: while training {self.rate:.0%} of the numbers, drawn at random, become 0; "
            "in use nothing happens"
        )

    def keras(self) -> LayerCall:
        return "Dropout", {"rate": self.rate}


@dataclass(frozen=True)
class Pointwise(Operation):
    """A layer that changes the numbers of each pixel and nothing else.

    Parameters
    ----------
    words : str
        The layer in a few words, such as ``"relu"``.
    role : str
        ``"activation"`` or ``"normalization"``: the kind of its step.
    layer : str
        Name of the Keras layer.
    arguments : tuple of (str, object)
        Names and values of the layer's arguments.
    parameters : int
        Numbers that the layer holds.
    """

    words: str
    role: str
    layer: str
    arguments: tuple[tuple[str, object], ...] = ()
    parameters: int = 0

    @property
    def label(self) -> str:
        return self.words

    @property
    def kind(self) -> str:  # type: ignore[override]
        return self.role

    @property
    def sign(self) -> str:  # type: ignore[override]
        return "S" if self.words == "softmax" else ""

    @property
    def explanation(self) -> str:
        if self.words == "softmax":
            return "softmax: at each pixel the scores become probabilities with the sum 1"
        return f"{self.words}: every number is changed on its own, the size stays"

    def params(self, inputs: Sequence[Shape]) -> int:
        return self.parameters

    def keras(self) -> LayerCall:
        return self.layer, dict(self.arguments)
