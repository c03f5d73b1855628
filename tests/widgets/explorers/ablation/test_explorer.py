"""The panel of single edits, without a browser and without weights: numbers and pixels by hand."""

import base64
import dataclasses
import io
import random
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from scipy.spatial import cKDTree

import unetviz as uv
from unetviz.labs.metrics import SegmentationScore, score
from unetviz.labs.synthetic.examples import validation_images
from unetviz.nets.lessons.ablation import AblationResult
from unetviz.widgets.explorers.ablation.explorer import (
    AblationExplorer,
    sentences,
    verdict,
    with_outlines,
)

NAMES = list(uv.geometry.ABLATION)
WORDS = [
    (
        {
            "fcn_32s": "FCN-32s",
            "fcn_16s": "FCN-16s",
            "fcn_8s": "FCN-8s",
            "unet_add": "U-Net, skips added",
            "unet_concat": "U-Net, skips concatenated",
            "unet_transposed": "U-Net, up-convolutions",
            "unet_valid": "U-Net, no padding",
        }
    )[name]
    for name in NAMES
]
SIDE, WINDOW, STILL = 256, 52, 100
BLUE, ORANGE, WHITE = (0x5C, 0xC8, 0xFF), (0xFF, 0xB0, 0x00), (0xFF, 0xFF, 0xFF)


def found_by(number, sample):
    """The true mask moved, the farther the earlier the network, with pieces put in or taken out."""
    chance = np.random.default_rng((number, sample.mask.size, int(sample.mask.sum())))
    mask = np.roll(sample.mask == 1, 9 - number, axis=number % 2)
    for top, left in chance.integers(0, SIDE - 30, (12 - number, 2)):
        height, width = chance.integers(5, 30, 2)
        mask[top : top + height, left : left + width] ^= True
    return mask


@pytest.fixture(scope="module")
def images():
    return validation_images(SIDE, 3)


@pytest.fixture(scope="module")
def results(images):
    found = []
    for number, (name, spec) in enumerate(uv.geometry.ABLATION.items()):
        masks = tuple(found_by(number, image) for image in images)
        scores = tuple(score(m, p.mask) for m, p in zip(masks, images, strict=True))
        used_at = (444, 444) if name == "unet_valid" else (SIDE, SIDE)
        found.append(AblationResult(name, spec, used_at, masks, scores))
    return found


@pytest.fixture
def panel(results, images):
    return AblationExplorer(results, images)


def border(mask):
    """Foreground pixels with background above, below, left or right; the image's end is none."""
    mask = np.asarray(mask) != 0
    height, width = mask.shape
    padded = np.pad(mask, 1, mode="edge")
    found = np.zeros_like(mask)
    for row, column in ((0, 1), (2, 1), (1, 0), (1, 2)):
        found |= mask & ~padded[row : row + height, column : column + width]
    return found


def outlined(image, truth, mask):
    pixels = np.rint(np.clip(image, 0, 1) * 255).astype(int)[..., np.newaxis].repeat(3, axis=-1)
    true, found = border(truth), border(mask)
    for pixel in np.argwhere(true | found):
        at = tuple(pixel)
        pixels[at] = WHITE if true[at] and found[at] else BLUE if true[at] else ORANGE
    return pixels


def decoded(png):
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGB")).astype(int)


