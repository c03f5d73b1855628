"""Every step has its place in the U: rows by level, encoder left, decoder right."""

from support.drawings import traces
from support.random_graphs import nested

import unetviz as uv
from unetviz.draw.unet.plan import has_sign, plan
from unetviz.geometry.ops import Addition, Combination, MaxPooling, Upsampling
from unetviz.geometry.specs.from_model import Record, RecordedSpec


def names(places):
    return [place.step.name for place in places]


def all_places(planned):
    return [place for row in planned.rows for place in (*row.left, *row.right)]


def test_the_paper_stands_in_five_rows():
    rows = plan(uv.trace(uv.PAPER)).rows
    assert [names(row.left) for row in rows] == [
        ["input", "enc1_conv1", "enc1_conv2"],
        ["enc1_pool", "enc2_conv1", "enc2_conv2"],
        ["enc2_pool", "enc3_conv1", "enc3_conv2"],
        ["enc3_pool", "enc4_conv1", "enc4_conv2"],
        ["enc4_pool", "bottleneck_conv1", "bottleneck_conv2"],
    ]
    assert [names(row.right) for row in rows] == [
        ["dec1_concat", "dec1_conv1", "dec1_conv2", "head"],
        ["dec2_concat", "dec2_conv1", "dec2_conv2"],
        ["dec3_concat", "dec3_conv1", "dec3_conv2"],
        ["dec4_concat", "dec4_conv1", "dec4_conv2"],
        [],
    ]


def test_every_step_has_one_place_in_the_row_of_its_level():
    for trace in traces():
        planned = plan(trace)
        assert [row.level for row in planned.rows] == sorted({row.level for row in planned.rows})
        seen = []
        for row in planned.rows:
            for side, places in (("left", row.left), ("right", row.right)):
                for place in places:
                    first = place.steps[0]
                    assert first.map_level == row.level, first.name
                    assert (first.side in ("decoder", "head")) == (side == "right"), first.name
                    seen += [step.name for step in (*place.steps, *place.folded)]
                    seen += [place.upsample.name] if place.upsample else []
        # A crop of the up-sampled half is drawn in that half.
        inside = {
            name
            for place in all_places(planned)
            for name in place.step.inputs
            if place.is_joined and name not in seen
        }
        assert all(trace[name].kind == "crop" for name in inside)
        assert sorted([*seen, *inside]) == sorted(step.name for step in trace.all_steps)


def test_two_halves_share_a_place_and_the_skip_comes_from_the_encoder():
    for trace in traces():
        joined = [place for place in all_places(plan(trace)) if place.is_joined]
        merges = [step for step in trace.all_steps if step.kind in ("concat", "add")]
        assert [place.step.name for place in joined[::-1]] == [step.name for step in merges]
        steps = {step.name: step for step in trace.all_steps}
        for place in joined:
            halves = [steps[name] for name in place.step.inputs]
            before = [steps[h.inputs[0]] if h.kind == "crop" else h for h in halves]
            skip = steps[place.skip.inputs[0]] if place.skip.kind == "crop" else place.skip
            assert {place.steps[0].name, skip.name} == {step.name for step in before}
            assert place.skip in halves


def test_links_lead_to_every_place_in_the_order_of_computation():
    for trace in traces():
        planned = plan(trace)
        reached = [planned.rows[0].left[0]]
        for link in planned.links:
            assert link.source in reached
            if link.target not in reached:
                reached.append(link.target)
        assert len(reached) == len(all_places(planned))


def test_a_dropout_has_no_map_but_a_sign():
    trace = uv.trace(uv.DOCUMENT)
    places = {place.step.name: place for place in all_places(plan(trace))}
    for name in ("enc4", "bottleneck"):
        place = places[f"{name}_conv2"]
        assert place.signed is trace[f"{name}_dropout"]
        assert has_sign(place.signed)
    assert places["enc1_conv1"].signed is None


def test_a_sum_inside_the_encoder_is_a_map_of_its_own():
    """A residual shortcut is no skip: nothing is drawn side by side."""
    operation = uv.trace(uv.UNetSpec(32, depth=1, padding="same"))["enc1_conv1"].operation
    records = (
        Record("one", "conv", operation, ("input",), 1, "encoder"),
        Record("two", "conv", operation, ("one",), 1, "encoder"),
        Record("sum", "add", Combination("Add"), ("two", "one"), 1, "encoder"),
    )
    planned = plan(uv.trace(RecordedSpec((32, 32), 1, records)))
    assert names(planned.rows[0].left) == ["input", "one", "two", "sum"]
    assert not any(place.is_joined for place in all_places(planned))
    ends = [(link.source.step.name, link.target.step.name) for link in planned.links]
    assert ends == [("input", "one"), ("one", "two"), ("two", "sum"), ("one", "sum")]


def test_maps_stand_right_before_what_takes_them():
    """In a nested network all up-convolutions of a row are computed before most of its joins."""
    rows = plan(uv.trace(nested(3))).rows
    assert [names(row.right) for row in rows] == [
        ["cat01", "x01", "up02", "cat02", "x02", "up03", "cat03", "x03"],
        ["cat11", "x11", "up12", "cat12", "x12"],
        ["cat21", "x21"],
        [],
    ]


def test_what_only_the_decoder_takes_stands_beside_the_way():
    rows = plan(uv.trace(uv.FCNSpec(64, base_filters=1, stride=8))).rows
    assert names(rows[3].left)[-1] == "dec4_score"
    assert names(rows[4].left)[-1] == "dec5_score"


def test_two_halves_are_a_skip_and_what_comes_up():
    """A sum with a map that was computed in its own row has all its arrows."""
    same = uv.trace(uv.UNetSpec(32, depth=1, padding="same"))["enc1_conv1"].operation
    records = (
        Record("skip", "conv", same, ("image",), 1, "encoder"),
        Record("pool", "pool", MaxPooling(), ("skip",), 1, "encoder"),
        Record("deep", "conv", same, ("pool",), 2, "bottleneck"),
        Record("up", "upsample", Upsampling(), ("deep",), 1, "decoder"),
        Record("more", "conv", same, ("up",), 1, "decoder"),
        Record("sum", "add", Addition(), ("more", "skip"), 1, "decoder"),
    )
    planned = plan(uv.trace(RecordedSpec((32, 32), 64, records, "image")))
    assert names(planned.rows[0].right) == ["up", "more", "sum"]
    place = planned.rows[0].right[-1]
    assert (place.is_joined, place.sign_before) == (False, "+")
