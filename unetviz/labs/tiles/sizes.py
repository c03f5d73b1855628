"""Which input sizes a tile can have if the result is to be seamless."""

from __future__ import annotations

from bisect import bisect_left
from math import lcm

from unetviz.geometry.graph import Specification
from unetviz.geometry.ops import size_of
from unetviz.geometry.receptive_field import Box, padding_free
from unetviz.geometry.strides import total_stride
from unetviz.geometry.trace import Trace, trace
from unetviz.geometry.valid_sizes import nearest_valid_sizes, valid_sizes

from .axis import seamless_stride

_FARTHEST = 2**12
"""Total strides by which a size is raised before none is said to work: the border that padding
spoils is a few dozen total strides wide in the deepest U-Net with the widest kernels."""


def explain_no_stride(found: Trace, free: Box | None) -> str:
    """Say why no stride is seamless, and name an input size at which one is."""
    tile = size_of(found.steps[0].out_shape)
    phase = total_stride(found)
    if found.warnings:
        why = f"tiles of {tile} lose pixels on their way ({found.warnings[0].message[:-1]})"
    elif free is None:
        why = f"in tiles of {tile} every output pixel has seen padding"
    else:
        why = (
            f"in tiles of {tile} only {size_of((free.height, free.width))} pixels never see "
            f"padding, rows {free.top} to {free.bottom - 1} and columns {free.left} to "
            f"{free.right - 1}, and no window in them begins and ends at multiples of "
            f"{size_of(phase)}"
        )
    # What is advised is to build the network anew, so its crops may be others.
    spec = found.spec.rebuilt()
    works = [_working_size(spec, axis, n) for axis, n in enumerate(found.spec.input_size)]
    if None in works:
        return (
            f"no stride is seamless: {why}. No larger input size helps; choose a stride yourself, "
            f"such as stride={phase[0]}, and accept seams."
        )
    return f"no stride is seamless: {why}. An input size of {size_of(works)} works."


def _working_size(spec: Specification, axis: int, n: int) -> int | None:
    """Smallest input size along one axis, from `n` on, that has a seamless stride."""
    try:
        first = nearest_valid_sizes(spec, n)[1]
    except ValueError:
        return None
    period = lcm(*total_stride(trace(spec.replace(input_size=first))))
    # Sizes a period apart behave alike, so each residue is searched on its own.
    found = (
        _first_seamless(spec, axis, size, period)
        for size in valid_sizes(spec, first, first + period)
    )
    return min((size for size in found if size is not None), default=None)


def _first_seamless(spec: Specification, axis: int, first: int, period: int) -> int | None:
    """Smallest of the sizes `first`, `first + period`, ... that has a seamless stride.

    The borders that see padding are equally wide at all of them. So the area without padding grows
    with the size, and a size that works can be found by doubling, the smallest one by halving.
    """

    def is_seamless(count: int) -> bool:
        return _has_seamless_stride(spec, axis, first + count * period)

    enough = 1
    while not is_seamless(enough):
        enough *= 2
        if enough > _FARTHEST:
            return None
    return first + bisect_left(range(enough), True, key=is_seamless) * period


def _has_seamless_stride(spec: Specification, axis: int, n: int) -> bool:
    found = trace(spec.replace(input_size=n))
    free = padding_free(found) if found.ok and not found.warnings else None
    if free is None:
        return False
    span = (range(free.top, free.bottom), range(free.left, free.right))[axis]
    return bool(seamless_stride(span, total_stride(found)[axis]))
