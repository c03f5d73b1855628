"""The printed fallback in a folder: every file, the lessons' sheets, nothing half written."""

import re
from html import unescape
from pathlib import Path

import pytest
from PIL import Image
from support.drawings import numbers, read

import unetviz as uv
from unetviz.draw.handout import sheets as handout_module
from unetviz.draw.handout.sheets import handout_sheets, write_handout
from unetviz.geometry.tables.steps import step_table

WANTED = {
    *("unet_worksheet", "unet_of_the_document", "fcn_32s", "fcn_16s", "fcn_8s"),
    *("size_that_fails", "size_that_loses"),
    *("unet_of_the_paper", "unet_backwards", "where_the_pixels_go"),
}


@pytest.fixture(scope="module")
def handout(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(handout_module, "_PNG_SCALE", 0.2)  # a tenth of the time
        return write_handout(tmp_path_factory.mktemp("handout") / "new" / "folder")


@pytest.fixture
def two_sheets(monkeypatch):
    """A handout of two sheets with small images: what is tested is how it is written."""
    sheets = handout_sheets()[:2]
    monkeypatch.setattr(handout_module, "_PNG_SCALE", 0.2)
    monkeypatch.setattr(handout_module, "handout_sheets", lambda networks: sheets)


# --- what is printed --------------------------------------------------------------------------


def test_questions_come_before_answers():
    sheets = handout_sheets()
    assert {sheet.name for sheet in sheets} == WANTED
    assert sheets[0].name == "unet_worksheet"
    answers = [sheet.is_answer for sheet in sheets]
    assert answers == sorted(answers)
    for sheet in sheets:
        if not sheet.is_answer and sheet.drawing.trace.spec == uv.PAPER:
            for size in (388, 392, 280, 196):
                assert f">{size}<" not in sheet.drawing.svg


def test_tables_are_those_of_the_networks():
    for sheet in handout_sheets():
        if sheet.name.startswith(("unet_of", "fcn", "size")):
            assert sheet.table == step_table(sheet.drawing.trace)


def test_the_sizes_that_do_not_fit_do_not_fit():
    sheets = {sheet.name: sheet for sheet in handout_sheets()}
    fails, loses = (sheets[name].drawing.trace for name in ("size_that_fails", "size_that_loses"))
    assert not fails.ok
    assert loses.ok
    assert loses.warnings
    for name in ("size_that_fails", "size_that_loses"):
        height, width, _ = sheets[name].drawing.trace.steps[0].out_shape
        assert f"{height} x {width}" in sheets[name].title
    paper = sheets["where_the_pixels_go"].drawing.trace
    lost = paper.steps[0].out_shape[0] - paper.output_shape[0]
    assert f" {lost} " in sheets["where_the_pixels_go"].title


# --- the folder -------------------------------------------------------------------------------


def test_every_image_is_there_twice_and_nothing_else(handout):
    names = {path.name for path in handout.parent.iterdir()}
    assert names == {f"{name}.{end}" for name in WANTED for end in ("svg", "png")} | {"index.html"}
    for sheet in handout_sheets():
        svg = (handout.parent / f"{sheet.name}.svg").read_text("utf-8")
        assert svg == sheet.drawing.svg
        _, _, width, height = numbers(read(svg).get("viewBox"))
        image = Image.open(handout.parent / f"{sheet.name}.png")
        assert image.width / image.height == pytest.approx(width / height, rel=0.01)
        assert len(image.convert("L").getcolors()) > 10  # something is drawn


def test_the_page_shows_every_image_and_all_links_lead_somewhere(handout):
    page = handout.read_text("utf-8")
    assert set(re.findall(r'<img src="(\w+)\.svg"', page)) == WANTED
    for link in re.findall(r'(?:src|href)="([^"#]+)"', page):
        assert (handout.parent / link).is_file()
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert f'<section id="{anchor}"' in page
    for sheet in handout_sheets():
        problems = [*sheet.drawing.trace.warnings] if sheet.table else []
        assert all(problem.message in unescape(page) for problem in problems)


def test_images_are_wide_enough_for_print(tmp_path, monkeypatch):
    sheets = handout_sheets()[:1]
    monkeypatch.setattr(handout_module, "handout_sheets", lambda networks: sheets)
    write_handout(tmp_path)
    image = Image.open(tmp_path / "unet_worksheet.png")
    # As wide as A4 without its margins: enough dots an inch for a laser printer, and no more.
    assert 150 <= image.width / (277 / 25.4) <= 300


def test_own_networks_come_along():
    sheets = handout_sheets({"small": uv.UNetSpec(60, depth=2), "my-fcn": uv.FCNSpec(64)})
    own = [(sheet.name, sheet.is_answer) for sheet in sheets if sheet.name not in WANTED]
    questions = [("small_worksheet", False), ("my-fcn_worksheet", False)]
    assert own == [*questions, ("small", True), ("my-fcn", True)]
    assert {sheet.title for sheet in sheets} > {"Worksheet: small", "my-fcn"}


def test_names_that_cannot_be_files(tmp_path):
    for name in ("a/b", "", "..", "<b>", "fcn_8s", "FCN_8S", "index", "unet"):
        with pytest.raises(ValueError, match="name"):
            write_handout(tmp_path / "new", {name: uv.PAPER})
    assert not (tmp_path / "new").exists()


# --- writing ----------------------------------------------------------------------------------


def test_what_is_there_already_is_kept_and_own_names_are_replaced(two_sheets, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "index.html").write_text("old")
    page = write_handout(str(tmp_path))
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_file_in_place_of_the_folder(two_sheets, tmp_path):
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
def test_a_full_disk_leaves_nothing_half_written(two_sheets, tmp_path, monkeypatch, is_new):
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
