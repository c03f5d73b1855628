"""Arrows that change the size and learn nothing: pool, up-sampling, crop, padding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..index_maps import AxisMap, Gather, Spread, stamp, window
from ..links import largest_first
from .operation import (
    COPY,
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
    from ..links import Contribution, Numbers, Place


class _SameChannel(Operation):
    """Arrows that move numbers and change none: a number comes from its own channel, unchanged."""

    def at_tap(
        self, pixel: Pair, tap: Pair, channel: int, numbers: Numbers
    ) -> Iterator[Contribution]:
        yield 0, (*pixel, channel), 1.0


@dataclass(frozen=True)
class _Pooling(_SameChannel):
    """Every window becomes one number, channel by channel.

    Parameters
    ----------
    size, stride : (int, int)
        Height and width of the window and of the way from one window to the next, in pixels.
    padding : str
        ``"valid"`` or ``"same"``, as TensorFlow means them.
    """

    size: Pair = (2, 2)
    stride: Pair = (2, 2)
    padding: str = "valid"
    kind = "pool"
    _words = ("", "", "")
    """Which pooling, which number of a window it keeps, and Keras' layer."""

    def axis_map(self, axis: int, n: int) -> AxisMap:
        return window(self.size[axis], self.stride[axis], 1, self.padding, n)

    @property
    def label(self) -> str:
        stride = "" if self.stride == self.size else f", stride {one_or_both(self.stride)}"
        return f"{self._words[0]} pool {by(self.size)}{stride}"

    @property
    def explanation(self) -> str:
        size, (which, kept, _) = by(self.size), self._words
        if self.stride != self.size:
            return (
                f"{size} {which} pooling in steps of {one_or_both(self.stride)}: each {size} "
                f"window becomes one number, its {kept}"
            )
        return f"{size} {which} pooling: each {size} block becomes one number, its {kept}"

    def formula(self, axis: int, n: int) -> str:
        rule, stride = self.axis_map(axis, n), self.stride[axis]
        size = rule.size(n)
        if self.padding == "same":
            return f"{n} / {stride} rounded up = {size}"
        if self.size[axis] != stride:
            return f"({n} - {self.size[axis]}) / {stride} rounded down + 1 = {size}"
        lost = rule.lost(n)
        return (
            f"({n} - {lost}) / {stride} = {size}, {lost} lost"
            if lost
            else f"{n} / {stride} = {size}"
        )

    def refusal(self, inputs: Sequence[Shape]) -> str:
        if self.padding == "same":
            return ""
        return window_refusal(f"{by(self.size)} {self._words[0]} pooling", self.size, inputs[0])

    def keras(self) -> LayerCall:
        arguments: dict[str, object] = {"pool_size": short(self.size), "padding": self.padding}
        if self.stride != self.size:
            arguments["strides"] = short(self.stride)
        return self._words[2], arguments


class MaxPooling(_Pooling):
    """Max pooling: of every window the largest number goes on; padding takes no part in it."""

    _words = ("max", "largest", "MaxPooling2D")
    look = Look("pool", "max pool", "to the largest")
    backward = (
        "Max pooling routes each gradient to the largest number of its window; the others get 0."
    )

    def sources(self, place: Place, numbers: Numbers) -> Iterable[Contribution]:
        return largest_first(list(super().sources(place, numbers)), numbers)


class AveragePooling(_Pooling):
    """Average pooling: every window becomes its mean; padding takes no part in it."""

    _words = ("average", "mean", "AveragePooling2D")
    look = Look("pool", "average pool", "spread evenly", "2 3")
    backward = "Average pooling spreads each gradient evenly over the pixels of its window."

    def sources(self, place: Place, numbers: Numbers) -> Iterable[Contribution]:
        found = list(super().sources(place, numbers))
        return [(index, source, 1 / len(found)) for index, source, _ in found]


@dataclass(frozen=True)
class Upsampling(_SameChannel):
    """Up-sampling without anything learned: copies, or straight lines between the pixels.

    Parameters
    ----------
    factor : (int, int)
        Height and width of the block that a pixel becomes, in pixels.
    interpolation : str
        ``"nearest"`` or ``"bilinear"``, as Keras means them: between the middles of the pixels.
    """

    factor: Pair = (2, 2)
    interpolation: str = "nearest"
    kind = "upsample"

    @property
    def look(self) -> Look:
        if self.interpolation == "nearest":
            return Look("upconv", "up-sampling", "sum of blocks", "1.5 4")
        legend = f"{self.interpolation} up-sampling"
        return Look("upconv", legend, "weighted sum of blocks", "7 3 1.5 3 1.5 3")

    @property
    def sign(self) -> str:  # type: ignore[override]
        return f"{self.factor[0]}x"

    def axis_map(self, axis: int, n: int) -> AxisMap:
        factor = self.factor[axis]
        if self.interpolation == "nearest" or factor == 1:
            return Spread(Gather(factor, factor))
        # A pixel is felt up to the middle of its neighbour's block; at factor 2 that is 4 wide.
        return stamp(2 * factor - factor % 2, factor, "same")

    def sources(self, place: Place, numbers: Numbers) -> Iterable[Contribution]:
        if self.interpolation == "nearest":
            return super().sources(place, numbers)
        height, width, _ = numbers.shapes[0]
        rows = self._between(place[0], self.factor[0], height)
        columns = self._between(place[1], self.factor[1], width)
        return [(0, (i, j, place[2]), a * b) for i, a in rows.items() for j, b in columns.items()]

    @staticmethod
    def _between(i: int, factor: int, n: int) -> dict[int, float]:
        """The pixels around the middle of output `i`, and their shares; the border goes on."""
        middle = min(max((i + 0.5) / factor - 0.5, 0), n - 1)
        low = int(middle)
        shares = {low: 1 - (middle - low), low + 1: middle - low}
        return {j: share for j, share in shares.items() if share}

    @property
    def backward(self) -> str:
        if self.interpolation == "nearest":
            return (
                "Copying pixels is run backwards by sums: each pixel gets the sum over the block "
                "of its copies."
            )
        return "Each pixel gets the gradient of all pixels that it took part in, times its share."

    @property
    def label(self) -> str:
        how = "" if self.interpolation == "nearest" else f", {self.interpolation}"
        return f"upsample {by(self.factor)}{how}"

    @property
    def explanation(self) -> str:
        size = by(self.factor)
        if self.interpolation == "nearest":
            return f"{size} up-sampling: each pixel is copied into a {size} block"
        return f"{size} bilinear up-sampling: new pixels are weighted means of their neighbours"

    def formula(self, axis: int, n: int) -> str:
        return f"{self.factor[axis]} * {n} = {self.axis_map(axis, n).size(n)}"

    def keras(self) -> LayerCall:
        arguments: dict[str, object] = {"size": short(self.factor)}
        if self.interpolation != "nearest":
            arguments["interpolation"] = self.interpolation
        return "UpSampling2D", arguments


