"""Which pixels of a mask are foreground: taken where it is certain, asked where it is not."""

import io
import re

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter
from scipy import ndimage
from support.image_files import saved, tiff
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.labs.images.files import read_masks
from unetviz.labs.images.folders import PairError
from unetviz.labs.images.masks import find_foreground

RANDOM = np.random.default_rng(0)
ROWS, COLUMNS = np.mgrid[:96, :128]
DISKS = (np.hypot(ROWS - 40, COLUMNS - 50) < 20) | (np.hypot(ROWS - 70, COLUMNS - 100) < 9)
GREY = DISKS.astype(np.uint8) * 255
CELLS = ndimage.label(ndimage.gaussian_filter(RANDOM.random((96, 128)), 3) > 0.51)[0]
BORDER = ndimage.binary_dilation(DISKS) & ~ndimage.binary_erosion(DISKS)
TRIMAP = np.where(BORDER, 3, np.where(DISKS, 1, 2)).astype(np.uint8)
IMAGE = (ndimage.gaussian_filter(RANDOM.random((96, 128)), 2) * 1020 % 256).astype(np.uint8)
WHITE, BLACK, RED = (255, 255, 255), (0, 0, 0), (255, 0, 0)


def resized(width, height, how, image=GREY):
    return Image.fromarray(image).resize((width, height), how)


def coloured(inside, outside=BLACK, where=DISKS):
    return np.where(where[..., np.newaxis], inside, outside).astype(np.uint8)


def palette(indices, *colours):
    image = Image.frombytes("P", indices.shape[::-1], indices.astype(np.uint8).tobytes())
    image.putpalette([number for colour in colours for number in colour])
    return image


def masks_of(content, name="the mask"):
    return list(read_masks(content, name))


def values_of(content):
    """What Pillow or tifffile reads, greys from colours that are grey."""
    [mask] = masks_of(content)
    return mask.values.astype(float) if mask.values.ndim == 2 else mask.values.max(axis=-1) * 1.0


