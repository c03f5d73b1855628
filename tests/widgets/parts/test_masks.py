"""Masks beside each other: colours, counts, scores and titles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.segmentation import find_boundaries
from support.panels import BLUE, ORANGE, WHITE, pixels

from unetviz.draw.images.annotated import BoxMark
from unetviz.geometry.box import Box
from unetviz.labs.metrics import dice
from unetviz.widgets.parts.masks import (
    AGAINST_TRUTH,
    MaskComparison,
    evaluated,
    mask_image,
    outline_image,
)


def assert_outlined(shown, image, truth, mask):
    """Outlines in three colours on a grey image, as scikit-image finds them."""
    true, found = (find_boundaries(one != 0, connectivity=1, mode="inner") for one in (truth, mask))
    colours = ((true & found, WHITE), (true & ~found, BLUE), (found & ~true, ORANGE))
    for part, colour in colours:
        assert (shown[part] == colour).all()
    rest = ~true & ~found
    grey = 255 * np.clip(image[rest], 0, 1)[:, np.newaxis]
    assert np.abs(shown[rest] - grey).max(initial=0) <= 0.5 + 1e-4


def shape_and_masks(shape):
    masks = arrays(np.uint8, shape, elements=st.sampled_from([0, 0, 1, 7]))
    image = arrays(np.float32, shape, elements=st.floats(-0.5, 1.5, width=32))
    return st.tuples(image, masks, masks)


@settings(max_examples=40, deadline=None)
@given(st.tuples(st.integers(1, 7), st.integers(1, 7)).flatmap(shape_and_masks))
def test_outlines_are_coloured_pixels_on_grey(given):
    found, _ = outline_image(*given)
    assert found.dtype == np.uint8
    assert_outlined(found.astype(int), *given)


@pytest.fixture
def masks():
    random = np.random.default_rng(0)
    return random.random((6, 9)) > 0.5, random.random((6, 9)) > 0.5


def test_a_mask_against_the_truth_and_alone(masks):
    mask, truth = masks
    grey = np.full((6, 9, 3), 90, np.uint8)
    shown, (score, *counts) = mask_image(grey, evaluated(mask, truth), truth, AGAINST_TRUTH)
    parts = (mask & truth, WHITE), (truth & ~mask, BLUE), (mask & ~truth, ORANGE)
    for (part, colour), line in zip(parts, counts, strict=True):
        np.testing.assert_array_equal((shown == colour).all(axis=-1), part)
        assert line.words.endswith(f": {part.sum()}")
    assert (shown[~mask & ~truth] == 30).all()
    assert (grey == 90).all()
    assert f"Dice {dice(mask, truth):.3f}" in score.words
    alone, (count,) = mask_image(grey, evaluated(mask, None), None, AGAINST_TRUTH)
    np.testing.assert_array_equal((alone == WHITE).all(axis=-1), mask)
    assert count.words.endswith(f": {mask.sum()}")


def test_a_comparison_shows_titles_legends_and_places():
    comparison = MaskComparison({"a": "First", "b": "Second"}, 90, ("+",))
    image = np.random.default_rng(1).integers(0, 255, (6, 9, 3)).astype(np.uint8)
    mark = BoxMark(Box(1, 2, 3, 4), "bottleneck", "here")
    comparison.show("a", image, [mark], is_map=True)
    comparison.show("b", image, box=Box(10, 20, 16, 29), title="Other", frame=18)
    first, second = comparison.views.values()
    assert [line["words"] for line in first.marks] == ["First", "here"]
    assert (first.zoom, first.label, first.marks[0]["size"]) == (10, "First", "6 x 9")
    np.testing.assert_array_equal(pixels(first), image)
    assert (second.zoom, second.label, second.marks[0]["size"]) == (5, "Other", "")
    assert (second.origin, second.size) == ([10, 20], [6, 9])
    assert list(comparison.shown) == ["a", "b"]
    between = comparison.children[0].children
    assert [one in (first, second) for one in between] == [True, False, True]
    assert ">+<" in between[1].value
