"""The panel that takes the skips of an FCN apart, without a browser: against the network itself."""

import re
from functools import lru_cache
from itertools import product
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from matplotlib import colormaps
from support.panels import BLUE, ORANGE, WHITE, pixels, where

import unetviz as uv
from unetviz.geometry.box import Box
from unetviz.labs.metrics import boundary_error, dice
from unetviz.labs.synthetic.examples import validation_images
from unetviz.widgets.explorers.skips.score_sum import ScoreSumExplorer, SumInParts, sentences

pytestmark = pytest.mark.keras
SIZE = (64, 96)
SPEC = uv.FCNSpec(SIZE, base_filters=2, stride=8)
PARTS = ("coarse", "finer", "total")
LAYERS = {
    "dec5_add": ("dec5_crop", "dec5_score", "dec5_add"),
    "dec4_add": ("dec4_crop", "dec4_score", "dec4_add"),
}
PITCH = {"dec5_add": 16, "dec4_add": 8}


def shaken(model, seed, image):
    """A model with random weights in which every score map has both signs on an image."""
    random = np.random.default_rng(seed)
    model.set_weights([w + random.normal(0, 0.1, w.shape) for w in model.get_weights()])
    for name in ("score", "dec5_score", "dec4_score"):
        if name not in {layer.name for layer in model.layers}:
            continue
        kernel, bias = model.get_layer(name).get_weights()
        values = keras.Model(model.inputs, model.get_layer(name).output)
        scores = values.predict_on_batch(image[np.newaxis, ..., np.newaxis])[0]
        spread = np.ptp(scores[..., -1] - scores[..., 0])
        kernel, bias = kernel / spread, bias / spread
        bias[-1] -= np.median(scores[..., -1] - scores[..., 0]) / spread
        model.get_layer(name).set_weights([kernel, bias])
    return model


@pytest.fixture(scope="module")
def images():
    first, second = validation_images(SIZE, 2)
    plain = np.random.default_rng(0).integers(0, 256, SIZE, np.uint8)
    return {"one": first, "<b>two</b>": second, "plain": plain}


@pytest.fixture(scope="module")
def model(images):
    return shaken(uv.build(SPEC, seed=1), 2, images["one"].image)


@pytest.fixture(scope="module")
def made(model, images):
    return ScoreSumExplorer(model, images)


@pytest.fixture
def panel(made):
    """The same panel for all tests, as it began: a fresh one takes a second."""
    made.step.index = 0
    for name in ("plain", "one"):
        made.image.value = name
    return made


def batch(image):
    image = getattr(image, "image", image)
    image = image / np.float32(255) if image.dtype == np.uint8 else image
    return image[np.newaxis, ..., np.newaxis].astype(np.float32)


@lru_cache
def parts_of_sum(model, step):
    return keras.Model(model.inputs, [model.get_layer(name).output for name in LAYERS[step]])


@lru_cache
def silenced(model, name):
    """A copy of a model, made once, in which the weights of one layer are 0."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    if name:
        copy.get_layer(name).set_weights([0 * w for w in copy.get_layer(name).get_weights()])
    return copy


def scores_of(model, image, step):
    """Foreground minus background of both parts and of the sum, from Keras' own layers."""
    maps = parts_of_sum(model, step).predict_on_batch(batch(image))
    return [values[0, ..., -1] - values[0, ..., 0] for values in maps]


def masks_of(model, image, step):
    """Masks of copies of the model in which the other part has weights of 0."""
    silent = {"coarse": f"{step[:4]}_score", "finer": f"{step[:4]}_up", "total": None}
    models = [silenced(model, silent[part]) for part in PARTS]
    return [one.predict_on_batch(batch(image))[0, ..., -1] > 0.5 for one in models]


def box_of(panel):
    """The boxes of the chosen pixel, one of each of the six views."""
    views = (*panel.maps.values(), *panel.masks.values())
    found = [[m["box"] for m in view.marks if m["kind"] == "bottleneck"] for view in views]
    assert all(boxes == found[0] for boxes in found)
    ((top, left, bottom, right),) = found[0]
    return Box(top, left, bottom, right)


def told(panel):
    """Row, column and the three numbers of the first sentence."""
    pattern = (
        r"At row (\d+), column (\d+) \(input pixels (\d+)-(\d+) x (\d+)-(\d+)\): "
        r"coarse ([+-][\d.]+) \+ finer ([+-][\d.]+) = (-?[\d.]+): (\w+)"
    )
    found = re.search(pattern, panel.note.value).groups()
    return [int(n) for n in found[:6]], [float(n) for n in found[6:9]], found[9]


