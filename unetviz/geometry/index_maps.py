"""Index maps along one axis: which input indices feed an output index.

Every arrow of a U-Net is separable: rows and columns obey the same kind of rule, each on its
own. Two rules are enough. `Gather` is the sliding window of convolutions, pools and crops;
`Spread` is its transpose, the stamp of transposed convolutions and nearest up-sampling.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from . import _index_sets as bits


def _divide_up(number: int, divisor: int) -> int:
    return -(-number // divisor)


@dataclass(frozen=True)
class Gather:
    """Sliding windows: output ``i`` reads inputs ``i * stride - before + k * dilation``.

    Parameters
    ----------
    kernel : int
        Taps of a window, at least 1; ``k`` runs from 0 to ``kernel - 1``.
    stride : int
        Input steps between two neighbouring windows, at least 1.
    dilation : int
        Input steps between two neighbouring taps, at least 1.
    before, after : int
        Zeros added in front and behind, in pixels; negative numbers cut pixels off instead.

    Examples
    --------
    >>> Gather(kernel=3).size(572)
    570
    >>> Gather(kernel=2, stride=2).inputs(4, 10)
    range(8, 10)
    """

    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0

    @property
    def span(self) -> int:
        """Input pixels from the first to the last tap of one window, both included."""
        return (self.kernel - 1) * self.dilation + 1

    @property
    def gap(self) -> int:
        """Input pixels that lie between two neighbouring windows."""
        return max(0, self.stride - self.span)

    @property
    def ratio(self) -> tuple[int, int]:
        """Input pixels from one output pixel to the next, as a fraction."""
        return self.stride, 1

    def size(self, n: int) -> int:
        """Output size for an input of `n` pixels; zero or less where no window fits."""
        return (n + self.before + self.after - self.span) // self.stride + 1

    def lost(self, n: int) -> int:
        """Pixels at the end of an input of `n` that no window reaches any more."""
        return (n + self.before + self.after - self.span) % self.stride

    def input_size_for(self, size: int) -> int:
        """Smallest input size that gives `size` outputs; it loses no pixel."""
        return (size - 1) * self.stride + self.span - self.before - self.after

    def inputs(self, i: int, n: int) -> range:
        """Input indices that output `i` reads, of an input of `n` pixels; padding is left out."""
        first = i * self.stride - self.before
        low = max(0, _divide_up(-first, self.dilation))
        high = min(self.kernel, _divide_up(n - first, self.dilation))
        return range(first + low * self.dilation, first + high * self.dilation, self.dilation)

    def taps(self, i: int, n: int) -> list[tuple[int, int]]:
        """Input indices that output `i` reads, of `n` pixels, each with its tap of the kernel."""
        first = i * self.stride - self.before
        return [(j, (j - first) // self.dilation) for j in self.inputs(i, n)]

    def outputs(self, j: int, n: int) -> tuple[int, ...]:
        """Output indices that read input `j` of `n`: the map read the other way round."""
        reach = j + self.before
        low = max(0, _divide_up(reach - self.span + 1, self.stride))
        high = min(self.size(n) - 1, reach // self.stride)
        return tuple(
            i for i in range(low, high + 1) if (reach - i * self.stride) % self.dilation == 0
        )

    def sources(self, outputs: int, n: int) -> int:
        """Set of the input indices, of `n`, that any of a set of outputs reads (see `bits`)."""
        firsts = bits.stretch(outputs, self.stride)
        return bits.below(n) & self._union(
            bits.moved(firsts, tap * self.dilation - self.before) for tap in range(self.kernel)
        )

    def targets(self, inputs: int, n: int) -> int:
        """Set of the output indices that read any of a set of inputs, of `n`."""
        firsts = self._union(
            bits.moved(inputs, self.before - tap * self.dilation) for tap in range(self.kernel)
        )
        return bits.below(self.size(n)) & bits.sampled(firsts, self.stride)

    @staticmethod
    def _union(sets: Iterable[int]) -> int:
        return reduce(or_, sets)

    def within(self, inputs: range, n: int) -> range:
        """Outputs all of whose taps lie in `inputs`, of `n`; a tap on padding does not."""
        low = _divide_up(inputs.start + self.before, self.stride)
        high = (inputs.stop + self.before - self.span) // self.stride + 1
        return range(max(low, 0), min(high, self.size(n)))


@dataclass(frozen=True)
class Spread:
    """Stamps: each input is written to every output that its `window` would have read.

    It is the transpose of `Gather`: what feeds and what is fed change places. `before` and
    `after` of the window are cut off from the output instead of being added to the input.

    Examples
    --------
    >>> up = Spread(Gather(kernel=2, stride=2))
    >>> up.size(28), up.inputs(5, 28), up.outputs(2, 28)
    (56, (2,), range(4, 6))
    """

    window: Gather
    gap = 0

    @property
    def ratio(self) -> tuple[int, int]:
        """Input pixels from one output pixel to the next, as a fraction."""
        return 1, self.window.stride

    def size(self, n: int) -> int:
        """Output size for an input of `n` pixels."""
        return self.window.input_size_for(n)

    def lost(self, n: int) -> int:
        """A stamp uses every input: always 0."""
        return 0

    def input_size_for(self, size: int) -> int:
        """Input size whose stamps write `size` outputs, or as many of them as whole stamps do."""
        return self.window.size(size)

    def inputs(self, i: int, n: int) -> tuple[int, ...]:
        """Input indices, of `n`, that write to output `i`."""
        return self.window.outputs(i, self.size(n))

    def taps(self, i: int, n: int) -> list[tuple[int, int]]:
        """Input indices, of `n`, that write to output `i`, each with its tap of the stamp."""
        window = self.window
        return [(j, i + window.before - j * window.stride) for j in self.inputs(i, n)]

    def outputs(self, j: int, n: int) -> range:
        """Output indices that input `j` of `n` writes to."""
        return self.window.inputs(j, self.size(n))

    def sources(self, outputs: int, n: int) -> int:
        """Set of the input indices, of `n`, that write to any of a set of outputs."""
        return self.window.targets(outputs, self.size(n)) & bits.below(n)

    def targets(self, inputs: int, n: int) -> int:
        """Set of the output indices that any of a set of inputs, of `n`, writes to."""
        return self.window.sources(inputs, self.size(n))

    def within(self, inputs: range, n: int) -> range:
        """Outputs that only `inputs` would write to, were the input continued at both ends."""
        window = self.window
        low = (inputs.start - 1) * window.stride + window.span - window.before
        high = inputs.stop * window.stride - window.before
        return range(max(low, 0), min(high, self.size(n)))


AxisMap = Gather | Spread


def window(kernel: int, stride: int, dilation: int, padding: str, n: int) -> Gather:
    """Sliding window over `n` pixels with TensorFlow's ``valid`` or ``same`` padding.

    ``same`` adds as many zeros as give ``ceil(n / stride)`` outputs; of an odd number of zeros
    the extra one is at the end.

    Examples
    --------
    >>> window(2, 1, 1, "same", 10)
    Gather(kernel=2, stride=1, dilation=1, before=0, after=1)
    """
    if padding == "valid":
        return Gather(kernel, stride, dilation)
    span = (kernel - 1) * dilation + 1
    zeros = max((_divide_up(n, stride) - 1) * stride + span - n, 0)
    return Gather(kernel, stride, dilation, zeros // 2, zeros - zeros // 2)


def stamp(kernel: int, stride: int, padding: str) -> Spread:
    """Stamp of a transposed convolution with Keras' ``valid`` or ``same`` padding.

    ``same`` cuts the output to ``n * stride``; ``valid`` keeps everything that is written, and
    appends zeros where the kernel is smaller than the stride.

    Examples
    --------
    >>> stamp(64, 32, "same").size(12), stamp(3, 2, "valid").size(4)
    (384, 9)
    """
    overhang = kernel - stride
    if padding == "valid" or overhang < 0:
        # Fewer taps than the stride leave gaps; the last gap still belongs to the output.
        return Spread(Gather(kernel, stride, after=min(overhang, 0)))
    return Spread(Gather(kernel, stride, before=overhang // 2, after=overhang - overhang // 2))
