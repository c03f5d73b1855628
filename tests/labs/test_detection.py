"""Objects of real and of synthetic images, against coordinates read by eye and plain counting."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage import data
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.geometry.box import Box
from unetviz.labs.detection import count_components, find_objects, otsu_mask

COINS = (
    *((54, 44), (56, 100), (52, 157), (52, 216), (52, 276), (43, 335)),
    *((124, 44), (126, 102), (128, 153), (124, 206), (121, 271), (125, 337)),
    *((197, 43), (196, 101), (198, 155), (194, 212), (196, 273), (187, 348)),
    *((260, 46), (266, 114), (262, 173), (264, 244), (264, 302), (268, 359)),
)
"""Middles of the coins as (row, column), read from the image by eye."""


@pytest.fixture(scope="module")
def coins():
    return find_objects(data.coins())


def square(shape, top, left, side):
    image = np.zeros(shape)
    image[top : top + side, left : left + side] = 1
    return image


def disc(shape, row, column, radius):
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return ((rows - row) ** 2 + (columns - column) ** 2 <= radius**2).astype(float)


def enclosed(line):
    """Area inside a closed line, by the shoelace formula."""
    (row, column), (next_row, next_column) = line[:-1].T, line[1:].T
    return abs((row * next_column - next_row * column).sum()) / 2


def test_the_24_coins_each_once(coins):
    assert coins.count == len(coins.boxes) == len(coins.outlines) == len(coins.areas) == 24
    found = [coins.labels[place] for place in COINS]
    assert sorted(found) == list(range(1, 25))
    for (row, column), label in zip(COINS, found, strict=True):
        box = coins.boxes[label - 1]
        assert abs((box.top + box.bottom) / 2 - row) < 6
        assert abs((box.left + box.right) / 2 - column) < 6
        assert 0.85 < box.height / box.width < 1.15


def test_coins_are_round_so_boxes_hold_about_a_quarter_of_pi_of_them(coins):
    assert coins.box_excess == pytest.approx(1 - np.pi / 4, abs=0.03)
    for area, box in zip(coins.areas, coins.boxes, strict=True):
        assert area / (box.height * box.width) == pytest.approx(np.pi / 4, abs=0.06)


def test_numbers_of_the_coins(coins):
    assert coins.contains_objects
    assert 0.28 < coins.foreground_share < 0.38
    assert coins.foreground_share == sum(coins.areas) / coins.labels.size
    assert repr(coins) == "<Objects: 24 in 303 x 384 pixels>"


def test_boxes_and_areas_are_those_of_the_labels(coins):
    assert coins.labels.shape == data.coins().shape
    assert coins.labels.dtype.kind == "i"
    for label, (box, area) in enumerate(zip(coins.boxes, coins.areas, strict=True), start=1):
        rows, columns = np.nonzero(coins.labels == label)
        assert box == Box(rows.min(), columns.min(), rows.max() + 1, columns.max() + 1)
        assert area == len(rows)
        assert type(area) is type(box.top) is int


def test_outlines_are_closed_and_go_around_their_objects(coins):
    for line, box, area in zip(coins.outlines, coins.boxes, coins.areas, strict=True):
        assert line.shape[1] == 2
        np.testing.assert_array_equal(line[0], line[-1])
        assert enclosed(line) == pytest.approx(area, rel=0.01)
        np.testing.assert_allclose(line.min(axis=0), [box.top - 0.5, box.left - 0.5])
        np.testing.assert_allclose(line.max(axis=0), [box.bottom - 0.5, box.right - 0.5])


def test_integers_floats_and_other_units_give_the_same(coins):
    for image in (data.coins() / 255, data.coins() * 7.0 + 3, data.coins().astype(np.uint16)):
        assert find_objects(image).count == 24
    again = find_objects(data.coins())
    np.testing.assert_array_equal(again.labels, coins.labels)


def test_a_disc_and_a_square_in_uneven_light():
    shape = (120, 160)
    light = np.linspace(0, 1.5, 160)[np.newaxis, :] * np.ones(shape)
    image = disc(shape, 40, 40, 14) + square(shape, 70, 100, 26) + light
    found = find_objects(image)
    assert found.count == 2
    (round_box, square_box), (round_area, square_area) = found.boxes, found.areas
    assert round_area == pytest.approx(np.pi * 14**2, rel=0.1)
    assert square_area == pytest.approx(26**2, rel=0.1)
    for edge, expected in zip((70, 100, 96, 126), vars(square_box).values(), strict=True):
        assert abs(edge - expected) <= 1
    assert round_area / (round_box.height * round_box.width) == pytest.approx(np.pi / 4, abs=0.04)


def test_a_square_fills_its_box_and_half_a_square_fills_half():
    full = find_objects(square((80, 80), 20, 20, 40))
    assert full.box_excess < 0.04
    # Its sharp corners are thinner than what counts, so it is a little less than half.
    half = find_objects(np.tril(square((240, 240), 60, 60, 120)))
    assert half.box_excess == pytest.approx(0.5, abs=0.05)


def test_objects_at_the_border_have_closed_outlines():
    found = find_objects(square((90, 90), 0, 0, 20) + square((90, 90), 66, 60, 24))
    assert found.count == 2
    assert (found.boxes[0].top, found.boxes[0].left, found.boxes[1].bottom) == (0, 0, 90)
    for line, area in zip(found.outlines, found.areas, strict=True):
        np.testing.assert_array_equal(line[0], line[-1])
        assert enclosed(line) == pytest.approx(area, rel=0.02)
    assert found.outlines[0].min() == -0.5


def test_holes_are_filled_and_thin_bridges_cut():
    ring = disc((90, 140), 45, 35, 20) - disc((90, 140), 45, 35, 8)
    found = find_objects(ring)
    assert found.count == 1
    assert found.areas[0] == pytest.approx(np.pi * 20**2, rel=0.1)
    pair = disc((90, 140), 45, 35, 20) + disc((90, 140), 45, 100, 20)
    pair[44:47, 35:100] = 1
    assert find_objects(pair).count == 2


def test_what_is_too_small_does_not_count():
    image = square((90, 90), 10, 10, 11) + square((90, 90), 45, 45, 25)
    for smallest, count in ((1, 2), (90, 2), (150, 1), (1000, 0)):
        found = find_objects(image, smallest)
        assert found.count == count == found.labels.max()
        assert all(area >= smallest for area in found.areas)


def test_an_even_image_holds_nothing():
    for image in (np.zeros((60, 70)), np.full((50, 50), 90, np.uint8), [[1.5]]):
        found = find_objects(image)
        assert found.count == found.foreground_share == found.box_excess == 0
        assert not found.contains_objects
        assert found.boxes == found.outlines == found.areas == ()


def test_the_one_answer_turns_at_one_percent():
    small, large = square((200, 200), 90, 90, 17), square((200, 200), 90, 90, 24)
    assert (find_objects(small).count, find_objects(large).count) == (1, 1)
    assert not find_objects(small).contains_objects
    assert find_objects(large).contains_objects


def test_the_image_stays_as_it_is():
    image = data.coins()
    image.setflags(write=False)
    find_objects(image)
    np.testing.assert_array_equal(image, data.coins())


def test_wrong_arguments_are_named():
    for image, *named in (
        (np.zeros((9, 9, 3)), "grey", "(9, 9, 3)", "skimage.color.rgb2gray"),
        (np.zeros((9, 9, 1)), "grey"),
        (np.zeros(9), "image", "(9,)"),
        (np.zeros((0, 9)), "empty"),
        (np.full((9, 9), np.nan), "NaN"),
    ):
        assert_refused(lambda i=image: find_objects(i), *named)
    assert_refused(lambda: find_objects("coins.png"), "image", error=TypeError)
    for smallest in (0, -1, 1.5, "8", True):
        call = lambda s=smallest: find_objects(np.zeros((9, 9)), s)  # noqa: E731
        assert_refused(call, "smallest", "at least 1", repr(smallest))


def test_the_threshold_separates_two_brightnesses():
    image = np.full((20, 20), 0.2)
    image[5:15, 5:15] = 0.8
    assert (otsu_mask(image, sigma=0) == (image > 0.5)).all()
    assert otsu_mask(image, sigma=2)[0, 0] == 0


masks = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: arrays(np.uint8, shape, elements=st.integers(0, 1))
)


def component_sizes(mask):
    """Sizes of the components: each is flooded from a pixel of it, over sides, not over corners."""
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


@settings(max_examples=examples(50))
@given(masks, st.integers(0, 10))
def test_components_are_those_that_a_flood_finds(mask, largest):
    sizes = component_sizes(mask)
    assert count_components(mask) == len(sizes)
    assert count_components(mask, largest) == sum(size <= largest for size in sizes)


def test_components_that_touch_at_corners_are_several():
    assert count_components(np.eye(5)) == 5
    assert count_components(np.eye(5), largest=0.5) == 0
    assert count_components(1 - np.eye(5)) == 2
    assert count_components(np.zeros((3, 3))) == 0
    assert count_components(np.full((3, 3), -2)) == 1
    assert count_components(np.ones((3, 3)), largest=8) == 0