@pytest.mark.parametrize("step", LAYERS)
@pytest.mark.parametrize("name", ["one", "<b>two</b>", "plain"])
def test_the_maps_are_those_of_keras_in_one_scale(panel, model, images, step, name):
    panel.image.value, panel.step.value = name, step
    expected = scores_of(model, images[name], step)
    largest = max(np.abs(values).max() for values in expected)
    for part, values in zip(PARTS, expected, strict=True):
        colours = colormaps["RdBu_r"](np.rint((values + largest) / (2 * largest) * 255).astype(int))
        shown = pixels(panel.maps[part])
        assert shown.shape[:2] == SIZE
        side = PITCH[step]
        squares = shown.reshape(SIZE[0] // side, side, SIZE[1] // side, side, 3)
        # Every score is one square of one colour.
        assert (squares == squares[:, :1, :, :1]).all()
        assert np.abs(squares[:, 0, :, 0] - colours[..., :3] * 255).max() <= 3
        (scale,) = [m["words"] for m in panel.maps[part].marks if "one scale" in m["words"]]
        low, high = (float(n) for n in re.findall(r"-?[\d.]+", scale))
        assert (low, high) == pytest.approx((-largest, largest), rel=6e-3)
    rows = panel.as_markdown().splitlines()[4:7]
    for row, values in zip(rows, expected, strict=True):
        assert row.split("|")[4].strip() == f"{(values > 0).sum():,}"


@pytest.mark.parametrize("step", LAYERS)
@pytest.mark.parametrize("name", ["one", "<b>two</b>"])
def test_the_masks_are_those_of_networks_with_weights_of_zero(panel, model, images, step, name):
    panel.image.value, panel.step.value = name, step
    truth, dices = images[name].mask == 1, []
    rows = panel.as_markdown().splitlines()[4:7]
    expected = masks_of(model, images[name], step)
    assert (expected[0] != expected[2]).any()
    assert (expected[1] != expected[2]).any()
    for part, mask, row in zip(PARTS, expected, rows, strict=True):
        view = panel.masks[part]
        parts = (mask & truth, truth & ~mask, mask & ~truth)
        for colour, one in zip((WHITE, BLUE, ORANGE), parts, strict=True):
            np.testing.assert_array_equal(where(view, colour), one)
        words = " ".join(mark["words"] for mark in view.marks)
        assert re.findall(r"\((?:white|blue|orange)\): ([\d,]+)", words) == [
            f"{one.sum():,}" for one in parts
        ]
        dices.append(dice(mask, truth))
        error = boundary_error(mask, truth)
        assert row.split("|")[2:4] == [f" {dices[-1]:.3f} ", f" {error:.2f} "]
        assert f"Dice {dices[-1]:.3f}, boundary error {error:.2f} pixels" in words
    best = ("coarse alone", "finer alone", "the sum")[int(np.argmax(dices))]
    assert dices.count(max(dices)) == 1
    assert (
        f"coarse alone {dices[0]:.3f}, finer alone {dices[1]:.3f}, the sum {dices[2]:.3f}. "
        f"Best: {best}." in panel.note.value
    )
    errors = [round(boundary_error(mask, truth), 2) for mask in expected]
    assert errors.count(min(errors)) == 1
    nearest = ("coarse alone", "finer alone", "the sum")[int(np.argmin(errors))]
    assert f"Nearest to the true outline, on the whole: {nearest}." in panel.note.value


@pytest.mark.parametrize("step", LAYERS)
@pytest.mark.parametrize("name", ["one", "<b>two</b>", "plain"])
def test_it_begins_where_the_two_disagree_most(panel, model, images, step, name):
    panel.image.value, panel.step.value = name, step
    coarse, finer, total = scores_of(model, images[name], step)
    strengths, wins = {}, 0
    for place in np.ndindex(coarse.shape):
        a, b = coarse[place], finer[place]
        if (a > 0 > b) or (a < 0 < b):
            strengths[place] = min(abs(a), abs(b))
            wins += (total[place] > 0) == (b > 0)
    assert strengths
    assert panel.pixel == max(strengths, key=strengths.get)
    assert f"In {len(strengths)} of {coarse.size} pixels " in panel.note.value
    assert f"; in {wins} of these " in panel.note.value


@pytest.mark.parametrize("step", LAYERS)
def test_every_pixel_in_numbers(panel, model, images, step):
    panel.step.value = step
    scores = scores_of(model, images["one"], step)
    side, seen = PITCH[step], set()
    places = list(np.ndindex(scores[0].shape))
    for place in {*places[:: len(places) // 24], places[-1]}:
        panel.pixel = place
        numbers = [float(values[place]) for values in scores]
        where_it_is, written, verdict = told(panel)
        row, column = place
        assert where_it_is == [
            *(row, column, row * side, row * side + side - 1),
            *(column * side, column * side + side - 1),
        ]
        # The last digit of a part may be what makes the sum right.
        digit = 10.0 ** -len(re.search(r"= -?\d+\.(\d+)", panel.note.value)[1])
        assert digit <= 0.01
        assert written == pytest.approx(numbers, abs=1.5 * digit)
        assert np.sign(written[2]) == np.sign(numbers[2])
        assert written[0] + written[1] == pytest.approx(written[2], abs=1e-9)
        assert verdict == ("foreground" if numbers[2] > 0 else "background")
        decider = [part for part, n in zip(PARTS, numbers, strict=False) if n * numbers[2] > 0][:-1]
        words = {"coarse": "coarse decides", "finer": "finer decides"}
        expected = words[decider[0]] if len(decider) == 1 else "they agree"
        assert expected in panel.note.value
        seen.add(expected)
        box = box_of(panel)
        assert [box.top, box.bottom - 1, box.left, box.right - 1] == where_it_is[2:]
        for part, text in zip(PARTS, written, strict=True):
            (words,) = [m["words"] for m in panel.maps[part].marks if "chosen" in m["words"]]
            assert float(words.split(": ")[1]) == text
    assert "they agree" in seen
    assert len(seen) > 1


@pytest.mark.parametrize("part", PARTS)
def test_a_pixel_is_chosen_on_any_map(panel, part):
    view, before = panel.maps[part], panel.pixel
    assert view.area == [0, 0, *SIZE]
    assert view.pitch == [16, 16]
    # What the pointer passes over does not count; a click does.
    view.point = [3, 95]
    assert panel.pixel == before
    view.held = True
    assert panel.pixel == (0, 5)
    assert box_of(panel) == Box(0, 80, 16, 96)
    assert view.point == [3, 95]
    for other in panel.maps.values():
        assert [n // 16 for n in other.point] == [0, 5]
    # An arrow key, in another map: it goes on from there.
    other = next(one for one in panel.maps.values() if one is not view)
    with other.hold_trait_notifications():
        other.held, other.point = True, [other.point[0] + 16, other.point[1]]
    assert panel.pixel == (1, 5)
    assert [n // 16 for n in view.point] == [1, 5]
    assert told(panel)[0][:2] == [1, 5]
    # Masks are only looked at.
    assert not any(one.area for one in panel.masks.values())


def test_a_chosen_pixel_must_be_on_the_map(panel):
    before = panel.pixel, panel.note.value
    for wrong in ((4, 0), (0, 6), (-1, 0), (0.5, 0)):
        with pytest.raises(ValueError, match="must be a whole number from 0 to"):
            panel.pixel = wrong
    assert (panel.pixel, panel.note.value) == before


def test_which_sums_come_before_and_after(panel, model, images):
    assert list(dict(panel.step.options)) == [
        "level 5: sizes 4 x 6, one score for 16 x 16 pixels",
        "level 4: sizes 8 x 12, one score for 8 x 8 pixels",
    ]
    panel.step.value = "dec5_add"
    assert "scores of level 4 are still to be added" in panel.note.value
    assert "No other sum follows" not in panel.note.value
    panel.step.value = "dec4_add"
    assert "holds the sum of level 5 already. No other sum follows." in panel.note.value
    single = ScoreSumExplorer(uv.build(SPEC.replace(stride=16), seed=1), images)
    assert list(dict(single.step.options).values()) == ["dec5_add"]
    assert "No other sum follows." in single.note.value
    assert "already" not in single.note.value


def state(panel):
    """All that a person can see or choose."""
    views = (*panel.maps.values(), *panel.masks.values())
    seen = [
        (bytes(v.image), v.marks, v.size, v.zoom, v.origin, v.area, v.pitch, v.label) for v in views
    ]
    return seen, panel.note.value, panel.as_markdown(), panel.still().svg, panel.pixel


def test_after_many_changes_it_is_as_if_it_were_new(panel, model, images):
    random = np.random.default_rng(5)
    for _ in range(30):
        kind = random.integers(4)
        if kind == 0:
            panel.image.value = random.choice(list(images))
        elif kind == 1:
            panel.step.value = random.choice(list(LAYERS))
        else:
            view = panel.maps[random.choice(PARTS)]
            with view.hold_trait_notifications():
                view.point = [int(random.integers(n)) for n in SIZE]
                view.held = bool(kind == 2)
        assert "should not happen" not in panel.note.value
    fresh = ScoreSumExplorer(model, images)
    fresh.image.value, fresh.step.value = panel.image.value, panel.step.value
    fresh.pixel = panel.pixel
    assert state(fresh) == state(panel)


def test_an_image_without_a_mask_has_no_score(panel, model, images):
    panel.image.value = "plain"
    assert "The true mask is not known" in panel.note.value
    assert "Dice" not in panel.note.value
    assert panel.as_markdown().splitlines()[4].startswith("| coarse alone | - | - |")
    expected = masks_of(model, images["plain"], "dec5_add")
    for part, mask in zip(PARTS, expected, strict=True):
        np.testing.assert_array_equal(where(panel.masks[part], WHITE), mask)
        assert not where(panel.masks[part], BLUE).any()


def test_a_mask_without_an_outline(model, images):
    class Empty:
        image = images["one"].image
        mask = np.zeros(SIZE, int)

    panel = ScoreSumExplorer(model, {"empty": Empty()})
    assert "one of the two masks has no outline" in panel.note.value
    assert "| 0.000 | inf |" in panel.as_markdown()
    # All three have the same score, and nobody is called the best alone.
    assert "Best: coarse alone and finer alone and the sum." in panel.note.value
    assert "Nearest" not in panel.note.value


def test_names_of_images_are_escaped(panel):
    panel.image.value = "<b>two</b>"
    assert panel.as_markdown().startswith("\\<b\\>two\\</b\\>; level 5")
    assert "<b>two" not in panel.note.value + panel.still().svg


def test_sizes_that_lose_rows_and_one_that_is_large(images):
    spec = uv.FCNSpec((70, 93), base_filters=2, stride=8)
    image = validation_images((70, 93), 1)[0]
    panel = ScoreSumExplorer(uv.build(spec, seed=3), {"one": image})
    assert pixels(panel.maps["total"]).shape == (64, 80, 3)
    assert panel.maps["total"].area == [0, 0, 64, 80]
    assert pixels(panel.masks["total"]).shape == (70, 93, 3)
    panel.maps["total"].held, panel.maps["total"].point = True, [63, 79]
    assert panel.pixel == (3, 4)
    assert box_of(panel) == Box(48, 64, 64, 80)
    # A message from before the sum was changed may point beyond the map.
    panel.pixel = (0, 0)
    panel.maps["finer"].held, panel.maps["finer"].point = True, [69, 92]
    assert panel.pixel == (3, 4)
    assert panel.still().svg.count("<image") == 1


def foreign(channels, last):
    """An FCN of somebody else: one sum at 1/2, between maps at 1/4 and at 1/2."""
    layers = keras.layers
    start = keras.Input((24, 32, 3))
    half = layers.MaxPooling2D()(layers.Conv2D(4, 3, padding="same", name="a")(start))
    quarter = layers.MaxPooling2D()(layers.Conv2D(4, 3, padding="same", name="b")(half))
    coarse = layers.UpSampling2D(name="up")(layers.Conv2D(channels, 1, name="low")(quarter))
    finer = layers.Conv2D(channels, 1, name="high")(half)
    # Which of the two is named first does not matter.
    both = layers.Add(name="sum")([coarse, finer] if channels == 1 else [finer, coarse])
    out = layers.Activation(last, name="out")(layers.UpSampling2D(name="up2")(both))
    return keras.Model(start, out)


@pytest.mark.parametrize(
    ("channels", "last", "words"),
    [(1, "sigmoid", "that of the one class"), (3, "softmax", "last class minus first class")],
)
def test_other_numbers_of_classes_and_colours(channels, last, words):
    keras.utils.set_random_seed(4)
    model = foreign(channels, last)
    image = np.random.default_rng(0).random((24, 32, 3)).astype("float32")
    panel = ScoreSumExplorer(model, {"colour": image})
    assert words in panel.children[1].value
    outputs = [model.get_layer(name).output for name in ("up", "high", "sum")]
    maps = keras.Model(model.inputs, outputs).predict_on_batch(image[np.newaxis])
    scores = [m[0, ..., -1] - (m[0, ..., 0] if channels > 1 else 0) for m in maps]
    for place in ((0, 0), (11, 15), (5, 7)):
        panel.pixel = place
        numbers = [float(values[place]) for values in scores]
        assert told(panel)[1] == pytest.approx(numbers, abs=0.015)
        verdict = {1: ("background", "foreground"), 3: ("more for the first", "more for the last")}
        assert verdict[channels][numbers[2] > 0] in panel.note.value
    probabilities = model.predict_on_batch(image[np.newaxis])[0]
    mask = probabilities[..., 0] > 0.5 if channels == 1 else probabilities.argmax(axis=-1) > 0
    np.testing.assert_array_equal(where(panel.masks["total"], WHITE), mask)


def parts(coarse, finer, total):
    """A sum of one pixel."""
    values = {p: np.array([[n]]) for p, n in zip(PARTS, (coarse, finer, total), strict=True)}
    step = SimpleNamespace(out_shape=(1, 1, 2), level=4)
    nothing = dict.fromkeys(PARTS, (np.zeros((1, 1), bool), None))
    return SumInParts("x", step, (8, 8), Box(0, 0, 8, 8), (), (), values, nothing)


def test_who_decides():
    for a, b in product((-2.0, -1.0, 0.0, 1.0, 2.0), repeat=2):
        found = parts(a, b, a + b)
        sign = np.sign(a + b)
        takers = [p for p, n in (("coarse", a), ("finer", b)) if np.sign(n) == sign]
        expected = "both" if len(takers) == 2 else takers[0] if takers else "neither"
        assert found.decides((0, 0)) == expected
        said = " ".join(sentences(found, (0, 0)))
        assert ("nobody decides" in said) == (expected == "neither")
        verdict = {1: "foreground.", -1: "background.", 0: "neither, it is 0."}[int(sign)]
        assert f": {verdict}" in said
        assert ("In none of the 1 pixels" in said) == (a * b >= 0)


def test_numbers_add_up_and_a_small_one_keeps_its_sign():
    random = np.random.default_rng(0)
    for _ in range(300):
        first, second = random.normal(size=2) * 10.0 ** random.integers(-4, 3, 2)
        for a, b in ((first, second), (first, -first * (1 + 1e-5))):
            written = parts(a, b, a + b).numbers((0, 0))
            numbers = [float(written[part]) for part in PARTS]
            digit = 10.0 ** -len(written["total"].split(".")[1])
            assert numbers[0] + numbers[1] == pytest.approx(numbers[2], abs=digit / 10)
            assert numbers == pytest.approx([a, b, a + b], abs=1.5 * digit)
            assert np.sign(numbers).tolist() == np.sign([a, b, a + b]).tolist()


def test_where_nothing_is_opposed_it_begins_in_the_middle():
    values = np.random.default_rng(0).random((4, 6))
    found = parts(1.0, 1.0, 2.0)
    scores = {"coarse": values, "finer": values, "total": 2 * values}
    step = SimpleNamespace(out_shape=(4, 6, 2), level=4)
    found = SumInParts("x", step, (8, 8), Box(0, 0, 32, 48), (), (), scores, found.results)
    assert found.most_opposed() == (2, 3)


def test_what_it_shows_fits_the_page_and_can_be_stored(panel):
    for views in (panel.maps, panel.masks):
        assert sum(view.size[1] * view.zoom for view in views.values()) <= 800
    assert panel.maps["coarse"].zoom == 2
    drawing = panel.still()
    assert drawing.svg.count("<image") == 1
    for i, words in enumerate(("Coarse", "Finer", "Sum", "Mask of c", "Mask of f", "Mask of the")):
        assert f"{i + 1}. {words}" in drawing.svg
    assert drawing.caption in panel.as_markdown()
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/markdown"] == panel.as_markdown()


def test_what_does_not_fit_is_said(model, images):
    with pytest.raises(ValueError, match=r"has no skips; .* an FCN with stride=16 or 8"):
        ScoreSumExplorer(uv.build(SPEC.replace(stride=32)), images)
    features = uv.build(uv.UNetSpec(64, depth=2, base_filters=3, padding="same", merge="add"))
    with pytest.raises(ValueError, match="joins feature maps of 6 channels"):
        ScoreSumExplorer(features, images)
    joined = uv.build(uv.UNetSpec(64, depth=2, base_filters=1, padding="same"))
    with pytest.raises(ValueError, match="joins feature maps of 4 channels"):
        ScoreSumExplorer(joined, images)
    for none in ({}, None, images["plain"]):
        with pytest.raises(ValueError, match="at least one image"):
            ScoreSumExplorer(model, none)

    class Small:
        image = images["plain"][10:]
        mask = np.zeros(image.shape)

    with pytest.raises(ValueError, match=r"'small' has the size \(54, 96\)"):
        ScoreSumExplorer(model, images | {"small": Small()})

    class Coloured:
        image = np.zeros((*SIZE, 3))
        mask = np.zeros(SIZE)

    with pytest.raises(ValueError, match="has 3 channels, but the network takes 1"):
        ScoreSumExplorer(model, images | {"coloured": Coloured()})
