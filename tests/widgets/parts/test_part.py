"""Widgets that are set by the part that holds them."""

import ipywidgets
import pytest

from unetviz.widgets.parts.part import Part


@pytest.fixture
def heard():
    return []


@pytest.fixture
def part(heard):
    made = Part([ipywidgets.IntText()])
    choose = made.unless_changing_itself(lambda change: heard.append(change.new))
    made.children[0].observe(choose, names="value")
    return made


def test_choices_are_heard_and_own_changes_are_not(part, heard):
    (control,) = part.children
    control.value = 1
    with part.changing_itself():
        assert part.is_changing_itself
        control.value = 2
        with part.changing_itself():
            control.value = 3
        control.value = 4  # still inside of the outer one
    control.value = 5
    assert heard == [1, 5]


def test_after_a_failure_choices_are_heard_again(part, heard):
    def fail():
        with part.changing_itself():
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        fail()
    part.children[0].value = 7
    assert not part.is_changing_itself
    assert heard == [7]


class Telling(ipywidgets.Label):
    """A widget that knows what it shows."""

    def as_markdown(self):
        return self.value


def test_what_is_known_is_told_in_the_order_of_the_page_however_deep_it_stands():
    inner = Part([Telling("b"), ipywidgets.Label("not told")])
    box = ipywidgets.HBox([ipywidgets.VBox([inner, Telling("")]), Telling("c")])
    assert Part([Telling("a"), box]).as_markdown() == "a\n\nb\n\nc"
    assert Part().as_markdown() == ""
