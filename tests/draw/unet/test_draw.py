"""Drawings as text: what is there, for which step, to scale; forward, backward and changed."""

import base64
import io
import re
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.drawings import (
    FCNS,
    SVG,
    TENTH,
    are_apart,
    corners,
    drawings,
    front_sheet,
    groups,
    numbers,
    read,
    texts,
    traces,
    with_class,
)
from support.drawn import faults
from support.random_graphs import random_graph
from support.random_specs import fcn_specs, specs

import unetviz as uv
from unetviz.draw.theme import FONT_SIZE
from unetviz.draw.unet.arrows import connect
from unetviz.draw.unet.draw import draw_svg
from unetviz.draw.unet.labels import label
from unetviz.draw.unet.layout import lay_out, map_areas
from unetviz.geometry import ops
from unetviz.geometry.ops import Combination
from unetviz.geometry.specs.from_model import Record, RecordedSpec

few = settings(max_examples=25, deadline=None, derandomize=True)
ANY = st.one_of(specs(max_depth=8), fcn_specs())


# --- what is drawn ----------------------------------------------------------------------------


def test_every_step_is_drawn_once():
    for trace, root in drawings():
        ids = [node.get("id") for node in root.iter() if node.get("id")]
        assert len(ids) == len(set(ids))
        windows = {node.get("data-step") for node in with_class(root, "window")}
        for step in trace:
            if step.kind in ("dropout", "upsample", "activation"):
                assert f"mark-{step.name}" in ids
            elif step.kind == "crop":
                assert {f"skip-{step.name}", f"map-{step.name}"} & {*ids} or step.name in windows
            else:
                assert f"map-{step.name}" in ids


def test_every_step_but_the_input_has_an_arrow():
    for trace, root in drawings():
        arrows = groups(root, "arrow-")
        without = {
            step.name
            for step in trace
            if step.kind in ("input", "dropout", "activation", "concat", "add")
        }
        on_the_way = {name for step in trace if step.kind == "add" for name in step.inputs}
        assert {step.name for step in trace} - without - on_the_way <= arrows.keys()


@few
@given(ANY)
def test_any_network_can_be_drawn(spec):
    trace = uv.trace(spec)
    read(draw_svg(trace))
    layout = lay_out(trace)
    labels = label(layout, connect(layout)[0])
    assert not any(one.overlaps(other) for one, other in combinations(labels, 2))
    boxes = [
        (box.left, box.top, box.right, box.bottom)
        for placed in layout.places()
        for box in placed.boxes
    ]
    assert all(left >= 0 and right <= layout.width + TENTH for left, _, right, _ in boxes)
    assert all(are_apart(one, other) for one, other in combinations(boxes, 2))


@pytest.mark.keras
def test_networks_that_others_write_are_drawn_with_all_their_maps():
    from support.foreign_models import MODELS

    for name, make in MODELS.items():
        trace = uv.trace_model(make())
        drawing = uv.draw_unet(trace)
        drawn = {node.get("data-step") for node in read(drawing.svg).iter()}
        folded = ("dropout", "activation", "normalization")
        assert {step.name for step in trace if step.kind not in folded} <= drawn, name
        assert "come out" in drawing.caption


def test_no_text_is_smaller_than_eleven_pixels():
    for trace in traces():
        svg = uv.draw_unet(trace).svg
        assert "font-size" not in svg
        assert re.findall(r"font: ([\d.]+)px", svg) == [f"{FONT_SIZE:g}"]


def test_captions_say_what_goes_in_and_comes_out():
    said = {
        uv.PAPER: "A U-Net with 4 poolings: 572 x 572 pixels go in, 388 x 388 come out.",
        uv.UNetSpec(60, depth=1): "A U-Net with 1 pooling: 60 x 60 pixels go in, 44 x 44 come out.",
    }
    for spec, caption in said.items():
        drawing = uv.draw_unet(spec)
        assert drawing.caption == caption
        assert caption in texts(read(drawing.svg))
    drawing = uv.draw_unet(uv.UNetSpec(64))
    assert "stops at enc4_conv2: 64 x 64 pixels go in, nothing comes out" in drawing.caption


def test_themes_differ_and_a_wrong_one_is_named():
    light, dark = (uv.draw_unet(uv.PAPER, theme=theme).svg for theme in ("light", "dark"))
    assert light != dark
    assert re.sub(r"#\w{6}", "", light) == re.sub(r"#\w{6}", "", dark)
    with pytest.raises(ValueError, match=r'theme must be "light" or "dark", not .blue'):
        uv.draw_unet(uv.PAPER, theme="blue")


# --- crops, losses, failures, joins -----------------------------------------------------------


