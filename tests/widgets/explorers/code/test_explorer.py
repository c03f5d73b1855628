"""The panel of the document's code, without a browser."""

from math import sqrt

import ipywidgets
import pytest

import unetviz as uv
from unetviz.nets.lessons.printed_code import FIXES, fixed_code
from unetviz.widgets.explorers.code.explorer import CodeExplorer

pytestmark = pytest.mark.keras

NAMES = [step.name for step in uv.trace(uv.DOCUMENT)]
SOURCE = fixed_code().splitlines()


@pytest.fixture(scope="module")
def panel():
    return CodeExplorer()


def number_of(part, at=0):
    return [i for i, text in enumerate(SOURCE, start=1) if part in text][at]


def choose(panel, part, at=0):
    panel.code.value = number_of(part, at)
    return panel.note.value


def test_the_list_is_the_code():
    panel = CodeExplorer()
    shown = [label.replace("\u00a0", " ") for label, _ in panel.code.options]
    for number, (label, text) in enumerate(zip(shown, SOURCE, strict=True), start=1):
        assert label.split() == [str(number), *text.split()]
        if text.strip():
            assert label[4:].startswith(text.expandtabs(4)[:5])
    assert not any(label.startswith(" ") for label, _ in panel.code.options)
    assert panel.chosen.text.strip() == "inputs = Input(input_size)"
    assert isinstance(panel.code, ipywidgets.Select)
    assert panel.code.description


def test_a_line_marks_its_last_step(panel):
    for part, at, step in (
        ("conv1 = Conv2D", 1, "enc1_conv2"),
        ("up6 =", 0, "dec4_up"),
        ("merge7", 0, "dec3_concat"),
        ("conv9 = Conv2D(2", 0, "head_conv1"),
        ("conv10 = ", 0, "head"),
    ):
        told = choose(panel, part, at)
        assert panel.view.step == NAMES.index(step)
        assert panel.view.revealed == len(NAMES) - 1
        for name in panel.chosen.steps:
            assert f"{name}, {panel.trace[name].label}: {panel.trace[name].reason}" in told
            assert f"{panel.trace[name].params:,} parameters" in told


def test_lines_without_a_map_mark_none_or_keep_the_last(panel):
    choose(panel, "def unet")
    assert panel.view.step == -1
    choose(panel, "model.compile")
    assert panel.view.step == len(NAMES)
    pool = number_of("pool1 = ")
    panel.code.value = pool + 1
    assert panel.view.step == NAMES.index("enc1_pool")
    assert panel.code.value == pool + 1


def test_a_click_on_a_map_chooses_its_line(panel):
    for i in reversed(range(len(NAMES))):
        panel.view.step = i
        assert NAMES[i] in panel.chosen.steps
        # The mark stays where the click was, also where the line computes two maps.
        assert panel.view.step == i
    # After an empty line too.
    panel.code.value = number_of("pool1 = ") + 1
    panel.view.step = NAMES.index("dec4_upsample")
    assert panel.chosen.number == number_of("up6 = ")
    panel.view.step = NAMES.index("enc1_pool")
    assert panel.chosen.number == number_of("pool1 = ")


def test_every_line_is_explained_and_lines_of_one_kind_alike(panel):
    words = {}
    for line in panel.lines:
        panel.code.value = line.number
        told = panel.note.value
        assert "should not happen" not in told
        assert all(name in told for name in line.steps)
        if not line.steps:
            words.setdefault(line.text.strip(), set()).add(told.split("<p", 1)[1])
    assert len(words[""]) == 1
    statements = [text for text in words if text]
    assert len(statements) > 5
    # Two lines that fetch names, and two that ask for weights: all others are told apart.
    assert len(set().union(*words.values())) >= len(words) - 4


def test_what_numbers_are_told_of_single_lines(panel):
    """64 channels and a window of 3x3; half of the numbers dropped; the loss of a pixel."""
    assert f"n = 576 numbers here, so {sqrt(2 / 576):.3f}" in choose(panel, "conv1 = Conv2D", 1)
    assert "divided by 0.5" in choose(panel, "drop4")
    compiled = choose(panel, "model.compile")
    assert "1e-4" in compiled
    assert "-log(1 - p)" in compiled
    result = choose(panel, "conv10 = ")
    assert "softmax" in result
    assert "he_normal" not in result
    assert "enc1_conv2 and dec1_up" in choose(panel, "merge9")


def test_what_was_fixed_is_told(panel):
    added, *changed = FIXES
    assert added.why in choose(panel, "from keras.optimizers")
    for fix, part in zip(changed, ("model = Model", "model.compile"), strict=True):
        told = choose(panel, part)
        assert fix.printed in told
        assert fix.why in told
    assert not any(fix.why in choose(panel, "def unet") for fix in FIXES)


def test_long_lines_are_shown_in_full(panel):
    choose(panel, "up6 =")
    assert "(UpSampling2D(size = (2,2))(drop5))" in panel.line.value
    assert "white-space:pre-wrap" in panel.line.value


def test_text_of_a_source_is_escaped():
    source = fixed_code().replace("    inputs = ", "    # <b>&\n    inputs = ")
    panel = CodeExplorer(source)
    panel.code.value = number_of("inputs = ")
    assert "# &lt;b&gt;&amp;" in panel.line.value
    assert "omment" in panel.note.value


def test_the_table_and_the_drawing(panel):
    rows = panel.as_markdown().splitlines()
    assert len(rows) == 2 + sum(bool(text.strip()) for text in SOURCE) + 1
    up = next(row for row in rows if "up6 =" in row)
    assert "dec4\\_upsample<br>dec4\\_up" in up
    assert "16x16x1024 \u2192 32x32x1024<br>32x32x1024 \u2192 32x32x512" in up
    assert up.endswith("| 0<br>2,097,664 |")
    assert rows[-1].endswith("| 31,031,685 |")
    bundle = panel._repr_mimebundle_()[0]
    assert bundle["text/markdown"] == panel.as_markdown()
    assert panel.still().svg == uv.draw_unet(uv.DOCUMENT).svg
