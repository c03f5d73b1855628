"""The explorer without a browser: state, controls, what is sent to the browser."""

import json

import pytest

import unetviz as uv
from unetviz.widgets.explorers.shapes.spec_controls import SPECS
from unetviz.widgets.views.steps.view import describe


@pytest.fixture
def explorer():
    return uv.UNetExplorer()


def drawn(explorer):
    return {name for name in explorer.view.names if f'data-step="{name}"' in explorer.view.svg}


def test_it_begins_with_the_paper(explorer):
    trace = uv.trace(uv.PAPER)
    assert explorer.spec == uv.PAPER
    assert explorer.step == 0
    assert explorer.steps.steps["name"] == [step.name for step in trace] == explorer.view.names
    assert explorer.steps.steps["reason"] == [step.reason for step in trace]
    assert explorer.steps.totals.startswith("572x572x1 -> 388x388x2: 31,030,658 parameters")
    assert drawn(explorer) == {step.name for step in trace}


@pytest.mark.parametrize(
    ("control", "value", "changes"),
    [
        ("height", 588, {"input_size": 588}),
        ("width", 604, {"input_size": 604}),
        ("padding", "same", {"padding": "same"}),
        ("depth", 2, {"depth": 2}),
        ("base_filters", 8, {"base_filters": 8}),
        ("dilation", 2, {"dilation": 2}),
        ("upsampling", "upsample_conv", {"upsampling": "upsample_conv"}),
    ],
)
def test_a_control_changes_everything(explorer, control, value, changes):
    controls = explorer.controls
    (controls.fields.get(control) or getattr(controls, control)).value = value
    expected = uv.PAPER.replace(**changes)
    assert explorer.spec == explorer.controls.spec == expected
    assert explorer.trace == uv.trace(expected)
    assert explorer.steps.steps["name"] == explorer.view.names
    assert explorer.view.names == [step.name for step in explorer.trace.all_steps]
    assert explorer.controls.preset.value == ""
    assert explorer.note.value == ""


def test_presets_and_reset(explorer):
    for name, spec in SPECS.items():
        explorer.controls.preset.value = name
        assert explorer.spec == spec
        assert explorer.controls.height.value == spec.input_size[0]
        assert explorer.controls.square.value == (spec.input_size[0] == spec.input_size[1])
    explorer.step = 3
    explorer.controls.reset.click()
    assert (explorer.spec, explorer.step) == (uv.PAPER, 0)
    assert explorer.controls.preset.value == "paper"


def test_fields_without_a_control_are_kept():
    explorer = uv.UNetExplorer(uv.DOCUMENT)
    explorer.controls.fields["depth"].value = 3
    assert explorer.spec == uv.DOCUMENT.replace(depth=3)


def test_height_and_width_apart(explorer):
    explorer.controls.square.value = False
    explorer.controls.width.value = 604
    assert explorer.spec.input_size == (572, 604)
    explorer.controls.square.value = True
    assert explorer.spec.input_size == (572, 572)


def test_sizes_that_fit_are_one_click_away(explorer):
    buttons = explorer.controls.fitting[0].buttons
    assert [button.description for button in buttons] == ["540", "556", "572", "588", "604"]
    assert [button.button_style for button in buttons] == ["", "", "primary", "", ""]
    buttons[4].click()
    assert explorer.spec.input_size == (604, 604)
    explorer.controls.height.value = 60
    visible = [b.description for b in buttons if b.layout.display != "none"]
    assert visible == ["188", "204", "220"]


def test_setting_the_specification_sets_the_controls(explorer):
    explorer.spec = uv.UNetSpec((500, 380), depth=2, padding="same", base_filters=1000)
    controls = explorer.controls
    assert (controls.height.value, controls.width.value) == (500, 380)
    assert (controls.fields["depth"].value, controls.fields["padding"].value) == (2, "same")
    assert controls.fields["base_filters"].value == 1000
    assert explorer.view.names[-1] == "head"


def test_a_size_that_fails_ends_with_the_failing_step(explorer):
    explorer.spec = SPECS["failing"]
    last = describe(explorer.trace)[-1]
    assert last["name"] == "dec3_concat"
    assert last["out"] is None
    assert last["answer"] is None
    assert str(explorer.trace.problems[0]) in last["reason"]
    assert "nothing comes out" not in explorer.view.svg  # the caption would tell too much


