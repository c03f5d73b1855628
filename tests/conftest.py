"""What all tests share."""

import gc
import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings
from support import random_examples

FACTS = Path(__file__).parent / "support" / "facts.json"

pytest_plugins = ["support.browser.fixtures", "support.without_keras"]

settings.register_profile(
    "default",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile("search", parent=settings.get_profile("default"), derandomize=False)


# They hold no tests, and importing them to look for examples in their texts takes seconds.
collect_ignore = ["benchmarks", "support"]

LONG = ("slow", "lessons")
"""Markers of what takes long: it is run only where the expression of `-m` says its name."""


def pytest_configure(config):
    """Random examples are the same at every run, unless it is a search (`random_examples`)."""
    marks = config.option.markexpr
    for name in LONG:
        if not re.search(rf"\b{name}\b", marks):
            marks = f"({marks}) and not {name}" if marks else f"not {name}"
    config.option.markexpr = marks
    config.slow_is_wanted = bool(re.search(r"(?<!not )\bslow\b", marks))
    if config.slow_is_wanted:
        os.environ.setdefault(random_examples.VARIABLE, str(random_examples.SEARCH))
    settings.load_profile("search" if random_examples.is_search() else "default")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """A search is slow: with `-m slow` all tests of random examples are run, with new ones."""
    if config.slow_is_wanted:
        for item in items:
            if is_random(item):
                item.add_marker("slow")


def is_random(item):
    """Whether a test tries random examples."""
    has_networks = "network_pool" in getattr(item, "fixturenames", ())
    return has_networks or is_hypothesis_test(getattr(item, "obj", None))


@pytest.fixture(scope="session")
def facts():
    """Published and independently computed numbers."""
    return json.loads(FACTS.read_text())


@pytest.fixture(scope="session")
def network_pool():
    """Random networks, each built once for all tests."""
    from support.network_pool import make_pool  # TensorFlow only where it is asked for

    return make_pool()


def pytest_sessionfinish(session):
    """On a CI machine a skipped test is one that should have run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_collection_finish():
    """Everything that is imported by now stays; Python need not look through it for garbage."""
    gc.freeze()
