"""The microscope as a panel, without a browser."""

import keras
import numpy as np
import pytest
from keras import layers

import unetviz as uv
from unetviz.widgets.explorers.microscope.explorer import Microscope
from unetviz.widgets.explorers.microscope.words import adding_up

pytestmark = pytest.mark.keras
SPEC = uv.PAPER.replace(input_size=92, depth=2, base_filters=12)
IMAGE = np.random.default_rng(3).random((120, 130))


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    return uv.build(SPEC)


@pytest.fixture
def panel(model):
    return Microscope(model, IMAGE, step="enc1_conv2", point=(4, 5))


def numbers(grid):
    return np.array([[float(text) for text in line] for line in grid["rows"]])


def products_of(panel):
    names = [grid["name"] for grid in panel.grids.grids]
    assert names == ["in", "kernel", "products"]
    return [numbers(grid) for grid in panel.grids.grids]


def test_it_begins_at_the_first_convolution(model):
    panel = Microscope(model, IMAGE)
    assert panel.step == "enc1_conv1"
    assert list(panel.steps.options) == [step.name for step in uv.trace(SPEC)]
    numbers = panel._specimen.maps["enc1_conv1"][..., panel.channel]
    assert numbers[panel.point] == numbers.max()


def test_what_is_shown_is_the_window_times_the_kernel(panel, model):
    source = panel.source.value
    patch, kernel, products = products_of(panel)
    found = uv.feature_maps(model, panel._image, ["enc1_conv1"])["enc1_conv1"]
    weights = model.get_layer("enc1_conv2").get_weights()[0]
    assert patch == pytest.approx(found[4:7, 5:8, source], rel=6e-3)
    assert kernel == pytest.approx(weights[..., source, panel.channel], rel=6e-3)
    assert products == pytest.approx(patch * kernel, rel=2e-2, abs=1e-6)
    sums = (found[4:7, 5:8].astype(float) * weights[..., panel.channel]).sum(axis=(0, 1))
    assert np.abs(sums).argmax() == source
    links = panel.grids.links
    assert [link["from"] for link in links] == ["in", "kernel"]
    assert links[0]["cells"] == [[[i, ""]] for i in range(9)]
    assert len(panel.grids.sentences) == 9


def test_the_sums_add_up_as_they_are_written(panel):
    lines = [line.split("|")[1:3] for line in panel.as_markdown().splitlines()]
    table = {line[0].strip(): line[1].strip() for line in lines if len(line) == 2}
    parts = [float(v) for k, v in table.items() if "channel " in k and "\\_conv1" in k]
    assert len(parts) == 8
    total = sum(parts) + float(table["the other 4 together"]) + float(table["bias"])
    assert total == pytest.approx(float(table["sum"]), abs=1e-9)
    assert float(table["Keras has"]) == pytest.approx(panel.calculation.keras, rel=1e-3)


def test_what_is_written_adds_up_for_random_numbers():
    generator = np.random.default_rng(0)
    for _ in range(300):
        parts = generator.normal(size=generator.integers(1, 10)) * 10.0 ** generator.integers(-6, 4)
        written, total = adding_up(parts, parts.sum())
        last = 10.0 ** -len(total.partition(".")[2])
        assert sum(map(float, written)) == pytest.approx(float(total), abs=last / 100)
        assert np.abs(np.array(written, float) - parts).max() <= last * (1 + 1e-9)


def test_another_pixel_channel_and_step(panel):
    seen = {panel.as_markdown()}
    for change in (
        lambda: setattr(panel, "point", (20, 30)),
        lambda: setattr(panel.channels, "value", (panel.channel + 1) % 12),
        lambda: setattr(panel.steps, "value", "enc1_pool"),
        lambda: setattr(panel, "step", "dec2_up"),
    ):
        change()
        assert panel.as_markdown() not in seen
        seen.add(panel.as_markdown())
        assert panel.steps.value == panel.step
        assert panel.channels.value == panel.channel
        assert tuple(panel.view.point) == panel.point
        assert "the same to rounding" in panel.note.value
        assert panel.channels.max == panel.trace[panel.step].out_shape[2] - 1


def test_only_held_pixels_count(panel):
    panel.view.held = False
    panel.view.point = [30, 31]
    assert panel.point == (4, 5)
    panel.view.held = True
    assert panel.point == (30, 31)
    panel.view.point = [30, 32]
    assert panel.point == (30, 32)
    assert panel.view.marks[1]["box"] == [30, 32, 31, 33]


