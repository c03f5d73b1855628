"""How many random examples a property is tried on."""

import os

USUAL = 150
"""What `UNETVIZ_EXAMPLES` is when nobody says it; a larger number tries more everywhere."""


def examples(usual):
    """Return a number of examples that grows with `UNETVIZ_EXAMPLES` and is `usual` without it."""
    return max(1, usual * int(os.environ.get("UNETVIZ_EXAMPLES", USUAL)) // USUAL)
