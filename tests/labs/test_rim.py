"""Zones around outlines, pieces, mixed pixels and windows, against counts pixel by pixel."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from unetviz.geometry.box import Box
from unetviz.labs.detection import count_components
from unetviz.labs.images.arrays import densest_window
from unetviz.labs.metrics import (
    DISTANCES,
    boundary_error_rates,
    distance_from_boundary,
    distance_table,
)
from unetviz.labs.pixel_loss import permuted_pixels

many = settings(max_examples=100, deadline=None)
shapes = st.tuples(st.integers(1, 9), st.integers(1, 9))


def masks(shape):
    return arrays(np.uint8, shape, elements=st.integers(0, 1))


one_mask = shapes.flatmap(masks)
two_masks = shapes.flatmap(lambda shape: st.tuples(masks(shape), masks(shape)))


def distances_by_hand(mask):
    pixels = list(np.ndindex(mask.shape))
    found = np.full(mask.shape, math.inf)
    for pixel in pixels:
        others = [math.dist(pixel, other) for other in pixels if mask[other] != mask[pixel]]
        found[pixel] = min(others, default=math.inf) - 0.5
    return found


@many
@given(one_mask)
def test_distances_are_those_to_the_nearest_pixel_of_the_other_kind(mask):
    np.testing.assert_allclose(distance_from_boundary(mask), distances_by_hand(mask))
    # Foreground and background may change places.
    np.testing.assert_array_equal(distance_from_boundary(1 - mask), distance_from_boundary(mask))


def test_without_a_border_everything_is_infinitely_far():
    for value in (0, 1, 7):
        assert (distance_from_boundary(np.full((3, 4), value)) == np.inf).all()


def test_everything_that_is_not_0_is_foreground():
    mask = np.array([[0, 0, -3, 200, 0.5]])
    assert distance_from_boundary(mask).tolist() == [[1.5, 0.5, 0.5, 1.5, 2.5]]
    assert distance_from_boundary(mask != 0).tolist() == [[1.5, 0.5, 0.5, 1.5, 2.5]]


def zones_by_hand(pairs, limits):
    """Wrong pixels and all pixels, zone by zone; a zone ends with its limit."""
    wrong, count = [0] * (len(limits) + 1), [0] * (len(limits) + 1)
    for prediction, mask in pairs:
        far = distances_by_hand(mask)
        for pixel in np.ndindex(mask.shape):
            zone = sum(far[pixel] > limit for limit in limits)
            wrong[zone] += prediction[pixel] != mask[pixel]
            count[zone] += 1
    return [a / b if b else math.nan for a, b in zip(wrong, count, strict=True)]


@many
@given(
    st.lists(two_masks, min_size=1, max_size=3),
    st.sampled_from([DISTANCES, (1,), (0.5, 1.5, 2.5), (0.25,), (math.sqrt(2) - 0.5,)]),
)
def test_shares_of_wrong_pixels_by_zone(pairs, limits):
    found = boundary_error_rates(*zip(*pairs, strict=True), limits)
    assert found == pytest.approx(zones_by_hand(pairs, limits), nan_ok=True)


def test_a_shifted_mask_is_wrong_at_its_rim_only():
    mask = np.zeros((64, 64), int)
    mask[16:48, 16:48] = 1
    near, between, far = boundary_error_rates([np.roll(mask, 2, axis=1)], [mask])
    # Two columns of 32 pixels at the left and two at the right; the zone is a frame of four pixels
    # whose outer corners, at sqrt(8) - 1/2, are just too far away.
    frame = 36**2 - 4 - 28**2
    assert near == pytest.approx(4 * 32 / frame)
    assert (between, far) == (0, 0)


def test_empty_masks_lie_beyond_all_limits():
    empty, full = np.zeros((4, 4)), np.ones((4, 4))
    near, between, far = boundary_error_rates([empty, full, full], [empty, empty, full])
    assert math.isnan(near)
    assert math.isnan(between)
    assert far == pytest.approx(1 / 3)


def test_no_images_at_all():
    assert all(math.isnan(share) for share in boundary_error_rates([], []))


def test_one_prediction_for_each_mask():
    masks = [np.eye(4)] * 2
    for pair in ((masks, masks[:1]), (masks[:1], masks)):
        with pytest.raises(ValueError, match="zip"):
            boundary_error_rates(*pair)


def test_images_may_have_different_sizes():
    pairs = [(np.eye(3), np.eye(3)[::-1]), (np.zeros((2, 5)), np.eye(2, 5))]
    found = boundary_error_rates(*zip(*pairs, strict=True), limits=(1,))
    assert found == pytest.approx(zones_by_hand(pairs, (1,)), nan_ok=True)


def test_the_table_says_the_same():
    random = np.random.default_rng(2)
    truth = [np.pad(np.ones((10, 12), int), 10) for _ in range(3)]
    predictions = {
        "a <good> one": truth,
        "a bad one": [random.integers(0, 2, one.shape) for one in truth],
    }
    table = distance_table(predictions, truth)
    assert table.headings == ("wrong pixels", "up to 2 pixels", "2 to 8", "beyond 8")
    assert table.rows[0] == ("a <good> one", "0.0%", "0.0%", "0.0%")
    shares = zones_by_hand(zip(predictions["a bad one"], truth, strict=True), (2, 8))
    assert table.rows[1] == ("a bad one", *(f"{100 * share:.1f}%" for share in shares))
    assert len(table.rows) == 2
    assert table.numbers == {1, 2, 3}
    headings = distance_table(predictions, truth, (0.5, 1, 2.5)).headings
    assert headings[1:] == ("up to 0.5 pixels", "0.5 to 1", "1 to 2.5", "beyond 2.5")


def pieces_by_hand(mask):
    """Sizes of the pieces: each is flooded from a pixel of it, over sides, not over corners."""
    left = {pixel for pixel in np.ndindex(mask.shape) if mask[pixel]}
    sizes = []
    while left:
        waiting, size = [left.pop()], 0
        while waiting:
            row, column = waiting.pop()
            size += 1
            around = {(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)}
            waiting += around & left
            left -= around
        sizes.append(size)
    return sizes


@many
@given(one_mask, st.integers(0, 10))
def test_pieces_are_those_that_a_flood_finds(mask, largest):
    sizes = pieces_by_hand(mask)
    assert count_components(mask) == len(sizes)
    assert count_components(mask, largest) == sum(size <= largest for size in sizes)


def test_pieces_that_touch_at_corners_are_several():
    assert count_components(np.eye(5)) == 5
    assert count_components(np.eye(5), largest=0.5) == 0
    assert count_components(1 - np.eye(5)) == 2
    assert count_components(np.zeros((3, 3))) == 0
    assert count_components(np.full((3, 3), -2)) == 1
    assert count_components(np.ones((3, 3)), largest=8) == 0


@many
@given(shapes, st.integers(0, 100))
def test_mixed_pixels_are_all_pixels(shape, seed):
    order = permuted_pixels(shape, seed)
    assert order.shape == shape
    assert order.dtype.kind == "i"
    assert sorted(order.ravel().tolist()) == list(range(shape[0] * shape[1]))
    np.testing.assert_array_equal(permuted_pixels(shape, seed), order)


def test_pixels_are_mixed_whole_and_by_the_seed():
    image = np.random.default_rng(0).random((6, 8, 3))
    order = permuted_pixels((6, 8))
    mixed = image.reshape(48, -1)[order]
    assert mixed.shape == image.shape
    for place, number in np.ndenumerate(order):
        np.testing.assert_array_equal(mixed[place], image[divmod(int(number), 8)])
    assert (order != np.arange(48).reshape(6, 8)).any()
    assert (order != permuted_pixels((6, 8), seed=1)).any()


@many
@given(one_mask, st.data())
def test_no_other_window_holds_more(mask, data):
    side = data.draw(st.integers(1, min(mask.shape)))
    box = densest_window(mask, side)
    counts = {
        (top, left): int(mask[top : top + side, left : left + side].sum())
        for top in range(mask.shape[0] - side + 1)
        for left in range(mask.shape[1] - side + 1)
    }
    assert (box.height, box.width) == (side, side)
    assert counts[box.top, box.left] == max(counts.values())
    # Of several the first, row by row: the same image is always shown at the same place.
    assert (box.top, box.left) == min(k for k, v in counts.items() if v == max(counts.values()))


def test_windows_that_are_easily_told():
    mask = np.zeros((40, 60))
    assert densest_window(mask, 10) == Box(0, 0, 10, 10)
    mask[33:37, 51:55] = -2
    mask[0, 0] = 1
    found = densest_window(mask, 4)
    assert found == Box(33, 51, 37, 55)
    assert all(type(n) is int for n in (found.top, found.left, found.bottom, found.right))
    assert densest_window(np.eye(5), 5) == Box(0, 0, 5, 5)
    assert densest_window(np.eye(5) > 0, 1) == Box(0, 0, 1, 1)


@pytest.mark.parametrize("side", [6, 7, 0])
def test_a_window_that_does_not_fit_is_refused_in_a_sentence(side):
    with pytest.raises(ValueError, match="side must be a whole number from 1 to 5, not"):
        densest_window(np.eye(5), side)
