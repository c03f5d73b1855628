"""Each lesson is opened and run once, in the browser of all tests."""

from pathlib import Path

import pytest
from support.browser.lab import NARROW, Opened

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Whole notebooks take minutes: they are run by their marker."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("lessons")


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
