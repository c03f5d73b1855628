"""Each lesson is opened and run once, in the browser of all tests."""

import pytest
from support.browser.lab import NARROW, Opened


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
