"""Where no stride is seamless, a size is named at which one is: planned again, it works."""

import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from support.random_examples import examples
from support.random_specs import specs

import unetviz as uv
from unetviz.geometry.ops import Crop
from unetviz.geometry.specs.from_model import Record, RecordedSpec

SAME = uv.PAPER.replace(input_size=256, padding="same")
FAR = uv.UNetSpec(8, depth=3, base_filters=1, convs_per_block=4, kernel_size=7, padding="same")
"""A network whose receptive field reaches over more than 64 of its valid sizes."""


def advice(network, image=1000):
    """The message, and the size that it names."""
    with pytest.raises(ValueError, match=r"no stride is seamless") as caught:
        uv.labs.plan_tiles(image, network)
    named = re.search(r"size of (\d+) x (\d+) works", str(caught.value))
    return str(caught.value), named and tuple(map(int, named.groups()))


def test_the_reason_and_a_size_that_works_are_named():
    for spec, words, works in (
        (uv.PAPER.replace(input_size=573), "573 x 573 lose pixels", (588, 588)),
        (uv.PAPER.replace(input_size=(574, 600)), "lose pixels", (588, 604)),
        (uv.PAPER.replace(input_size=188), "4 x 4 pixels", (204, 204)),
        (uv.PAPER.replace(input_size=(188, 572)), "4 x 388 pixels", (204, 572)),
        (SAME.replace(input_size=128), "every output pixel has seen padding", (208, 208)),
        (uv.DOCUMENT.replace(input_size=208), "208 x 208", (224, 224)),
        (FAR, "8 x 8", (552, 552)),
    ):
        message, named = advice(spec)
        assert words in message
        assert named == works
        assert uv.labs.plan_tiles(1000, spec.replace(input_size=named)).seamless


def has_seamless(found, axis):
    """Whether a stretch between two multiples of the total pooling factor is free of padding."""
    phase, free = found.spec.pool_size**found.spec.depth, uv.padding_free(found)
    if free is None:
        return False
    span = (range(free.top, free.bottom), range(free.left, free.right))[axis]
    return any(start % phase == 0 and start + phase <= span.stop for start in span)


@settings(max_examples=examples(20))
@given(specs(max_depth=4))
@example(FAR)
def test_the_named_size_works_for_any_network(spec):
    found = uv.trace(spec)
    assume(found.ok)
    if found.warnings or not all(has_seamless(found, axis) for axis in (0, 1)):
        _, named = advice(found, (300, 41))
        assert all(new >= old for new, old in zip(named, spec.input_size, strict=True))
        found = uv.trace(spec.replace(input_size=named))
    assert uv.labs.plan_tiles((300, 41), found).seamless


@settings(max_examples=examples(20))
@given(specs(max_depth=2, max_base=1), st.integers(0, 40))
def test_no_smaller_size_works(spec, more):
    first = uv.nearest_valid_sizes(spec, 0)[1]
    spec = spec.replace(input_size=uv.nearest_valid_sizes(spec, first + more)[1])
    found = uv.trace(spec)
    if has_seamless(found, 0):
        return
    _, (named, _) = advice(spec)
    for size in uv.valid_sizes(spec, spec.input_size[0], named):
        assert not has_seamless(uv.trace(spec.replace(input_size=size)), 0)


def test_where_no_size_works_none_is_named():
    # A crop at one side only is uneven at every size.
    record = Record("crop", "crop", Crop(((0, 1), (0, 1))), ("input",), 1, "encoder")
    message, named = advice(RecordedSpec(9, 1, (record,)))
    assert named is None
    assert "size" in message
