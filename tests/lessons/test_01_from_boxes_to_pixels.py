"""Lesson 01 in the browser: a network is trained, its head turned, every pixel explained."""

import pytest
from playwright.sync_api import expect

NOTEBOOK = "01_from_boxes_to_pixels"


@pytest.fixture
def page(ran):
    return ran.page


def test_sizes_that_the_dense_network_takes_and_refuses(page, ran):
    side = page.get_by_label("Height = width")
    expect(page.get_by_text("The dense network refuses an image of 128 x 128")).to_be_visible()
    side.select_option("160")
    expect(page.get_by_text("the same weights give 33 x 33 answers at once")).to_be_visible()
    side.evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("2_larger")
    side.select_option("32")
    expect(page.get_by_text("the same weights give 1 x 1 answers at once")).to_be_visible()
    expect(page.get_by_text("The dense network refuses an image")).to_have_count(0)
    ran.shot("3_trained_size")


def test_every_pixel_has_its_loss(page, ran):
    view = page.get_by_role("group", name="Losses of a small image")
    view.focus()
    page.keyboard.press("End")
    expect(page.get_by_text("row 7, column 7: scores")).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_text("row 6, column 7: scores")).to_be_visible()
    view.evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("4_losses")


def test_nothing_red_is_printed(page):
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0


def test_dark_theme(page, ran):
    ran.theme("JupyterLab Dark")
    ran.shot("5_dark")
    ran.theme("JupyterLab Light")


def test_memory_of_the_kernel(ran):
    assert ran.peak_memory() < 1.2e9
