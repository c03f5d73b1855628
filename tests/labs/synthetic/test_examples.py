"""Images to learn from: the same by number, masks that fit, and none of those held out."""

import itertools
from functools import cache

import numpy as np
import pytest
from support.refusals import assert_refused

from unetviz.labs.synthetic import examples as synthetic_examples
from unetviz.labs.synthetic.cells import LOOKS, SyntheticImage, synthetic_cells
from unetviz.labs.synthetic.examples import SyntheticExamples, validation_images
from unetviz.labs.synthetic.weight_map import weight_map

SMALL = {"drawn": 64}


@pytest.fixture(autouse=True)
def _nothing_kept():
    """What one test draws is not kept for the next: some draw something else."""
    synthetic_examples._with_weights.cache_clear()
    yield
    synthetic_examples._with_weights.cache_clear()


@cache
def numbered(shape, seed):
    """An image in which every pixel has a number of its own."""
    return np.random.default_rng(seed).permutation(shape[0] * shape[1]).reshape(shape)


@pytest.fixture
def recorded(monkeypatch):
    """Quick images, whose numbers tell where they come from; with the list of what was drawn."""
    drawn = []

    def quick(shape, seed, look="cells"):
        drawn.append((shape, seed, look))
        image = numbered(shape, seed).astype(np.float32)
        cells = (image.astype(int) % 7 > 3).astype(np.int32)
        return SyntheticImage(image, cells.astype(np.uint8), cells)

    def weights(cells, border_weight=10.0, balance=True):
        return cells * np.float32(border_weight) + np.float32(1)

    monkeypatch.setattr(synthetic_examples, "synthetic_cells", quick)
    monkeypatch.setattr(synthetic_examples, "weight_map", weights)
    return drawn


def test_a_number_is_a_batch():
    for batch in (1, 3):
        values = ((40, 32), (20, 12), batch)
        first, second = (SyntheticExamples(*values, seed=2, **SMALL) for _ in range(2))
        expected = [first(number) for number in range(6)]
        synthetic_examples._with_weights.cache_clear()
        # In another order, too.
        for number in (5, 0, 3):
            for field in ("images", "masks", "weights"):
                found = getattr(second(number), field)
                np.testing.assert_array_equal(found, getattr(expected[number], field))
        for one, other in itertools.combinations(expected, 2):
            assert (one.images != other.images).any()
        assert (SyntheticExamples(*values, seed=3, **SMALL)(0).images != expected[0].images).any()


def test_shapes_and_types():
    found = SyntheticExamples((40, 32), (21, 11), 3, **SMALL)(1)
    assert found.images.shape == (3, 40, 32, 1)
    assert found.masks.shape == found.weights.shape == (3, 21, 11)
    kinds = (found.images.dtype, found.masks.dtype, found.weights.dtype)
    assert kinds == (np.float32, np.uint8, np.float32)


def all_ways(array):
    """An image in the eight ways of turning and mirroring a square."""
    for one in (array, array.T):
        for rows, columns in itertools.product((1, -1), repeat=2):
            yield one[::rows, ::columns]


@pytest.mark.parametrize("sides", [(20, 20), (12, 20)])
def test_image_mask_and_weights_are_one_window(recorded, sides):
    examples = SyntheticExamples(sides, sides, 2, border_weight=3.0, drawn=24)
    seen = set()
    for number in range(40):
        found = examples(number)
        for image, mask, weights in zip(
            found.images[..., 0], found.masks, found.weights, strict=True
        ):
            # The image's numbers tell what belongs to each pixel.
            np.testing.assert_array_equal(mask, image.astype(int) % 7 > 3)
            np.testing.assert_array_equal(weights, 3.0 * mask + 1)
            ways = [_found_again(recorded, way) for way in all_ways(image)]
            assert sum(ways) == 1
            seen.add(ways.index(True))
    # A square in all eight ways; what is no square is only mirrored.
    assert seen == (set(range(8)) if sides[0] == sides[1] else set(range(4)))


def _found_again(recorded, window):
    height, width = window.shape
    for shape, seed, _ in set(recorded):
        image = numbered(shape, seed)
        [[row, column]] = np.argwhere(image == window[0, 0])
        if np.array_equal(image[row : row + height, column : column + width], window):
            return True
    return False