def test_a_typed_input_channel_stays(panel):
    typed = (panel.source.value + 1) % 12
    before = products_of(panel)[0]
    panel.source.value = typed
    assert not panel.follow_largest.value
    assert not np.array_equal(products_of(panel)[0], before)
    panel.point = (9, 9)
    assert panel.source.value == typed
    panel.follow_largest.value = True
    assert panel.source.value == int(np.abs(panel.calculation.sums).argmax())


def test_the_winner_of_a_pool_is_marked(panel):
    panel.step = "enc1_pool"
    grid, out = panel.grids.grids
    values = numbers(grid)
    assert np.array_equal(np.array(grid["marked"]), values == values.max())
    assert float(out["rows"][0][0]) == values.max()
    assert "The largest of 4 numbers" in panel.note.value


def test_equal_numbers_of_a_pool_are_told(model):
    panel = Microscope(model, np.zeros((92, 92)), "enc1_pool", (3, 4))
    assert "4 of the 4 numbers are equally largest" in panel.note.value
    assert "the gradient goes to one of them: row 6, column 8 of enc1_conv2" in panel.note.value
    assert np.all(panel.grids.grids[0]["marked"])


def test_the_classes_of_the_head(panel):
    panel.step = "head"
    text = panel.as_markdown()
    assert "e^(sum - largest sum)" in text
    assert "| all classes |  |" in text
    assert "all 2 classes" in panel.note.value


def test_a_skip_is_copied(panel):
    panel.step, panel.point = "dec1_crop", (0, 0)
    (top, _), (left, _) = panel.trace["dec1_crop"].crop
    assert f"Copied from enc1_conv2: row {top}, column {left}" in panel.note.value


def test_wrong_input_is_told_and_changes_nothing(panel, model):
    before = panel.as_markdown()
    with pytest.raises(ValueError, match="row must be a whole number from 0 to"):
        panel.point = (400, 0)
    with pytest.raises(ValueError, match="channel must be"):
        panel.channel = 12
    with pytest.raises(KeyError, match="no step 'enc9'"):
        panel.step = "enc9"
    assert panel.as_markdown() == before
    with pytest.raises(ValueError, match="image"):
        Microscope(model, np.zeros(4))


def hostile(*names):
    """A model with windows of 9 x 9, a layer that adds up nothing, and stamps with gaps."""
    source = keras.Input((16, 16, 1), name="source")
    x = layers.Conv2D(9, 9, padding="same", activation="relu", name=names[0])(source)
    x = layers.LayerNormalization(name=names[1])(x)
    return keras.Model(source, layers.Conv2DTranspose(2, 2, strides=3, name=names[2])(x))


def test_names_are_escaped():
    panel = Microscope(hostile("<b>x", "<i>y", "<u>z"), IMAGE)
    for step, name in (("<b>x", "<b>x"), ("<i>y", "<b>x"), ("<u>z", "<i>y")):
        panel.steps.value = step
        assert panel.step == step
        for shown in (panel.table.value, panel.note.value, panel.as_markdown(), panel.still().svg):
            assert name not in shown
    assert "&lt;i&gt;y, channel" in panel.table.value


def test_what_is_no_sum_is_told_with_its_gradient():
    panel = Microscope(hostile("x", "y", "z"), IMAGE, "y")
    assert [grid["name"] for grid in panel.grids.grids] == ["in", "gradient", "out"]
    assert "LayerNormalization makes" in panel.note.value
    assert "the same to rounding" in panel.note.value
    # Of nine channels eight can be read; that of the number itself counts most.
    assert numbers(panel.grids.grids[1]).shape == (8, 1)
    assert panel.source.disabled
    slopes = panel.calculation.gradient[0, 0]
    assert np.abs(slopes).argmax() == panel.channel
    assert numbers(panel.grids.grids[1])[0, 0] == pytest.approx(slopes[panel.channel], rel=6e-3)


def test_large_kernels_show_what_can_be_read():
    panel = Microscope(hostile("x", "y", "z"), IMAGE, "x", (0, 0))
    patch, _, _ = products_of(panel)
    # Nine taps each way; at the corner four of them are padding.
    assert patch.shape == (5, 5)
    assert "56 of the 81 pixels of the window are outside" in panel.note.value
    panel.point = (8, 8)
    assert products_of(panel)[0].shape == (8, 8)
    assert "8 x 8 of 9 x 9" in panel.note.value


def test_a_pixel_that_no_stamp_reaches():
    panel = Microscope(hostile("x", "y", "z"), IMAGE, "z", (2, 2))
    assert "No stamp of an input reaches this pixel" in panel.note.value
    assert len(panel.grids.grids) == 1


def test_the_twin_without_a_kernel(panel):
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert f"row 4, column 5: {panel.calculation.value:.4g}" in bundle["text/markdown"]