def test_step_is_checked_and_kept_within_the_network(explorer):
    explorer.step = 35
    explorer.spec = explorer.spec.replace(depth=1)
    assert explorer.step == len(explorer.trace) - 1  # the head, as before
    explorer.spec = SPECS["failing"]
    assert explorer.step == len(explorer.trace)  # no head: the step that fails
    explorer.step = explorer.view.names.index("dec4_conv1")
    explorer.spec = uv.UNetSpec(depth=1)
    assert explorer.step == 0
    for wrong in (-1, 99, 1.5, True):
        with pytest.raises(ValueError, match="step must be a whole number from 0 to 11"):
            explorer.step = wrong
    with pytest.raises(ValueError, match="from 0 to 35, not 36"):
        uv.UNetExplorer(step=36)


def test_state_as_a_dict_and_as_a_line_of_python(explorer):
    explorer.spec = uv.DOCUMENT
    explorer.step = 7
    state = json.loads(json.dumps(explorer.to_dict()))
    again = uv.UNetExplorer.from_dict(state)
    assert (again.spec, again.step) == (uv.DOCUMENT, 7)
    other = uv.UNetExplorer()
    assert other.from_dict(state) is other
    assert other.to_dict() == explorer.to_dict()
    assert other.controls.fields["depth"].value == uv.DOCUMENT.depth
    line = explorer.steps.line.replace("{step}", str(explorer.step))
    made = eval(line, {"uv": uv})
    assert made.to_dict() == explorer.to_dict()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"spec": None}, "lacks spec"),
        ({"step": 99}, "step must be a whole number from 0 to 35, not 99"),
    ],
)
def test_a_broken_state_changes_nothing(explorer, change, words):
    before = explorer.to_dict()
    state = {key: value for key, value in (before | change).items() if value is not None}
    with pytest.raises(ValueError, match=words):
        explorer.from_dict(state)
    assert explorer.to_dict() == before


def test_predict_mode_knows_nothing_beyond_the_step():
    explorer = uv.UNetExplorer(step=4, predict=True)
    assert explorer.steps.revealed == 4
    explorer.pixel_budget.button.value = explorer.code.button.value = True
    assert "184" not in explorer.pixel_budget.page.value
    assert "cropping" not in explorer.code.page.value
    explorer.steps.revealed = 35
    assert "184" in explorer.pixel_budget.page.value
    explorer.controls.height.value = 588
    assert explorer.steps.revealed == 0
    assert explorer.step == 0


def test_a_reason_begins_with_its_rule():
    for spec in (*SPECS.values(), uv.UNetSpec((573, 700))):
        trace = uv.trace(spec)
        for row, step in zip(describe(trace), trace.all_steps, strict=True):
            assert row["reason"][: row["rule"]] == step.operation.explanation


def test_folded_pages_are_written_when_they_are_opened(explorer):
    assert explorer.pixel_budget.page.value == explorer.code.page.value == ""
    explorer.pixel_budget.button.value = True
    assert "<svg" in explorer.pixel_budget.page.value
    explorer.code.button.value = True
    assert "layers.Conv2D(" in explorer.code.page.value
    explorer.spec = SPECS["failing"]
    assert "# Keras cannot build this size." in explorer.code.page.value
    assert "dec3_concat" in explorer.code.page.value


def test_what_goes_wrong_in_a_callback_is_shown(explorer, monkeypatch):
    monkeypatch.setattr("unetviz.widgets.explorers.shapes.unet.trace", lambda spec: 1 / 0)
    explorer.controls.height.value = 588
    assert "ZeroDivisionError" in explorer.note.value


def test_a_change_sends_less_than_40_kilobytes(explorer):
    for spec in (uv.PAPER, uv.DOCUMENT):
        explorer.spec = spec
        sent = len(explorer.view.svg) + len(json.dumps(explorer.steps.steps))
        assert sent < 33_000


def test_without_a_kernel_there_are_an_image_and_a_table(explorer):
    bundle, metadata = explorer._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["width"] == 848
    assert "31,030,658" in bundle["text/markdown"]


def test_without_a_kernel_predict_mode_tells_nothing():
    bundle, _ = uv.UNetExplorer(predict=True)._repr_mimebundle_()
    assert "image/png" not in bundle
    assert "388" not in bundle["text/markdown"]


def test_the_drawing_in_hand_is_saved(explorer, tmp_path):
    explorer.spec = SPECS["failing"]
    assert "1364 x 659" in explorer.save(tmp_path / "u.svg").read_text()
    assert explorer.save(tmp_path / "u.png").read_bytes().startswith(b"\x89PNG")


def test_the_view_parts_are_small():
    parts = [uv.UNetExplorer().view, uv.UNetExplorer().steps]
    sizes = [len(str(part._esm).encode()) for part in parts]
    assert all(size <= 15_000 for size in sizes)
    assert sum(sizes) <= 40_000
