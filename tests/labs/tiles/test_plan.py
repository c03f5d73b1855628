"""Tiles cover every pixel once, lie over what they predict, and say whether they leave seams."""

import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.random_examples import examples
from support.refusals import assert_refused

import unetviz as uv
from unetviz.geometry.ops import MaxPooling, Upsampling
from unetviz.geometry.specs.from_model import Record, RecordedSpec

SAME = uv.PAPER.replace(input_size=256, padding="same")
SPECS = {
    "paper": uv.PAPER,
    "paper, oblong": uv.PAPER.replace(input_size=(572, 204)),
    "paper, copies": uv.PAPER.replace(upsampling="upsample_conv"),
    "same": SAME,
    "document": uv.DOCUMENT,
    "thirds": uv.UNetSpec(115, depth=2, pool_size=3),
    "thirds, same": uv.UNetSpec((153, 144), depth=2, pool_size=3, padding="same"),
    "shallow": uv.UNetSpec((30, 36), depth=1),
    "every pixel for itself": uv.UNetSpec(16, depth=2, kernel_size=1, padding="same"),
}
TRACES = {name: uv.trace(spec) for name, spec in SPECS.items()}
LOSSY = uv.PAPER.replace(input_size=573)

many = settings(max_examples=examples(60))
few = settings(max_examples=examples(20))
names = st.sampled_from(sorted(SPECS))


