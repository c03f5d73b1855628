"""What a U-Net is made of: its numbers and choices, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from .. import _checks as check
from ..graph import Graph, Step
from ..ops import (
    Addition,
    Concatenation,
    Convolution,
    Crop,
    Dropout,
    MaxPooling,
    Pair,
    Source,
    TransposedConvolution,
    Upsampling,
)
from .base import DeclaredSpecification
from .fields import declared, one_of, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, repr=False)
class UNetSpec(DeclaredSpecification):
    """A U-Net as a value: two specifications with equal fields are equal.

    Parameters
    ----------
    input_size : int or (int, int)
        Height and width of the image, in pixels, at least 1; one number means a square.
    input_channels : int
        1 for grey, 3 for colour, at least 1.
    classes : int
        Channels of the output, at least 1; with the default last activation at least 2.
    depth : int
        Number of pools, 1 to 8.
    base_filters : int
        Channels of the first level, at least 1; each level has twice as many as the one above.
    convs_per_block : int
        Convolutions of a block, 1 to 4.
    kernel_size : int
        Window of these convolutions, in pixels: 1, 3, 5 or 7.
    dilation : int
        Pixels from tap to tap of these windows, 1 to 4; 1 is the ordinary convolution.
    pool_size : int
        Window and stride of the pools, in pixels, 2 to 4.
    padding : str
        ``"valid"``: no zeros are added and maps shrink; ``"same"``: sizes stay.
    upsampling : str
        ``"transposed"`` convolution, or ``"upsample_conv"``: copies, then a 2x2 convolution.
    merge : str
        ``"concat"``, ``"add"``, or ``"none"`` for a network without skips.
    head_filters : tuple of int
        Filters of extra 3x3 convolutions before the last 1x1 convolution.
    dropout : float
        Rate of the dropout at the end of the encoder and of the bottleneck; 0 for none.
    final_activation : str
        ``"softmax"``, ``"sigmoid"`` or ``"linear"``; with one class not ``"softmax"``, which would
        be 1 at every pixel.

    Raises
    ------
    ValueError
        If a field has a value that is not allowed, or the last activation does not go with the
        classes; the message says which and what is.

    Notes
    -----
    The defaults are figure 1 of Ronneberger, Fischer and Brox (2015), section 8 of the document.

    Examples
    --------
    >>> UNetSpec(300) == UNetSpec((300, 300))
    True
    >>> UNetSpec().replace(depth=3)
    UNetSpec(depth=3)
    """

    # One number is taken too, and kept as two.
    input_size: tuple[int, int] | Any = declared((572, 572), check.size, name="image")
    input_channels: int = whole(1, 1, name="channels of the image")
    classes: int = whole(2, 1, remark="one map of the output for each class")
    depth: int = whole(4, 1, 8)
    base_filters: int = whole(64, 1, name="channels of the first level")
    convs_per_block: int = whole(2, 1, 4, name="convolutions of a block")
    kernel_size: int = declared(
        3, partial(check.odd_integer, high=7), (1, 3, 5, 7), name="window of the convolutions"
    )
    dilation: int = whole(
        1,
        1,
        4,
        name="dilation of the convolutions",
        remark="the window reaches further, with the same weights",
    )
    pool_size: int = whole(2, 2, 4, name="window of the poolings")
    padding: str = one_of("valid", ("valid", "same"))
    upsampling: str = one_of(
        "transposed",
        ("transposed", "upsample_conv"),
        name="way up",
        values={
            "transposed": "transposed convolution",
            "upsample_conv": "copies, then a 2x2 convolution",
        },
        remark="same sizes, other numbers",
    )
    merge: str = one_of(
        "concat",
        ("concat", "add", "none"),
        values={"none": "no skips"},
        remark="what the decoder gets to see of the encoder",
    )
    head_filters: tuple[int, ...] = declared(
        (),
        check.integers,
        name="extra convolutions before the last",
        remark="without padding each takes a ring of pixels away",
    )
    dropout: float = declared(
        0.0, check.fraction, remark="random zeros while training, nothing in use"
    )
    final_activation: str = one_of(
        "softmax",
        ("softmax", "sigmoid", "linear"),
        name="last activation",
        remark="softmax: the classes share 1; sigmoid: each class on its own, 0 to 1",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.classes == 1 and self.final_activation == "softmax":
            raise ValueError(
                "a softmax over one class is 1 at every pixel, whatever the image: take "
                'final_activation="sigmoid", or classes=2'
            )

    def arrange(self, graph: Graph) -> None:
        """Add the steps of this network to `graph`, with the names that its layers will have."""
        shape = (*self.input_size, self.input_channels)
        current = graph.add("input", Source(shape), level=1, side="encoder")
        skips: dict[int, Step] = {}
        for level in range(1, self.depth + 1):
            current = _block(self, graph, current, f"enc{level}", level, "encoder")
            if level == self.depth:
                current = _dropout(self, graph, current, f"enc{level}")
            skips[level] = current
            pool = MaxPooling(_square(self.pool_size), _square(self.pool_size))
            current = graph.add(f"enc{level}_pool", pool, [current], level=level, side="encoder")
        bottom = self.depth + 1
        current = _block(self, graph, current, "bottleneck", bottom, "bottleneck")
        current = _dropout(self, graph, current, "bottleneck")
        for level in range(self.depth, 0, -1):
            current = _upsample(self, graph, current, level)
            current = _merge(self, graph, skips[level], current, level)
            current = _block(self, graph, current, f"dec{level}", level, "decoder")
        _head(self, graph, current)

    def filters(self, level: int) -> int:
        """Channels at `level`, 1 being the level of the input.

        Examples
        --------
        >>> [PAPER.filters(level) for level in (1, 2, 3, 4, 5)]
        [64, 128, 256, 512, 1024]
        """
        return self.base_filters * 2 ** (level - 1)


PAPER = UNetSpec()
"""The network of the paper's figure: 572 goes in, 388 comes out."""

