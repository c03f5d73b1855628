"""Arrows that look at one pixel at a time: dropout, activations, normalizations and the like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import exp

from .convolution import RELU_BACKWARD
from .operation import LayerCall, Look, Operation, Pair, Shape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..links import Contribution, Numbers, Place


@dataclass(frozen=True)
class Dropout(Operation):
    """Dropout: random zeros while training, nothing at all in use.

    Parameters
    ----------
    rate : float
        Share of the numbers set to zero, from 0 up to, not including, 1.
    training : bool
        Whether its layer is called with ``training=True``: then it also works in use.
    """

    rate: float
    training: bool = False
    kind = "dropout"
    look = Look("quiet", "dropout", "dropout's mask")
    sign = "D"
    backward = "Dropout lets gradients back only where numbers were kept, divided by 1 - rate too."

    def at_tap(
        self, pixel: Pair, tap: Pair, channel: int, numbers: Numbers
    ) -> Iterator[Contribution]:
        # Without slopes it is not training, and nothing is dropped.
        slope = 1.0 if numbers.slopes is None else numbers.slopes[pixel[0]][pixel[1]][channel]
        yield 0, (*pixel, channel), slope

    @property
    def label(self) -> str:
        return f"dropout {self.rate:g}"

    @property
    def explanation(self) -> str:
        if self.training:
            return (
                f"Dropout: {self.rate:.0%} of the numbers, drawn at random, become 0, also where "
                "the model is called, because this layer is called with training=True; only "
                "predict, and the maps shown here, leave it out"
            )
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
    training : bool
        Whether its layer is called with ``training=True``.
    """

    words: str
    role: str
    layer: str
    arguments: tuple[tuple[str, object], ...] = ()
    parameters: int = 0
    training: bool = False

    @property
    def look(self) -> Look:
        return Look("quiet", self.words, self.words)

    @property
    def backward(self) -> str:
        if self.words == "relu":
            return RELU_BACKWARD
        if self.words == "softmax":
            return (
                "A softmax mixes the classes of a pixel: each score gets its probability times how "
                "far its gradient lies above the mean."
            )
        what = "A normalization" if self.role == "normalization" else "An activation"
        return f"{what} works number by number: the gradient is multiplied by its slope there."

    def sources(self, place: Place, numbers: Numbers) -> Iterable[Contribution]:
        row, column, channel = place
        scores = numbers.inputs[0][row][column]
        if self.words == "softmax":
            powers = [exp(score - max(scores)) for score in scores]
            shares = [power / sum(powers) for power in powers]
            return [
                (0, (row, column, c), shares[channel] * ((c == channel) - share))
                for c, share in enumerate(shares)
            ]
        if self.words == "relu" and numbers.slopes is None:
            return [(0, place, float(scores[channel] > 0))]
        if numbers.slopes is None:
            raise ValueError(f"the slope of {self.words} at each number must be given")
        return [(0, place, numbers.slopes[row][column][channel])]

    @property
    def label(self) -> str:
        # Names of layers come in words: LeakyReLU as "leaky re lu".
        return self.words.replace("pre lu", "PReLU").replace("re lu", "ReLU")

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
        sentence = f"{self.label}: every number is changed on its own, the size stays"
        if self.training:
            return (
                f"{sentence}. It is called with training=True: where the model itself is called, "
                "it works as while training; predict, and the maps shown here, leave that out"
            )
        return sentence

    def params(self, inputs: Sequence[Shape]) -> int:
        return self.parameters

    def keras(self) -> LayerCall:
        return self.layer, dict(self.arguments)
