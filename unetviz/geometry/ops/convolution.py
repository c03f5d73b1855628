"""Arrows that learn: convolution and transposed convolution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..index_maps import AxisMap, stamp, window
from .operation import (
    LayerCall,
    Look,
    Operation,
    Pair,
    Shape,
    by,
    one_or_both,
    short,
    window_refusal,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..links import Contribution, Numbers

RELU_BACKWARD = (
    "ReLU is a gate: the gradient passes where the output is above 0, elsewhere it becomes 0."
)
"""What the most common activation does to a gradient, in its own layer or inside another."""


@dataclass(frozen=True)
class _Filters(Operation):
    """What the two have in common: filters that look at all channels, a bias, an activation.

    Parameters
    ----------
    filters : int
        Channels of the output.
    kernel, stride : (int, int)
        Height and width, in pixels.
    padding : str
        ``"valid"`` or ``"same"``, as TensorFlow means them.
    activation, initializer : str
        Names that Keras knows.
    bias : bool
        Whether every filter adds a number of its own.
    """

    filters: int
    kernel: Pair = (3, 3)
    stride: Pair = (1, 1)
    padding: str = "valid"
    activation: str = "relu"
    initializer: str = "he_normal"
    bias: bool = True

    @property
    def _activation_note(self) -> str:
        return {"relu": ", ReLU", "linear": ""}.get(self.activation, f", {self.activation}")

    @property
    def backward(self) -> str:
        gate = RELU_BACKWARD if self.activation == "relu" else ""
        return " ".join(filter(None, (gate, self._linear_backward)))

    @property
    def _linear_backward(self) -> str:
        """What happens to a gradient before the activation."""
        raise NotImplementedError

    def channels(self, inputs: Sequence[Shape]) -> int:
        return self.filters

    def channel_note(self, inputs: Sequence[Shape]) -> str:
        filters = "1 filter makes" if self.filters == 1 else f"{self.filters} filters make"
        channels = "1 channel" if self.filters == 1 else f"{self.filters} channels"
        each = "the 1 input channel" if inputs[0][2] == 1 else f"all {inputs[0][2]} input channels"
        return f"{filters} {channels}; each looks at {each}."

    def _weights(self, channels: int) -> int:
        """Weights of one filter that looks at `channels` channels."""
        return self.kernel[0] * self.kernel[1] * channels

    def params(self, inputs: Sequence[Shape]) -> int:
        return (self._weights(inputs[0][2]) + self.bias) * self.filters

    def _arguments(self) -> dict[str, Any]:
        arguments: dict[str, Any] = {"filters": self.filters, "kernel_size": short(self.kernel)}
        if self.stride != (1, 1):
            arguments["strides"] = short(self.stride)
        if not self.bias:
            arguments["use_bias"] = False
        return arguments | {
            "padding": self.padding,
            "activation": self.activation,
            "kernel_initializer": self.initializer,
        }


@dataclass(frozen=True)
class Convolution(_Filters):
    """Convolution: every output is a weighted sum of one window, over all channels.

    `dilation` is the distance between neighbouring taps, in pixels, height and width. Of several
    `groups` of channels each filter looks at one.
    """

    dilation: Pair = (1, 1)
    groups: int = 1
    kind = "conv"
    roles = MappingProxyType(
        {
            "head": Look("head", "convolution 1x1", "1x1, transposed"),
            "upconv": Look("upconv", "up-convolution", "flipped kernel"),
        }
    )

    @property
    def look(self) -> Look:
        if self.kernel == self.stride == (1, 1) and self.groups == 1:
            return self.roles["head"]
        name, dash = self._variant
        if self.stride != (1, 1):
            legend = f"strided {name}convolution"
            return Look(
                "conv",
                legend,
                f"transposed {name}convolution",
                f"14 3 {dash} {dash}" if dash else "14 3 3 3",
            )
        return Look("conv", f"{name}convolution", f"flipped {name}kernel", dash)

    @property
    def _variant(self) -> tuple[str, str]:
        """What kind of convolution it is, and its line style; empty for the common one."""
        if self.groups == 1:
            return "", ""
        return ("depthwise ", "4 2.5") if self.groups == self.filters else ("grouped ", "5 2 1 2")

    def axis_map(self, axis: int, n: int) -> AxisMap:
        return window(self.kernel[axis], self.stride[axis], self.dilation[axis], self.padding, n)

    def at_tap(
        self, pixel: Pair, tap: Pair, channel: int, numbers: Numbers
    ) -> Iterator[Contribution]:
        weights = numbers.kernel[tap[0]][tap[1]]
        first = channel // (self.filters // self.groups) * len(weights)
        for c, row in enumerate(weights):
            yield 0, (*pixel, first + c), row[channel]

    @property
    def _linear_backward(self) -> str:
        if self.kernel == self.stride == (1, 1):
            return (
                "A 1x1 convolution works pixel by pixel: each channel sums the gradients of all "
                "outputs, each times the weight that led there."
            )
        sentence = "A convolution is run backwards by a full convolution with the flipped kernel."
        if self.stride != (1, 1):
            sentence = (
                "A strided convolution is run backwards by a transposed convolution with its "
                "kernel and stride."
            )
        if self.padding == "valid":
            return sentence
        return (
            f"{sentence} With same padding the result is too large on every side: what lies on the "
            "padding is dropped."
        )

    @property
    def label(self) -> str:
        strided = "" if self.stride == (1, 1) else f", stride {one_or_both(self.stride)}"
        dilated = f", {self.sign_words}" if self.sign else ""
        name = self._variant[0]
        return f"{name}conv {by(self.kernel)}{strided}{dilated}{self._activation_note}"

    @property
    def sign(self) -> str:  # type: ignore[override]
        return f"d{one_or_both(self.dilation)}" if self._spans != self.kernel else ""

    @property
    def sign_words(self) -> str:  # type: ignore[override]
        return f"dilation {one_or_both(self.dilation)}" if self.sign else ""

    @property
    def explanation(self) -> str:
        size, reach = f"{by(self.kernel)} {self._variant[0]}".rstrip(), by(self._spans)
        steps = "" if self.stride == (1, 1) else f" in steps of {one_or_both(self.stride)} pixels"
        if self.kernel == (1, 1):
            return f"{size} convolution{steps}: each output looks at one pixel only"
        gaps = f" of {self.sign_words} (its taps reach over {reach} pixels)" if self.sign else ""
        if self.padding == "same":
            return f"{size} convolution{gaps}{steps} with zeros added around the map"
        return (
            f"{size} convolution{gaps}{steps} without padding: each output needs a full {reach} "
            "window"
        )

    def formula(self, axis: int, n: int) -> str:
        span, stride = self._spans[axis], self.stride[axis]
        if stride == 1:
            zeros = f" + {span - 1}" if self.padding == "same" and span > 1 else ""
            text = f"{n}{zeros} - {span} + 1"
        elif self.padding == "same":
            text = f"{n} / {stride} rounded up"
        else:
            text = f"({n} - {span}) / {stride} rounded down + 1"
        return f"{text} = {self.axis_map(axis, n).size(n)}"

    @property
    def _spans(self) -> Pair:
        """Pixels from the first to the last tap, for height and width."""
        rows, columns = ((k - 1) * d + 1 for k, d in zip(self.kernel, self.dilation, strict=True))
        return rows, columns

    def refusal(self, inputs: Sequence[Shape]) -> str:
        if self.padding == "same":
            return ""
        return window_refusal(f"{by(self.kernel)} convolution", self._spans, inputs[0])

    def _weights(self, channels: int) -> int:
        return super()._weights(channels // self.groups)

    def channel_note(self, inputs: Sequence[Shape]) -> str:
        if self.groups == 1:
            return super().channel_note(inputs)
        seen = inputs[0][2] // self.groups
        each = "1 of the" if seen == 1 else f"{seen} of the"
        return f"{self.filters} filters; each looks at {each} {inputs[0][2]} input channels."

    def macs(self, inputs: Sequence[Shape]) -> int:
        height, width, filters = self.out_shape(inputs)
        return height * width * self._weights(inputs[0][2]) * filters

    def keras(self) -> LayerCall:
        arguments = self._arguments()
        if self.dilation != (1, 1):
            arguments["dilation_rate"] = short(self.dilation)
        if self.groups != 1:
            arguments["groups"] = self.groups
        return "Conv2D", arguments


@dataclass(frozen=True)
class SeparableConvolution(Convolution):
    """Separable convolution: a window for each channel alone, then a 1x1 convolution of all.

    `multiplier` is the number of windows for each input channel.
    """

    multiplier: int = 1

    @property
    def _variant(self) -> tuple[str, str]:
        return "separable ", "9 2 2 2 2 2"

    @property
    def look(self) -> Look:
        # It is none of pixels alone, even with a window of one pixel: that has weights of its own.
        return replace(self, kernel=(3, 3)).look if self.kernel == (1, 1) else super().look

    def at_tap(
        self, pixel: Pair, tap: Pair, channel: int, numbers: Numbers
    ) -> Iterator[Contribution]:
        windows, mixing = numbers.kernel
        for c, multiples in enumerate(windows[tap[0]][tap[1]]):
            start = c * self.multiplier
            weights = (w * mixing[0][0][start + m][channel] for m, w in enumerate(multiples))
            yield 0, (*pixel, c), sum(weights)

    def params(self, inputs: Sequence[Shape]) -> int:
        windows = inputs[0][2] * self.multiplier
        return self.kernel[0] * self.kernel[1] * windows + (windows + self.bias) * self.filters

    def macs(self, inputs: Sequence[Shape]) -> int:
        height, width, filters = self.out_shape(inputs)
        windows = inputs[0][2] * self.multiplier
        return height * width * windows * (self.kernel[0] * self.kernel[1] + filters)

    def keras(self) -> LayerCall:
        arguments = self._arguments()
        arguments["depthwise_initializer"] = arguments.pop("kernel_initializer")
        return "SeparableConv2D", arguments | {"depth_multiplier": self.multiplier}


@dataclass(frozen=True)
class TransposedConvolution(_Filters):
    """Transposed convolution (up-convolution): every input pixel writes a weighted stamp."""

    kernel: Pair = (2, 2)
    stride: Pair = (2, 2)
    activation: str = "linear"
    initializer: str = "glorot_uniform"
    kind = "upconv"

    @property
    def look(self) -> Look:
        if self.stride == (1, 1):
            return Look("upconv", "transposed convolution", "convolution", "6 2 1 2")
        return Look("upconv", "up-convolution", "strided convolution")

    _linear_backward = (
        "A transposed convolution is run backwards by a convolution with its kernel and stride."
    )

    def at_tap(
        self, pixel: Pair, tap: Pair, channel: int, numbers: Numbers
    ) -> Iterator[Contribution]:
        for c, weight in enumerate(numbers.kernel[tap[0]][tap[1]][channel]):
            yield 0, (*pixel, c), weight

    def axis_map(self, axis: int, n: int) -> AxisMap:
        return stamp(self.kernel[axis], self.stride[axis], self.padding)

    @property
    def label(self) -> str:
        if self.stride == (1, 1):
            return f"transposed conv {by(self.kernel)}{self._activation_note}"
        stride = "" if self.kernel == self.stride else f", stride {by(self.stride)}"
        return f"up-conv {by(self.kernel)}{stride}{self._activation_note}"

    @property
    def explanation(self) -> str:
        size, stride = by(self.kernel), by(self.stride)
        if self.stride == (1, 1):
            return (
                f"{size} transposed convolution: each input pixel writes a {size} block, and where "
                "blocks overlap they are added"
            )
        blocks = "side by side" if self.kernel == self.stride else f"{stride} pixels apart"
        return f"{size} up-convolution: each input pixel writes a {size} block, the blocks {blocks}"

    def formula(self, axis: int, n: int) -> str:
        kernel, stride = self.kernel[axis], self.stride[axis]
        size = self.axis_map(axis, n).size(n)
        if size == n * stride:
            return f"{stride} * {n} = {size}"
        return f"{stride} * ({n} - 1) + {kernel} = {size}"

    def macs(self, inputs: Sequence[Shape]) -> int:
        height, width, channels = inputs[0]
        return height * width * self.kernel[0] * self.kernel[1] * channels * self.filters

    def keras(self) -> LayerCall:
        return "Conv2DTranspose", self._arguments()