@st.composite
def planned(draw, most=2000):
    """A trace, the size of an image and how to cut it; at most about `most` tiles a side."""
    found = TRACES[draw(names)]
    result = found.output_shape[:2]
    image = draw(st.integers(1, 2000)), draw(st.integers(1, 2000))
    if draw(st.booleans()):
        cut = {"stride": None, "margin": None}
    else:
        strides = [
            draw(st.integers(min(result[axis], -(-image[axis] // most)), result[axis]))
            for axis in (0, 1)
        ]
        rests = [result[axis] - strides[axis] for axis in (0, 1)]
        margin = st.tuples(*(st.integers(0, rest) for rest in rests))
        cut = {"stride": tuple(strides), "margin": draw(st.none() | margin)}
    cut["shift"] = draw(st.just(0) | st.tuples(st.integers(0, 600), st.integers(0, 600)))
    return found, image, cut


def free_range(found, axis):
    """Outputs of a tile that meet no padding, along one axis."""
    free = uv.padding_free(found)
    return (range(free.top, free.bottom), range(free.left, free.right))[axis]


@many
@given(planned())
def test_along_each_axis_every_pixel_is_written_once(case):
    found, image, cut = case
    plan = uv.labs.plan_tiles(image, found, **cut)
    for axis in (0, 1):
        tile, result = found.steps[0].out_shape[axis], found.output_shape[axis]
        written = np.zeros(image[axis], int)
        for source, kept, output in plan.spans(axis):
            written[output.start : output.stop] += 1
            assert len(kept) == len(output) > 0
            assert 0 <= kept.start < kept.stop <= result
            assert 0 <= output.start < output.stop <= image[axis]
            assert len(source) == tile
            assert source.start + (tile - result) // 2 + kept.start == output.start
        assert (written == 1).all()


@few
@given(planned(most=12))
def test_the_tiles_of_an_image(case):
    found, image, cut = case
    plan = uv.labs.plan_tiles(image, found, **cut)
    assume(len(plan) <= 3000)
    tile, result = found.steps[0].out_shape, found.output_shape
    written = np.zeros(image, np.uint8)
    for one in plan.tiles:
        source, kept, output = one.input, one.kept, one.output
        written[output.top : output.bottom, output.left : output.right] += 1
        assert (source.height, source.width) == tile[:2]
        assert (kept.height, kept.width) == (output.height, output.width)
        assert 0 <= kept.top < kept.bottom <= result[0]
        assert 0 <= kept.left < kept.right <= result[1]
        assert source.top + plan.offset[0] + kept.top == output.top
        assert source.left + plan.offset[1] + kept.left == output.left
    assert (written == 1).all()
    places = [(one.output.top, one.output.left) for one in plan.tiles]
    assert places == sorted(places)
    assert plan.grid == tuple(len({place[axis] for place in places}) for axis in (0, 1))
    assert len(plan) == len(plan.tiles) == plan.grid[0] * plan.grid[1]
    assert (plan.image, plan.tile, plan.result) == (image, tile[:2], result[:2])


@many
@given(planned())
def test_seamless_is_in_phase_and_free_of_padding(case):
    found, image, cut = case
    plan = uv.labs.plan_tiles(image, found, **cut)
    in_phase, free = True, True
    for axis in (0, 1):
        allowed, phase = free_range(found, axis), found.spec.pool_size**found.spec.depth
        for _, kept, output in plan.spans(axis):
            in_phase &= (kept.start - output.start) % phase == 0
            free &= kept.start in allowed and kept.stop - 1 in allowed
    assert plan.seamless == (in_phase and free)
    assert plan.seamless == (plan.reason == "")
    if not plan.seamless:
        assert re.search(" in (height|width)", plan.reason)
        assert re.match("the tiles lie .* and only|outputs .* never see padding", plan.reason)
        assert len(plan.reason.split()) > 7


@many
@given(names, st.integers(1, 2000), st.integers(1, 2000))
def test_the_default_is_seamless_and_the_largest_that_is(name, height, width):
    found = TRACES[name]
    plan = uv.labs.plan_tiles((height, width), found)
    assert plan.seamless
    phase = found.spec.pool_size**found.spec.depth
    for axis in (0, 1):
        stride, free = plan.stride[axis], free_range(found, axis)
        starts = [start for start in free if start % phase == 0]
        assert stride % phase == 0
        assert any(start + stride <= free.stop for start in starts)
        assert not any(start + stride + phase <= free.stop for start in starts)


def test_published_strides():
    for spec, stride in ((uv.PAPER, 384), (SAME, 64), (uv.DOCUMENT, 48)):
        plan = uv.labs.plan_tiles(1000, spec)
        assert plan.stride == (stride, stride)
        assert plan.phase == (16, 16)
        assert plan.seamless
        assert plan == uv.labs.plan_tiles(1000, uv.trace(spec), stride)


def test_the_papers_network_looks_92_pixels_around_its_output():
    plan = uv.labs.plan_tiles(1411, uv.PAPER)
    assert (plan.offset, plan.margin, plan.result) == ((92, 92), (0, 0), (388, 388))
    first = plan.tiles[0]
    assert (first.input, first.output) == (
        uv.geometry.Box(-92, -92, 480, 480),
        uv.geometry.Box(0, 0, 384, 384),
    )
    assert repr(plan) == (
        "<TilePlan: 1411 x 1411 in 4 x 4 tiles of 572 x 572, 384 x 384 apart, seamless>"
    )


def test_how_many_tiles():
    for spec, image, grid in (
        # The last tile keeps all that is good, so the last pixels need no tile of their own.
        (uv.PAPER, 388, (1, 1)),
        (uv.PAPER, 389, (2, 2)),
        (uv.PAPER, 384 + 388, (2, 2)),
        (uv.PAPER, 384 + 389, (3, 3)),
        (uv.PAPER, (1, 1), (1, 1)),
        (uv.PAPER, (1, 1000), (1, 3)),
        (uv.PAPER, (1000, 1), (3, 1)),
        (uv.PAPER, (100, 388), (1, 1)),
        (SAME, 66, (1, 1)),
        (SAME, 67, (2, 2)),
        (SAME, (1, 1000), (1, 16)),
    ):
        plan = uv.labs.plan_tiles(image, spec)
        assert plan.grid == grid
        assert len(plan) == grid[0] * grid[1]


def test_one_tile_has_no_neighbour_and_no_seam():
    assert uv.labs.plan_tiles(40, uv.PAPER, 50).seamless
    assert not uv.labs.plan_tiles(400, uv.PAPER, 50).seamless


def test_the_reason_names_what_is_out_of_phase():
    for stride, axis in ((100, "height"), (384, ""), ((384, 100), "width"), ((100, 384), "height")):
        plan = uv.labs.plan_tiles(1000, uv.PAPER, stride)
        assert plan.seamless == (axis == "")
        assert ("with seams" in repr(plan)) == bool(axis)
        for named in (axis, "100 apart", "multiples of 16"):
            assert (named in plan.reason) == bool(axis) or not named


def test_a_shift_moves_all_tiles():
    straight, moved = (uv.labs.plan_tiles(1000, uv.PAPER, 384, shift=shift) for shift in (0, 32))
    assert moved.seamless
    tops = [{one.input.top for one in plan.tiles} for plan in (straight, moved)]
    assert tops == [{-92, 292, 676}, {-124, 260, 644}]
    assert uv.labs.plan_tiles(1000, uv.PAPER, 384, shift=384) == straight
    assert "shifted by 8 in height" in uv.labs.plan_tiles(1000, uv.PAPER, shift=8).reason


def test_whole_outputs_of_a_network_with_padding_are_no_seamless_tiles():
    plan = uv.labs.plan_tiles(1000, SAME, 256)
    assert plan.margin == (0, 0)
    for named in ("0 to 255", "94 to 161", "padding", "height"):
        assert named in plan.reason


def test_more_than_is_free_of_padding_is_kept_in_phase():
    for image, stride in ((1000, 80), (1000, 112), (1000, 144), (1000, 256), (150, 151)):
        plan = uv.labs.plan_tiles(image, SAME, stride)
        assert not plan.seamless
        assert "padding" in plan.reason
        assert plan.margin[0] % 16 == 0


def test_a_margin_out_of_phase_is_not_put_down_to_the_stride():
    plan = uv.labs.plan_tiles(1000, SAME, 16, margin=100)
    assert not plan.seamless
    assert "16 apart" not in plan.reason


def test_a_tile_that_loses_rows_is_never_seamless():
    plan = uv.labs.plan_tiles(100, LOSSY, 16)
    assert not plan.seamless
    assert "573 x 573" in plan.reason


def test_any_stride_that_leaves_no_gaps_is_taken():
    for stride in (1, 7, 388):
        assert uv.labs.plan_tiles(390, uv.PAPER, stride).stride == (stride, stride)


def test_tiles_that_cannot_be_are_named():
    for arguments, *named in (
        ({"stride": 389}, "gaps", "388 pixels in height", "at most 388"),
        ({"stride": (16, 400)}, "gaps", "width"),
        ({"stride": 16, "margin": 380}, "gaps", "margin of 380", "at most 8"),
        ({"margin": 388}, "margin of 388", "388 pixels"),
        ({"margin": -1}, "margin", "at least 0", "not -1"),
        ({"margin": 1.5}, "margin", "1.5"),
        ({"shift": -16}, "shift", "at least 0", "not -16"),
        ({"shift": (0, 0.5)}, "shift"),
        ({"shift": (1, 2, 3)}, "shift"),
        ({"shift": True}, "shift"),
    ):
        assert_refused(lambda a=arguments: uv.labs.plan_tiles(1000, uv.PAPER, **a), *named)


def test_sizes_and_strides_are_whole_numbers_of_at_least_one():
    for wrong in (0, -16, 1.5, 16.0, "16", True, (16,), (16, 0), (16, 1.5)):
        assert_refused(lambda w=wrong: uv.labs.plan_tiles(w, uv.PAPER), "image", repr(wrong))
        assert_refused(lambda w=wrong: uv.labs.plan_tiles(100, uv.PAPER, w), "stride", repr(wrong))


def test_numbers_of_numpy_are_whole_numbers_too():
    plan = uv.labs.plan_tiles(np.array([500, 600]), uv.PAPER, np.int64(64))
    assert (plan.image, plan.stride) == ((500, 600), (64, 64))


def test_a_network_that_fails_says_so():
    with pytest.raises(uv.ShapeError, match=r"192 and 208"):
        uv.labs.plan_tiles(1000, SAME.replace(input_size=200))


def test_what_is_no_network_is_refused():
    for network in ("paper", None, 572):
        call = lambda n=network: uv.labs.plan_tiles(1000, n)  # noqa: E731
        assert_refused(call, "UNetSpec", error=TypeError)


def test_an_output_of_another_scale_is_refused():
    for kind, operation, spacing in (
        ("pool", MaxPooling((2, 3), (2, 3)), "2 x 3"),
        ("upsample", Upsampling((2, 2)), "1/2 x 1/2"),
    ):
        record = Record("last", kind, operation, ("input",), 1, "encoder")
        spec = RecordedSpec(96, 1, (record,))
        assert_refused(lambda s=spec: uv.labs.plan_tiles(1000, s), f"{spacing} input pixels")


def test_rows_do_not_depend_on_columns():
    for height, width in ((1, 300), (15, 66), (300, 67), (67, 1)):
        both = uv.labs.plan_tiles((height, width), SAME)
        assert both.spans(0) == uv.labs.plan_tiles((height, 9), SAME).spans(0)
        assert both.spans(1) == uv.labs.plan_tiles((9, width), SAME).spans(1)
