"""Lesson 05 in the browser: an image and its maps, skips, what the padding reaches."""

import re

import pytest
from playwright.sync_api import expect

import unetviz as uv
from unetviz.draw.unet.layout import map_areas

NOTEBOOK = "05_crops_and_skips"
PAPER = uv.trace(uv.PAPER)


@pytest.fixture
def page(ran):
    """The page with the ancestry image in view, nothing held."""
    image(ran.page).evaluate("node => node.scrollIntoView({block: 'start'})")
    image(ran.page).focus()
    ran.page.keyboard.press("Escape")
    return ran.page


def image(page):
    return page.get_by_role("group", name="The image with the boxes that belong to one pixel")


def hover(page, row, column):
    """Move the pointer over a pixel of the input image."""
    box = image(page).bounding_box()
    scale = box["width"] / 572
    page.mouse.move(box["x"] + (column + 0.5) * scale, box["y"] + (row + 0.5) * scale)


def legend(page):
    """Sizes in the legend of the ancestry image, by what they belong to."""
    lines = image(page).locator("xpath=following-sibling::div").locator("p")
    return dict(
        lines.evaluate_all(
            "ps => ps.map((p) => ["
            "[...p.querySelectorAll('span')].map((s) => s.textContent).join('').trim(),"
            "p.querySelector('b')?.textContent || ''])"
        )
    )


def expected(row, column):
    found = uv.receptive_field(PAPER, row, column)
    names = {f"skip{level}": f"through skip {level}" for level in range(1, 5)}
    names["bottleneck"] = "the bottleneck"
    return {names[name]: f"{box.height} x {box.width}" for name, box in found.paths.items()}


def drawn_boxes(page):
    """Corners of the boxes on the image, from the smallest to the largest."""
    rectangles = (
        image(page)
        .locator("rect.box")
        .evaluate_all(
            "nodes => nodes.filter((n) => !n.matches('.window, .free'))"
            ".map((n) => ['y', 'x', 'height', 'width'].map((a) => Number(n.getAttribute(a))))"
        )
    )
    return sorted((y, x, y + h, x + w) for y, x, h, w in rectangles)


def test_without_a_kernel_it_can_be_read(notebook):
    text = notebook.page.get_by_role("main").inner_text()
    assert "What output pixel (195, 195) depends on: 188 x 188 pixels of the input" in text
    assert "392x392x128" in text


def test_image_and_maps_follow_the_pointer(page, ran):
    hover(page, 92 + 195, 92 + 196)
    expect(page.get_by_text("Output pixel: row 195, column 196", exact=True)).to_be_visible()
    found = uv.receptive_field(PAPER, 195, 196)
    assert expected(195, 196).items() <= legend(page).items()
    corners = sorted((b.top, b.left, b.bottom, b.right) for b in found.paths.values())
    assert drawn_boxes(page) == corners
    boxes = [found.boxes[name] for name in map_areas(PAPER)]
    visible = page.locator(".unetviz-view rect.receptive-box:visible")
    expect(visible).to_have_count(sum(box is not None for box in boxes))
    ran.shot("2_receptive_field")


def test_turned_round(page, ran):
    page.get_by_label("Follow").select_option("an input pixel on to the output")
    expect(page.get_by_text("Input pixel: row")).to_be_visible()
    hover(page, 0, 0)
    expect(page.get_by_text("Input pixel: row 0, column 0", exact=True)).to_be_visible()
    assert drawn_boxes(page) == [(92, 92, 108, 108)]
    ran.shot("5_influence_corner")
    page.get_by_label("Follow").select_option("an output pixel back to the input")
    expect(page.get_by_text("Output pixel: row")).to_be_visible()


def test_another_network_and_one_that_fails(page, ran):
    box = page.get_by_label("Height = width").first
    page.get_by_label("Poolings").first.select_option("2")
    expect(page.get_by_text("through skip 3", exact=True)).to_have_count(0)
    page.get_by_label("Poolings").first.select_option("4")
    expect(page.get_by_text("through skip 4", exact=True)).to_have_count(1)
    box.fill("100")
    box.press("Enter")
    wrong = page.get_by_text(re.compile("needs at least 3 x 3 pixels.*still shows"))
    expect(wrong).to_be_visible()
    wrong.scroll_into_view_if_needed()
    ran.shot("6_fails")
    page.get_by_role("button", name="188").first.click()
    expect(page.get_by_text("4 x 4", exact=True)).to_be_visible()
    image(page).evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("7_smallest")
    box.fill("1020")
    box.press("Enter")
    expect(page.get_by_text("836 x 836", exact=True)).to_be_visible()
    ran.shot("8_largest")
    box.fill("572")
    box.press("Enter")
    expect(page.get_by_text("388 x 388", exact=True).first).to_be_visible()


def test_padding_free_box_moves_with_the_way_up(page, ran):
    sizes = page.get_by_text(re.compile("never see padding: rows"))
    expect(sizes).to_contain_text("68 x 68 of the 256 x 256")
    page.get_by_label("Way up").last.select_option("copies, then 2x2")
    expect(sizes).to_contain_text("53 x 53 of the 256 x 256")
    sizes.scroll_into_view_if_needed()
    ran.shot("9_padding_free")


def test_skips_on_a_real_image(page, ran):
    level = page.get_by_label("Level")
    for number in ("1", "4"):
        level.select_option(number)
        crop = PAPER[f"dec{number}_crop"]
        expect(page.get_by_text(f"{crop.why}: {crop.crop[0][0]} rows are cut")).to_be_visible()
        level.evaluate("node => node.scrollIntoView({block: 'start'})")
        ran.shot(f"10_skip_{number}")
    channel = page.get_by_label("Channel of each half")
    strip = page.get_by_role("group", name="The channels of the joined map")
    strip.click(position={"x": 26 * 3 + 5, "y": 5})
    expect(channel).to_have_value("3")


def test_every_control_has_a_name(page, ran):
    assert ran.nameless() == []


def test_nothing_is_wider_than_its_place(page):
    wide = page.get_by_role("main").evaluate(
        """main => [...main.querySelectorAll(".unetviz-image .frame, .unetviz-image .legend p")]
            .filter((node) => node.scrollWidth > node.clientWidth + 1)
            .map((node) => node.textContent || node.className)"""
    )
    assert wide == []


def test_dark_theme(page, ran):
    ran.theme("JupyterLab Dark")
    image(page).evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("11_dark")
    page.get_by_label("Level").evaluate("node => node.scrollIntoView({block: 'start'})")
    ran.shot("12_dark_skip")
    ran.theme("JupyterLab Light")


def test_memory_of_the_kernel(ran):
    assert ran.peak_memory() < 1.2e9
