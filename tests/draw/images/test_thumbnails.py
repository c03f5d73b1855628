"""Small images of maps: which channel, which colours, and where they stand in a drawing."""

import base64
import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib import colormaps
from PIL import Image

import unetviz as uv
from unetviz.draw.images.thumbnails import (
    channel_limits,
    colours_of,
    most_variable_channel,
    thumbnails,
)
from unetviz.draw.svg import image_element
from unetviz.draw.unet.draw import draw_svg
from unetviz.draw.unet.layout import map_areas

SVG = "{http://www.w3.org/2000/svg}"
SPEC = uv.UNetSpec((60, 76), depth=2, base_filters=3)

few = settings(max_examples=60, deadline=None)
maps_of_whole_numbers = arrays(
    np.int64,
    st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 6)),
    elements=st.integers(-9, 9),
)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def dots(count):
    """A PNG file that no other number gives."""
    file = io.BytesIO()
    Image.fromarray(np.full((2, 3), count, np.uint8)).save(file, "PNG")
    return file.getvalue()


@few
@given(maps_of_whole_numbers)
def test_the_most_variable_channel_has_the_largest_sum_of_squares(maps):
    numbers = maps.reshape(-1, maps.shape[2]).tolist()
    mean = [sum(column) / len(numbers) for column in zip(*numbers, strict=True)]
    squares = [
        sum((row[channel] - mean[channel]) ** 2 for row in numbers)
        for channel in range(maps.shape[2])
    ]
    assert squares[most_variable_channel(maps)] == pytest.approx(max(squares))


@few
@given(maps_of_whole_numbers)
def test_colours_show_0_in_white_where_there_is_something_below_it(maps):
    assert colours_of(maps) == ("diverging" if (maps < 0).any() else "sequential")


@few
@given(maps_of_whole_numbers)
def test_scales_hold_all_numbers_and_0(maps):
    signed = bool((maps < 0).any())
    for common in (False, True):
        limits = channel_limits(maps, common)
        assert len(limits) == maps.shape[2]
        for channel, (low, high) in enumerate(limits):
            numbers = maps if common else maps[..., channel]
            furthest = np.abs(numbers).max()
            assert (low, high) == (-furthest if signed else 0, furthest)


def test_no_numbers_have_colours_too():
    assert colours_of(np.zeros((0, 3, 2))) == "sequential"


def test_each_thumbnail_shows_its_most_variable_channel_with_a_scale_of_its_own():
    random = np.random.default_rng(0)
    positive = random.random((6, 8, 4)) * [1, 5, 2, 1] + [9, 0, 3, 0]
    signed = random.normal(size=(5, 3, 3)) * [1, 2, 30]
    # A channel without negative numbers beside one that has them.
    mixed = np.stack([random.normal(size=(4, 4)), 7 * random.random((4, 4))], axis=-1)
    found = thumbnails({"positive": positive, "signed": signed, "mixed": mixed})
    assert list(found) == ["positive", "signed", "mixed"]
    for name, channel, table in (
        ("positive", positive[..., 1] / positive[..., 1].max(), "viridis"),
        ("signed", signed[..., 2] / np.abs(signed[..., 2]).max() / 2 + 0.5, "RdBu_r"),
        ("mixed", mixed[..., 1] / mixed[..., 1].max(), "viridis"),
    ):
        levels = np.rint(channel * 255).astype(int)
        expected = np.rint(colormaps[table](levels)[..., :3] * 255)
        np.testing.assert_array_equal(pixels(found[name]), expected)


def test_grey_ones_show_the_last_channel():
    values = np.stack([np.eye(4) * 100, np.arange(16).reshape(4, 4) / 15], axis=-1)
    found = thumbnails({"head": values}, grey=frozenset({"head"}))["head"]
    expected = np.rint(values[..., 1] * 255)[..., np.newaxis].repeat(3, axis=-1)
    np.testing.assert_array_equal(pixels(found), expected)


