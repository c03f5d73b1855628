"""Synthetic images: what is on them, and that brightness alone does not tell cells from ground."""

from itertools import chain, product

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, gaussian_filter, label
from skimage.filters import threshold_otsu
from support.refusals import assert_refused

from unetviz.labs.metrics import dice
from unetviz.labs.synthetic.cells import LOOKS, RADII, synthetic_cells
from unetviz.labs.synthetic.examples import validation_images

SIZES = [(64, 64), (17, 300), (300, 17), (1, 40), (1, 1), (100, 99)]


@pytest.fixture(scope="module")
def images():
    """Images of each look."""
    found = validation_images(300, 16)
    return {look: found[i :: len(LOOKS)] for i, look in enumerate(LOOKS)}


def test_a_seed_is_an_image():
    for look in LOOKS:
        one, same, other = (synthetic_cells((50, 70), seed, look) for seed in (4, 4, 5))
        for field in ("image", "mask", "cells"):
            np.testing.assert_array_equal(getattr(one, field), getattr(same, field))
        assert np.abs(one.image - other.image).mean() > 0.01


def test_looks_differ():
    one, other = (synthetic_cells(60, 4, look) for look in LOOKS)
    assert np.abs(one.image - other.image).mean() > 0.01


def test_any_size():
    for look, size, seed in product(LOOKS, SIZES, range(2)):
        found = synthetic_cells(size, seed, look)
        assert found.image.shape == found.mask.shape == found.cells.shape == size
        assert (found.image.dtype, found.mask.dtype) == (np.float32, np.uint8)
        assert found.cells.dtype == np.int32
        assert found.image.min() >= 0
        assert found.image.max() <= 1
        np.testing.assert_array_equal(found.mask, found.cells > 0)


def test_an_image_says_how_many_cells_it_has():
    found = synthetic_cells((80, 90), 1)
    assert (found.cells == 0).any()
    count = len(np.unique(found.cells[found.cells > 0]))
    assert repr(found) == f"<SyntheticImage (80, 90): {count} cells>"


def test_cells_are_apart(images):
    for found in chain(*images.values()):
        for axis in (0, 1):
            here, there = (
                np.moveaxis(found.cells, axis, 0)[:-1],
                np.moveaxis(found.cells, axis, 0)[1:],
            )
            touching = (here > 0) & (there > 0) & (here != there)
            assert touching.mean() < 0.002


def test_cells_are_brighter_than_what_surrounds_them(images):
    for look in LOOKS:
        brighter = []
        for found in images[look]:
            inside = found.mask > 0
            around = binary_dilation(inside, iterations=6) & ~inside
            brighter.append(found.image[inside].mean() > found.image[around].mean())
        assert np.mean(brighter) >= 0.8


def radii(images):
    """Typical radius of the cells of each image, by the area of those off the border."""
    found = []
    for image in images:
        border = np.concatenate(
            [image.cells[0], image.cells[-1], image.cells[:, 0], image.cells[:, -1]]
        )
        areas = np.bincount(image.cells.ravel())
        areas[np.union1d(border, 0)] = 0
        if areas.any():
            found.append(np.sqrt(np.median(areas[areas > 0]) / np.pi))
    return np.array(found)


def test_radii_vary_from_image_to_image(images):
    for look in LOOKS:
        found = radii(images[look])
        assert found.min() < 1.5 * RADII[0]
        assert found.max() > 0.6 * RADII[1]
        assert found.max() < 1.5 * RADII[1]


def smoothed_threshold(image, sigma):
    smooth = gaussian_filter(image, sigma)
    return smooth > threshold_otsu(smooth)


def test_smoothing_and_a_threshold_are_not_enough(images):
    for look in LOOKS:
        scores = [
            np.mean([dice(smoothed_threshold(one.image, sigma), one.mask) for one in images[look]])
            for sigma in (0, 1, 2, 4)
        ]
        assert max(scores) <= 0.75
        # Nor is it nonsense: there is something to be seen.
        assert max(scores) > 0.4


def test_calling_everything_foreground_is_not_enough(images):
    for look in LOOKS:
        scores = [dice(np.ones_like(one.mask), one.mask) for one in images[look]]
        assert np.mean(scores) <= 0.75


def test_there_are_several_cells(images):
    for found in chain(*images.values()):
        assert label(found.mask)[1] >= 3


def test_wrong_arguments_are_named():
    for values, *named in (
        ({"shape": 0}, "shape"),
        ({"shape": (3, 4, 5)}, "shape"),
        ({"shape": 2.5}, "shape"),
        ({"seed": -1}, "seed", "at least 0", "not -1"),
        ({"seed": 1.5}, "seed"),
        ({"seed": None}, "seed"),
        ({"look": "dots"}, "look", '"cells" or "membranes"', "'dots'"),
        ({"look": None}, "look"),
    ):
        arguments = {"shape": 32, "seed": 0, "look": "cells"} | values
        assert_refused(lambda a=arguments: synthetic_cells(**a), *named)
