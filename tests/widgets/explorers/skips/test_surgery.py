"""The panel of skip surgery, without a browser: masks and numbers against the network itself."""

import re
import threading
from itertools import product

import numpy as np
import pytest
from skimage.segmentation import find_boundaries
from support.panels import BLUE, ORANGE, WHITE, YELLOW, pixels, where

import unetviz as uv
from unetviz.labs.metrics import boundary_error, dice
from unetviz.labs.synthetic.examples import validation_images
from unetviz.nets.running.surgery import SkipChange, SkipSurgery
from unetviz.widgets.explorers.skips.surgery import SurgeryExplorer

pytestmark = pytest.mark.keras
SPEC = uv.UNetSpec((60, 76), depth=2, base_filters=3)


def spread(model, sample, seed):
    """A model with random weights that calls about half of the pixels of an image foreground."""
    random = np.random.default_rng(seed)
    model.set_weights([w + random.normal(0, 0.1, w.shape) for w in model.get_weights()])
    *others, bias = model.get_weights()
    probabilities = model.predict_on_batch(sample.image[np.newaxis, ..., np.newaxis])[0]
    ratio = np.log(probabilities[..., -1] / probabilities[..., 0])
    bias[-1] -= np.median(ratio)
    model.set_weights([*others, bias])
    return model


@pytest.fixture(scope="module")
def models():
    image = validation_images(SPEC.input_size, 1)[0]
    return (
        spread(uv.build(SPEC, seed=1), image, 2),
        spread(uv.build(SPEC.replace(merge="none"), seed=3), image, 4),
    )


@pytest.fixture(scope="module")
def images():
    first, second = validation_images(SPEC.input_size, 2)
    plain = np.random.default_rng(0).integers(0, 256, SPEC.input_size, np.uint8)
    return {"one": first, "<b>two</b>": second, "plain": plain}


@pytest.fixture(scope="module")
def made(models, images):
    return SurgeryExplorer(models[0], images, models[1])


@pytest.fixture
def panel(made):
    """The same panel for all tests, as it began: a fresh one takes a second."""
    made.buttons["keep"].click()
    made.rows.value = made.columns.value = 1
    made.image.value = "one"
    return made


def inside(array):
    """The part over which something comes out."""
    height, width, _ = uv.trace(SPEC).output_shape
    top, left = (array.shape[0] - height) // 2, (array.shape[1] - width) // 2
    return array[top : top + height, left : left + width]


def mask_of(model, image, changes=None, other=None):
    return SkipSurgery(model).predict(image, changes, other)[..., -1] > 0.5


def counts(view):
    """The numbers of pixels in a legend."""
    found = [re.search(r"\((?:white|blue|orange)\): ([0-9,]+)", m["words"]) for m in view.marks]
    return [int(match[1].replace(",", "")) for match in found if match]


def test_the_masks_that_it_begins_with(panel, models, images):
    truth = inside(images["one"].mask) == 1
    image = images["one"].image
    untouched = models[0].predict_on_batch(image[np.newaxis, ..., np.newaxis])[0, ..., 1] > 0.5
    without = models[1].predict_on_batch(image[np.newaxis, ..., np.newaxis])[0, ..., 1] > 0.5
    assert 0.1 < untouched.mean() < 0.9
    assert (untouched != without).mean() > 0.05
    view = panel.views["untouched"]
    parts = (untouched & truth, truth & ~untouched, untouched & ~truth)
    for colour, part in zip((WHITE, BLUE, ORANGE), parts, strict=True):
        assert part.any()
        np.testing.assert_array_equal(where(view, colour), part)
    assert counts(view) == [part.sum() for part in parts]
    parts = (without & untouched, untouched & ~without, without & ~untouched)
    for colour, part in zip((WHITE, BLUE, ORANGE), parts, strict=True):
        np.testing.assert_array_equal(where(panel.views["without"], colour), part)
    assert counts(panel.views["without"]) == [part.sum() for part in parts]
    # Nothing is changed yet.
    assert counts(panel.views["changed"]) == [untouched.sum(), 0, 0]
    assert "All skips are as they are." in panel.note.value


def test_the_true_outline_lies_on_both_sides_of_the_border(panel, images):
    truth = inside(images["one"].mask) == 1
    expected = find_boundaries(truth, connectivity=1, mode="thick")
    np.testing.assert_array_equal(where(panel.views["image"], YELLOW), expected)
    assert panel.views["image"].marks[0]["size"] == f"{truth.shape[0]} x {truth.shape[1]}"


