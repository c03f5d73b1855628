"""What all arrows share: an operation turns the shapes of its inputs into one output shape.

An operation knows nothing of U-Nets. Shapes are ``(height, width, channels)``; heights and
widths are handled one axis at a time and never mixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ..index_maps import AxisMap, Gather

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..links import Contribution, Numbers, Place

Shape = tuple[int, int, int]
Pair = tuple[int, int]
LayerCall = tuple[str, dict[str, object]]
"""Name of a Keras layer class and the arguments that make the layer, as plain data."""

_IDENTITY = Gather()


def by(pair: Sequence[int]) -> str:
    """Write the height and width of a window, a block or a kernel.

    Examples
    --------
    >>> by((3, 3)), by((2, 3))
    ('3x3', '2x3')
    """
    return f"{pair[0]}x{pair[1]}"


def size_of(shape: Sequence[int]) -> str:
    """Write the size of a map in a sentence.

    Examples
    --------
    >>> size_of((500, 375, 1))
    '500 x 375'
    """
    return f"{shape[0]} x {shape[1]}"


def short(pair: Pair) -> int | Pair:
    """Give one number where height and width agree, as Keras' arguments allow.

    Examples
    --------
    >>> short((2, 2)), short((2, 3))
    (2, (2, 3))
    """
    return pair[0] if pair[0] == pair[1] else pair


def one_or_both(pair: Pair) -> str:
    """Write a stride or a dilation: one number where height and width agree.

    Examples
    --------
    >>> one_or_both((2, 2)), one_or_both((2, 1))
    ('2', '2x1')
    """
    return str(pair[0]) if pair[0] == pair[1] else by(pair)


@dataclass(frozen=True)
class Look:
    """How an arrow is drawn, and what a legend calls it.

    Attributes
    ----------
    colour : str
        ``"conv"``, ``"pool"``, ``"upconv"``, ``"crop"``, ``"head"`` or ``"quiet"``: a colour of the
        palette, with its own line style.
    legend, backward : str
        What a legend says of the arrow, and of what it does to a gradient.
    dash : str
        Lengths of lines and gaps in pixels, where the colour's own line style is not to be taken:
        what is told apart by colour is told apart by line too.
    """

    colour: str
    legend: str
    backward: str
    dash: str = ""


COPY = Look("crop", "copy and crop", "split, zeros around")
"""How skips are drawn, whichever operation takes them."""


class Operation:
    """One arrow, with the rules that most arrows share: size and channels stay as they are.

    A new kind of arrow gives its texts, its Keras layer and the weights of its links, and overrides
    the rules in which it differs. Everything else (trace, table, drawing, model, source code,
    gradients of small examples) is derived from it; what it must give and does not, raises.
    """

    kind: str
    sign: str = ""
    """One to three characters that a drawing puts at the arrow; most arrows need none."""
    sign_words: str = ""
    """What a legend says of the sign, if the arrow's own line there does not say it."""

    @property
    def sign_backward(self) -> str:
        """What a legend says of the sign where the gradient goes back."""
        return self.sign_words

    roles: Mapping[str, Look] = MappingProxyType({})
    """How it is drawn as a step of another kind: where a network gives it another role."""

    zeros_behind: Pair = (0, 0)
    """Rows and columns of zeros at the end of the output: no image, so they may get lost."""

    @property
    def label(self) -> str:
        """The operation in a few words, as a table names it."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The same without what would tell a size."""
        return self.label

    @property
    def explanation(self) -> str:
        """Why the size changes as it does: a clause without sizes."""
        raise NotImplementedError

    @property
    def look(self) -> Look:
        """How the arrow is drawn, and what a legend calls it."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it is drawn")

    @property
    def backward(self) -> str:
        """What the arrow does to a gradient that comes back through it, as a sentence."""
        raise NotImplementedError

    def keras(self) -> LayerCall:
        """The Keras layer that does this."""
        raise NotImplementedError

    def sources(self, place: Place, numbers: Numbers) -> Iterable[Contribution]:
        """The numbers that make the one at `place` of the output, each with its weight or slope."""
        row, column, channel = place
        height, width, _ = numbers.shapes[0]
        for i, a in self.axis_map(0, height).taps(row, height):
            for j, b in self.axis_map(1, width).taps(column, width):
                yield from self.at_tap((i, j), (a, b), channel, numbers)

    def at_tap(
        self, pixel: Pair, tap: Pair, channel: int, numbers: Numbers
    ) -> Iterator[Contribution]:
        """The numbers of one pixel that make channel `channel`, through one tap of the window."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it weights its inputs")

    def axis_map(self, axis: int, n: int) -> AxisMap:
        """Index map of each input along `axis` (0: height, 1: width) at input size `n`."""
        return _IDENTITY

    def formula(self, axis: int, n: int) -> str:
        """The size rule with its numbers filled in, such as ``572 - 3 + 1 = 570``."""
        return f"{n} stays {n}"

    def channels(self, inputs: Sequence[Shape]) -> int:
        """Channels of the output."""
        return inputs[0][2]

    def channel_note(self, inputs: Sequence[Shape]) -> str:
        """What happens to the channels, as a sentence; empty where nothing does."""
        return ""

    def refusal(self, inputs: Sequence[Shape]) -> str:
        """Why Keras refuses these inputs: a clause to follow their sizes and "but"."""
        return ""

    def out_shape(self, inputs: Sequence[Shape]) -> Shape:
        """Shape of the output."""
        height, width, _ = inputs[0]
        return (
            self.axis_map(0, height).size(height),
            self.axis_map(1, width).size(width),
            self.channels(inputs),
        )

    def lost(self, inputs: Sequence[Shape]) -> Pair:
        """Rows and columns at the end of the input that no output uses.

        Fewer than lie between any two windows do not count: there too they are not used.
        """
        rules = [(self.axis_map(axis, n), n) for axis, n in enumerate(inputs[0][:2])]
        rows, columns = (max(0, rule.lost(n) - rule.gap) for rule, n in rules)
        return rows, columns

    def params(self, inputs: Sequence[Shape]) -> int:
        """Trainable numbers: weights and biases."""
        return 0

    def macs(self, inputs: Sequence[Shape]) -> int:
        """Multiply-accumulates of one pass; taps on padding count, biases do not."""
        return 0

    def formulas(self, inputs: Sequence[Shape]) -> tuple[str, ...]:
        """The size rule of height and of width; only one where the two agree."""
        height, width, _ = inputs[0]
        rows, columns = self.formula(0, height), self.formula(1, width)
        return (rows,) if rows == columns else (rows, columns)

    def why(self, inputs: Sequence[Shape]) -> str:
        """The size rule with its numbers, for a sentence."""
        formulas = self.formulas(inputs)
        return formulas[0] if len(formulas) == 1 else "height {}; width {}".format(*formulas)

    def reason(self, inputs: Sequence[Shape]) -> str:
        """The whole explanation in words: what is done, the sizes, the channels."""
        sentence = f"{self.explanation}, {self.why(inputs)}."
        return " ".join(filter(None, (sentence, self.channel_note(inputs))))


