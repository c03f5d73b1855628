"""The printed fallback: every file, a worksheet without sizes, tables of the trace, errors."""

import io
import re
import xml.etree.ElementTree as ElementTree
from html import unescape
from pathlib import Path

import pytest
from PIL import Image

import unetviz as uv
from unetviz.draw.handout import sheets as handout_module
from unetviz.draw.handout.sheets import handout_sheets, write_handout
from unetviz.draw.handout.worksheet import draw_worksheet
from unetviz.geometry.tables.steps import step_table

SVG = "{http://www.w3.org/2000/svg}"
WANTED = {
    "unet_worksheet",
    "unet_of_the_paper",
    "unet_of_the_document",
    "fcn_32s",
    "fcn_16s",
    "fcn_8s",
    "size_that_fails",
    "size_that_loses",
    "unet_backwards",
    "where_the_pixels_go",
}
SPECS = [
    uv.PAPER,
    uv.DOCUMENT,
    uv.FCNSpec(512, stride=8),
    uv.PAPER.replace(input_size=573),
    uv.PAPER.replace(input_size=(1364, 659), padding="same"),
    uv.UNetSpec(2048, depth=8, padding="same", convs_per_block=4, merge="add"),
    uv.UNetSpec(60, depth=1, merge="none"),
]


@pytest.fixture(scope="module")
def handout(tmp_path_factory):
    return write_handout(tmp_path_factory.mktemp("handout") / "new" / "folder")


@pytest.fixture(params=SPECS, ids=repr)
def trace(request):
    return uv.trace(request.param)


@pytest.fixture
def small_images(monkeypatch):
    monkeypatch.setattr(handout_module, "_PNG_SCALE", 0.2)


def texts(svg):
    """All words of a drawing, with the step that each belongs to."""
    root = ElementTree.fromstring(svg)
    return [(node.get("data-step"), node.text) for node in root.iter(f"{SVG}text") if node.text] + [
        (None, node.text) for node in root.iter(f"{SVG}title")
    ]


def secrets(svg):
    root = ElementTree.fromstring(svg)
    return [node for node in root.iter() if "secret" in node.get("class", "").split()]


# --- the worksheet ----------------------------------------------------------------------------


def test_a_worksheet_says_no_size_but_the_inputs(trace):
    """Without what it hides, the drawing has no numbers but channels, and the given size."""
    drawing = draw_worksheet(trace)
    start = trace.steps[0].out_shape
    channels = {str(step.out_shape[2]) for step in trace}
    given = {str(start[0]), str(start[1])}
    marks = {"1", "2", "3"}  # of "convolution 1x1" and "2x"
    for _, text in texts(drawing.svg):
        assert set(re.findall(r"\d+", text)) <= channels | given | marks, text
    for node in secrets(drawing.svg):
        assert node.tag == f"{SVG}text"
        assert node.get("data-step") == "input" or not re.search(r"\d", node.text)


def test_every_size_of_the_drawing_has_its_box(trace):
    whole, blank = uv.draw_unet(trace).svg, draw_worksheet(trace).svg
    hidden = [
        node
        for node in secrets(whole)
        if node.tag == f"{SVG}text"
        and node.get("data-step") != "input"
        and re.search(r"\d", node.text)
        and "wrong" not in node.get("class")
    ]
    boxes = [node for node in ElementTree.fromstring(blank).iter() if node.get("class") == "blank"]
    sample = any(step.crop for step in trace)  # one more in the legend
    assert len(boxes) == len(hidden) + sample
    assert hidden
    shapes = [tuple(float(box.get(k)) for k in ("x", "y", "width", "height")) for box in boxes]
    for i, (x, y, width, height) in enumerate(shapes):
        assert width >= 8
        assert height >= 8
        for x2, y2, width2, height2 in shapes[:i]:
            apart = x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y
            assert apart


def test_boxes_for_the_paper_are_large_enough_for_a_pencil():
    root = ElementTree.fromstring(draw_worksheet(uv.PAPER).svg)
    millimetres = 229 / 848  # as wide as the page prints it
    boxes = [node for node in root.iter(f"{SVG}rect") if node.get("class") == "blank"]
    sizes = [[float(box.get(k)) * millimetres for k in ("width", "height")] for box in boxes[:-1]]
    paper = uv.trace(uv.PAPER)
    on_arrows = [step for step in paper if step.kind in ("crop", "upconv")]
    assert len(sizes) == len(paper) - 1 - len(on_arrows) + 4  # without the input, with the crops
    assert all(width > 9 and height > 4.5 for width, height in sizes)


def test_a_worksheet_keeps_everything_else():
    whole, blank = (ElementTree.fromstring(d(uv.PAPER).svg) for d in (uv.draw_unet, draw_worksheet))
    for kind in ("polyline", "polygon"):
        assert len(list(whole.iter(SVG + kind))) == len(list(blank.iter(SVG + kind)))
    bold = [[n.text for n in root.iter() if n.get("class") == "b"] for root in (whole, blank)]
    assert bold[0] == bold[1]
    assert draw_worksheet(uv.PAPER).trace["dec1_crop"].crop[0][0] == 88
    with pytest.raises(ValueError, match="theme must be"):
        draw_worksheet(uv.PAPER, "blue")


# --- the folder -------------------------------------------------------------------------------


def test_every_image_is_there_twice_and_nothing_else(handout):
    names = {path.name for path in handout.parent.iterdir()}
    assert names == {f"{name}.{end}" for name in WANTED for end in ("svg", "png")} | {"index.html"}


