"""Patches to train with are plain slices of the padded image and of its padded mask."""

from itertools import product

import numpy as np
import pytest
from support.refusals import assert_refused

import unetviz as uv
from unetviz.geometry.ops import Convolution
from unetviz.geometry.specs.from_model import Record, RecordedSpec
from unetviz.labs.images.arrays import PADS

MODES = {"mirror": "reflect", "edge": "edge", "zero": "constant"}
BEYOND = 300
"""Pixels that numpy adds on each side, more than any network here looks beyond the border."""

VALID = uv.UNetSpec((92, 76), depth=2)
SAME = uv.UNetSpec((64, 80), depth=2, padding="same")
RNG = np.random.default_rng(0)
IMAGE = RNG.integers(0, 256, (110, 133), np.uint8)
MASK = RNG.integers(0, 5, (110, 133))


def around(array, pad="mirror"):
    """The array with a border, as numpy makes it."""
    margins = [(BEYOND, BEYOND)] * 2 + [(0, 0)] * (array.ndim - 2)
    return np.pad(array, margins, mode=MODES[pad])


def sliced(array, top, left, height, width):
    """A slice of a padded array, by rows and columns of the array without its border."""
    top, left = top + BEYOND, left + BEYOND
    return array[top : top + height, left : left + width]


def test_patches_are_slices_of_what_numpy_pads():
    for (spec, stride), pad in product(((VALID, 24), (SAME, (16, 40)), (SAME, 13)), PADS):
        plan = uv.labs.plan_tiles(IMAGE.shape, spec, stride)
        patches = uv.labs.cut_patches(IMAGE, MASK, plan, pad)
        shape = uv.trace(spec).output_shape[:2]
        before = [(size - out) // 2 for size, out in zip(spec.input_size, shape, strict=True)]
        images, labels = around(IMAGE / np.float32(255), pad), around(MASK, pad)
        for tile, image, mask in zip(plan.tiles, patches.images, patches.masks, strict=True):
            top, left = tile.input.top, tile.input.left
            expected = sliced(images, top, left, *spec.input_size)
            np.testing.assert_allclose(image[..., 0], expected, rtol=1e-6)
            expected = sliced(labels, top + before[0], left + before[1], *shape)
            np.testing.assert_array_equal(mask, expected)


def test_shapes_and_types():
    for spec, image, mask in (
        (VALID, (92, 76, 1), (52, 36)),
        (SAME, (64, 80, 1), (64, 80)),
    ):
        plan = uv.labs.plan_tiles(IMAGE.shape, spec, 20)
        patches = uv.labs.cut_patches(IMAGE, MASK, plan)
        assert patches.images.shape == (len(plan), *image)
        assert patches.masks.shape == (len(plan), *mask)
        assert (patches.images.dtype, patches.masks.dtype) == (np.float32, MASK.dtype)
        assert len(patches) == len(plan)
        assert patches.plan is plan
        assert repr(patches) == f"<Patches: {len(plan)} pairs, {image} and {mask}>"


def test_the_papers_pairs():
    image = np.zeros((512, 512), np.uint8)
    patches = uv.labs.cut_patches(image, image, uv.labs.plan_tiles(512, uv.PAPER))
    assert patches.images.shape == (4, 572, 572, 1)
    assert patches.masks.shape == (4, 388, 388)


def test_a_smaller_stride_gives_more_patches():
    # The last patch begins at the first multiple of the stride from which it reaches the end.
    image, mask = IMAGE[:55, :65], MASK[:55, :65]
    for stride, grid in ((36, (2, 2)), (9, (2, 5)), (1, (4, 30))):
        plan = uv.labs.plan_tiles(image.shape, VALID, stride)
        assert plan.grid == grid
        assert len(uv.labs.cut_patches(image, mask, plan)) == grid[0] * grid[1]


def test_labels_beyond_the_border_are_mirrored():
    # Each label is its own row, so the rows of a mask say where it comes from.
    rows = np.arange(110)[:, np.newaxis].repeat(133, axis=1)
    plan = uv.labs.plan_tiles(rows.shape, SAME, 32, margin=16)
    first = uv.labs.cut_patches(IMAGE, rows, plan).masks[0, :, 0]
    np.testing.assert_array_equal(first, np.abs(np.arange(-16, 48)))
    zeros = uv.labs.cut_patches(IMAGE, rows + 1, plan, "zero").masks[0, :, 32]
    np.testing.assert_array_equal(zeros, [*[0] * 16, *range(1, 49)])


def test_image_and_label_of_a_pixel_stay_together():
    marked = (MASK == 3).astype(np.uint8)
    patches = uv.labs.cut_patches(marked * 255, marked, uv.labs.plan_tiles(MASK.shape, VALID, 17))
    np.testing.assert_array_equal(patches.images[:, 20:-20, 20:-20, 0], patches.masks)


def test_labels_keep_their_type():
    for dtype in ("bool", "uint8", "uint16", "int64"):
        mask = MASK.astype(dtype)
        patches = uv.labs.cut_patches(IMAGE, mask, uv.labs.plan_tiles(MASK.shape, SAME, 40))
        assert patches.masks.dtype == dtype


def test_colours_and_floats_are_kept():
    colours = RNG.random((110, 133, 3))
    plan = uv.labs.plan_tiles(MASK.shape, SAME.replace(input_channels=3), 40)
    patches = uv.labs.cut_patches(colours, MASK, plan)
    assert patches.images.shape[1:] == (64, 80, 3)
    corner = plan.tiles[0].input
    expected = sliced(around(colours), corner.top, corner.left, 64, 80)
    np.testing.assert_allclose(patches.images[0], expected, rtol=1e-6)


def test_a_window_that_is_not_square_looks_further_on_one_axis():
    record = Record("conv", "conv", Convolution(1, (3, 9)), ("input",), 1, "encoder")
    plan = uv.labs.plan_tiles(IMAGE.shape, RecordedSpec((22, 28), 1, (record,)))
    patches = uv.labs.cut_patches(IMAGE, MASK, plan)
    assert patches.masks.shape[1:] == (20, 20)
    np.testing.assert_array_equal(patches.masks[0], MASK[:20, :20])
    np.testing.assert_allclose(patches.images[0, 1:, 4:, 0], IMAGE[:21, :24] / 255, rtol=1e-6)


def test_image_and_mask_stay_as_they_are():
    image, mask = IMAGE.copy(), MASK.copy()
    patches = uv.labs.cut_patches(image, mask, uv.labs.plan_tiles(MASK.shape, SAME, 40))
    patches.images[:], patches.masks[:] = 0, 0
    np.testing.assert_array_equal(image, IMAGE)
    np.testing.assert_array_equal(mask, MASK)


@pytest.mark.keras
def test_patches_fit_the_network_that_they_are_cut_for():
    import keras

    spec = VALID.replace(base_filters=1, classes=5)
    image, mask = IMAGE[:55, :65], MASK[:55, :65]
    patches = uv.labs.cut_patches(image, mask, uv.labs.plan_tiles(mask.shape, spec, 36))
    loss = keras.losses.SparseCategoricalCrossentropy()
    assert np.isfinite(loss(patches.masks, uv.build(spec)(patches.images)))


def test_wrong_arguments_are_named():
    plan = uv.labs.plan_tiles(IMAGE.shape, SAME, 40)
    for image, mask, *named in (
        (IMAGE, MASK[:-1], "mask", "(110, 133)", "not (109, 133)"),
        (IMAGE[:, 1:], MASK[:, 1:], "plan", "110 x 133 pixels", "not 110 x 132"),
        (IMAGE, MASK[..., np.newaxis], "mask", "(110, 133, 1)"),
        (IMAGE * np.nan, MASK, "NaN"),
        (IMAGE[0], MASK, "shape"),
        (IMAGE[:0], MASK[:0], "empty"),
    ):
        assert_refused(lambda i=image, m=mask: uv.labs.cut_patches(i, m, plan), *named)
    for mask in (MASK / 2, MASK.astype(str), MASK * 1j, "mask.png", None):
        call = lambda m=mask: uv.labs.cut_patches(IMAGE, m, plan)  # noqa: E731
        assert_refused(call, "mask", "whole numbers", "astype(int)", error=TypeError)
    call = lambda: uv.labs.cut_patches("image.png", MASK, plan)  # noqa: E731
    assert_refused(call, "image", "numbers", error=TypeError)
    assert_refused(lambda: uv.labs.cut_patches(IMAGE, MASK, plan, "wrap"), *PADS, "'wrap'")
