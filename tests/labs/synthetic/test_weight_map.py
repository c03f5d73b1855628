"""The weights of the gaps between cells, against the published equation written straight."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.labs.synthetic.weight_map import weight_map

many = settings(max_examples=examples(50))
shapes = st.tuples(st.integers(1, 12), st.integers(1, 12))


def by_hand(cells, border_weight, sigma, balance):
    """Equation 2 of the paper, over all pixels of all cells."""
    rows, columns = np.indices(cells.shape)
    distances = [
        np.min(
            [np.hypot(rows - r, columns - c) for r, c in np.argwhere(cells == cell)],
            axis=0,
        )
        for cell in np.unique(cells[cells > 0])
    ]
    inside = cells > 0
    weights = np.ones(cells.shape)
    counts = inside.sum(), (~inside).sum()
    if balance and min(counts):
        # Both classes weigh as much as the larger has pixels.
        weights = np.where(inside, max(counts) / counts[0], max(counts) / counts[1])
    if len(distances) >= 2:
        d1, d2 = np.sort(distances, axis=0)[:2]
        gaps = border_weight * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))
        weights = weights + np.where(inside, 0, gaps)
    return weights


@many
@given(
    shapes.flatmap(
        lambda shape: arrays(np.int32, shape, elements=st.sampled_from([0, 0, 0, 1, 2, 5]))
    ),
    st.floats(0, 20),
    st.floats(0.5, 8),
    st.booleans(),
)
def test_all_pixels_of_random_label_images(cells, border_weight, sigma, balance):
    found = weight_map(cells, border_weight, sigma, balance)
    assert (found.dtype, found.shape) == (np.float32, cells.shape)
    expected = by_hand(cells, border_weight, sigma, balance)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_far_cells_on_a_larger_image():
    random = np.random.default_rng(3)
    cells = np.zeros((70, 90), np.int64)
    for number in range(1, 9):
        row, column = random.integers(70), random.integers(90)
        cells[row : row + random.integers(1, 9), column : column + random.integers(1, 9)] = number
    for sigma in (1.0, 5.0):
        expected = by_hand(cells, 10.0, sigma, True)
        np.testing.assert_allclose(weight_map(cells, 10.0, sigma), expected, rtol=1e-5)


def test_published_numbers(facts):
    known = facts["weight_map"]
    numbers = {"border_weight": known["w0"], "sigma": known["sigma"], "balance": False}
    for scale in (1, 2):
        cells = np.zeros((1, 3 * scale + 1), int)
        cells[0, 0], cells[0, -1] = 1, 2
        found = weight_map(cells, **numbers)
        assert found[0, scale] == pytest.approx(known[f"w_c=1, d1={scale}, d2={2 * scale}"])
        np.testing.assert_array_equal(found[0, [0, -1]], 1)
        np.testing.assert_array_equal(weight_map(cells, balance=False), found)


def test_cells_on_the_border_of_the_image():
    cells = np.zeros((5, 9), int)
    cells[:, :2], cells[:, -2:], cells[0, 4] = 3, 7, 1
    np.testing.assert_allclose(weight_map(cells), by_hand(cells, 10, 5, True), rtol=1e-5)


def test_fewer_than_two_cells_have_no_gap():
    for number in (0, 1, 9):
        for sides in ((1, 1), (6, 8)):
            np.testing.assert_array_equal(weight_map(np.full(sides, number)), np.ones(sides))
        one = np.zeros((6, 8), int)
        one[2:4, 3] = number
        np.testing.assert_array_equal(weight_map(one, balance=False), np.ones((6, 8)))


def test_both_classes_weigh_the_same():
    for count in (3, 50, 97):
        cells = np.zeros(100, np.uint8)
        cells[:count] = 1
        found = weight_map(cells.reshape(10, 10), border_weight=0).ravel()
        assert found.min() == 1
        assert found[:count].sum() == pytest.approx(found[count:].sum(), rel=1e-5)


def test_what_cells_are_called_does_not_matter():
    cells = np.array([[4, 0, 0, 9, 0, 2]])
    expected = weight_map(np.array([[1, 0, 0, 2, 0, 3]]))
    np.testing.assert_array_equal(weight_map(cells), expected)
    np.testing.assert_array_equal(weight_map(cells * 400_000_000), expected)
    np.testing.assert_array_equal(weight_map(np.where(cells == 0, -1, cells)), expected)
    for kind in ("uint8", "uint16", "uint32", "uint64", "int8"):
        np.testing.assert_array_equal(weight_map(cells.astype(kind)), expected)


def test_cells_stay_as_they_are():
    cells = np.array([[7, 0, -3]])
    weight_map(cells)
    np.testing.assert_array_equal(cells, [[7, 0, -3]])


def test_wrong_arguments_are_named():
    for cells, options, *named in (
        (np.zeros((2, 2)), {}, "cells", "float64"),
        (np.zeros((2, 2), bool), {}, "cells", "bool"),
        (np.zeros(3, int), {}, "cells", "(3,)"),
        (np.zeros((0, 3), int), {}, "cells", "(0, 3)"),
        (np.zeros((2, 2), int), {"sigma": 0}, "sigma", "not 0"),
        (np.zeros((2, 2), int), {"sigma": np.nan}, "sigma"),
        (np.zeros((2, 2), int), {"border_weight": -1}, "border_weight", "not -1"),
    ):
        assert_refused(lambda c=cells, o=options: weight_map(c, **o), *named)
