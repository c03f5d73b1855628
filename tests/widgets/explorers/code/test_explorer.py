"""The panel of the document's code, without a browser."""

import ipywidgets
import pytest

import unetviz as uv
from unetviz.nets.lessons.printed_code import FIXES, fixed_code
from unetviz.widgets.explorers.code.explorer import CodeExplorer

pytestmark = pytest.mark.keras

NAMES = [step.name for step in uv.trace(uv.DOCUMENT)]
SOURCE = fixed_code().splitlines()


@pytest.fixture
def panel():
    return CodeExplorer()


def number_of(part, at=0):
    return [i for i, text in enumerate(SOURCE, start=1) if part in text][at]


def choose(panel, part, at=0):
    panel.code.value = number_of(part, at)
    return panel.note.value


def test_the_list_is_the_code(panel):
    shown = [label.replace("\u00a0", " ") for label, _ in panel.code.options]
    for number, (label, text) in enumerate(zip(shown, SOURCE, strict=True), start=1):
        assert label.split() == [str(number), *text.split()]
        if text.strip():
            assert label[4:].startswith(text.expandtabs(4)[:5])
    assert not any(label.startswith(" ") for label, _ in panel.code.options)
    assert panel.chosen.text.strip() == "inputs = Input(input_size)"
    assert isinstance(panel.code, ipywidgets.Select)
    assert panel.code.description == "Lines of the code; a click chooses one."


@pytest.mark.parametrize(
    ("part", "at", "step"),
    [
        ("conv1 = Conv2D", 1, "enc1_conv2"),
        ("up6 =", 0, "dec4_up"),
        ("merge7", 0, "dec3_concat"),
        ("conv9 = Conv2D(2", 0, "head_conv1"),
        ("conv10 = ", 0, "head"),
    ],
)
def test_a_line_marks_its_last_step(panel, part, at, step):
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
    assert "An empty line: it only parts what belongs together." in panel.note.value


def test_a_click_on_a_map_chooses_its_line(panel):
    for i in reversed(range(len(NAMES))):
        panel.view.step = i
        assert NAMES[i] in panel.chosen.steps
        # The mark stays where the click was, also where the line computes two maps.
        assert panel.view.step == i


def test_a_click_after_an_empty_line(panel):
    panel.code.value = number_of("pool1 = ") + 1
    panel.view.step = NAMES.index("dec4_upsample")
    assert panel.chosen.number == number_of("up6 = ")
    panel.view.step = NAMES.index("enc1_pool")
    assert panel.chosen.number == number_of("pool1 = ")


def test_every_line_that_is_not_empty_is_explained(panel):
    for line in panel.lines:
        panel.code.value = line.number
        told = panel.note.value
        assert "It prepares what other lines use." not in told
        assert "should not happen" not in told
        assert ("An empty line: it only parts what belongs together." in told) == (
            not line.text.strip()
        )
        assert all(name in told for name in line.steps)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (
            "def unet",
            (
                "The function takes a file of trained weights, or none, and the shape of one "
                "image: height, width, channels. How many images come at a time stays open."
            ),
        ),
        (
            "inputs = Input",
            (
                "No image yet: a placeholder that knows only its shape. Each layer that is "
                "called below notes what it was given; so the network becomes known without "
                "computing a number."
            ),
        ),
        ("pool1 =", "It has no weights. Half the height and width: a quarter of the numbers."),
        (
            "up8 =",
            (
                "Two layers in one line, the inner one first. The paper has one transposed "
                "convolution here. A 2x2 window has no middle: its one row and column of "
                "zeros are at the bottom and right."
            ),
        ),
        (
            "conv9 = Conv2D(2",
            (
                "Only 2 filters, with ReLU: all that is learned must pass through 2 maps. A "
                "filter whose map is 0 everywhere passes nothing on. If both are like that, "
                "the layers before learn nothing. The paper has no such layer."
            ),
        ),
        ("if(", "Only where a file of weights was given does the next line run."),
        (
            "load_weights",
            (
                "It replaces the random first weights by trained ones from a file. They must "
                "come from a network with the same layers."
            ),
        ),
        ("return", "The compiled network is handed to whoever called the function."),
        ("from keras import", "It fetches names from Keras: model, layers, optimizer."),
    ],
)
def test_words_of_single_lines(panel, part, words):
    assert words in choose(panel, part)


def test_special_words(panel):
    compiled = choose(panel, "model.compile")
    assert "1e-4" in compiled
    assert "-log(1 - p)" in compiled
    assert "an empty mask reaches 0.9" in compiled
    # 64 channels and a window of 3x3: sqrt(2 / 576).
    assert "n = 576 numbers here, so 0.059" in choose(panel, "conv1 = Conv2D", 1)
    assert "divided by 0.5" in choose(panel, "drop4")
    result = choose(panel, "conv10 = ")
    assert "softmax of scores a and b" in result
    assert "he_normal" not in result
    assert "enc1_conv2 and dec1_up" in choose(panel, "merge9")


def test_what_was_mended_is_told(panel):
    assert "The document does not print this line" in choose(panel, "from keras.optimizers")
    for fix, part in zip(FIXES[1:], ("model = Model", "model.compile"), strict=True):
        assert f"The document prints {fix.printed} here. {fix.why}" in choose(panel, part)
    assert "The document" not in choose(panel, "def unet")


def test_long_lines_are_shown_in_full(panel):
    choose(panel, "up6 =")
    assert "(UpSampling2D(size = (2,2))(drop5))" in panel.line.value
    assert "white-space:pre-wrap" in panel.line.value


def test_text_of_a_source_is_escaped():
    source = fixed_code().replace("    inputs = ", "    # <b>&\n    inputs = ")
    panel = CodeExplorer(source)
    panel.code.value = number_of("inputs = ")
    assert "# &lt;b&gt;&amp;" in panel.line.value
    assert "A comment: Python skips it." in panel.note.value


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
