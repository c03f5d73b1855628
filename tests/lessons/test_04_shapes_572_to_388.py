"""The explorer in lesson 04 with its kernel: every control, what it shows, themes."""

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


def test_every_control_has_a_name(page, ran):
    assert ran.nameless() == []


def test_by_keyboard_alone(page):
    first(page, "button", "Next").focus()
    page.keyboard.press("Enter")
    expect_place(page, 2, len(PAPER))
    page.keyboard.press(" ")
    expect_place(page, 3, len(PAPER))
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect_place(page, 2, len(PAPER))


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


def test_the_table_of_a_step(page, ran):
    page.get_by_text("Table. 572x572x1 -> 388x388x2").first.click()
    rows = page.locator("details[open] tbody tr")
    expect(rows).to_have_count(len(PAPER))
    rows.nth(16).click()
    expect_place(page, 17, len(PAPER))
    into_view(page)
    ran.shot("4_table")
    page.get_by_text("Table. 572x572x1 -> 388x388x2").first.click()
    into_view(page)
    ran.shot("3_crop")


def test_predict_mode_tells_nothing_of_later_steps(page, ran):
    first(page, "checkbox", "Predict the sizes").check()
    assert told(page) == set()
    box = page.get_by_label("Height that comes out").first
    for wrong in ("572", "571"):
        box.fill(wrong)
        box.press("Enter")
    assert told(page) == set()
    into_view(page)
    ran.shot("6_predict_hint")
    box.fill("570")
    box.press("Enter")
    expect_place(page, 2, len(PAPER))
    expect(box).to_be_focused()
    # Where the pointer really lands on the drawing, only what is known can be reached.
    drawing(page).locator("#map-head .sheet").click()
    expect_place(page, 2, len(PAPER))
    drawing(page).locator("#map-input .sheet").click()
    expect_place(page, 1, len(PAPER))


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


def test_bars_and_code_are_written_when_they_are_unfolded(page, ran):
    first(page, "button", "Where it goes").click()
    expect(page.get_by_text("60 + 64 + 60").first).to_be_visible()
    first(page, "button", "Keras code").click()
    expect(page.get_by_text("from keras import Input, Model").first).to_be_visible()
    ran.shot("7_code")
    first(page, "button", "Keras code").click()


def test_dark_theme(page, ran):
    ran.theme("JupyterLab Dark")
    page.keyboard.press("End")
    into_view(page)
    ran.shot("8_dark")
    colour = "node => getComputedStyle(node).getPropertyValue('--uv-background').trim()"
    assert drawing(page).locator("svg").evaluate(colour) == "#111417"
    ran.theme("JupyterLab Light")
    assert drawing(page).locator("svg").evaluate(colour) == "#ffffff"


def test_running_again_leaves_one_explorer_a_cell(ran):
    ran.run_all()
    expect(ran.page.get_by_role("group", name="Drawing of the U-Net")).to_have_count(2)
    expect_place(ran.page, 1, len(PAPER))


def test_memory_of_the_kernel(ran):
    assert ran.peak_memory() < 400e6
