"""The first notebook as a learner meets it, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

import unetviz as uv

NOTEBOOK = "00_start_here"


@pytest.fixture(scope="module")
def before(notebook):
    """What the notebook shows before anything was run."""
    notebook.shot("0_before")
    return notebook.page.get_by_role("main").inner_text(), notebook.page.locator("img").count()


@pytest.fixture(scope="module")
def ran(notebook, before):
    notebook.run_all()
    notebook.shot("1_ran")
    return notebook


def note(notebook, number):
    """The note of the question or panel with this number, from the top."""
    return notebook.page.get_by_role("status").nth(number)


def test_without_a_kernel_everything_can_be_read(before):
    text, images = before
    assert images >= 1
    for step in uv.trace(uv.PAPER):
        assert step.name in text
    assert "1364 x 659 does not work with this network" in text
    assert "How many pixels a side come out?" in text
    assert "图像分割" in text


def test_after_running_the_panels_are_alive(ran):
    expect(ran.page.get_by_label("Image size")).to_have_value("1364 x 659")
    expect(ran.page.get_by_label("Your answer")).to_have_count(3)
    expect(ran.page.get_by_text("341 x 164").first).to_be_visible()
    expect(ran.page.get_by_role("group", name="Drawing of the U-Net")).to_have_count(1)


def test_the_explorer_steps(ran):
    expect(ran.page.get_by_text("Step 36 of 36")).to_be_visible()
    ran.shot("1_explorer")
    ran.page.get_by_role("group", name="Drawing of the U-Net").focus()
    ran.page.keyboard.press("Home")
    expect(ran.page.get_by_text("Step 1 of 36")).to_be_visible()


def test_a_size_is_checked_while_it_is_typed(ran):
    box = ran.page.get_by_label("Image size")
    box.fill("572 x 572")
    expect(ran.page.get_by_text("572 x 572 does not work")).to_be_visible()
    ran.page.get_by_label("Padding").last.select_option("valid (no zeros)")
    expect(ran.page.get_by_text("572 x 572 fits: 388 x 388 come out")).to_be_visible()
    ran.shot("2_size_fits")
    box.fill("573")
    expect(ran.page.get_by_text("573 x 573 works, 388 x 388 come out, but")).to_be_visible()
    box.fill("five")
    expect(ran.page.get_by_text("not 'five'")).to_be_visible()
    ran.shot("3_size_wrong")
    ran.page.get_by_label("Poolings").last.select_option("8")
    ran.page.get_by_label("Poolings").last.select_option("1")
    box.fill("999999999")
    expect(ran.page.get_by_text("999999999 x 999999999 works")).to_be_visible()
    box.fill("1364 x 659")
    ran.page.get_by_label("Padding").last.select_option("same (zeros around)")
    ran.page.get_by_label("Poolings").last.select_option("4")
    expect(ran.page.get_by_text("1360 and 1376").last).to_be_visible()


def test_a_wrong_answer_a_hint_and_a_right_answer(ran):
    box = ran.page.get_by_label("Your answer").first
    box.fill("572")
    box.press("Enter")
    hint = ran.page.get_by_text("572 is not it. A hint:")
    expect(hint).to_be_visible()
    hint.scroll_into_view_if_needed()
    ran.shot("4_hint")
    box.fill("388")
    box.press("Enter")
    expect(ran.page.get_by_text("388 is right.")).to_be_visible()
    expect(box).to_be_disabled()
    ran.shot("5_right")


def test_the_button_alone_and_the_answer_on_demand(ran):
    box = ran.page.get_by_label("Your answer").nth(1)
    box.fill("176")
    ran.page.get_by_role("button", name="Check").nth(1).click()
    expect(ran.page.get_by_text("176 is not it. A hint:")).to_be_visible()
    ran.page.get_by_role("button", name="Show the answer").nth(1).click()
    expect(ran.page.get_by_text("The answer is 88.")).to_be_visible()


def test_by_keyboard_alone(ran):
    box = ran.page.get_by_label("Your answer").nth(2)
    box.focus()
    ran.page.keyboard.type("404")
    ran.page.keyboard.press("Tab")
    expect(ran.page.get_by_text("404 is right.")).to_be_visible()


def test_dark_theme(ran):
    ran.theme("JupyterLab Dark")
    ran.page.get_by_label("Image size").scroll_into_view_if_needed()
    ran.shot("6_dark")
    ran.page.get_by_text("388 is right.").scroll_into_view_if_needed()
    ran.shot("7_dark_question")
    ran.theme("JupyterLab Light")


def test_running_again_leaves_one_panel(ran):
    ran.run_all()
    expect(ran.page.get_by_label("Image size")).to_have_count(1)
    expect(ran.page.get_by_label("Your answer")).to_have_count(3)
    expect(ran.page.get_by_text(re.compile("is right"))).to_have_count(0)


def test_memory_of_the_kernel(ran):
    assert ran.peak_memory() < 400e6
