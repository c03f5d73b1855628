"""The explorer in lesson 04: every step, every control, keys, predictions, themes."""

import re

import pytest
from playwright.sync_api import expect

import unetviz as uv
from unetviz.geometry.tables.steps import shape_text

NOTEBOOK = "04_shapes_572_to_388"
PAPER = uv.trace(uv.PAPER)


@pytest.fixture
def page(ran):
    """The page with the first explorer as Reset leaves it."""
    first(ran.page, "checkbox", "Predict the sizes").uncheck()
    first(ran.page, "button", "Reset").click()
    drawing(ran.page).focus()
    ran.page.keyboard.press("Home")
    expect_place(ran.page, 1, len(PAPER))
    return ran.page


def first(page, role, name):
    return page.get_by_role(role, name=name).first


def drawing(page):
    return page.get_by_role("group", name="Drawing of the U-Net").first


def steps_part(page):
    """Back, Next, what the step says and the table, of the first explorer."""
    return page.locator(".unetviz-steps").first


def expect_place(page, step, steps):
    place = steps_part(page).get_by_text(re.compile(r"^Step \d+ of \d+$"))
    expect(place).to_have_text(f"Step {step} of {steps}")


def texts_of(page, selector):
    return drawing(page).locator(selector).all_text_contents()


def into_view(page):
    first(page, "button", "Next").evaluate("node => node.scrollIntoView({block: 'start'})")


def test_first_view(page, ran):
    into_view(page)
    ran.shot("2_first_step")
    expect(drawing(page).locator("svg")).to_be_visible()
    assert {"572", "388", "crop 88"} <= set(texts_of(page, "text"))


def test_every_step_shows_what_the_trace_says(page, ran):
    for index, step in enumerate(PAPER, start=1):
        expect_place(page, index, len(PAPER))
        out = re.compile(rf"out {shape_text(step.out_shape)}(;|$)")
        said = steps_part(page).locator(".panel")
        expect(said.locator("p")).to_have_text([f"{step.name}: {step.label}", step.reason, out])
        expect(said).to_be_visible()
        current = drawing(page).locator(f'.current[data-step="{step.name}"]')
        assert current.count() > 0
        later = {other.name for other in PAPER.steps[index:]}
        faint = (
            drawing(page)
            .locator(".later")
            .evaluate_all(
                "nodes => nodes.map((node) => node.dataset.step || node.parentNode.dataset.step)"
            )
        )
        assert set(faint) == later
        if index == 17:
            into_view(page)
            ran.shot("3_crop")
        first(page, "button", "Next").click() if index < len(PAPER) else None
    expect(first(page, "button", "Next")).to_be_disabled()


def test_sizes_in_the_drawing_are_those_of_the_trace(page):
    shown = {
        (step, text)
        for step, text in drawing(page)
        .locator("text.secret")
        .evaluate_all("nodes => nodes.map((node) => [node.dataset.step, node.textContent])")
    }
    for step in PAPER:
        if step.kind == "crop":
            assert (step.name, step.label) in shown
        elif step.kind != "upconv":
            assert (step.name, str(step.out_shape[0])) in shown


def test_keys_move_only_while_the_drawing_has_the_focus(page):
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect_place(page, 3, len(PAPER))
    page.keyboard.press("ArrowLeft")
    expect_place(page, 2, len(PAPER))
    page.keyboard.press("End")
    expect_place(page, len(PAPER), len(PAPER))
    page.keyboard.press("ArrowRight")
    expect_place(page, len(PAPER), len(PAPER))
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    expect_place(page, 1, len(PAPER))
    box = page.get_by_label("Height", exact=True).first
    box.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    expect_place(page, 1, len(PAPER))


def test_a_step_needs_no_kernel(page):
    # Key, words and drawing in one go of the page's own script: no message can come in between.
    script = """node => {
        node.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}));
        return [
            document.querySelector(".unetviz-steps .panel").textContent,
            node.querySelector(".current").dataset.step,
        ];
    }"""
    for step in PAPER.steps[1:4]:
        words, current = drawing(page).evaluate(script)
        assert words.startswith(f"{step.name}: {step.label}")
        assert current == step.name


