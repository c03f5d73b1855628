"""What is said about a step, and its hint."""

from hypothesis import given, settings
from support.random_examples import examples
from support.random_specs import specs

import unetviz as uv
from unetviz.widgets.views.steps.view import hint


def parts(text):
    """The formulas of a hint, one or two."""
    pieces = text.split("; ")
    return pieces if len(pieces) == 1 else [piece[2:] for piece in pieces]


@settings(max_examples=examples(30), deadline=None)
@given(specs(max_depth=3))
def test_a_hint_is_the_rule_without_its_result(spec):
    for step in list(uv.trace(spec))[1:]:
        hints = parts(hint(step))
        assert len(hints) == len(step.formulas)
        for text, formula, size in zip(hints, step.formulas, step.out_shape, strict=False):
            assert formula.startswith(text.removesuffix("?") + str(size))


def test_a_hint_for_two_axes_names_both():
    trace = uv.trace(uv.UNetSpec((573, 572)))
    assert hint(trace["enc1_pool"]) == "h (569 - 1) / 2 = ?; w 568 / 2 = ?"
    assert hint(trace["head"]).endswith("?")


def test_a_step_that_fails_has_a_hint_without_sizes():
    trace = uv.trace(uv.UNetSpec((1364, 659), padding="same"))
    told = hint(trace.all_steps[-1])
    assert told
    assert not any(letter.isdigit() for letter in told)
