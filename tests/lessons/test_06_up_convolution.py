"""Lesson 06 in the browser: three views of one operation, typed numbers, coverage."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

import unetviz as uv

NOTEBOOK = "06_up_convolution"
VALUES, KERNEL = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.fixture
def page(ran):
    ran.page.get_by_label("Kernel / stride").first.select_option("3 / 2 (overlaps unevenly)")
    expect(view(ran.page, "stamps").locator("figure").last.locator("td")).to_have_count(25)
    ran.page.get_by_label("Kernel / stride").first.select_option("2 / 2 (the U-Net's)")
    expect(view(ran.page, "stamps").locator("figure").last.locator("td")).to_have_count(16)
    view(ran.page, "stamps").focus()
    ran.page.keyboard.press("Home")
    expect(ran.page.get_by_text("Step 1 of 16", exact=True)).to_be_visible()
    return ran.page


NAMES = {
    "stamps": "Transposed convolution as stamps",
    "zeros": "The same as a convolution with zeros put in",
    "matrix": "The same as a matrix times a column",
}


def view(page, name):
    return page.get_by_role("group", name=NAMES[name])


def cells(page, name, grid=-1):
    """Texts of one matrix, without the weights."""
    return (
        view(page, name)
        .locator("figure")
        .nth(grid)
        .locator("td > :first-child")
        .evaluate_all("nodes => nodes.map((n) => n.value ?? n.textContent)")
    )


def chosen(page, name):
    """Index of the cell in hand, in the matrix that comes out."""
    return (
        view(page, name)
        .locator("figure")
        .last.locator("td")
        .evaluate_all("nodes => nodes.findIndex((n) => n.classList.contains('chosen'))")
    )


def test_all_views_show_the_computed_numbers(page, ran):
    out = uv.labs.stamp_and_add(VALUES, KERNEL, 2).ravel()
    for name in NAMES:
        assert np.array_equal(np.array(cells(page, name), float), out)
    view(page, "stamps").evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("2_three_views")


def test_one_step_control_moves_all_three(page):
    page.get_by_role("button", name="Next").click()
    assert [chosen(page, name) for name in NAMES] == [1] * 3
    view(page, "zeros").locator("figure").last.locator("td").nth(10).hover()
    assert [chosen(page, name) for name in NAMES] == [10] * 3
    expect(page.get_by_text("Step 11 of 16", exact=True)).to_be_visible()


def test_numbers_are_typed_and_nonsense_is_refused(page, ran):
    box = page.get_by_label("in: 0, 0")
    box.fill("10")
    box.press("Enter")
    changed = VALUES.copy()
    changed[0, 0] = 10
    out = uv.labs.stamp_and_add(changed, KERNEL, 2).ravel()
    expect(view(page, "matrix").locator("figure").last.locator("td").first).to_have_text("10")
    assert np.array_equal(np.array(cells(page, "zeros"), float), out)
    page.get_by_label("in: 0, 0").fill("ten")
    page.get_by_label("in: 0, 0").press("Enter")
    wrong = page.get_by_text("'ten' is no number from -99 to 99")
    expect(wrong).to_be_visible()
    expect(page.get_by_label("in: 0, 0")).to_have_value("10")
    wrong.scroll_into_view_if_needed()
    ran.shot("3_no_number")
    page.get_by_label("in: 0, 0").fill("1")
    page.get_by_label("in: 0, 0").press("Enter")
    expect(wrong).to_have_count(0)


def test_tab_goes_to_the_next_box_while_the_numbers_are_written_anew(page):
    page.get_by_label("in: 0, 0").fill("10")
    page.get_by_label("in: 0, 0").press("Tab")
    first = view(page, "matrix").locator("figure").last.locator("td").first
    expect(first).to_have_text("10")
    expect(page.get_by_label("in: 0, 1")).to_be_focused()
    page.get_by_label("in: 0, 0").fill("1")
    page.get_by_label("in: 0, 0").press("Enter")
    expect(first).to_have_text("1")


def test_the_largest_example_and_play(page, ran):
    page.get_by_label("Kernel / stride").first.select_option("4 / 2 (overlaps evenly)")
    expect(page.get_by_text("Step 1 of 36", exact=True)).to_be_visible()
    view(page, "matrix").evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("4_matrix")
    page.get_by_label("Speed").first.select_option("fast")
    view(page, "stamps").focus()
    page.keyboard.press(" ")
    expect(page.get_by_text(re.compile(r"^Step [1-9]\d of 36$"))).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_coverage(page, ran):
    size = page.get_by_label("Kernel / stride").last
    size.select_option("3 / 2 (overlaps unevenly)")
    expect(page.get_by_text("in a chequered pattern")).to_be_visible()
    size.evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("5_coverage")
    size.select_option("64 / 32 (FCN's, bilinear)")
    expect(page.get_by_text("every output is written 4 times")).to_be_visible()
    ran.shot("6_fcn")


def test_every_control_has_a_name(page, ran):
    assert ran.nameless() == []


def test_dark_theme(page, ran):
    ran.theme("JupyterLab Dark")
    view(page, "stamps").evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("7_dark")
    ran.theme("JupyterLab Light")


def test_memory_of_the_kernel(ran):
    assert ran.peak_memory() < 400e6
