"""Which input sizes fit: no pool drops a row and every crop is symmetric."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from functools import lru_cache
from math import lcm

from ._checks import integer
from .graph import Graph, Specification, Step, specification_of

_SEARCH_LIMIT = 2**12
"""Largest bottleneck map tried, in pixels, before a network is said to fit no size at all."""

_LARGE = 2**20
"""A size, in pixels, at which a network that fits any size of its kind fits."""


def valid_sizes(spec: Specification, start: int, stop: int) -> list[int]:
    """List the sizes of one axis that fit, from `start` up to, not including, `stop`.

    Parameters
    ----------
    spec : UNetSpec
        The network; its `input_size` plays no part.
    start, stop : int
        Sizes in pixels, half-open as in `range`.

    Returns
    -------
    list of int
        Sizes at which no pool drops a row, every crop is symmetric and an output remains.

    Examples
    --------
    >>> from unetviz import PAPER
    >>> valid_sizes(PAPER, 560, 610)
    [572, 588, 604]
    """
    spec = specification_of(spec)
    start, stop = integer("start", start), integer("stop", stop)
    firsts, step = _progressions(spec)
    found: list[int] = []
    for first in firsts:
        begin = first + max(0, -((first - start) // step)) * step
        found += range(begin, stop, step)
    return sorted(found)


def nearest_valid_sizes(spec: Specification, n: int) -> tuple[int | None, int]:
    """Return the valid sizes around `n`: the largest of at most `n` and the smallest of at least.

    Parameters
    ----------
    spec : UNetSpec
        The network; its `input_size` plays no part.
    n : int
        Size of one axis, in pixels.

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
    spec, n = specification_of(spec), integer("n", n)
    firsts, step = _progressions(spec)
    below = [n - (n - first) % step for first in firsts if first <= n]
    above = [n + (first - n) % step if first <= n else first for first in firsts]
    return max(below, default=None), min(above)


def _progressions(spec: Specification) -> tuple[tuple[int, ...], int]:
    """First valid sizes, and the distance from each to the next of its kind."""
    # The spec without its size: one entry of the cache serves all sizes.
    spec = spec.replace(input_size=(1, 1))
    if spec.is_read:
        return _search_residues(spec)
    first, step = _search(spec)
    return (first,), step


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


@lru_cache(maxsize=64)
def _search_residues(spec: Specification) -> tuple[tuple[int, ...], int]:
    """First valid sizes of a network that was read, and the distance between two of a kind.

    Nothing is known about its arrows but that poolings repeat themselves: each residue of their
    total stride is tried from above, because where a size fits, larger ones of its kind do too.
    """
    # Loaded here: it takes fractions, which all other networks do without.
    from .strides import total_stride

    period = lcm(*total_stride(Graph.of(spec.replace(input_size=_LARGE))))
    firsts = []
    for residue in range(period):
        sizes = range(residue, _LARGE + residue + 1, period)
        if _fits(spec, sizes[-1]):
            firsts.append(sizes[bisect_left(sizes, True, key=lambda n: _fits(spec, n))])
    if not firsts:
        raise ValueError(f"{spec!r} has no input size at which nothing is lost")
    return tuple(sorted(firsts)), period


def _fits(spec: Specification, n: int) -> bool:
    return n >= 1 and Graph.of(spec.replace(input_size=(n, n))).fits


def _inverse_encoder(spec: Specification) -> Callable[[int], int]:
    """Function from the size of the deepest map to the input size that it comes from."""
    large = 4**12  # the deepest encoder (8 pools of 4) reaches its bottleneck from here
    graph = Graph.of(spec.replace(input_size=(large, large)))
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
