"""What every panel shares: callbacks that cannot fail silently, a note, a page without a kernel."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import ipywidgets
import pytest

import unetviz as uv
from unetviz.widgets.parts.panel import Panel, note


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


def test_a_choice_in_another_thread_waits_until_the_panel_has_changed_itself():
    panel, heard = Panel([]), []
    choose = panel.guarded(lambda: heard.append(panel.is_changing_itself))
    with ThreadPoolExecutor(1) as pool:
        with panel.changing_itself():
            chosen = pool.submit(choose)
            with pytest.raises(TimeoutError):
                chosen.result(0.05)
        chosen.result()
    assert heard == [False]


@pytest.mark.parametrize("kind", [ValueError, KeyError])
def test_a_control_goes_back_after_a_failure(kind):
    control, heard = ipywidgets.IntText(value=1), []
    panel = Panel([control])

    def refuse_three(change):
        heard.append(change.new)
        if change.new == 3:
            raise kind("three <i>")

    control.observe(panel.guarded(refuse_three), names="value")
    control.value = 3
    assert control.value == 1
    assert "&lt;i&gt;" in panel.note.value
    assert "<i>" not in panel.note.value
    assert ("should not happen" in panel.note.value) == (kind is KeyError)
    control.value = 4
    assert heard == [3, 4]


def test_what_is_described_is_left_without_a_kernel_and_refusals_are_not():
    panel = Panel([])
    panel.describe("neutral", ["a_b <i>", "second"])
    panel.refuse(ValueError("no."))
    assert "no. " in panel.note.value
    assert panel.as_markdown() == "a\\_b \\<i\\>\n\nsecond"
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["text/markdown"] == panel.as_markdown()
    assert "image/png" not in bundle


class Pictured(ipywidgets.Label):
    """A widget that knows its still picture."""

    def still(self, caption):
        return f"{self.value}: {caption}"


def test_the_still_is_that_of_the_first_part_that_has_one():
    panel = Panel([ipywidgets.Label(), ipywidgets.HBox([Pictured("a")]), Pictured("b")])
    assert panel.still() == "a: "
    panel.describe("neutral", ["The note.", "More."])
    assert panel.still() == "a: The note."
    panel.caption = lambda: "A <caption>."
    assert panel.still() == "a: A <caption>."
    assert panel.as_markdown() == "A \\<caption\\>.\n\nThe note.\n\nMore."
    assert Panel([ipywidgets.Label()]).still() is None


def test_the_note_stands_where_it_is_wanted():
    first, second = ipywidgets.Label(), ipywidgets.Label()
    assert Panel([first, second]).children[:2] == (first, second)
    panel = Panel([first, second], note_at=1)
    assert panel.children == (first, panel.note, second)


def test_a_note_is_escaped_and_has_a_sign_beside_its_colour():
    notes = {kind: note(kind, "<b>", ("<i>",)) for kind in ("good", "warning", "wrong", "neutral")}
    assert len(set(notes.values())) == 4
    assert all("&lt;b&gt;" in one and "&lt;i&gt;" in one for one in notes.values())
    assert "\u2713" in notes["good"]
    assert "\u2717" in notes["wrong"]


def test_a_panel_shows_the_image_that_its_drawing_has(monkeypatch):
    panel = uv.UNetExplorer()
    bundle, metadata = panel._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert metadata == {"image/png": {"width": 848}}
    # Python that runs in a browser has no renderer.
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert "image/png" not in bundle
