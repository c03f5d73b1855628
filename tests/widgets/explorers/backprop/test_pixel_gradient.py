"""The panel that follows a score back to the input, without a browser: against plain TensorFlow."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from support.panels import pixels, shaken

import unetviz as uv
from unetviz.geometry.box import Box
from unetviz.labs.synthetic.examples import validation_images
from unetviz.widgets.explorers.backprop.pixel_gradient import (
    PixelGradient,
    PixelGradientExplorer,
    percent,
    under,
)

pytestmark = pytest.mark.keras
SPEC = uv.UNetSpec((60, 76), depth=2, base_filters=3, classes=3)
IMAGE = validation_images(SPEC.input_size, 1)[0]
NETS = {
    "valid": SPEC,
    "same": SPEC.replace(padding="same", upsampling="upsample_conv", merge="add"),
    "none": SPEC.replace(merge="none"),
    "sigmoid": SPEC.replace(classes=1, final_activation="sigmoid"),
}


@pytest.fixture(scope="module")
def models():
    return {name: shaken(uv.build(spec, seed=1)) for name, spec in NETS.items()}


@pytest.fixture
def panel(models):
    return PixelGradientExplorer(models["valid"], IMAGE)


def score_gradient(model, sample, row, column, channel):
    """Gradient of a score, which the last layer is made to give by another activation."""
    settings = {**model.layers[-1].get_config(), "activation": "linear"}
    last = layers.Conv2D.from_config(settings)
    scores = keras.Model(model.inputs, last(model.layers[-2].output))
    last.set_weights(model.layers[-1].get_weights())
    image = tf.constant(np.asarray(sample.image, np.float32)[np.newaxis, ..., np.newaxis])
    with tf.GradientTape() as tape:
        tape.watch(image)
        score = scores(image, training=False)[0, row, column, channel]
    return tape.gradient(score, image).numpy()[0, ..., 0]


def told(panel):
    """Output pixel, counts, sides of squares, the largest value and its place, as written."""
    note = panel.note.value.replace(",", "")
    whole = [
        r"Output row (\d+) column (\d+): the gradient of its score is not 0 at (\d+) pixels",
        r"Inside the predicted box of (\d+) x (\d+): (\d+); outside: (\d+)\.",
        r"lies within (\d+) x \1 pixels around the chosen one 95 % within (\d+) x \2",
    ]
    found = [list(map(int, re.search(pattern, note).groups())) for pattern in whole]
    value, row, column = re.search(
        r"largest (\S+) is at input row (\d+) column (\d+)", note
    ).groups()
    return *found, (float(value), int(row), int(column))


def share_in_square(sizes, centre, side):
    reach = side // 2
    rows = slice(max(centre[0] - reach, 0), centre[0] + reach + 1)
    columns = slice(max(centre[1] - reach, 0), centre[1] + reach + 1)
    return sizes[rows, columns].sum() / sizes.sum()


@pytest.mark.parametrize("name", NETS)
def test_what_is_said_is_true_of_the_gradient_of_tensorflow(models, name):
    model = models[name]
    height, width, classes = model.output_shape[1:]
    panel = PixelGradientExplorer(model, IMAGE)
    places = {(0, 0), (height - 1, 3), (height // 2, width // 2)}
    for place in places:
        panel.point = place
        gradient = score_gradient(model, IMAGE, *place, classes - 1)
        assert panel.seen.gradient[..., 0] == pytest.approx(gradient, rel=1e-3, abs=1e-6)
        output, box, (half, most), (value, row, column) = told(panel)
        found = uv.receptive_field(uv.trace(NETS[name]), *place).input
        count = np.count_nonzero(gradient)
        assert output == [*place, count]
        assert box == [found.height, found.width, count, 0]
        assert value == pytest.approx(gradient.flat[np.abs(gradient).argmax()], rel=6e-3)
        assert gradient[row, column] == pytest.approx(value, rel=6e-3)
        sizes, offset = np.abs(gradient), [(60 - height) // 2, (76 - width) // 2]
        centre = np.add(place, offset)
        for part, side in ((0.5, half), (0.95, most)):
            assert share_in_square(sizes, centre, side) >= part - 1e-4
            assert share_in_square(sizes, centre, side - 2) < part + 1e-4


def test_the_boxes_are_those_of_the_geometry_with_their_shares(panel, models):
    panel.point = (5, 9)
    found = uv.receptive_field(uv.trace(SPEC), 5, 9)
    gradient = np.abs(score_gradient(models["valid"], IMAGE, 5, 9, 2))
    frame, *marks = panel.input.marks
    assert [mark["kind"] for mark in marks] == ["bottleneck", "path2", "path1"]
    lines = [line.split("|")[1:-1] for line in panel.as_markdown().splitlines()]
    table = [[cell.strip() for cell in line] for line in lines if " x " in "".join(line)]
    for mark, cells, box in zip(marks[::-1], table, found.paths.values(), strict=True):
        assert Box(*mark["box"]) == box
        assert mark["size"] == cells[1] == f"{box.height} x {box.width}"
        part = gradient[box.top : box.bottom, box.left : box.right].sum() / gradient.sum()
        assert mark["words"] == f"{cells[0]}: {cells[3]}"
        assert float(cells[3][:-2]) / 100 == pytest.approx(part, abs=1.1e-3)
        area = box.height * box.width / (found.input.height * found.input.width)
        assert float(cells[2][:-2]) / 100 == pytest.approx(area, abs=1.1e-3)
    top, left, bottom, right = frame["box"]
    assert (top, left) == (max(found.input.top - 3, 0), max(found.input.left - 3, 0))
    assert (bottom, right) == (found.input.bottom + 3, found.input.right + 3)
    assert panel.input.origin == [top, left]
    panel.boxes.value = False
    assert len(panel.input.marks) == 1


def test_the_colours_are_the_gradient(panel, models):
    panel.point = (5, 9)
    gradient = score_gradient(models["valid"], IMAGE, 5, 9, 2)
    (top, left), (height, width) = panel.input.origin, panel.input.size
    part = gradient[top : top + height, left : left + width]
    largest = np.abs(gradient).max()
    redder = pixels(panel.input)[..., 0] - pixels(panel.input)[..., 2]
    strong = np.abs(part) > 1e-4 * largest
    assert strong.sum() > 50
    assert (np.sign(redder) == np.sign(part))[strong].all()
    assert np.ptp(pixels(panel.input)[part == 0], axis=0).max() == 0
    titles = {panel.input.marks[0]["words"]}
    panel.colours.value = "linear"
    redder = pixels(panel.input)[..., 0] - pixels(panel.input)[..., 2]
    assert np.abs(redder).max() > 60
    assert (np.abs(redder)[np.abs(part) < 1e-3 * largest] < 5).all()
    titles.add(panel.input.marks[0]["words"])
    panel.colours.value = "support"
    titles.add(panel.input.marks[0]["words"])
    assert ((pixels(panel.input)[..., 0] == 255) == (part != 0)).all()
    panel.colours.value = "image"
    seen = IMAGE.image[top : top + height, left : left + width]
    order = np.corrcoef(pixels(panel.input)[..., 0].ravel(), seen.ravel())
    assert order[0, 1] > 0.999
    assert len(titles | {panel.input.marks[0]["words"]}) == 4


def test_only_held_pixels_count(panel):
    before = panel.point
    panel.output.held = False
    panel.output.point = [7, 8]
    assert panel.point == before
    panel.output.held = True
    assert panel.point == (7, 8)
    panel.output.point = [7, 9]
    assert panel.point == (7, 9)
    assert "Output row 7, column 9:" in panel.note.value
    top, left, bottom, right = panel.output.marks[1]["box"]
    assert (top + bottom - 1, left + right - 1) == (2 * 7, 2 * 9)


def test_another_class_has_another_score(panel, models):
    assert panel.channel.value == 2
    for channel in (0, 1):
        panel.channel.value = channel
        gradient = score_gradient(models["valid"], IMAGE, *panel.point, channel)
        assert panel.seen.gradient[..., 0] == pytest.approx(gradient, rel=1e-3, abs=1e-6)
        batch = IMAGE.image[np.newaxis, ..., np.newaxis]
        shown = models["valid"].predict_on_batch(batch)[0, ..., channel]
        assert pixels(panel.output)[..., 0] == pytest.approx(255 * shown, abs=0.6)
        assert f"{shown[panel.point]:.3f}" in panel.output.marks[1]["words"]
        assert f"class {channel}" in panel.output.marks[0]["words"] + panel.caption()


def test_a_network_whose_relus_are_all_closed(models):
    model = uv.build(SPEC)
    layer = model.get_layer("dec1_conv2")
    layer.set_weights([layer.get_weights()[0] * 0, layer.get_weights()[1] - 1])
    panel = PixelGradientExplorer(model, IMAGE)
    assert "is 0 at every pixel of the input" in panel.note.value
    assert "| 0.0 % |" in panel.as_markdown()
    assert len(panel.input.marks) == 4


def test_a_gradient_outside_of_the_box_would_be_told(panel):
    panel.point = (0, 0)
    gradient = panel.seen.gradient.copy()
    assert (panel.seen.box.bottom, panel.seen.box.right) < gradient.shape[:2]
    gradient[-1, -1] = 1
    panel.seen = PixelGradient(panel.seen.found, 2, gradient, (20, 20))
    panel._show()
    assert told(panel)[1][3] == 1
    assert "\u2717" in panel.note.value


def test_colours_of_the_input_are_added_up():
    spec = SPEC.replace(input_channels=3)
    image = np.random.default_rng(0).random((60, 76, 3))
    panel = PixelGradientExplorer(shaken(uv.build(spec)), image, (3, 4))
    gradient = panel.seen.gradient
    assert gradient.shape == (60, 76, 3)
    assert panel.seen.sizes == pytest.approx(np.abs(gradient).sum(axis=2))
    strongest = panel.seen.strongest
    assert np.abs(strongest) == pytest.approx(np.abs(gradient).max(axis=2))
    assert ((strongest[..., np.newaxis] == gradient).any(axis=2)).all()
    panel.colours.value = "image"
    top, left = panel.input.origin
    assert pixels(panel.input)[0, 0] == pytest.approx(255 * image[top, left], abs=0.6)


def test_wrong_input_is_told_and_changes_nothing(panel, models):
    before = panel.as_markdown()
    with pytest.raises(ValueError, match="row must be from 0 to"):
        panel.point = (400, 0)
    with pytest.raises(ValueError, match="col must be from 0 to"):
        panel.point = (0, -1)
    assert panel.as_markdown() == before
    with pytest.raises(ValueError, match="the image has 30 x 30"):
        PixelGradientExplorer(models["valid"], validation_images(30, 1)[0])
    with pytest.raises(ValueError, match="does not give probabilities"):
        PixelGradientExplorer(uv.build(SPEC.replace(final_activation="linear")), IMAGE)
    with pytest.raises(ValueError, match="image"):
        PixelGradientExplorer(models["valid"], np.zeros(4))
    with pytest.raises(ValueError, match="row must be from 0 to"):
        PixelGradientExplorer(models["valid"], IMAGE, (99, 0))
    assert PixelGradientExplorer(models["valid"], np.zeros((99, 99))).point == panel.point


def test_the_pixel_under_an_output_pixel():
    assert under(uv.trace(SPEC), 0, 0) == ((60 - SPEC_OUT[0]) // 2, (76 - SPEC_OUT[1]) // 2)
    source = keras.Input((12, 12, 1))
    coarse = layers.Conv2D(1, 1, activation="sigmoid")(layers.MaxPooling2D(3)(source))
    assert under(uv.trace_model(keras.Model(source, coarse)), 0, 2) == (1, 7)


def test_the_whole_box_is_drawn_where_no_path_has_it():
    """The deep path reaches further down, the flat one further to the right."""
    source = keras.Input((24, 24, 1))
    flat = layers.Conv2D(2, (1, 15), padding="same", activation="relu")(source)
    deep = layers.MaxPooling2D(2)(layers.Conv2D(2, (7, 1), padding="same")(source))
    deep = layers.UpSampling2D(2)(layers.Conv2D(2, 1, activation="relu")(deep))
    joined = layers.Concatenate()([flat, deep])
    model = shaken(keras.Model(source, layers.Conv2D(1, 1, activation="sigmoid")(joined)))
    panel = PixelGradientExplorer(model, np.random.default_rng(1).random((24, 24)), (12, 12))
    found = uv.receptive_field(uv.trace_model(model), 12, 12)
    assert found.input not in found.paths.values()
    marks = panel.input.marks
    assert [mark["kind"] for mark in marks] == ["window", "kept", "bottleneck", "path1"]
    assert Box(*marks[1]["box"]) == found.input
    assert marks[1]["words"] == "all paths: 100.0 %"


SPEC_OUT = uv.trace(SPEC).output_shape


def test_only_all_is_called_all():
    assert percent(1.0) == "100.0 %"
    assert percent(1 - 1e-9) == "99.99 %"
    assert percent(0.0) == "0.0 %"
    assert percent(0.0004) == "0.04 %"


def test_the_twin_without_a_kernel(panel):
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    row, column = panel.point
    assert f"output row {row}, column {column}, over the input." in bundle["text/markdown"]
    assert "outside: 0" in bundle["text/markdown"]
