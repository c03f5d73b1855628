"""Which files of a folder belong together, and the reason that is given where they do not."""

import re
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.labs.images.folders import PairError, find_partners
from unetviz.labs.images.pairs import load_pairs


def made(folder, *names):
    """Make files that hold nothing: only their names are looked at."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def partners(folder):
    """Return the image and the masks of each pair, by their names in the folder."""
    return [
        tuple(path.relative_to(folder).as_posix() for path in (one.image, *one.masks))
        for one in find_partners(folder)
    ]


LAYOUTS = {
    "in one folder": ["image_0.png label_0.png", "image_1.png label_1.png"],
    "suffixes": ["1.png 1_mask.png", "2.tif 2-mask.png", "3.jpg 3_seg.png", "4.png 4 gt.png"],
    "more suffixes": ["a.png a_groundtruth.png", "b.jpg b_segmentation.png", "c.png c_label.tif"],
    "prefixes": ["x_1.png mask_x_1.png", "x_2.png gt-x_2.png"],
    "two folders": ["images/1.png masks/1.png", "images/2.png masks/2.png"],
    "imgs": ["imgs/1.png masks/1.png"],
    "Carvana, as PNG": ["imgs/0cd_01.jpg masks/0cd_01_mask.png"],
    "JPEG and PNG": ["images/1.jpg labels/1.png", "images/2.JPEG labels/2.png"],
    "JPEG beside PNG": ["1.jpg 1.png", "2.JPG 2.PNG"],
    "splits outside": [
        "train/images/1.png train/masks/1.png",
        "val/images/1.png val/masks/1.png",
        "test/images/1.png test/masks/1.png",
    ],
    "splits inside": [
        "images/train/1.png labels/train/1.png",
        "images/test/1.png labels/test/1.png",
    ],
    "splits in words": ["train/1.png train_labels/1.png", "val/1.png val_labels/1.png"],
    "CamVid": ["train/1_a.png trainannot/1_a.png", "test/1_b.png testannot/1_b.png"],
    "folders of Keras": ["data/train_images/img/1.png data/train_masks/img/1.png"],
    "camel case": ["trainImages/1.png trainMasks/1.png", "imagesVal/2.png labelsVal/2.png"],
    "Pascal VOC": ["VOC/JPEGImages/2007_1.jpg VOC/SegmentationClass/2007_1.png"],
    "ISIC": [
        "ISBI2016_ISIC_Part1_Training_Data/ISIC_0000000.jpg "
        "ISBI2016_ISIC_Part1_Training_GroundTruth/ISIC_0000000_Segmentation.png"
    ],
    "CVC": ["Original/1.tif Ground Truth/1.tif"],
    "ground_truth": ["image/1.png ground_truth/1.png"],
    "annotations": ["images/1.jpg annotations/1.png", "images/2.jpg annotations/2.png"],
    "ann_dir": ["img_dir/train/1.jpg ann_dir/train/1.png"],
    "nnU-Net": [
        "imagesTr/case_001_0000.png labelsTr/case_001.png",
        "imagesTr/case_002_0000.png labelsTr/case_002.png",
    ],
    "GT": ["Images/1.png GT/1.png"],
    "x and y": ["x/1.png y/1.png"],
    "X_train": ["X_train/1.png y_train/1.png", "X_val/1.png y_val/1.png"],
    "inputs and targets": ["inputs/1.png targets/1.png"],
    "a folder that says segmentation": ["segmentation/images/1.png segmentation/masks/1.png"],
    "sites": ["siteA/images/1.png siteA/masks/1.png", "siteB/images/1.png siteB/masks/1.png"],
    "ISBI 2012": ["train-volume.tif train-labels.tif"],
    "spaces and case": ["My Images/Cell 1.PNG My Masks/Cell 1.TIF"],
    "Chinese": ["图/细胞_1.png 图/细胞_1_mask.png"],
    "Data Science Bowl": [
        "stage1_train/0a7e/images/0a7e.png stage1_train/0a7e/masks/07a9.png",
        "stage1_train/0b2f/images/0b2f.png stage1_train/0b2f/masks/1.png "
        "stage1_train/0b2f/masks/2.png",
    ],
}


def split_at(pair):
    """Names hold spaces: a name ends with its ending."""
    return tuple(re.findall(r"\S.*?\.(?:png|tif|jpe?g)\b", pair, re.IGNORECASE))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.filterwarnings("error")
def test_common_layouts(layout, tmp_path):
    expected = [split_at(pair) for pair in LAYOUTS[layout]]
    made(tmp_path, *(name for pair in expected for name in pair))
    assert sorted(partners(tmp_path)) == sorted(expected)


@pytest.mark.filterwarnings("error")
def test_what_systems_leave_behind_is_passed_over(tmp_path):
    made(tmp_path, "images/1.png", "masks/1.png")
    made(tmp_path, "Thumbs.db", "masks/Thumbs.db", "images/._1.png", ".DS_Store", "desktop.ini")
    made(tmp_path, "__MACOSX/images/1.png", "@eaDir/1.png/thumb.png", ".cache/images/3.png")
    made(tmp_path, "notes.txt", "images/notes.csv", "README.md", "images/1.json")
    assert partners(tmp_path) == [("images/1.png", "masks/1.png")]


def test_test_images_without_masks_are_left_out_and_that_is_told(tmp_path):
    for number, names in enumerate(
        (
            ("train-volume.tif", "train-labels.tif", "test-volume.tif"),
            ("train/images/1.png", "train/masks/1.png", "test/images/2.png", "test/images/3.png"),
            ("imagesTr/1.png", "labelsTr/1.png", "imagesTs/2.png"),
            ("a/0a/images/0a.png", "a/0a/masks/1.png", "x.png", "x_mask.png", "test/5.png"),
        )
    ):
        folder = made(tmp_path / str(number), *names)
        with pytest.warns(UserWarning, match="left out: test images") as heard:
            found = partners(folder)
        assert len(heard) == 1
        skipped = [name for name in names if "test" in name.lower() or "Ts" in name]
        assert repr(skipped[0]) in str(heard[0].message)
        assert not {name for pair in found for name in pair} & set(skipped)
    # Others that have no mask are refused, and so are test images if some have masks.
    for number, names in enumerate(
        (
            ("train/images/1.png", "train/masks/1.png", "val/images/2.png"),
            ("test/images/1.png", "test/masks/1.png", "test/images/2.png"),
            ("test/images/2.png",),
        )
    ):
        folder = made(tmp_path / f"refused {number}", *names)
        assert_refused(lambda f=folder: partners(f), names[-1], "no mask", error=PairError)


REASONS = {
    "masks as GIF": (["train/1.jpg", "train_masks/1_mask.gif"], "'train_masks/1_mask.gif'"),
    "masks as arrays": (["images/1.png", "masks/1.npy"], "'masks/1.npy'"),
    "images as BMP": (["images/1.bmp", "masks/1.png"], "'images/1.bmp'"),
    "images as JPEG 2000": (["images/1.jp2", "masks/1.png"], "'images/1.jp2'"),
    "masks as text": (["images/1.jpg", "labels/1.txt"], "'labels/1.txt'"),
    "nothing but BMP": (["images/1.bmp", "masks/1.bmp"], "'images/1.bmp'"),
}


@pytest.mark.parametrize("case", REASONS)
def test_an_ending_that_is_not_taken_is_the_reason_and_saving_as_png_helps(case, tmp_path):
    names, culprit = REASONS[case]
    made(tmp_path, *names)
    refusal = (culprit, "PNG, JPEG and TIFF", "save")
    assert_refused(lambda: partners(tmp_path), *refusal, error=PairError)
    for name in names:
        (tmp_path / name).rename((tmp_path / name).with_suffix(".png"))
    assert len(partners(tmp_path)) == 1


def test_files_that_are_left_out_beside_others_are_told(tmp_path):
    made(tmp_path, "images/1.png", "masks/1.png", "images/2.bmp", "masks/2.bmp")
    with pytest.warns(UserWarning, match=r"'images/2\.bmp' and 1 more are left out"):
        assert len(partners(tmp_path)) == 1


def test_folders_without_a_word_for_masks_are_told_that(tmp_path):
    made(tmp_path, "eins/1.png", "zwei/1.png")
    assert_refused(lambda: partners(tmp_path), "'eins/1.png'", "folder masks", error=PairError)
    (tmp_path / "zwei").rename(tmp_path / "masks")
    (tmp_path / "eins").rename(tmp_path / "images")
    assert len(partners(tmp_path)) == 1


def test_two_masks_for_an_image_are_both_named(tmp_path):
    made(tmp_path, "JPEGImages/1.jpg", "SegmentationClass/1.png", "SegmentationObject/1.png")
    both = ("'SegmentationClass/1.png'", "'SegmentationObject/1.png'", "one mask")
    assert_refused(lambda: partners(tmp_path), *both, error=PairError)
    (tmp_path / "SegmentationObject/1.png").unlink()
    assert len(partners(tmp_path)) == 1


def test_what_differs_is_not_matched(tmp_path):
    for number, names in enumerate(
        (
            ("images/1.png", "masks/2.png"),
            ("patient1/images/5.png", "patient2/masks/5.png"),
            ("siteA/images/5.png", "siteB/masks/5.png"),
            ("train/images/5.png", "val/masks/5.png"),
            ("5/images/a.png", "5/masks/b.png"),  # the folder has not the name of its image
        )
    ):
        folder = made(tmp_path / str(number), *names)
        assert_refused(lambda f=folder: partners(f), repr(names[0]), error=PairError)


words = st.text(st.sampled_from("bcdefhk0123456789_- "), min_size=1, max_size=8).map(str.strip)
stems = st.lists(
    words.filter(lambda one: re.search(r"\w", one.replace("_", ""))),
    min_size=1,
    max_size=4,
    unique_by=lambda one: tuple(re.findall(r"\d+|[^\W\d_]+", one)),
)
styles = [
    ("images/{}", "masks/{}"),
    ("imgs/{}", "labels/{}"),
    ("{}", "{}_mask"),
    ("image_{}", "label_{}"),
    ("train/{}", "train_masks/{}_gt"),
    ("JPEGImages/{}", "SegmentationClass/{}"),
]
endings = st.sampled_from([".png", ".jpg", ".tif", ".TIFF", ".PNG"])


@settings(max_examples=examples(60), deadline=None)
@given(stems, st.sampled_from(styles), endings, st.sampled_from([".png", ".tif"]))
def test_every_image_finds_its_own_mask(tmp_path_factory, names, style, ending, mask_ending):
    folder = tmp_path_factory.mktemp("names")
    expected = [
        (style[0].format(name) + ending, style[1].format(name) + mask_ending) for name in names
    ]
    made(folder, *(name for pair in expected for name in pair))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sorted(partners(folder)) == sorted(expected)


def test_saving_as_png_is_read_then(tmp_path):
    image, mask = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5, np.eye(6, 8, dtype=np.uint8)
    for name, array in (("images/1", image), ("masks/1", mask * 255)):
        (tmp_path / name).parent.mkdir()
        Image.fromarray(array).save(tmp_path / f"{name}.gif")
    with pytest.raises(PairError, match=r"1\.gif"):
        load_pairs(tmp_path)
    for name in ("images/1", "masks/1"):
        Image.open(tmp_path / f"{name}.gif").save(tmp_path / f"{name}.png")
        (tmp_path / f"{name}.gif").unlink()
    [pair] = load_pairs(tmp_path)
    np.testing.assert_array_equal(pair.mask, mask)
