"""One server and one browser for all tests that need them."""

from pathlib import Path

import pytest

from support.browser.lab import HANGS_AFTER, browser_flags, browser_path, running_lab

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("lab"), NOTEBOOKS) as running:
        yield running


@pytest.fixture(scope="session")
def chromium():
    if browser_path() is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=1000 * HANGS_AFTER)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path(), args=browser_flags(), headless=True
        )
        yield browser
        browser.close()
