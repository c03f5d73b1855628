"""The frame of the explorers of small matrices."""

import ipywidgets
import numpy as np
import pytest

from unetviz.widgets.parts.grid_explorer import GridExample, GridExplorer
from unetviz.widgets.views.grid.view import Grid, Link


@pytest.fixture
def panel():
    """A panel that doubles a matrix as often as its control says, up to three times."""
    times, button = ipywidgets.IntText(value=1), ipywidgets.Button()
    values = np.array([[1, 2]])

    def example():
        if times.value > 3:
            raise ValueError("at most three times")
        factor = 2**times.value
        links = [Link("in", "out", {cell: [(cell, factor)] for cell in np.ndindex(1, 2)})]
        grids = [Grid("in", "in", values), Grid("out", "<out>", factor * values)]
        return GridExample(grids, links, ["first", "second"], [f"times {factor}"])

    return GridExplorer(example, "Doubled.", [times, button], note_at=1)


def test_an_example_is_shown_and_made_anew_at_every_choice(panel):
    controls, note, view = panel.children
    assert (note, view) == (panel.note, panel.view)
    assert (view.label, view.main, view.sentences) == ("Doubled.", "out", ["first", "second"])
    assert view.grids[1]["rows"] == [["2", "4"]]
    assert view.links[0]["cells"] == [[[0, "2"]], [[1, "2"]]]
    controls.children[0].value = 2
    assert view.grids[1]["rows"] == [["4", "8"]]
    assert "times 4" in note.value


def test_what_is_refused_leaves_the_example_before(panel):
    control, example = panel.children[0].children[0], panel.example
    control.value = 4
    assert "at most three times" in panel.note.value
    assert (control.value, panel.example) == (1, example)
    assert panel.view.grids[1]["rows"] == [["2", "4"]]


def test_without_a_kernel_it_is_the_remarks_and_the_matrices_in_their_order(panel):
    first, *tables = panel.as_markdown().split("\n\n")
    assert first == "times 2"
    assert tables[::2] == ["**in**", "**\\<out\\>**"]
    assert tables[3].endswith("| 2 | 4 |")
    assert panel.still() is None
