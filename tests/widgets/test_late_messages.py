"""What arrives late from the browser: places that are gone."""

import numpy as np
import pytest

import unetviz as uv
from unetviz.geometry.box import Box
from unetviz.widgets.views.grid.view import Grid, GridView
from unetviz.widgets.views.image.view import ImageView
from unetviz.widgets.views.steps.view import StepControl
from unetviz.widgets.views.u.view import UView


def sent(widget, **state):
    """Hand a state over as the browser sends it."""
    widget.set_state(state)


@pytest.mark.parametrize(
    ("point", "kept"), [([9, 31], [9, 21]), ([-1, 99], [0, 21]), ([3, 4], [3, 4]), ([], [])]
)
def test_a_pixel_of_a_larger_area(point, kept):
    view = ImageView()
    view.follow(Box(5, 5, 19, 27), {}, [], {})
    sent(view, point=point)
    assert view.point == kept


def test_a_pixel_is_anything_where_none_can_be_chosen():
    view = ImageView()
    sent(view, point=[7, 8])
    assert view.point == [7, 8]


@pytest.mark.parametrize(("step", "kept"), [(54, 5), (-2, 0), (4, 4)])
def test_a_cell_of_a_larger_matrix(step, kept):
    view = GridView()
    view.show([Grid("other", "", np.zeros((8, 8))), Grid("out", "", np.zeros((2, 3)))], [], "out")
    sent(view, step=step)
    assert view.step == kept


@pytest.mark.parametrize(("step", "kept"), [(40, 19), (-2, 0), (4, 4)])
def test_a_step_of_a_deeper_network(step, kept):
    found = uv.trace(uv.UNetSpec(60, depth=2))
    steps = StepControl()
    steps.show(found, 0, "")
    sent(steps, step=step)
    assert len(found) == 20
    assert steps.step == kept


@pytest.mark.parametrize(("step", "kept"), [(40, 20), (-2, -1), (4, 4)])
def test_a_step_of_the_drawing_before(step, kept):
    found = uv.trace(uv.UNetSpec(60, depth=2))
    view = UView()
    view.show(found, [one.name for one in found])
    sent(view, step=step)
    assert view.step == kept
