"""The panel that counts stamps, without a browser."""

import numpy as np
from support.grids import numbers
from support.panels import pixels

import unetviz as uv
from unetviz.labs.checkerboard import has_even_overlap


def test_it_says_even_exactly_if_the_stride_divides_the_kernel():
    panel = uv.widgets.CheckerboardExplorer(np.random.default_rng(0).random((64, 64)))
    for size in reversed(panel.size.options.values()):
        panel.size.value = size
        assert ("\u2713" in panel.note.value) == has_even_overlap(*size)
        if size != (64, 32):
            expected = uv.labs.stamp_counts((4, 4), *size)
            assert np.array_equal(numbers(panel.counts, "counts"), expected)


def test_a_flat_image_gets_a_checkerboard_exactly_if_the_overlap_is_uneven():
    panel = uv.widgets.CheckerboardExplorer(np.full((32, 32), 0.5))
    for size in panel.size.options.values():
        panel.size.value = size
        inner = pixels(panel.view)[64:-64, 64:-64] if size == (64, 32) else pixels(panel.view)[8:-8]
        inner = inner[:, 8:-8]
        assert (np.ptp(inner) <= 1) == has_even_overlap(*size)
