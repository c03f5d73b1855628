"""Random clicks, keys and values on each panel: nothing fails, and what is shown stays true.

``UNETVIZ_ACTIONS`` says how many actions each panel gets, ``UNETVIZ_SEED`` which ones.
"""

import json
import os
import random
from pathlib import Path

import pytest
from support.browser.lab import NARROW, Opened
from support.browser.network_cases import NETWORK_CASES
from support.browser.panel_cases import PLAIN_CASES
from support.browser.random_actions import Player

pytestmark = pytest.mark.browser
ACTIONS = int(os.environ.get("UNETVIZ_ACTIONS", "20"))
SEED = os.environ.get("UNETVIZ_SEED", "1")
NAMES = [*PLAIN_CASES, *NETWORK_CASES]
FIRST = f"""import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from support.browser.panel_states import Probe
probe = Probe()
probe"""


def notebook(name):
    """A notebook with a probe, and a cell for a panel."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell{number}",
            "source": source,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate((FIRST, ""))
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture(scope="module")
def opened(lab, chromium):
    """One notebook for all panels: one kernel, in which they come one after the other."""
    path = lab.folder / "notebooks" / "random_actions.ipynb"
    path.write_text(json.dumps(notebook(path.stem)))
    context = chromium.new_context(viewport=NARROW)
    opened = Opened(lab, context.new_page(), path.stem)
    opened.watch()
    opened.page.on("dialog", lambda dialog: opened.complaints.append(f"dialog: {dialog.message}"))
    opened.open()
    opened.run_all()
    yield opened
    opened.close()
    context.close()


def show(opened, name):
    """Make a panel in the second cell; return where it is shown."""
    script = """([source]) => {
        const notebook = window.jupyterapp.shell.currentWidget.content;
        notebook.activeCellIndex = 1;
        notebook.activeCell.model.sharedModel.setSource(source);
    }"""
    opened.page.evaluate(script, [f"panel = probe.use({name!r})\npanel"])
    opened.command("notebook:run-cell")
    root = opened.page.locator(".jp-Cell").nth(1).locator(".jp-OutputArea")
    root.locator(".widget-vbox").first.wait_for()
    return root


def play(opened, name, count):
    """Play with a panel; fail with what is needed to do it again.

    Where nothing can be done any more, as with a question that is answered, it is made anew.
    """
    opened.complaints.clear()
    chance, done, found = random.Random(f"{SEED} {name}"), 0, []
    while done < count and not found:
        player = Player(opened, show(opened, name), chance)
        found, number = player.play(count - done)
        done += number
    if found:
        lines = [
            f"{name} after {done} actions (UNETVIZ_SEED={SEED} UNETVIZ_ACTIONS={count}):",
            *(one[:1500] for one in found[:8]),
            "The last actions:",
            *player.done,
        ]
        pytest.fail("\n".join(lines), pytrace=False)


@pytest.mark.parametrize("name", NAMES)
def test_random_actions(opened, name):
    play(opened, name, ACTIONS)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_thousand_random_actions(opened, name):
    play(opened, name, int(os.environ.get("UNETVIZ_ACTIONS", "1000")))
