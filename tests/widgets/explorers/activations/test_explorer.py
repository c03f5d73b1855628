"""The explorer of feature maps, without a browser: what it shows against Keras and matplotlib."""

import base64
import re
import xml.etree.ElementTree as ElementTree

import keras
import numpy as np
import pytest
import tifffile
from keras import layers
from matplotlib import colormaps
from matplotlib.colors import Normalize
from skimage.transform import resize_local_mean
from support.foreign_models import MODELS, foreign_models
from support.image_files import saved
from support.panels import decoded, pixels, shaken

import unetviz as uv
from unetviz.labs.images.arrays import fitted
from unetviz.widgets.explorers.activations.explorer import ActivationExplorer

pytestmark = pytest.mark.keras
SPEC = uv.UNetSpec((156, 140), depth=2, base_filters=5)
KEPT = "What was shown before is still shown."
UNFOLDED = ("nested", "called_twice")
"""Models inside models: their inner maps cannot be read."""


def noise(*shape, seed=0):
    return np.random.default_rng(seed).random(shape)


def grey_bytes(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.fixture(scope="module")
def networks():
    return {
        "one": shaken(uv.build(SPEC, seed=1), 2),
        "<b>two</b>": shaken(uv.build(SPEC.replace(depth=1), seed=3), 4),
    }


@pytest.fixture(scope="module")
def images():
    return {
        "noise": grey_bytes(*SPEC.input_size),
        "large, in colour": noise(400, 300, 3),
        "small <i>": noise(60, 70),
    }


@pytest.fixture(scope="module")
def made(networks, images, tmp_path_factory):
    return ActivationExplorer(networks, images, tmp_path_factory.mktemp("empty"))


@pytest.fixture
def panel(made):
    """The same panel for all tests, as it began: a fresh one takes a second."""
    made.network.value, made.images.list.value = "one", "noise"
    made.map.value, made.channels.scale.value = "head", "channel"
    made.map.value = "enc1_conv1"
    return made


@pytest.fixture(scope="module")
def small_panel(tmp_path_factory):
    """A panel of a tiny network, for tests that try many choices of files."""

    def make():
        folder = tmp_path_factory.mktemp("files")
        model = shaken(uv.build(uv.UNetSpec((28, 36), depth=1, base_filters=2), seed=1))
        given = {"noise": grey_bytes(28, 36), "small <i>": noise(20, 24)}
        return ActivationExplorer({"one": model}, given, folder), folder

    return make


def kept(panel):
    """What must not change where something is refused."""
    return (
        panel.network.value,
        panel.images.list.value,
        panel.map.value,
        panel.drawing.svg,
        panel.channels.sheet.image,
        panel.channels.view.image,
        panel.as_markdown(),
    )


def refused(panel):
    """The note, which must be an error of the ordinary kind."""
    assert "\u2717 " in panel.note.value
    assert "should not happen" not in panel.note.value
    assert KEPT in panel.note.value
    return panel.note.value


def said(panel):
    """The sentences in the note, which must not be an error."""
    assert "\u2717 " not in panel.note.value
    return re.findall(r"<(?:b|p[^>]*)>(.*?)</(?:b|p)>", panel.note.value)


def plain_maps(model, image, names):
    """The maps of layers by a plain model of Keras, called without a graph of its own."""
    part = keras.Model(model.inputs, {name: model.get_layer(name).output for name in names})
    found = part(np.asarray(image, np.float32)[np.newaxis], training=False)
    return {name: keras.ops.convert_to_numpy(found[name])[0] for name in names}


def assert_colours(shown, values, low, high, colours):
    """The colours of matplotlib, but for rounding, which may choose the next of 256."""
    expected = 255 * colormaps[colours](Normalize(low, high, clip=True)(values))[..., :3]
    assert shown.shape == expected.shape
    assert np.abs(shown - expected).max() <= 6


def assert_own_scale(shown, values, signed=None):
    """Numbers in the colours of their own scale: around 0 if there are negative ones."""
    furthest = max(float(np.abs(values).max()), 1e-12)
    if values.min() < 0 if signed is None else signed:
        assert_colours(shown, values, -furthest, furthest, "RdBu_r")
    else:
        assert_colours(shown, values, 0, furthest, "viridis")


def in_drawing(panel):
    """The small images of the drawing, by the names of their maps."""
    texts = re.findall(r'data:image/png;base64,([^"]+)', panel.drawing.svg)
    given = panel._thumbnails
    assert sorted(texts) == sorted(base64.b64encode(png).decode() for png in given.values())
    return {name: decoded(png) for name, png in given.items()}


def check_drawing(panel, model, image):
    """Every map of the drawing shows the channel that varies most, of the first 16."""
    found = in_drawing(panel)
    ends = panel.trace.steps[0].name, panel.trace.steps[-1].name
    for name, values in plain_maps(model, image, list(found)).items():
        shown = found[name]
        small = resize_local_mean(values[..., :16].astype(float), shown.shape[:2])
        if name in ends:
            last = small[..., -1]
            assert_colours(shown, last, last.min(), last.max() + 1e-12, "gray")
        else:
            assert_own_scale(shown, small[..., small.std(axis=(0, 1)).argmax()])
    return found


def test_each_map_of_the_drawing_shows_its_most_variable_channel(panel, networks, images):
    found = check_drawing(panel, networks["one"], images["noise"][..., np.newaxis] / 255)
    with_maps = {s.name for s in uv.trace(SPEC) if s.kind in ("conv", "pool", "upconv", "crop")}
    assert with_maps <= set(found)
    assert max(found["enc1_conv1"].shape[:2]) == 64
    deepest = uv.trace(SPEC)["bottleneck_conv2"].out_shape
    assert found["bottleneck_conv2"].shape[:2] == deepest[:2]
    assert panel.drawing.names == [step.name for step in uv.trace(SPEC)]
    assert panel.drawing.revealed >= len(panel.drawing.names) - 1
    assert not panel.drawing.fading
    assert list(panel.map.options) == panel.drawing.names


def test_only_the_first_16_channels_are_looked_at(tmp_path):
    source = keras.Input((24, 24, 1))
    wide = layers.Conv2D(40, 3, padding="same", name="wide")(source)
    model = keras.Model(source, layers.Conv2D(1, 1, activation="sigmoid", name="end")(wide))
    kernel, bias = model.get_layer("wide").get_weights()
    kernel[..., 16:] *= 50
    model.get_layer("wide").set_weights([kernel, bias])
    image = noise(24, 24, 1)
    panel = ActivationExplorer({"wide": model}, {"noise": image}, tmp_path, step="wide")
    check_drawing(panel, model, image)
    # Below the drawing all of them count.
    values = plain_maps(model, image, ["wide"])["wide"]
    assert panel.channels.channel.value == values.std(axis=(0, 1)).argmax() >= 16


def test_it_begins_with_the_first_map_that_has_weights(networks, images, tmp_path):
    panel = ActivationExplorer(networks, images, tmp_path)
    assert panel.map.value == panel.drawing.names[panel.drawing.step] == "enc1_conv1"
    other = ActivationExplorer(networks, images, tmp_path, step="dec1_conv2")
    assert other.map.value == other.drawing.names[other.drawing.step] == "dec1_conv2"
    assert ActivationExplorer(networks, images, tmp_path, step="none").map.value == "enc1_conv1"


def test_other_images_are_fitted(panel, networks, images):
    drawings = {panel.drawing.svg}
    for name in ("large, in colour", "small <i>"):
        panel.images.list.value = name
        drawings.add(panel.drawing.svg)
        expected = fitted(images[name], (*SPEC.input_size, 1))
        np.testing.assert_allclose(panel.image, expected, atol=1e-6)
        check_drawing(panel, networks["one"], expected)
        assert f"makes of {name}" in panel.caption()
    assert len(drawings) == 3


@pytest.mark.parametrize("channels", [1, 3])
def test_networks_of_grey_and_of_colours(tmp_path, channels):
    spec = uv.DOCUMENT.replace(
        input_size=(32, 48), input_channels=channels, base_filters=2, depth=2, dropout=0.5
    )
    model = uv.build(spec, seed=1)
    given = {"grey": noise(32, 48), "colour": noise(32, 48, 3), "small": noise(30, 50, 3)}
    panel = ActivationExplorer({"a": model}, given, tmp_path)
    for name, numbers in given.items():
        panel.images.list.value = name
        assert panel.image.shape == (32, 48, channels)
        if name != "small":
            own = numbers if numbers.ndim == 3 else numbers[..., np.newaxis]
            expected = own.mean(axis=-1, keepdims=True) if channels == 1 else own
            np.testing.assert_allclose(
                panel.image, np.broadcast_to(expected, panel.image.shape), atol=1e-6
            )
        check_drawing(panel, model, panel.image)


def test_another_network_keeps_the_step_where_it_can(panel, networks, images):
    panel.map.value = "bottleneck_conv1"
    panel.network.value = "<b>two</b>"
    assert panel.model is networks["<b>two</b>"]
    image = images["noise"][..., np.newaxis] / 255
    check_drawing(panel, panel.model, image)
    assert panel.map.value == "bottleneck_conv1"
    assert list(panel.map.options) == [step.name for step in uv.trace(SPEC.replace(depth=1))]
    panel.network.value = "one"
    panel.map.value = "enc2_conv1"
    panel.network.value = "<b>two</b>"
    assert panel.map.value == panel.drawing.names[panel.drawing.step] == "enc1_conv1"


def test_a_click_on_a_map_shows_its_channels(panel, networks, images):
    image = images["noise"][..., np.newaxis] / 255
    names = ("head", "dec1_concat", "enc1_pool", "input", "dec2_crop")
    for name, values in plain_maps(networks["one"], image, names).items():
        panel.drawing.step = panel.drawing.names.index(name)
        assert panel.map.value == name
        height, width, channels = values.shape
        assert said(panel)[0].startswith(f"{name}: ")
        assert f"{height} x {width} pixels, {channels} channels" in said(panel)[0]
        np.testing.assert_allclose(panel.channels.maps, values, atol=1e-5)
        most = values.std(axis=(0, 1)).argmax()
        assert panel.channels.channel.value == most
        assert panel.channels.channel.max == channels - 1
        assert panel.channels.sheet.chosen() == (most, 0)
        assert f"channel {most} of {name}," in panel.channels.view.marks[0]["words"]
        assert panel.channels.view.area == [0, 0, height, width]
        for view in (panel.channels.sheet, panel.channels.view):
            assert view.size[1] * view.zoom <= 410


def cell(panel, channel):
    """The pixels of a channel in the sheet, and where they begin: rows of a square sheet."""
    sheet = pixels(panel.channels.sheet)
    count = panel.channels.maps.shape[2]
    columns = int(np.ceil(count**0.5))
    height = (sheet.shape[0] + 2) // -(-count // columns) - 2
    width = (sheet.shape[1] + 2) // columns - 2
    top, left = channel // columns * (height + 2), channel % columns * (width + 2)
    return sheet[top : top + height, left : left + width], (top, left)


def test_the_sheet_shows_every_channel_in_its_place(panel, networks, images):
    image = images["noise"][..., np.newaxis] / 255
    names = ("input", "enc1_conv1", "bottleneck_conv2", "dec2_up", "head")
    for name, values in plain_maps(networks["one"], image, names).items():
        panel.map.value = name
        signed = bool(values.min() < 0)
        for scale in ("channel", "layer"):
            panel.channels.scale.value = scale
            for channel in range(values.shape[2]):
                shown = values[..., channel]
                furthest = np.abs(values if scale == "layer" else shown).max()
                limits = (-furthest, furthest, "RdBu_r") if signed else (0, furthest, "viridis")
                own, _ = cell(panel, channel)
                small = resize_local_mean(shown.astype(float), own.shape[:2])
                assert_colours(own, small, *limits)
                if channel % 5 == 0:
                    panel.channels.channel.value = channel
                    assert_colours(pixels(panel.channels.view), shown, *limits)
            written = re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", said(panel)[1])
            numbers = [float(number) for number in written]
            if scale == "layer":
                furthest = np.abs(values).max()
                expected = [-furthest if signed else 0, furthest]
                assert numbers == pytest.approx(expected, rel=0.01)
            else:
                assert numbers == []


def test_a_click_on_a_channel_shows_it_large(panel):
    panel.map.value = "bottleneck_conv2"
    sheet, values = panel.channels.sheet, panel.channels.maps
    for channel in (0, 7, 19, 12):
        own, (top, left) = cell(panel, channel)
        height, width = own.shape[:2]
        for row, column in ((top, left), (top + height - 1, left + width - 1)):
            panel.channels.channel.value = 3
            sheet.held = False
            # The pointer that only passes over it changes nothing.
            sheet.point = [row, column]
            assert panel.channels.channel.value == 3
            sheet.held = True
            assert panel.channels.channel.value == channel
        assert_own_scale(pixels(panel.channels.view), values[..., channel], values.min() < 0)
        low, high = values[..., channel].min(), values[..., channel].max()
        words = panel.channels.view.marks[0]["words"]
        numbers = re.fullmatch(rf"channel {channel} of \S+, (\S+) to (\S+)", words).groups()
        assert [float(n) for n in numbers] == pytest.approx([low, high], rel=0.006)


def test_a_click_behind_the_last_channel_takes_the_last(panel):
    panel.map.value = "enc1_conv1"  # 5 channels in 2 lines of 3
    height, width = panel.channels.sheet.size
    panel.channels.sheet.held = True
    panel.channels.sheet.point = [height - 1, width - 1]
    assert panel.channels.channel.value == 4
    assert panel.channels.sheet.chosen() == (4, 0)


def test_the_number_under_the_pointer_is_that_of_the_map(panel):
    for name, channel, row, column in (
        ("enc1_conv1", 3, 0, 0),
        ("enc1_conv1", 2, 153, 137),
        ("dec2_up", 1, 5, 17),
        ("head", 1, 40, 2),
    ):
        panel.map.value = name
        panel.channels.channel.value = channel
        assert "row" not in panel.channels.value.value
        panel.channels.view.point = [row, column]
        number = panel.channels.maps[row, column, channel]
        found = re.search(rf"row {row}, column {column}: (\S+?)<", panel.channels.value.value)[1]
        assert float(found) == pytest.approx(float(number), rel=0.006)


def silenced():
    """A network of which channel 1 is dead everywhere, and channel 2 is 3 everywhere."""
    source = keras.Input((20, 30, 1))
    inner = layers.Conv2D(4, 3, padding="same", activation="relu", name="inner")(source)
    model = keras.Model(source, layers.Conv2D(1, 1, activation="sigmoid", name="end")(inner))
    kernel, bias = model.get_layer("inner").get_weights()
    kernel[..., [0, 3]] = np.abs(kernel[..., [0, 3]])
    kernel[..., 2] = 0
    bias[:] = 0.1, -100, 3, 0.1
    model.get_layer("inner").set_weights([kernel, bias])
    return model


def test_dead_and_constant_channels_are_named(tmp_path):
    panel = ActivationExplorer({"a": silenced()}, {"a": noise(20, 30)}, tmp_path)
    assert panel.map.value == "inner"
    for scale in ("channel", "layer"):
        panel.channels.scale.value = scale
        dead, constant = said(panel)[2:4]
        assert "channel 1 (1 of 4)" in dead
        assert "channel 2." in constant
    assert "| 1 | 0 | 0 | 0 |\n| 2 | 3 | 3 | 3 |" in panel.as_markdown()
    assert "channel 1 (1 of 4)" in panel.as_markdown()
    assert np.ptp(cell(panel, 1)[0], axis=(0, 1)).max() == 0
    panel.map.value = "end"
    assert "channel 1" not in panel.note.value


def test_what_is_not_a_number_is_named(tmp_path):
    model = silenced()
    end = model.get_layer("end")
    end.set_weights([np.nan * weights for weights in end.get_weights()])
    panel = ActivationExplorer({"a": model}, {"a": noise(20, 30)}, tmp_path, step="end")
    assert "(NaN) in channel 0:" in panel.note.value
    assert "weights of layer 'end' are broken" in panel.as_markdown().replace("\\", "")


def look(panel):
    panel.images.look.click()


def test_an_image_file_appears_when_it_is_looked_for(small_panel):
    panel, folder = small_panel()
    numbers = grey_bytes(28, 36, 3)
    for name in ("new.png", "b.TIF", "c.jpeg", ".hidden.png", "notes.txt", "m.h5"):
        (folder / name).write_bytes(saved(numbers))
    before = panel.note.value, kept(panel)
    assert "new.png" not in panel.images.list.options
    look(panel)
    assert list(panel.images.list.options)[2:] == ["b.TIF", "c.jpeg", "new.png"]
    assert (panel.note.value, kept(panel)) == before
    panel.images.list.value = "new.png"
    grey = stretched(numbers).mean(axis=-1, keepdims=True)
    np.testing.assert_allclose(panel.image, grey, atol=1e-5)
    check_drawing(panel, panel.model, panel.image)
    assert "makes of new.png" in panel.as_markdown()


def test_an_image_file_that_is_broken_or_gone_is_refused_and_the_one_before_stays(small_panel):
    panel, folder = small_panel()
    names = ("<b>broken<b>.png", "<b>gone.png")
    (folder / names[0]).write_bytes(b"\x89PNG\r\n\x1a\n and nothing else")
    for name in (names[1], "good.png"):
        (folder / name).write_bytes(saved(grey_bytes(30, 40)))
    panel.images.list.value = "small <i>"
    look(panel)
    (folder / names[1]).unlink()
    before = kept(panel)
    for name in (names[1], names[0], names[0]):
        panel.images.list.value = name
        assert name.replace("<b>", "&lt;b&gt;") in refused(panel)
        assert "<b>" not in panel.note.value.split("<b>", 1)[1]
        assert kept(panel) == before
    assert names[1] not in panel.images.list.options
    panel.images.list.value = "good.png"
    assert said(panel)[0].startswith("enc1_conv1")
    assert panel.images.name == "good.png"
    # A file that is shown stays in the list, also if it is gone.
    (folder / "good.png").unlink()
    look(panel)
    said(panel)
    assert panel.images.list.value == panel.images.name == "good.png"


def test_a_network_file_appears_when_it_is_looked_for(networks, images, tmp_path):
    panel = ActivationExplorer(networks, images, tmp_path)
    networks["<b>two</b>"].save(tmp_path / "mine.keras")
    look(panel)
    assert list(panel.network.options) == ["one", "<b>two</b>", "mine.keras"]
    assert panel.network.value == "one"
    panel.network.value = "mine.keras"
    said(panel)
    check_drawing(panel, networks["<b>two</b>"], images["noise"][..., np.newaxis] / 255)
    assert "What mine.keras makes of noise" in panel.as_markdown()
    # A network that is known stays, also when its file is gone.
    (tmp_path / "mine.keras").unlink()
    look(panel)
    assert panel.network.value == "mine.keras"
    panel.network.value = "one"
    panel.network.value = "mine.keras"
    said(panel)


def dense_classifier():
    source = keras.Input((16, 16, 1))
    x = layers.Flatten()(layers.Conv2D(2, 3)(source))
    return keras.Model(source, layers.Dense(3, activation="softmax")(x))


def open_size():
    source = keras.Input((None, None, 1))
    return keras.Model(source, layers.Conv2D(1, 3, padding="same")(source))


def two_inputs():
    first, second = keras.Input((16, 16, 1)), keras.Input((16, 16, 1))
    return keras.Model([first, second], layers.concatenate([first, second]))


def four_channels():
    source = keras.Input((16, 16, 4))
    return keras.Model(source, layers.Conv2D(1, 3, padding="same")(source))


def test_a_network_that_cannot_be_shown_is_refused(networks, images, tmp_path):
    panel = ActivationExplorer(networks, images, tmp_path)
    found = {"broken": "no model could be loaded"}
    (tmp_path / "broken<b>.keras").write_bytes(b"this is no zip file")
    for build, words in (
        (dense_classifier, "[Ff]latten"),
        (two_inputs, "2 inputs"),
        (four_channels, "cannot be given 4"),
    ):
        found[build.__name__] = words
        build().save(tmp_path / f"{build.__name__}<b>.keras")
    panel.map.value = "enc2_conv1"
    look(panel)
    before = kept(panel), panel.model
    for name, words in found.items():
        panel.network.value = f"{name}<b>.keras"
        assert re.search(words, refused(panel))
        assert f"{name}<b>" not in panel.note.value
        assert (kept(panel), panel.model) == before
    # It can be chosen again, and others too.
    panel.network.value = "broken<b>.keras"
    refused(panel)
    panel.map.value = "head"
    said(panel)
    panel.network.value = "<b>two</b>"
    said(panel)


def test_a_network_of_open_size_takes_that_of_the_image(networks, images, tmp_path):
    open_size().save(tmp_path / "open.keras")
    panel = ActivationExplorer(networks, images, tmp_path)
    panel.network.value = "open.keras"
    said(panel)
    shape = panel.images.image.shape[:2]
    assert all(n - 2 < own <= n for own, n in zip(panel.image.shape, shape, strict=False))
    assert panel.trace.steps[0].out_shape == panel.image.shape
    model = uv.nets.load_model(tmp_path / "open.keras")
    panel.map.value = panel.trace.steps[-1].name
    expected = model.predict_on_batch(panel.image[np.newaxis])[0]
    np.testing.assert_allclose(panel.channels.maps, expected, atol=1e-6)


def pick(panel, name, content, size=None):
    """What the browser does: the content first, then the name and the size."""
    picker = panel.images.picker
    picker.set_state({"content": memoryview(content)})
    number = picker.picked.get("number", 0) + 1
    size = len(content) if size is None else size
    picker.set_state({"picked": {"name": name, "size": size, "number": number}})


def stretched(image):
    low, high = np.percentile(image, [1, 99.8])
    return np.clip((image.astype(float) - low) / (high - low), 0, 1)


def test_an_image_of_ones_own_is_stretched_and_the_switch_undoes_it(small_panel):
    panel, folder = small_panel()
    numbers = grey_bytes(28, 36) * np.uint16(16)
    tifffile.imwrite(folder / "dim.tif", numbers)
    look(panel)
    panel.images.list.value = "dim.tif"
    for is_stretched in (True, False, True):
        panel.images.stretch.value = is_stretched
        expected = stretched(numbers) if is_stretched else numbers / 65535
        np.testing.assert_allclose(panel.image[..., 0], expected, atol=1e-5)
        words = f"{numbers.min()} to {numbers.max()} of 0 to 65535 (uint16)"
        assert any(words in sentence for sentence in said(panel))
        assert words in panel.as_markdown()
    # An image of the lesson stays as it is, and nothing is said of its range.
    panel.images.list.value = "noise"
    assert panel.images.stretch.value
    np.testing.assert_allclose(panel.image[..., 0], grey_bytes(28, 36) / 255, atol=1e-5)
    assert not any("of 0 to" in sentence for sentence in said(panel))


def test_an_image_of_ones_own(small_panel):
    panel, _ = small_panel()
    numbers = grey_bytes(28, 36)
    words = "your file: mine<b>.png"
    # The same name again, with other pixels in it.
    for given in (numbers, 255 - numbers):
        pick(panel, "mine<b>.png", saved(given))
        assert panel.images.name == panel.images.list.value == words
        np.testing.assert_allclose(panel.image[..., 0], stretched(given), atol=1e-5)
        check_drawing(panel, panel.model, panel.image)
        said(panel)
    assert list(panel.images.list.options).count(words) == 1
    # Another one and back: it need not be sent again.
    panel.images.list.value = "noise"
    panel.images.list.value = words
    np.testing.assert_allclose(panel.image[..., 0], stretched(255 - numbers), atol=1e-5)
    # Only the last file is kept.
    pick(panel, "second.png", saved(numbers))
    names = list(panel.images.list.options)
    assert "your file: second.png" in names
    assert words not in names


def test_a_file_of_ones_own_that_is_broken_or_too_large(small_panel):
    panel, _ = small_panel()
    before = kept(panel)
    for content in (b"", b"GIF89a is something else", b"\x89PNG\r\n\x1a\nshort"):
        pick(panel, "<i>bad</i>.png", content)
        assert "&lt;i&gt;bad&lt;/i&gt;.png" in refused(panel)
        assert "<i>" not in panel.note.value
        assert kept(panel) == before
    pick(panel, "huge<b>.tif", b"", size=12_345_678)
    assert "huge&lt;b&gt;.tif has 12.3 MB; at most 9 MB" in panel.note.value
    assert "\u2717 " in panel.note.value
    assert "should not happen" not in panel.note.value
    assert kept(panel) == before
    pick(panel, "good.png", saved(grey_bytes(50, 20, 3)))
    said(panel)
    before = kept(panel)
    pick(panel, "good.png", b"broken now")
    refused(panel)
    assert kept(panel) == before


@foreign_models("attention", without=UNFOLDED)
def test_models_of_other_people(tmp_path, name):
    model = MODELS[name]()
    image = noise(*model.input_shape[1:])
    panel = ActivationExplorer({name: model}, {"noise": image}, tmp_path)
    found = check_drawing(panel, model, image)
    assert len(found) >= 5
    steps = (panel.trace.steps[0].name, panel.trace.steps[-1].name, *list(found)[::6])
    for step, values in plain_maps(model, image, steps).items():
        panel.map.value = step
        np.testing.assert_allclose(panel.channels.maps, values, atol=1e-4)
        said(panel)
    assert panel.still().svg.count("<image") == len(found)


def test_models_inside_models(tmp_path):
    for name in UNFOLDED:
        model = MODELS[name]()
        panel = ActivationExplorer({name: model}, {"a": noise(*model.input_shape[1:])}, tmp_path)
        said(panel)


def test_odd_sizes(tmp_path):
    for size in ((12, 200), (200, 12), (1, 1)):
        source = keras.Input((*size, 1))
        inner = layers.Conv2D(5, 3, padding="same", activation="relu", name="inner")(source)
        model = keras.Model(source, layers.Conv2D(2, 1, activation="softmax", name="end")(inner))
        image = noise(*size, 1)
        panel = ActivationExplorer({"odd": model}, {"noise": image}, tmp_path)
        check_drawing(panel, model, image)
        for view in (panel.channels.sheet, panel.channels.view):
            assert view.size[1] * view.zoom <= 410


def test_hostile_names_of_layers_networks_and_images(tmp_path):
    hostile = "<script>alert('1')</script>&\"|`*".replace("/", "_")
    source = keras.Input((16, 16, 1), name="in<b>")
    inner = layers.Conv2D(3, 3, padding="same", name=hostile)(source)
    model = keras.Model(source, layers.Conv2D(1, 1, name="end $x$ {row}")(inner))
    panel = ActivationExplorer({"<b>two": model}, {"<i>": noise(16, 16)}, tmp_path)
    for name in ("in<b>", "end $x$ {row}", hostile):
        panel.map.value = name
        said(panel)
        assert "<script" not in panel.note.value
        assert "in<b>" not in panel.note.value
        assert not re.search(r"(?<!\\)<[bis]", panel.as_markdown())
    assert "&lt;script&gt;" in panel.note.value
    ElementTree.fromstring(panel.drawing.svg)
    ElementTree.fromstring(panel.still().svg)


def test_as_a_table_and_as_an_image(panel, networks, images):
    panel.map.value = "dec1_conv1"
    image = images["noise"][..., np.newaxis] / 255
    values = plain_maps(networks["one"], image, ["dec1_conv1"])["dec1_conv1"]
    caption, *_, table = panel.as_markdown().split("\n\n")
    assert caption == panel.caption()
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    assert len(rows) == values.shape[2]
    for channel, (number, *numbers) in enumerate(rows):
        assert int(number) == channel
        one = values[..., channel]
        expected = [one.min(), one.mean(), one.max()]
        assert [float(n) for n in numbers] == pytest.approx(expected, rel=0.006, abs=1e-6)
    assert panel.still().svg.count("<image") == len(in_drawing(panel))
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/markdown"] == panel.as_markdown()


def test_an_image_that_the_network_cannot_take_is_refused(tmp_path):
    source = keras.Input((16, 16, 2))
    model = keras.Model(source, layers.Conv2D(1, 3, padding="same")(source))
    given = {"two": noise(16, 16, 2), "grey": noise(16, 16)}
    panel = ActivationExplorer({"a": model}, given, tmp_path)
    before = kept(panel)
    panel.images.list.value = "grey"
    assert "cannot be given 2" in refused(panel)
    assert kept(panel) == before
    pick(panel, "a.png", saved(np.zeros((20, 20), np.uint8)))
    assert "cannot be given 2" in refused(panel)
    assert kept(panel) == before
    with pytest.raises(ValueError, match="cannot be given 4"):
        ActivationExplorer({"a": four_channels()}, {"a": noise(16, 16)}, tmp_path)
