"""Maps lie inside the drawing, beside each other, in proportion."""

from itertools import combinations, pairwise

import pytest
from support.drawings import TENTH, WIDE, are_apart, drawings, front_sheet, traces, with_class

import unetviz as uv
from unetviz.draw.theme import WIDTH
from unetviz.draw.unet.layout import lay_out, map_areas


def boxes_of(layout):
    return [box for placed in layout.places() for box in placed.boxes]


def test_maps_lie_inside_and_do_not_overlap():
    for trace in traces():
        layout = lay_out(trace)
        shapes = [(box.left, box.top, box.right, box.bottom) for box in boxes_of(layout)]
        for left, top, right, bottom in shapes:
            assert 0 <= left <= right <= layout.width
            assert 0 <= top <= bottom <= layout.height
        assert all(are_apart(one, other) for one, other in combinations(shapes, 2)), trace.spec


def test_a_drawing_is_as_wide_as_a_notebook_unless_a_row_has_too_many_maps():
    for trace in traces():
        width = lay_out(trace).width
        assert (width > WIDTH) if trace.spec == WIDE else (width == WIDTH)


def test_maps_keep_their_proportions():
    trace = uv.trace(uv.UNetSpec((500, 380), padding="same", depth=2))
    for box in boxes_of(lay_out(trace)):
        assert box.height / box.width == pytest.approx(box.shape[0] / box.shape[1])


def test_a_larger_map_is_drawn_larger_and_more_channels_with_more_sheets():
    trace = uv.trace(uv.PAPER)
    boxes = boxes_of(lay_out(trace))
    by_size = sorted(boxes, key=lambda box: box.shape[0])
    assert by_size[0].height > 20
    for small, large in pairwise(by_size):
        assert (small.height < large.height) == (small.shape[0] < large.shape[0])
    for few, many in pairwise(sorted(boxes, key=lambda box: box.shape[2])):
        assert few.sheets <= many.sheets
    assert boxes[0].sheets == 1


def test_rows_follow_each_other_and_the_decoder_is_on_the_right():
    for trace in traces():
        layout = lay_out(trace)
        for upper, lower in pairwise(layout.rows):
            assert upper.top < upper.middle < upper.bottom < lower.top
        for row in layout.rows:
            places = (*row.left, *row.right)
            assert all(one.right < other.left for one, other in pairwise(places))


def test_areas_are_the_front_sheets_of_the_drawing():
    for trace, root in drawings():
        areas = map_areas(trace)
        sheets = {
            node.get("data-step"): front_sheet(node)
            for node in (*with_class(root, "map"), *with_class(root, "skip"))
        }
        assert areas.keys() == sheets.keys()
        for name, (x, y, width, height, *size) in areas.items():
            assert sheets[name] == pytest.approx((x, y, x + width, y + height), abs=2 * TENTH)
            if name in trace:
                assert tuple(size) == trace[name].out_shape[:2]


def test_a_failing_step_has_no_area_and_both_halves_of_a_join_have_one():
    trace = uv.trace(uv.UNetSpec(64))
    assert trace.failed.name not in map_areas(trace)
    trace = uv.trace(uv.FCNSpec(512, base_filters=8, stride=8))
    areas = map_areas(trace)
    assert areas["dec5_up"][4:] == (34, 34)
    assert areas["dec5_add"][4:] == (32, 32)
