"""Which size a tile needs so that some stride is seamless."""

from __future__ import annotations

from bisect import bisect_left

from unetviz.geometry.box import Box
from unetviz.geometry.graph import Specification
from unetviz.geometry.ops import size_of
from unetviz.geometry.receptive_field import free_span
from unetviz.geometry.strides import total_stride
from unetviz.geometry.trace import Trace, trace
from unetviz.geometry.valid_sizes import nearest_valid_sizes, sized_along, valid_sizes

from ._axis import seamless_stride

_TRIED = 2**12
"""Valid input sizes among which one is sought: more than any receptive field has strides."""


def explain_no_stride(found: Trace, free: Box | None) -> str:
    """Return why no stride is seamless, and an input size at which one is."""
    tile = size_of(found.steps[0].out_shape)
    phase = total_stride(found)
    if found.warnings:
        why = f"tiles of {tile} {misfit(found)} ({found.warnings[0].message[:-1]})"
    elif free is None:
        why = f"in tiles of {tile} every output pixel has seen padding"
    else:
        why = (
            f"in tiles of {tile} only {size_of((free.height, free.width))} pixels never see "
            f"padding, rows {free.top} to {free.bottom - 1} and columns {free.left} to "
            f"{free.right - 1}, and no window in them begins and ends at multiples of "
            f"{size_of(phase)}"
        )
    # Whoever follows the advice builds the network again, perhaps with other crops.
    spec = found.spec.rebuilt()
    rows, columns = (working_size(spec, axis, n) for axis, n in enumerate(found.spec.input_size))
    if rows is None or columns is None:
        return f"no stride is seamless: {why}. No larger input size helps."
    return f"no stride is seamless: {why}. An input size of {size_of((rows, columns))} works."


def misfit(found: Trace) -> str:
    """Return what is wrong with tiles of a size that is not valid, as a clause."""
    if all(step.fits for step in found):
        return "do not have the output that one pass over the image has"
    return "lose pixels on their way"


def working_size(spec: Specification, axis: int, n: int) -> int | None:
    """Return the smallest valid input size along one axis, from `n` on, with a seamless stride."""
    try:
        first = nearest_valid_sizes(spec, n, axis)[1]
        step = nearest_valid_sizes(spec, first + 1, axis)[1] - first
    except ValueError:
        return None
    sizes = valid_sizes(spec, first, first + _TRIED * step, axis)
    # A larger input has more outputs without padding, so where one size works, larger ones do.
    place = bisect_left(sizes, True, key=lambda n: _has_seamless_stride(spec, axis, n))
    return sizes[place] if place < len(sizes) else None


def _has_seamless_stride(spec: Specification, axis: int, n: int) -> bool:
    found = trace(sized_along(spec, axis, n))
    return found.ok and seamless_stride(free_span(found, axis), total_stride(found)[axis]) > 0
