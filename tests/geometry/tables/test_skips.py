"""The table of skips."""

import unetviz as uv
from unetviz.geometry.ops import (
    Addition,
    Combination,
    Concatenation,
    Convolution,
    MaxPooling,
    Upsampling,
)
from unetviz.geometry.specs.from_model import Record, RecordedSpec

PAPER = uv.trace(uv.PAPER)


def test_table_of_skips():
    rows = uv.geometry.skip_table(PAPER).rows
    assert [row[3] for row in rows] == ["88 a side", "40 a side", "16 a side", "4 a side", "-"]
    assert [row[1] for row in rows] == ["1", "2", "4", "8", "16"]
    assert all(row[4] == row[5] for row in rows)
    assert uv.geometry.skip_table(uv.trace(uv.DOCUMENT)).rows[0][3] == "nothing"
    assert (
        uv.geometry.skip_table(uv.trace(uv.PAPER.replace(merge="none"))).rows[0][3:] == ("-",) * 4
    )
    lossy = uv.geometry.skip_table(uv.trace(uv.PAPER.replace(input_size=573)))
    assert lossy.rows[0][3] == "88+89+88+89"


def test_an_fcn_joins_scores_and_cuts_what_was_up_sampled():
    rows = uv.geometry.skip_table(uv.trace(uv.FCNSpec(500, stride=8))).rows
    assert rows[3] == (
        *("4", "8", "62x62x512", "1 a side of the up-sampled"),
        *("62x62x2", "62x62x2", "62x62x2"),
    )
    assert {row[3] for row in (*rows[:3], rows[5])} == {"-"}


def records(*rows):
    return tuple(Record(*row) for row in rows)


def test_a_join_of_three_maps_is_one_row_with_all_its_inputs():
    convolution, up = Convolution(2, padding="same"), Upsampling((2, 2))
    spec = RecordedSpec(
        (8, 12),
        1,
        records(
            ("one", "conv", convolution, ("input",), 1, "encoder"),
            ("two", "conv", convolution, ("one",), 1, "encoder"),
            ("pool", "pool", MaxPooling(), ("two",), 1, "encoder"),
            ("deep", "conv", convolution, ("pool",), 2, "bottleneck"),
            ("up", "upsample", up, ("deep",), 1, "decoder"),
            ("join", "concat", Concatenation(), ("one", "two", "up"), 1, "decoder"),
            ("more", "conv", convolution, ("join",), 1, "decoder"),
            ("last", "add", Addition(), ("more", "one"), 1, "decoder"),
        ),
    )
    assert uv.geometry.skip_table(uv.trace(spec)).rows == (
        ("1", "1", "8x12x2", "nothing", "8x12x2\n+ 8x12x2", "8x12x2", "8x12x6"),
        ("1", "1", "8x12x2", "nothing", "8x12x2", "8x12x2", "8x12x2"),
        ("2", "2", "4x6x2", "-", "-", "-", "-"),
    )


def test_a_gated_skip_is_told():
    convolution, up = Convolution(1, padding="same"), Upsampling((2, 2))
    spec = RecordedSpec(
        (8, 8),
        1,
        records(
            ("one", "conv", convolution, ("input",), 1, "encoder"),
            ("pool", "pool", MaxPooling(), ("one",), 1, "encoder"),
            ("deep", "conv", convolution, ("pool",), 2, "bottleneck"),
            ("up", "upsample", up, ("deep",), 1, "decoder"),
            ("gate", "add", Combination("Multiply"), ("one", "up"), 1, "decoder"),
            ("join", "concat", Concatenation(), ("gate", "up"), 1, "decoder"),
        ),
    )
    (row, _) = uv.geometry.skip_table(uv.trace(spec)).rows
    assert row[3:] == ("nothing", "8x8x1, gated", "8x8x1", "8x8x2")


def test_a_network_without_skips_has_a_row_of_dashes_for_each_level():
    # The last pool's map is the deepest, nothing follows it before the way up.
    spec = RecordedSpec(
        (8, 8),
        1,
        records(
            ("one", "conv", Convolution(3, padding="same"), ("input",), 1, "encoder"),
            ("pool", "pool", MaxPooling((4, 2), (4, 2)), ("one",), 1, "encoder"),
            ("up", "upsample", Upsampling((4, 2)), ("pool",), 1, "decoder"),
        ),
    )
    assert uv.geometry.skip_table(uv.trace(spec)).rows == (
        ("1", "1", "8x8x3", "-", "-", "-", "-"),
        ("2", "4x2", "2x4x3", "-", "-", "-", "-"),
    )
