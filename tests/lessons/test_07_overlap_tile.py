"""Lesson 07 in the browser: tiles under the pointer, seams measured, Stop."""

import pytest
from playwright.sync_api import expect

import unetviz as uv

NOTEBOOK = "07_overlap_tile"


@pytest.fixture
def page(ran):
    return ran.page


def words(spec):
    """What the panel says about the image of the lesson in the tiles of a network."""
    plan = uv.labs.plan_tiles(930, spec)
    rows, columns = plan.grid
    return f"\u2713 {len(plan)} tiles ({rows} x {columns}), {plan.stride[0]} apart."


def test_the_tile_under_the_pointer(page, ran):
    image = page.get_by_role("group", name="The image in its tiles")
    image.evaluate("node => node.scrollIntoView({block: 'start'})")
    image.focus()
    for key in ["Home", *["PageUp"] * 90]:
        page.keyboard.press(key)
    expect(page.get_by_text("Pixel: row 0, column 0", exact=True)).to_be_visible()
    expect(page.get_by_text("384 x 384", exact=True)).to_be_visible()
    ran.shot("2_first_tile")
    tile = uv.labs.plan_tiles(930, uv.PAPER).tiles[0].input
    boxes = image.locator("rect.box.tile").evaluate_all(
        "nodes => nodes.map((n) => [+n.getAttribute('y'), +n.getAttribute('x')])"
    )
    assert boxes == [[tile.top, tile.left]]
    page.keyboard.press("Escape")


def test_other_plans(page, ran):
    page.get_by_label("Network").first.select_option("the document's code: 256, same")
    expect(page.get_by_text(words(uv.DOCUMENT), exact=True)).to_be_visible()
    ran.shot("3_document")
    page.get_by_label("Network").first.select_option("the paper's: 572, valid")
    expect(page.get_by_text(words(uv.PAPER), exact=True)).to_be_visible()
    stride = page.get_by_label("Stride").first
    stride.fill("388")
    stride.press("Enter")
    expect(page.get_by_text("With seams: the tiles lie 388 apart in height").first).to_be_visible()
    stride.fill("400")
    stride.press("Enter")
    wrong = page.get_by_text("take a stride of at most 388")
    expect(wrong).to_be_visible()
    wrong.scroll_into_view_if_needed()
    ran.shot("4_gaps")


def test_the_seam_meter(page, ran):
    meter = page.get_by_role("group", name="its difference to one pass")
    meter.evaluate("node => node.scrollIntoView({block: 'start'})")
    expect(page.get_by_text("There is no difference to one pass")).to_be_visible()
    stride = page.get_by_label("Stride").last
    stride.fill("388")
    stride.press("Enter")
    expect(page.get_by_text("The largest difference to one pass is 0.")).to_be_visible()
    stride.evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("5_seams")
    page.get_by_role("button", name="Seamless settings").last.click()
    expect(page.get_by_text("There is no difference to one pass")).to_be_visible()


def test_stop(page, ran):
    page.get_by_label("Network").last.select_option("256, same")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped. What is shown is the result before.")).to_be_visible()
    page.get_by_label("Margin").fill("0")
    page.get_by_label("Margin").press("Enter")
    expect(
        page.get_by_text("With seams: outputs 0 to 63 of a tile are kept in height")
    ).to_be_visible()
    page.get_by_label("Margin").evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("6_padded")


def test_dark_theme(page, ran):
    ran.theme("JupyterLab Dark")
    ran.shot("7_dark")
    ran.theme("JupyterLab Light")


def test_memory_of_the_kernel(ran):
    assert ran.peak_memory() < 1.2e9
