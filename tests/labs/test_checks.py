"""What the checks of arrays return; what they refuse is asked where they are used, too."""

import numpy as np
from support.refusals import assert_refused

from unetviz.labs._checks import checked_classes, checked_labels, checked_numbers


def test_numbers_become_wide_ones_in_an_array_of_their_own():
    for dtype, wide in (
        ("bool", np.int64),
        ("uint8", np.int64),
        ("int32", np.int64),
        ("float16", np.float64),
        ("float64", np.float64),
    ):
        numbers = np.eye(2, dtype=dtype)
        found = checked_numbers("maps", numbers)
        assert found.dtype == wide
        found[:] = 5
        np.testing.assert_array_equal(numbers, np.eye(2))


def test_any_number_of_axes_or_only_some():
    for shape in ((), (3,), (1, 2, 3, 4)):
        assert checked_numbers("maps", np.ones(shape), ()).shape == shape
    assert_refused(lambda: checked_numbers("maps", np.ones(3), (2, 4)), "2 or 4 axes", "not 1")


def test_labels_keep_their_type_and_classes_do_not():
    for dtype in ("bool", "uint8", "int64"):
        labels = np.array([[0, 1]], dtype)
        assert checked_labels("mask", labels, (1, 2)).dtype == dtype
        assert checked_classes("mask", labels, (1, 2), 2).dtype == np.int64


def test_wrong_labels_and_classes_are_named():
    for call, *named in (
        (lambda: checked_labels("mask", [[0, 1]], (2, 1)), "mask", "(2, 1)", "not (1, 2)"),
        (lambda: checked_classes("mask", [[0, 7]], (1, 2), 7), "mask", "0 to 6", "not 7"),
        (lambda: checked_classes("mask", [[0, -1]], (1, 2), 7), "mask", "0 to 6", "not -1"),
    ):
        assert_refused(call, *named)
    for values in ([[0.0, 1.0]], [["0", "1"]], [[None, 1]]):
        call = lambda v=values: checked_labels("mask", v, (1, 2))  # noqa: E731
        assert_refused(call, "mask", "whole numbers", "mask.astype(int)", error=TypeError)
