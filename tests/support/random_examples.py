"""Which random examples a property is tried on: the same at every run, unless more are wanted.

`UNETVIZ_EXAMPLES=1500` tries ten times as many as usual, and new ones each time. What it finds
becomes a fixed example of the test.
"""

import os

from hypothesis import HealthCheck, settings

USUAL = 150
"""`UNETVIZ_EXAMPLES` when it is not set."""

_WANTED = os.environ.get("UNETVIZ_EXAMPLES")

# A slow machine is no reason to fail: neither a long example nor long drawing of one.
settings.register_profile(
    "usual", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", settings.get_profile("usual"), derandomize=False)
settings.load_profile("search" if _WANTED else "usual")


def examples(usual):
    """Return a number of examples that grows with `UNETVIZ_EXAMPLES` and is `usual` without it."""
    return max(1, usual * int(_WANTED or USUAL) // USUAL)
