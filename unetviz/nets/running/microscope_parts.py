"""What one number of a map is made of: the piece that goes in, and the arithmetic on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from unetviz.geometry.index_maps import AxisMap, Gather

Taps = tuple[tuple[int, int], ...]
"""Along one axis, for each tap: the index of the input, and the index in the kernel."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Piece:
    """The numbers that go in.

    Attributes
    ----------
    origins : tuple of (str, int)
        For each channel of the piece: the step whose map it is from, and which channel there.
    rows, columns : tuple of int
        Indices in those maps; what lies outside of them is padding.
    taps : (tuple of int, tuple of int)
        Rows and columns of the layer's kernel that meet them.
    patch : array of shape (h, w, c), float32
        The numbers; zeros for padding.
    padding : array of shape (h, w), bool
        Which of them lie outside of the map.
    """

    origins: tuple[tuple[str, int], ...]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    taps: tuple[tuple[int, ...], tuple[int, ...]]
    patch: np.ndarray
    padding: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """What the arithmetic of a layer makes of a piece, in float64.

    Attributes
    ----------
    rule : str
        ``"sum"`` of products, ``"largest"`` or ``"smallest"`` number, ``"product"`` of all numbers,
        ``"copy"`` of one, or ``"activation"`` of one.
    kernel : array of shape (h, w, c) or None
        What each number of the piece is multiplied by; None where nothing is.
    products : array of shape (h, w, c)
        What is added; where nothing is multiplied the numbers of the piece.
    bias : float
        What is added to the products; 0 for none.
    total : float
        The number before the activation.
    totals : tuple of float
        The same for all channels of this pixel where the activation needs them; else empty.
    activation : str
        Name of the activation; ``"linear"`` for none.
    value : float
        The number that comes out.
    largest : float
        The largest absolute number that is met on the way: rounding errors are measured by it.
    winners : tuple of (int, int, int)
        Row, column and channel in the piece of the largest or smallest number, or of several
        equal ones.
    """

    rule: str
    kernel: np.ndarray | None
    products: np.ndarray
    bias: float
    total: float
    totals: tuple[float, ...]
    activation: str
    value: float
    largest: float
    winners: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class LayerCalculation(Piece, Outcome):
    """One number of one map, taken apart; the attributes are those of `Piece` and `Outcome` too.

    Attributes
    ----------
    step : str
        Name of the step.
    layer : str
        Name of the Keras layer's class, such as ``"Conv2D"``.
    place : (int, int, int)
        Row, column and channel of the number.
    keras : float
        The number in the feature map that Keras computed, in float32.
    """

    step: str
    layer: str
    place: tuple[int, int, int]
    keras: float

    @property
    def sums(self) -> np.ndarray:
        """Sum of the products of each channel of the piece, shape (c,)."""
        return self.products.sum(axis=(0, 1))

    @property
    def exponentials(self) -> np.ndarray:
        """What a softmax divides, e to the power of each total minus the largest; shape (c,)."""
        totals = np.array(self.totals)
        return np.exp(totals - totals.max(initial=-np.inf))

    @property
    def difference(self) -> float:
        """How far it is from Keras' number, as a part of the largest number met on the way."""
        return abs(self.value - self.keras) / (self.largest or 1.0)


def taps_of(rule: AxisMap, index: int, n: int) -> Taps:
    """Return the taps that make output `index` of an axis whose input has `n` pixels.

    Examples
    --------
    >>> from unetviz.geometry.index_maps import stamp
    >>> taps_of(Gather(3, before=1), 0, 9)
    ((-1, 0), (0, 1), (1, 2))
    >>> taps_of(stamp(4, 2, "valid"), 2, 9)
    ((0, 2), (1, 0))
    """
    if isinstance(rule, Gather):
        first = index * rule.stride - rule.before
        return tuple((first + k * rule.dilation, k) for k in range(rule.kernel))
    window = rule.window
    return tuple((j, index + window.before - j * window.stride) for j in rule.inputs(index, n))


def cut(values: np.ndarray, name: str, channels: range, rows: Taps, columns: Taps) -> Piece:
    """Cut the piece that some taps meet out of a map.

    Parameters
    ----------
    values : array of shape (h, w, c)
        The map.
    name : str
        The step that it belongs to.
    channels : range
        Channels that take part.
    rows, columns : tuple of (int, int)
        Taps as `taps_of` gives them.
    """
    indices = [np.array([j for j, _ in taps], int) for taps in (rows, columns)]
    sides = list(zip(indices, values.shape[:2], strict=True))
    padding = ~np.outer(*((j >= 0) & (j < n) for j, n in sides))
    places = np.ix_(*(j.clip(0, n - 1) for j, n in sides))
    patch = values[..., channels.start : channels.stop][places]
    patch[padding] = 0
    return Piece(
        origins=tuple((name, channel) for channel in channels),
        rows=tuple(indices[0].tolist()),
        columns=tuple(indices[1].tolist()),
        taps=(tuple(k for _, k in rows), tuple(k for _, k in columns)),
        patch=patch,
        padding=padding,
    )


def stacked(pieces: Sequence[Piece]) -> Piece:
    """Put pieces from the same place of several maps one behind the other."""
    return replace(
        pieces[0],
        origins=tuple(origin for piece in pieces for origin in piece.origins),
        patch=np.concatenate([piece.patch for piece in pieces], axis=-1),
    )


def _outcome(
    rule: str,
    products: np.ndarray,
    total: float,
    *,
    kernel: np.ndarray | None = None,
    bias: float = 0.0,
    winners: tuple[tuple[int, int, int], ...] = (),
    further: float = 0.0,
) -> Outcome:
    met = np.concatenate([products.ravel(), products.ravel().cumsum(), [bias, total, further]])
    return Outcome(
        rule=rule,
        kernel=kernel,
        products=products,
        bias=float(bias),
        total=float(total),
        totals=(),
        activation="linear",
        value=float(total),
        largest=float(np.abs(met).max()),
        winners=winners,
    )


def summed(piece: Piece, kernel: np.ndarray, bias: float = 0.0, further: float = 0.0) -> Outcome:
    """Add the products of a piece and a kernel of the same shape, and a bias.

    `further` is a number that is met inside of them, where they are results themselves.
    """
    kernel = np.asarray(kernel, float)
    products = piece.patch.astype(float) * kernel
    total = products.sum(axis=(0, 1)).sum() + bias
    return _outcome("sum", products, total, kernel=kernel, bias=bias, further=further)


def averaged(piece: Piece) -> Outcome:
    """Take the mean of a piece; padding takes no part."""
    inside = ~piece.padding
    return summed(piece, (inside / inside.sum())[..., np.newaxis])


def chosen(piece: Piece, rule: str) -> Outcome:
    """Take the ``"largest"`` or the ``"smallest"`` number of a piece; padding takes no part."""
    numbers = piece.patch.astype(float)
    inside = numbers[~piece.padding]
    best = inside.max() if rule == "largest" else inside.min()
    found = np.argwhere((numbers == best) & ~piece.padding[..., np.newaxis])
    return _outcome(rule, numbers, best, winners=tuple((i, j, k) for i, j, k in found.tolist()))


def multiplied(piece: Piece) -> Outcome:
    """Multiply all numbers of a piece."""
    numbers = piece.patch.astype(float)
    return _outcome("product", numbers, numbers.prod(), further=np.abs(numbers.cumprod()).max())


def single(piece: Piece, rule: str = "copy") -> Outcome:
    """Take the only number of a piece; that of a padding is 0."""
    numbers = piece.patch.astype(float)
    return _outcome(rule, numbers, numbers.sum())