@pytest.mark.parametrize(("sides", "result"), [((20, 20), (8, 8)), ((21, 16), (8, 5))])
def test_masks_are_the_middle(recorded, sides, result):
    margins = [(n - m) // 2 for n, m in zip(sides, result, strict=True)]
    rows, columns = (slice(a, a + m) for a, m in zip(margins, result, strict=True))
    examples = SyntheticExamples(sides, result, 4, drawn=32)
    for number in range(10):
        found = examples(number)
        middle = found.images[:, rows, columns, 0].astype(int) % 7 > 3
        np.testing.assert_array_equal(found.masks, middle)


def test_weights_are_those_of_the_whole_image(monkeypatch):
    images = []

    def remembered(*arguments):
        images.append(synthetic_cells(*arguments))
        return images[-1]

    monkeypatch.setattr(synthetic_examples, "synthetic_cells", remembered)
    synthetic_examples._with_weights.cache_clear()
    # The only window of an image that is not larger: turned and mirrored.
    examples = SyntheticExamples((48, 48), (48, 48), border_weight=4.0, drawn=48, looks=("cells",))
    mask, weights = examples(0).masks[0], examples(0).weights[0]
    [drawn] = images
    expected = weight_map(drawn.cells, 4.0, balance=False)
    fits = [
        np.array_equal(a, drawn.mask) and np.array_equal(b, expected)
        for a, b in zip(all_ways(mask), all_ways(weights), strict=True)
    ]
    assert any(fits)


def test_images_held_out_are_never_trained_with(recorded):
    tested = [validation_images((8, 8), 60), validation_images((8, 9), 60, ("membranes",))]
    out = {seed for _, seed, _ in recorded}
    assert (len(tested[0]), len(out)) == (60, 60)
    recorded.clear()
    for seed in (0, 1, 10**9):
        for number in [*range(150), 10**9, 10**12]:
            SyntheticExamples((8, 8), (8, 8), 2, seed=seed, drawn=8)(number)
    trained = {seed for _, seed, _ in recorded}
    assert len(trained) > 300
    assert max(trained) < min(out)


def test_looks_take_turns(recorded):
    for number in range(100):
        SyntheticExamples((8, 8), (8, 8), drawn=8)(number)
    looks = [look for _, _, look in recorded]
    assert 0.3 < looks.count("cells") / len(looks) < 0.7
    recorded.clear()
    for number in range(10):
        SyntheticExamples((8, 8), (8, 8), looks=("membranes",), drawn=8, seed=1)(number)
    assert {look for _, _, look in recorded} == {"membranes"}


def test_windows_larger_than_what_is_drawn(recorded):
    assert SyntheticExamples((40, 8), (40, 8), drawn=16)(0).images.shape == (1, 40, 8, 1)
    assert recorded[0][0] == (40, 16)


def test_seeds_do_not_share_images(recorded):
    for seed in (0, 1):
        for number in range(40):
            SyntheticExamples((8, 8), (8, 8), seed=seed, drawn=8)(number)
        recorded.append(None)
    parts = [set(part) for keep, part in itertools.groupby(recorded, bool) if keep]
    assert len(parts) == 2
    assert not parts[0] & parts[1]


def test_held_out_images_are_made_cells():
    found = validation_images((30, 40), 4)
    for number, sample in enumerate(found):
        expected = synthetic_cells((30, 40), 10**9 + number, LOOKS[number % 2])
        np.testing.assert_array_equal(sample.image, expected.image)
    assert validation_images(8, 0) == []


def test_wrong_arguments_are_named():
    for values, *named in (
        ({"shape": 0}, "shape"),
        ({"result": (1, 2, 3)}, "result"),
        ({"result": 17}, "output", "17 x 17", "16 x 16"),
        ({"batch": 0}, "batch", "at least 1", "not 0"),
        ({"seed": -1}, "seed"),
        ({"drawn": 0}, "drawn"),
        ({"reuse": 0}, "reuse"),
        ({"looks": ("cells", "dots")}, "look", "'dots'"),
        ({"looks": ()}, "looks", "cells", "membranes"),
    ):
        arguments = {"shape": 16, "result": 8} | values
        assert_refused(lambda a=arguments: SyntheticExamples(**a), *named)
    assert_refused(lambda: validation_images(8, -1), "count", "at least 0", "not -1")