def test_every_control_has_a_name(page, ran):
    assert ran.nameless() == []


def test_play_and_pause_by_key_and_by_button(page):
    page.get_by_label("Speed").first.select_option("fast")
    drawing(page).focus()
    page.keyboard.press(" ")
    expect(first(page, "button", "Pause")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Step [3-9] of 36$")).first).to_be_visible()
    first(page, "button", "Pause").click()
    expect(first(page, "button", "Play")).to_be_visible()
    page.get_by_label("Speed").first.select_option("normal")


def test_by_keyboard_alone(page):
    first(page, "button", "Next").focus()
    page.keyboard.press("Enter")
    expect_place(page, 2, len(PAPER))
    page.keyboard.press(" ")
    expect_place(page, 3, len(PAPER))
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect_place(page, 2, len(PAPER))


def test_a_click_on_a_map_or_an_arrow_goes_there(page):
    names = [step.name for step in PAPER]
    drawing(page).locator("#map-dec3_conv1 .sheet").click()
    expect_place(page, names.index("dec3_conv1") + 1, len(names))
    drawing(page).locator("#arrow-enc2_pool .tip").click()
    expect_place(page, names.index("enc2_pool") + 1, len(names))
    drawing(page).locator("#skip-dec1_crop .sheet").click()
    expect_place(page, names.index("dec1_crop") + 1, len(names))


def test_the_table_tells_the_same_and_goes_to_a_step(page, ran):
    page.get_by_text("Table. 572x572x1 -> 388x388x2").first.click()
    rows = page.locator("details[open] tbody tr")
    expect(rows).to_have_count(len(PAPER))
    for row, step in zip(rows.all_inner_texts(), PAPER, strict=True):
        assert step.name in row
        assert shape_text(step.out_shape) in row
        assert step.why in row
    rows.nth(4).click()
    expect_place(page, 5, len(PAPER))
    into_view(page)
    ran.shot("4_table")
    page.get_by_text("Table. 572x572x1 -> 388x388x2").first.click()


def set_number(page, name, value):
    box = page.get_by_label(name, exact=True).first
    box.fill(str(value))
    box.press("Enter")


@pytest.mark.parametrize(
    ("act", "spec"),
    [
        (lambda page: set_number(page, "Height", 1), {"input_size": 1}),
        (lambda page: set_number(page, "Height", 4096), {"input_size": 4096}),
        (lambda page: set_number(page, "Width", 604), {"input_size": 604}),
        (lambda page: set_number(page, "Base channels", 1), {"base_filters": 1}),
        (lambda page: set_number(page, "Base channels", 512), {"base_filters": 512}),
        (lambda page: choose(page, "Poolings", "1"), {"depth": 1}),
        (lambda page: choose(page, "Poolings", "8"), {"depth": 8}),
        (lambda page: choose(page, "Padding", "same (zeros around)"), {"padding": "same"}),
        (lambda page: choose(page, "Way up", "copies, then 2x2"), {"upsampling": "upsample_conv"}),
    ],
)
def test_every_control_changes_drawing_words_table_and_totals(page, act, spec):
    act(page)
    expected = uv.trace(uv.PAPER.replace(**spec))
    expect_place(page, 1, len(expected.all_steps))
    start = shape_text(expected["input"].out_shape)
    result = shape_text(expected.output_shape) if expected.ok else "no output"
    totals = re.compile(rf"{start} -> {result}: {expected.params:,} parameters")
    expect(page.get_by_text(totals).first).to_be_visible()
    steps = {step.name for step in expected.all_steps}
    drawn = (
        drawing(page)
        .locator("[data-step]")
        .evaluate_all("nodes => nodes.map((node) => node.dataset.step)")
    )
    assert set(drawn) == steps
    drawing(page).focus()
    page.keyboard.press("End")
    expect_place(page, len(steps), len(steps))


def choose(page, name, option):
    page.get_by_label(name, exact=True).first.select_option(option)


def test_height_and_width_apart(page):
    page.get_by_label("square").first.uncheck()
    set_number(page, "Width", 604)
    expect(page.get_by_text("572x604x1 -> 388x420x2").first).to_be_visible()
    expect(page.get_by_text("Widths that fit:").first).to_be_visible()
    page.get_by_label("square").first.check()
    expect(page.get_by_text("572x572x1 -> 388x388x2").first).to_be_visible()


def test_an_odd_size_loses_a_row_where_the_red_edge_is(page, ran):
    set_number(page, "Height", 573)
    expect(page.get_by_text("573x573x1 -> 388x388x2").first).to_be_visible()
    lost = drawing(page).locator("#map-enc1_conv2 .lost")
    expect(lost).to_have_count(2)
    assert drawing(page).locator(".lost.secret").count() == 2
    first(page, "button", "588").click()
    expect(page.get_by_text("588x588x1 -> 404x404x2").first).to_be_visible()
    expect(drawing(page).locator(".lost.secret")).to_have_count(0)


def test_a_size_that_fails_is_drawn_up_to_the_failing_step(page, ran):
    choose(page, "Network", "a size that fails")
    failing = uv.trace(uv.UNetSpec((1364, 659), padding="same"))
    expect_place(page, 1, len(failing.all_steps))
    drawing(page).focus()
    page.keyboard.press("End")
    expect(page.get_by_text(failing.problems[0].message).first).to_be_visible()
    expect(drawing(page).locator(".frame")).to_be_visible()
    into_view(page)
    ran.shot("5_failing")
    assert not drawing(page).locator(f"#map-{failing.steps[-1].name} .frame").count()


def test_predictions(page, ran):
    first(page, "checkbox", "Predict the sizes").check()
    assert told(page) == set()
    box = page.get_by_label("Height that comes out").first
    expect(
        page.get_by_text("Next: enc1_conv1, conv 3x3, ReLU. In: 572 x 572").first
    ).to_be_visible()
    box.press("Enter")
    expect(page.get_by_text("Type a whole number").first).to_be_visible()
    box.fill("572")
    box.press("Enter")
    wrong = page.get_by_text("572 is not it. 3x3 convolution without padding").first
    expect(wrong).to_be_visible()
    box.fill("571")
    box.press("Enter")
    expect(page.get_by_text("A hint: 572 - 3 + 1 = ?").first).to_be_visible()
    assert told(page) == set()
    into_view(page)
    ran.shot("6_predict_hint")
    box.fill("570")
    box.press("Enter")
    expect(page.get_by_text("570: right, for the reason above").first).to_be_visible()
    expect_place(page, 2, len(PAPER))
    box.fill("568")
    first(page, "button", "Check").click()
    expect(
        page.get_by_text("Score: 1 right at once, 1 after help, 0 skipped").first
    ).to_be_visible()
    first(page, "button", "It does not fit").click()
    expect(page.get_by_text("It does fit. 2x2 max pooling").first).to_be_visible()
    first(page, "button", "Skip").click()
    expect(page.get_by_text("Skipped; the reason stands above.").first).to_be_visible()
    expect(page.get_by_text("1 skipped, of 35").first).to_be_visible()
    drawing(page).focus()
    page.keyboard.press("End")
    expect_place(page, 4, len(PAPER))
    drawing(page).locator("#map-head .sheet").click()
    expect_place(page, 4, len(PAPER))


def told(page):
    """Sizes behind the first step that can be read or hovered over."""
    first(page, "button", "Where it goes").click()
    page.get_by_text("Table. ").first.click()
    explorer = drawing(page).locator("xpath=ancestor::*[contains(@class, 'output')][1]")
    words = explorer.inner_text() + " ".join(texts_of(page, "title"))
    page.get_by_text("Table. ").first.click()
    first(page, "button", "Where it goes").click()
    secret = {str(n) for step in PAPER.steps[1:] for n in step.out_shape[:2]} - {"64", "32", "56"}
    return {size for size in secret if re.search(rf"(?<![\d,]){size}(?![\d,])", words)}


def test_a_hint_for_two_axes_leaves_both_results_out(page):
    page.get_by_label("square").first.uncheck()
    set_number(page, "Height", 573)
    expect(page.get_by_text("573x572x1 -> 388x388x2").first).to_be_visible()
    drawing(page).locator("#map-enc1_conv2 .sheet").click()
    first(page, "checkbox", "Predict the sizes").check()
    for wrong in ("1", "2"):
        # The input is not square, so both boxes are there, though a square comes out.
        page.get_by_label("Width that comes out").first.fill("284")
        page.get_by_label("Height that comes out").first.fill(wrong)
        page.get_by_label("Height that comes out").first.press("Enter")
    expect(page.get_by_text("A hint: h (569 - 1) / 2 = ?; w 568 / 2 = ?").first).to_be_visible()
    page.get_by_label("Height that comes out").first.fill("284")
    page.get_by_label("Height that comes out").first.press("Enter")
    expect(page.get_by_text("284 x 284: right, for the reason above.").first).to_be_visible()


def test_a_step_that_fails_can_be_predicted(page):
    choose(page, "Network", "a size that fails")
    expect_place(page, 1, 21)
    drawing(page).focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect_place(page, 20, 21)
    first(page, "checkbox", "Predict the sizes").check()
    expect(page.get_by_label("Width that comes out").first).to_be_visible()
    first(page, "button", "It does not fit").click()
    expect(page.get_by_text("It does not fit: right, for the reason above.").first).to_be_visible()
    expect(page.get_by_text("All steps are known.").first).to_be_visible()


def test_the_last_question_is_answered_once(page):
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    first(page, "checkbox", "Predict the sizes").check()
    first(page, "button", "Skip").evaluate("node => { node.click(); node.click(); }")
    expect(page.get_by_text("1 skipped, of 35").first).to_be_visible()
    expect_place(page, len(PAPER), len(PAPER))


def test_bars_and_code_are_written_when_they_are_unfolded(page, ran):
    first(page, "button", "Where it goes").click()
    expect(page.get_by_text("60 + 64 + 60").first).to_be_visible()
    first(page, "button", "Keras code").click()
    expect(page.get_by_text("from keras import Input, Model, layers").first).to_be_visible()
    ran.shot("7_code")
    first(page, "button", "Keras code").click()


def test_the_state_as_one_line_of_python(page):
    page.keyboard.press("ArrowRight")
    first(page, "button", "Copy this state").click()
    line = page.get_by_label("This state as one line of Python").first
    expect(line).to_have_value("uv.UNetExplorer(uv.UNetSpec(), step=1)")
    first(page, "button", "Next").click()
    expect(line).to_be_hidden()
    expect(first(page, "button", "Copy this state")).to_be_visible()


def test_dark_theme(page, ran):
    ran.theme("JupyterLab Dark")
    page.keyboard.press("End")
    into_view(page)
    ran.shot("8_dark")
    colour = "node => getComputedStyle(node).getPropertyValue('--uv-page').trim()"
    assert drawing(page).locator("svg").evaluate(colour) == "#111417"
    ran.theme("JupyterLab Light")
    assert drawing(page).locator("svg").evaluate(colour) == "#ffffff"


def test_running_again_leaves_one_explorer_a_cell(ran):
    ran.run_all()
    expect(ran.page.get_by_role("group", name="Drawing of the U-Net")).to_have_count(2)
    expect_place(ran.page, 1, len(PAPER))


def test_memory_of_the_kernel(ran):
    assert ran.peak_memory() < 400e6