def test_crop_windows_are_drawn_to_scale():
    for trace, root in drawings():
        maps = {node.get("data-step"): front_sheet(node) for node in with_class(root, "map")}
        for window in with_class(root, "window"):
            if window.get("data-step") is None:  # the sample of the legend
                continue
            step = trace[window.get("data-step")]
            left, top, right, bottom = maps[step.inputs[0]]
            rows, columns, _ = step.in_shapes[0]
            (above, below), (before, after) = step.crop
            x, y, width, height, *_ = numbers(window.get("d"))
            tall, wide = (bottom - top) / rows, (right - left) / columns
            assert (x, y) == pytest.approx((left + before * wide, top + above * tall), abs=0.2)
            assert width == pytest.approx((columns - before - after) * wide, abs=0.2)
            assert height == pytest.approx((rows - above - below) * tall, abs=0.2)


def test_the_skips_of_the_paper_keep_what_the_paper_says():
    root = read(uv.draw_unet(uv.PAPER).svg)
    maps = {node.get("data-step"): front_sheet(node) for node in with_class(root, "map")}
    windows = [node for node in with_class(root, "window") if node.get("data-step")]
    kept = (392 / 568, 200 / 280, 104 / 136, 56 / 64)
    for level, (window, share) in enumerate(zip(windows, kept, strict=True), start=1):
        left, _, right, _ = maps[f"enc{level}_conv2"]
        width = numbers(window.get("d"))[2]
        assert width / (right - left) == pytest.approx(share, abs=0.005)


def test_lost_rows_and_columns_are_marked_where_they_are_lost():
    for trace, root in drawings():
        found = {}
        for node in with_class(root, "map"):
            edges = [part for part in node if part.get("class") == "lost secret"]
            if edges:
                assert {edge.get("data-step") for edge in edges} <= {step.name for step in trace}
                found[node.get("data-step")] = len(edges)
        losing = {step.inputs[0]: sum(map(bool, step.lost)) for step in trace if any(step.lost)}
        assert found == losing


def test_a_failing_step_is_marked_with_its_sentence():
    drawing = uv.draw_unet(uv.UNetSpec(64))
    root = read(drawing.svg)
    (failed,) = with_class(root, "failed")
    assert failed.get("id") == "map-enc4_conv2"
    words = [node.text for node in root.iter(f"{SVG}text") if node.get("class") == "s wrong secret"]
    assert " ".join(words) == drawing.trace.problems[0].message
    # A join that fails has a frame around both halves.
    drawing = uv.draw_unet(uv.UNetSpec(200, padding="same"))
    (frame,) = with_class(read(drawing.svg), "frame")
    assert frame.get("data-step") == drawing.trace.failed.name == "dec4_concat"


def test_a_sum_has_a_disc_with_a_plus_between_its_halves():
    for trace, root in drawings():
        found = {}
        for group in root.iter(f"{SVG}g"):
            discs = [node for node in group if node.get("class") == "disc"]
            if discs and group.get("data-step"):  # the legend has a sample
                (disc,), (word,) = discs, group.findall(f"{SVG}text")
                found[group.get("data-step")] = disc
                skip, up = (front_sheet(half) for half in group.findall(f"{SVG}g"))
                x, y = float(disc.get("cx")), float(disc.get("cy"))
                assert skip[2] <= x <= up[0] + TENTH
                assert up[1] < y < up[3]
                assert word.text == "+"
                assert word.get("x") == disc.get("cx")
                assert 0 < float(word.get("y")) - y < 6  # the base line: the sign's middle is on y
        assert found.keys() == {step.name for step in trace.all_steps if step.kind == "add"}


def test_both_halves_of_a_sum_tell_their_own_sizes():
    root = read(draw_svg(uv.trace(uv.FCNSpec(512, base_filters=8, stride=8))))
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert {"dec5_up: 34x34x2", "dec5_add: 32x32x2"} <= set(titles)


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
    assert "+" not in texts(read(draw_svg(trace)))


# --- images in maps ---------------------------------------------------------------------------


def dots(count):
    """A PNG file that no other number gives."""
    file = io.BytesIO()
    Image.fromarray(np.full((2, 3), count, np.uint8)).save(file, "PNG")
    return file.getvalue()


def images_in(svg):
    """Images of a drawing by the steps that they belong to."""
    found = {}
    for group in read(svg).iter(f"{SVG}g"):
        for element in group.findall(f"{SVG}image"):
            assert group.get("data-step") not in found
            found[group.get("data-step")] = element
    return found