@dataclass(frozen=True)
class Crop(_SameChannel):
    """Crop: rows and columns are cut off at the border.

    Parameters
    ----------
    amounts : ((int, int), (int, int))
        Pixels cut off at (top, bottom) and at (left, right).
    fixed : bool
        Whether they are what they are; else they follow from the sizes of two maps, and more on one
        side than on the other is a sign of lost pixels.
    why_cut : str
        Why, where it is no skip that is cut.
    """

    amounts: tuple[Pair, Pair]
    fixed: bool = field(default=False, compare=False)
    why_cut: str = field(default="", compare=False)
    kind = "crop"
    look = COPY
    backward = "A crop pads the gradient with zeros: what was cut off gets none through this arrow."

    @classmethod
    def to_fit(cls, shape: Shape, target: Shape) -> Crop:
        """Crop of a map of `shape` to the size of `target`, around the middle.

        An odd number of pixels takes the smaller half from the top and from the left.

        Examples
        --------
        >>> Crop.to_fit((64, 65, 512), (56, 56, 512)).amounts
        ((4, 4), (4, 5))
        """
        rows, columns = shape[0] - target[0], shape[1] - target[1]
        return cls(((rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2)))

    @property
    def uneven(self) -> tuple[bool, bool]:
        """Whether more is cut on one side than on the other, for height and width."""
        (top, bottom), (left, right) = self.amounts
        return not self.fixed and top != bottom, not self.fixed and left != right

    def axis_map(self, axis: int, n: int) -> AxisMap:
        before, after = self.amounts[axis]
        return Gather(before=-before, after=-after)

    @property
    def label(self) -> str:
        return f"crop {_sides(self.amounts)}"

    @property
    def name(self) -> str:
        return "crop"

    @property
    def explanation(self) -> str:
        odd = "; an odd pixel is cut at the bottom or right" if any(self.uneven) else ""
        if self.why_cut:
            return f"Crop: {self.why_cut}{odd}"
        if not any(sum(self.amounts, ())):
            return "Copy and crop: the skip has the size of the up-sampled map, nothing is cut"
        return f"Copy and crop: the skip is cut to the size of the up-sampled map it will join{odd}"

    def formula(self, axis: int, n: int) -> str:
        before, after = self.amounts[axis]
        return f"{n} - {before} - {after} = {n - before - after}"

    def keras(self) -> LayerCall:
        return "Cropping2D", {"cropping": self.amounts}


@dataclass(frozen=True)
class ZeroPadding(_SameChannel):
    """Zero padding as a step of its own: rows and columns of zeros around the map.

    Parameters
    ----------
    amounts : ((int, int), (int, int))
        Pixels added at (top, bottom) and at (left, right).
    """

    amounts: tuple[Pair, Pair]
    kind = "pad"
    look = Look("quiet", "zero padding", "border cut off")
    explanation = "Zero padding: rows and columns of zeros are put around the map"
    backward = "Zero padding crops the gradient: what lies on the padding is dropped."

    @property
    def zeros_behind(self) -> Pair:  # type: ignore[override]
        return self.amounts[0][1], self.amounts[1][1]

    def axis_map(self, axis: int, n: int) -> AxisMap:
        return Gather(before=self.amounts[axis][0], after=self.amounts[axis][1])

    @property
    def label(self) -> str:
        return f"pad {_sides(self.amounts)}"

    def formula(self, axis: int, n: int) -> str:
        before, after = self.amounts[axis]
        return f"{n} + {before} + {after} = {n + before + after}"

    def keras(self) -> LayerCall:
        return "ZeroPadding2D", {"padding": self.amounts}


def _sides(amounts: tuple[Pair, Pair]) -> str:
    """Write the pixels at both ends of rows and columns, as few numbers as tell them apart."""
    rows, columns = (str(a) if a == b else f"{a}+{b}" for a, b in amounts)
    return rows if rows == columns else f"{rows}, {columns}"
