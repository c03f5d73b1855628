"""Scores of masks against a count by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from unetviz.labs.metrics import both_sides, boundary_error, dice

many = settings(max_examples=150, deadline=None)
shapes = st.tuples(st.integers(1, 8), st.integers(1, 8))
two_masks = shapes.flatmap(
    lambda shape: st.tuples(*[arrays(np.uint8, shape, elements=st.integers(0, 1))] * 2)
)


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


@pytest.mark.parametrize("shift", range(9))
def test_a_shifted_square(shift):
    shifted = square(left=10 + shift)
    assert dice(square(), shifted) == pytest.approx((8 - shift) / 8)
    assert boundary_error(square(), shifted) == pytest.approx(distance_by_hand(square(), shifted))


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


@pytest.mark.parametrize("score", [dice, boundary_error])
def test_shapes_must_be_one(score):
    with pytest.raises(ValueError, match=r"one shape \(h, w\), not \(2, 3\) and \(3, 2\)"):
        score(np.zeros((2, 3)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"not \(2, 3, 1\)"):
        score(np.zeros((2, 3, 1)), np.zeros((2, 3, 1)))


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
