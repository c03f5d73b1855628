"""What all tests share."""

import gc
import json
import os
from pathlib import Path

import pytest

FACTS = Path(__file__).parent / "support" / "facts.json"

pytest_plugins = ["support.browser.fixtures", "support.random_examples"]


@pytest.fixture(scope="session")
def facts():
    """Published and independently computed numbers."""
    return json.loads(FACTS.read_text())


def pytest_sessionfinish(session):
    """On a CI machine a skipped test is one that should have run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_collection_finish():
    """Everything that is imported by now stays; Python need not look through it for garbage."""
    gc.freeze()