def test_each_change_at_each_level(panel, models, images):
    image, other = images["one"].image, images["<b>two</b>"].image
    untouched, surgery = mask_of(models[0], image), SkipSurgery(models[0])
    changes = (
        SkipChange("zero"),
        SkipChange("shuffle"),
        SkipChange("shift", rows=-3, columns=2),
        SkipChange("other"),
    )
    for level, change in product((1, 2), changes):
        panel.buttons["keep"].click()
        panel.rows.value, panel.columns.value = change.rows or 1, change.columns or 1
        panel.levels[level].value = change.kind
        expected = surgery.predict(image, {level: change}, other)[..., -1] > 0.5
        assert (expected != untouched).any()
        view = panel.views["changed"]
        np.testing.assert_array_equal(where(view, WHITE), expected & untouched)
        np.testing.assert_array_equal(where(view, BLUE), untouched & ~expected)
        np.testing.assert_array_equal(where(view, ORANGE), expected & ~untouched)
        count = (expected != untouched).sum()
        assert f"{count:,} of {expected.size:,} pixels " in panel.note.value
        assert f"skip {level} " in panel.note.value
        assert ("-3 down and 2 right" in panel.note.value) == (change.kind == "shift")


def test_the_table_is_what_can_be_computed_anew(panel, models, images):
    panel.image.value = "<b>two</b>"
    panel.levels[1].value, panel.levels[2].value = "zero", "other"
    image, truth = images["<b>two</b>"].image, inside(images["<b>two</b>"].mask)
    changes = {1: SkipChange("zero"), 2: SkipChange("other")}
    untouched = mask_of(models[0], image)
    changed = mask_of(models[0], image, changes, images["plain"])
    without = models[1].predict_on_batch(image[np.newaxis, ..., np.newaxis])[0, ..., 1] > 0.5
    names = (
        "untouched",
        "changed: skip 1 is zeros, skip 2 comes from plain",
        "trained without skips",
    )
    lines = panel.as_markdown().splitlines()[2:5]
    scores = []
    for line, name, mask in zip(lines, names, (untouched, changed, without), strict=True):
        score = f"{dice(mask, truth):.3f}", f"{boundary_error(mask, truth):.2f}"
        assert line == f"| {name} | {score[0]} | {score[1]} | {(mask != untouched).sum()} |"
        scores.append(score)
    (dice_0, error_0), (dice_1, error_1), (dice_2, error_2) = scores
    effect = f"Dice {dice_0} \u2192 {dice_1}, boundary error {error_0} \u2192 {error_1} pixels."
    assert effect in panel.note.value
    assert f"Trained without skips: Dice {dice_2}, boundary error {error_2} pixels" in (
        panel.note.value
    )
    for kind, score in zip(("untouched", "changed", "without"), scores, strict=True):
        words = f"Dice {score[0]}, boundary error {score[1]} pixels"
        assert panel.views[kind].marks[1]["words"] == words
    assert "two experiments" in panel.as_markdown()


def test_the_buttons(panel, models, images):
    panel.buttons["zero"].click()
    assert {control.value for control in panel.levels.values()} == {"zero"}
    zero = SkipChange("zero")
    expected = mask_of(models[0], images["one"].image, {1: zero, 2: zero})
    shown = where(panel.views["changed"], WHITE) | where(panel.views["changed"], ORANGE)
    np.testing.assert_array_equal(shown, expected)
    assert "skip 1 is zeros, skip 2 is zeros" in panel.note.value
    panel.buttons["keep"].click()
    assert panel.changes == {}
    assert counts(panel.views["changed"])[1:] == [0, 0]


def test_an_image_without_a_mask_has_no_score(panel, models, images):
    panel.image.value = "plain"
    panel.levels[1].value = "zero"
    assert "The true mask is not known" in panel.note.value
    assert "Dice 0" not in panel.as_markdown() + panel.note.value
    assert "| untouched | - | - | 0 |" in panel.as_markdown()
    untouched = mask_of(models[0], images["plain"])
    changed = mask_of(models[0], images["plain"], {1: SkipChange("zero")})
    assert f"zeros | - | - | {(changed != untouched).sum()} |" in panel.as_markdown()
    assert counts(panel.views["untouched"]) == [untouched.sum()]
    assert len(counts(panel.views["changed"])) == 3
    # Grey, as it is: there is no outline to draw on it.
    assert (pixels(panel.views["image"]).std(axis=-1) == 0).all()


