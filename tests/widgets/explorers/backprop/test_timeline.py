"""The timeline that runs forward and back: moments, drawings, words."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf

import unetviz as uv
from unetviz.nets.training.steps import weighted_loss
from unetviz.widgets.explorers.backprop.examples import LOSS_RULE, example_of
from unetviz.widgets.explorers.backprop.timeline import (
    BackwardExplorer,
    clipped,
    consumers,
    reason,
)

pytestmark = pytest.mark.keras
SPEC = uv.UNetSpec(44, depth=2, base_filters=2)


@pytest.fixture(scope="module")
def model():
    return uv.build(SPEC, seed=1)


@pytest.fixture(scope="module")
def sample():
    return uv.synthetic_cells(44, seed=3)


@pytest.fixture(scope="module")
def made(model, sample):
    return BackwardExplorer(model, sample)


@pytest.fixture
def panel(made):
    """The same panel for all tests, at its first moment: a fresh one takes seconds."""
    made.step = 0
    return made


def expected_gradients(model, sample, names):
    """The same by a tape in eager mode, one layer after the other."""
    trace = uv.trace(SPEC)
    image = tf.constant(sample.image[np.newaxis, ..., np.newaxis])
    top = (44 - trace.output_shape[0]) // 2
    mask = sample.mask[np.newaxis, top : 44 - top, top : 44 - top]
    maps = {"input": image}
    with tf.GradientTape() as tape:
        tape.watch(image)
        for step in trace.steps[1:]:
            given = [maps[name] for name in step.inputs]
            maps[step.name] = model.get_layer(step.name)(given if len(given) > 1 else given[0])
        loss = weighted_loss(maps["head"], mask)
    found = tape.gradient(loss, [maps[name] for name in names])
    return float(loss), {name: one.numpy()[0] for name, one in zip(names, found, strict=True)}


def test_every_moment_of_the_way(panel, model, sample):
    names = [step.name for step in uv.trace(SPEC)]
    loss, gradients = expected_gradients(model, sample, names)
    count = len(names)
    said = uv.nets.predict_image(model, sample.image)
    top = (44 - len(said)) // 2
    scores = (said - np.eye(2)[sample.mask[top : 44 - top, top : 44 - top]]) / len(said) ** 2
    assert len(panel.steps.steps["name"]) == 2 * count + 1
    for moment in range(2 * count + 1):
        panel.step = moment
        assert "should not happen" not in panel.note.value
        shown = panel.view.names[panel.view.step]
        if moment == count:
            assert shown == " loss"
            assert f"The loss is {loss:.4f}" in panel.steps.steps["reason"][moment]
            assert "the arrows turn round" in panel.note.value
            continue
        name = names[moment] if moment < count else names[2 * count - moment]
        assert panel.name == shown == name
        if moment < count:
            assert "channel" in panel.large.marks[0]["words"]
            continue
        norm = np.linalg.norm(gradients[name] if name != "head" else scores)
        assert f"length (norm) {norm:.2e}" in panel.note.value
        visible = [t.value for t, g in panel.examples if g.layout.display != "none"]
        kinds = {example_of(step.operation) for step in consumers(panel.trace, name)} or {"loss"}
        assert len(visible) == len(kinds)


def test_the_arrows_turn_round_at_the_loss_and_nowhere_else(panel):
    count = len(uv.trace(SPEC))
    drawings = []
    for moment in (0, 5, count - 1, count, count + 1, 2 * count):
        panel.step = moment
        drawings.append(panel.view.svg)
    assert len(set(drawings[:3])) == len(set(drawings[3:])) == 1
    assert drawings[0] != drawings[-1]
    assert "strided convolution" in drawings[-1]
    assert "strided convolution" not in drawings[0]


def test_keys_in_the_drawing_lead_across_the_turn(panel):
    count = len(uv.trace(SPEC))
    panel.step = count - 1
    panel.view.step += 1  # as ArrowRight does
    assert panel.step == count
    panel.view.step += 1
    assert panel.step == count + 1
    panel.view.step -= 1
    panel.view.step -= 1
    assert panel.step == count - 1
    assert panel.view.names[panel.view.step] == "head"


def test_a_click_in_the_drawing(panel):
    count = len(uv.trace(SPEC))
    panel.view.step = panel.view.names.index("enc2_conv1")
    assert (panel.name, panel.step < count) == ("enc2_conv1", True)
    panel.step = 2 * count
    panel.view.step = panel.view.names.index("enc2_conv2")
    assert (panel.name, panel.step > count) == ("enc2_conv2", True)
    said = panel.steps.steps["reason"][panel.step]
    assert panel.trace["enc2_pool"].operation.backward in said
    assert panel.trace["dec2_crop"].operation.backward in said
    assert "2 ways lead here" in said


def test_each_example_is_of_the_operation_itself():
    for spec, name, kind in (
        (uv.PAPER, "dec1_up", "upconv"),
        (uv.PAPER, "enc1_conv1", "conv_valid"),
        (uv.PAPER, "dec1_crop", "crop"),
        (uv.PAPER, "head", "pointwise_conv"),
        (uv.PAPER.replace(dilation=2), "enc1_conv1", None),
        (uv.DOCUMENT, "dec4_upsample", "upsample"),
        (uv.DOCUMENT, "dec4_up", "conv_same"),
        (uv.DOCUMENT, "enc4_dropout", "dropout"),
        (uv.FCNSpec(64, stride=16), "dec5_add", "add"),
    ):
        assert example_of(uv.trace(spec)[name].operation) == kind, name


def test_the_first_and_the_last_word(model):
    trace = uv.trace_model(model)
    assert LOSS_RULE in reason(trace, "head")
    assert trace["input"].operation.backward in reason(trace, "input")


def test_average_pooling_and_padding_of_other_people():
    source = keras.Input((8, 8, 1))
    maps = keras.layers.ZeroPadding2D(1, name="wide")(source)
    maps = keras.layers.AveragePooling2D(2, name="mean")(maps)
    maps = keras.layers.Conv2DTranspose(2, 3, strides=2, padding="same", name="up")(maps)
    found = uv.trace_model(keras.Model(source, maps))
    told = {name: reason(found, found[name].inputs[0]) for name in ("mean", "wide", "up")}
    assert len(set(told.values())) == 3
    for name, words in told.items():
        assert found[name].operation.backward in words
    assert [example_of(found[name].operation) for name in ("mean", "wide")] == [None, None]


def test_a_few_large_numbers_do_not_hide_the_others():
    values = np.random.default_rng(0).normal(size=(50, 50))
    values[0, 0] = 1e6
    found = clipped(values)
    assert found.max() < 4
    np.testing.assert_array_equal(found[np.abs(values) < 2], values[np.abs(values) < 2])
    np.testing.assert_array_equal(clipped(np.zeros((3, 3))), 0)


def test_wrong_input(model, sample):
    with pytest.raises(ValueError, match="must have a mask"):
        BackwardExplorer(model, sample.image)
    with pytest.raises(ValueError, match="the model takes 44 x 44 pixels"):
        BackwardExplorer(model, uv.synthetic_cells(60, seed=0))
    with pytest.raises(ValueError, match="step must be a whole number from 0 to"):
        BackwardExplorer(model, sample, step=1000)


def test_the_twins_where_no_kernel_runs(panel):
    text = panel.as_markdown()
    for step in uv.trace(SPEC):
        assert step.name.replace("_", "\\_") in text
    assert panel.still().png().startswith(b"\x89PNG")
    assert "backwards" in panel.still().caption


def test_random_moments_keep_everything_together(panel):
    chance = random.Random(5)
    count = len(uv.trace(SPEC))
    for _ in range(40):
        if chance.random() < 0.5:
            panel.step = chance.randrange(2 * count + 1)
        else:
            panel.view.step = chance.randrange(len(panel.view.names))
        assert "should not happen" not in panel.note.value
        assert ("strided convolution" in panel.view.svg) == (panel.step >= count)
        assert panel.view.names[panel.view.step].strip() in (panel.name, "loss")
