"""Drawings as text: what is there, where it is, and that nothing overlaps."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest

import unetviz as uv
from unetviz.draw.theme import FONT_SIZE, WIDTH
from unetviz.draw.unet.arrows import connect
from unetviz.draw.unet.labels import label
from unetviz.draw.unet.layout import lay_out

SVG = "{http://www.w3.org/2000/svg}"


def at_first_valid_size(**fields):
    spec = uv.UNetSpec(**fields)
    return spec.replace(input_size=uv.nearest_valid_sizes(spec, 300)[1])


SPECS = [
    uv.PAPER,
    uv.DOCUMENT,
    uv.UNetSpec((1364, 659), padding="same"),
    uv.UNetSpec(64),
    uv.UNetSpec(8, padding="same"),
    uv.UNetSpec((573, 700)),
    uv.UNetSpec((40, 1000), padding="same", depth=3, merge="none"),
    uv.UNetSpec(1, depth=1),
    at_first_valid_size(depth=1, merge="add", base_filters=1),
    at_first_valid_size(depth=2, convs_per_block=1, dropout=0.1, merge="none"),
    at_first_valid_size(depth=6, convs_per_block=3, upsampling="upsample_conv", dropout=0.5),
    at_first_valid_size(depth=8, convs_per_block=4, head_filters=(2, 3)),
    at_first_valid_size(depth=8, padding="same", pool_size=4, merge="add"),
    at_first_valid_size(depth=4, convs_per_block=4, head_filters=(2,) * 12, kernel_size=7),
]


@pytest.fixture(params=SPECS, ids=repr)
def trace(request):
    return uv.trace(request.param)


def test_every_step_has_a_sign_and_every_step_but_the_input_an_arrow(trace):
    root = ElementTree.fromstring(uv.draw_unet(trace).svg)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for step in trace:
        if step.kind in ("dropout", "upsample"):
            assert f"mark-{step.name}" in ids
        elif step.kind == "crop":
            assert f"skip-{step.name}" in ids
        else:
            assert f"map-{step.name}" in ids
    arrows = {name.removeprefix("arrow-") for name in ids if name.startswith("arrow-")}
    joined = {step.name for step in trace if step.kind in ("concat", "add")}
    silent = {step.name for step in trace if step.kind in ("input", "dropout")} | joined
    assert {step.name for step in trace} - silent <= arrows


def test_labels_tell_channels_and_sizes_and_do_not_overlap(trace):
    layout = lay_out(trace)
    labels = label(layout, connect(layout)[0])
    for i, one in enumerate(labels):
        assert not any(one.overlaps(other) for other in labels[i + 1 :])
        assert one.box[0] >= 0
        assert one.box[2] <= layout.width
    for found in (one for one in labels if one.step in trace):
        shape = trace[found.step].out_shape
        size = str(shape[0]) if shape[0] == shape[1] else f"{shape[0]} x {shape[1]}"
        assert found.text in (str(shape[2]), size, trace[found.step].label, "copy")


def test_the_crops_of_odd_sizes_keep_their_labels():
    for size in (571, 573):
        trace = uv.trace(uv.UNetSpec(size))
        layout = lay_out(trace)
        texts = [found.text for found in label(layout, connect(layout)[0])]
        crops = [step.label for step in trace if step.kind == "crop"]
        assert len(crops) == 4
        assert set(crops) <= set(texts)
        assert any("+" in text for text in crops)


def test_labels_of_the_paper_are_all_there():
    layout = lay_out(uv.trace(uv.PAPER))
    texts = [found.text for found in label(layout, connect(layout)[0])]
    assert sorted(text for text in texts if text.startswith("crop")) == [
        *("crop 16", "crop 4", "crop 40", "crop 88")
    ]
    sizes = [int(text) for text in texts if text.isdigit()]
    shown = [step.out_shape for step in uv.trace(uv.PAPER) if step.kind not in ("crop", "upconv")]
    assert sorted(sizes) == sorted(number for h, _, c in shown for number in (h, c))


def test_maps_do_not_overlap_and_stay_inside(trace):
    layout = lay_out(trace)
    boxes = [box for laid in layout.places() for box in laid.boxes]
    for i, one in enumerate(boxes):
        assert 0 <= one.x <= one.right <= layout.width
        assert 0 <= one.top <= one.bottom <= layout.height
        for other in boxes[i + 1 :]:
            apart = one.right <= other.x or other.right <= one.x
            assert apart or one.bottom <= other.top or other.bottom <= one.top


def test_maps_keep_their_proportions():
    for laid in lay_out(uv.trace(uv.UNetSpec((500, 380), padding="same", depth=2))).places():
        for box in laid.boxes:
            assert box.height / box.width == pytest.approx(box.shape[0] / box.shape[1])


def test_no_text_is_smaller_than_eleven_pixels(trace):
    svg = uv.draw_unet(trace).svg
    scale = WIDTH / lay_out(trace).width
    assert "font-size" not in svg
    assert re.findall(r"font: ([\d.]+)px", svg) == [f"{FONT_SIZE:g}"]
    assert FONT_SIZE >= 11
    if len(trace.spec.head_filters) < 4:
        assert scale == 1


def test_the_crop_window_is_drawn_to_scale():
    svg = uv.draw_unet(uv.PAPER).svg
    windows = re.findall(r'"window secret"[^>]*d="M[\d. ]+h([\d.]+)v([\d.]+)', svg)
    boxes = {laid.place.step.name: laid.boxes[0] for laid in lay_out(uv.trace(uv.PAPER)).places()}
    kept = (392 / 568, 200 / 280, 104 / 136, 56 / 64)
    for level, ((width, height), share) in enumerate(zip(windows, kept, strict=True), start=1):
        assert float(width) / boxes[f"enc{level}_conv2"].width == pytest.approx(share, abs=0.005)
        assert width == height


def test_lost_rows_and_columns_are_marked_where_they_are_lost():
    root = ElementTree.fromstring(uv.draw_unet(uv.UNetSpec((573, 572))).svg)
    losing = {
        group.get("id"): len([child for child in group if child.get("class") == "lost secret"])
        for group in root.iter(f"{SVG}g")
        if group.get("id")
    }
    assert losing["map-enc1_conv2"] == 1
    assert sum(losing.values()) == 1
    assert 'class="lost' not in uv.draw_unet(uv.PAPER).svg


def test_a_failing_step_is_marked_with_its_sentence():
    drawing = uv.draw_unet(uv.UNetSpec(64))
    root = ElementTree.fromstring(drawing.svg)
    failed = [g.get("id") for g in root.iter(f"{SVG}g") if g.get("class") == "failed"]
    assert failed == ["map-enc4_conv2"]
    words = " ".join(t.text for t in root.iter(f"{SVG}text") if t.get("class") == "s wrong secret")
    assert words == drawing.trace.problems[0].message
    assert "stops at enc4_conv2" in drawing.caption
    merge = uv.draw_unet(uv.UNetSpec(200, padding="same")).svg
    assert 'class="frame secret"' in merge


def test_colour_is_never_the_only_sign():
    svg = uv.draw_unet(uv.PAPER).svg
    styles = dict(re.findall(r"\.(\w+) \.line \{[^}]*stroke-dasharray: ([^;]+);", svg))
    kinds = ("conv", "pool", "upconv", "crop", "head")
    assert len({styles[kind] for kind in kinds}) == len(kinds)


def test_files_and_images(tmp_path):
    drawing = uv.draw_unet(uv.PAPER, theme="dark")
    assert drawing.save(tmp_path / "u.svg").read_text() == drawing.svg
    png = drawing.save(tmp_path / "u.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 2 * WIDTH
    with pytest.raises(ValueError, match=r"as \.svg or \.png, not as 'u.pdf'"):
        drawing.save(tmp_path / "u.pdf")
    assert not (tmp_path / "u.pdf").exists()


def test_a_notebook_shows_the_image():
    data, metadata = uv.draw_unet(uv.PAPER)._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["width"] == 848
    assert "572 x 572 pixels go in, 388 x 388 come out" in data["text/plain"]


def test_themes():
    light, dark = uv.draw_unet(uv.PAPER).svg, uv.draw_unet(uv.PAPER, theme="dark").svg
    assert light != dark
    with pytest.raises(ValueError, match="theme must be light or dark, not 'blue'"):
        uv.draw_unet(uv.PAPER, theme="blue")


def test_the_words_of_the_legend_fit_into_their_columns():
    for spec in (uv.UNetSpec(573, dropout=0.5), uv.DOCUMENT):
        root = ElementTree.fromstring(uv.draw_unet(spec).svg)
        words = [text for text in root.iter(f"{SVG}text") if text.get("class") == "s"]
        ends = [(float(w.get("y")), float(w.get("x")), w.text) for w in words]
        for (y, x, text), (next_y, next_x, _) in pairwise(ends):
            assert y != next_y or x + len(text) * FONT_SIZE * 0.58 < next_x - 31
        assert len(words) >= 7
