"""The panel of the gradient check, without a browser: against plain TensorFlow."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from support.panels import shaken

import unetviz as uv
from unetviz.labs.synthetic.examples import validation_images
from unetviz.nets.backprop.kernels import WeightCheck
from unetviz.widgets.explorers.backprop.gradient_check import (
    GradientCheckExplorer,
    relative,
    sentences,
)

pytestmark = pytest.mark.keras
SPEC = uv.UNetSpec((28, 36), depth=1, base_filters=3)
IMAGE = validation_images(SPEC.input_size, 1)[0]


@pytest.fixture(scope="module")
def model():
    return shaken(uv.build(SPEC, seed=1))


@pytest.fixture
def panel(model):
    return GradientCheckExplorer(model, IMAGE)


def middle(model, mask):
    height, width = model.output_shape[1:3]
    top, left = (mask.shape[0] - height) // 2, (mask.shape[1] - width) // 2
    return mask[top : top + height, left : left + width]


def loss_of(model, sample):
    """The mean of -log p(right class), written straight."""
    probabilities = model(sample.image[np.newaxis, ..., np.newaxis], training=False)[0]
    if probabilities.shape[-1] == 1:
        probabilities = tf.concat([1 - probabilities, probabilities], axis=-1)
    right = middle(model, sample.mask)[..., np.newaxis] == np.arange(probabilities.shape[-1])
    return -tf.reduce_mean(tf.math.log(tf.boolean_mask(probabilities, right)))


def gradient_of(model, layer):
    kernel = model.get_layer(layer).kernel.value
    with tf.GradientTape() as tape:
        loss = loss_of(model, IMAGE)
    return tape.gradient(loss, kernel).numpy()


def numbers(grid):
    return np.array([[float(text) for text in line] for line in grid["rows"]])


def shown(panel):
    """Both grids as numbers, the gradients without the power of ten that was taken out."""
    weights, gradients = panel.grids.grids
    power = re.search(r"10\^(-?\d+)", gradients["title"])
    return numbers(weights), numbers(gradients) * 10.0 ** int(power[1] if power else 0)


def told(panel):
    """Row, column, input channel, filter and the two gradients of the first sentence."""
    pattern = (
        r"row (\d+), column (\d+), input channel (\d+), filter (\d+): analytic (?:(\S+), "
        r"numeric (\S+?), in float64: |and numeric are both exactly 0)"
    )
    *place, analytic, numeric = re.search(pattern, panel.note.value).groups()
    return tuple(map(int, place)), float(analytic or 0), float(numeric or 0)


def in_order(layer, array):
    """A kernel with its axes as they are shown: rows, columns, input channel, filter."""
    return array.swapaxes(2, 3) if layer == "dec1_up" else array


@pytest.mark.parametrize("layer", ["enc1_conv1", "enc1_conv2", "dec1_up", "dec1_conv1", "head"])
def test_the_grids_are_slices_of_the_kernel_and_of_its_gradient(model, layer):
    panel = GradientCheckExplorer(model, IMAGE, layer)
    kernel = in_order(layer, np.asarray(model.get_layer(layer).kernel))
    gradient = in_order(layer, gradient_of(model, layer))
    assert abs(gradient[panel.place]) == pytest.approx(np.abs(gradient).max(), rel=1e-5)
    assert (panel.source.max + 1, panel.filter.max + 1) == kernel.shape[2:]
    corners = {(0, kernel.shape[3] - 1), (kernel.shape[2] - 1, 0)}
    for source, output in {panel.place[2:]} | corners:
        panel.source.value, panel.filter.value = source, output
        weights, gradients = shown(panel)
        assert weights == pytest.approx(kernel[..., source, output], rel=6e-3)
        assert gradients == pytest.approx(gradient[..., source, output], rel=6e-3, abs=1e-7)
        place, analytic, numeric = told(panel)
        assert place[2:] == (source, output)
        assert analytic == pytest.approx(gradient[place], rel=1e-4, abs=1e-7)
        assert numeric == pytest.approx(gradient[place], rel=1e-3, abs=1e-7)


def test_each_cell_is_checked_when_it_is_stepped_to(panel, model):
    gradient = gradient_of(model, "enc1_conv1")
    assert panel.grids.main == "weights"
    assert panel.grids.links[0]["cells"] == [[[i, ""]] for i in range(9)]
    for step in (8, 0, 5, 1):
        panel.grids.step = step
        assert panel.place[:2] == divmod(step, 3)
        place, analytic, numeric = told(panel)
        assert place == panel.place
        assert analytic == pytest.approx(gradient[place], rel=1e-4)
        assert numeric == pytest.approx(gradient[place], rel=1e-3)
        assert f"Row {place[0]}, column {place[1]}: w =" in panel.grids.sentences[step]


def test_the_losses_are_those_of_a_network_with_the_weight_moved(panel, model):
    panel.step.value = 0.1
    copy = keras.models.clone_model(model)
    losses = []
    for sign in (1, -1):
        copy.set_weights(model.get_weights())
        kernel, bias = copy.get_layer("enc1_conv1").get_weights()
        kernel[panel.place] += sign * 0.1
        copy.get_layer("enc1_conv1").set_weights([kernel, bias])
        losses.append(float(loss_of(copy, IMAGE)))
    pattern = r"L\(w \+ e\) = ([\d.]+), L\(w - e\) = ([\d.]+)\."
    found = re.search(pattern, panel.note.value).groups()
    assert [float(text) for text in found] == pytest.approx(losses, rel=1e-5)
    assert all(len(text) >= 12 for text in found)
    numeric = (losses[0] - losses[1]) / 0.2
    assert told(panel)[2] == pytest.approx(numeric, rel=1e-3, abs=1e-5)


def test_the_table_compares_all_with_float64(panel):
    cells = [line.split("|")[1:4] for line in panel.as_markdown().splitlines()]
    table = {row[0].strip(): row[1:] for row in cells if len(row) == 3 and "float" in row[0]}
    assert len(table) == 4
    values = {name: float(row[0]) for name, row in table.items()}
    reference = values.pop("numeric: (L(w + e) - L(w - e)) / 2e, float64")
    for name, value in values.items():
        off, written = abs(value - reference) / abs(reference), table[name][1].strip()
        expected = float(written[:-2]) / 100 if written.endswith("%") else float(written)
        assert expected == pytest.approx(off, rel=0.06, abs=1e-8)
    assert panel.table.value.count("<tr") == 5
    assert panel.still() is None


def test_a_step_that_is_too_large_or_too_small_is_told(panel):
    assert "\u2713" in panel.note.value
    panel.step.value = 0.1
    assert "they differ by" in panel.note.value
    assert "Try a smaller e." in panel.note.value
    panel.step.value = 1e-6
    assert "\u2713" in panel.note.value
    panel.step.value = 1e-12
    assert "They are the same number, so the numeric gradient is 0." in panel.note.value


def made(**changes):
    values = {
        "layer": "conv",
        "index": (0, 0, 0, 0),
        "value": 0.5,
        "step": 1e-6,
        "analytic": 1.0,
        "analytic64": 1.0,
        "numeric64": 1.0,
        "numeric32": 2.0,
        "losses64": (1.0, 1.0),
        "losses32": (1.0, 0.5),
    }
    return sentences(WeightCheck(**values | changes), (0, 0, 0, 0), 9)


def test_what_is_said_of_checks_that_do_not_agree():
    assert "analytic 1, numeric 1, in float64: the same to 0." in made()[0]
    assert "Try a larger e." in made(numeric64=1.1, step=1e-12)[1]
    assert "The backward pass in float32 is off by 20 %" in made(analytic=1.2)[3]
    assert "the loss has a kink" in made(numeric64=1.1)[1]
    assert "it is off by 100 %" in made()[2]
    assert "L(w + e) = 1.23456789012e-07" in made(losses64=(1.234567890123e-7, 1.0))[1]
    assert "enough digits" in made(numeric32=1.0)[2]
    dead = made(analytic=0.0, analytic64=0.0, numeric64=0.0, numeric32=0.0)
    assert "both exactly 0" in dead[0]
    assert dead[-1].endswith(
        "for the 9 weights of this kernel 18. One backward pass gives them all."
    )


def test_relative_differences_are_short():
    assert [relative(part) for part in (9.99e-4, 1e-3, 0.5, 81.0)] == [
        "1.0e-03",
        "0.1 %",
        "50 %",
        "8100 %",
    ]


def test_another_layer_begins_at_its_largest_gradient(panel, model):
    panel.layers.value = "dec1_conv2"
    gradient = gradient_of(model, "dec1_conv2")
    assert panel.layer == "dec1_conv2"
    assert abs(gradient[panel.place]) == pytest.approx(np.abs(gradient).max(), rel=1e-5)
    panel.layer = "dec1_up"
    assert panel.layers.value == "dec1_up"
    assert panel.place[3] == panel.filter.value == panel.check.index[2]


def test_wrong_input_is_told_and_changes_nothing(panel, model):
    before = panel.as_markdown(), panel.layers.value, panel.grids.step
    with pytest.raises(ValueError, match=r"index\[2\] must be a whole number from 0 to 0"):
        panel.place = (0, 0, 1, 0)
    with pytest.raises(KeyError, match="no kernel in a layer 'enc9'"):
        panel.layer = "enc9"
    panel.filter.value = 99
    assert panel.filter.value == panel.place[3] == 2
    panel.filter.value = -4
    assert panel.filter.value == panel.place[3] == 0
    panel.place = panel._swapped("enc1_conv1", (*divmod(before[2], 3), 0, 0))
    assert (panel.layers.value, panel.grids.step) == before[1:]
    with pytest.raises(TypeError, match=r"an image with its mask, such as .* not ndarray"):
        GradientCheckExplorer(model, IMAGE.image)
    with pytest.raises(ValueError, match="the image has 30 x 30"):
        GradientCheckExplorer(model, validation_images(30, 1)[0])
    with pytest.raises(KeyError, match="no kernel in a layer 'x'"):
        GradientCheckExplorer(model, IMAGE, "x")
    linear = uv.build(SPEC.replace(final_activation="linear"))
    with pytest.raises(ValueError, match="does not give probabilities"):
        GradientCheckExplorer(linear, IMAGE)
    source = keras.Input((28, 36, 1))
    bare = keras.Model(source, layers.Activation("sigmoid")(source))
    with pytest.raises(ValueError, match="no layer with a kernel of four axes"):
        GradientCheckExplorer(bare, IMAGE)


def test_large_kernels_are_cut_and_names_are_escaped():
    source = keras.Input((28, 36, 1), name="source")
    x = layers.Conv2D(2, 11, padding="same", activation="relu", name="<b>x")(source)
    model = shaken(keras.Model(source, layers.Conv2D(1, 1, activation="sigmoid", name="y")(x)))
    panel = GradientCheckExplorer(model, IMAGE)
    panel.place = (10, 0, 0, 1)
    weights, _ = shown(panel)
    kernel = np.asarray(model.get_layer("<b>x").kernel)
    assert weights == pytest.approx(kernel[3:11, 0:8, 0, 1], rel=6e-3)
    assert "rows 3 to 10 and columns 0 to 7 of 11 x 11" in panel.grids.grids[0]["title"]
    assert panel.grids.step == 7 * 8
    panel.grids.step = 0
    assert panel.place == (3, 0, 0, 1)
    assert "<b>x" not in panel.note.value + panel.table.value + panel.as_markdown()
    assert "&lt;b&gt;x, row 3" in panel.note.value
    assert told(panel)[1] == pytest.approx(gradient_of(model, "<b>x")[3, 0, 0, 1], rel=1e-4)