def expected_window(panel, side=WINDOW):
    """Where it is enlarged: around the centre, moved inwards at the end of the image."""
    ends = [min(max(n + side // 2, side), SIDE) for n in panel.centre]
    return [ends[0] - side, ends[1] - side, ends[0], ends[1]]


def check_images(panel, results, images):
    """What all three views show, pixel by pixel."""
    sample = images[panel.image.value]
    top, left, bottom, right = expected_window(panel)
    whole = panel.views["image"]
    np.testing.assert_array_equal(decoded(whole.image)[..., 0], np.rint(sample.image * 255))
    assert (whole.origin, whole.size) == ([0, 0], [SIDE, SIDE])
    assert whole.marks[1]["box"] == [top, left, bottom, right]
    for kind, number in (("before", panel.step - 1), ("after", panel.step)):
        view = panel.views[kind]
        if number < 0:
            assert view.label == "There is nothing before it"
            assert len(np.unique(decoded(view.image))) == 1
            continue
        assert WORDS[number] in view.label
        mask = results[number].masks[panel.image.value]
        expected = outlined(sample.image, sample.mask, mask)[top:bottom, left:right]
        np.testing.assert_array_equal(decoded(view.image), expected)
        assert (view.origin, view.size) == ([top, left], [WINDOW, WINDOW])
        dice = dice_by_hand(mask, sample.mask)
        assert view.marks[1]["words"].startswith(f"this image: Dice {dice:.3f}, boundary ")


def dice_by_hand(mask, truth):
    return 2 * (mask & (truth == 1)).sum() / (mask.sum() + (truth == 1).sum())


def boundary_by_hand(mask, truth):
    a, b = (np.argwhere(border(one)) for one in (mask, truth))
    return (cKDTree(a).query(b)[0].mean() + cKDTree(b).query(a)[0].mean()) / 2


def table_rows(panel):
    """The texts of the table's rows, and which of them stand out."""
    lines = ElementTree.fromstring(panel.table.value).findall("tr")
    bold = ["font-weight:bold" in line.get("style") for line in lines]
    return [[cell.text for cell in line] for line in lines], bold


def test_the_table_is_what_can_be_counted(panel, results, images):
    (headings, *rows), (_, *bold) = table_rows(panel)
    assert headings == [
        "network",
        "edit",
        "in and out",
        "parameters",
        "multiply-accumulates",
        "Dice",
        "boundary error, pixels",
    ]
    assert bold == [True] + 6 * [False]
    edits = [
        *("-", "stride: 32 \u2192 16", "stride: 16 \u2192 8", "another network"),
        "merge: 'add' \u2192 'concat'",
        "upsampling: 'upsample_conv' \u2192 'transposed'",
        "padding: 'same' \u2192 'valid'",
    ]
    for row, name, words, edit, result in zip(rows, NAMES, WORDS, edits, results, strict=True):
        trace = uv.trace(uv.geometry.ABLATION[name].replace(input_size=result.used_at))
        pairs = list(zip(result.masks, (sample.mask for sample in images), strict=True))
        dice = sum(dice_by_hand(*pair) for pair in pairs) / 3
        error = sum(boundary_by_hand(*pair) for pair in pairs) / 3
        sizes = ", ".join(f"{h} x {w}" for h, w in (result.used_at, trace.output_shape[:2]))
        macs = (
            f"{trace.macs / 1e9:.1f} billion"
            if trace.macs >= 1e9
            else f"{trace.macs / 1e6:.1f} million"
        )
        told = [cell.replace("\u00a0", " ") for cell in row[:5]]
        assert told == [words, edit, sizes, f"{trace.params:,}", macs]
        # Scores of networks that were not reached yet are not told.
        assert row[5:] == ([f"{dice:.3f}", f"{error:.2f}"] if name == NAMES[0] else ["?", "?"])
    panel.step = 6
    panel.step = 2
    (_, *rows), _ = table_rows(panel)
    assert "?" not in {cell for row in rows for cell in row}


def test_the_row_of_the_network_in_hand_stands_out(panel):
    for step in (3, 6, 0, 1):
        panel.steps.step = step
        _, (_, *bold) = table_rows(panel)
        assert bold == [i == step for i in range(7)]


def test_each_edit_is_framed_in_its_own_drawing(panel, results):
    drawings = []
    for step, result in enumerate(results):
        panel.steps.step = step
        drawings.append(panel.view.svg)
        assert (panel.view.svg.count('class="highlight') > 0) == (step > 0)
        for name in (s.name for s in uv.trace(result.spec) if s.kind != "activation"):
            assert f'data-step="{name}"' in panel.view.svg
        assert panel.view.label == "Drawing of the network in hand; what the edit changed is framed"
    assert len(set(drawings)) == 7
    panel.steps.step = 0
    assert panel.view.svg == drawings[0]


def test_the_steps_are_the_networks(panel):
    assert panel.steps.steps["name"] == WORDS
    assert all(panel.steps.steps["reason"])
    assert panel.steps.plain


def test_the_first_network_has_nothing_before_it(panel, results, images):
    assert panel.step == 0
    check_images(panel, results, images)
    dice = np.mean([dice_by_hand(results[0].masks[i], images[i].mask) for i in range(3)])
    assert f"FCN-32s: Dice {dice:.3f}, boundary error " in panel.note.value
    assert "means over 3 images" in panel.note.value
    assert "Parameters" not in panel.note.value


@pytest.mark.parametrize("number", range(1, 7))
def test_what_is_said_of_each_edit(panel, results, images, number):
    panel.step = number
    check_images(panel, results, images)
    before, after = results[number - 1 : number + 1]
    means, errors = [], []
    for result in (before, after):
        pairs = list(zip(result.masks, (sample.mask for sample in images), strict=True))
        means.append([dice_by_hand(*pair) for pair in pairs])
        errors.append([boundary_by_hand(*pair) for pair in pairs])
    dices = " \u2192 ".join(f"{np.mean(one):.3f}" for one in means)
    boundaries = " \u2192 ".join(f"{np.mean(one):.2f} pixels" for one in errors)
    note = panel.note.value
    assert f"{WORDS[number]}: Dice {dices}, boundary error {boundaries}" in note
    better, closer = np.greater(*means[::-1]).sum(), np.less(*errors[::-1]).sum()
    assert f"A better Dice on {better} of 3 images, a smaller boundary error on {closer}" in note
    params = [uv.trace(uv.geometry.ABLATION[NAMES[i]]).params for i in (number - 1, number)]
    changed = uv.geometry.changed_steps(*(uv.trace(one.spec) for one in (before, after)))
    costs = f"Parameters {params[0]:,} \u2192 {params[1]:,}, steps that are new or changed: "
    assert f"{costs}{len(changed)}." in note
    # Only the last does not fit the size of the images.
    assert ("444 x 444 pixels that go in" in note) == (number == 6)
    assert ("Size 256 x 256 does not fit this network" in note) == (number == 6)


def evaluated(name, dices, errors=(2.0, 3.0)):
    scores = tuple(SegmentationScore(d, e, 0.9) for d, e in zip(dices, errors, strict=True))
    masks = (np.zeros((SIDE, SIDE), bool),) * 2
    return AblationResult(name, uv.geometry.ABLATION[name], (SIDE, SIDE), masks, scores)


@pytest.mark.parametrize(
    ("dices", "kind", "words", "better"),
    [
        ((0.75, 0.95), "helps", "The edit helps here.", 2),
        ((0.95, 0.70), "helps", "The edit helps here.", 1),
        ((0.68, 0.87), "hurts", "The edit does not help here", 0),
        ((0.71, 0.80), "hurts", "The edit does not help here", 1),
        ((0.70, 0.90), "even", "That is little", 0),
        ((0.71, 0.905), "even", "That is little", 2),
        ((0.60, 0.985), "even", "That is little", 1),
    ],
)
def test_the_verdict_goes_by_the_mean(dices, kind, words, better):
    before, after = evaluated("fcn_32s", (0.70, 0.90)), evaluated("fcn_16s", dices, (2.5, 1.0))
    assert verdict(before, after) == kind
    said = sentences(before, after)
    assert (
        sum(
            any(w in line for line in said)
            for w in (
                {
                    "helps": "The edit helps here.",
                    "hurts": "The edit does not help here: these networks were better without it.",
                    "even": "That is little; another training could turn it round.",
                }
            ).values()
        )
        == 1
    )
    assert any(words in line for line in said)
    assert f"A better Dice on {better} of 2 images, a smaller boundary error on 1." in said[0]


def test_the_verdict_stands_in_the_note(results, images):
    order = [results[0], results[2], results[0]]
    panel = AblationExplorer(order, images, step=1)
    gained = order[1].mean.dice - order[0].mean.dice
    assert gained > 0.01
    assert (
        {
            "helps": "The edit helps here.",
            "hurts": "The edit does not help here: these networks were better without it.",
            "even": "That is little; another training could turn it round.",
        }
    )["helps"] in panel.note.value
    panel.steps.step = 2
    assert (
        {
            "helps": "The edit helps here.",
            "hurts": "The edit does not help here: these networks were better without it.",
            "even": "That is little; another training could turn it round.",
        }
    )["hurts"] in panel.note.value


def test_the_first_window_lies_where_first_and_last_differ_most(panel, results, images):
    for number in (0, 2, 1, 0):
        panel.image.value = number
        different = results[0].masks[number] ^ results[-1].masks[number]
        windows = np.lib.stride_tricks.sliding_window_view(different, (WINDOW, WINDOW))
        counts = windows.sum(axis=(2, 3))
        top, left, *_ = panel.views["image"].marks[1]["box"]
        assert counts[top, left] == counts.max() > 0
        assert panel.centre == (top + WINDOW // 2, left + WINDOW // 2)
        assert tuple(panel.views["image"].point) == panel.centre
        check_images(panel, results, images)


def test_a_click_moves_the_window_and_the_pointer_alone_does_not(panel, results, images):
    panel.step, view = 2, panel.views["image"]
    before = panel.centre, panel.views["after"].image
    view.point = [100, 150]
    view.point = [101, 20]
    assert (panel.centre, panel.views["after"].image) == before
    view.held = True
    assert panel.centre == (101, 20)
    assert panel.views["after"].image != before[1]
    check_images(panel, results, images)
    # Held already: an arrow key, or a click elsewhere.
    view.point = [102, 20]
    assert view.marks[1]["box"] == [76, 0, 128, 52]
    check_images(panel, results, images)
    view.held = False
    view.point = [30, 30]
    assert panel.centre == (102, 20)


@pytest.mark.parametrize(
    ("point", "box"),
    [
        ([0, 0], [0, 0, 52, 52]),
        ([255, 255], [204, 204, 256, 256]),
        ([26, 230], [0, 204, 52, 256]),
        ([27, 229], [1, 203, 53, 255]),
        ([250, 128], [204, 102, 256, 154]),
    ],
)
def test_the_window_stays_inside_the_image(panel, results, images, point, box):
    panel.steps.step = 4
    panel.views["image"].held = True
    panel.views["image"].point = point
    assert panel.views["image"].marks[1]["box"] == box
    check_images(panel, results, images)


def test_another_image_starts_anew_and_stepping_does_not(panel, results, images):
    panel.image.value = 0
    first = panel.centre
    panel.views["image"].held = True
    panel.views["image"].point = [7, 9]
    panel.steps.step = 5
    assert panel.centre == (7, 9)
    panel.image.value = 1
    assert panel.step == 5
    assert not panel.views["image"].held
    panel.image.value = 0
    assert panel.centre == first
    check_images(panel, results, images)


def test_it_begins_with_the_image_on_which_first_and_last_are_furthest_apart(results, images):
    def apart(number):
        truth = images[number].mask
        first, last = (dice_by_hand(results[i].masks[number], truth) for i in (0, -1))
        return abs(first - last)

    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        turned = [
            AblationResult(
                one.name,
                one.spec,
                one.used_at,
                tuple(one.masks[i] for i in order),
                tuple(one.scores[i] for i in order),
            )
            for one in results
        ]
        panel = AblationExplorer(turned, [images[i] for i in order])
        assert order[panel.image.value] == max(range(3), key=apart)


def test_images_are_named_by_the_scores_on_them(panel, results, images):
    options = dict(panel.image.options).items()
    for (words, number), sample in zip(options, images, strict=True):
        dices = [dice_by_hand(result.masks[number], sample.mask) for result in results]
        assert words == f"image {number + 1}: Dice {min(dices):.2f} to {max(dices):.2f}"


def test_thirty_random_changes(panel, results, images):
    chance = random.Random(3)
    view = panel.views["image"]
    for _ in range(30):
        change = chance.choice(["step", "image", "point", "held"])
        if change == "step":
            panel.steps.step = chance.randrange(7)
        elif change == "image":
            panel.image.value = chance.randrange(3)
        elif change == "point":
            view.point = [chance.randrange(SIDE), chance.randrange(SIDE)]
        else:
            view.held = not view.held
        assert "should not happen" not in panel.note.value
        assert WORDS[panel.step] in panel.note.value
        assert not view.held or tuple(view.point) == panel.centre
        _, (_, *bold) = table_rows(panel)
        assert bold.index(True) == panel.step
        check_images(panel, results, images)


def test_the_table_twin_holds_all_networks_and_what_is_said(panel):
    panel.step = 6
    lines = panel.as_markdown().splitlines()
    (_, *rows), _ = table_rows(panel)
    for line, row in zip(lines[2:9], rows, strict=True):
        assert [cell.strip().replace("\\", "") for cell in line.strip("|").split("|")] == row
    plain = panel.as_markdown().replace("\\", "")
    for said in sentences(*panel.results[5:7]):
        assert said in plain


def test_the_still_image_shows_all_networks(panel, results, images):
    panel.image.value = 0
    panel.views["image"].held = True
    panel.views["image"].point = [250, 60]
    drawing = panel.still()
    top, left, bottom, right = expected_window(panel, STILL)
    assert (top, left, bottom, right) == (156, 10, 256, 110)
    (data,) = re.findall(r"data:image/png;base64,([^\"]+)", drawing.svg)
    sheet = decoded(base64.b64decode(data))
    assert sheet.shape[:2] == (2 * STILL + 2, 4 * STILL + 3 * 2)
    # Each pixel is a square of whole pixels, and the sheet is not wider than the page.
    (shown,) = re.findall(r"<image[^>]* width=\"([0-9.]+)\"", drawing.svg)
    assert float(shown) / sheet.shape[1] == 2
    assert float(shown) <= 848
    sample = images[0]
    for number, result in enumerate(results):
        y, x = (STILL + 2) * (number // 4), (STILL + 2) * (number % 4)
        expected = outlined(sample.image, sample.mask, result.masks[0])
        np.testing.assert_array_equal(
            sheet[y : y + STILL, x : x + STILL], expected[top:bottom, left:right]
        )
        dice = dice_by_hand(result.masks[0], sample.mask)
        assert f"{number + 1}: {WORDS[number]}, this image: Dice {dice:.3f}" in drawing.svg
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/markdown"] == panel.as_markdown()
    assert len(bundle["image/png"]) < 150_000


def test_what_it_shows_fits_the_page(panel):
    assert sum(view.size[1] * view.zoom for view in panel.views.values()) <= 848
    panel.step = 6
    assert sum(view.size[1] * view.zoom for view in panel.views.values()) <= 848


def test_a_mask_without_anything_on_it(results, images):
    empty = np.zeros((SIDE, SIDE), bool)
    scores = tuple(score(empty, sample.mask) for sample in images)
    nothing = AblationResult(
        "fcn_32s", uv.geometry.ABLATION["fcn_32s"], (SIDE, SIDE), (empty,) * 3, scores
    )
    panel = AblationExplorer([nothing, *results[1:]], images)
    check_images(panel, [nothing, *results[1:]], images)
    assert "boundary none, for want of an outline" in panel.views["after"].marks[1]["words"]
    assert table_rows(panel)[0][1][-2:] == ["0.000", "inf"]
    panel.step = 1
    assert "should not happen" not in panel.note.value


def test_two_networks_are_enough(results, images):
    panel = AblationExplorer(results[3:5], images, step=1)
    assert panel.steps.steps["name"] == WORDS[3:5]
    check = [results[3], results[4]]
    assert WORDS[4] in panel.views["after"].label
    assert WORDS[3] in panel.views["before"].label
    assert len(table_rows(panel)[0]) == 3
    different = check[0].masks[0] ^ check[1].masks[0]
    top, left, bottom, right = panel.views["image"].marks[1]["box"]
    assert different[top:bottom, left:right].any()


@pytest.mark.parametrize("step", [-1, 7, 1.5, "0", None, True])
def test_a_network_that_there_is_not(panel, results, images, step):
    with pytest.raises(ValueError, match="step must be a whole number from 0 to 6, not"):
        AblationExplorer(results, images, step=step)
    with pytest.raises(ValueError, match="step must be a whole number from 0 to 6, not"):
        panel.step = step
    assert panel.step == 0


def test_results_and_images_must_go_together(results, images):
    for few in ([], results[:1]):
        with pytest.raises(ValueError, match="results of measure_ablation, at least two"):
            AblationExplorer(few, images)
    for wrong in (images[:2], [*images, images[0]], []):
        with pytest.raises(ValueError, match="FCN-32s was measured on 3 images, but") as refused:
            AblationExplorer(results, wrong)
        assert f"but {len(wrong)} are given; take the same ones" in str(refused.value)
    less = results[4]
    less = AblationResult(less.name, less.spec, less.used_at, less.masks[:1], less.scores[:1])
    with pytest.raises(ValueError, match="skips concatenated was measured on 1 images"):
        AblationExplorer([*results[:4], less], images)


def shape_and_masks(shape):
    masks = arrays(np.uint8, shape, elements=st.sampled_from([0, 0, 1, 7]))
    image = arrays(np.float32, shape, elements=st.floats(-0.5, 1.5, width=32))
    return st.tuples(image, masks, masks)


@settings(max_examples=60, deadline=None)
@given(st.tuples(st.integers(1, 7), st.integers(1, 7)).flatmap(shape_and_masks))
def test_outlines_are_coloured_pixels_on_grey(given):
    found = with_outlines(*given)
    assert found.dtype == np.uint8
    assert (
        np.abs(found.astype(int) - outlined(*given)).max() <= 1
    )  # a half may be rounded both ways
    coloured = border(given[1]) | border(given[2])
    np.testing.assert_array_equal(found[coloured], outlined(*given)[coloured])


def test_other_images_than_those_that_were_measured_are_refused(results, images):
    small = uv.labs.SyntheticImage(
        *(np.zeros((64, 64), kind) for kind in ("float32", "uint8", "int32"))
    )
    with pytest.raises(ValueError, match="image 2 has 64 x 64 pixels, but what was measured has"):
        AblationExplorer(results, [images[0], small, *images[2:]])
    empty = [dataclasses.replace(result, masks=(), scores=()) for result in results]
    with pytest.raises(ValueError, match="and the images that were measured"):
        AblationExplorer(empty, [])
