"""Resampling against hand-written loops, scikit-image, SciPy, TensorFlow and Keras."""

from dataclasses import FrozenInstanceError
from fractions import Fraction
from itertools import product
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import zoom
from skimage.transform import downscale_local_mean, resize
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.geometry.ops import Upsampling
from unetviz.labs.resampling import (
    CONVENTIONS,
    METHODS,
    common_divisors,
    contributions,
    downsample_mean,
    round_trip,
    upsample,
)

some = settings(max_examples=examples(30))
sides = st.integers(1, 6)
factors = st.integers(1, 6)
shapes = st.one_of(st.tuples(sides, sides), st.tuples(sides, sides, st.integers(1, 3)))
images = shapes.flatmap(lambda shape: arrays(np.int16, shape))
methods = st.sampled_from(METHODS)
conventions = st.sampled_from(CONVENTIONS)

SIZES = [(1, 1), (1, 4), (2, 3), (5, 5), (4, 7), (9, 6)]
FACTORS = [1, 2, 3, 4, 5, 7]
CASES = list(product(SIZES, FACTORS))
LIBRARIES = ((0, "nearest"), (1, "bilinear"))
"""Orders of interpolation in SciPy and scikit-image, and what we call them."""


def an_image(*shape):
    return np.random.default_rng(7).random(shape)


def place(i, n, factor, convention):
    """Where output i lies, as the definition says and exactly."""
    if convention == "centres":
        return min(
            max((i + Fraction(1, 2)) / factor - Fraction(1, 2), Fraction(0)), Fraction(n - 1)
        )
    return Fraction(i * (n - 1), n * factor - 1) if n * factor > 1 else Fraction(0)


def around(position):
    return sorted({floor(position), ceil(position)})


def nearest(position, n):
    return min(range(n), key=lambda j: (abs(position - j), j))


def tent(position, j):
    return float(1 - abs(position - j))


def new_pixel(image, y, x, method):
    """One output at rows y and columns x, from the definition of its method."""
    height, width = image.shape[:2]
    if method == "nearest":
        return image[nearest(y, height), nearest(x, width)]
    cells = list(product(around(y), around(x)))
    if method == "bilinear":
        return sum(tent(y, r) * tent(x, c) * image[r, c] for r, c in cells)
    middle = {"mean": np.mean, "median": np.median}[method]
    return middle([image[cell] for cell in cells], axis=0)


def by_definition(image, factor, method, convention):
    rows, columns = (
        [place(i, n, factor, convention) for i in range(n * factor)] for n in image.shape[:2]
    )
    image = image.astype(float)
    return np.array([[new_pixel(image, y, x, method) for x in columns] for y in rows])


def halfway(n, factor):
    """Outputs that lie in the middle between two inputs, with corners on corners."""
    places = [place(i, n, factor, "corners") for i in range(n * factor)]
    return np.array([position % 1 == Fraction(1, 2) for position in places])


@some
@given(images, factors, methods, conventions)
def test_every_new_pixel_follows_its_definition(image, factor, method, convention):
    before = image.copy()
    found = upsample(image, factor, method, convention)
    expected = by_definition(image, factor, method, convention)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(image, before)


@some
@given(images, factors, methods, conventions)
def test_contributions_are_what_the_image_is_made_of(image, factor, method, convention):
    found = upsample(image, factor, method, convention)
    cells = contributions(image.shape[:2], factor, method, convention)
    assert list(cells) == list(np.ndindex(found.shape[:2]))
    for cell, parts in cells.items():
        numbers = [image[source].astype(float) for source, _ in parts]
        if method == "median":
            expected = np.median(numbers, axis=0)
        else:
            expected = sum(w * number for (_, w), number in zip(parts, numbers, strict=True))
        np.testing.assert_allclose(found[cell], expected, rtol=0, atol=1e-9)


@some
@given(st.tuples(sides, sides), factors, methods, conventions)
def test_weights_are_positive_and_sum_to_one(shape, factor, method, convention):
    cells = contributions(shape, factor, method, convention)
    smooth = contributions(shape, factor, "bilinear", convention)
    for cell, parts in cells.items():
        sources, weights = zip(*parts, strict=True)
        assert min(weights) > 0
        assert sum(weights) == pytest.approx(1)
        if method == "nearest":
            assert len(sources) == 1
            assert set(sources) <= {source for source, _ in smooth[cell]}
        else:
            assert sources == tuple(source for source, _ in smooth[cell])
        if method in ("mean", "median"):
            assert set(weights) == {1 / len(parts)}


def weights(n, factor, convention="centres", method="bilinear"):
    """How much of each input (a column) is in each output (a row), along one axis."""
    return upsample(np.eye(n)[:, np.newaxis], factor, method, convention)[:, 0]


@some
@given(st.integers(1, 40), st.integers(1, 64), conventions)
def test_neighbours_lie_around_the_output(n, factor, convention):
    found = weights(n, factor, convention)
    assert len(found) == n * factor
    for i, shares in enumerate(found):
        position = place(i, n, factor, convention)
        (indices,) = shares.nonzero()
        assert indices.tolist() == around(position)
        assert shares[indices] == pytest.approx([tent(position, index) for index in indices])


