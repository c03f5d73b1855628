"""Values that are taken, and how those that are not are written in a message."""

import re

import numpy as np
import pytest

import unetviz as uv
from unetviz.geometry._checks import written
from unetviz.geometry.specs.from_model import RecordedSpec


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (np.int64(64), (64, 64)),
        (np.uint8(64), (64, 64)),
        (np.array(64), (64, 64)),
        (np.array([64, 48]), (64, 48)),
        ([np.int32(64), 48], (64, 48)),
    ],
)
def test_integers_of_numpy_are_integers(given, kept):
    for spec in (
        uv.UNetSpec(given, depth=np.int64(2), head_filters=np.array([2])),
        uv.FCNSpec(given, stride=np.int64(8)),
        RecordedSpec(given, np.int64(1), ()),
        uv.PAPER.replace(input_size=given),
    ):
        assert spec.input_size == kept
        assert all(type(n) is int for n in spec.input_size)
        assert not any(word in repr(spec) for word in ("np.", "int64", "array"))


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({"input_size": np.int64(0)}, "not 0"),
        ({"input_size": np.array([0, 5])}, "not [0, 5]"),
        ({"input_size": (np.int64(0), 5)}, "not (0, 5)"),
        ({"input_size": True}, "not True"),
        ({"input_size": np.bool_(True)}, "not True"),
        ({"input_size": (64, True)}, "not (64, True)"),
        ({"input_size": 64.0}, "not 64.0"),
        ({"input_size": np.float64(64)}, "not 64.0"),
        ({"depth": np.int64(9)}, "not 9"),
        ({"depth": np.True_}, "not True"),
        ({"kernel_size": np.int64(4)}, "not 4"),
        ({"dropout": np.float64(1.5)}, "not 1.5"),
        ({"head_filters": np.array([0])}, "not [0]"),
        ({"padding": np.str_("sane")}, "not 'sane'"),
    ],
)
def test_what_is_refused_is_written_as_python_writes_it(fields, end):
    with pytest.raises(ValueError, match=f"{re.escape(end)}$"):
        uv.UNetSpec(**({"input_size": 64} | fields))


def test_a_large_array_does_not_fill_the_message():
    with pytest.raises(ValueError, match=r"not an array of shape \(500, 500\)$"):
        uv.UNetSpec(np.zeros((500, 500)))
    with pytest.raises(ValueError, match=r"not \[0, 1, 2, 3, 4, 5, \.\.\.\]$"):
        uv.UNetSpec(np.arange(500))


def test_strings_of_numpy_are_kept_as_strings():
    assert repr(uv.UNetSpec(64, padding=np.str_("same"))) == (
        "UNetSpec(input_size=(64, 64), padding='same')"
    )


def test_what_is_no_number_is_written_as_it_is():
    assert written([1, "a"]) == "[1, 'a']"
    assert written(None) == "None"