def test_each_image_lies_within_its_own_front_sheet():
    small = uv.UNetSpec((60, 76), depth=2, base_filters=3)
    for trace in traces((small, small.replace(padding="same", input_size=(32, 44)), uv.PAPER)):
        areas = map_areas(trace)
        images = {name: dots(i + 1) for i, name in enumerate(areas)}
        for theme in (None, "light", "dark"):
            found = images_in(draw_svg(trace, theme=theme, images=images))
            assert found.keys() == areas.keys()
            for name, element in found.items():
                place = [float(element.get(key)) for key in ("x", "y", "width", "height")]
                x, y, width, height, _, _ = areas[name]
                # The sheet's own line stays: one pixel on each side.
                inside = (x + 1, y + 1, max(width - 2, 1), max(height - 2, 1))
                assert place == pytest.approx(inside, abs=TENTH)
                data = element.get("href").removeprefix("data:image/png;base64,")
                assert base64.b64decode(data) == images[name]
                assert element.get("preserveAspectRatio") == "none"


def test_only_some_maps_have_images_and_nothing_else_changes():
    trace = uv.trace(uv.UNetSpec((60, 76), depth=2, base_filters=3))
    with_one = draw_svg(trace, images={"enc1_conv1": dots(1), "unknown": dots(2)})
    assert list(images_in(with_one)) == ["enc1_conv1"]
    start, rest = with_one.split("<image ")
    assert start + rest.split("/>", 1)[1] == draw_svg(trace)
    assert draw_svg(trace, images={}) == draw_svg(trace)


def test_an_image_does_not_hide_the_window_of_the_crop():
    trace = uv.trace(uv.UNetSpec((60, 76), depth=2, base_filters=3))
    file = io.BytesIO()
    Image.new("RGB", (1, 1), (0, 255, 0)).save(file, "PNG")
    drawing = uv.draw_unet(trace, images={"enc1_conv2": file.getvalue()})
    shown = np.asarray(Image.open(io.BytesIO(drawing.png(1.0))).convert("RGB"))
    left, top, width, height, _, _ = map_areas(trace)["enc1_conv2"]
    inside = shown[int(top) + 3 : int(top + height) - 3, int(left) + 3 : int(left + width) - 3]
    green = (inside == (0, 255, 0)).all(axis=-1)
    assert 0.5 < green.mean() < 1
    # Light or dark, the dashes are seen: they have an outline in the other colour.
    (group,) = (node for node in read(drawing.svg).iter() if node.get("id") == "map-enc1_conv2")
    classes = [node.get("class") for node in group if "secret" in node.get("class", "")]
    assert classes == ["outline secret", "window secret"]


def test_a_drawing_with_images_is_stored_as_a_photograph():
    trace = uv.trace(uv.UNetSpec((60, 76), depth=2, base_filters=3))
    plain, drawing = uv.draw_unet(trace), uv.draw_unet(trace, images={"enc1_conv1": dots(9)})
    assert not plain.photograph
    assert drawing.photograph
    assert drawing.caption == plain.caption


# --- backward ---------------------------------------------------------------------------------


def arrows_of(root):
    """The step, the line and the tip of each arrow of a drawing, by its name."""
    return {
        name: (
            group.get("data-step"),
            corners(group.find(f"{SVG}polyline").get("points")),
            corners(group.find(f"{SVG}polygon").get("points"))[0],
        )
        for name, group in groups(root, "arrow-").items()
    }


def check_backward(trace, root):
    """Every arrow of a drawing leads back to what went in, along the same line."""
    forward, backward = arrows_of(root), arrows_of(read(draw_svg(trace, backward=True)))
    assert forward.keys() == backward.keys()
    for name, (step, points, tip) in forward.items():
        leads_to, turned, turned_tip = backward[name]
        assert name == step
        # The map itself, or the one that a crop or a dropout follows.
        source = trace[step].inputs
        while leads_to not in source and source:
            source = tuple(one for name in source for one in trace[name].inputs)
        assert leads_to in source
        assert turned_tip == pytest.approx(points[0], abs=TENTH)
        assert turned[0] == pytest.approx(tip, abs=TENTH)


def test_every_arrow_leads_back_to_what_went_in():
    for trace, root in drawings():
        if trace.ok:
            check_backward(trace, root)


@few
@given(ANY)
def test_every_arrow_of_any_network_leads_back(spec):
    trace = uv.trace(spec)
    if trace.ok:
        check_backward(trace, read(draw_svg(trace)))


def test_the_caption_tells_the_way_back():
    drawing = uv.draw_unet(uv.PAPER, backward=True)
    assert drawing.caption == (
        "A U-Net with 4 poolings, backwards: the gradient goes from the 388 x 388 pixels of the "
        "output to the 572 x 572 of the input."
    )
    assert {"zeros 4", "zeros 16", "zeros 40", "zeros 88"} <= set(texts(read(drawing.svg)))


def test_there_is_no_way_back_from_an_output_that_does_not_exist():
    with pytest.raises(uv.ShapeError, match="enc4_conv2"):
        uv.draw_unet(uv.UNetSpec(64), backward=True)