def test_corners_are_on_corners():
    for n, factor in product([1, 2, 3, 8, 31], [1, 2, 3, 6, 64]):
        found = weights(n, factor, "corners")
        np.testing.assert_array_equal(found[0], np.eye(n)[0])
        np.testing.assert_array_equal(found[-1], np.eye(n)[-1])


def test_the_trace_reads_the_same_pixels():
    for n, factor in product([1, 2, 5, 9], [1, 2, 3, 4, 7, 8]):
        for method in ("bilinear", "nearest"):
            read = Upsampling((factor, factor), method).axis_map(0, n)
            for i, shares in enumerate(weights(n, factor, method=method)):
                assert list(read.inputs(i, n)) == shares.nonzero()[0].tolist()


def test_centres_are_scipys_grid_mode_and_scikit_images():
    for (shape, factor), (order, method) in product(CASES, LIBRARIES):
        image = an_image(*shape)
        found = upsample(image, factor, method)
        by_scipy = zoom(image, factor, order=order, mode="nearest", grid_mode=True)
        np.testing.assert_allclose(found, by_scipy, atol=1e-12)
        by_skimage = resize(image, found.shape, order=order, mode="edge", anti_aliasing=False)
        np.testing.assert_allclose(found, by_skimage, atol=1e-12)


@pytest.mark.keras
def test_centres_are_tensorflows_and_keras():
    import keras
    import tensorflow as tf

    for (shape, factor), (_, method) in product(CASES, LIBRARIES):
        image = an_image(*shape, 2)
        found = upsample(image, factor, method)
        batch = image[np.newaxis].astype(np.float32)
        by_tensorflow = np.asarray(tf.image.resize(batch, found.shape[:2], method=method))[0]
        by_keras = np.asarray(keras.layers.UpSampling2D(factor, interpolation=method)(batch))[0]
        np.testing.assert_allclose(found, by_tensorflow, atol=1e-6)
        np.testing.assert_allclose(found, by_keras, atol=1e-6)


def test_corners_are_scipys_default():
    for shape, factor in CASES:
        image = an_image(*shape, 2)
        found = upsample(image, factor, "bilinear", "corners")
        expected = zoom(image, (factor, factor, 1), order=1, mode="nearest", grid_mode=False)
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.keras
def test_corners_are_tensorflows_align_corners():
    import tensorflow as tf

    for shape, factor in CASES:
        image = an_image(*shape, 2)
        found = upsample(image, factor, "bilinear", "corners")
        batch = image[np.newaxis].astype(np.float32)
        expected = tf.compat.v1.image.resize_bilinear(batch, found.shape[:2], align_corners=True)
        np.testing.assert_allclose(found, np.asarray(expected)[0], atol=1e-5)


ROWS = list(product([1, 2, 3, 5, 6, 7, 9, 19, 41], [1, 2, 3, 5, 7, 9, 15]))


def check_but_halfway(n, factor, other):
    """Compare with a library that rounds up halfway, or down because of a rounding error."""
    found = upsample(np.arange(n)[np.newaxis], factor, "nearest", "corners")[0]
    ties = halfway(n, factor)
    assert not ties.any() or n * factor % 2 == 1
    np.testing.assert_array_equal(found[~ties], other[~ties])
    assert set(other[ties] - found[ties]) <= {0, 1}


def test_nearest_corners_are_scipys_but_halfway():
    for n, factor in ROWS:
        by_scipy = zoom(np.arange(float(n)), factor, order=0, mode="nearest", grid_mode=False)
        check_but_halfway(n, factor, by_scipy)


@pytest.mark.keras
def test_nearest_corners_are_tensorflows_but_halfway():
    import tensorflow as tf

    for n, factor in ROWS:
        row = np.arange(n, dtype=float)[np.newaxis, np.newaxis, :, np.newaxis]
        by_tensorflow = tf.compat.v1.image.resize_nearest_neighbor(
            row, (1, n * factor), align_corners=True
        )
        check_but_halfway(n, factor, np.asarray(by_tensorflow)[0, 0, :, 0])


def test_halfway_the_lower_index_is_taken_and_libraries_take_the_higher():
    found = upsample([[0, 1, 2]], 3, "nearest", "corners")[0]
    np.testing.assert_array_equal(found, [0, 0, 0, 1, 1, 1, 1, 2, 2])
    by_scipy = zoom(np.arange(3.0), 3, order=0, mode="nearest")
    np.testing.assert_array_equal(by_scipy, [0, 0, 1, 1, 1, 1, 2, 2, 2])


@some
@given(shapes, factors, methods, conventions, st.floats(-1e30, 1e30))
def test_constants_stay_constant(shape, factor, method, convention, number):
    found = upsample(np.full(shape, number), factor, method, convention)
    assert found.shape == (shape[0] * factor, shape[1] * factor, *shape[2:])
    assert (found == number).all()


@some
@given(images, methods, conventions)
def test_factor_one_is_the_identity(image, method, convention):
    np.testing.assert_array_equal(upsample(image, 1, method, convention), image)
    np.testing.assert_array_equal(downsample_mean(image, 1), image)
    trip = round_trip(image, 1, method, convention)
    assert trip.mean_error == 0
    assert not np.shares_memory(trip.restored, image)


