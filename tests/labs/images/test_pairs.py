"""Images and masks out of folders, and what does not make pairs."""

import re
import shutil
import warnings

import numpy as np
import pytest
import tifffile
from PIL import Image
from support.refusals import assert_refused

from unetviz.labs.images.files import read_image
from unetviz.labs.images.pairs import PairError, load_pairs
from unetviz.labs.images.ranges import DimImageWarning

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (7, 9), np.uint8)
MASK = RANDOM.integers(0, 2, (7, 9), np.uint8)


def save(path, array=GREY, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    image.save(path, **options)


def stack(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, array, photometric="minisblack")


NAMES = [
    ("image_0.png", "label_0.png"),
    ("images/7.tif", "masks/7.tif"),
    ("train/image/3.png", "train/label/3.png"),
    ("img001.png", "img001_mask.png"),
    ("cell.tiff", "cell-seg.PNG"),
    ("Image 1.png", "GT 1.tif"),
    ("细胞_1.png", "细胞_1_mask.png"),
]


def test_names_that_belong_together(tmp_path):
    for number, (image, mask) in enumerate(NAMES):
        folder = tmp_path / str(number)
        save(folder / image, GREY)
        save(folder / mask, MASK * 255)
        [pair] = load_pairs(folder)
        np.testing.assert_allclose(pair.image, GREY / 255, atol=1e-6)
        np.testing.assert_array_equal(pair.mask, MASK)
        assert (pair.image.dtype, pair.mask.dtype, pair.name) == (np.float32, np.uint8, image)
        assert repr(pair) == f"<ImagePair {image}: (7, 9)>"


def test_words_within_names_mean_nothing(tmp_path):
    save(tmp_path / "unmasked.png", GREY)
    save(tmp_path / "unmasked_mask.png", MASK)
    assert [pair.name for pair in load_pairs(str(tmp_path))] == ["unmasked.png"]


def test_the_order_is_by_number(tmp_path):
    for number in (10, 2, 1):
        save(tmp_path / f"image_{number}.png", np.roll(GREY, number))
        save(tmp_path / f"label_{number}.png", MASK)
    save(tmp_path / "image_b.png")
    save(tmp_path / "label_b.png", MASK)
    found = load_pairs(tmp_path)
    assert [pair.name for pair in found] == [f"image_{i}.png" for i in (1, 2, 10, "b")]
    np.testing.assert_allclose(found[2].image, np.roll(GREY, 10) / 255, atol=1e-6)


def test_two_files_of_many_pages_as_the_challenge_has_them(tmp_path):
    for pages in (2, 3, 4, 30):
        images = RANDOM.integers(0, 256, (pages, 16, 12), np.uint8)
        masks = RANDOM.integers(0, 2, (pages, 16, 12), np.uint8)
        stack(tmp_path / "train-volume.tif", images)
        stack(tmp_path / "train-labels.tif", masks * 255)
        found = load_pairs(tmp_path)
        assert [pair.name for pair in found] == [
            f"train-volume.tif, page {i}" for i in range(1, pages + 1)
        ]
        np.testing.assert_allclose([pair.image for pair in found], images / 255, atol=1e-6)
        np.testing.assert_array_equal([pair.mask for pair in found], masks)


def test_narrow_pages_are_no_colours(tmp_path):
    for width in (3, 4):
        images = RANDOM.integers(0, 256, (5, 8, width), np.uint8)
        stack(tmp_path / "volume.tif", images)
        stack(tmp_path / "labels.tif", images % 2)
        assert [pair.image.shape for pair in load_pairs(tmp_path)] == [(8, width)] * 5


def alpha(array):
    opaque = RANDOM.integers(0, 256, array.shape[:2], np.uint8)
    return np.dstack([array, opaque])


def palette(array):
    image = Image.fromarray(array, mode="P")
    image.putpalette([0, 0, 0, 128, 0, 0])
    return image


MASKS = {
    "0 and 1": MASK,
    "0 and 255": MASK * 255,
    "16 bits, 0 and 1": MASK.astype(np.uint16),
    "16 bits, 0 and 65535": MASK.astype(np.uint16) * 65535,
    "1 bit": Image.fromarray(MASK > 0),
    "palette": palette(MASK),
    "colour": np.dstack([MASK * 0, MASK * 200, MASK * 0]),
    "grey with alpha": alpha(MASK * 255),
    "colour with alpha": alpha(np.dstack([MASK * 9] * 3)),
    "numbered cells": (MASK * np.arange(1, MASK.size + 1).reshape(MASK.shape)).astype(np.uint8),
    "empty": MASK * 0,
}


def test_masks_of_every_kind(tmp_path):
    save(tmp_path / "image.png", GREY)
    for kind, mask in MASKS.items():
        save(tmp_path / "mask.png", mask)
        [pair] = load_pairs(tmp_path)
        np.testing.assert_array_equal(pair.mask, MASK * (kind != "empty"), err_msg=kind)


def test_images_of_several_kinds(tmp_path):
    colour = RANDOM.integers(0, 256, (7, 9, 3), np.uint8)
    deep = RANDOM.integers(0, 65536, (7, 9), np.uint16)
    floats = RANDOM.random((7, 9)).astype(np.float32)
    save(tmp_path / "image_1.png", colour)
    save(tmp_path / "image_2.png", deep)
    save(tmp_path / "image_3.png", alpha(GREY))
    tifffile.imwrite(tmp_path / "image_4.tif", floats)
    for number in range(1, 5):
        save(tmp_path / f"mask_{number}.png", MASK)
    expected = [colour / 255, deep / 65535, GREY / 255, floats]
    for pair, numbers in zip(load_pairs(tmp_path), expected, strict=True):
        np.testing.assert_allclose(pair.image, numbers, atol=1e-6)


def test_what_systems_and_editors_leave_is_no_image(tmp_path):
    save(tmp_path / "image_0.png", GREY)
    save(tmp_path / "label_0.png", MASK)
    (tmp_path / "folder.png").mkdir()
    for name in ("notes.txt", ".DS_Store", "._image_0.png", "Thumbs.db", "__MACOSX/._label_0.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"no image")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    shutil.copy(tmp_path / "image_0.png", tmp_path / ".ipynb_checkpoints/image_0-checkpoint.png")
    assert len(load_pairs(tmp_path)) == 1


def test_hidden_folders_above_do_not_matter(tmp_path):
    save(tmp_path / ".cache/data/image_0.png", GREY)
    save(tmp_path / ".cache/data/label_0.png", MASK)
    assert len(load_pairs(tmp_path / ".cache/data")) == 1


def refused(folder, *named):
    assert_refused(lambda: load_pairs(folder), *named, error=PairError)


def test_a_missing_partner(tmp_path):
    for number, (present, missing) in enumerate(
        (("image_0.png", "mask"), ("sub/label_0.png", "image"))
    ):
        folder = tmp_path / str(number)
        for name in ("image_1.png", "label_1.png", present):
            save(folder / name, MASK)
        refused(folder, f"'{present}'", f"no {missing}", "PNG, JPEG and TIFF", "label_0.png")


def test_two_files_for_one_place(tmp_path):
    for number, (names, what) in enumerate(
        (
            (("image_0.png", "image_0.tif"), "image"),
            (("image_0.png", "img_0.png"), "image"),
            (("label_0.png", "mask_0.tif"), "mask"),
        )
    ):
        folder = tmp_path / str(number)
        for name in ("image_0.png", "label_0.png", *names):
            save(folder / name, MASK)
        refused(folder, *map(repr, names), what, "rename")


def test_unequal_sizes(tmp_path):
    save(tmp_path / "image_0.png", GREY)
    save(tmp_path / "label_0.png", MASK.T)
    refused(tmp_path, "'image_0.png'", "7 x 9 pixels", "'label_0.png'", "9 x 7")


def test_unequal_sizes_of_one_page(tmp_path):
    with tifffile.TiffWriter(tmp_path / "volume.tif") as file:
        file.write(GREY)
        file.write(GREY[:5])
    stack(tmp_path / "labels.tif", np.stack([MASK, MASK]))
    refused(tmp_path, "'volume.tif, page 2'", "5 x 9 pixels", "'labels.tif'", "7 x 9")


def test_unequal_pages(tmp_path):
    stack(tmp_path / "volume.tif", np.stack([GREY] * 3))
    stack(tmp_path / "labels.tif", np.stack([MASK] * 2))
    refused(tmp_path, "'volume.tif'", "3", "'labels.tif'", "2")


def test_broken_files(tmp_path):
    noise = RANDOM.integers(0, 256, (64, 64), np.uint8)
    names = ("image_0.png", "label_0.tif")
    for broken in names:
        for name in names:
            save(tmp_path / name, noise)
        content = (tmp_path / broken).read_bytes()
        for damaged in (b"", content[:10], content[: len(content) * 3 // 5], b"no image at all"):
            (tmp_path / broken).write_bytes(damaged)
            refused(tmp_path, f"'{broken}'")


def test_no_folder_and_an_empty_one(tmp_path):
    nowhere = tmp_path / "nowhere"
    assert_refused(lambda: load_pairs(nowhere), repr(str(nowhere)), error=FileNotFoundError)
    (tmp_path / "notes.txt").write_text("nothing")
    refused(tmp_path, repr(str(tmp_path)), "PNG, JPEG and TIFF")


def saved_pair(folder, image, mask, number=0):
    folder.mkdir(exist_ok=True)
    tifffile.imwrite(folder / f"image_{number}.tif", image)
    save(folder / f"mask_{number}.png", mask)


def advice(message):
    """Return the calls of load_pairs that a message recommends."""
    return re.findall(r"load_pairs\((?:[^()]|\([^()]*\))*\)", str(message))


def follow(call, folder):
    return eval(call, {"load_pairs": load_pairs, "folder": folder})


def test_a_question_about_masks_is_answered_by_the_calls_in_it(tmp_path):
    trimap = RANDOM.integers(1, 4, (7, 9), np.uint8)
    saved_pair(tmp_path, GREY, trimap)
    with pytest.raises(PairError, match=r"mask_0\.png") as asked:
        load_pairs(tmp_path)
    calls = advice(asked.value)
    assert len(calls) == 2
    for call, values in zip(calls, (1, (1, 2)), strict=True):
        [pair] = follow(call, tmp_path)
        np.testing.assert_array_equal(pair.mask, np.isin(trimap, values))
    [pair] = load_pairs(tmp_path, foreground=3)
    np.testing.assert_array_equal(pair.mask, trimap == 3)
    [pair] = load_pairs(tmp_path, threshold=1)
    np.testing.assert_array_equal(pair.mask, trimap > 1)


def test_a_mask_for_each_object_is_joined(tmp_path):
    objects = RANDOM.random((3, 7, 9)) < 0.1
    for name, masks in (("one", objects), ("two", objects[:1])):
        save(tmp_path / name / "images" / f"{name}.png", GREY)
        for number, mask in enumerate(masks):
            save(tmp_path / name / "masks" / f"{number}ab.png", mask.astype(np.uint8) * 255)
    found = load_pairs(tmp_path)
    assert [pair.name for pair in found] == ["one/images/one.png", "two/images/two.png"]
    np.testing.assert_array_equal(found[0].mask, objects.any(axis=0))
    np.testing.assert_array_equal(found[1].mask, objects[0])


DEEP = RANDOM.integers(0, 4096, (7, 9)).astype(np.uint16)


def stretched(image, of=None):
    low, high = np.percentile(image if of is None else of, [1, 99.8])
    return np.clip((image.astype(float) - low) / (high - low), 0, 1)


def test_images_of_few_bits_are_stretched_and_that_is_told(tmp_path):
    images = [DEEP, DEEP // 2]
    for kind in ("uint16", "uint32", "int16"):
        folder = tmp_path / kind
        for number, image in enumerate(images):
            saved_pair(folder, image.astype(kind), MASK, number)
        with pytest.warns(DimImageWarning, match=f"to {DEEP.max()} of 0 to .*{kind}") as heard:
            pairs = load_pairs(folder)
        assert [one.filename for one in heard] == [__file__]
        for pair, image, number in zip(pairs, images, range(2), strict=True):
            np.testing.assert_allclose(pair.image, stretched(image), atol=1e-5)
            same = read_image(folder / f"image_{number}.tif", stretch=True)
            np.testing.assert_array_equal(pair.image, same)
        [call] = advice(heard[0].message)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            left, again = follow(call, folder), load_pairs(folder, stretch=True)
        for pair, same, image in zip(left, again, images, strict=True):
            np.testing.assert_allclose(pair.image, image / np.iinfo(kind).max, atol=1e-6)
            np.testing.assert_allclose(same.image, stretched(image), atol=1e-5)


def test_all_images_of_a_folder_are_stretched_or_none(tmp_path):
    bright = (DEEP * 16).astype(np.uint16)
    saved_pair(tmp_path, DEEP, MASK)
    saved_pair(tmp_path, bright, MASK, 1)
    with pytest.warns(DimImageWarning, match=r"'image_0\.tif'.* beside the others") as heard:
        pairs = load_pairs(tmp_path)
    for pair, image in zip(pairs, (DEEP, bright), strict=True):
        np.testing.assert_allclose(pair.image, image / 65535, atol=1e-6)
    [call] = advice(heard[0].message)
    for pair, image in zip(follow(call, tmp_path), (DEEP, bright), strict=True):
        np.testing.assert_allclose(pair.image, stretched(image), atol=1e-5)


@pytest.mark.filterwarnings("error")
def test_ordinary_images_are_left_as_they_are(tmp_path):
    saved_pair(tmp_path, GREY, MASK)
    saved_pair(tmp_path, GREY // 9, MASK, 1)
    for stretch in (None, False):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DimImageWarning)
            pairs = load_pairs(tmp_path, stretch=stretch)
        for pair, image in zip(pairs, (GREY, GREY // 9), strict=True):
            np.testing.assert_allclose(pair.image, image / 255, atol=1e-6)


def test_pages_of_a_file_are_stretched_together(tmp_path):
    pages = np.stack([DEEP, DEEP // 2, DEEP // 3])
    stack(tmp_path / "volume.tif", pages)
    stack(tmp_path / "labels.tif", np.stack([MASK] * 3))
    with pytest.warns(DimImageWarning):
        found = load_pairs(tmp_path)
    lows, highs = np.percentile(pages, [1, 99.8], axis=(1, 2))
    expected = np.clip((pages - lows.min()) / (highs.max() - lows.min()), 0, 1)
    np.testing.assert_allclose([pair.image for pair in found], expected, atol=1e-5)


def test_numbers_that_are_no_fractions_have_a_way_that_takes_them(tmp_path):
    for kind, image in (
        ("floats", GREY.astype(np.float32)),
        ("int16", DEEP.astype(np.int16) - 1000),
    ):
        saved_pair(tmp_path / kind, image, MASK)
        with pytest.raises(PairError, match=r"image_0\.tif.*from (-|\d)") as asked:
            load_pairs(tmp_path / kind)
        for number in (image.min(), image.max()):
            assert f" {number:g} " in f"{asked.value} "
        [call] = advice(asked.value)
        [pair] = follow(call, tmp_path / kind)
        np.testing.assert_allclose(pair.image, stretched(image), atol=1e-5)


def test_the_pages_of_a_mask_are_named(tmp_path):
    stack(tmp_path / "volume.tif", np.stack([GREY] * 2))
    stack(tmp_path / "labels.tif", np.stack([MASK, MASK + 1]))
    refused(tmp_path, "'labels.tif, page 2'", "1 and 2")