# --- changed steps ----------------------------------------------------------------------------


def check_highlights(trace, changed):
    """Compare the highlights of a drawing with what it shows of the changed steps."""
    root = read(draw_svg(trace, changed=changed))
    marked = [node for node in root if "highlight" in node.get("class", "").split()]
    assert marked == list(root)[: len(marked)], "they lie behind everything else"
    shapes = {tag: [node for node in marked if node.tag == f"{SVG}{tag}"] for tag in TAGS}
    assert sum(map(len, shapes.values())) == len(marked)

    arrows = arrows_of(root).values()
    expected = [[*line[:-1], tip] for step, line, tip in arrows if step in changed]
    lines = [corners(node.get("points")) for node in shapes["polyline"]]
    assert sorted(lines) == sorted(expected)

    signs = groups(root, "mark-")
    discs = [signs[name].find(f"{SVG}circle") for name in signs.keys() & set(changed)]
    assert place_of(shapes["circle"]) == place_of(discs)

    frames = []
    for node in shapes["path"]:
        assert node.get("class") == "highlight frame-of-change"
        x, y, width, height, *_ = numbers(node.get("d"))
        frames.append((x, y, x + width, y + height))
    framed = dict.fromkeys(frames, 0)
    joins = {half: join for join in with_class(root, "joined") for half in join}
    for node in (*with_class(root, "map"), *with_class(root, "skip")):
        around = [frame for frame in frames if holds(frame, front_sheet(node))]
        # Both halves are framed where the step that joins them is changed.
        names = {node.get("data-step"), joins.get(node, node).get("data-step")}
        assert len(around) == bool(names & set(changed)), names
        framed |= {frame: framed[frame] + 1 for frame in around}
    assert all(framed.values()), "a frame around nothing"

    is_any = bool({step.name for step in trace} & set(changed))
    assert ("changed" in groups(root, "legend-")) == is_any
    assert texts(root).count("changed") == is_any
    return {tag: len(nodes) for tag, nodes in shapes.items()}


TAGS = ("path", "polyline", "circle")


def place_of(circles):
    return sorted((node.get("cx"), node.get("cy")) for node in circles)


def holds(frame, sheet):
    left, top, right, bottom = frame
    return left < sheet[0] and top < sheet[1] and sheet[2] < right and sheet[3] < bottom


def test_each_change_of_the_ablation_is_highlighted():
    for one, other in pairwise(uv.geometry.ABLATION.values()):
        before, after = uv.trace(one), uv.trace(other)
        counts = check_highlights(after, uv.geometry.changed_steps(before, after))
        assert counts["path"]
        assert counts["polyline"]


@few
@given(spec=st.one_of(specs(max_depth=4), fcn_specs()), data=st.data())
def test_any_steps_can_be_highlighted(spec, data):
    trace = uv.trace(spec)
    names = [step.name for step in trace]
    check_highlights(trace, data.draw(st.lists(st.sampled_from(names), unique=True)))


def test_signs_of_dropout_and_of_copies_are_highlighted():
    counts = check_highlights(uv.trace(uv.DOCUMENT), ("enc4_dropout", "dec2_upsample"))
    # The line leads from the map to the sign of the copies.
    assert counts == {"path": 0, "polyline": 1, "circle": 2}


def test_without_a_change_nothing_is_highlighted():
    for spec in (uv.PAPER, uv.DOCUMENT, *FCNS[:3]):
        for changed in ((), ("no_such_step",)):
            assert uv.draw_unet(spec, changed=changed).svg == uv.draw_unet(spec).svg
        assert not with_class(read(uv.draw_unet(spec).svg), "highlight")


# --- names of other people --------------------------------------------------------------------


def test_long_and_strange_names_are_escaped_and_stay_inside():
    name = "a_layer<&>\"'" * 25
    convolution = ops.Convolution(2, padding="same")
    records = (
        Record(name, "conv", convolution, ("image",), 1, "encoder"),
        Record("too large", "conv", ops.Convolution(2, (99, 99)), (name,), 1, "encoder"),
    )
    for count in (1, 2):
        trace = uv.trace(RecordedSpec((32, 32), 1, records[:count], "image"))
        svg = uv.draw_unet(trace).svg
        assert f"map-{name}" in {node.get("id") for node in read(svg).iter()}
        assert faults(svg) == []
    failing = (Record(name, "conv", ops.Convolution(2, (99, 99)), ("image",), 1, "encoder"),)
    svg = uv.draw_unet(uv.trace(RecordedSpec((32, 32), 1, failing, "image"))).svg
    assert faults(svg) == []


def test_a_network_that_was_read_is_called_no_u_net():
    assert uv.draw_unet(random_graph(0)).caption.startswith("A network with")
