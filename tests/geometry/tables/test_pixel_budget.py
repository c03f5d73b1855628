"""Where the pixels go: against the figure, and against input minus output."""

from hypothesis import assume, given, settings
from support.random_examples import examples
from support.random_specs import specs

import unetviz as uv
from unetviz.geometry.tables.compare import difference_table
from unetviz.geometry.tables.pixel_budget import pixel_budget, pixel_budget_table


def test_the_184_pixels_of_the_paper():
    budget = pixel_budget(uv.trace(uv.PAPER))
    sums = {}
    for loss in budget:
        sums[loss.side] = sums.get(loss.side, 0) + loss.pixels
    assert sums == {"encoder": 60, "bottleneck": 64, "decoder": 60}
    assert [(loss.level, loss.stride) for loss in budget] == [
        *((1, 1), (2, 2), (3, 4), (4, 8)),
        (5, 16),
        *((4, 8), (3, 4), (2, 2), (1, 1)),
    ]
    assert budget[0].steps == ("enc1_conv1", "enc1_conv2")


def test_same_padding_loses_nothing():
    assert sum(loss.pixels for loss in pixel_budget(uv.trace(uv.DOCUMENT))) == 0


@settings(max_examples=examples(80))
@given(specs())
def test_the_sum_is_input_minus_output(spec):
    trace = uv.trace(spec)
    assume(trace.ok)
    for axis in (0, 1):
        lost = sum(loss.pixels for loss in pixel_budget(trace, axis))
        assert lost == spec.input_size[axis] - trace.output_shape[axis]


def test_a_pool_that_drops_a_row_is_in_the_pixel_budget():
    first = pixel_budget(uv.trace(uv.UNetSpec((573, 572))))[0]
    assert (first.pixels, first.steps) == (5, ("enc1_conv1", "enc1_conv2", "enc1_pool"))


def test_the_table_ends_with_the_sum():
    *rows, last = pixel_budget_table(uv.trace(uv.PAPER)).rows
    assert last == ("all", "", "", "572 - 388 =", "184")
    assert sum(int(row[-1]) for row in rows) == 184
    stopped = pixel_budget_table(uv.trace(uv.UNetSpec(64))).rows[-1]
    assert stopped[3] == "up to here"


def test_paper_and_document_side_by_side():
    rows = {row[0]: row[1:] for row in difference_table(("p", "d"), (uv.PAPER, uv.DOCUMENT)).rows}
    assert rows["padding"] == ("valid", "same")
    assert rows["output"] == ("388x388x2", "256x256x1")
    assert rows["parameters"] == ("31,030,658", "31,031,685")
    assert rows["crops"] == ("4", "0")
    assert rows["way up"] == ("transposed convolution", "copies, then a 2x2 convolution")
    assert rows["extra convolutions before the last"] == ("none", "3x3 with 2 filters")
    assert rows["dropout"] == ("none", "0.5")
    assert "depth" not in rows
