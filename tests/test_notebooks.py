"""Notebooks as files: what their sources say, static outputs, a map that is up to date."""

import json

import pytest
from support.notebooks import NOTEBOOKS, builder

import unetviz as uv

READY = [lesson["name"] for lesson in builder.lessons() if lesson["ready"]]


@pytest.fixture(params=READY)
def name(request):
    return request.param


@pytest.fixture
def committed(name):
    return json.loads((NOTEBOOKS / f"{name}.ipynb").read_text("utf-8"))


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_source_and_notebook_are_equal(name, committed):
    fresh = builder.convert(name)
    assert committed["metadata"] == fresh.metadata
    assert [
        (cell["id"], cell["cell_type"], "".join(cell["source"]), cell["metadata"])
        for cell in committed["cells"]
    ] == [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in fresh.cells]


def test_outputs_are_static_and_small(name, committed):
    assert (NOTEBOOKS / f"{name}.ipynb").stat().st_size <= 500_000
    outputs = [output for cell in code_cells(committed) for output in cell["outputs"]]
    assert outputs
    for output in outputs:
        assert output["output_type"] != "error"
        assert set(output.get("data", {})) <= set(builder.STATIC)
        assert "object at 0x" not in json.dumps(output)


def test_cells_are_short_and_questions_are_asked(committed):
    sources = ["".join(cell["source"]) for cell in code_cells(committed)]
    assert all(len(source.splitlines()) <= 12 for source in sources)
    assert sum(source.count("uv.Question(") for source in sources) >= 3
    last = "".join(committed["cells"][-1]["source"])
    assert "Kernel > Shut Down Kernel" in last


def test_text_stands_before_and_after_every_widget(committed):
    kinds = [cell["cell_type"] for cell in committed["cells"]]
    for i, cell in enumerate(committed["cells"]):
        if "uv.widgets.SizeCheck(" in "".join(cell["source"]):
            assert (kinds[i - 1], kinds[i + 1]) == ("markdown", "markdown")


def test_every_notebook_is_a_lesson_with_a_source():
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(READY)
    assert {path.stem for path in (NOTEBOOKS / "src").glob("[0-9]*.py")} == set(READY)


@pytest.mark.parametrize("page", builder.LISTS, ids=lambda page: page[0].name)
def test_lists_of_lessons_are_up_to_date(page):
    path, folder, prefix = page
    text = path.read_text("utf-8")
    assert text == builder.with_lessons(text, folder, prefix)
    assert all(lesson["name"] in text for lesson in builder.lessons())


def test_binder_links_come_from_the_one_address():
    assert builder.binder_link("00_start_here") == (
        f"https://mybinder.org/v2/gh/{builder.repository()}/HEAD"
        "?urlpath=lab/tree/notebooks/00_start_here.ipynb"
    )


def test_images_of_the_readme_are_up_to_date():
    readme = (NOTEBOOKS.parent / "README.md").read_text("utf-8")
    assert "notebooks/images/unet_572.svg" in readme
    image = (NOTEBOOKS / "images" / "unet_572.svg").read_text("utf-8")
    assert image == uv.draw_unet(uv.PAPER).svg
    for name, content in builder.tagged_images().items():
        assert f"notebooks/images/{name}.png" in readme
        assert (NOTEBOOKS / "images" / f"{name}.png").read_bytes() == content
