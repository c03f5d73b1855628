"""Wrong arguments: what is raised, and what the message must name."""

import pytest


def assert_refused(call, *named, error=ValueError):
    """Call a function that must raise one sentence in which all of the given things are named."""
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message, message
    for one in named:
        assert str(one) in message, message
