"""Valid sizes against trying every size."""

from itertools import product

import pytest
from hypothesis import given, settings
from support.random_examples import examples
from support.random_specs import specs

import unetviz as uv


@settings(max_examples=examples(25))
@given(specs(max_depth=4))
def test_valid_sizes_are_those_whose_trace_has_nothing_to_say(spec):
    first = uv.nearest_valid_sizes(spec, 1)[1]
    start, stop = max(1, first - 40), first + 80
    tried = [
        n for n in range(start, stop) if not uv.trace(spec.replace(input_size=(n, first))).warnings
    ]
    assert uv.valid_sizes(spec, start, stop) == tried
    for n in range(start, stop, 7):
        below = [size for size in tried if size <= n]
        above = uv.valid_sizes(spec, n, n + 10**6)[0]
        assert uv.nearest_valid_sizes(spec, n) == (below[-1] if below else None, above)


def test_both_axes_of_the_input_size_play_no_part():
    spec = uv.UNetSpec((1, 999), padding="same")
    assert uv.valid_sizes(spec, 100, 150) == [112, 128, 144]


def test_ranges_are_half_open_and_may_be_empty():
    assert uv.valid_sizes(uv.PAPER, 188, 204) == [188]
    assert uv.valid_sizes(uv.PAPER, 188, 205) == [188, 204]
    assert uv.valid_sizes(uv.PAPER, 600, 500) == []
    assert uv.valid_sizes(uv.PAPER, -50, 100) == []


def test_the_head_counts():
    plain = uv.UNetSpec(depth=1)
    assert uv.nearest_valid_sizes(plain, 0) == (None, 18)  # 2 x 2 are left
    assert uv.nearest_valid_sizes(plain.replace(head_filters=(2,)), 0) == (None, 20)


def test_neighbours():
    assert uv.nearest_valid_sizes(uv.PAPER, 572) == (572, 572)
    assert uv.nearest_valid_sizes(uv.PAPER, 187) == (None, 188)
    assert uv.nearest_valid_sizes(uv.PAPER, 573) == (572, 588)
    assert uv.nearest_valid_sizes(uv.DOCUMENT, 250) == (240, 256)


def test_the_extremes_have_valid_sizes():
    for depth, pool_size, kernel_size in product(range(1, 9), [2, 3, 4], [1, 7]):
        spec = uv.UNetSpec(
            depth=depth,
            pool_size=pool_size,
            kernel_size=kernel_size,
            convs_per_block=4,
            base_filters=1,
        )
        first = uv.nearest_valid_sizes(spec, 0)[1]
        trace = uv.trace(spec.replace(input_size=first))
        assert trace.ok
        assert not trace.warnings
        assert uv.nearest_valid_sizes(spec, first + 1)[1] - first == pool_size**depth


def test_arguments_that_are_no_whole_numbers():
    with pytest.raises(ValueError, match=r"start must be a whole number, not 1\.5"):
        uv.valid_sizes(uv.PAPER, 1.5, 10)
    with pytest.raises(ValueError, match="n must be a whole number, not '572'"):
        uv.nearest_valid_sizes(uv.PAPER, "572")


def test_a_trace_has_the_sizes_of_its_specification():
    found = uv.trace(uv.PAPER)
    assert uv.valid_sizes(found, 560, 610) == uv.valid_sizes(uv.PAPER, 560, 610)
    assert uv.nearest_valid_sizes(found, 600) == uv.nearest_valid_sizes(uv.PAPER, 600)


def test_sizes_of_what_is_no_network():
    for what in (None, "PAPER", 572):
        with pytest.raises(TypeError, match="a network is a trace or a specification"):
            uv.valid_sizes(what, 1, 10)
        with pytest.raises(TypeError, match="a network is a trace or a specification"):
            uv.nearest_valid_sizes(what, 10)
