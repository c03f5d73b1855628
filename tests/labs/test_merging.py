"""How much of a map can be recovered, against the normal equations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.labs.merging import explained_variance

many = settings(max_examples=examples(30))
seeds = st.integers(0, 10**6)
counts = st.integers(1, 4)


def maps(seed, *channels, shape=(7, 9)):
    """Random maps whose channels lie anywhere: a best fit without a bias would be a poor one."""
    random = np.random.default_rng(seed)
    return [random.normal(random.uniform(-9, 9), 1, (*shape, count)) for count in channels]


def share_by_hand(merged, original):
    """Solve the normal equations of a 1x1 convolution with a bias, channel by channel."""
    height, width, channels = merged.shape
    known = np.ones((height * width, channels + 1))
    known[:, :channels] = merged.reshape(height * width, channels)
    missed = total = 0.0
    for channel in range(original.shape[2]):
        wanted = original[..., channel].reshape(height * width)
        weights = np.linalg.solve(known.T @ known, known.T @ wanted)
        missed += np.square(known @ weights - wanted).sum()
        total += wanted.var() * wanted.size
    return 1 - missed / total


@many
@given(seeds, counts, counts)
def test_it_is_the_share_that_the_best_weights_and_biases_explain(seed, channels, wanted):
    merged, original = maps(seed, channels, wanted)
    original[..., :1] += np.random.default_rng(seed).uniform(-2, 2) * merged[..., :1]
    share = explained_variance(merged, original)
    assert share == pytest.approx(share_by_hand(merged, original), abs=1e-9)
    assert 0 <= share <= 1


@many
@given(seeds, counts, counts)
def test_all_of_both_can_be_recovered_from_a_concatenation(seed, first, second):
    skip, up = maps(seed, first, second)
    for beside in (np.concatenate([skip, up], axis=-1), np.concatenate([up, skip], axis=-1)):
        assert explained_variance(beside, skip) == pytest.approx(1)
        assert explained_variance(beside, up) == pytest.approx(1)


@many
@given(seeds, counts, counts)
def test_mixing_the_channels_without_loss_changes_nothing(seed, channels, wanted):
    merged, original = maps(seed, channels, wanted)
    random = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(random.normal(size=(channels, channels)))
    mixed = (merged * random.uniform(0.2, 5, channels)) @ turned + random.normal(size=channels)
    assert explained_variance(mixed, original) == pytest.approx(
        explained_variance(merged, original)
    )


@many
@given(seeds, counts)
def test_more_channels_never_tell_less(seed, channels):
    merged, more, original = maps(seed, channels, 1, 3)
    both = np.concatenate([merged, more], axis=-1)
    assert explained_variance(both, original) >= explained_variance(merged, original) - 1e-12


def test_of_a_sum_the_share_is_that_of_its_variance():
    """Of two maps that have nothing to do with each other the sum keeps each by its variance."""
    skip, up = np.random.default_rng(0).normal(size=(2, 300, 300, 1))
    assert explained_variance(skip + up, skip) == pytest.approx(1 / 2, abs=0.01)
    assert explained_variance(2 * skip + up, skip) == pytest.approx(4 / 5, abs=0.01)
    assert explained_variance(2 * skip + up, up) == pytest.approx(1 / 5, abs=0.01)
    assert explained_variance(up, skip) == pytest.approx(0, abs=0.01)
    assert explained_variance(np.zeros_like(up), skip) == 0


def test_channels_that_are_copies_or_dead_do_no_harm():
    skip, up = maps(3, 2, 1)
    merged = np.concatenate([up, up, np.zeros_like(up), np.full_like(up, 7.0)], axis=-1)
    assert explained_variance(merged, skip) == pytest.approx(share_by_hand(up, skip))


def test_what_goes_in_is_not_changed_and_may_be_of_any_type():
    skip, up = (m.astype("float32") for m in maps(4, 2, 2))
    kept = skip.copy(), up.copy()
    single = explained_variance(skip + up, skip)
    assert np.array_equal(skip, kept[0])
    assert np.array_equal(up, kept[1])
    assert single == pytest.approx(share_by_hand((skip + up).astype(float), skip), abs=1e-6)
    whole = np.random.default_rng(5).integers(0, 256, (8, 8, 3), np.uint8)
    expected = share_by_hand(whole[..., :2].astype(float), whole.astype(float))
    assert explained_variance(whole[..., :2], whole) == pytest.approx(expected)


def test_maps_of_other_shapes_are_refused():
    random = np.random.default_rng(0)
    for merged, original in (
        ((4, 5, 2), (5, 4, 2)),
        ((4, 5, 2), (4, 6, 2)),
        ((4, 5), (4, 5, 2)),
        ((4, 5, 2), (4, 5)),
        ((1, 4, 5, 2), (1, 4, 5, 2)),
    ):
        both = random.normal(size=merged), random.normal(size=original)
        assert_refused(lambda b=both: explained_variance(*b), merged, original)


def test_a_map_without_anything_in_it_is_refused():
    (merged,) = maps(0, 2)
    # Not all of them can be written exactly: a mean may differ from every one of them.
    for value in (0, 3, -0.5, 0.1, 0.7, 1 / 3):
        even = np.full((7, 9, 3), value)
        assert_refused(lambda e=even: explained_variance(merged, e), "same at all pixels")
