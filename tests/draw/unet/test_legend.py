"""The legend has a sample of what is drawn, of nothing else, and room for its words."""

from itertools import pairwise

import pytest
from support.drawings import SVG, drawings, groups, numbers, read, texts, with_class
from support.drawn import faults

import unetviz as uv
from unetviz.draw.theme import FONT_SIZE
from unetviz.draw.unet.draw import draw_svg
from unetviz.draw.unet.legend import legend_entries
from unetviz.geometry import ops
from unetviz.geometry.graph import Graph
from unetviz.geometry.specs.from_model import Record, RecordedSpec


def root_of(trace, **options):
    return read(draw_svg(trace, **options))


def names(trace):
    return [step.name for step in trace]


def test_each_kind_of_arrow_that_is_drawn_has_a_sample():
    for trace, root in drawings():
        samples = groups(root, "legend-")
        drawn = groups(root, "arrow-") | groups(root, "mark-")
        kinds = {
            drawn[name].get("class").split(" ", 1)[1] for name in drawn.keys() & {*names(trace)}
        }
        assert kinds <= {sample.get("class") for sample in samples.values()}
        assert ("window" in samples) == any(step.crop for step in trace)
        assert ("lost" in samples) == any(any(step.lost) for step in trace)
        assert "changed" not in samples


def test_samples_of_kinds_look_like_what_they_stand_for():
    root = root_of(uv.trace(uv.FCNSpec(500, stride=8)), changed=("up",))
    samples = groups(root, "legend-")
    assert samples.keys() == {
        *("conv", "pool", "upconv", "crop", "head"),
        *("window", "lost", "softmax", "add-+", "changed"),
    }
    assert [node.get("class") for node in samples["add-+"]] == ["disc", "b"]
    for kind in ("conv", "pool", "upconv", "crop", "head"):
        assert [node.tag for node in samples[kind]] == [f"{SVG}polyline", f"{SVG}polygon"]
        assert samples[kind].get("class") == kind
    for kind in ("window", "lost"):
        assert samples[kind][0].get("class") == kind
    assert samples["softmax"].find(f"{SVG}text").text == "S"
    (sample,) = (node for node in with_class(root, "highlight") if node in list(samples["changed"]))
    x, y, *_ = numbers(sample.get("d"))
    (words,) = (node for node in root.iter(f"{SVG}text") if node.text == "changed")
    assert 0 < float(words.get("x")) - x < 40
    assert abs(float(words.get("y")) - y) < 15
    assert float(words.get("y")) < numbers(root.get("viewBox"))[3]


def test_words_fit_into_their_columns():
    for options in ({}, {"backward": True}):
        for spec in (uv.UNetSpec(573, dropout=0.5), uv.DOCUMENT, uv.FCNSpec(500, stride=8)):
            root = root_of(uv.trace(spec), **options)
            words = [node for node in root.iter(f"{SVG}text") if node.get("class") == "s"]
            assert len(words) >= 7
            for one, other in pairwise(words):
                end = float(one.get("x")) + len(one.text) * FONT_SIZE * 0.58
                assert one.get("y") != other.get("y") or end < float(other.get("x")) - 31


def test_backwards_the_legend_tells_what_happens_to_a_gradient():
    trace = uv.trace(uv.PAPER)
    forward, backward = (texts(root_of(trace, backward=turned)) for turned in (False, True))
    for words in ("flipped kernel", "to the largest", "strided convolution"):
        assert words in backward
        assert words not in forward


def test_a_variant_of_a_kind_has_an_entry_of_its_own():
    trace = uv.trace(uv.UNetSpec(256, padding="same", dilation=2, depth=2))
    operation = trace["enc1_conv1"].operation
    entries = legend_entries(trace, (), ())
    (variant,) = (entry for entry in entries if entry.sign)
    assert (variant.classes, variant.text) == ("conv", operation.sign_words)
    assert variant.sign == operation.sign
    assert operation.sign_words in texts(root_of(trace))


