"""Lesson 03 in the browser: an FCN at several sizes, single edits, a sum taken apart."""

import re

import pytest
from playwright.sync_api import expect

import unetviz as uv

NOTEBOOK = "03_fcn_to_unet"
CHANGES = list(uv.geometry.ABLATION.values())
NAMES = (
    "FCN-32s",
    "FCN-16s",
    "FCN-8s",
    "U-Net, skips added",
    "U-Net, skips concatenated",
    "U-Net, up-convolutions",
    "U-Net, no padding",
)


@pytest.fixture
def page(ran):
    return ran.page


def drawing(page, which):
    """The first drawing is that of the FCN, the second that of the edits."""
    return page.locator(".unetviz-view").nth(which)


def button(page, name, which):
    return page.get_by_role("button", name=name).nth(which)


def fill(page, name, value):
    box = page.get_by_label(name, exact=True).first
    box.fill(str(value))
    box.press("Enter")


def to_top(locator):
    locator.evaluate("node => node.scrollIntoView({block: 'start'})")


def image(page, name):
    return page.get_by_role("group", name=name)


def address(view):
    """Address of the image that a view shows; a new one for each image."""
    return view.locator("img").first.get_attribute("src")


def test_without_a_kernel_it_can_be_read(notebook):
    text = notebook.page.get_by_role("main").inner_text()
    assert "merge: 'add' → 'concat'" in text
    assert "tf.image.resize, bilinear: half-pixel centres" in text
    assert "WARNING" not in text


def test_an_fcn_at_other_sizes(page, ran):
    to_top(page.get_by_label("Network", exact=True).first)
    ran.shot("2_fcn")
    expect(page.get_by_text("512 x 512 fits: the poolings leave 16 x 16 scores.")).to_be_visible()
    for size, words in (
        (500, "height 500 is no multiple of 32."),
        (520, "height 520 is no multiple of 32."),
        (31, "31 x 512 is too small: "),
    ):
        fill(page, "Height", size)
        expect(page.get_by_text(words)).to_be_visible()
        page.get_by_text(words).scroll_into_view_if_needed()
        ran.shot(f"3_height_{size}")
    fill(page, "Height", 512)
    for stride in (16, 8):
        page.get_by_label("Network", exact=True).first.select_option(f"FCN-{stride}s")
        joins = sum(step.kind == "add" for step in uv.trace(uv.FCNSpec(512, stride=stride)))
        expect(drawing(page, 0).locator("g.joined")).to_have_count(joins)
    to_top(page.get_by_label("Network", exact=True).first)
    ran.shot("4_fcn_8s")


def test_its_steps_by_buttons_and_keys(page):
    button(page, "Next", 0).click()
    expect(drawing(page, 0).locator('.current[data-step="enc1_conv1"]').first).to_be_attached()
    drawing(page, 0).press("End")
    expect(
        page.get_by_text("softmax: at each pixel the scores become probabilities").first
    ).to_be_visible()
    drawing(page, 0).locator("#map-dec5_add").click()
    expect(page.get_by_text("Sum: the maps are added number by number").first).to_be_visible()


def test_every_edit_is_framed_and_measured(page, ran):
    expect(drawing(page, 1).locator(".halo")).to_have_count(0)
    expect(page.get_by_text("FCN-32s: Dice ")).to_be_visible()
    for before, after, name in zip(CHANGES[:-1], CHANGES[1:], NAMES[1:], strict=True):
        assert page.locator("tr", has_text=name).last.get_by_text("?").count() == 2
        page.get_by_role("button", name="Next edit").click()
        expect(page.get_by_text(re.compile(rf"^{name}: Dice 0\.\d+ → 0\.\d+"))).to_be_visible()
        changed = uv.geometry.changed_steps(uv.trace(before), uv.trace(after))
        assert changed
        expect(drawing(page, 1).locator(".frame-of-change").first).to_be_attached()
        expect(page.locator("tr", has_text=name).last).to_have_css("font-weight", "700")
        to_top(button(page, "Back", 1))
        ran.shot(f"5_{name}")
        page.get_by_text(re.compile(rf"^{name}: Dice")).scroll_into_view_if_needed()
        ran.shot(f"6_{name}")
    expect(page.get_by_text(re.compile("Size 256 x 256 does not fit this network"))).to_be_visible()
    expect(drawing(page, 1).locator(".lost").first).to_be_attached()


def test_another_place_and_another_image(page, ran):
    whole = image(page, "The image, and the window that is enlarged")
    zoomed = image(page, f"After: {NAMES[-1]}")
    to_top(page.get_by_label("Image", exact=True).first)
    ran.shot("7_outlines")
    before = address(zoomed)
    whole.click(position={"x": 128, "y": 128})
    expect(zoomed.locator("img").first).not_to_have_attribute("src", before)
    before = address(zoomed)
    whole.press("Shift+ArrowDown")
    expect(zoomed.locator("img").first).not_to_have_attribute("src", before)
    before = address(whole)
    page.get_by_label("Image", exact=True).first.select_option(index=2)
    expect(whole.locator("img").first).not_to_have_attribute("src", before)
    ran.shot("8_third_image")


def test_the_sum_is_taken_apart(page, ran):
    to_top(page.get_by_label("Sum", exact=True))
    ran.shot("9_sum")
    sentence = page.get_by_text(re.compile(r"^At row \d+, column \d+ .*coarse .* finer .* = "))
    expect(sentence).to_be_visible()
    page.get_by_label("Sum", exact=True).select_option(index=1)
    expect(page.get_by_text("What comes from below holds the sum of level 5")).to_be_visible()
    sentence.scroll_into_view_if_needed()
    ran.shot("10_sum_of_level_4")


def test_in_the_dark(page, ran):
    ran.theme("JupyterLab Dark")
    for number, top in enumerate(
        (
            page.get_by_label("Network", exact=True).first,
            button(page, "Back", 1),
            page.get_by_label("Image", exact=True).first,
            page.get_by_label("Sum", exact=True),
        )
    ):
        to_top(top)
        ran.shot(f"11_dark_{number}")
    ran.theme("JupyterLab Light")


def test_everything_has_a_name_and_the_memory_is_enough(ran):
    assert ran.nameless() == []
    assert ran.peak_memory() < 1.2e9
