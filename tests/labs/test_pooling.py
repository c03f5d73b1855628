"""Max pooling by hand against Keras."""

import keras
import numpy as np
import pytest

from unetviz.labs.pooling import max_pool


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("shape", [(5, 5), (6, 7), (5, 8)])
def test_it_is_what_keras_computes_negative_numbers_included(shape, size, padding):
    image = np.random.default_rng(1).integers(-99, 0, shape).astype("float32")
    layer = keras.layers.MaxPooling2D(size, padding=padding)
    expected = np.asarray(layer(image[None, :, :, None]))[0, :, :, 0]
    np.testing.assert_array_equal(max_pool(image, size, padding), expected)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((np.zeros(3), 2), "two axes"),
        ((np.zeros((3, 3)), 4), "size must be from 1 to 3, not 4"),
        ((np.zeros((3, 3)), 2, "full"), "padding must be"),
    ],
)
def test_wrong_arguments(arguments, words):
    with pytest.raises(ValueError, match=words):
        max_pool(*arguments)
