"""The order of a U-Net's steps: down the encoder, through the bottleneck, up the decoder."""

from __future__ import annotations

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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .unet import UNetSpec


def arrange(spec: UNetSpec, graph: Graph) -> None:
    """Add the steps of a U-Net to `graph`, with the names that the Keras layers will have."""
    shape = (*spec.input_size, spec.input_channels)
    current = graph.add("input", Source(shape), level=1, side="encoder")
    skips: dict[int, Step] = {}
    for level in range(1, spec.depth + 1):
        current = _block(spec, graph, current, f"enc{level}", level, "encoder")
        if level == spec.depth:
            current = _dropout(spec, graph, current, "enc")
        skips[level] = current
        pool = MaxPooling(_square(spec.pool_size), _square(spec.pool_size))
        current = graph.add(f"enc{level}_pool", pool, [current], level=level, side="encoder")
    bottom = spec.depth + 1
    current = _block(spec, graph, current, "bottleneck", bottom, "bottleneck")
    current = _dropout(spec, graph, current, "bottleneck")
    for level in range(spec.depth, 0, -1):
        current = _upsample(spec, graph, current, level)
        current = _merge(spec, graph, skips[level], current, level)
        current = _block(spec, graph, current, f"dec{level}", level, "decoder")
    _head(spec, graph, current)


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


def _dropout(spec: UNetSpec, graph: Graph, current: Step, side: str) -> Step:
    if spec.dropout == 0:
        return current
    prefix = f"enc{spec.depth}" if side == "enc" else side
    return graph.add(
        f"{prefix}_dropout",
        Dropout(spec.dropout),
        [current],
        level=current.level,
        side=current.side,
    )


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