def test_what_is_not_the_same_looks_and_reads_otherwise():
    pairs = (
        (ops.MaxPooling(), ops.AveragePooling()),
        (ops.Convolution(2), ops.Convolution(2, stride=(2, 2))),
        (ops.TransposedConvolution(2), ops.TransposedConvolution(2, (3, 3), (1, 1))),
        (ops.Convolution(2), ops.SeparableConvolution(2)),
        (ops.SeparableConvolution(2), ops.SeparableConvolution(2, stride=(2, 2))),
        (ops.Convolution(2, stride=(2, 2)), ops.SeparableConvolution(2, stride=(2, 2))),
        (ops.Convolution(2), ops.Convolution(2, (1, 1))),
        (ops.Convolution(2), ops.Convolution(2, groups=2)),
        (ops.Convolution(4, groups=2), ops.Convolution(4, groups=4)),
        (ops.Convolution(2, stride=(2, 2)), ops.Convolution(2, stride=(2, 2), groups=2)),
        (ops.Upsampling(), ops.Upsampling(interpolation="bilinear")),
    )
    for one, other in pairs:
        assert one.look.legend != other.look.legend
        assert (one.look.colour, one.look.dash, one.sign) != (
            other.look.colour,
            other.look.dash,
            other.sign,
        ) or isinstance(one, ops.Upsampling)


def test_a_product_is_not_told_as_a_sum():
    place = {"level": 1, "side": "encoder"}
    graph = Graph()
    first = graph.add("input", ops.Source((32, 32, 2)), **place)
    gate = graph.add("gate", ops.Convolution(2, (1, 1)), [first], **place)
    product = graph.add("product", ops.Combination("Multiply"), [first, gate], **place)
    total = graph.add("sum", ops.Addition(), [first, gate], **place)
    assert {product.operation.sign, total.operation.sign} == {"\u00d7", "+"}
    assert product.operation.sign_words == "product"


def graph_of(*operations):
    """A network in which each operation takes the map before it; a join, that and the image."""
    records, last = [], "image"
    for number, operation in enumerate(operations):
        name = f"step{number}"
        inputs = (last, "image") if operation.kind in ("concat", "add") else (last,)
        records.append(Record(name, operation.kind, operation, inputs, 1, "encoder"))
        last = name
    return uv.trace(RecordedSpec((32, 32), 4, tuple(records), "image"))


def test_the_legend_tells_sums_and_products_forward_and_backward():
    same = ops.Convolution(4, padding="same")
    trace = graph_of(same, ops.Addition(), same, ops.Combination("Multiply"), same)
    for backward, words in ((False, {"sum", "product"}), (True, {"sum: to each alike"})):
        root = root_of(trace, backward=backward)
        assert words <= set(texts(root))
        # Two in the drawing, and a sample of each.
        assert len(with_class(root, "disc")) == 4


def test_nothing_is_cropped_where_there_is_no_crop():
    for spec, words, others in (
        (uv.PAPER, "copy and crop", "copy"),
        (uv.UNetSpec(64, padding="same"), "copy", "copy and crop"),
    ):
        entries = [entry.text for entry in legend_entries(uv.trace(spec), (), ())]
        assert words in entries
        assert others not in entries


def test_what_looks_alike_has_one_entry():
    trace = graph_of(
        ops.Convolution(4, (1, 1)), ops.Convolution(4, padding="same"), ops.Convolution(4, (1, 1))
    )
    entries = [entry.text for entry in legend_entries(trace, (), ())]
    assert sorted(entries) == ["convolution", "convolution 1x1"]


def test_long_words_get_wider_columns():
    operations = [
        ops.Convolution(4, padding="same", stride=(2, 2), groups=4),
        ops.SeparableConvolution(4, padding="same", stride=(2, 2)),
        ops.TransposedConvolution(4, (3, 3), (1, 1), "same"),
        ops.Upsampling((4, 4), "bilinear"),
        ops.Convolution(4, padding="same", dilation=(2, 2)),
        ops.Combination("Subtract"),
    ]
    for backward in (False, True):
        assert faults(draw_svg(graph_of(*operations), backward=backward)) == []


def test_a_look_that_is_not_given_is_not_made_up():
    class Silent(ops.Operation):
        kind = "silent"

    with pytest.raises(NotImplementedError, match="Silent does not say how it is drawn"):
        _ = Silent().look
