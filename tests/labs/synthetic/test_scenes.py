"""Synthetic images are what they promise: seeded, varied, labelled by what lies in the middle."""

import numpy as np
import pytest
from skimage.measure import label, regionprops
from support.refusals import assert_refused

from unetviz.labs.synthetic.scenes import CLASSES, synthetic_patches, synthetic_scene

NOTHING, DISC, SQUARE = range(3)


@pytest.fixture(scope="module")
def patches():
    return synthetic_patches(900, seed=3)


def test_names_of_the_classes():
    assert CLASSES == ("nothing", "disc", "square")


def test_shapes_types_and_range():
    for side in (16, 32, 47):
        images, labels = synthetic_patches(20, side, seed=1)
        assert images.shape == (20, side, side, 1)
        assert images.dtype == np.float32
        assert 0 <= images.min() < images.max() <= 1
        assert labels.shape == (20,)
        assert labels.dtype == np.int64
        assert set(labels) <= {0, 1, 2}


def test_about_a_third_of_each_class(patches):
    assert np.abs(np.bincount(patches[1]) / 900 - 1 / 3).max() < 0.06


def test_one_seed_one_set_of_images():
    for first, again in zip(
        synthetic_patches(9, seed=5), synthetic_patches(9, seed=5), strict=True
    ):
        np.testing.assert_array_equal(first, again)
    assert not np.array_equal(synthetic_patches(9, seed=5)[0], synthetic_patches(9, seed=6)[0])
    for first, again in zip(synthetic_scene(64, 80, 5), synthetic_scene(64, 80, 5), strict=True):
        np.testing.assert_array_equal(first, again)
    assert not np.array_equal(synthetic_scene(64, 80, 5)[0], synthetic_scene(64, 80, 6)[0])


def test_the_state_of_numpy_is_left_alone():
    np.random.seed(0)
    expected = np.random.random()
    np.random.seed(0)
    synthetic_patches(3)
    synthetic_scene(40, 40)
    assert np.random.random() == expected


def test_the_middle_is_bright_where_there_is_an_object(patches):
    images, labels = patches
    middle = images[:, 14:18, 14:18].mean(axis=(1, 2, 3))
    # A quarter of the pixels is ground in every image with one object in the middle.
    ground = np.quantile(images, 0.25, axis=(1, 2, 3))
    contrast = middle - ground
    assert np.median(contrast[labels != NOTHING]) > 0.3
    assert np.quantile(contrast[labels == NOTHING], 0.9) < 0.15


def test_some_images_of_nothing_have_an_object_at_the_edge(patches):
    images, labels = patches
    smooth = images[labels == NOTHING][..., 0].reshape(-1, 8, 4, 8, 4).mean(axis=(2, 4))
    spread = smooth.max(axis=(1, 2)) - smooth.min(axis=(1, 2))
    assert 0.35 < (spread > 0.22).mean() < 0.6


def test_light_and_contrast_vary(patches):
    images, labels = patches
    assert np.std(np.quantile(images, 0.2, axis=(1, 2, 3))) > 0.05
    assert np.std(images[labels != NOTHING].max(axis=(1, 2, 3))) > 0.05


@pytest.fixture(scope="module")
def scenes():
    return [synthetic_scene(128, 160, seed) for seed in range(6)]


def test_objects_of_a_scene_are_discs_and_squares(scenes):
    for image, labels in scenes:
        assert image.shape == labels.shape == (128, 160)
        assert image.dtype == np.float32
        assert 0 <= image.min() < image.max() <= 1
        assert labels.dtype == np.int64
        found = regionprops(label(labels > 0))
        assert len(found) >= 4
        assert set(np.unique(labels)) == {NOTHING, DISC, SQUARE}
        for region in found:
            kinds = np.unique(labels[region.slice][region.image])
            assert len(kinds) == 1
            # However it is turned, a square's second moment is pi/3 of that of a disc of its area.
            rows, columns = (region.coords - region.centroid).T
            moment = (rows**2 + columns**2).mean() / (region.area / (2 * np.pi))
            assert moment == pytest.approx(1 if kinds[0] == DISC else np.pi / 3, abs=0.022)


def test_objects_of_a_scene_keep_their_distance(scenes):
    for _, labels in scenes:
        middles = np.array([region.centroid for region in regionprops(label(labels > 0))])
        between = np.hypot(*(middles[:, np.newaxis] - middles).transpose(2, 0, 1))
        assert between[between > 0].min() > 31
        assert middles.min() > 15
        assert (np.array([128, 160]) - middles).min() > 15


def test_objects_of_a_scene_are_brighter_than_the_ground(scenes):
    for image, labels in scenes:
        assert image[labels > 0].mean() > image[labels == 0].mean() + 0.15


def test_the_smallest_scene_has_one_object():
    for seed in range(6):
        assert label(synthetic_scene(32, 32, seed)[1] > 0).max() == 1


def test_wrong_arguments_are_named():
    for call, *named in (
        (lambda: synthetic_patches(0), "count", "at least 1"),
        (lambda: synthetic_patches(2.0), "count"),
        (lambda: synthetic_patches(2, 15), "side", "at least 16", "not 15"),
        (lambda: synthetic_patches(2, seed=-1), "seed", "at least 0"),
        (lambda: synthetic_patches(2, seed=None), "seed"),
        (lambda: synthetic_scene(31, 60), "height", "at least 32", "not 31"),
        (lambda: synthetic_scene(60, "60"), "width"),
        (lambda: synthetic_scene(60, 60, 0.5), "seed"),
    ):
        assert_refused(call, *named)
