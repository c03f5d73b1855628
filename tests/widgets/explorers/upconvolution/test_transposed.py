"""Three forms of one transposed convolution, without a browser."""

import json
from fractions import Fraction

import numpy as np
import pytest
from support.grids import linked, numbers, rows

import unetviz as uv


@pytest.fixture
def transposed():
    return uv.widgets.TransposedExplorer(np.array([[1, 2], [3, -1]]))


@pytest.mark.parametrize("size", [(2, 2), (3, 2), (4, 2), (3, 1)])
def test_three_views_show_one_result(transposed, size):
    transposed.size.value = size
    out = uv.labs.stamp_and_add(transposed.values, transposed.kernel, size[1])
    assert np.array_equal(numbers(transposed.stamps, "out"), out)
    assert np.array_equal(numbers(transposed.zeros, "out"), out)
    assert np.array_equal(numbers(transposed.matrix, "out").ravel(), out.ravel())
    product = numbers(transposed.matrix, "matrix") @ numbers(transposed.matrix, "in")
    assert np.array_equal(product.ravel(), out.ravel())
    for view, source in ((transposed.stamps, "in"), (transposed.zeros, "in")):
        flat = numbers(view, source).ravel()
        for index, parts in enumerate(linked(view, source)):
            total = sum(float(Fraction(weight)) * flat[cell] for cell, weight in parts)
            assert total == out.ravel()[index]
    assert len(transposed.steps.steps["name"]) == out.size


def test_numbers_can_be_typed_and_nonsense_is_refused(transposed):
    transposed.stamps.edited = ["in", 0, 0, "5"]
    assert transposed.out[0, 0] == 5
    transposed.stamps.edited = ["kernel", 1, 1, "-2.5"]
    assert transposed.out[1, 1] == -12.5
    before = transposed.out.copy()
    for wrong in ("abc", "", "nan", "inf", "<b>"):
        transposed.stamps.edited = ["in", 0, 0, wrong]
        assert "is no number" in transposed.note.value
        assert "<b>&" not in transposed.note.value
        assert np.array_equal(transposed.out, before)
    assert rows(transposed.stamps, "in")[0][0] == "5"


def test_a_number_written_in_another_way_is_shown_as_it_is(transposed):
    before, sent = transposed.stamps.grids, []
    transposed.stamps.observe(lambda change: sent.append(change.new), names="grids")
    transposed.stamps.edited = ["in", 0, 0, f"  {transposed.values[0, 0]:g}.0"]
    assert sent == [[], before]


def test_too_large_an_example_is_refused():
    with pytest.raises(ValueError, match="at most 3 x 3"):
        uv.widgets.TransposedExplorer(np.zeros((4, 4)))


def test_what_is_sent_is_small(transposed):
    transposed.size.value = (4, 2)
    sent = [(view.grids, view.links, view.sentences) for view in transposed.views]
    assert len(json.dumps(sent)) < 30_000
