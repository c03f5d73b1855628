"""Lesson 09 in the browser: maps of a trained network, files of one's own, numbers, skips."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import unetviz as uv

NOTEBOOK = "09_learned_activations"
CELLS = uv.trace(uv.PAPER.replace(base_filters=16))
FILE = "Or an image of your own:"


@pytest.fixture
def page(ran):
    return ran.page


def chosen(page, name):
    """The entry that is chosen in the first list of this name."""
    return page.get_by_label(name, exact=True).first.locator("option:checked")


def sheet(page):
    return page.get_by_role("group", name="All channels of the chosen map")


def large(page):
    return page.get_by_role("group", name="One channel of the chosen map")


def small_image(page, step):
    """The small image in a map of the drawing."""
    return page.locator(f"#map-{step} image")


def size_words(step):
    height, width, channels = CELLS[step].out_shape
    return f"{height} x {width} pixels, {channels} channels."


def png(side):
    file = io.BytesIO()
    random = np.random.default_rng(side)
    Image.fromarray(random.integers(0, 256, (side, side + 20, 3), np.uint8)).save(file, "PNG")
    return file.getvalue()


def pick(page, name, content):
    """Pick a file as the browser's own window would hand it over."""
    file = {"name": name, "mimeType": "image/png", "buffer": content}
    page.get_by_label(FILE).set_input_files(file)


def pick_file(page, path, size):
    """The same with a large file, which the browser reads by itself."""
    path.write_bytes(bytes(size))
    page.get_by_label(FILE).set_input_files(path)


def to_top(locator):
    locator.evaluate("node => node.scrollIntoView({block: 'start'})")


def press_at(page, view, columns, row, column):
    """Click on a pixel of an image."""
    box = view.bounding_box()
    scale = box["width"] / columns
    page.mouse.click(box["x"] + (column + 0.5) * scale, box["y"] + (row + 0.5) * scale)


def test_without_a_kernel_it_can_be_read(notebook):
    text = notebook.page.get_by_role("main").inner_text()
    assert (
        "What cells, trained makes of synthetic cells: a real channel in each map of its U." in text
    )
    assert "and the number in row" in text
    assert "trained without skips" in text


def test_a_click_on_a_map_shows_its_channels(page, ran):
    to_top(page.get_by_label("Network", exact=True))
    ran.shot("2_explorer")
    for step in ("bottleneck_conv2", "enc2_pool", "dec1_conv1"):
        small_image(page, step).click()
        expect(chosen(page, "Map")).to_have_text(step)
        expect(page.get_by_text(f"{step}: {CELLS[step].label}; {size_words(step)}")).to_be_visible()
        expect(page.get_by_text(re.compile(rf"^channel \d+ of {step}, "))).to_be_visible()
        to_top(page.get_by_label("Map", exact=True))
        ran.shot(f"3_{step}")
    page.get_by_label("Map", exact=True).select_option("head")
    expect(page.get_by_text(f"; {size_words('head')}")).to_be_visible()
    expect(page.locator('.unetviz-view .current[data-step="head"]').first).to_be_attached()
    ran.shot("3_head")


def test_arrow_keys_go_from_map_to_map(page):
    page.get_by_label("Map", exact=True).select_option("enc1_conv1")
    expect(page.locator('.unetviz-view .current[data-step="enc1_conv1"]').first).to_be_attached()
    page.locator(".unetviz-view").press("ArrowRight")
    expect(chosen(page, "Map")).to_have_text("enc1_conv2")
    expect(page.get_by_text(re.compile(r"^channel \d+ of enc1_conv2, "))).to_be_visible()


def test_a_click_on_a_channel_shows_it_large(page, ran):
    page.get_by_label("Map", exact=True).select_option("dec1_conv1")
    expect(page.get_by_text(re.compile(r"^channel \d+ of dec1_conv1, "))).to_be_visible()
    to_top(page.get_by_label("Map", exact=True))
    for number in (0, 14, 5):
        box = sheet(page).bounding_box()
        line, place = divmod(number, 4)
        at = {"x": (place + 0.5) * box["width"] / 4, "y": (line + 0.5) * box["height"] / 4}
        sheet(page).click(position=at)
        expect(page.get_by_label("Channel", exact=True)).to_have_value(str(number))
        expect(page.get_by_text(f"channel {number} of dec1_conv1, ")).to_be_visible()
    ran.shot("4_channel")
    # An arrow key goes from channel to channel.
    sheet(page).press("ArrowRight")
    expect(page.get_by_label("Channel", exact=True)).to_have_value("6")
    page.get_by_label("Channel", exact=True).fill("11")
    page.get_by_label("Channel", exact=True).press("Enter")
    expect(page.get_by_text("channel 11 of dec1_conv1, ")).to_be_visible()


