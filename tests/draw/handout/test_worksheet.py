"""A worksheet says no size but the input's, and has a box for each of the others."""

import re
from itertools import combinations

import pytest
from support.drawings import (
    SVG,
    are_apart,
    groups,
    read,
    texts,
    traces,
    with_class,
)

import unetviz as uv
from unetviz.draw.handout.worksheet import draw_worksheet
from unetviz.draw.unet.draw import draw_unet

SPECS = (
    uv.PAPER,
    uv.DOCUMENT,
    uv.FCNSpec(512, stride=8),
    uv.PAPER.replace(input_size=573),
    uv.PAPER.replace(input_size=(1364, 659), padding="same"),
    uv.UNetSpec(2048, depth=8, padding="same", convs_per_block=4, merge="add"),
    uv.UNetSpec(60, depth=1, merge="none"),
)


def blanks(root):
    """Left, upper, right and lower end of each box to write into, that of the legend last."""
    for node in with_class(root, "blank"):
        x, y, width, height = (float(node.get(k)) for k in ("x", "y", "width", "height"))
        yield x, y, x + width, y + height


def test_a_worksheet_says_no_size_but_the_inputs():
    for trace in traces(SPECS):
        root = read(draw_worksheet(trace).svg)
        start = trace.steps[0].out_shape
        channels = {str(step.out_shape[2]) for step in trace}
        given = {str(start[0]), str(start[1])}
        signs = {"1", "2", "3"}  # of "convolution 1x1" and "2x"
        for text in [*texts(root), *(node.text for node in root.iter(f"{SVG}title"))]:
            assert set(re.findall(r"\d+", text)) <= channels | given | signs, text
        for node in with_class(root, "secret"):
            assert node.tag == f"{SVG}text"
            assert node.get("data-step") == "input" or not re.search(r"\d", node.text)


def test_every_size_of_the_drawing_has_its_box():
    for trace in traces(SPECS):
        hidden = [
            node
            for node in with_class(read(draw_unet(trace).svg), "secret")
            if node.tag == f"{SVG}text"
            and node.get("data-step") != "input"
            and re.search(r"\d", node.text)
            and "wrong" not in node.get("class")
        ]
        shapes = list(blanks(read(draw_worksheet(trace).svg)))
        sample = any(step.crop for step in trace)  # one more in the legend
        assert len(shapes) == len(hidden) + sample
        assert all(right - left >= 8 and low - top >= 8 for left, top, right, low in shapes)
        assert all(are_apart(one, other) for one, other in combinations(shapes, 2))


def test_boxes_for_the_paper_are_large_enough_for_a_pencil():
    root = read(draw_worksheet(uv.PAPER).svg)
    millimetres = 229 / 848  # as wide as the page prints it
    *boxes, _ = blanks(root)
    paper = uv.trace(uv.PAPER)
    on_arrows = [step for step in paper if step.kind in ("crop", "upconv")]
    assert len(boxes) == len(paper) - 1 - len(on_arrows) + 4  # without the input, with the crops
    for left, top, right, bottom in boxes:
        assert (right - left) * millimetres > 9
        assert (bottom - top) * millimetres > 4.5


def test_everything_else_is_kept():
    whole, blank = (read(draw(uv.PAPER).svg) for draw in (draw_unet, draw_worksheet))
    for kind in ("polyline", "polygon"):
        assert len(list(whole.iter(SVG + kind))) == len(list(blank.iter(SVG + kind)))
    assert [n.text for n in with_class(whole, "b")] == [n.text for n in with_class(blank, "b")]
    drawing = draw_worksheet(uv.PAPER)
    assert drawing.trace["dec1_crop"].crop[0][0] == 88
    assert drawing.svg.startswith("<svg")


def test_the_legend_explains_the_box_and_nothing_that_is_not_drawn():
    for trace in traces(SPECS):
        root = read(draw_worksheet(trace).svg)
        assert ("to fill in" in texts(root)) == any(step.crop for step in trace)
        assert not {"lost", "window"} & groups(root, "legend-").keys()
        assert not {"pixels lost", "kept by the crop"} & set(texts(root))


def test_the_caption_says_what_to_write():
    for spec, words in (
        (uv.PAPER, ("572 x 572 pixels go in", "height (= width)", "grey arrow")),
        (uv.UNetSpec((64, 96), padding="same"), ("64 x 96 pixels go in", "height x width")),
    ):
        caption = draw_worksheet(spec).caption
        assert all(word in caption for word in words)
    assert "grey arrow" not in caption


def test_a_wrong_theme_is_named():
    with pytest.raises(ValueError, match="theme must be"):
        draw_worksheet(uv.PAPER, "blue")
