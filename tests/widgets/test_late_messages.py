"""What arrives late from the browser, or at once in two threads: places that are gone, clicks."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import unetviz as uv
from unetviz.geometry.box import Box
from unetviz.widgets.parts.panel import Panel
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


def test_callbacks_of_a_panel_do_not_overlap():
    panel, inside, most = Panel([]), [], []
    ready = threading.Barrier(4)

    def act():
        inside.append(1)
        most.append(len(inside))
        for _ in range(20_000):
            pass
        inside.pop()

    guarded = panel.guarded(act)

    def click():
        ready.wait()
        for _ in range(50):
            guarded()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(click) for _ in range(4)]:
            done.result()
    assert most == [1] * 200
    assert panel.note.value == ""


def test_a_callback_may_call_another():
    panel, told = Panel([]), []
    inner = panel.guarded(lambda: told.append("inner"))
    panel.guarded(inner)()
    assert told == ["inner"]


@pytest.fixture
def controls():
    return uv.UNetExplorer(uv.UNetSpec(60, depth=2)).controls


def test_nothing_is_changed_by_choosing_changed(controls):
    controls.preset.value = "paper"
    controls.preset.value = ""
    assert controls.preset.value == "paper"
    assert controls.spec == uv.PAPER


def test_square_tells_the_sizes_of_both_axes_or_of_one(controls):
    widths = controls.fitting[1].row.layout
    assert widths.display == "none"
    controls.square.value = False
    assert widths.display is None
    assert controls.spec.input_size == (60, 60)
    controls.square.value = True
    assert widths.display == "none"


def test_a_click_on_a_size_that_was_hidden_meanwhile():
    panel = uv.widgets.BorderExplorer(np.zeros((60, 60)), uv.UNetSpec(140, depth=2))
    offered = panel.controls.fitting.buttons
    before = [int(button.description) for button in offered]
    panel.controls.side.value = uv.nearest_valid_sizes(panel.controls.spec, 0)[1]
    hidden = [i for i, button in enumerate(offered) if button.layout.display == "none"]
    offered[hidden[-1]].click()
    assert panel.controls.spec.input_size[0] == before[hidden[-1]]
    assert "should not happen" not in panel.note.value