def test_the_number_under_the_pointer(page, ran):
    columns = CELLS["dec1_conv1"].out_shape[1]
    to_top(large(page))
    box = large(page).bounding_box()
    scale = box["width"] / columns
    page.mouse.move(box["x"] + 200.5 * scale, box["y"] + 150.5 * scale)
    expect(page.get_by_text(re.compile(r"^row 150, column 200: -?\d"))).to_be_visible()
    press_at(page, large(page), columns, 30, 40)
    expect(page.get_by_text(re.compile(r"^row 30, column 40: -?\d"))).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text(re.compile(r"^row 31, column 40: -?\d"))).to_be_visible()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text(re.compile(r"^row 31, column 56: -?\d"))).to_be_visible()
    ran.shot("5_number")
    page.keyboard.press("Escape")


def test_one_scale_for_all_channels(page, ran):
    to_top(page.get_by_label("Map", exact=True))
    page.get_by_label("Colours", exact=True).select_option("one scale for all channels")
    expect(
        page.get_by_text(re.compile(r"^One scale for all channels: \S+ to \S+\.$"))
    ).to_be_visible()
    ran.shot("6_one_scale")
    page.get_by_label("Colours", exact=True).select_option("a scale for each channel")
    expect(page.get_by_text("Each channel has its own scale")).to_be_visible()


def test_another_network_and_another_image(page, ran):
    to_top(page.get_by_label("Network", exact=True))
    shown = small_image(page, "dec1_conv2")
    before = shown.get_attribute("href")
    page.get_by_label("Network", exact=True).select_option("the same network, random weights")
    expect(shown).not_to_have_attribute("href", before)
    expect(chosen(page, "Map")).to_have_text("dec1_conv1")
    ran.shot("7_random")
    seen = small_image(page, "input")
    before = seen.get_attribute("href")
    page.get_by_label("Image", exact=True).first.select_option("coins (a photograph)")
    expect(seen).not_to_have_attribute("href", before)
    ran.shot("8_coins")
    before = shown.get_attribute("href")
    page.get_by_label("Network", exact=True).select_option("cells, trained")
    expect(shown).not_to_have_attribute("href", before)


def test_an_image_of_ones_own(page, ran):
    to_top(page.get_by_label("Network", exact=True))
    seen = small_image(page, "input")
    before = seen.get_attribute("href")
    pick(page, "<i>mine.png", png(80))
    expect(chosen(page, "Image")).to_have_text("your file: <i>mine.png")
    expect(seen).not_to_have_attribute("href", before)
    ran.shot("9_own_file")
    # The same name again, with something else in it.
    before = seen.get_attribute("href")
    pick(page, "<i>mine.png", png(90))
    expect(seen).not_to_have_attribute("href", before)


def test_a_broken_image(page, ran):
    before = small_image(page, "input").get_attribute("href")
    pick(page, "<i>broken.png", b"this is no image")
    wrong = page.get_by_text("'<i>broken.png' is no PNG, JPEG or TIFF")
    expect(wrong).to_be_visible()
    expect(wrong).to_contain_text("What was shown before is still shown.")
    expect(chosen(page, "Image")).to_have_text("your file: <i>mine.png")
    assert small_image(page, "input").get_attribute("href") == before
    wrong.scroll_into_view_if_needed()
    ran.shot("10_broken")


def test_a_file_that_is_too_large_is_not_sent(page, ran, tmp_path):
    # The largest message that goes to the kernel from now on.
    page.evaluate(
        """() => {
            const send = WebSocket.prototype.send;
            window.largest = 0;
            window.stopCounting = () => { WebSocket.prototype.send = send; };
            WebSocket.prototype.send = function (data) {
                window.largest = Math.max(window.largest, data.byteLength ?? data.length);
                return send.call(this, data);
            };
        }"""
    )
    pick_file(page, tmp_path / "huge.png", 10_500_000)
    wrong = page.get_by_text("huge.png has 10.5 MB; at most 9 MB fit through this connection.")
    expect(wrong).to_be_visible()
    assert 0 < page.evaluate("() => window.largest") < 100_000
    # One that just fits is.
    pick_file(page, tmp_path / "large.png", 8_900_000)
    expect(page.get_by_text("'large.png' is no PNG, JPEG or TIFF")).to_be_visible()
    assert page.evaluate("() => window.largest") > 8_900_000
    page.evaluate("() => window.stopCounting()")