def test_pngs_are_wide_enough_for_print_and_svgs_are_the_drawings(handout):
    drawings = {sheet.name: sheet.drawing for sheet in handout_sheets()}
    for name in WANTED:
        image = Image.open(handout.parent / f"{name}.png")
        assert 1600 <= image.width <= 3000
        svg = (handout.parent / f"{name}.svg").read_text("utf-8")
        assert svg == drawings[name].svg
        _, _, width, height = map(float, ElementTree.fromstring(svg).get("viewBox").split())
        assert image.width / image.height == pytest.approx(width / height, rel=0.01)
        assert len(image.convert("L").getcolors()) > 10  # something is drawn


def test_the_page_shows_every_image_with_its_table(handout):
    page = handout.read_text("utf-8")
    assert set(re.findall(r'<img src="(\w+)\.svg"', page)) == WANTED
    for link in re.findall(r'(?:src|href)="([^"#]+)"', page):
        assert (handout.parent / link).is_file()
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert f'<section id="{anchor}"' in page
    for sheet in handout_sheets():
        section = page.split(f'<section id="{sheet.name}"')[1].split("</section>")[0]
        found = sheet.drawing.trace
        if sheet.name.startswith(("unet_of", "fcn", "size")):
            rows = re.findall(r"<tr>(.*?)</tr>", section)[1:]
            cells = [[unescape(c) for c in re.findall(r"<td[^>]*>(.*?)</td>", r)] for r in rows]
            assert [row[0] for row in cells] == [step.name for step in found.all_steps]
            for row, step in zip(cells, found.all_steps, strict=True):
                shape = step.out_shape
                assert row[3] == ("-" if shape is None else "x".join(map(str, shape)))
                assert row[5].replace(",", "") == (str(step.params) if step.params else "")
            assert [row[1] for row in cells] == [row[1] for row in step_table(found).rows]
        for problem in (*found.warnings, *found.problems):
            assert problem.message in unescape(section)


def test_questions_come_before_answers(handout):
    sheets = handout_sheets()
    assert sheets[0].name == "unet_worksheet"
    assert [sheet.is_answer for sheet in sheets] == sorted(sheet.is_answer for sheet in sheets)
    before = handout.read_text("utf-8").split('<section id="unet_of_the_paper"')[0]
    before = re.sub(r"<style>.*?</style>", "", before, flags=re.S)
    for size in (388, 392, 280, 196):
        assert f"{size}x{size}" not in before


def test_the_sizes_that_do_not_fit_do_not_fit():
    found = {sheet.name: sheet.drawing.trace for sheet in handout_sheets()}
    assert not found["size_that_fails"].ok
    assert found["size_that_loses"].ok
    assert found["size_that_loses"].warnings
    title = {sheet.name: sheet.title for sheet in handout_sheets()}
    for name in ("size_that_fails", "size_that_loses"):
        height, width, _ = found[name].steps[0].out_shape
        assert f"{height} x {width}" in title[name]
    lost = found["where_the_pixels_go"]
    assert f" {lost.steps[0].out_shape[0] - lost.output_shape[0]} " in title["where_the_pixels_go"]


def test_own_networks_come_along(small_images, tmp_path):
    page = write_handout(tmp_path, {"small": uv.UNetSpec(60, depth=2), "my-fcn": uv.FCNSpec(64)})
    names = {path.name for path in tmp_path.iterdir()}
    assert {"small.svg", "small_worksheet.png", "my-fcn.png", "my-fcn_worksheet.svg"} <= names
    assert "Worksheet: small" in page.read_text("utf-8")


@pytest.mark.parametrize("name", ["a/b", "", "..", "<b>", "fcn_8s", "FCN_8S", "index", "unet"])
def test_names_that_cannot_be_files(tmp_path, name):
    with pytest.raises(ValueError, match="name"):
        write_handout(tmp_path / "new", {name: uv.PAPER})
    assert not (tmp_path / "new").exists()


# --- writing ----------------------------------------------------------------------------------


def test_what_is_there_already_is_kept_and_own_names_are_replaced(small_images, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "index.html").write_text("old")
    page = write_handout(str(tmp_path))
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_file_in_place_of_the_folder(small_images, tmp_path):
    file = tmp_path / "handout"
    file.write_text("mine")
    with pytest.raises(OSError, match=r"handout is a file; name a folder for the handout$"):
        write_handout(file)
    with pytest.raises(OSError, match=r"cannot be written to .*; name another folder$"):
        write_handout(file / "below")
    assert file.read_text() == "mine"


def test_a_folder_in_place_of_a_file(tmp_path):
    (tmp_path / "fcn_8s.png").mkdir()
    with pytest.raises(OSError, match=r"fcn_8s.png is a folder; name another for the handout$"):
        write_handout(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["fcn_8s.png"]


@pytest.mark.parametrize("is_new", [True, False])
def test_a_full_disk_leaves_nothing_half_written(small_images, tmp_path, monkeypatch, is_new):
    folder = tmp_path / "handout"
    if not is_new:
        folder.mkdir()
        (folder / "index.html").write_text("old")
    write, done = Path.write_bytes, []

    def full_after_three(path, data):
        done.append(path)
        if len(done) > 3:
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full_after_three)
    with pytest.raises(OSError, match="No space left on device") as caught:
        write_handout(folder)
    assert len(str(caught.value).splitlines()) == 1
    if is_new:
        assert not folder.exists()
    else:
        assert [path.name for path in folder.iterdir()] == ["index.html"]
        assert (folder / "index.html").read_text() == "old"


def test_the_saved_worksheet_is_a_png(tmp_path):
    drawing = draw_worksheet(uv.PAPER)
    assert Image.open(io.BytesIO(drawing.png())).width == 1696
    assert drawing.save(tmp_path / "a.svg").read_text("utf-8") == drawing.svg
