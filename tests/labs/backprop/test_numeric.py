"""Central differences against derivatives that are known."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from support.refusals import assert_refused

from unetviz.labs.backprop.numeric import numeric_gradient
from unetviz.labs.upconvolution import convolve, stamp_and_add

NUMBERS = np.random.default_rng(0).standard_normal((3, 4, 1))


def test_known_derivatives():
    assert_allclose(numeric_gradient(lambda at: (at**3).sum(), NUMBERS), 3 * NUMBERS**2, atol=1e-6)
    assert_allclose(numeric_gradient(lambda x: x**2, np.array(3)), 6, atol=1e-6)


def test_a_transposed_convolution_goes_back_as_a_convolution():
    random = np.random.default_rng(1)
    kernel, gradient = random.standard_normal((3, 3, 2, 1)), random.standard_normal((7, 9, 2))
    tried = numeric_gradient(lambda at: (stamp_and_add(at, kernel, 2) * gradient).sum(), NUMBERS)
    assert_allclose(tried, convolve(gradient, kernel, 2), atol=1e-6)


def test_the_place_stays_as_it_is():
    before = NUMBERS.copy()
    numeric_gradient(np.sum, NUMBERS)
    assert_array_equal(NUMBERS, before)


def test_wrong_arguments_are_named():
    assert_refused(lambda: numeric_gradient(np.sum, NUMBERS * np.nan), "at", "NaN")
    assert_refused(lambda: numeric_gradient(np.sum, NUMBERS, 0), "step", "above 0", "not 0")
