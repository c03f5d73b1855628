"""A step in small: any operation that has links, also those of which there is no example."""

import numpy as np
import pytest

from unetviz.geometry import ops
from unetviz.widgets.explorers.backprop.small_step import SmallStep, drawn


@pytest.fixture
def random():
    return np.random.default_rng(7)


def test_what_is_drawn_is_small_and_never_0(random):
    assert set(drawn(random, 40, 40).flat) == {-3, -2, -1, 1, 2, 3}


def test_the_gradient_that_arrives_is_drawn_once_and_led_back(random):
    small = SmallStep(ops.AveragePooling(), (drawn(random, 4, 4, 1),), random)
    assert small.output.shape == small.gradient.shape == (2, 2)
    assert (small.gradient == small.arriving().values).all()
    spread = np.repeat(np.repeat(small.gradient, 2, axis=0), 2, axis=1) / 4
    np.testing.assert_array_equal(small.result().values, spread)
    assert small.back().weights[3, 0] == [((1, 0), 0.25)]


@pytest.mark.parametrize("shown", ["kernel", "turned"])
def test_taps_are_the_places_of_the_weights_also_of_a_strided_convolution(random, shown):
    operation = ops.Convolution(1, stride=(2, 2), activation="linear")
    kernel = np.arange(1, 10).reshape(3, 3, 1, 1)
    small = SmallStep(operation, (drawn(random, 7, 7, 1),), random, kernel)
    matrix = kernel[..., 0, 0] if shown == "kernel" else kernel[::-1, ::-1, 0, 0]
    taps = small.taps(shown).weights
    for cell, parts in small.back().weights.items():
        assert [matrix[tap] for tap, _ in taps[cell]] == [weight for _, weight in parts]


def test_maps_of_one_column_show_their_channels(random):
    inputs = drawn(random, 4, 1, 2), drawn(random, 4, 1, 3)
    small = SmallStep(ops.Concatenation(), inputs, random)
    assert small.gradient.shape == (4, 5)
    np.testing.assert_array_equal(np.hstack(small.results), small.gradient)
    assert small.back("below", 1).weights[2, 1] == [((2, 3), 1)]
