"""Marks of what an edit changed, and the drawings of fully convolutional networks."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.random_specs import fcn_specs, specs

import unetviz as uv
from unetviz.draw.theme import WIDTH
from unetviz.draw.unet.arrows import connect
from unetviz.draw.unet.draw import draw_svg
from unetviz.draw.unet.labels import label
from unetviz.draw.unet.layout import lay_out, map_areas
from unetviz.geometry.ops import Combination
from unetviz.geometry.specs.from_model import Record, RecordedSpec

SVG = "{http://www.w3.org/2000/svg}"
TENTH = 0.11  # coordinates are written in tenths of a pixel
FCNS = [
    uv.FCNSpec(512, base_filters=8),
    uv.FCNSpec(512, base_filters=8, stride=16),
    uv.FCNSpec(512, stride=8),
    uv.FCNSpec((500, 375), input_channels=3, classes=21, stride=8),
    uv.FCNSpec((33, 1000), base_filters=1, stride=16),
    uv.FCNSpec((700, 40), base_filters=2),
    uv.FCNSpec(32, classes=1, base_filters=1, stride=8),
]


@pytest.fixture(params=FCNS, ids=repr)
def fcn(request):
    return uv.trace(request.param)


def numbers(text):
    return [float(word) for word in re.findall(r"-?[\d.]+", text)]


def corners(text):
    flat = numbers(text)
    return list(zip(flat[::2], flat[1::2], strict=True))


def root_of(trace, changed=()):
    return ElementTree.fromstring(draw_svg(trace, changed=changed))


def highlights(root, tag):
    """Halos of one kind of shape; the sample of the legend is none."""
    return [
        element
        for element in root.findall(f"{SVG}{tag}")
        if "highlight" in element.get("class", "").split()
    ]


def frames(root):
    """Left, top, right and bottom end of each frame around maps."""
    for path in highlights(root, "path"):
        assert path.get("class") == "highlight frame-of-change"
        x, y, width, height, *_ = numbers(path.get("d"))
        yield x, y, x + width, y + height


def around(frame, box):
    left, top, right, bottom = frame
    return left < box.x and top < box.top and box.right < right and box.bottom < bottom


def parts(root, prefix):
    """Names of the steps of all arrows, or all marks, that are drawn."""
    groups = [group for group in root.iter(f"{SVG}g") if group.get("id", "").startswith(prefix)]
    return {group.get("data-step"): group for group in groups}


def legend_of(root):
    return {g.get("id") for g in root.iter(f"{SVG}g") if g.get("id", "").startswith("legend-")}


def check_highlights(trace, changed):
    """Compare the highlights of a drawing with the shapes that are drawn for the changed steps."""
    root = root_of(trace, changed)
    arrows, marks = parts(root, "arrow-"), parts(root, "mark-")
    lines = [corners(line.get("points")) for line in highlights(root, "polyline")]
    expected = []
    for name in arrows.keys() & set(changed):
        (line,), (tip,) = (
            arrows[name].findall(f"{SVG}polyline"),
            arrows[name].findall(f"{SVG}polygon"),
        )
        expected.append([*corners(line.get("points"))[:-1], corners(tip.get("points"))[0]])
    assert sorted(lines) == sorted(expected)
    circles = sorted((circle.get("cx"), circle.get("cy")) for circle in highlights(root, "circle"))
    discs = [marks[name].find(f"{SVG}circle") for name in marks.keys() & set(changed)]
    assert circles == sorted((disc.get("cx"), disc.get("cy")) for disc in discs)
    found = list(frames(root))
    for laid in lay_out(trace).places():
        whole = laid.place.step.name in changed
        for box in laid.boxes:
            holding = [frame for frame in found if around(frame, box)]
            assert len(holding) == (whole or box.step in changed), box.step
        if whole:
            left, top, right, bottom = next(f for f in found if around(f, laid.boxes[0]))
            assert all(around((left, top, right, bottom), box) for box in laid.boxes)
    for frame in found:
        boxes = [box for laid in lay_out(trace).places() for box in laid.boxes]
        assert any(around(frame, box) for box in boxes)
    any_changed = bool({step.name for step in trace} & set(changed))
    assert ("legend-changed" in legend_of(root)) == any_changed
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert words.count("changed") == any_changed
    return root


@pytest.mark.parametrize(
    ("before", "after"), list(pairwise(uv.geometry.ABLATION)), ids=lambda name: str(name)
)
def test_each_edit_of_the_row_has_its_highlights(before, after):
    first, second = (uv.trace(uv.geometry.ABLATION[name]) for name in (before, after))
    changed = uv.geometry.changed_steps(first, second)
    root = check_highlights(second, changed)
    assert highlights(root, "path")
    assert highlights(root, "polyline")
    drawing = uv.draw_unet(second, changed=changed)
    assert (
        drawing.svg.count('class="highlight')
        == sum(len(highlights(root, tag)) for tag in ("path", "polyline", "circle")) + 1
    )  # the legend's sample


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(spec=st.one_of(specs(max_depth=4), fcn_specs()), data=st.data())
def test_any_steps_can_be_marked(spec, data):
    trace = uv.trace(spec)
    names = [step.name for step in trace]
    check_highlights(trace, data.draw(st.lists(st.sampled_from(names), unique=True)))


@pytest.mark.parametrize("spec", [uv.PAPER, uv.DOCUMENT, *FCNS[:3]], ids=repr)
def test_without_a_change_there_is_no_highlight(spec):
    for changed in ((), ("no_such_step",)):
        root = root_of(uv.trace(spec), changed)
        assert not [e for e in root.iter() if "highlight" in e.get("class", "")]
        assert "legend-changed" not in legend_of(root)
        assert uv.draw_unet(spec, changed=changed).svg == uv.draw_unet(spec).svg


def test_marks_of_dropout_and_of_copies_get_highlights():
    changed = ("enc4_dropout", "dec2_upsample")
    root = check_highlights(uv.trace(uv.DOCUMENT), changed)
    assert len(highlights(root, "circle")) == 2
    assert len(highlights(root, "polyline")) == 1  # the way from the map to the mark of the copies
    assert not highlights(root, "path")


def test_highlights_lie_behind_everything_else_and_have_a_colour_in_both_themes():
    trace = uv.trace(uv.geometry.ABLATION["unet_concat"])
    changed = ("dec2_concat",)
    children = list(root_of(trace, changed))
    behind = [
        i for i, child in enumerate(children) if "highlight" in child.get("class", "").split()
    ]
    assert behind == list(range(len(behind)))
    assert len(behind) == 2
    for theme in ("light", "dark"):
        svg = uv.draw_unet(trace, theme=theme, changed=changed).svg
        assert re.search(r"\.unetviz \.highlight \{[^}]*stroke: #[0-9a-f]{6};", svg)


def test_the_legend_says_changed_in_its_own_column():
    trace = uv.trace(uv.FCNSpec(500, stride=8))  # all marks: window, lost rows, changed
    root = root_of(trace, ("up",))
    (sample,) = [g for g in root.iter(f"{SVG}g") if g.get("id") == "legend-changed"]
    x, y, *_ = numbers(sample[0].get("d"))
    texts = {t.text: (float(t.get("x")), float(t.get("y"))) for t in root.iter(f"{SVG}text")}
    assert 0 < texts["changed"][0] - x < 40
    assert abs(texts["changed"][1] - y) < 15
    samples = legend_of(root)
    assert samples == {
        f"legend-{kind}"
        for kind in (
            "conv",
            "pool",
            "upconv",
            "crop",
            "head",
            "window",
            "lost",
            "softmax",
            "changed",
        )
    }
    height = float(root.get("viewBox").split()[3])
    assert texts["changed"][1] < height


def segments(arrow):
    return list(pairwise(arrow.points))


def touches(segment, box, room=0.0):
    """Whether a segment along an axis meets a map, the sheets at its back included."""
    (x0, y0), (x1, y1) = segment
    left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    across = left < box.right + room and right > box.x - room
    return across and top < box.bottom + room and bottom > box.top - room


def lie_on_each_other(one, other, room=3.0):
    """Whether two segments run along each other, closer than `room` pixels."""
    for axis in (0, 1):
        (a0, a1), (b0, b1) = (sorted(point[axis] for point in segment) for segment in (one, other))
        both_straight = all(s[0][1 - axis] == s[1][1 - axis] for s in (one, other))
        near = abs(one[0][1 - axis] - other[0][1 - axis]) < room
        if both_straight and near and min(a1, b1) - max(a0, b0) > 0:
            return True
    return False


def test_arrows_of_an_fcn_cross_no_map(fcn):
    layout = lay_out(fcn)
    boxes = [box for laid in layout.places() for box in laid.boxes]
    for arrow in connect(layout)[0]:
        for segment in segments(arrow):
            (x0, y0), (x1, y1) = segment
            assert x0 == x1 or y0 == y1
            assert not [box.step for box in boxes if touches(segment, box)], arrow.step


def test_arrows_of_an_fcn_do_not_lie_on_each_other(fcn):
    arrows = connect(lay_out(fcn))[0]
    for one, other in combinations(arrows, 2):
        for first in segments(one):
            for second in segments(other):
                assert not lie_on_each_other(first, second), (one.step, other.step)


def test_two_arrows_share_the_lowest_gap_of_an_fcn_32s():
    """The last pooling comes down and the up-convolution goes up: each has a lane of its own."""
    layout = lay_out(uv.trace(uv.FCNSpec(256, base_filters=8)))
    arrows = {arrow.step: arrow for arrow in connect(layout)[0]}
    pool, up = arrows["enc5_pool"].points, arrows["up"].points
    top, bottom = layout.rows[-2].bottom, layout.rows[-1].top
    lanes = []
    for points in (pool, up):
        (lane,) = {a[1] for a, b in pairwise(points) if a[1] == b[1] and a[0] != b[0]}
        assert top < lane < bottom
        lanes.append(lane)
    assert abs(lanes[0] - lanes[1]) >= 5
    (pool_left, pool_right), (up_left, up_right) = (
        (min(x for x, _ in points), max(x for x, _ in points)) for points in (pool, up)
    )
    assert pool_left < up_right  # without two lanes they would meet
    assert up_left < pool_right


def test_an_arrow_up_several_levels_turns_aside_below_them():
    layout = lay_out(uv.trace(uv.FCNSpec(256, base_filters=8)))
    (up,) = [arrow for arrow in connect(layout)[0] if arrow.step == "up"]
    start, end = up.points[0], up.points[-1]
    assert end[0] > max(box.right for row in layout.rows for laid in row.left for box in laid.boxes)
    assert start[1] > layout.rows[-2].bottom
    assert end[1] < layout.rows[0].bottom + 1
    assert all(y > layout.rows[-2].bottom for x, y in up.points if x != end[0])


def test_labels_of_an_fcn_tell_channels_and_sizes_and_do_not_overlap(fcn):
    layout = lay_out(fcn)
    labels = label(layout, connect(layout)[0])
    for one, other in combinations(labels, 2):
        assert not one.overlaps(other), (one, other)
    for found in labels:
        shape = fcn[found.step].out_shape
        size = str(shape[0]) if shape[0] == shape[1] else f"{shape[0]} x {shape[1]}"
        assert found.text in (str(shape[2]), size, "copy")


def test_an_fcn_stays_inside_its_page(fcn):
    layout = lay_out(fcn)
    assert layout.width == WIDTH
    arrows, signs = connect(layout)
    for laid in layout.places():
        for box in laid.boxes:
            assert 0 <= box.x <= box.right <= layout.width
            assert 0 <= box.top <= box.bottom <= layout.height
    for x, y in (point for arrow in arrows for point in arrow.points):
        assert 0 < x < layout.width
        assert 0 < y < layout.height
    for found in label(layout, arrows):
        left, top, right, bottom = found.box
        assert left >= 0
        assert right <= layout.width
        assert top >= 0
        assert bottom <= layout.height
    assert [(sign.step, sign.text) for sign in signs] == [("softmax", "S")]


def test_every_step_of_an_fcn_has_a_sign(fcn):
    root = root_of(fcn)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    joined = [step.name for step in fcn if step.kind == "add"]
    on_the_way = {fcn[name].inputs[0] for name in joined}  # crops of the halves that are added
    for step in fcn:
        if step.name in on_the_way:
            windows = [e.get("data-step") for e in root.iter() if e.get("class") == "window secret"]
            assert step.name in windows
        elif step.name != "softmax":
            assert f"map-{step.name}" in ids
            assert step.kind == "input" or f"arrow-{step.name}" in ids


def discs(root):
    """The disc of each sum and the word on it, by the step that joins."""
    found = {}
    for group in root.iter(f"{SVG}g"):
        for disc in group.findall(f"{SVG}circle"):
            if disc.get("class") == "disc":
                (word,) = group.findall(f"{SVG}text")
                found[group.get("data-step")] = disc, word
    return found


@pytest.mark.parametrize(
    "spec", [*FCNS, uv.PAPER.replace(merge="add"), uv.geometry.ABLATION["unet_add"]], ids=repr
)
def test_a_sum_has_a_disc_with_a_plus_between_its_halves(spec):
    trace = uv.trace(spec)
    found = discs(root_of(trace))
    assert set(found) == {step.name for step in trace if step.kind == "add"}
    halves = {laid.place.step.name: laid.boxes for laid in lay_out(trace).places()}
    for name, (disc, word) in found.items():
        skip, up = halves[name]
        x, y = float(disc.get("cx")), float(disc.get("cy"))
        assert skip.right - TENTH <= x <= up.x + TENTH
        assert up.y < y < up.bottom
        assert word.text == "+"
        assert float(word.get("x")) == x
        assert 0 < float(word.get("y")) - y < 6  # its base line: the middle of the sign on y


@pytest.mark.parametrize(
    "spec", [uv.PAPER, uv.DOCUMENT, uv.PAPER.replace(merge="none"), FCNS[0]], ids=repr
)
def test_without_a_sum_there_is_no_disc(spec):
    assert not discs(root_of(uv.trace(spec)))


def test_both_halves_of_a_sum_tell_their_own_sizes():
    trace = uv.trace(uv.FCNSpec(512, base_filters=8, stride=8))
    titles = [title.text for title in root_of(trace).iter(f"{SVG}title")]
    assert "dec5_up: 34x34x2" in titles
    assert "dec5_add: 32x32x2" in titles
    assert map_areas(trace)["dec5_add"][4:] == (32, 32)


def test_a_product_has_no_plus():
    before = uv.trace(uv.UNetSpec(32, depth=1, padding="same", merge="add"))
    records = tuple(
        Record(
            *(step.name, step.kind),
            Combination("Multiply") if step.kind == "add" else step.operation,
            *(step.inputs, step.level, step.side),
        )
        for step in before.steps[1:]
    )
    trace = uv.trace(RecordedSpec((32, 32), 1, records))
    assert trace["dec1_add"].label == "multiply"
    assert "+" not in [word.text for _, word in discs(root_of(trace)).values()]
