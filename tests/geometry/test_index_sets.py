"""Sets of indices as whole numbers, against Python's own sets."""

from hypothesis import given
from hypothesis import strategies as st

from unetviz.geometry._index_sets import below, hull, moved, sampled, stretch


def bits(members):
    return sum(1 << member for member in members)


def members(bits):
    return {i for i in range(bits.bit_length()) if bits >> i & 1}


@given(st.sets(st.integers(0, 120)), st.integers(-130, 130), st.integers(1, 5))
def test_sets_as_bits(some, distance, factor):
    assert members(bits(some)) == some
    assert members(moved(bits(some), distance)) == {i + distance for i in some if i + distance >= 0}
    assert members(stretch(bits(some), factor)) == {i * factor for i in some}
    assert members(sampled(bits(some), factor)) == {i // factor for i in some if i % factor == 0}
    assert members(bits(some) & below(distance)) == {i for i in some if i < distance}
    assert hull(bits(some)) == (range(min(some), max(some) + 1) if some else range(0))
