"""What all tests share."""

import json
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
sys.path.insert(0, str(TESTS))


@pytest.fixture(scope="session")
def facts():
    """Published and independently computed numbers."""
    return json.loads((TESTS / "facts.json").read_text())
