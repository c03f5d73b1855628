"""The panel of the ablation, without a browser and without weights: masks are made by hand."""

import base64
import dataclasses
import random
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from skimage.segmentation import find_boundaries
from support.panels import ORANGE, WHITE, decoded, pixels
from support.refusals import assert_refused

import unetviz as uv
from unetviz.labs.metrics import SegmentationScore, score
from unetviz.labs.synthetic.examples import validation_images
from unetviz.nets.lessons.ablation import AblationResult
from unetviz.widgets.explorers.ablation.explorer import (
    AblationExplorer,
    name_of,
    sentences,
    verdict,
)
from unetviz.widgets.parts.masks import outline_image

pytestmark = pytest.mark.keras
NAMES = list(uv.geometry.ABLATION)
SIDE, WINDOW, STILL = 256, 52, 100


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


def check_images(panel, results, images):
    """The window lies around the centre, inside of the image; all views show what they should."""
    sample = images[panel.image.value]
    whole = panel.views["image"]
    top, left, bottom, right = whole.marks[1]["box"]
    for start, end, middle in ((top, bottom, panel.centre[0]), (left, right, panel.centre[1])):
        assert end - start == WINDOW
        assert start == min(max(middle - WINDOW // 2, 0), SIDE - WINDOW)
    assert np.abs(pixels(whole)[..., 0] - sample.image * 255).max() <= 0.5 + 1e-4
    assert (whole.origin, whole.size) == ([0, 0], [SIDE, SIDE])
    for kind, number in (("before", panel.step - 1), ("after", panel.step)):
        view = panel.views[kind]
        if number < 0:
            assert len(np.unique(pixels(view))) == 1
            continue
        assert name_of(results[number]) in view.label
        cut = slice(top, bottom), slice(left, right)
        mask = results[number].masks[panel.image.value][cut]
        outline = find_boundaries(mask, connectivity=1, mode="inner")
        inner = np.zeros_like(outline)
        inner[1:-1, 1:-1] = True  # an outline may come in from outside of the window
        found = (pixels(view) == ORANGE).all(axis=-1) | (pixels(view) == WHITE).all(axis=-1)
        np.testing.assert_array_equal(found[inner], outline[inner])
        assert (view.origin, view.size) == ([top, left], [WINDOW, WINDOW])
        own = results[number].scores[panel.image.value]
        assert (
            f"Dice {own.dice:.3f}, boundary error {own.boundary_error:.2f}"
            in view.marks[1]["words"]
        )


def table_rows(panel):
    """The texts of the table's rows, and which of them stand out."""
    lines = ElementTree.fromstring(panel.table.value).findall("tr")
    bold = ["font-weight:bold" in line.get("style") for line in lines]
    return [[cell.text for cell in line] for line in lines], bold


def test_the_table_is_what_can_be_counted(panel, results):
    (headings, *rows), (_, *bold) = table_rows(panel)
    assert bold == [True] + 6 * [False]
    edits = [
        *("-", "stride: 32 \u2192 16", "stride: 16 \u2192 8", "another network"),
        "merge: 'add' \u2192 'concat'",
        "upsampling: 'upsample_conv' \u2192 'transposed'",
        "padding: 'same' \u2192 'valid'",
    ]
    for row, name, edit, result in zip(rows, NAMES, edits, results, strict=True):
        assert len(row) == len(headings)
        trace = uv.trace(uv.geometry.ABLATION[name].replace(input_size=result.used_at))
        sizes = ", ".join(f"{h} x {w}" for h, w in (result.used_at, trace.output_shape[:2]))
        told = [cell.replace("\u00a0", " ") for cell in row[:5]]
        assert told[:4] == [name_of(result), edit, sizes, f"{trace.params:,}"]
        number, unit = told[4].split()
        scale = {"billion": 1e9, "million": 1e6}[unit]
        assert float(number) == pytest.approx(trace.macs / scale, abs=0.05)
        # Scores of networks that were not reached yet are not told.
        known = [f"{result.mean.dice:.3f}", f"{result.mean.boundary_error:.2f}"]
        assert row[5:] == (known if name == NAMES[0] else ["?", "?"])
    panel.step = 6
    panel.step = 2
    (_, *rows), (_, *bold) = table_rows(panel)
    assert "?" not in {cell for row in rows for cell in row}
    assert bold == [i == 2 for i in range(7)]


def test_each_edit_is_framed_in_its_own_drawing(panel, results):
    drawings = []
    for step, result in enumerate(results):
        panel.steps.step = step
        drawings.append(panel.view.svg)
        assert ('class="highlight' in panel.view.svg) == (step > 0)
        for name in (s.name for s in uv.trace(result.spec) if s.kind != "activation"):
            assert f'data-step="{name}"' in panel.view.svg
    assert len(set(drawings)) == 7
    panel.steps.step = 0
    assert panel.view.svg == drawings[0]


def test_the_steps_are_the_networks(panel, results):
    assert panel.steps.steps["name"] == [name_of(result) for result in results]
    assert len(set(panel.steps.steps["reason"])) == 7
    assert panel.steps.plain


def test_what_is_said_of_each_network(panel, results, images):
    for number, after in enumerate(results):
        panel.step = number
        check_images(panel, results, images)
        note = panel.note.value
        assert note.split("<b>")[1].startswith(f"{name_of(after)}: Dice ")
        assert f"{after.mean.dice:.3f}" in note
        assert f"{after.mean.boundary_error:.2f} pixels" in note
        # Only the last does not fit the size of the images.
        assert ("444 x 444 pixels" in note) == (number == 6)
        if number:
            before = results[number - 1]
            pairs = list(zip(before.scores, after.scores, strict=True))
            better = sum(b.dice > a.dice for a, b in pairs)
            closer = sum(b.boundary_error < a.boundary_error for a, b in pairs)
            assert f"{before.mean.dice:.3f} \u2192 {after.mean.dice:.3f}" in note
            assert f"on {better} of 3 images" in note
            assert f"boundary error on {closer}" in note
            assert f"{before.trace.params:,} \u2192 {after.trace.params:,}" in note
            changed = uv.geometry.changed_steps(before.trace, after.trace)
            assert f": {len(changed)}." in note
        else:
            assert "\u2192" not in note


def evaluated(name, dices, errors=(2.0, 3.0)):
    scores = tuple(SegmentationScore(d, e, 0.9) for d, e in zip(dices, errors, strict=True))
    masks = (np.zeros((SIDE, SIDE), bool),) * 2
    return AblationResult(name, uv.geometry.ABLATION[name], (SIDE, SIDE), masks, scores)


def test_the_verdict_goes_by_the_mean():
    before, said = evaluated("fcn_32s", (0.70, 0.90)), {}
    for dices, kind, better in (
        ((0.75, 0.95), "helps", 2),
        ((0.95, 0.70), "helps", 1),
        ((0.68, 0.87), "hurts", 0),
        ((0.71, 0.80), "hurts", 1),
        ((0.70, 0.90), "even", 0),
        ((0.71, 0.905), "even", 2),
        ((0.60, 0.985), "even", 1),
    ):
        after = evaluated("fcn_16s", dices, (2.5, 1.0))
        assert verdict(before, after) == kind
        first, second, *_ = sentences(before, after)
        assert f"on {better} of 2 images" in first
        assert said.setdefault(kind, second) == second
    assert len(set(said.values())) == 3


def test_the_verdict_stands_in_the_note(results, images):
    panel = AblationExplorer([results[0], results[2], results[0]], images, step=1)
    helps = sentences(results[0], results[2])[1]
    hurts = sentences(results[2], results[0])[1]
    assert helps in panel.note.value
    panel.steps.step = 2
    assert hurts in panel.note.value
    assert helps not in panel.note.value


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
    # Held already: an arrow key, or a click elsewhere, at the ends of the image too.
    for point in ([102, 20], [0, 0], [255, 255], [26, 230], [27, 229], [250, 128]):
        view.point = point
        assert panel.centre == tuple(point)
        check_images(panel, results, images)
    view.held = False
    view.point = [30, 30]
    assert panel.centre == (250, 128)


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
        first, last = (results[i].scores[number].dice for i in (0, -1))
        return abs(first - last)

    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        turned = [
            dataclasses.replace(
                one,
                masks=tuple(one.masks[i] for i in order),
                scores=tuple(one.scores[i] for i in order),
            )
            for one in results
        ]
        panel = AblationExplorer(turned, [images[i] for i in order])
        assert order[panel.image.value] == max(range(3), key=apart)


def test_images_are_named_by_the_scores_on_them(panel, results):
    for words, number in panel.image.options.items():
        dices = [result.scores[number].dice for result in results]
        assert words == f"image {number + 1}: Dice {min(dices):.2f} to {max(dices):.2f}"


def test_random_changes(panel, results, images):
    chance, view = random.Random(3), panel.views["image"]
    for _ in range(20):
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
        assert name_of(results[panel.step]) in panel.note.value
        assert not view.held or tuple(view.point) == panel.centre
        _, (_, *bold) = table_rows(panel)
        assert bold.index(True) == panel.step
        check_images(panel, results, images)


def test_the_table_without_a_kernel_holds_all_networks_and_what_is_said(panel):
    panel.step = 6
    lines = panel.as_markdown().splitlines()
    (_, *rows), _ = table_rows(panel)
    for line, row in zip(lines[2:9], rows, strict=True):
        assert [cell.strip().replace("\\", "") for cell in line.strip("|").split("|")] == row
    plain = panel.as_markdown().replace("\\", "")
    for words in sentences(*panel.results[5:7]):
        assert words in plain


def test_the_still_image_shows_all_networks(panel, results, images):
    panel.image.value = 0
    panel.views["image"].held = True
    panel.views["image"].point = [250, 60]
    drawing, sample = panel.still(), images[0]
    (data,) = re.findall(r"data:image/png;base64,([^\"]+)", drawing.svg)
    sheet = decoded(base64.b64decode(data))
    assert sheet.shape[:2] == (2 * STILL + 2, 4 * STILL + 3 * 2)
    for number, result in enumerate(results):
        y, x = (STILL + 2) * (number // 4), (STILL + 2) * (number % 4)
        whole, _ = outline_image(sample.image, sample.mask, result.masks[0])
        expected = whole[156:256, 10:110]  # around the point, inside of the image
        np.testing.assert_array_equal(sheet[y : y + STILL, x : x + STILL], expected)
        words = f"{number + 1}: {name_of(result)}, this image: Dice {result.scores[0].dice:.3f}"
        assert words in drawing.svg
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/markdown"] == panel.as_markdown()
    assert len(bundle["image/png"]) < 150_000


def test_what_it_shows_fits_the_page(panel):
    for step in (0, 6):
        panel.step = step
        assert sum(view.size[1] * view.zoom for view in panel.views.values()) <= 848


def test_a_mask_without_anything_on_it(results, images):
    empty = np.zeros((SIDE, SIDE), bool)
    scores = tuple(score(empty, sample.mask) for sample in images)
    nothing = dataclasses.replace(results[0], masks=(empty,) * 3, scores=scores)
    panel = AblationExplorer([nothing, *results[1:]], images)
    assert scores[0].boundary_words in panel.views["after"].marks[1]["words"]
    assert table_rows(panel)[0][1][-2:] == ["0.000", "inf"]
    panel.step = 1
    assert "should not happen" not in panel.note.value


def test_two_networks_are_enough(results, images):
    panel = AblationExplorer(results[3:5], images, step=1)
    assert panel.steps.steps["name"] == [name_of(result) for result in results[3:5]]
    assert len(table_rows(panel)[0]) == 3
    check_images(panel, results[3:5], images)


def test_what_cannot_be_shown_is_refused(panel, results, images):
    for step in (-1, 7, 1.5, "0", None, True):
        words = "step must be a whole number from 0 to 6"
        assert_refused(lambda step=step: AblationExplorer(results, images, step=step), words)
        assert_refused(lambda step=step: setattr(panel, "step", step), words)
    assert panel.step == 0
    for few in ([], results[:1]):
        assert_refused(lambda few=few: AblationExplorer(few, images), "measure_ablation")
    for wrong in (images[:2], [*images, images[0]], []):
        assert_refused(
            lambda wrong=wrong: AblationExplorer(results, wrong), "FCN-32s", 3, f"{len(wrong)} are"
        )
    less = dataclasses.replace(results[4], masks=results[4].masks[:1], scores=results[4].scores[:1])
    assert_refused(
        lambda: AblationExplorer([*results[:4], less], images), name_of(less), "1 images"
    )
    small = uv.labs.SyntheticImage(
        *(np.zeros((64, 64), kind) for kind in ("float32", "uint8", "int32"))
    )
    given = [images[0], small, *images[2:]]
    assert_refused(lambda: AblationExplorer(results, given), "image 2", "64 x 64", "256 x 256")
    empty = [dataclasses.replace(result, masks=(), scores=()) for result in results]
    assert_refused(lambda: AblationExplorer(empty, []), "images")
