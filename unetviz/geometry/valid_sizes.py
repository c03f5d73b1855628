"""Which input sizes fit: no pool drops a row, every crop is symmetric, and nothing is moved."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import lcm

from ._checks import integer
from .graph import Graph, Specification, Step
from .index_maps import Gather
from .ops import Pair

_SEARCH_LIMIT = 2**12
"""Largest bottleneck map tried, in pixels, before a network is said to fit no size at all."""

_LARGE = 2**20
"""A size, in pixels, at which a network that fits any size of its kind fits."""


def valid_sizes(spec: Specification, start: int, stop: int, axis: int | None = None) -> list[int]:
    """List the sizes of one axis that fit, from `start` up to, not including, `stop`.

    Parameters
    ----------
    spec : UNetSpec
        The network; its `input_size` plays no part.
    start, stop : int
        Sizes in pixels, half-open as in `range`.
    axis : int, optional
        0 for heights, 1 for widths; None for sizes that are both. They differ only where a model
        that was read does different things to rows and columns.

    Returns
    -------
    list of int
        Sizes at which no pool drops a row, every crop is symmetric and an output remains. The
        output of a model that was read covers its input if it does so at any size, and lies in it
        as at the model's own size; strided layers pad as they do there.

    Examples
    --------
    >>> from unetviz import PAPER
    >>> valid_sizes(PAPER, 560, 610)
    [572, 588, 604]
    """
    start, stop = integer("start", start), integer("stop", stop)
    firsts, step = _progressions(spec, axis)
    found: list[int] = []
    for first in firsts:
        begin = first + max(0, -((first - start) // step)) * step
        found += range(begin, stop, step)
    return sorted(found)


def nearest_valid_sizes(
    spec: Specification, n: int, axis: int | None = None
) -> tuple[int | None, int]:
    """Return the valid sizes around `n`: the largest of at most `n` and the smallest of at least.

    Parameters
    ----------
    spec : UNetSpec
        The network; its `input_size` plays no part.
    n : int
        Size of one axis, in pixels.
    axis : int, optional
        As for `valid_sizes`.

    Returns
    -------
    (int or None, int)
        Twice `n` if it is valid; None in front if every valid size is larger.

    Examples
    --------
    >>> from unetviz import PAPER
    >>> nearest_valid_sizes(PAPER, 512), nearest_valid_sizes(PAPER, 64)
    ((508, 524), (None, 188))
    """
    n = integer("n", n)
    firsts, step = _progressions(spec, axis)
    below = [n - (n - first) % step for first in firsts if first <= n]
    above = [n + (first - n) % step if first <= n else first for first in firsts]
    return max(below, default=None), min(above)


def _progressions(spec: Specification, axis: int | None) -> tuple[tuple[int, ...], int]:
    """First valid sizes, and the distance from each to the next of its kind."""
    # The spec without its size: one entry of the cache serves all sizes.
    spec = spec.replace(input_size=1)
    if not spec.is_read:
        first, step = _search(spec)
        return (first,), step
    found = [read_sizes(spec, one) for one in ((0, 1) if axis is None else (axis,))]
    period = lcm(*(one.period for one in found))
    firsts = []
    for residue in range(period):
        own = [one.firsts.get(residue % one.period) for one in found]
        known = [first for first in own if first is not None]
        if len(known) == len(found):
            least = max(known)
            firsts.append(least + (residue - least) % period)
    if not firsts:
        raise ValueError(f"{spec!r} has no input size at which nothing is lost")
    return tuple(sorted(firsts)), period


@lru_cache(maxsize=512)
def _search(spec: Specification) -> tuple[int, int]:
    """First valid size and the distance between two.

    A size that loses nothing is found from below: a bottleneck map of m pixels comes from exactly
    one such input size, a linear function of m. With m every map grows, and crops stay what they
    are, so once a size fits all larger ones of its kind do.
    """
    input_size = _inverse_encoder(spec)
    step = input_size(2) - input_size(1)
    deepest = 1
    while not _fits(spec, input_size(deepest)):
        deepest *= 2
        if deepest > _SEARCH_LIMIT:
            raise ValueError(f"{spec!r} has no input size at which nothing is lost")
    smaller = range(deepest)
    deepest = bisect_left(smaller, True, deepest // 2 + 1, key=lambda m: _fits(spec, input_size(m)))
    return input_size(deepest), step


@dataclass(frozen=True)
class ReadSizes:
    """The sizes along one axis that fit a network that was read from a model.

    Attributes
    ----------
    firsts : dict of int to int
        First valid size, by its remainder in the division by `period`.
    period : int
        Distance between two valid sizes of a kind.
    shrinks : int or None
        By how many pixels the output of a valid size is smaller: 0 where any size has an output
        that covers it, else as at the model's own size; None if that does not fit.
    zeros : dict of str to (int, int), or None
        What each step with a stride must add before and after its input, as at the model's own
        size; None if that does not fit itself and nothing like it does.
    """

    firsts: Mapping[int, int]
    period: int
    shrinks: int | None
    zeros: Mapping[str, Pair] | None


@lru_cache(maxsize=64)
def read_sizes(spec: Specification, axis: int) -> ReadSizes:
    """Return the sizes along one axis that fit a network that was read.

    Nothing is known about its arrows but that strides repeat themselves: each residue of their
    total is tried from above, because where a size fits, larger ones of its kind do too.

    Keras pads odd and even maps differently before a stride, so that the same weights would read
    other pixels: of the sizes that fit those count that pad as the model's own size does.
    """
    # Loaded here: it takes fractions, which all other networks do without.
    from .strides import total_stride

    own = Graph.of(sized_along(spec, axis, spec.own_size[axis]))
    zeros = stride_zeros(own, axis)
    large = Graph.of(sized_along(spec, axis, _LARGE))
    period = total_stride(large)[axis]
    graphs = {n: Graph.of(sized_along(spec, axis, n)) for n in range(_LARGE, _LARGE + period)}
    found = {n: graph for n, graph in graphs.items() if _steps_fit(graph, axis)}
    shrinks = {n: n - _output(graph, axis) for n, graph in found.items()}
    wanted = None
    if 0 in shrinks.values():
        wanted = 0
    elif _steps_fit(own, axis) and (n := spec.own_size[axis] - _output(own, axis)) in (
        shrinks.values()
    ):
        wanted = n
    if wanted is not None:
        found = {n: graph for n, graph in found.items() if shrinks[n] == wanted}
    in_phase = {n: one for n, one in found.items() if stride_zeros(one, axis) == zeros}
    found = in_phase or found
    firsts = {}
    for n in found:
        sizes = range(n % period, n + 1, period)
        place = bisect_left(sizes, True, key=lambda n: _read_fits(spec, axis, n, wanted))
        firsts[n % period] = sizes[place]
    if not firsts:
        raise ValueError(f"{spec!r} has no input size at which nothing is lost")
    return ReadSizes(firsts, period, wanted, zeros if in_phase else None)


def stride_zeros(steps: Iterable[Step], axis: int) -> dict[str, Pair]:
    """Return the zeros that each step with a stride adds before and after its input.

    With `same` padding they depend on the size: of a 3x3 window with a stride of 2 an even map gets
    a zero at its end, an odd one at both ends, so that the windows lie elsewhere.
    """
    rules = {step.name: step.rule(axis) for step in steps if step.inputs}
    return {
        name: (rule.before, rule.after)
        for name, rule in rules.items()
        if isinstance(rule, Gather) and rule.stride > 1
    }


def sized_along(spec: Specification, axis: int, n: int) -> Specification:
    """Return the network at a size of one axis; the other is as in the model, where that works."""
    if not spec.is_read:
        return spec.replace(input_size=n)
    rows, columns = spec.own_size
    sized = spec.replace(input_size=(n, columns) if axis == 0 else (rows, n))
    works = Graph.of(spec.replace(input_size=(rows, columns))).failed is None
    return sized if works else spec.replace(input_size=n)


def _steps_fit(graph: Graph, axis: int) -> bool:
    return graph.failed is None and not any(step.lost[axis] or step.uneven[axis] for step in graph)


def _output(graph: Graph, axis: int) -> int:
    return [*graph][-1].out_shape[axis]


def _read_fits(spec: Specification, axis: int, n: int, shrinks: int | None) -> bool:
    if n < 1:
        return False
    graph = Graph.of(sized_along(spec, axis, n))
    return _steps_fit(graph, axis) and shrinks in (None, n - _output(graph, axis))


def _fits(spec: Specification, n: int) -> bool:
    return n >= 1 and Graph.of(spec.replace(input_size=n)).fits


def _inverse_encoder(spec: Specification) -> Callable[[int], int]:
    """Function from the size of the deepest map to the input size that it comes from."""
    large = 4**12  # the deepest encoder (8 pools of 4) reaches its bottleneck from here
    graph = Graph.of(spec.replace(input_size=large))
    step: Step = max(graph, key=lambda step: step.level)
    rules = []
    while step.inputs:
        rules.append(step.operation.axis_map(0, step.in_shapes[0][0]))
        step = graph[step.inputs[0]]

    def input_size(size: int) -> int:
        for rule in rules:
            size = rule.input_size_for(size)
        return size

    return input_size
