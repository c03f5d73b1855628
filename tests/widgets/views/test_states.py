"""What the JavaScript is tested with, and which traits it reads, is what Python sends."""

import json
import re

import pytest
from support.view_states import FOLDER, own_traits, states

import unetviz as uv
from unetviz.widgets.views.file.view import FilePicker
from unetviz.widgets.views.grid.view import GridView
from unetviz.widgets.views.image.view import ImageView
from unetviz.widgets.views.shared._bundle import VIEWS
from unetviz.widgets.views.steps.view import StepControl, describe
from unetviz.widgets.views.u.view import UView

TYPES = {
    "UState": UView,
    "ImageState": ImageView,
    "GridState": GridView,
    "StepState": StepControl,
    "FileState": FilePicker,
}


def fields(interface):
    """Names of the fields of a type that the JavaScript is checked with."""
    text = (VIEWS / "shared" / "types.d.ts").read_text()
    body = re.search(rf"export interface {interface} {{\n(.*?)\n}}", text, re.DOTALL)[1]
    return set(re.findall(r"^  (\w+)\??:", body, re.MULTILINE))


def test_the_files_are_what_python_sends():
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}
    sent = json.loads(json.dumps(states()))
    assert found == sent, "write them again: python tests/support/view_states.py"


@pytest.mark.parametrize("interface", TYPES)
def test_the_types_have_all_traits(interface):
    assert fields(interface) == set(own_traits(TYPES[interface]()))


def test_the_type_of_a_step_has_all_that_is_said_about_it():
    control = StepControl()
    assert fields("Step") == set(describe(uv.trace(uv.PAPER))[0])
    control.tell(["a"], ["b"])
    assert fields("Step") == set(control.steps)


def test_every_view_is_rendered_in_the_tests_of_the_javascript():
    tests = "".join(path.read_text() for path in FOLDER.parent.glob("*.test.js"))
    for view in VIEWS.glob("*/view.py"):
        assert f"views/{view.parent.name}/{view.parent.name}.js" in tests