@some
@given(shapes, factors, st.data())
def test_means_are_those_of_loops_and_of_scikit_image(shape, s, data):
    rows, columns, *channels = shape
    image = data.draw(arrays(np.int16, (rows * s, columns * s, *channels)))
    found = downsample_mean(image, s)
    assert found.shape == shape
    for i, j in np.ndindex(rows, columns):
        window = image[i * s : i * s + s, j * s : j * s + s].astype(float)
        np.testing.assert_allclose(found[i, j], window.mean(axis=(0, 1)), atol=1e-9)
    expected = downscale_local_mean(image, (s, s) + (1,) * len(channels))
    np.testing.assert_allclose(found, expected, atol=1e-9)


@some
@given(st.integers(1, 60), st.integers(1, 60))
def test_common_divisors_are_those_found_by_trying(height, width):
    tried = [s for s in range(2, 61) if height % s == 0 and width % s == 0]
    assert common_divisors(height, width) == tried
    for s in range(2, 61):
        if s not in tried:
            assert_refused(lambda s=s: downsample_mean(np.zeros((height, width)), s), height, width)


@some
@given(shapes, factors, methods, conventions, st.data())
def test_a_round_trip_is_both_ways(shape, s, method, convention, data):
    image = data.draw(arrays(np.int16, (shape[0] * s, shape[1] * s, *shape[2:])))
    trip = round_trip(image, s, method, convention)
    np.testing.assert_array_equal(trip.small, downsample_mean(image, s))
    np.testing.assert_array_equal(trip.restored, upsample(trip.small, s, method, convention))
    assert trip.restored.shape == trip.error.shape == image.shape
    np.testing.assert_array_equal(trip.error, np.abs(image.astype(float) - trip.restored))
    assert trip.mean_error == pytest.approx(np.abs(image - trip.restored).mean())


def test_nearest_copies_come_back_unchanged_and_a_round_trip_stays_as_it_is():
    image = an_image(3, 4).round(1).repeat(2, axis=0).repeat(2, axis=1)
    trip = round_trip(image, 2, "nearest")
    assert trip.mean_error == pytest.approx(0, abs=1e-15)
    with pytest.raises(FrozenInstanceError):
        trip.small = image


def test_any_numbers_become_floats_before_they_are_added():
    for method, dtype in product(METHODS, ["bool", "uint8", "int64", "float16", "float32"]):
        image = (an_image(4, 6) * 255).astype(dtype)
        found = round_trip(image, 2, method).restored
        np.testing.assert_array_equal(found, round_trip(image.astype(float), 2, method).restored)


def test_wrong_arguments_are_named():
    p = np.ones((12, 18))
    for call, *named in (
        (lambda: upsample(p, 0, "mean"), "factor", "from 1 to 64", "not 0"),
        (lambda: upsample(p, 65, "mean"), "factor", "from 1 to 64", "not 65"),
        (lambda: upsample(p, 1.5, "mean"), "factor", "1.5"),
        (lambda: upsample(p, True, "mean"), "factor"),
        (lambda: upsample(p, 2, "cubic"), "method", '"nearest"', '"median"', "'cubic'"),
        (lambda: upsample(p, 2, "mean", "edges"), "convention", '"centres" or "corners"'),
        (lambda: contributions((2, 0), 2, "mean"), "shape"),
        (lambda: contributions((2, 2), 2, "max"), "method"),
        (lambda: contributions((2, 2), 2, "mean", None), "convention", "None"),
        (lambda: contributions((2, 2), -1, "mean"), "factor"),
        (lambda: common_divisors(0, 2), "height", "not 0"),
        (lambda: common_divisors(2, 2.0), "width", "not 2.0"),
        (lambda: downsample_mean(p, 0), "s must", "at least 1", "not 0"),
        (lambda: downsample_mean(p, 2.0), "s must", "not 2.0"),
        (lambda: downsample_mean(p, 5), "height 12", "width 18", "not 5", "2, 3, 6"),
        (lambda: downsample_mean(p[:7, :5], 2), "height 7", "width 5", "try 1", "crop"),
        (lambda: round_trip(p, 5, "mean"), "s must", "height 12"),
        (lambda: round_trip(p, 65, "mean"), "s must", "from 1 to 64", "not 65"),
        (lambda: round_trip(p, 2, "max"), "method"),
        (lambda: round_trip(p, 2, "mean", "max"), "convention"),
        (lambda: upsample(p[:0], 2, "mean"), "empty"),
        (lambda: downsample_mean(p[:, :0], 2), "empty"),
        (lambda: upsample(p * np.nan, 2, "mean"), "NaN"),
        (lambda: round_trip(p * np.nan, 2, "mean"), "NaN"),
        (lambda: upsample(p[0], 2, "mean"), "2 or 3 axes, not 1"),
    ):
        assert_refused(call, *named)
    assert_refused(lambda: upsample([["a", "b"]], 2, "nearest"), "numbers", error=TypeError)
