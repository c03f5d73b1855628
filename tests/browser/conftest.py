"""One server and one browser for all browser tests; each notebook is run once."""

from pathlib import Path

import pytest
from browser.lab import NARROW, Opened, browser_flags, browser_path, running_lab

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("lab"), NOTEBOOKS) as running:
        yield running


@pytest.fixture(scope="session")
def chromium():
    if browser_path() is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import expect, sync_playwright

    # A machine that is busy answers late; nothing waits longer than it has to.
    expect.set_options(timeout=30_000)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path(), args=browser_flags(), headless=True
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def notebook(request, lab, chromium):
    """The notebook that a test module names in ``NOTEBOOK``, opened but not yet run."""
    context = chromium.new_context(viewport=NARROW)
    opened = Opened(lab, context.new_page(), request.module.NOTEBOOK)
    opened.watch()
    opened.open()
    yield opened
    opened.close()
    context.close()
    assert not opened.complaints, "\n".join(opened.complaints)


@pytest.fixture(scope="module")
def ran(notebook):
    """The same notebook after all its cells were run."""
    notebook.shot("0_before")
    notebook.run_all()
    notebook.shot("1_end")
    return notebook
