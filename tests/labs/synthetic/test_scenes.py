"""Made pictures are what they promise: seeded, varied, and labelled by what lies in the middle."""

import numpy as np
import pytest
from skimage.measure import label, regionprops

from unetviz.labs.synthetic.scenes import CLASSES, cut_windows, made_patches, made_scene

NOTHING, DISC, SQUARE = range(3)


@pytest.fixture(scope="module")
def patches():
    return made_patches(900, seed=3)


def test_names_of_the_classes():
    assert CLASSES == ("nothing", "disc", "square")


@pytest.mark.parametrize("side", [16, 32, 47])
def test_shapes_types_and_range(side):
    images, labels = made_patches(20, side, seed=1)
    assert images.shape == (20, side, side, 1)
    assert images.dtype == np.float32
    assert 0 <= images.min() < images.max() <= 1
    assert labels.shape == (20,)
    assert labels.dtype == np.int64
    assert set(labels) <= {0, 1, 2}


def test_about_a_third_of_each_class(patches):
    assert np.abs(np.bincount(patches[1]) / 900 - 1 / 3).max() < 0.06


def test_one_seed_one_set_of_pictures():
    for first, again in zip(made_patches(9, seed=5), made_patches(9, seed=5), strict=True):
        np.testing.assert_array_equal(first, again)
    assert not np.array_equal(made_patches(9, seed=5)[0], made_patches(9, seed=6)[0])
    for first, again in zip(made_scene(64, 80, 5), made_scene(64, 80, 5), strict=True):
        np.testing.assert_array_equal(first, again)
    assert not np.array_equal(made_scene(64, 80, 5)[0], made_scene(64, 80, 6)[0])


def test_the_state_of_numpy_is_left_alone():
    np.random.seed(0)
    expected = np.random.random()
    np.random.seed(0)
    made_patches(3)
    made_scene(40, 40)
    assert np.random.random() == expected


def test_the_middle_is_bright_where_there_is_an_object(patches):
    images, labels = patches
    middle = images[:, 14:18, 14:18].mean(axis=(1, 2, 3))
    # A quarter of the pixels is ground in every picture with one object in the middle.
    ground = np.quantile(images, 0.25, axis=(1, 2, 3))
    contrast = middle - ground
    assert np.median(contrast[labels != NOTHING]) > 0.3
    assert np.quantile(contrast[labels == NOTHING], 0.9) < 0.15


def test_some_pictures_of_nothing_have_an_object_at_the_edge(patches):
    images, labels = patches
    smooth = images[labels == NOTHING][..., 0].reshape(-1, 8, 4, 8, 4).mean(axis=(2, 4))
    spread = smooth.max(axis=(1, 2)) - smooth.min(axis=(1, 2))
    assert 0.35 < (spread > 0.22).mean() < 0.6


def test_light_and_contrast_vary(patches):
    images, labels = patches
    assert np.std(np.quantile(images, 0.2, axis=(1, 2, 3))) > 0.05
    assert np.std(images[labels != NOTHING].max(axis=(1, 2, 3))) > 0.05


@pytest.mark.parametrize("seed", range(6))
def test_objects_of_a_scene_are_discs_and_squares(seed):
    picture, labels = made_scene(128, 160, seed)
    assert picture.shape == labels.shape == (128, 160)
    assert picture.dtype == np.float32
    assert 0 <= picture.min() < picture.max() <= 1
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


@pytest.mark.parametrize("seed", range(6))
def test_objects_of_a_scene_keep_their_distance(seed):
    _, labels = made_scene(128, 160, seed)
    middles = np.array([region.centroid for region in regionprops(label(labels > 0))])
    between = np.hypot(*(middles[:, np.newaxis] - middles).transpose(2, 0, 1))
    assert between[between > 0].min() > 31
    assert middles.min() > 15
    assert (np.array([128, 160]) - middles).min() > 15


def test_objects_of_a_scene_are_brighter_than_the_ground():
    for seed in range(6):
        picture, labels = made_scene(128, 160, seed)
        assert picture[labels > 0].mean() > picture[labels == 0].mean() + 0.15


def test_the_smallest_scene_has_one_object():
    for seed in range(6):
        assert label(made_scene(32, 32, seed)[1] > 0).max() == 1


@pytest.mark.parametrize(("size", "stride"), [((3, 3), 1), ((4, 2), 3), ((9, 11), 5), ((1, 1), 4)])
def test_windows_are_slices(size, stride):
    picture = np.random.default_rng(0).random((9, 11, 2))
    windows = cut_windows(picture, size, stride)
    tops, lefts = range(0, 10 - size[0], stride), range(0, 12 - size[1], stride)
    assert windows.shape == (len(tops), len(lefts), *size, 2)
    for i, top in enumerate(tops):
        for j, left in enumerate(lefts):
            expected = picture[top : top + size[0], left : left + size[1]]
            np.testing.assert_array_equal(windows[i, j], expected)


def test_windows_larger_than_the_picture():
    with pytest.raises(ValueError, match="the picture has 9 x 11 pixels, a window 9 x 12"):
        cut_windows(np.zeros((9, 11, 1)), (9, 12), 1)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: made_patches(0), "count must be a whole number of at least 1"),
        (lambda: made_patches(2.0), "count must be"),
        (lambda: made_patches(2, 15), "side must be a whole number of at least 16, not 15"),
        (lambda: made_patches(2, seed=-1), "seed must be a whole number of at least 0"),
        (lambda: made_patches(2, seed=None), "seed must be"),
        (lambda: made_scene(31, 60), "height must be a whole number of at least 32, not 31"),
        (lambda: made_scene(60, "60"), "width must be"),
        (lambda: made_scene(60, 60, 0.5), "seed must be"),
        (lambda: cut_windows(np.zeros((9, 9, 1)), (3, 3), 0), "stride must be"),
        (lambda: cut_windows(np.zeros((9, 9, 1)), (3, None), 1), "size must be"),
    ],
)
def test_wrong_numbers(make, words):
    with pytest.raises(ValueError, match=words):
        make()
