"""Arrows run along the axes, cross no map and each other only at right angles."""

from itertools import combinations, pairwise

from support.drawings import FCNS, traces

import unetviz as uv
from unetviz.draw.unet.arrows import connect
from unetviz.draw.unet.layout import lay_out


def segments(arrow):
    return list(pairwise(arrow.points))


def meets(segment, box):
    """Whether a segment along an axis meets a map, the sheets at its back included."""
    (x0, y0), (x1, y1) = segment
    across = min(x0, x1) < box.right and max(x0, x1) > box.left
    return across and min(y0, y1) < box.bottom and max(y0, y1) > box.top


def lie_on_each_other(one, other, room=3.0):
    """Whether two segments run along each other, closer than `room` pixels."""
    for axis in (0, 1):
        (a0, a1), (b0, b1) = (sorted(point[axis] for point in segment) for segment in (one, other))
        both_straight = all(s[0][1 - axis] == s[1][1 - axis] for s in (one, other))
        near = abs(one[0][1 - axis] - other[0][1 - axis]) < room
        if both_straight and near and min(a1, b1) - max(a0, b0) > 0:
            return True
    return False


def test_arrows_of_an_fcn_cross_no_map_and_do_not_lie_on_each_other():
    for trace in traces(FCNS):
        layout = lay_out(trace)
        boxes = [box for placed in layout.places() for box in placed.boxes]
        arrows, _ = connect(layout)
        for arrow in arrows:
            for segment in segments(arrow):
                (x0, y0), (x1, y1) = segment
                assert x0 == x1 or y0 == y1
                assert not any(meets(segment, box) for box in boxes), arrow.step
        for one, other in combinations(arrows, 2):
            pairs = ((a, b) for a in segments(one) for b in segments(other))
            assert not any(lie_on_each_other(*pair) for pair in pairs), (one.step, other.step)


def test_arrows_stay_inside():
    for trace in traces():
        layout = lay_out(trace)
        for arrow in connect(layout)[0]:
            for x, y in arrow.points:
                assert 0 < x < layout.width
                assert 0 < y < layout.height


def test_each_arrow_leads_from_what_a_step_takes():
    for trace in traces():
        steps = {step.name: step for step in trace.all_steps}
        arrows, _ = connect(lay_out(trace))
        for arrow in arrows:
            sources = steps[arrow.step].inputs
            # What a crop, a dropout or copies took is drawn as their source.
            while arrow.source not in sources and sources:
                sources = tuple(one for name in sources for one in steps[name].inputs)
            assert arrow.source in sources, arrow.step


def test_two_arrows_share_the_lowest_gap_of_an_fcn_32s():
    """The last pooling comes down and the up-convolution goes up: each has a lane of its own."""
    layout = lay_out(uv.trace(uv.FCNSpec(256, base_filters=8)))
    arrows = {arrow.step: arrow.points for arrow in connect(layout)[0]}
    top, bottom = layout.rows[-2].bottom, layout.rows[-1].top
    lanes, spans = [], []
    for points in (arrows["enc5_pool"], arrows["up"]):
        (lane,) = {a[1] for a, b in pairwise(points) if a[1] == b[1] and a[0] != b[0]}
        assert top < lane < bottom
        lanes.append(lane)
        spans.append((min(x for x, _ in points), max(x for x, _ in points)))
    assert abs(lanes[0] - lanes[1]) >= 5
    (left, right), (left2, right2) = spans
    assert left < right2  # without two lanes they would meet
    assert left2 < right


def test_an_arrow_up_several_levels_turns_aside_below_them():
    layout = lay_out(uv.trace(uv.FCNSpec(256, base_filters=8)))
    (up,) = [arrow.points for arrow in connect(layout)[0] if arrow.step == "up"]
    start, end = up[0], up[-1]
    assert end[0] > max(placed.right for row in layout.rows for placed in row.left)
    assert start[1] > layout.rows[-2].bottom
    assert end[1] < layout.rows[0].bottom + 1
    assert all(y > layout.rows[-2].bottom for x, y in up if x != end[0])


def test_turned_arrows_lead_back_and_crops_become_zeros():
    arrows, _ = connect(lay_out(uv.trace(uv.PAPER)))
    turned = [arrow.turned() for arrow in arrows]
    for arrow, back in zip(arrows, turned, strict=True):
        assert (back.step, back.source) == (arrow.source, arrow.step)
        assert back.points == arrow.points[::-1]
    # What goes two ways, to the pool and to the skip, gets two gradients.
    for level in range(1, 5):
        assert sum(arrow.step == f"enc{level}_conv2" for arrow in turned) == 2
    assert {arrow.label for arrow in turned} - {""} == {f"zeros {n}" for n in (4, 16, 40, 88)}


def test_steps_without_a_map_have_a_sign_clear_of_all_maps():
    wanted = {
        uv.DOCUMENT: {"dropout": "D", "upsample": "2x"},
        FCNS[2]: {"softmax": "S"},
        uv.PAPER: {},
    }
    for spec, texts in wanted.items():
        layout = lay_out(uv.trace(spec))
        _, signs = connect(layout)
        assert {sign.kind: sign.text for sign in signs} == texts
        for sign in signs:
            around = ((sign.x - 9, sign.y - 9), (sign.x + 9, sign.y + 9))
            assert not any(meets(around, box) for p in layout.places() for box in p.boxes)