DOCUMENT = UNetSpec(
    input_size=256,
    classes=1,
    padding="same",
    upsampling="upsample_conv",
    head_filters=(2,),
    dropout=0.5,
    final_activation="sigmoid",
)
"""The network that the document's code builds (section 9): 256 goes in, 256 comes out."""


def _square(side: int) -> Pair:
    return side, side


def _convolution(spec: UNetSpec, filters: int, kernel: int, dilation: int = 1) -> Convolution:
    return Convolution(filters, _square(kernel), padding=spec.padding, dilation=_square(dilation))


def _block(spec: UNetSpec, graph: Graph, current: Step, prefix: str, level: int, side: str) -> Step:
    convolution = _convolution(spec, spec.filters(level), spec.kernel_size, spec.dilation)
    for number in range(1, spec.convs_per_block + 1):
        name = f"{prefix}_conv{number}"
        current = graph.add(name, convolution, [current], level=level, side=side)
    return current


def _dropout(spec: UNetSpec, graph: Graph, current: Step, prefix: str) -> Step:
    if spec.dropout == 0:
        return current
    name, operation = f"{prefix}_dropout", Dropout(spec.dropout)
    return graph.add(name, operation, [current], level=current.level, side=current.side)


def _upsample(spec: UNetSpec, graph: Graph, current: Step, level: int) -> Step:
    factor = _square(spec.pool_size)
    name, filters = f"dec{level}_up", spec.filters(level)
    if spec.upsampling == "transposed":
        up = TransposedConvolution(filters, factor, factor)
        return graph.add(name, up, [current], level=level, side="decoder")
    current = graph.add(
        f"dec{level}_upsample", Upsampling(factor), [current], level=level, side="decoder"
    )
    # The document's code: 2x2 whatever the factor, and padded so that the size stays.
    smooth = Convolution(filters, (2, 2), padding="same")
    return graph.add(name, smooth, [current], level=level, side="decoder", kind="upconv")


def _merge(spec: UNetSpec, graph: Graph, skip: Step, up: Step, level: int) -> Step:
    if spec.merge == "none":
        return up
    if spec.padding == "valid":
        crop = Crop.to_fit(skip.out_shape, up.out_shape)
        skip = graph.add(f"dec{level}_crop", crop, [skip], level=level, side="decoder")
    operation = Concatenation() if spec.merge == "concat" else Addition()
    name = f"dec{level}_{operation.kind}"
    return graph.add(name, operation, [skip, up], level=level, side="decoder")


def _head(spec: UNetSpec, graph: Graph, current: Step) -> Step:
    for number, filters in enumerate(spec.head_filters, start=1):
        # The document's extra layer is 3x3 even where the blocks have another kernel.
        convolution = _convolution(spec, filters, 3)
        name = f"head_conv{number}"
        current = graph.add(name, convolution, [current], level=1, side="head")
    scores = Convolution(
        spec.classes,
        (1, 1),
        activation=spec.final_activation,
        initializer="glorot_uniform",
    )
    return graph.add("head", scores, [current], level=1, side="head", kind="head")