@dataclass(frozen=True)
class Source(Operation):
    """The input image.

    Parameters
    ----------
    shape : (int, int, int)
        Height and width in pixels, and channels.
    """

    shape: Shape
    kind = "input"
    look = Look("quiet", "", "")
    label = "the image"
    explanation = "The image goes in"
    backward = (
        "This is the image itself: how each of its pixels would change the loss. "
        "Training stops at the weights and does not need it."
    )

    def keras(self) -> LayerCall:
        return "Input", {"shape": self.shape}

    def out_shape(self, inputs: Sequence[Shape]) -> Shape:
        return self.shape

    def lost(self, inputs: Sequence[Shape]) -> Pair:
        return 0, 0

    def formulas(self, inputs: Sequence[Shape]) -> tuple[str, ...]:
        return (f"{size_of(self.shape)} pixels",)

    def channel_note(self, inputs: Sequence[Shape]) -> str:
        return "1 channel." if self.shape[2] == 1 else f"{self.shape[2]} channels."


def window_refusal(window: str, size: Pair, shape: Shape) -> str:
    """Say what map a window without padding needs; empty where `shape` is large enough.

    Examples
    --------
    >>> window_refusal("3x3 convolution", (3, 3), (2, 2, 64))
    'the 3x3 convolution needs at least 3 x 3 pixels'
    """
    if size[0] <= shape[0] and size[1] <= shape[1]:
        return ""
    return f"the {window} needs at least {size_of(size)} pixels"
