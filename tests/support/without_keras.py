"""A run without Keras does not even import it: a plugin of pytest.

Tests that need TensorFlow have the marker ``keras``. Where an expression such as ``not keras``
leaves them out, their modules are not collected, because pytest would import them.
"""

import re
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "unetviz"
_IMPORTS = re.compile(r"^ *(?:from|import) .*(?:\bnets\b|\b_tensorflow\b|\bexplorers\b)", re.M)


def is_without_keras(config):
    return bool(re.search(r"\bnot keras\b", config.option.markexpr))


@cache
def needs_keras(path):
    """Whether a file is a test module with the marker, or a module that imports the nets."""
    if path.suffix != ".py" or not path.is_file():
        return False
    if PACKAGE in path.parents:
        return "nets" in path.relative_to(PACKAGE).parts or bool(_IMPORTS.search(path.read_text()))
    return "pytestmark = pytest.mark.keras\n" in path.read_text("utf-8")


def pytest_ignore_collect(collection_path, config):
    if is_without_keras(config) and needs_keras(collection_path):
        return True
    return None


def pytest_itemcollected(item):
    """Doctests of the nets need Keras as well."""
    if needs_keras(item.path):
        item.add_marker("keras")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    if is_without_keras(session.config) and "tensorflow" in sys.modules:
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        reporter.write_line("TensorFlow was imported: a test without the marker keras needs it")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
