"""The panel of an FCN, without a browser: what it says of sizes, against the trace and by hand."""

import random
from itertools import product

import pytest
from support.refusals import assert_refused

import unetviz as uv
from unetviz.geometry.specs.fcn import displacement
from unetviz.widgets.explorers.shapes.fcn import FCNExplorer

SPEC = uv.FCNSpec(512, base_filters=1)
STRIDES = (32, 16, 8)


@pytest.fixture
def panel():
    return FCNExplorer(SPEC)


def resized(panel, size, stride=32):
    panel.stride.value = stride
    panel.height.value, panel.width.value = size
    return panel


def moved_by_hand(n, stride):
    """How far scores lie from their own pixels, along one axis: what the crops could not cut.

    A stamp that is twice as wide as far sticks out by half its stride on both sides; a crop cuts
    that much in front, unless all that is too much is less.
    """
    pools = [n]
    for _ in range(5):
        pools.append(pools[-1] // 2)
    maps, scale = pools[5], 32
    moved = 0
    for factor, target in {32: [(32, n)], 16: [(2, pools[4]), (16, n)]}.get(
        stride, [(2, pools[4]), (2, pools[3]), (8, n)]
    ):
        scale //= factor
        spare = (maps + 1) * factor - target
        moved += scale * max(0, factor // 2 - spare)
        maps = target
    return moved


def test_a_size_that_fits(panel):
    for size, stride in product(((512, 512), (32, 32), (64, 64), (512, 480)), STRIDES):
        note, (height, width) = resized(panel, size, stride).note.value, size
        assert f"\u2713 {height} x {width} fits" in note
        assert f" {height // 32} x {width // 32} scores" in note
        assert displacement(panel.trace) == (0, 0)


def test_a_size_at_which_something_is_lost(panel):
    square = [(n, n) for n in (500, 520, 495, 511, 33, 63)]
    for size, stride in product((*square, (512, 500), (500, 512), (531, 640)), STRIDES):
        note, (height, width) = resized(panel, size, stride).note.value, size
        sides = [f"{a} {n} is" for a, n in (("height", height), ("width", width)) if n % 32]
        assert f"! {' and '.join(sides)} no multiple of 32." in note
        assert f"{height // 32} x {width // 32} scores, {height} x {width} come out" in note
        found = uv.trace(SPEC.replace(input_size=size, stride=stride))
        assert found.warnings
        for warning in found.warnings:
            assert warning.message in note
        rows, columns = moved_by_hand(height, stride), moved_by_hand(width, stride)
        assert displacement(panel.trace) == (rows, columns)
        assert (f"{rows} rows too" in note) == bool(rows)
        assert (f"{columns} columns too" in note) == bool(columns)
        # What can be done about it.
        for axis, n in (("height", height), ("width", width)):
            assert (f"{axis} {n} does not fit" in note) == (n % 32 != 0)
        larger = [-(-n // 32) * 32 for n in size]
        assert f"pad the image to {larger[0]} x {larger[1]}" in note


def test_there_are_sizes_of_both_kinds():
    """Rows are lost at 520 without moving anything, at 500 an FCN-32s alone moves its scores."""
    moved = {n: [moved_by_hand(n, stride) for stride in STRIDES] for n in (520, 500, 511)}
    assert moved == {520: [0, 0, 0], 500: [4, 0, 0], 511: [15, 7, 3]}


def test_a_size_that_is_too_small(panel):
    for size, stride in product(((31, 31), (1, 1), (31, 512), (512, 20)), STRIDES):
        note, (height, width) = resized(panel, size, stride).note.value, size
        (problem,) = uv.trace(SPEC.replace(input_size=size, stride=stride)).problems
        assert f"\u2717 {height} x {width} is too small: {problem.message}" in note
        for fix in problem.fixes:
            assert fix in note
        assert panel.trace.failed.name == problem.step == panel.view.names[-1]
        resized(panel, (64, 64), stride)
        assert "\u2713" in panel.note.value


def test_it_shows_the_trace_of_its_specification(panel):
    for size, stride in (((512, 512), 32), ((500, 352), 16), ((31, 31), 8), ((64, 64), 8)):
        resized(panel, size, stride)
        assert panel.spec == SPEC.replace(input_size=size, stride=stride)
        expected = uv.trace(panel.spec)
        names = [step.name for step in expected.all_steps]
        assert panel.trace == expected
        assert panel.view.names == names == panel.steps.steps["name"]
        sizes = [list(s.out_shape[:2]) if s.out_shape else None for s in expected.all_steps]
        assert panel.steps.steps["answer"] == sizes
        assert panel.steps.revealed == len(names) - 1
        for step in expected:
            assert f'data-step="{step.name}"' in panel.view.svg


def test_what_has_no_control_is_kept():
    spec = uv.FCNSpec((96, 128), input_channels=3, classes=5, base_filters=2, stride=16)
    panel = FCNExplorer(spec, step=4)
    assert (panel.spec, panel.step) == (spec, 4)
    assert (panel.height.value, panel.width.value, panel.stride.value) == (96, 128, 16)
    panel.width.value = 160
    panel.stride.value = 8
    assert panel.spec == spec.replace(input_size=(96, 160), stride=8)


def test_sizes_above_those_of_the_boxes_are_taken():
    panel = FCNExplorer(SPEC.replace(input_size=(1500, 64)))
    assert (panel.height.value, panel.width.value) == (1500, 64)
    assert panel.trace.output_shape == (1500, 64, 2)


def test_the_current_step_is_kept_by_its_name(panel):
    for name in ("input", "enc4_conv1", "score", "up", "softmax"):
        panel.steps.step = panel.view.names.index(name)
        for change in (((512, 512), 8), ((500, 500), 8), ((500, 64), 16), ((64, 64), 32)):
            resized(panel, *change)
            assert panel.view.names[panel.step] == name
            assert panel.steps.step == panel.step


def test_a_step_that_is_no_more_leads_to_the_input_or_to_where_it_fails(panel):
    panel.stride.value = 8
    panel.steps.step = panel.view.names.index("dec4_score")
    panel.stride.value = 16
    assert panel.step == 0
    panel.steps.step = panel.view.names.index("dec5_add")
    panel.stride.value = 8
    assert panel.view.names[panel.step] == "dec5_add"
    panel.height.value = 16  # it stops at the last pooling but keeps it
    assert panel.step == len(panel.view.names) - 1
    panel.height.value = 64
    assert panel.view.names[panel.step] == "enc5_pool"


def test_nothing_is_told_before_it_is_predicted(panel):
    panel.steps.step = 5
    panel.steps.predict = True
    panel.steps.revealed = 5
    hidden = panel.note.value
    assert "16 x 16" not in hidden
    panel.stride.value = 16
    assert (panel.step, panel.steps.revealed) == (0, 0)
    assert panel.note.value == hidden
    panel.height.value = 500
    assert panel.note.value == hidden
    panel.steps.revealed = len(panel.view.names) - 1
    assert "height 500 is no multiple of 32" in panel.note.value
    panel.steps.predict = False
    panel.height.value = 512
    assert "512 x 512 fits" in panel.note.value


def test_its_state_as_a_line_of_python(panel):
    resized(panel, (500, 352), 8)
    panel.steps.step = 7
    line = panel.steps.line.replace("{step}", str(panel.step))
    again = eval(line, {"uv": uv})
    assert (again.spec, again.step) == (panel.spec, 7)
    assert again.note.value == panel.note.value


def test_the_twins_where_no_kernel_runs(panel):
    resized(panel, (500, 512), 16)
    text = panel.as_markdown()
    for step in panel.trace:
        assert step.name.replace("_", "\\_") in text
    assert "height 500 is no multiple of 32" in text
    assert uv.trace(panel.spec)._repr_markdown_() in text
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/markdown"] == text
    assert panel.still().caption == uv.draw_unet(panel.spec).caption
    resized(panel, (20, 20), 8)
    assert "is too small" in panel.as_markdown()
    assert panel.still().png().startswith(b"\x89PNG")


def test_a_step_that_there_is_not():
    assert len(uv.trace(SPEC)) == 23
    for step in (-1, 23, 1.5, "0", None, True):
        words = "step must be a whole number from 0 to 22"
        assert_refused(lambda step=step: FCNExplorer(SPEC, step=step), words)


def test_random_changes_keep_everything_together(panel):
    chance = random.Random(7)
    for _ in range(30):
        change = chance.choice(["height", "width", "stride", "step"])
        if change == "stride":
            panel.stride.value = chance.choice(STRIDES)
        elif change == "step":
            panel.steps.step = chance.randrange(len(panel.view.names))
        else:
            getattr(panel, change).value = chance.choice([31, 32, 100, 352, 500, 512])
        assert "should not happen" not in panel.note.value
        assert panel.spec.input_size == (panel.height.value, panel.width.value)
        assert panel.spec.stride == panel.stride.value
        assert panel.trace == uv.trace(panel.spec)
        assert 0 <= panel.step < len(panel.view.names)
        height, width = panel.spec.input_size
        assert f"{height} x {width}" in panel.note.value
        marks = {"\u2713": "fits: the poolings", "!": "no multiple of", "\u2717": "is too small"}
        assert sum(words in panel.note.value for words in marks.values()) == 1
        fits = height % 32 == width % 32 == 0
        assert (marks["\u2713"] in panel.note.value) == fits
        assert (marks["\u2717"] in panel.note.value) == (min(height, width) < 32)


def shift_by_receptive_field(trace, axis):
    """Mean way from the middle of what the coarse scores see to the pixel, over 32 of them."""
    shape = trace.output_shape
    total = 0.0
    for n in range(shape[axis] // 2 - 32, shape[axis] // 2):
        pixel = (n, shape[1] // 2) if axis == 0 else (shape[0] // 2, n)
        box = uv.receptive_field(trace, *pixel).paths["bottleneck"]
        first, end = (box.top, box.bottom) if axis == 0 else (box.left, box.right)
        total += n - (first + end - 1) / 2
    return total / 32


def test_the_displacement_is_where_the_pixels_come_from():
    for size, stride in product(((512, 500), (531, 511), (495, 527)), STRIDES):
        trace = uv.trace(SPEC.replace(input_size=size, stride=stride))
        found = displacement(trace)
        assert found == (moved_by_hand(size[0], stride), moved_by_hand(size[1], stride))
        assert found == (shift_by_receptive_field(trace, 0), shift_by_receptive_field(trace, 1))
