"""How many random examples a property is tried on, and whether they are new ones.

By default all examples are the same at every run. A search tries new ones: `pytest -m slow`, or any
run with ``UNETVIZ_EXAMPLES`` set, such as ``UNETVIZ_EXAMPLES=1000 pytest tests/geometry``. What it
finds becomes an explicit example of the test.
"""

import os

VARIABLE = "UNETVIZ_EXAMPLES"
USUAL = 150
"""What the variable stands for without a search; a larger number tries more everywhere."""
SEARCH = 1000
"""What it is in a search that does not say it."""


def is_search():
    """Whether this run looks for new examples."""
    return VARIABLE in os.environ


def examples(usual):
    """Return a number of examples that is `usual`, and grows with the variable in a search."""
    return max(1, usual * int(os.environ.get(VARIABLE, USUAL)) // USUAL)
