"""Small matrices as they are sent to the browser."""

import numpy as np
from support.grids import linked

from unetviz.widgets.views.grid.view import Grid, GridView, Link, number_text, weighted_sum


def test_a_grid_is_sent_as_texts_with_colours_that_can_be_read():
    sent = Grid("a", "A", np.array([[1.0, -2.5], [0.125, 1 / 3]]), colours="diverging").sent()
    assert sent["rows"] == [["1", "-2.5"], ["0.125", "0.333"]]
    assert all(shade.startswith("#") and len(shade) == 7 for row in sent["shades"] for shade in row)
    assert np.shape(sent["dark"]) == (2, 2)


def test_links_count_cells_along_the_rows():
    view = GridView()
    grids = [Grid("in", "", np.zeros((2, 3))), Grid("out", "", np.zeros((1, 2)))]
    view.show(grids, [Link("in", "out", {(0, 1): (((1, 2), 0.5),)})], "out")
    assert linked(view) == [[], [[5, "1/2"]]]


def test_the_step_stays_inside_a_smaller_matrix():
    view = GridView(step=8)
    view.show([Grid("out", "", np.zeros((2, 2)))], [], "out")
    assert view.step == 3


def test_numbers_and_sums_as_text():
    assert [number_text(n) for n in (2, -0.5, 12345.0, 0.0001)] == ["2", "-0.5", "12345", "0.0001"]
    assert weighted_sum([], 0) == "nothing = 0"
