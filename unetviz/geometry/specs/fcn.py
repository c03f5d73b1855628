"""Fully convolutional networks: a classifier's convolutions, coarse scores, and the way back up."""

from __future__ import annotations

from dataclasses import dataclass

from .. import _checks as check
from ..graph import Graph, Step
from ..ops import (
    Addition,
    Convolution,
    Crop,
    MaxPooling,
    Pair,
    Pointwise,
    Source,
    TransposedConvolution,
)
from .base import DeclaredSpecification
from .fields import declared, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..trace import Trace

STRIDES = (32, 16, 8)
"""Pixels by which the last up-sampling spreads two neighbouring scores."""

_STAMPS_OVERLAP = (
    "the stamps of the border pixels reach beyond the map; what lies outside is cut off"
)

_CONVOLUTIONS = (2, 2, 3, 3, 3)
"""Convolutions before each of the five poolings, as in the VGG network with 16 layers."""


def _stride(field: str, value: Any) -> int:
    """Return `value` as an int, or raise if it is no stride of an FCN."""
    if check.integer(field, value) not in STRIDES:
        raise ValueError(f"{field} must be 32, 16 or 8, not {value!r}")
    return check.integer(field, value)


def _classes(field: str, value: Any) -> int:
    """Return `value` as an int, or raise if a softmax over so many classes says nothing."""
    if check.integer(field, value, 1) == 1:
        raise ValueError(
            "a softmax over one class is 1 at every pixel, whatever the image: take classes=2, the "
            "background and the foreground"
        )
    return check.integer(field, value)


@dataclass(frozen=True, repr=False)
class FCNSpec(DeclaredSpecification):
    """A fully convolutional network as a value, of the kind FCN-32s, FCN-16s or FCN-8s.

    Parameters
    ----------
    input_size : int or (int, int)
        Height and width of the image, in pixels, at least 32; one number means a square.
    input_channels : int
        1 for grey, 3 for colour, at least 1.
    classes : int
        Channels of the output, at least 2: a softmax over one would be 1 everywhere.
    base_filters : int
        Channels of the first level, at least 1; the next have 2, 4, 8 and 8 times as many.
    stride : int
        32: the coarse scores are up-sampled at once. 16 and 8: scores of the fourth, and of the
        third pooling too, are added on the way.

    Raises
    ------
    ValueError
        If a field has a value that is not allowed.

    Notes
    -----
    Sections 3, 4 and 7 of the document; Long, Shelhamer and Darrell (2015), figure 3. Convolutions
    are padded so that the five poolings alone make the maps smaller: 2, 4, 8, 16 and 32 times.

    Examples
    --------
    >>> from unetviz import trace
    >>> found = trace(FCNSpec(500))
    >>> found["score"].out_shape, found["up"].out_shape, found.output_shape
    ((15, 15, 2), (512, 512, 2), (500, 500, 2))
    """

    # One number is taken too, and kept as two.
    input_size: tuple[int, int] | Any = declared((512, 512), check.size)
    input_channels: int = whole(1, 1)
    classes: int = declared(2, _classes)
    base_filters: int = whole(64, 1)
    stride: int = declared(32, _stride, STRIDES)

    @property
    def title(self) -> str:  # type: ignore[override]
        """What captions call it."""
        return f"An FCN-{self.stride}s"

    def arrange(self, graph: Graph) -> None:
        """Add the steps of this network to `graph`."""
        pools = _encoder(self, graph)
        current = _scores(self, graph, "score", pools[5], "bottleneck")
        joins = STRIDES.index(self.stride)
        for number in (4, 3)[:joins]:
            current = _join(self, graph, current, pools[number])
        _up_to_the_image(self, graph, current)


