"""The explorer of feature maps, without a browser: images and numbers against Keras itself."""

import base64
import io
import re
import xml.etree.ElementTree as ElementTree

import keras
import numpy as np
import pytest
from keras import layers
from matplotlib import colormaps
from PIL import Image
from support import foreign_models

import unetviz as uv
from unetviz.widgets.explorers.activations.explorer import ActivationExplorer

SVG = "{http://www.w3.org/2000/svg}"
SPEC = uv.UNetSpec((156, 140), depth=2, base_filters=5)
KEPT = "What was shown before is still shown."
UNEXPECTED = "should not happen"
RANDOM = np.random.default_rng(0)


def png_file(array):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGB")).astype(int)


def spread(model, seed):
    random = np.random.default_rng(seed)
    model.set_weights([w + random.normal(0, 0.1, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def networks():
    return {
        "one": spread(uv.build(SPEC, seed=1), 2),
        "<b>two</b>": spread(uv.build(SPEC.replace(depth=1), seed=3), 4),
    }


@pytest.fixture(scope="module")
def images():
    return {
        "noise": RANDOM.integers(0, 256, SPEC.input_size, np.uint8),
        "large, in colour": RANDOM.random((400, 300, 3)),
        "small <i>": RANDOM.random((60, 70)),
    }


@pytest.fixture
def panel(networks, images, tmp_path):
    return ActivationExplorer(networks, images, tmp_path)


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
    """The sentence in the note, which must be an error of the ordinary kind."""
    assert "\u2717 " in panel.note.value
    assert UNEXPECTED not in panel.note.value
    assert KEPT in panel.note.value
    return panel.note.value


def said(panel):
    """The sentences in the note, which must not be an error."""
    assert "\u2717 " not in panel.note.value
    return re.findall(r"<(?:b|p[^>]*)>(.*?)</(?:b|p)>", panel.note.value)


def all_maps(model, image, names):
    """The maps of layers by a plain model of Keras, called without a graph of its own."""
    part = keras.Model(model.inputs, {name: model.get_layer(name).output for name in names})
    found = part(np.asarray(image, np.float32)[np.newaxis], training=False)
    return {name: keras.ops.convert_to_numpy(found[name])[0] for name in names}


def plain_maps(model, image, name):
    return all_maps(model, image, [name])[name]


def covered(n, new):
    """How much of each of `n` pixels in a row each of `new` pixels covers, as parts of 1."""
    edges = np.arange(new + 1) * n / new
    starts, ends = np.arange(n), np.arange(1, n + 1)
    shared = np.minimum(ends, edges[1:, None]) - np.maximum(starts, edges[:-1, None])
    return shared.clip(0) * new / n


def area_means(maps, side):
    """Maps with the longer side at most `side`, every new pixel the mean of what it covers."""
    longer = max(maps.shape[:2])
    if longer <= side:
        return maps.astype(float)
    new = [max(1, round(n * side / longer)) for n in maps.shape[:2]]
    rows, columns = (covered(n, m) for n, m in zip(maps.shape, new, strict=False))
    return np.einsum("ai,bj,ijc->abc", rows, columns, maps.astype(float), optimize=True)


def in_colours(values, low, high, table):
    parts = np.clip((values - low) / ((high - low) or 1), 0, 1)
    if table == "grey":
        return np.rint(parts * 255)[..., np.newaxis].repeat(3, axis=-1)
    return np.rint(colormaps[table](np.rint(parts * 255).astype(int))[..., :3] * 255)


def own_scale(values, signed=None):
    """Numbers in the colours of their own scale."""
    signed = values.min() < 0 if signed is None else signed
    furthest = np.abs(values).max()
    return in_colours(
        values, -furthest if signed else 0, furthest, "RdBu_r" if signed else "viridis"
    )


def assert_same_colours(found, expected):
    """The same but for rounding, which may choose the next of 256 colours."""
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 5
    assert np.abs(found - expected).mean() < 0.5


def images_in(svg):
    """The images in a drawing, decoded, by their steps."""
    found = {}
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        for element in group.findall(f"{SVG}image"):
            data = element.get("href").removeprefix("data:image/png;base64,")
            found[group.get("data-step")] = pixels(base64.b64decode(data))
    return found


def check_thumbnails(panel, model, image):
    found = images_in(panel.drawing.svg)
    first, last = panel.trace.steps[0].name, panel.trace.steps[-1].name
    maps = all_maps(model, image, list(found))
    for name, image in found.items():
        values = area_means(maps[name][..., :16], 64)
        if name in (first, last):
            shown = values[..., -1]
            expected = in_colours(shown, shown.min(), shown.max(), "grey")
        else:
            expected = own_scale(values[..., values.std(axis=(0, 1)).argmax()])
        assert_same_colours(image, expected)
    return found


# --- the drawing -------------------------------------------------------------------------------


def test_each_map_of_the_drawing_shows_its_most_variable_channel(panel, networks, images):
    image = images["noise"][..., np.newaxis] / 255
    found = check_thumbnails(panel, networks["one"], image)
    with_maps = {s.name for s in uv.trace(SPEC) if s.kind in ("conv", "pool", "upconv", "crop")}
    assert with_maps <= set(found)
    assert max(found["enc1_conv1"].shape[:2]) == 64
    small = uv.trace(SPEC)["bottleneck_conv2"].out_shape
    assert found["bottleneck_conv2"].shape[:2] == small[:2]
    assert panel.drawing.names == [step.name for step in uv.trace(SPEC)]
    assert panel.drawing.revealed >= len(panel.drawing.names) - 1
    assert not panel.drawing.fading


def test_only_the_first_16_channels_are_looked_at(tmp_path):
    source = keras.Input((24, 24, 1))
    wide = layers.Conv2D(40, 3, padding="same", name="wide")(source)
    model = keras.Model(source, layers.Conv2D(1, 1, activation="sigmoid", name="end")(wide))
    kernel, bias = model.get_layer("wide").get_weights()
    kernel[..., 16:] *= 50
    model.get_layer("wide").set_weights([kernel, bias])
    image = RANDOM.random((24, 24, 1))
    panel = ActivationExplorer({"wide": model}, {"noise": image}, tmp_path, step="wide")
    check_thumbnails(panel, model, image)
    # Below the drawing all of them count.
    values = plain_maps(model, image, "wide")
    assert panel.channels.channel.value == values.std(axis=(0, 1)).argmax() >= 16


def test_it_begins_with_the_first_map_that_has_weights(panel, networks, images, tmp_path):
    assert panel.map.value == "enc1_conv1"
    assert panel.drawing.names[panel.drawing.step] == "enc1_conv1"
    other = ActivationExplorer(networks, images, tmp_path, step="dec1_conv2")
    assert other.map.value == other.drawing.names[other.drawing.step] == "dec1_conv2"
    unknown = ActivationExplorer(networks, images, tmp_path, step="no such step")
    assert unknown.map.value == "enc1_conv1"


@pytest.mark.parametrize("image", ["large, in colour", "small <i>"])
def test_other_images_are_fitted(panel, networks, images, image):
    before = panel.drawing.svg
    panel.images.list.value = image
    assert panel.drawing.svg != before
    numbers, (height, width) = images[image], SPEC.input_size
    if image == "large, in colour":
        # 156 x 140 of 400 x 300: reduced to a width of 140, then the middle rows.
        grey = numbers.mean(axis=-1, keepdims=True)
        rows, columns = covered(400, round(400 * 140 / 300)), covered(300, 140)
        reduced = np.einsum("ai,bj,ijc->abc", rows, columns, grey, optimize=True)
        top = (reduced.shape[0] - height) // 2
        expected = reduced[top : top + height]
    else:
        margins = [(height - 60) // 2, (width - 70) // 2]
        padded = np.pad(numbers, [(m + 1, m + 1) for m in margins], mode="reflect")
        expected = padded[1 : 1 + height, 1 : 1 + width, np.newaxis]
    np.testing.assert_allclose(panel.image, expected, atol=1e-5)
    check_thumbnails(panel, networks["one"], expected)
    assert f"makes of {image}" in panel.caption()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(30, 50), (90, 80), (32, 48)])
def test_networks_of_grey_and_of_colours(tmp_path, channels, shape):
    spec = uv.DOCUMENT.replace(
        input_size=(32, 48), input_channels=channels, base_filters=2, depth=2, dropout=0.5
    )
    model = uv.build(spec, seed=1)
    for numbers in (RANDOM.random(shape), RANDOM.random((*shape, 3))):
        panel = ActivationExplorer({"a": model}, {"a": numbers}, tmp_path)
        assert panel.image.shape == (32, 48, channels)
        if shape == (32, 48):
            grey = numbers if numbers.ndim == 3 else numbers[..., np.newaxis]
            expected = grey.mean(axis=-1, keepdims=True) if channels == 1 else grey
            np.testing.assert_allclose(
                panel.image, np.broadcast_to(expected, panel.image.shape), atol=1e-6
            )
        check_thumbnails(panel, model, panel.image)


def test_another_network_keeps_the_step_where_it_can(panel, networks, images):
    panel.map.value = "bottleneck_conv1"
    panel.network.value = "<b>two</b>"
    assert panel.model is networks["<b>two</b>"]
    image = images["noise"][..., np.newaxis] / 255
    check_thumbnails(panel, networks["<b>two</b>"], image)
    assert panel.map.value == "bottleneck_conv1"
    assert list(panel.map.options) == [step.name for step in uv.trace(SPEC.replace(depth=1))]
    np.testing.assert_allclose(
        panel.channels.maps, plain_maps(panel.model, image, "bottleneck_conv1"), atol=1e-5
    )
    panel.network.value = "one"
    panel.map.value = "enc2_conv1"
    panel.network.value = "<b>two</b>"
    assert panel.map.value == panel.drawing.names[panel.drawing.step] == "enc1_conv1"


def test_a_click_on_a_map_shows_its_channels(panel, networks, images):
    image = images["noise"][..., np.newaxis] / 255
    for name in ("head", "dec1_concat", "enc1_pool", "input", "dec2_crop"):
        panel.drawing.step = panel.drawing.names.index(name)
        assert panel.map.value == name
        height, width, channels = uv.trace(SPEC)[name].out_shape
        assert f"{height} x {width} pixels, {channels} channels" in said(panel)[0]
        assert said(panel)[0].startswith(f"{name}: ")
        expected = plain_maps(networks["one"], image, name)
        np.testing.assert_allclose(panel.channels.maps, expected, atol=1e-5)


# --- the channels ------------------------------------------------------------------------------


def cell(panel, channel):
    """The pixels at which a channel must stand in the sheet, read off the sheet itself."""
    sheet = pixels(panel.channels.sheet.image)
    count = panel.channels.maps.shape[2]
    columns = int(np.ceil(count**0.5))
    lines = -(-count // columns)
    height = (sheet.shape[0] + 2) // lines - 2
    width = (sheet.shape[1] + 2) // columns - 2
    line, place = divmod(channel, columns)
    top, left = line * (height + 2), place * (width + 2)
    return sheet[top : top + height, left : left + width], (top, left)


@pytest.mark.parametrize("scale", ["channel", "layer"])
@pytest.mark.parametrize("name", ["input", "enc1_conv1", "bottleneck_conv2", "dec2_up", "head"])
def test_the_sheet_shows_every_channel_in_its_place(panel, networks, images, name, scale):
    panel.channels.scale.value = scale
    panel.map.value = name
    values = plain_maps(networks["one"], images["noise"][..., np.newaxis] / 255, name)
    count, signed = values.shape[2], values.min() < 0
    columns = int(np.ceil(count**0.5))
    small = area_means(values, max(4, 400 // columns - 2))
    for channel in range(count):
        furthest = np.abs(values if scale == "layer" else values[..., channel]).max()
        low, table = (-furthest, "RdBu_r") if signed else (0, "viridis")
        expected = in_colours(small[..., channel], low, furthest, table)
        assert_same_colours(cell(panel, channel)[0], expected)
        panel.channels.channel.value = channel
        large = in_colours(values[..., channel], low, furthest, table)
        assert_same_colours(pixels(panel.channels.view.image), large)
    if scale == "layer":
        words = r"One scale for all channels: (\S+) to (\S+)\."
        found = [float(n) for n in re.search(words, panel.note.value).groups()]
        assert found[1] == pytest.approx(np.abs(values).max(), rel=0.01)
        assert found[0] == pytest.approx(-np.abs(values).max() if signed else 0, rel=0.01)
    else:
        assert "Each channel has its own scale" in panel.note.value


def test_it_begins_with_the_most_variable_channel(panel):
    for name in ("enc1_conv2", "dec1_conv1", "bottleneck_conv1"):
        panel.map.value = name
        most_variable_channel = panel.channels.maps.std(axis=(0, 1)).argmax()
        assert panel.channels.channel.value == most_variable_channel
        assert panel.channels.sheet.chosen() == (most_variable_channel, 0)
        assert (
            f"channel {most_variable_channel} of {name}," in panel.channels.view.marks[0]["words"]
        )
        assert panel.channels.channel.max == panel.channels.maps.shape[2] - 1


def test_a_click_on_a_channel_shows_it_large(panel):
    panel.map.value = "bottleneck_conv2"
    sheet, values = panel.channels.sheet, panel.channels.maps
    for channel in (0, 7, 19, 12):
        image, (top, left) = cell(panel, channel)
        height, width = image.shape[:2]
        for row, column in ((top, left), (top + height - 1, left + width - 1)):
            panel.channels.channel.value = 3
            sheet.held = False
            # The pointer that only passes over it changes nothing.
            sheet.point = [row, column]
            assert panel.channels.channel.value == 3
            sheet.held = True
            assert panel.channels.channel.value == channel
            shown = own_scale(values[..., channel], signed=values.min() < 0)
            assert_same_colours(pixels(panel.channels.view.image), shown)
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
    assert "Point at a pixel" in panel.channels.value.value
    for name, channel, row, column in (
        ("enc1_conv1", 3, 0, 0),
        ("enc1_conv1", 2, 153, 137),
        ("dec2_up", 1, 5, 17),
        ("head", 1, 40, 2),
    ):
        panel.map.value = name
        panel.channels.channel.value = channel
        assert "Point at a pixel" in panel.channels.value.value
        panel.channels.view.point = [row, column]
        number = panel.channels.maps[row, column, channel]
        found = re.search(rf"row {row}, column {column}: (\S+?)<", panel.channels.value.value)[1]
        assert float(found) == pytest.approx(float(number), rel=0.006)


def test_every_map_of_the_list_is_marked_in_the_drawing_and_its_channel_fits_in(panel):
    for name in panel.map.options:
        panel.map.value = name
        assert panel.drawing.names[panel.drawing.step] == name
        said(panel)
        for view in (panel.channels.sheet, panel.channels.view):
            assert view.size[1] * view.zoom <= 410
        assert panel.channels.view.area == [0, 0, *panel.channels.maps.shape[:2]]


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
    panel = ActivationExplorer({"a": silenced()}, {"a": RANDOM.random((20, 30))}, tmp_path)
    assert panel.map.value == "inner"
    assert "Dead here, 0 at every pixel of this image: channel 1 (1 of 4)." in said(panel)
    assert "The same number at every pixel: channel 2." in said(panel)
    assert "| 1 | 0 | 0 | 0 |" in panel.as_markdown()
    assert "| 2 | 3 | 3 | 3 |" in panel.as_markdown()
    assert "channel 1 (1 of 4)" in panel.as_markdown()
    panel.channels.scale.value = "layer"
    assert "channel 1 (1 of 4)" in panel.note.value
    panel.channels.scale.value = "channel"
    dark = np.rint(np.array(colormaps["viridis"](0)[:3]) * 255)
    assert (cell(panel, 1)[0] == dark).all()
    panel.map.value = "end"
    assert "No channel is dead: none is 0 at every pixel of this image." in said(panel)
    assert "The same number" not in panel.note.value


# --- files -------------------------------------------------------------------------------------


def look(panel):
    panel.images.look.click()


def test_an_image_file_appears_when_it_is_looked_for(panel, networks, tmp_path):
    numbers = RANDOM.integers(0, 256, (*SPEC.input_size, 3), np.uint8)
    for name in ("new.png", "b.TIF", "c.jpeg", ".hidden.png", "notes.txt", "m.h5"):
        (tmp_path / name).write_bytes(png_file(numbers))
    before = panel.note.value, kept(panel)
    assert "new.png" not in panel.images.list.options
    look(panel)
    assert list(panel.images.list.options)[3:] == ["b.TIF", "c.jpeg", "new.png"]
    assert (panel.note.value, kept(panel)) == before
    panel.images.list.value = "new.png"
    image = numbers.mean(axis=-1, keepdims=True) / 255
    np.testing.assert_allclose(panel.image, image, atol=1e-5)
    check_thumbnails(panel, networks["one"], image)
    assert "makes of new.png" in panel.as_markdown()


def test_a_broken_image_file_is_refused_and_the_one_before_stays(panel, tmp_path):
    name = "<b>broken<b>.png"
    (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n and nothing else")
    (tmp_path / "good.png").write_bytes(png_file(RANDOM.integers(0, 256, (30, 40), np.uint8)))
    panel.images.list.value = "small <i>"
    look(panel)
    before = kept(panel)
    panel.images.list.value = name
    assert "&lt;b&gt;broken&lt;b&gt;.png" in refused(panel)
    assert "<b>broken" not in panel.note.value
    assert kept(panel) == before
    assert panel.images.list.value == "small <i>"
    # The same once more, then one that is good: the error goes.
    panel.images.list.value = name
    refused(panel)
    panel.images.list.value = "good.png"
    assert said(panel)[0].startswith("enc1_conv1")
    assert panel.images.name == "good.png"
    # Without a new choice the panel goes on with what it has.
    panel.map.value = "head"
    said(panel)


def test_an_image_file_that_is_gone_is_refused(panel, tmp_path):
    path = tmp_path / "gone.png"
    path.write_bytes(png_file(RANDOM.integers(0, 256, (30, 40), np.uint8)))
    look(panel)
    path.unlink()
    before = kept(panel)
    panel.images.list.value = "gone.png"
    assert "gone.png" in refused(panel)
    assert kept(panel) == before
    assert "gone.png" not in panel.images.list.options


def test_a_network_file_appears_when_it_is_looked_for(panel, networks, images, tmp_path):
    networks["<b>two</b>"].save(tmp_path / "mine.keras")
    look(panel)
    assert list(panel.network.options) == ["one", "<b>two</b>", "mine.keras"]
    assert panel.network.value == "one"
    panel.network.value = "mine.keras"
    said(panel)
    check_thumbnails(panel, networks["<b>two</b>"], images["noise"][..., np.newaxis] / 255)
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


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (None, "no model could be loaded"),
        (dense_classifier, "lambda|flatten|dense|Flatten|Dense"),
        (open_size, "leaves the size of its images open"),
        (two_inputs, "2 inputs"),
        (four_channels, "cannot be given 4"),
    ],
    ids=["broken", "classifier", "open size", "two inputs", "four channels"],
)
def test_a_network_that_cannot_be_shown_is_refused(panel, tmp_path, build, words):
    name = "x<b>.keras"
    if build is None:
        (tmp_path / name).write_bytes(b"this is no zip file")
    else:
        build().save(tmp_path / name)
    panel.map.value = "enc2_conv1"
    look(panel)
    before = kept(panel), panel.model
    panel.network.value = name
    assert re.search(words, refused(panel))
    assert "x<b>" not in panel.note.value
    assert (kept(panel), panel.model) == before
    # It can be chosen again, and the others too.
    panel.network.value = name
    refused(panel)
    panel.map.value = "head"
    said(panel)
    panel.network.value = "<b>two</b>"
    said(panel)


def pick(panel, name, content, size=None):
    """What the browser does: the content first, then the name and the size."""
    picker = panel.images.picker
    picker.content = content
    number = picker.picked.get("number", 0) + 1
    picker.picked = {
        "name": name,
        "size": len(content) if size is None else size,
        "number": number,
    }


def test_an_image_of_ones_own(panel, networks):
    numbers = RANDOM.integers(0, 256, SPEC.input_size, np.uint8)
    pick(panel, "mine<b>.png", png_file(numbers))
    assert panel.images.name == panel.images.list.value == "your file: mine<b>.png"
    check_thumbnails(panel, networks["one"], numbers[..., np.newaxis] / 255)
    said(panel)
    # The same name again, with other pixels in it.
    pick(panel, "mine<b>.png", png_file(255 - numbers))
    check_thumbnails(panel, networks["one"], 1 - numbers[..., np.newaxis] / 255)
    assert list(panel.images.list.options).count("your file: mine<b>.png") == 1
    # Another one and back: it need not be sent again.
    panel.images.list.value = "noise"
    panel.images.list.value = "your file: mine<b>.png"
    np.testing.assert_allclose(panel.image[..., 0], 1 - numbers / 255, atol=1e-5)
    # Only the last file is kept.
    pick(panel, "second.png", png_file(numbers))
    names = list(panel.images.list.options)
    assert "your file: second.png" in names
    assert "your file: mine<b>.png" not in names


def test_a_broken_file_of_ones_own(panel):
    before = kept(panel)
    for content in (b"", b"GIF89a is something else", b"\x89PNG\r\n\x1a\nshort"):
        pick(panel, "<i>bad</i>.png", content)
        assert "&lt;i&gt;bad&lt;/i&gt;.png" in refused(panel)
        assert "<i>" not in panel.note.value
        assert kept(panel) == before
    pick(panel, "good.png", png_file(RANDOM.integers(0, 256, (50, 20, 3), np.uint8)))
    said(panel)
    before = kept(panel)
    pick(panel, "good.png", b"broken now")
    refused(panel)
    assert kept(panel) == before


def test_a_file_that_is_too_large_is_not_sent(panel):
    before = kept(panel)
    pick(panel, "huge<b>.tif", b"", size=12_345_678)
    assert "huge&lt;b&gt;.tif has 12.3 MB; at most 9 MB fit" in panel.note.value
    assert "Look for files" in panel.note.value
    assert "\u2717 " in panel.note.value
    assert UNEXPECTED not in panel.note.value
    assert kept(panel) == before
    pick(panel, "good.png", png_file(RANDOM.integers(0, 256, (50, 20), np.uint8)))
    said(panel)


# --- a sheet of its own ------------------------------------------------------------------------


# --- other models, other sizes -----------------------------------------------------------------


UNFOLDED = {"nested", "called_twice"}
"""Models inside models: their inner maps cannot be read."""


@pytest.mark.parametrize("name", sorted(set(foreign_models.MODELS) - UNFOLDED))
def test_models_of_other_people(tmp_path, name):
    model = foreign_models.MODELS[name]()
    height, width, channels = model.input_shape[1:]
    image = RANDOM.random((height, width, channels))
    panel = ActivationExplorer({name: model}, {"noise": image}, tmp_path)
    found = check_thumbnails(panel, model, image)
    assert len(found) >= 5
    for step in (panel.trace.steps[0].name, panel.trace.steps[-1].name, *list(found)[::6]):
        panel.map.value = step
        values = plain_maps(model, image, step)
        np.testing.assert_allclose(panel.channels.maps, values, atol=1e-4)
        said(panel)
    assert panel.still().svg.count("<image") == len(found)


@pytest.mark.parametrize("size", [(12, 200), (200, 12), (16, 16), (1, 1)])
def test_odd_sizes(tmp_path, size):
    source = keras.Input((*size, 1))
    inner = layers.Conv2D(5, 3, padding="same", activation="relu", name="inner")(source)
    model = keras.Model(source, layers.Conv2D(2, 1, activation="softmax", name="end")(inner))
    image = RANDOM.random((*size, 1))
    panel = ActivationExplorer({"odd": model}, {"noise": image}, tmp_path)
    check_thumbnails(panel, model, image)
    assert len(panel.as_markdown().splitlines()) > 5
    for view in (panel.channels.sheet, panel.channels.view):
        assert view.size[1] * view.zoom <= 410


def test_hostile_names_of_layers(tmp_path):
    hostile = "<script>alert('1')</script>&\"|`*".replace("/", "_")
    source = keras.Input((16, 16, 1), name="in<b>")
    inner = layers.Conv2D(3, 3, padding="same", name=hostile)(source)
    model = keras.Model(source, layers.Conv2D(1, 1, name="end $x$ {row}")(inner))
    panel = ActivationExplorer({"a": model}, {"a": RANDOM.random((16, 16))}, tmp_path)
    for name in ("in<b>", "end $x$ {row}", hostile):
        panel.map.value = name
        said(panel)
        assert "<script" not in panel.note.value
        assert "in<b>" not in panel.note.value
    assert "&lt;script&gt;" in panel.note.value
    ElementTree.fromstring(panel.drawing.svg)
    ElementTree.fromstring(panel.still().svg)
    check_thumbnails(panel, model, panel.image)


# --- without a kernel --------------------------------------------------------------------------


def test_as_a_table_and_as_an_image(panel, networks, images):
    panel.map.value = "dec1_conv1"
    values = plain_maps(networks["one"], images["noise"][..., np.newaxis] / 255, "dec1_conv1")
    words, *_, table = panel.as_markdown().split("\n\n")
    assert words == "What one makes of noise: a real channel in each map of its U."
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    assert len(rows) == values.shape[2]
    for channel, (number, *numbers) in enumerate(rows):
        assert int(number) == channel
        one = values[..., channel]
        expected = [one.min(), one.mean(), one.max()]
        assert [float(n) for n in numbers] == pytest.approx(expected, rel=0.006, abs=1e-6)
    drawing = panel.still()
    for name, image in images_in(drawing.svg).items():
        np.testing.assert_array_equal(image, images_in(panel.drawing.svg)[name])
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/markdown"] == panel.as_markdown()


def test_bytes_come_from_the_browser_as_a_view(panel, networks):
    numbers = RANDOM.integers(0, 256, SPEC.input_size, np.uint8)
    content = png_file(numbers)
    picked = {"name": "a.png", "size": len(content), "number": 1}
    panel.images.picker.set_state({"content": memoryview(content), "picked": picked})
    check_thumbnails(panel, networks["one"], numbers[..., np.newaxis] / 255)


def test_the_file_in_hand_is_gone(panel, tmp_path):
    path = tmp_path / "gone.png"
    path.write_bytes(png_file(RANDOM.integers(0, 256, (30, 40), np.uint8)))
    look(panel)
    panel.images.list.value = "gone.png"
    path.unlink()
    look(panel)
    said(panel)
    assert panel.images.list.value == panel.images.name == "gone.png"


@pytest.mark.parametrize("name", sorted(UNFOLDED))
def test_models_inside_models(tmp_path, name):
    model = foreign_models.MODELS[name]()
    panel = ActivationExplorer({name: model}, {"a": RANDOM.random(model.input_shape[1:])}, tmp_path)
    said(panel)


def test_names_are_escaped_in_the_table_too(networks, images, tmp_path):
    panel = ActivationExplorer({"<b>two": networks["one"]}, {"<i>": images["noise"]}, tmp_path)
    assert "<b>" not in panel.as_markdown()
    assert "<i>" not in panel.as_markdown()


def test_an_image_that_the_network_cannot_take_is_refused(tmp_path):
    source = keras.Input((16, 16, 2))
    model = keras.Model(source, layers.Conv2D(1, 3, padding="same")(source))
    given = {"two": RANDOM.random((16, 16, 2)), "grey": RANDOM.random((16, 16))}
    panel = ActivationExplorer({"a": model}, given, tmp_path)
    before = kept(panel)
    panel.images.list.value = "grey"
    assert "cannot be given 2" in refused(panel)
    assert kept(panel) == before
    pick(panel, "a.png", png_file(np.zeros((20, 20), np.uint8)))
    assert "cannot be given 2" in refused(panel)
    assert kept(panel) == before
    look(panel)
    assert kept(panel) == before


def test_a_first_network_that_cannot_be_shown_is_an_error_at_once(tmp_path):
    with pytest.raises(ValueError, match="cannot be given 4"):
        ActivationExplorer({"a": four_channels()}, {"a": RANDOM.random((16, 16))}, tmp_path)