def test_another_image_chosen_in_another_thread_while_one_is_predicted(panel, models, images):
    predict, others = panel.surgery.predict, []

    def interrupted(*given):
        if not others:
            others.append(threading.Thread(target=panel.image.set_trait, args=("value", "plain")))
            others[0].start()
            while panel.image.value != "plain":
                pass
        return predict(*given)

    panel.surgery.predict = interrupted
    panel.image.value = "<b>two</b>"
    others[0].join()
    panel.surgery.predict = predict
    panel.image.value = "one"
    for name in ("<b>two</b>", "plain"):
        panel.image.value = name
        fresh = SurgeryExplorer(models[0], images, models[1])
        fresh.image.value = name
        assert panel.as_markdown() == fresh.as_markdown()


def test_a_shift_beyond_the_map_is_a_sentence_and_changes_nothing(panel, models, images):
    panel.levels[2].value = "shift"
    before = panel.as_markdown(), panel.views["changed"].image
    side = panel.surgery.shapes[2][0]
    panel.rows.value = -side
    assert f"take at most {side - 1} rows" in panel.note.value
    assert "should not happen" not in panel.note.value
    # Another image does not mix up what is shown either.
    panel.image.value = "<b>two</b>"
    assert (panel.as_markdown(), panel.views["changed"].image) == before
    panel.rows.value = 1 - side
    assert "skip 2 is shifted by" in panel.note.value
    changes = {2: SkipChange("shift", 1 - side, panel.columns.value)}
    expected = mask_of(models[0], images["<b>two</b>"].image, changes)
    shown = where(panel.views["changed"], WHITE) | where(panel.views["changed"], ORANGE)
    np.testing.assert_array_equal(shown, expected)


def test_names_of_images_are_escaped(panel):
    panel.levels[1].value = "other"
    assert "comes from &lt;b&gt;two&lt;/b&gt;" in panel.note.value
    assert "<b>two" not in panel.note.value + panel.as_markdown()


def test_a_mask_without_an_outline(models, images):
    class Empty:
        image = images["one"].image
        mask = np.zeros(SPEC.input_size, int)

    panel = SurgeryExplorer(models[0], {"empty": Empty()})
    assert "| untouched | 0.000 | inf | 0 |" in panel.as_markdown()
    assert "one of the two masks has no outline" in panel.note.value


def test_without_a_second_network_and_another_image(models, images):
    panel = SurgeryExplorer(models[0], {"one": images["one"]})
    assert list(panel.views) == ["image", "untouched", "changed"]
    assert "rained without skips:" not in panel.as_markdown()
    assert "other" not in dict(panel.levels[1].options).values()


def test_what_it_shows_fits_the_page_and_can_be_stored(panel):
    shown = sum(view.size[1] * view.zoom for view in panel.views.values())
    assert shown <= 848
    drawing = panel.still()
    assert drawing.svg.count("<image") == 1
    for i, name in enumerate(("The image", "All skips", "Skips changed", "Trained"), start=1):
        assert f"{i}. {name}" in drawing.svg
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/markdown"] == panel.as_markdown()


def test_a_network_of_one_class_and_colour_images():
    spec = uv.DOCUMENT.replace(
        input_size=32, input_channels=3, base_filters=2, depth=2, dropout=0.0
    )
    image = np.random.default_rng(0).random((32, 32, 3)).astype("float32")
    model = uv.build(spec, seed=5)
    panel = SurgeryExplorer(model, {"colour": image})
    expected = model.predict_on_batch(image[np.newaxis])[0, ..., 0] > 0.5
    np.testing.assert_array_equal(where(panel.views["untouched"], WHITE), expected)
    assert np.abs(pixels(panel.views["image"]) / 255 - image).max() < 0.01


def test_an_image_without_a_mask_is_fitted(models, images):
    large = np.random.default_rng(3).integers(0, 256, (200, 300, 3), np.uint8)
    panel = SurgeryExplorer(models[0], {"large": large})
    assert panel.views["image"].size == list(models[0].output_shape[1:3])


def test_what_does_not_fit_is_said(models, images):
    with pytest.raises(ValueError, match="at least one image"):
        SurgeryExplorer(models[0], {})

    class Small:
        image = images["plain"][10:]
        mask = np.zeros(image.shape)

    with pytest.raises(ValueError, match=r"'small' has the size \(50, 76\)"):
        SurgeryExplorer(models[0], images | {"small": Small()})

    class Wrong:
        image = images["plain"]
        mask = np.zeros((20, 20))

    with pytest.raises(ValueError, match=r"its mask \(20, 20\)"):
        SurgeryExplorer(models[0], {"wrong": Wrong()})
    with pytest.raises(ValueError, match="without skips turns"):
        SurgeryExplorer(models[0], images, uv.build(SPEC.replace(depth=1)))
    with pytest.raises(ValueError, match="this model has no skips"):
        SurgeryExplorer(models[1], images)