def _encoder(spec: FCNSpec, graph: Graph) -> dict[int, Step]:
    """The convolutions and poolings; returns the poolings by level."""
    shape = (*spec.input_size, spec.input_channels)
    current = graph.add("input", Source(shape), level=1, side="encoder")
    pools = {}
    for level, count in enumerate(_CONVOLUTIONS, start=1):
        convolution = Convolution(spec.base_filters * 2 ** min(level - 1, 3), padding="same")
        for number in range(1, count + 1):
            name = f"enc{level}_conv{number}"
            current = graph.add(name, convolution, [current], level=level, side="encoder")
        name = f"enc{level}_pool"
        current = graph.add(name, MaxPooling(), [current], level=level, side="encoder")
        pools[level] = current
    return pools


def _scores(spec: FCNSpec, graph: Graph, name: str, source: Step, side: str) -> Step:
    """A 1x1 convolution: how much there is of each class, coarsely."""
    operation = Convolution(spec.classes, (1, 1), activation="linear", initializer="glorot_uniform")
    return graph.add(name, operation, [source], level=source.map_level, side=side, kind="head")


def _up(spec: FCNSpec, factor: int) -> TransposedConvolution:
    """Twice as wide as far: each stamp reaches to the middle of its neighbours."""
    kernel = (2 * factor, 2 * factor)
    return TransposedConvolution(spec.classes, kernel, (factor, factor), initializer="bilinear")


def _sticking_out(operation: TransposedConvolution) -> Pair:
    """Rows and columns by which the stamp of the first pixel sticks out of its place."""
    rows, columns = (
        (kernel - stride) // 2
        for kernel, stride in zip(operation.kernel, operation.stride, strict=True)
    )
    return rows, columns


def _crop(up: Step, target: Step) -> Crop:
    """Cut an up-sampled map to the size of another, so that its pixels stay in their places.

    At the top and left goes what sticks out there. Where a pooling lost more rows than what is then
    left to cut at the bottom, less is cut at the top, and the map is moved a little.
    """
    totals = [up.out_shape[axis] - target.out_shape[axis] for axis in (0, 1)]
    first = [min(n, total) for n, total in zip(_sticking_out(up.operation), totals, strict=True)]  # type: ignore[arg-type]
    rows, columns = ((n, total - n) for n, total in zip(first, totals, strict=True))
    return Crop((rows, columns), fixed=True, why_cut=_STAMPS_OVERLAP)


def _join(spec: FCNSpec, graph: Graph, current: Step, pool: Step) -> Step:
    """Up-sample by two and add the scores of a finer pooling."""
    level = pool.map_level
    up = graph.add(f"dec{level}_up", _up(spec, 2), [current], level=level, side="decoder")
    cut = graph.add(f"dec{level}_crop", _crop(up, pool), [up], level=level, side="decoder")
    finer = _scores(spec, graph, f"dec{level}_score", pool, "encoder")
    return graph.add(f"dec{level}_add", Addition(), [cut, finer], level=level, side="decoder")


def _up_to_the_image(spec: FCNSpec, graph: Graph, current: Step) -> Step:
    up = graph.add("up", _up(spec, spec.stride), [current], level=1, side="decoder")
    cut = graph.add("crop", _crop(up, graph["input"]), [up], level=1, side="decoder")
    softmax = Pointwise("softmax", "activation", "Softmax")
    return graph.add("softmax", softmax, [cut], level=1, side="head")


def displacement(found: Trace) -> tuple[int, int]:
    """Return how far the coarse scores come to lie from the pixels that they were computed from.

    Parameters
    ----------
    found : Trace
        Of an `FCNSpec`, one that works.

    Returns
    -------
    (int, int)
        Rows down and columns to the right, in pixels of the image: 0 for multiples of 32, and at
        most half of `stride` for other sizes.

    Examples
    --------
    >>> from unetviz import trace
    >>> displacement(trace(FCNSpec(512))), displacement(trace(FCNSpec((520, 500))))
    ((0, 0), (0, 4))
    """
    crop = found.check()["crop"]
    # The crops before it always have enough to cut at the bottom.
    rows, columns = (
        natural - before
        for natural, (before, _) in zip(
            _sticking_out(found["up"].operation),  # type: ignore[arg-type]
            crop.crop,  # type: ignore[arg-type]
            strict=True,
        )
    )
    return rows, columns
