"""Labels tell channels, sizes and crops; no two are printed over each other."""

from itertools import combinations

from support.drawings import traces

import unetviz as uv
from unetviz.draw.unet.arrows import connect
from unetviz.draw.unet.labels import label
from unetviz.draw.unet.layout import lay_out
from unetviz.geometry.ops import Concatenation, Convolution
from unetviz.geometry.specs.from_model import Record, RecordedSpec


def labels_of(trace):
    layout = lay_out(trace)
    return label(layout, connect(layout)[0]), layout


def test_labels_lie_inside_and_do_not_overlap():
    for trace in traces():
        labels, layout = labels_of(trace)
        for one in labels:
            left, top, right, bottom = one.box
            assert 0 <= left < right <= layout.width
            assert 0 <= top < bottom <= layout.height
        for one, other in combinations(labels, 2):
            assert not one.overlaps(other), (one, other)


def test_labels_are_what_the_trace_says():
    for trace in traces():
        for found in (one for one in labels_of(trace)[0] if one.step in trace):
            step = trace[found.step]
            height, width, channels = step.out_shape
            size = str(height) if height == width else f"{height} x {width}"
            words = {size, step.label, "copy", step.operation.sign}
            if found.weight == "bold":
                assert found.text == str(channels)
            else:
                assert found.text in words


def test_only_channels_and_signs_give_no_size_away():
    for trace in traces():
        for found in labels_of(trace)[0]:
            is_sign = found.step in trace and found.text == trace[found.step].operation.sign
            assert found.tells_size == (found.weight != "bold" and not is_sign)


def test_labels_of_the_paper_are_all_there():
    trace = uv.trace(uv.PAPER)
    texts = [found.text for found in labels_of(trace)[0]]
    crops = sorted(text for text in texts if text.startswith("crop"))
    assert crops == ["crop 16", "crop 4", "crop 40", "crop 88"]
    sizes = sorted(int(text) for text in texts if text.isdigit())
    shown = [step.out_shape for step in trace if step.kind not in ("crop", "upconv")]
    assert sizes == sorted(number for h, _, c in shown for number in (h, c))


def test_the_crops_of_odd_sizes_keep_their_labels():
    for size in (571, 573):
        trace = uv.trace(uv.UNetSpec(size))
        crops = {step.label for step in trace if step.kind == "crop"}
        assert crops <= {found.text for found in labels_of(trace)[0]}
        assert any("+" in text for text in crops)


def test_gaps_of_a_dilated_convolution_are_told_on_its_arrows():
    trace = uv.trace(uv.UNetSpec(256, padding="same", dilation=2, depth=2))
    dilated = {step.name for step in trace if step.kind == "conv" and step.operation.sign}
    (sign,) = {trace[name].operation.sign for name in dilated}
    assert dilated == {found.step for found in labels_of(trace)[0] if found.text == sign}


def test_arrows_that_share_their_line_tell_their_dilations_at_their_heads():
    """A pyramid of dilated convolutions of one map."""
    records = [
        Record(
            f"rate{n}",
            "conv",
            Convolution(2, padding="same", dilation=(n, n)),
            ("image",),
            1,
            "encoder",
        )
        for n in (2, 6, 12, 18)
    ]
    names = tuple(record.name for record in records)
    records.append(Record("cat", "concat", Concatenation(), names, 1, "encoder"))
    trace = uv.trace(RecordedSpec((64, 64), 2, tuple(records), "image"))
    labels, layout = labels_of(trace)
    places = {placed.place.step.name: placed.centre for placed in layout.places()}
    found = {one.step: one for one in labels if one.text.startswith("d")}
    assert {name: one.text for name, one in found.items()} == {
        f"rate{n}": f"d{n}" for n in (2, 6, 12, 18)
    }
    for name, one in found.items():
        others = sorted(places, key=lambda other: abs(places[other] - one.x))
        assert name in others[:2]


def test_backwards_a_copy_is_split_or_copied():
    for merge, words in (("concat", "split"), ("add", "copy")):
        spec = uv.UNetSpec(64, padding="same", depth=2, merge=merge)
        arrows, signs = connect(lay_out(uv.trace(spec)))
        turned = [arrow.turned() for arrow in arrows]
        texts = {one.text for one in label(lay_out(uv.trace(spec)), turned, signs)}
        assert texts & {"split", "copy"} == {words}
