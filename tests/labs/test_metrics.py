"""Metrics of masks, against counts by hand and masks that are drawn by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.labs.metrics import (
    DISTANCES,
    both_sides,
    boundary_error,
    boundary_error_rates,
    dice,
    distance_from_boundary,
    distance_table,
    evaluate,
    foreground,
    mean_score,
    score,
    score_table,
)
from unetviz.labs.synthetic.cells import SyntheticImage

many = settings(max_examples=examples(50))
shapes = st.tuples(st.integers(1, 8), st.integers(1, 8))


def masks(shape):
    return arrays(np.uint8, shape, elements=st.integers(0, 1))


one_mask = shapes.flatmap(masks)
two_masks = shapes.flatmap(lambda shape: st.tuples(masks(shape), masks(shape)))


def pixels(mask):
    return {(int(row), int(column)) for row, column in zip(*np.nonzero(mask), strict=True)}


def outline(mask):
    """Foreground pixels beside a background pixel of the image."""
    found = set()
    for row, column in pixels(mask):
        for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            inside = 0 <= r < mask.shape[0] and 0 <= c < mask.shape[1]
            if inside and not mask[r, c]:
                found.add((row, column))
    return found


def distance_by_hand(a, b):
    a, b = outline(a), outline(b)
    if not a and not b:
        return 0.0
    if not a or not b:
        return math.inf
    there = [min(math.dist(p, q) for q in b) for p in a]
    back = [min(math.dist(p, q) for q in a) for p in b]
    return (sum(there) / len(there) + sum(back) / len(back)) / 2


@many
@given(two_masks)
def test_dice_counts_pixels(masks):
    a, b = map(pixels, masks)
    expected = 2 * len(a & b) / (len(a) + len(b)) if a or b else 1
    assert dice(*masks) == pytest.approx(expected)
    assert dice(*masks) == dice(*masks[::-1])
    assert dice(masks[0], masks[0]) == 1


@many
@given(two_masks)
def test_boundary_error_is_the_mean_distance(masks):
    assert boundary_error(*masks) == pytest.approx(distance_by_hand(*masks))
    assert boundary_error(*masks) == pytest.approx(boundary_error(*masks[::-1]))
    assert boundary_error(masks[0], masks[0]) == 0


def square(size=30, top=10, left=10, side=8):
    mask = np.zeros((size, size), np.uint8)
    mask[top : top + side, left : left + side] = 1
    return mask


def test_a_shifted_square():
    for shift in range(9):
        shifted = square(left=10 + shift)
        assert dice(square(), shifted) == pytest.approx((8 - shift) / 8)
        assert boundary_error(square(), shifted) == pytest.approx(
            distance_by_hand(square(), shifted)
        )


def test_a_larger_square_lies_a_pixel_around():
    # Each of 28 + 36 pixels has one at distance 1, but the larger one's corners at sqrt(2).
    expected = (1 + (32 + 4 * math.sqrt(2)) / 36) / 2
    assert boundary_error(square(), square(top=9, left=9, side=10)) == pytest.approx(expected)


def test_empty_masks():
    empty = square() * 0
    assert (dice(empty, empty), dice(empty, square())) == (1.0, 0.0)
    assert (boundary_error(empty, empty), boundary_error(empty, square())) == (0.0, math.inf)


def test_everything_that_is_not_0_is_foreground():
    assert dice(square() * 200, square() > 0) == 1
    assert boundary_error(square() * 0.25, -1 * square().astype(int)) == 0


def test_both_masks_have_one_shape():
    for metric in (dice, boundary_error, score):
        both = np.zeros((2, 3)), np.zeros((3, 2))
        assert_refused(lambda m=metric, b=both: m(*b), "(2, 3)", "(3, 2)")
        deep = np.zeros((2, 3, 1))
        assert_refused(lambda m=metric, d=deep: m(d, d), "(2, 3, 1)")


def beside_another(mask):
    """Pixels that have a neighbour of the other kind, both kinds."""
    found = np.zeros(mask.shape, bool)
    for row, column in np.ndindex(mask.shape):
        for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            inside = 0 <= r < mask.shape[0] and 0 <= c < mask.shape[1]
            if inside and mask[r, c] != mask[row, column]:
                found[row, column] = True
    return found


@many
@given(two_masks)
def test_both_sides_of_a_border_are_pixels_with_another_beside_them(masks):
    for mask in masks:
        found = both_sides(mask)
        assert found.dtype == bool
        np.testing.assert_array_equal(found, beside_another(mask))
        np.testing.assert_array_equal(both_sides(1 - mask), found)
        # The inner side is the outline from which distances are measured.
        assert pixels(found & (mask == 1)) == outline(mask)


def test_both_sides_of_masks_that_are_easily_told():
    assert both_sides(square() * 0).sum() == both_sides(square() * 0 + 1).sum() == 0
    # 28 pixels inside; outside 32, since corners are no neighbours.
    assert both_sides(square()).sum() == 28 + 32
    np.testing.assert_array_equal(both_sides(square() * -0.5), both_sides(square() > 0))


def test_scores_of_masks_that_are_drawn_by_hand():
    mask = np.zeros((9, 9), int)
    mask[2:6, 2:6] = 1
    moved = np.roll(mask, 1, axis=1)
    assert score(moved, mask).dice == 2 * 12 / (16 + 16)
    # 6 of the 12 pixels of each outline lie one pixel beside the other outline.
    assert score(moved, mask).boundary_error == 0.5
    assert score(moved, mask).accuracy == pytest.approx(1 - 8 / 81)
    assert score(moved, moved).dice == 1
    assert score(moved, np.zeros((9, 9))).boundary_error == np.inf


def test_of_one_or_two_classes_the_last_is_foreground():
    mask = square()
    for classes in (1, 2):
        probabilities = np.full((*mask.shape, classes), 0.1)
        probabilities[..., -1] = np.where(mask, 0.9, 0.5)
        np.testing.assert_array_equal(foreground(probabilities), mask)


def test_of_more_classes_all_but_the_first_are_foreground():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(4), (5, 6))
    assert (foreground(probabilities) == (probabilities.argmax(-1) != 0)).all()


def test_a_prediction_is_judged_by_the_middle_of_the_mask():
    mask = np.random.default_rng(1).integers(0, 2, (20, 24)).astype(np.uint8)
    image = SyntheticImage(np.zeros((20, 24), np.float32), mask, mask.astype(np.int32))
    [found] = evaluate(lambda _: mask[4:-4, 5:-5, np.newaxis].astype(float), [image])
    assert (found.dice, found.boundary_error, found.accuracy) == (1, 0, 1)


def test_the_mean_of_scores():
    masks = [np.eye(4), np.ones((4, 4))]
    scores = [score(mask, np.ones((4, 4))) for mask in masks]
    assert mean_score(scores).dice == np.mean([2 * 4 / 20, 1])


def test_the_table_of_scores_says_where_there_is_no_outline():
    mask = np.zeros((5, 5))
    mask[1:3, 1:3] = 1
    table = score_table({"nothing": mask * 0, "all right": mask}, mask)
    assert table.rows == (
        ("nothing", "0.840", "0.000", "no outline"),
        ("all right", "1.000", "1.000", "0.00"),
    )
    assert len(table.headings) == 4


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


def test_distances_in_a_mask_of_any_numbers():
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


def test_a_shifted_mask_is_wrong_near_its_outline_only():
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
        assert_refused(lambda p=pair: boundary_error_rates(*p), *map(len, pair))


def test_images_may_have_different_sizes():
    pairs = [(np.eye(3), np.eye(3)[::-1]), (np.zeros((2, 5)), np.eye(2, 5))]
    found = boundary_error_rates(*zip(*pairs, strict=True), limits=(1,))
    assert found == pytest.approx(zones_by_hand(pairs, (1,)), nan_ok=True)


def test_the_table_of_zones_says_the_same():
    random = np.random.default_rng(2)
    truth = [np.pad(np.ones((4, 6), int), 9) for _ in range(2)]
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


def test_limits_ascend_and_shapes_are_equal():
    truth = square()
    for limits in ((), (2, 2), (3, 1)):
        assert_refused(lambda m=limits: boundary_error_rates([truth], [truth], m), "limits", limits)
    assert_refused(lambda: boundary_error_rates([truth[1:]], [truth]), (29, 30), (30, 30))