def test_maps_of_one_number_everywhere():
    found = thumbnails({"zero": np.zeros((2, 2, 1)), "five": np.full((2, 2, 1), 5.0)})
    assert (pixels(found["zero"]) == np.rint(np.array(colormaps["viridis"](0)[:3]) * 255)).all()
    assert (pixels(found["five"]) == np.rint(np.array(colormaps["viridis"](255)[:3]) * 255)).all()


def attributes(element):
    return tuple(float(element.get(name)) for name in ("x", "y", "width", "height"))


def images_in(svg):
    """Images of a drawing by the steps that they belong to."""
    found = {}
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        for element in group.findall(f"{SVG}image"):
            assert group.get("data-step") not in found
            found[group.get("data-step")] = element
    return found


@pytest.mark.parametrize(
    "spec", [SPEC, SPEC.replace(padding="same", input_size=(32, 44)), uv.PAPER], ids=repr
)
@pytest.mark.parametrize("theme", [None, "light", "dark"])
def test_each_image_lies_within_its_own_front_sheet(spec, theme):
    trace = uv.trace(spec)
    areas = map_areas(trace)
    images = {name: dots(i + 1) for i, name in enumerate(areas)}
    found = images_in(draw_svg(trace, theme=theme, images=images))
    assert set(found) == set(areas)
    for name, element in found.items():
        x, y, width, height = attributes(element)
        left, top, wide, high, _, _ = areas[name]
        # The sheet's own line stays: one pixel on each side; tenths are rounded.
        assert x == pytest.approx(left + 1, abs=0.11)
        assert y == pytest.approx(top + 1, abs=0.11)
        assert width == pytest.approx(max(wide - 2, 1), abs=0.11)
        assert height == pytest.approx(max(high - 2, 1), abs=0.11)
        data = element.get("href").removeprefix("data:image/png;base64,")
        assert base64.b64decode(data) == images[name]
        assert element.get("preserveAspectRatio") == "none"


def test_only_some_maps_have_images_and_nothing_else_changes():
    trace = uv.trace(SPEC)
    with_one = draw_svg(trace, images={"enc1_conv1": dots(1), "unknown": dots(2)})
    assert list(images_in(with_one)) == ["enc1_conv1"]
    start, rest = with_one.split("<image ")
    assert start + rest.split("/>", 1)[1] == draw_svg(trace)
    assert draw_svg(trace, images={}) == draw_svg(trace)


def test_an_image_is_seen_and_is_not_written_over_the_window_of_the_crop():
    white = io.BytesIO()
    Image.new("RGB", (1, 1), (0, 255, 0)).save(white, "PNG")
    drawing = uv.draw_unet(uv.trace(SPEC), images={"enc1_conv2": white.getvalue()})
    shown = pixels(drawing.png(1.0))
    left, top, width, height, _, _ = map_areas(uv.trace(SPEC))["enc1_conv2"]
    inside = shown[int(top) + 3 : int(top + height) - 3, int(left) + 3 : int(left + width) - 3]
    green = (inside == (0, 255, 0)).all(axis=-1)
    assert 0.5 < green.mean() < 1


def test_a_drawing_with_images_is_stored_small():
    plain = uv.draw_unet(uv.trace(SPEC))
    drawing = uv.draw_unet(uv.trace(SPEC), images={"enc1_conv1": dots(9)})
    assert not plain.photograph
    assert drawing.photograph
    assert drawing.caption == plain.caption
    size = Image.open(io.BytesIO(drawing.png())).size
    assert tuple(2 * n for n in size) == Image.open(io.BytesIO(plain.png())).size


def test_an_image_in_an_svg():
    element = ElementTree.fromstring(image_element(1.04, 2.0, 30.25, 0.3, b"bytes"))
    assert attributes(element) == (1, 2, 30.2, 1)
    assert element.get("href") == "data:image/png;base64," + base64.b64encode(b"bytes").decode()
    # Squares for the pixels: one attribute for the browser, one for what makes PNG files.
    assert element.get("style") == "image-rendering: pixelated"
    assert element.get("image-rendering") == "optimizeSpeed"
    smooth = ElementTree.fromstring(image_element(0, 0, 9, 9, b"", smooth=True))
    assert smooth.get("style") is None
    assert smooth.get("image-rendering") == "optimizeQuality"
