"""A drawing as a value: its files, what a notebook shows of it, and what it does not load."""

import json
import subprocess
import sys

import pytest

import unetviz as uv
from unetviz.draw.drawing import Drawing

LIBRARIES = {"resvg_py", "matplotlib", "PIL", "plotly", "numpy"}


def loaded_by(code):
    """Return the top-level modules that a fresh Python has after running a line of code."""
    line = f"import json, sys; {code}; print(json.dumps(sorted(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", line], capture_output=True, check=True)
    return {name.split(".")[0] for name in json.loads(result.stdout)}


def test_a_drawing_as_svg_loads_no_library():
    loaded = loaded_by(
        "import unetviz as uv, unetviz.draw.drawing;"
        "svg = uv.draw_unet(uv.PAPER).svg, uv.draw.draw_worksheet(uv.PAPER).svg"
    )
    assert not loaded & LIBRARIES


def test_a_png_loads_the_renderer_alone():
    loaded = loaded_by("import unetviz as uv; uv.draw_unet(uv.PAPER).png()")
    assert loaded & LIBRARIES == {"resvg_py"}


def test_a_file_is_an_svg_or_a_png_by_its_ending(tmp_path):
    drawing = uv.draw_unet(uv.PAPER, theme="dark")
    assert drawing.save(tmp_path / "u.svg").read_text("utf-8") == drawing.svg
    png = drawing.save(str(tmp_path / "u.png")).read_bytes()
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 2 * 848
    with pytest.raises(ValueError, match=r"as \.svg or \.png, not as 'u.pdf'"):
        drawing.save(tmp_path / "u.pdf")
    assert not (tmp_path / "u.pdf").exists()


def test_a_notebook_shows_the_png_half_as_wide_as_it_is():
    data, metadata = uv.draw_unet(uv.PAPER)._repr_mimebundle_()
    assert data.keys() == {"image/png", "text/plain"}
    assert data["image/png"].startswith(b"\x89PNG")
    assert metadata == {"image/png": {"width": 848}}
    assert "572 x 572 pixels go in, 388 x 388 come out" in data["text/plain"]


def test_without_the_renderer_a_notebook_shows_the_svg(monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    drawing = uv.draw_unet(uv.PAPER)
    data, _ = drawing._repr_mimebundle_()
    assert data == {"image/svg+xml": drawing.svg, "text/plain": repr(drawing)}


def test_another_module_that_is_missing_is_not_passed_over(monkeypatch):
    monkeypatch.setitem(sys.modules, "unetviz.draw.images.colours", None)
    with pytest.raises(ModuleNotFoundError, match="colours"):
        Drawing("<svg/>", "words", photograph=True)._repr_mimebundle_()
