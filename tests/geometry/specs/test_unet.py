"""A specification is a value, and says clearly what it does not take."""

import re

import numpy as np
import pytest

import unetviz as uv

BAD_FIELDS = [
    ("input_size", -3, "one whole number or (height, width), each of at least 1"),
    ("input_size", 0, "at least 1"),
    ("input_size", 572.0, "whole number"),
    ("input_size", "572", "(height, width)"),
    ("input_size", (572,), "(height, width)"),
    ("input_size", (572, 572, 1), "(height, width)"),
    ("input_size", (572, None), "(height, width)"),
    ("input_size", True, "(height, width)"),
    ("input_channels", 0, "a whole number of at least 1"),
    ("classes", -1, "a whole number of at least 1"),
    ("classes", 2.5, "a whole number of at least 1"),
    ("depth", 0, "a whole number from 1 to 8"),
    ("depth", 9, "a whole number from 1 to 8"),
    ("depth", None, "a whole number from 1 to 8"),
    ("base_filters", 0, "a whole number of at least 1"),
    ("base_filters", float("nan"), "a whole number of at least 1"),
    ("convs_per_block", 5, "a whole number from 1 to 4"),
    ("kernel_size", 2, "an odd whole number (1, 3, 5 or 7)"),
    ("kernel_size", 9, "an odd whole number (1, 3, 5 or 7)"),
    ("kernel_size", (3, 3), "an odd whole number (1, 3, 5 or 7)"),
    ("pool_size", 1, "a whole number from 2 to 4"),
    ("pool_size", 5, "a whole number from 2 to 4"),
    ("padding", "full", '"valid" or "same"'),
    ("padding", None, '"valid" or "same"'),
    ("upsampling", "bilinear", '"transposed" or "upsample_conv"'),
    ("merge", "sum", '"concat", "add" or "none"'),
    ("merge", [], '"concat", "add" or "none"'),
    ("head_filters", (0,), "a tuple of whole numbers of at least 1"),
    ("head_filters", 2, "a tuple of whole numbers of at least 1"),
    ("head_filters", "ab", "a tuple of whole numbers of at least 1"),
    ("dropout", 1.0, "a number from 0 up to, but not including, 1"),
    ("dropout", -0.1, "a number from 0"),
    ("dropout", "0.5", "a number from 0"),
    ("dropout", float("nan"), "a number from 0"),
    ("final_activation", "relu", '"softmax", "sigmoid" or "linear"'),
]


def test_a_bad_field_is_named_with_its_value_and_what_is_allowed():
    for field, value, allowed in BAD_FIELDS:
        for make in (lambda **f: uv.UNetSpec(**f), uv.PAPER.replace):
            with pytest.raises(ValueError, match=f"^{field} must be ") as caught:
                make(**{field: value})
            assert allowed in str(caught.value)
            assert str(caught.value).endswith(f"not {value!r}")


def test_a_specification_is_a_value():
    assert uv.UNetSpec(300) == uv.UNetSpec((300, 300)) == uv.UNetSpec([300, 300])
    assert len({uv.PAPER, uv.UNetSpec(), uv.UNetSpec(572)}) == 1
    assert uv.UNetSpec(np.int64(572), dropout=0) == uv.PAPER
    assert type(uv.UNetSpec(np.int64(572)).input_size[0]) is int
    assert uv.UNetSpec(head_filters=[2]).head_filters == (2,)


def test_replace_changes_a_copy():
    changed = uv.PAPER.replace(input_size=300, depth=3)
    assert (changed.input_size, changed.depth) == ((300, 300), 3)
    assert uv.PAPER.depth == 4
    with pytest.raises(TypeError, match="no field 'deph'; it has input_size, "):
        uv.PAPER.replace(deph=3)


def test_a_softmax_over_one_class_is_refused_with_ways_out_that_work():
    for make in (lambda: uv.UNetSpec(classes=1), lambda: uv.PAPER.replace(classes=1)):
        with pytest.raises(ValueError, match="softmax over one class") as caught:
            make()
        ways = re.findall(r'\w+=(?:"\w+"|\d)', str(caught.value))
        assert len(ways) == 2
        for way in ways:
            spec = eval(f"uv.UNetSpec(**{{'classes': 1, **dict({way})}})")
            assert (spec.classes, spec.final_activation) != (1, "softmax")
    with pytest.raises(ValueError, match="softmax over one class"):
        uv.DOCUMENT.replace(final_activation="softmax")
    assert uv.UNetSpec(classes=1, final_activation="linear").classes == 1


def test_repr_makes_the_same_specification():
    for spec in (uv.PAPER, uv.DOCUMENT, uv.UNetSpec((500, 375), merge="add")):
        assert eval(repr(spec), {"UNetSpec": uv.UNetSpec}) == spec
    assert repr(uv.PAPER) == "UNetSpec()"


def test_the_document_differs_from_the_paper_in_these_fields():
    expected = uv.UNetSpec(
        input_size=256,
        classes=1,
        padding="same",
        upsampling="upsample_conv",
        head_filters=(2,),
        dropout=0.5,
        final_activation="sigmoid",
    )
    assert expected == uv.DOCUMENT