def test_files_of_the_folder(page, ran):
    folder = ran.lab.folder / "notebooks"
    (folder / "dropped.png").write_bytes(png(100))
    images = page.get_by_label("Image", exact=True).first
    expect(images.locator("option", has_text="dropped.png")).to_have_count(0)
    page.get_by_role("button", name="Look for files").click()
    expect(images.locator("option", has_text="dropped.png")).to_have_count(1)
    seen = small_image(page, "input")
    before = seen.get_attribute("href")
    images.select_option("dropped.png")
    expect(seen).not_to_have_attribute("href", before)
    expect(page.get_by_text("What was shown before is still")).to_have_count(0)
    # The lesson has saved a model of its own.
    page.get_by_label("Network", exact=True).select_option("my_model.keras")
    expect(page.get_by_text("128 x 128 pixels, 8 channels.")).to_be_visible()
    to_top(page.get_by_label("Network", exact=True))
    ran.shot("11_own_network")
    (folder / "broken.keras").write_bytes(b"no model")
    page.get_by_role("button", name="Look for files").click()
    page.get_by_label("Network", exact=True).select_option("broken.keras")
    wrong = page.get_by_text("This network cannot be shown: no model could be loaded")
    expect(wrong).to_be_visible()
    expect(chosen(page, "Network")).to_have_text("my_model.keras")
    wrong.scroll_into_view_if_needed()
    ran.shot("12_broken_network")
    page.get_by_label("Network", exact=True).select_option("cells, trained")
    page.get_by_label("Image", exact=True).first.select_option("synthetic cells")
    expect(wrong).to_have_count(0)


def microscope(page):
    return page.get_by_role("group", name="One channel of the map.").first


def test_numbers_of_other_steps(page, ran):
    steps = page.get_by_label("Step", exact=True).first
    agrees = page.get_by_text(re.compile("Keras has .*, the same to rounding"))
    for step in ("enc1_pool", "dec1_up", "dec1_crop", "dec1_concat", "head", "dec1_conv1"):
        steps.select_option(step)
        expect(page.get_by_text(re.compile(rf"^{step}, channel \d+; ")).first).to_be_visible()
        expect(agrees.first).to_be_attached()
        to_top(steps)
        ran.shot(f"13_{step}")


def test_a_pixel_under_the_microscope(page, ran):
    columns = CELLS["dec1_conv1"].out_shape[1]
    to_top(microscope(page))
    for row, column in ((100, 120), (386, 4)):
        press_at(page, microscope(page), columns, row, column)
        expect(page.get_by_text(re.compile(rf"^row {row}, column {column}: -?\d"))).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(re.compile(r"^row 386, column 5: -?\d"))).to_be_visible()
    page.keyboard.press("Shift+ArrowUp")
    expect(page.get_by_text(re.compile(r"^row 370, column 5: -?\d"))).to_be_visible()
    ran.shot("14_pixel")


def test_skips_are_switched_off_and_on(page, ran):
    level = page.get_by_label("Skip 1", exact=True)
    level.select_option("zeros")
    expect(page.get_by_text("Changed: skip 1 is zeros.", exact=True)).to_be_visible()
    effect = page.get_by_text(re.compile(r"^Dice \d\.\d{3} \u2192 \d\.\d{3}, boundary error"))
    before, after = re.findall(r"\d\.\d{3}", effect.inner_text())
    assert before != after
    to_top(page.get_by_label("Image", exact=True).last)
    ran.shot("15_surgery")
    page.get_by_role("button", name="All as they are").click()
    expect(page.get_by_text("All skips are as they are.", exact=True)).to_be_visible()
    expect(level.locator("option:checked")).to_have_text("as it is")
    expect(
        page.get_by_text(re.compile(rf"^Dice {before}, boundary error .* Change a"))
    ).to_be_visible()
    page.get_by_label("Image", exact=True).last.select_option("coins (a photograph)")
    expect(page.get_by_text("The true mask is not known").last).to_be_visible()
    ran.shot("16_surgery_coins")


def test_every_control_has_a_name(page, ran):
    assert ran.nameless() == []


def test_nothing_is_wider_than_its_place(page):
    wide = page.get_by_role("main").evaluate(
        """main => [...main.querySelectorAll(
                ".unetviz-image .frame, .unetviz-image .legend p, .jp-OutputArea-output")]
            .filter((node) => node.checkVisibility())
            .filter((node) => node.scrollWidth > node.clientWidth + 1)
            .map((node) => node.textContent.slice(0, 80) || node.className)"""
    )
    assert wide == []


def test_dark_theme(page, ran):
    ran.theme("JupyterLab Dark")
    for number, place in enumerate(
        (
            page.get_by_label("Network", exact=True),
            page.get_by_label("Map", exact=True),
            page.get_by_label("Step", exact=True).first,
            page.get_by_label("Image", exact=True).last,
        )
    ):
        to_top(place)
        ran.shot(f"17_dark_{number}")
    ran.theme("JupyterLab Light")


def test_memory_of_the_kernel(ran):
    assert ran.peak_memory() < 1.2e9
