"""Lesson 02 in the browser: every panel answers, nothing is lost on the way."""

import numpy as np
import pytest
from playwright.sync_api import expect

import unetviz as uv

NOTEBOOK = "02_resampling"


@pytest.fixture
def page(ran):
    return ran.page


def panel(page, number):
    return page.get_by_role("group", name="Two matrices of numbers").nth(number)


def test_a_window_lights_up(page, ran):
    panel(page, 0).focus()
    page.keyboard.press("End")
    assert panel(page, 0).locator("td.linked").count() == 4
    panel(page, 0).evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("2_means")


def test_methods_and_conventions(page, ran):
    values = np.array([[0, 8, 4, 2], [4, 4, 9, 1], [7, 2, 5, 3], [1, 6, 0, 8]])
    for method in ("nearest", "mean", "bilinear"):
        page.get_by_label("Method").first.select_option(method)
        second = uv.labs.upsample(values, 2, method)[3, 4]
        cell = panel(page, 1).locator("figure").last.locator("td > span").nth(3 * 8 + 4)
        expect(cell).to_have_text(f"{second:.3g}")
    page.get_by_label("Pixels are").select_option("points, aligned at the corners")
    corner = panel(page, 1).locator("figure").last.locator("td > span").last
    expect(corner).to_have_text("8")
    panel(page, 1).evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("3_bilinear")


def test_round_trip(page, ran):
    page.get_by_label("Window s").nth(1).select_option("8 x 8")
    page.get_by_label("Method").last.select_option("median")
    expect(page.get_by_text("median: a mean absolute error of")).to_be_visible()
    page.get_by_label("Method").last.evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("4_round_trip")


def test_pooling_of_an_odd_size(page, ran):
    expect(page.get_by_text("2 windows a side; the last row and column (dashed)")).to_be_visible()
    page.get_by_label("Padding").select_option("same (padded, never the largest)")
    expect(
        page.get_by_text("same: 3 windows a side; padding is never the largest.")
    ).to_be_visible()
    ran.shot("5_pooling")


def test_dark_theme(page, ran):
    ran.theme("JupyterLab Dark")
    panel(page, 1).evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("6_dark")
    ran.theme("JupyterLab Light")


def test_memory_of_the_kernel(ran):
    assert ran.peak_memory() < 400e6