CERTAIN = {
    "0 and 255": saved(GREY),
    "0 and 1": saved(GREY // 255),
    "0 and 128": saved(GREY // 255 * 128),
    "1 bit": saved(Image.fromarray(DISKS)),
    "bool TIFF": tiff(DISKS),
    "0 is white": tiff(GREY // 255, photometric="miniswhite"),
    "16 bits, 0 and 65535": saved(DISKS.astype(np.uint16) * 65535),
    "16 bits, 0 and 255": tiff(DISKS.astype(np.uint16) * 255),
    "32 bits": tiff(DISKS.astype(np.int32)),
    "64 bits": tiff(DISKS.astype(np.int64) * 70000),
    "floats 0 and 1": tiff(DISKS.astype(np.float32)),
    "floats 0 and 255": tiff(DISKS * 255.0),
    "floats 0 and 0.3": tiff(DISKS * 0.3),
    "classes 0, 1, 2": saved(np.where(DISKS, 1 + (COLUMNS > 60), 0).astype(np.uint8)),
    "classes 0 to 6": saved(np.where(DISKS, 1 + COLUMNS // 22, 0).astype(np.uint8)),
    "colours 1": saved(coloured((1, 1, 1))),
    "white": saved(coloured(WHITE)),
    "red": saved(coloured(RED)),
    "red with 16 bits": tiff(coloured(RED).astype(np.uint16) * 257, photometric="rgb"),
    "opaque": saved(np.dstack([coloured(WHITE), np.full_like(GREY, 255)])),
    "transparent background": saved(np.dstack([coloured(RED), GREY])),
    "palette": saved(palette(DISKS, BLACK, (128, 0, 0))),
    "palette without black": saved(palette(DISKS, (0, 0, 128), (128, 0, 0))),
    "palette of greys": saved(palette(DISKS, BLACK, WHITE)),
    "palette as Pillow makes it": saved(Image.fromarray(GREY).convert("P")),
    "JPEG": saved(GREY, "JPEG"),
    "JPEG, good": saved(GREY, "JPEG", quality=95),
    "JPEG, bad": saved(GREY, "JPEG", quality=30),
    "JPEG of colours": saved(coloured(WHITE), "JPEG"),
    "PNG that was a JPEG": saved(Image.open(io.BytesIO(saved(GREY, "JPEG", quality=60)))),
}


@pytest.mark.parametrize("case", CERTAIN)
def test_what_is_certain_is_taken(case):
    [found] = find_foreground(masks_of(CERTAIN[case]))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, DISKS)


def test_numbered_objects_are_all_foreground():
    for kind in ("uint8", "uint16", "int32", "float32"):
        [found] = find_foreground(masks_of(tiff(CELLS.astype(kind))))
        np.testing.assert_array_equal(found, CELLS > 0)
    colours = RANDOM.integers(30, 256, (CELLS.max() + 1, 3), np.uint8)
    colours[0] = 0
    [found] = find_foreground(masks_of(saved(colours[CELLS])))
    np.testing.assert_array_equal(found, CELLS > 0)


SOFT = {
    "cubic": saved(resized(512, 384, Image.BICUBIC)),
    "linear": saved(resized(192, 144, Image.BILINEAR)),
    "smaller": saved(resized(50, 40, Image.LANCZOS)),
    "means": saved(resized(32, 24, Image.BOX)),
    "blurred": saved(Image.fromarray(GREY).filter(ImageFilter.GaussianBlur(1.5))),
    "16 bits": saved(np.asarray(resized(512, 384, Image.BICUBIC)).astype(np.uint16) * 257),
    "colours of greys": saved(resized(300, 200, Image.BICUBIC).convert("RGB")),
    "red": saved(Image.fromarray(coloured(RED)).resize((300, 200), Image.BICUBIC)),
    "floats": tiff(ndimage.zoom(DISKS.astype(np.float32), 2, order=1)),
    "floats beyond 0 and 1": tiff(ndimage.zoom(DISKS.astype(np.float32), 2, order=3)),
    "floats to 255": tiff(ndimage.zoom(DISKS * 255.0, 2, order=1)),
    "a network's": saved((255 / (1 + np.exp(np.hypot(ROWS - 40, COLUMNS - 50) - 20))).astype("u1")),
    "palette of greys": saved(resized(300, 200, Image.BICUBIC).quantize(16)),
}


@pytest.mark.parametrize("case", SOFT)
def test_soft_edges_are_split_at_half_grey(case):
    grey = values_of(SOFT[case])
    [found] = find_foreground(masks_of(SOFT[case]))
    white = 1.0 if grey.max() < 2 else grey.max()
    np.testing.assert_array_equal(found, grey > white / 2)


def test_a_mask_that_is_only_soft_is_split_as_the_others_of_its_folder():
    # A small object has no white pixel; alone it could be numbered parts.
    small = np.zeros((20, 20), np.uint8)
    small[4:7, 4:7] = [[20, 90, 30], [110, 190, 60], [10, 140, 50]]
    masks = masks_of(SOFT["cubic"]) + masks_of(saved(small))
    np.testing.assert_array_equal(find_foreground(masks)[1], small > 127)


BACKGROUND = (GREY // 255 * 0, DISKS & False, np.zeros((9, 9, 3), np.uint8), np.zeros((9, 9), "f4"))


def test_an_empty_mask_is_background():
    for content in [*map(tiff, BACKGROUND), saved(BACKGROUND[0]), saved(BACKGROUND[0], "JPEG")]:
        [found] = find_foreground(masks_of(content))
        assert not found.any()


def test_a_full_mask_is_foreground_where_others_show_its_value():
    full, ones = np.full((9, 9), 255, np.uint8), np.ones((9, 9), np.uint8)
    for content, beside in (
        (saved(full), [CERTAIN["0 and 255"]]),
        (saved(full), [SOFT["cubic"]]),
        (saved(full, "JPEG"), [CERTAIN["JPEG"]]),
        (saved(ones), [CERTAIN["0 and 255"], CERTAIN["0 and 1"]]),
        (saved(palette(ones, BLACK, RED)), [CERTAIN["palette"]]),
        (saved(coloured(RED, RED)), [CERTAIN["red"]]),
        (saved(full), [CERTAIN["JPEG"]]),
        (
            saved(np.where(ones.cumsum() < 40, 1, 2).reshape(9, 9).astype("u1")),
            [CERTAIN["classes 0, 1, 2"]],
        ),
    ):
        masks = [mask for one in (content, *beside) for mask in masks_of(one)]
        assert find_foreground(masks)[0].all()
    # Alone, or beside others of another value, it may be background.
    for content, beside in ((saved(full), []), (saved(ones), [CERTAIN["0 and 255"]])):
        masks = [mask for one in (content, *beside) for mask in masks_of(one)]
        with pytest.raises(PairError, match="no 0"):
            find_foreground(masks)


VOC = np.where(BORDER, 255, np.where(DISKS, 15, 0)).astype(np.uint8)
VOID = (224, 224, 192)
ASKED = {
    "classes from 1": (saved(TRIMAP), "1, 2 and 3"),
    "1 and 2": (saved(DISKS + np.uint8(1)), "1 and 2"),
    "16 and 235": (saved(np.where(DISKS, 235, 16).astype(np.uint8)), "16 and 235"),
    "from 1 with 16 bits": (saved(TRIMAP.astype(np.uint16)), "1, 2 and 3"),
    "from 1 in floats": (tiff(TRIMAP.astype(np.float64)), "1, 2 and 3"),
    "from 1 in colours": (saved(np.dstack([TRIMAP] * 3)), "(1, 1, 1), (2, 2, 2) and (3, 3, 3)"),
    "from 1 in a palette": (saved(palette(TRIMAP, BLACK, RED, WHITE, VOID)), "1, 2 and 3"),
    "all 255": (saved(np.full((9, 9), 255, np.uint8)), "255"),
    "all 1, 1 bit": (saved(Image.new("1", (9, 9), 1)), "1"),
    "all white JPEG": (saved(np.full((9, 9), 255, np.uint8), "JPEG"), "255"),
    "255 to ignore": (saved(VOC), "0, 15 and 255"),
    "255 to ignore in a palette": (saved(palette(VOC, *[BLACK] * 15, RED, *[VOID] * 240)), "255"),
    "a colour to ignore": (
        saved(coloured(VOID, coloured((192, 128, 128)), BORDER)),
        "(0, 0, 0), (192, 128, 128) and (224, 224, 192)",
    ),
    "255 beside many": (saved(np.where(BORDER, 255, CELLS).astype("u1")), "255"),
    "a grey class": (saved(np.where(BORDER, 128, GREY).astype(np.uint8)), "0, 128 and 255"),
    "a grey class in floats": (tiff(np.where(BORDER, 0.5, DISKS).astype("f4")), "0, 0.5 and 1"),
    "-1 to ignore": (tiff(np.where(BORDER, -1, DISKS).astype(np.int16)), "-1, 0 and 1"),
    "an image": (saved(IMAGE), "values"),
    "an image of colours": (saved(np.dstack([IMAGE, IMAGE.T.reshape(96, 128), IMAGE])), "colours"),
    "an image as JPEG": (saved(IMAGE, "JPEG"), "values"),
    "noise": (saved(RANDOM.integers(0, 256, (96, 128), np.uint8)), "256 values"),
    "a ramp": (saved(np.tile(np.arange(128, dtype=np.uint8) * 2, (96, 1))), "128 values"),
    "a probability": (tiff(ndimage.gaussian_filter(RANDOM.random((96, 128)), 3)), "values"),
    "classes as JPEG": (
        saved(np.where(COLUMNS < 40, 128, GREY).astype("u1"), "JPEG"),
        "0, 128 and",
    ),
    "1, 2, 3 as JPEG": (saved(TRIMAP, "JPEG"), "values"),
    "red on white": (saved(coloured(RED, WHITE)), "(255, 0, 0) and (255, 255, 255)"),
    "red on white as JPEG": (
        saved(coloured(RED, WHITE), "JPEG"),
        "(254, 0, 0) and (255, 255, 255)",
    ),
    "palette with white first": (saved(palette(DISKS, WHITE, BLACK)), "0 and 1"),
    "palette with red first": (saved(palette(DISKS, RED, BLACK)), "0 and 1"),
    "palette with white first, all of it": (saved(palette(DISKS & False, WHITE, BLACK)), "value 0"),
    "palette by frequency": (saved(Image.fromarray(coloured(WHITE)).quantize(2)), "0 and 1"),
    "in alpha, black": (saved(np.dstack([GREY * 0] * 3 + [GREY])), "alpha"),
    "in alpha, white": (saved(np.dstack([GREY * 0 + 255] * 3 + [GREY])), "alpha"),
    "in alpha, grey": (saved(np.dstack([GREY * 0, GREY])), "alpha"),
    "in alpha of a TIFF": (saved(np.dstack([GREY * 0] * 3 + [GREY]), "TIFF"), "alpha"),
    "in alpha of 16 bits": (
        tiff(np.dstack([GREY * 0] * 3 + [GREY]).astype(np.uint16) * 257, photometric="rgb"),
        "alpha",
    ),
    "a photo cut out": (
        saved(np.dstack([IMAGE, IMAGE[::-1], IMAGE[:, ::-1], GREY])),
        "alpha",
    ),
    "classes with soft edges": (
        saved(resized(300, 200, Image.BICUBIC, np.where(COLUMNS < 40, 128, GREY).astype("u1"))),
        "values",
    ),
    "-1 everywhere": (tiff(np.full((9, 9), -1, np.int16)), "-1"),
    "black on transparent white": (saved(np.dstack([coloured(BLACK, WHITE), GREY])), "transparent"),
}


def asked(masks):
    """Return the question about masks, and the arguments in the calls that answer it."""
    with pytest.raises(PairError) as question:
        find_foreground(masks)
    message = str(question.value)
    assert "\n" not in message
    calls = re.findall(
        r"load_pairs\(folder, (\w+)=((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)", message
    )
    return message, [{name: eval(value)} for name, value in calls]


@pytest.mark.parametrize("case", ASKED)
def test_what_is_not_certain_is_asked_and_every_answer_works(case):
    content, held = ASKED[case]
    masks = masks_of(content, "some <mask>.png")
    message, answers = asked(masks)
    assert "'some <mask>.png'" in message
    assert held in message
    assert answers
    found = [find_foreground(masks, **answer)[0] for answer in answers]
    assert all(one.any() for one in found)
    # Different answers have different results.
    assert len({one.tobytes() for one in found}) == len(found)


RIGHT = {
    "classes from 1": (1, TRIMAP == 1),
    "from 1 with 16 bits": ((1, 3), TRIMAP != 2),
    "from 1 in floats": (3, TRIMAP == 3),
    "from 1 in colours": ((1, 1, 1), TRIMAP == 1),
    "from 1 in a palette": (np.array([1, 3]), TRIMAP != 2),
    "255 to ignore": (15, VOC == 15),
    "255 to ignore in a palette": (range(1, 255), VOC == 15),
    "a colour to ignore": ([(192, 128, 128)], VOC == 15),
    "255 beside many": (range(1, 255), (CELLS > 0) & ~BORDER),
    "a grey class": ([128, 255], (GREY > 0) | BORDER),
    "a grey class in floats": (0.5, BORDER),
    "-1 to ignore": (1, DISKS & ~BORDER),
    "red on white": ((255, 0, 0), DISKS),
    "palette with white first": (0, ~DISKS),
    "palette by frequency": (0, None),
    "in alpha, black": ("alpha", DISKS),
    "in alpha, grey": ("alpha", DISKS),
    "in alpha of a TIFF": ("alpha", DISKS),
    "a photo cut out": ("alpha", DISKS),
    "in alpha of 16 bits": ("alpha", DISKS),
    "black on transparent white": ("alpha", DISKS),
}


@pytest.mark.parametrize("case", RIGHT)
def test_an_answer_is_taken_as_it_is_meant(case):
    foreground, expected = RIGHT[case]
    masks = masks_of(ASKED[case][0])
    expected = masks[0].values == 0 if expected is None else expected
    np.testing.assert_array_equal(find_foreground(masks, foreground)[0], expected)


def test_an_answer_about_a_mask_with_soft_edges_or_noise_is_about_what_is_meant():
    for case, foreground, expected in (
        (CERTAIN["JPEG"], 255, DISKS),
        (CERTAIN["JPEG"], 0, ~DISKS),
        (CERTAIN["JPEG of colours"], WHITE, DISKS),
        (ASKED["red on white as JPEG"][0], (254, 0, 0), DISKS),
        (ASKED["red on white as JPEG"][0], RED, DISKS),
        (SOFT["colours of greys"], 255, values_of(SOFT["colours of greys"]) > 127.5),
        (SOFT["red"], RED, values_of(SOFT["red"]) > 127.5),
        (SOFT["cubic"], 0, values_of(SOFT["cubic"]) <= 127.5),
        (SOFT["floats"], 1.0, values_of(SOFT["floats"]) > 0.5),
    ):
        [found] = find_foreground(masks_of(case), foreground)
        assert (found != expected).mean() < 0.001


def test_a_colour_is_one_in_all_masks_of_a_folder():
    empty = masks_of(saved(GREY * 0)) + masks_of(saved(Image.new("1", (9, 9))))
    by_palette = masks_of(saved(palette(DISKS, BLACK, RED)))
    masks = [*masks_of(CERTAIN["red"]), *empty, *by_palette, *masks_of(CERTAIN["0 and 255"])]
    for answer in (RED, [RED]):
        found = find_foreground(masks, answer)
        for mask, expected in zip(found, (DISKS, False, False, DISKS, False), strict=True):
            np.testing.assert_array_equal(mask, np.zeros(mask.shape) + expected)
    # Where there are no colours three numbers are three values.
    [found] = find_foreground(masks_of(saved(TRIMAP)), (1, 3, 255))
    np.testing.assert_array_equal(found, TRIMAP != 2)


def test_what_is_white_in_one_mask_says_nothing_about_other_types():
    parts = np.zeros((20, 20), np.float32)
    parts[4:7, 4:7] = np.arange(9).reshape(3, 3) / 10
    for beside in ([], masks_of(SOFT["cubic"]), masks_of(SOFT["16 bits"])):
        with pytest.raises(PairError, match=r"threshold=0\.4"):
            find_foreground([*beside, *masks_of(tiff(parts))])


def test_a_threshold():
    for case in ("an image", "an image as JPEG", "a probability", "-1 to ignore"):
        grey = values_of(ASKED[case][0])
        for threshold in (0, float(np.median(grey)), np.float32(grey.max() * 0.9)):
            [found] = find_foreground(masks_of(ASKED[case][0]), threshold=threshold)
            np.testing.assert_array_equal(found, grey > threshold)


def test_an_answer_that_no_mask_knows_is_refused():
    masks = masks_of(saved(TRIMAP), "a.png") + masks_of(saved(TRIMAP * 0 + 1), "b.png")
    for answer in ({"foreground": 7}, {"foreground": (0, 9)}, {"threshold": 3}):
        call = lambda a=answer: find_foreground(masks, **a)  # noqa: E731
        assert_refused(call, "'a.png'", "1, 2 and 3", error=PairError)
    # One mask without the value is a mask without that object.
    assert [bool(one.any()) for one in find_foreground(masks, 2)] == [True, False]
    assert not find_foreground(masks_of(saved(TRIMAP * 0)), 1)[0].any()
    call = lambda: find_foreground(masks, "alpha")  # noqa: E731
    assert_refused(call, "'a.png'", "alpha", error=PairError)


def test_what_is_no_answer_is_refused():
    masks = masks_of(saved(TRIMAP))
    for wrong in ("red", (), (1, 2, "3"), [(1, 2)], {"a": 1}, float("nan"), 1j, object()):
        call = lambda w=wrong: find_foreground(masks, w)  # noqa: E731
        assert_refused(call, "foreground", "(1, 3)", repr(wrong))
    for wrong in ("half", (1,), [3], 1j):
        call = lambda w=wrong: find_foreground(masks, threshold=w)  # noqa: E731
        assert_refused(call, "threshold", repr(wrong), error=TypeError)
    assert_refused(lambda: find_foreground(masks, 1, 2), "foreground", "threshold")


def test_what_is_not_a_number_is_refused():
    for number in (np.nan, np.inf):
        content = tiff(np.where(DISKS, number, 0).astype(np.float32))
        call = lambda c=content: find_foreground(masks_of(c, "n.tif"))  # noqa: E731
        assert_refused(call, "'n.tif'", "NaN", error=PairError)


many = settings(max_examples=examples(60), deadline=None)
kinds = st.sampled_from(["uint8", "uint16", "int16", "int32", "float32", "float64"])


@st.composite
def drawn(draw, side=48):
    """A mask of a few ellipses, drawn finely."""
    image = Image.new("L", (4 * side, 4 * side))
    pen = ImageDraw.Draw(image)
    for _ in range(draw(st.integers(1, 4))):
        x, y, a, b = (draw(st.integers(0, 4 * side)) for _ in range(4))
        pen.ellipse((x, y, x + 20 + a // 2, y + 20 + b // 2), fill=255)
    return image


@many
@given(drawn(), kinds, st.integers(1, 127), st.booleans())
def test_two_values_are_certain_if_one_is_0(image, kind, value, is_inverted):
    disks = (np.asarray(image)[::4, ::4] > 0) ^ is_inverted
    assume(disks.any() and not disks.all())
    [found] = find_foreground(masks_of(tiff((disks * value).astype(kind))))
    np.testing.assert_array_equal(found, disks)
    masks = masks_of(tiff((disks * value + 1).astype(kind)))
    _, answers = asked(masks)
    assert answers == [{"foreground": 1}, {"foreground": value + 1}]
    np.testing.assert_array_equal(find_foreground(masks, **answers[1])[0], disks)


@many
@given(
    drawn(),
    st.integers(10, 90),
    st.sampled_from([Image.BOX, Image.BILINEAR, Image.BICUBIC, Image.LANCZOS]),
    st.sampled_from(["L", "RGB", "16", "float"]),
)
def test_a_mask_that_was_resized_is_split_at_half_grey_or_asked(image, percent, how, mode):
    side = image.width * percent // 100
    grey = np.asarray(image.resize((side, side), how))
    assume(grey.max() >= 128)  # a few dark greys could be numbers
    stored = {
        "L": grey,
        "RGB": np.dstack([grey] * 3),
        "16": grey.astype(np.uint16) * 257,
        "float": (grey / 255).astype(np.float32),
    }[mode]
    masks = masks_of(tiff(stored))
    try:
        [found] = find_foreground(masks)
    except PairError:
        for answer in asked(masks)[1]:
            find_foreground(masks, **answer)
    else:
        np.testing.assert_array_equal(found, grey > grey.max() / 2)


@many
@given(drawn(), st.integers(40, 100))
def test_jpeg_changes_nothing_but_some_pixels_of_the_edge(image, quality):
    grey = np.asarray(image)
    assume(4 < grey.mean() < 250)  # of very few pixels more than half would be edges
    [found] = find_foreground(masks_of(saved(grey, "JPEG", quality=quality)))
    edge = ndimage.binary_dilation(grey > 0) & ~ndimage.binary_erosion(grey > 0)
    assert not ((found != (grey > 0)) & ~edge).any()


@st.composite
def label_masks(draw):
    """Rectangles with numbers of their own, on any background."""
    labels = np.full((24, 32), draw(st.integers(0, 2)))
    for _ in range(draw(st.integers(0, 12))):
        top, left = draw(st.integers(0, 23)), draw(st.integers(0, 31))
        labels[top : top + draw(st.integers(1, 8)), left : left + draw(st.integers(1, 8))] = draw(
            st.one_of(st.integers(0, 5), st.integers(0, 127))
        )
    return labels.astype(draw(kinds))


@many
@given(label_masks())
@example(np.full((24, 32), 1, np.uint8))
def test_numbers_are_foreground_beside_0_or_asked_with_answers_that_work(labels):
    masks = masks_of(tiff(labels))
    try:
        [found] = find_foreground(masks)
    except PairError:
        for answer in asked(masks)[1]:
            [found] = find_foreground(masks, **answer)
            if "foreground" in answer:
                expected = np.isin(labels, list(np.atleast_1d(answer["foreground"])))
            else:
                expected = labels > answer["threshold"]
            np.testing.assert_array_equal(found, expected)
    else:
        assert (labels == 0).any()
        np.testing.assert_array_equal(found, labels != 0)
