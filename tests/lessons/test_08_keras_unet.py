"""Lesson 08 in the browser: the code beside its U, and a training that can be stopped."""

import re

import pytest
from playwright.sync_api import expect

import unetviz as uv

NOTEBOOK = "08_keras_unet"
STEPS = [step.name for step in uv.trace(uv.DOCUMENT)]
PROGRESS = re.compile(r"^\s*step (\d+) of 600, \d+ s, loss \d\.\d\d\s*$")


@pytest.fixture
def page(ran):
    return ran.page


def code(page):
    return page.get_by_label("Lines of the code; a click chooses one.")


def number_of(page, text, which=0):
    """Index of a line of the code that begins like this."""
    lines = code(page).locator("option").all_text_contents()
    found = [i for i, line in enumerate(lines) if text in line.replace("\u00a0", " ")]
    return found[which]


def marked(page, step):
    """Whatever is marked in the U and belongs to a step."""
    return page.locator(f'.unetviz-view .current[data-step="{step}"]')


def training(page):
    return page.get_by_role("button", name=re.compile("^(Train|Go on)$"))


def masks(page):
    return page.get_by_role("group", name="Held-out images in columns")


def test_without_a_kernel_it_can_be_read(notebook):
    text = notebook.page.get_by_role("main").inner_text()
    assert "inputs = Input(input_size)" in text
    assert "120,690 parameters, 128 x 128 pixels in and out" in text


def test_a_line_of_the_code_marks_its_map(page, ran):
    code(page).evaluate("node => node.scrollIntoView({block: 'start'})")
    for text, which, steps in (
        ("inputs = Input", 0, STEPS[:1]),
        ("conv1 = Conv2D(64", 1, ["enc1_conv2"]),
        ("pool3 = ", 0, ["enc3_pool"]),
        ("merge6 = ", 0, ["dec4_concat"]),
        ("conv9 = Conv2D(64", 1, ["dec1_conv2"]),
        ("conv10 = ", 0, STEPS[-1:]),
    ):
        index = number_of(page, text, which)
        code(page).select_option(index=index)
        sentence = f"Line {index + 1} computes {' and '.join(steps)}."
        expect(page.get_by_text(sentence, exact=True)).to_be_visible()
        expect(marked(page, steps[-1]).first).to_be_visible()
        others = page.locator(f'.unetviz-view .current[data-step]:not([data-step="{steps[-1]}"])')
        expect(others).to_have_count(0)
    ran.shot("2_last_line")
    code(page).select_option(index=number_of(page, "merge6 = "))
    expect(page.get_by_text("It takes the maps of")).to_be_visible()
    ran.shot("3_concatenate")


def test_lines_without_a_map_and_with_two(page, ran):
    index = number_of(page, " return")
    code(page).select_option(index=index)
    expect(page.get_by_text(f"Line {index + 1} computes no map.", exact=True)).to_be_visible()
    expect(page.locator(".unetviz-view .current")).to_have_count(0)
    index = number_of(page, "up6 = ")
    code(page).select_option(index=index)
    two = [name for name in STEPS if name.startswith("dec4_up")]
    assert len(two) == 2
    sentence = f"Line {index + 1} computes {' and '.join(two)}."
    expect(page.get_by_text(sentence, exact=True)).to_be_visible()
    ran.shot("4_two_steps")


def test_a_click_on_a_map_chooses_its_line(page, ran):
    code(page).evaluate("node => node.scrollIntoView({block: 'start'})")
    chosen = code(page).locator("option:checked")
    for step, text in (
        ("dec2_conv1", "conv8 = Conv2D(128"),
        ("enc1_pool", "pool1 = MaxPooling2D"),
        ("bottleneck_conv1", "conv5 = Conv2D(1024"),
    ):
        page.locator(f"#map-{step} path.sheet").click()
        expect(chosen).to_contain_text(text)
        number = int(re.match(r"\W*(\d+)", chosen.inner_text())[1])
        expect(page.get_by_text(f"Line {number} computes {step}.", exact=True)).to_be_visible()
        expect(marked(page, step).first).to_be_visible()
    ran.shot("5_clicked")
    # With the keys of the drawing the code follows too.
    page.locator(".unetviz-view").first.press("ArrowRight")
    expect(page.get_by_text("computes bottleneck_conv2.")).to_be_visible()
    expect(chosen).to_contain_text("conv5 = Conv2D(1024")


def test_a_wrong_answer_and_a_right_one(page, ran):
    given = page.get_by_label("Your answer").last
    given.fill("12")
    page.get_by_role("button", name="Check").last.click()
    expect(page.get_by_text("12 is not it. A hint: 10 times 0.835")).to_be_visible()
    given.fill("9")
    given.press("Enter")
    expect(page.get_by_text("9 is right.")).to_be_visible()
    expect(given).to_be_disabled()
    given.evaluate("node => node.scrollIntoView({block: 'center'})")
    ran.shot("6_question")


def test_training_can_be_watched_and_stopped(page, ran):
    training(page).evaluate("node => node.scrollIntoView({block: 'start'})")
    expect(masks(page)).to_be_hidden()
    ran.shot("7_before_training")
    training(page).click()
    expect(page.get_by_text("Building the network and its first step")).to_be_visible()
    expect(training(page)).to_be_disabled()
    ran.shot("8_building")
    expect(page.get_by_text(PROGRESS)).to_be_visible()
    expect(page.get_by_text(re.compile(r"^\s*step [2-9]\d of 600"))).to_be_visible()
    expect(masks(page)).to_be_visible()
    ran.shot("9_training")
    page.get_by_role("button", name="Stop").click()
    stopped = page.get_by_text("Stopped. What is learned so far is kept; Go on continues")
    expect(stopped).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(masks(page)).to_be_visible()
    words = page.get_by_text(re.compile(r"^After \d+ steps and \d+ seconds: Dice 0\.\d{3}"))
    expect(words).to_be_visible()
    stopped.evaluate("node => node.scrollIntoView({block: 'end'})")
    ran.shot("10_stopped")


def test_training_goes_on_from_there(page, ran):
    expect(training(page)).to_have_text("Go on")
    training(page).evaluate("node => node.scrollIntoView({block: 'start'})")
    training(page).click()
    # It does not begin again: the first step that is told comes after those before.
    told = page.get_by_text(PROGRESS)
    expect(told).to_be_visible()
    words = told.inner_text()
    assert int(PROGRESS.match(words)[1]) > 20
    expect(told).not_to_have_text(words)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped. What is learned so far")).to_be_visible()
    ran.shot("11_gone_on")


def test_it_begins_anew(page):
    page.get_by_role("button", name="Begin anew").click()
    expect(page.get_by_text("Press Train.")).to_be_visible()
    expect(training(page)).to_have_text("Train")
    expect(masks(page)).to_be_hidden()


def test_every_control_has_a_name(page, ran):
    assert ran.nameless() == []


def test_dark_theme(page, ran):
    ran.theme("JupyterLab Dark")
    code(page).evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("12_dark_code")
    training(page).evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("13_dark_training")
    ran.theme("JupyterLab Light")


def test_memory_of_the_kernel(ran):
    assert ran.peak_memory() < 1.2e9
