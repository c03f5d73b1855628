"""Lesson 10 in the browser: there and back, one weight two ways, what a pixel hangs on."""

import re

import pytest
from playwright.sync_api import expect

import unetviz as uv

NOTEBOOK = "10_backpropagation"
NAMES = [step.name for step in uv.trace(uv.PAPER)]
TURN = len(NAMES)


@pytest.fixture
def page(ran):
    return ran.page


def drawing(page):
    return page.locator(".unetviz-view").first


def current(page, step):
    return drawing(page).locator(f'.current[data-step="{step}"]').first


def button(page, name):
    return page.get_by_role("button", name=name).first


def to_top(locator):
    locator.evaluate("node => node.scrollIntoView({block: 'start'})")


def test_without_a_kernel_it_can_be_read(notebook):
    text = notebook.page.get_by_role("main").inner_text()
    assert "gradient of" in text
    assert "numeric: (L(w + e) - L(w - e)) / 2e, float64" in text
    assert "through skip 1" in text


def test_it_begins_at_the_loss_and_goes_both_ways(page, ran):
    to_top(button(page, "Back"))
    ran.shot("2_loss")
    expect(page.get_by_text(f"Step {TURN + 1} of {2 * TURN + 1}").first).to_be_visible()
    expect(page.get_by_text(re.compile(r"^The loss is 0\.\d{4}:")).first).to_be_visible()
    expect(page.get_by_text("Here the arrows turn round.").first).to_be_visible()
    expect(drawing(page).get_by_text("strided convolution")).to_be_visible()
    button(page, "Back").click()
    expect(current(page, "head")).to_be_attached()
    expect(drawing(page).get_by_text("strided convolution")).to_have_count(0)
    ran.shot("3_forward")
    drawing(page).press("ArrowRight")
    expect(drawing(page).get_by_text("strided convolution")).to_be_visible()
    drawing(page).press("ArrowRight")
    expect(current(page, "head")).to_be_attached()
    expect(page.get_by_text("Each score gets its probability").first).to_be_visible()
    ran.shot("4_back_from_the_scores")


def test_every_kind_of_step_on_the_way_back(page, ran):
    for name, words in (
        ("dec1_conv2", "A 1x1 convolution works pixel by pixel"),
        ("dec1_conv1", "A convolution is run backwards by a full convolution"),
        ("dec1_concat", "ReLU is a gate"),
        ("dec1_up", "A concatenation splits the gradient"),
        ("dec2_conv2", "A transposed convolution is run backwards"),
        ("enc1_conv2", "2 ways lead here; what they bring is added."),
        ("input", "This is the image itself"),
    ):
        if name.endswith("concat"):  # its two halves are steps of their own
            drawing(page).press("ArrowRight")
        else:
            drawing(page).locator(f"#map-{name} image").click()
        expect(current(page, name)).to_be_attached()
        expect(page.get_by_text(words).first).to_be_visible()
        to_top(button(page, "Back"))
        ran.shot(f"5_{name}")
        expect(page.get_by_text(f"Gradient with respect to {name}, ").first).to_be_visible()
        page.get_by_text(f"Gradient with respect to {name}, ").first.scroll_into_view_if_needed()
        page.mouse.wheel(0, 400)
        ran.shot(f"6_{name}")


def test_play_goes_on_across_the_turn(page):
    to_top(button(page, "Back"))
    drawing(page).press("Home")
    expect(drawing(page).get_by_text("strided convolution")).to_have_count(0)
    drawing(page).locator("#map-dec1_conv2 image").click()
    page.get_by_label("Speed").first.select_option("fast")
    button(page, "Play").click()
    # It goes on by itself: the arrows turn round, and it is in the map where it began, going back.
    expect(drawing(page).get_by_text("strided convolution")).to_be_visible()
    expect(current(page, "dec1_conv2")).to_be_attached()
    # At the end, from a click close to it on, it is back at the image.
    drawing(page).locator("#map-enc1_conv2 image").click()
    expect(current(page, "input")).to_be_attached()


def test_one_weight_two_ways(page, ran):
    layer = page.get_by_label("Layer", exact=True)
    to_top(layer)
    ran.shot("7_weight")
    for name in ("dec1_up", "bottleneck_conv2", "head"):
        layer.select_option(name)
        expect(
            page.get_by_text(re.compile(rf"{name}, row .*: analytic .*, numeric"))
        ).to_be_visible()
    ran.shot("8_head")


def test_one_pixel_of_the_output(page, ran):
    output = page.get_by_role("group", name="The output: the probability of a class")
    to_top(output)
    ran.shot("9_pixel")
    sentence = page.get_by_text(
        re.compile(r"^Output row \d+, column \d+: the gradient of its score")
    )
    expect(sentence).to_be_visible()
    before = sentence.inner_text()
    output.click(position={"x": 40, "y": 60})
    expect(page.get_by_text(before)).to_have_count(0)
    expect(sentence).to_contain_text("outside: 0.")
    ran.shot("10_another_pixel")


def test_in_the_dark(page, ran):
    ran.theme("JupyterLab Dark")
    for number, top in enumerate(
        (
            button(page, "Back"),
            page.get_by_label("Layer", exact=True),
            page.get_by_role("group", name="The output: the probability of a class"),
        )
    ):
        to_top(top)
        ran.shot(f"11_dark_{number}")
    ran.theme("JupyterLab Light")


def test_everything_has_a_name_and_the_memory_is_enough(ran):
    assert ran.nameless() == []
    assert ran.peak_memory() < 1.2e9
