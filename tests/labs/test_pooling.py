"""Max pooling against its definition, window by window, and against Keras."""

from itertools import product

import numpy as np
import pytest
from support.refusals import assert_refused

from unetviz.geometry.ops import MaxPooling
from unetviz.labs.pooling import max_pool

CASES = list(product([(5, 5), (6, 7), (5, 8)], [1, 2, 3, 5], ["valid", "same"]))


def negative(shape):
    """Numbers below 0, with which zeros of the padding would win."""
    return np.random.default_rng(1).integers(-99, 0, shape).astype("float32")


def test_each_window_of_the_trace_gives_its_largest_number():
    for shape, size, padding in CASES:
        image = negative(shape)
        operation = MaxPooling((size, size), (size, size), padding)
        rules = [operation.axis_map(axis, n) for axis, n in enumerate(shape)]
        rows, columns = (
            [list(rule.inputs(i, n)) for i in range(rule.size(n))]
            for rule, n in zip(rules, shape, strict=True)
        )
        expected = [[image[np.ix_(row, column)].max() for column in columns] for row in rows]
        found = max_pool(image, size, padding)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == image.dtype


@pytest.mark.keras
def test_it_is_what_keras_computes():
    import keras

    for shape, size, padding in CASES:
        image = negative(shape)
        layer = keras.layers.MaxPooling2D(size, padding=padding)
        expected = np.asarray(layer(image[None, :, :, None]))[0, :, :, 0]
        np.testing.assert_array_equal(max_pool(image, size, padding), expected)


def test_wrong_arguments_are_named():
    for call, *named in (
        (lambda: max_pool(np.zeros(3), 2), "two axes"),
        (lambda: max_pool(np.zeros((3, 3)), 4), "size", "from 1 to 3", "not 4"),
        (lambda: max_pool(np.zeros((3, 3)), 2, "full"), "padding"),
    ):
        assert_refused(call, *named)
