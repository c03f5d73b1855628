"""Index maps against writing every tap down."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from unetviz.geometry.index_maps import Gather, Spread, stamp, window

windows = st.builds(
    Gather,
    kernel=st.integers(1, 6),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 3),
    before=st.integers(-3, 4),
    after=st.integers(-3, 4),
)


def taps(rule, n):
    """All pairs (input, output) of a sliding window, written down one by one."""
    return {
        (j, i)
        for i in range(max(rule.size(n), 0))
        for k in range(rule.kernel)
        if 0 <= (j := i * rule.stride - rule.before + k * rule.dilation) < n
    }


@given(windows, st.integers(1, 24))
def test_both_directions_of_a_window(rule, n):
    pairs = taps(rule, n)
    for i in range(max(rule.size(n), 0)):
        assert list(rule.inputs(i, n)) == sorted(j for j, at in pairs if at == i)
    for j in range(n):
        assert list(rule.outputs(j, n)) == sorted(i for at, i in pairs if at == j)


@given(windows, st.integers(1, 24))
def test_size_is_the_number_of_windows_that_fit(rule, n):
    padded = n + rule.before + rule.after
    starts = [s for s in range(0, max(padded, 0), rule.stride) if s + rule.span <= padded]
    assert max(rule.size(n), 0) == len(starts)
    if starts:
        assert rule.lost(n) == padded - (starts[-1] + rule.span)
        assert rule.input_size_for(rule.size(n)) == n - rule.lost(n)


@given(windows, st.integers(1, 12))
def test_a_stamp_is_the_window_read_backwards(rule, n):
    up = Spread(rule)
    size = up.size(n)
    assume(size > 0)
    pairs = {(written, read) for written, read in taps(rule, size) if read < n}
    for j in range(n):
        assert list(up.outputs(j, n)) == sorted(i for i, at in pairs if at == j)
    for i in range(size):
        assert list(up.inputs(i, n)) == sorted(j for at, j in pairs if at == i)


@pytest.mark.parametrize(
    ("kernel", "stride", "n", "size", "before", "after"),
    [(3, 1, 10, 10, 1, 1), (2, 1, 10, 10, 0, 1), (3, 2, 5, 3, 1, 1), (2, 2, 5, 3, 0, 1)],
)
def test_same_padding_as_tensorflow_counts_it(kernel, stride, n, size, before, after):
    rule = window(kernel, stride, 1, "same", n)
    assert (rule.size(n), rule.before, rule.after) == (size, before, after)


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "size"),
    [(2, 2, "valid", 8), (3, 2, "valid", 9), (64, 32, "same", 128), (1, 3, "valid", 12)],
)
def test_stamps_have_the_size_that_keras_gives(kernel, stride, padding, size):
    assert stamp(kernel, stride, padding).size(4) == size
