"""What a trace and its steps offer."""

import json

import pytest

import unetviz as uv


def names(spec):
    return [step.name for step in uv.trace(spec)]


def test_steps_of_the_paper_in_their_order():
    steps = names(uv.UNetSpec(depth=1, input_size=20))
    assert steps == [
        *("input", "enc1_conv1", "enc1_conv2", "enc1_pool"),
        *("bottleneck_conv1", "bottleneck_conv2"),
        *("dec1_up", "dec1_crop", "dec1_concat", "dec1_conv1", "dec1_conv2", "head"),
    ]


def test_steps_of_the_document_in_their_order():
    steps = names(uv.DOCUMENT.replace(depth=1))
    assert steps == [
        *("input", "enc1_conv1", "enc1_conv2", "enc1_dropout", "enc1_pool"),
        *("bottleneck_conv1", "bottleneck_conv2", "bottleneck_dropout"),
        *("dec1_upsample", "dec1_up", "dec1_concat", "dec1_conv1", "dec1_conv2"),
        *("head_conv1", "head"),
    ]


def test_dropout_feeds_both_the_pool_and_the_skip():
    trace = uv.trace(uv.DOCUMENT)
    assert trace["enc4_pool"].inputs == ("enc4_dropout",)
    assert trace["dec4_concat"].inputs == ("enc4_dropout", "dec4_up")
    assert "enc3_dropout" not in trace
    assert "enc4_dropout" not in uv.trace(uv.DOCUMENT.replace(dropout=0))


def test_the_skip_is_first_in_a_merge():
    trace = uv.trace(uv.PAPER)
    assert trace["dec2_crop"].inputs == ("enc2_conv2",)
    assert trace["dec2_concat"].inputs == ("dec2_crop", "dec2_up")
    add = uv.trace(uv.PAPER.replace(merge="add"))
    assert add["dec2_add"].inputs == ("dec2_crop", "dec2_up")
    assert add["dec2_add"].out_shape == (200, 200, 128)


def test_without_skips_there_is_no_crop_and_no_merge():
    trace = uv.trace(uv.PAPER.replace(merge="none"))
    assert {step.kind for step in trace} == {"input", "conv", "pool", "upconv", "head"}
    assert trace["dec4_conv1"].inputs == ("dec4_up",)
    assert trace.output_shape == (388, 388, 2)


def test_a_crop_step_exists_in_valid_nets_even_if_it_cuts_nothing():
    nothing = uv.trace(uv.UNetSpec(64, kernel_size=1))
    assert nothing["dec1_crop"].crop == ((0, 0), (0, 0))
    assert "nothing is cut" in nothing["dec1_crop"].reason
    assert "dec1_crop" not in uv.trace(uv.UNetSpec(64, padding="same"))


def test_an_odd_crop_takes_the_smaller_half_from_top_and_left():
    trace = uv.trace(uv.UNetSpec((573, 572)))
    assert trace["dec1_crop"].crop == ((88, 89), (88, 88))


def test_levels_and_sides():
    trace = uv.trace(uv.DOCUMENT)
    assert (trace["input"].level, trace["input"].side) == (1, "encoder")
    assert (trace["enc2_pool"].level, trace["enc2_pool"].side) == (2, "encoder")
    assert (trace["bottleneck_conv1"].level, trace["bottleneck_conv1"].side) == (5, "bottleneck")
    assert (trace["dec3_up"].level, trace["dec3_up"].side) == (3, "decoder")
    assert (trace["head_conv1"].side, trace["head"].side) == ("head", "head")


def test_kinds_of_the_two_ways_up():
    assert uv.trace(uv.PAPER)["dec1_up"].kind == "upconv"
    document = uv.trace(uv.DOCUMENT)
    assert (document["dec1_upsample"].kind, document["dec1_up"].kind) == ("upsample", "upconv")
    assert document["head"].kind == "head"


def test_up_convolution_of_the_document_is_2x2_whatever_the_factor():
    trace = uv.trace(uv.DOCUMENT.replace(pool_size=3, input_size=243))
    assert trace["dec4_up"].params == (2 * 2 * 1024 + 1) * 512
    assert trace["head_conv1"].params == (3 * 3 * 64 + 1) * 2


def test_height_and_width_are_independent():
    trace = uv.trace(uv.UNetSpec((500, 380), padding="same", depth=2))
    assert trace.output_shape == (500, 380, 2)
    assert trace["bottleneck_conv1"].out_shape[:2] == (125, 95)
    assert trace["enc1_pool"].why == "height 500 / 2 = 250; width 380 / 2 = 190"


def test_reasons_have_the_numbers():
    for spec, reasons in (
        (
            uv.PAPER,
            {
                "enc1_conv1": ["3x3", "572 - 3 + 1 = 570"],
                "enc1_conv2": ["64 filters", "64 channels", "570 - 3 + 1 = 568"],
                "enc1_pool": ["2x2", "568 / 2 = 284"],
                "dec4_up": ["2x2", "2 * 28 = 56"],
                "dec4_crop": ["64 - 4 - 4 = 56"],
                "dec4_concat": ["512 + 512 = 1024"],
                "head": ["1x1", "388 - 1 + 1 = 388", "2 filters"],
                "input": ["572 x 572", "1 channel"],
            },
        ),
        (
            uv.DOCUMENT,
            {
                "enc1_conv1": ["zeros", "256 + 2 - 3 + 1 = 256"],
                "enc4_dropout": ["50%"],
                "dec4_upsample": ["2x2", "2 * 16 = 32"],
                "dec4_up": ["2x2", "zeros", "32 + 1 - 2 + 1 = 32"],
                "dec1_concat": ["64 + 64 = 128"],
            },
        ),
    ):
        trace = uv.trace(spec)
        for name, words in reasons.items():
            assert all(word in trace[name].reason for word in words), (name, trace[name].reason)


def test_table_as_text_fits_into_100_columns():
    specs = (uv.PAPER, uv.DOCUMENT, uv.UNetSpec((1364, 659), padding="same"), uv.UNetSpec(64))
    for spec in specs:
        text = str(uv.trace(spec))
        assert max(map(len, text.splitlines())) <= 100
        for step in uv.trace(spec):
            assert step.name in text
            assert "x".join(map(str, step.out_shape)) in text
    assert "31,030,658 parameters" in str(uv.trace(uv.PAPER))


def test_markdown_has_a_row_for_every_step_and_the_explanation():
    trace = uv.trace(uv.UNetSpec(200, padding="same"))
    markdown = trace._repr_markdown_()
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(trace) + 1
    assert "does not fit" in rows[-1]
    assert "192 and 208" in markdown
    assert "enc1\\_conv1" in markdown


def test_fixes_are_said_once():
    text = str(uv.trace(uv.UNetSpec(573)))
    assert text.count("572 and 588") == 2  # height and width
    assert text.count("Warning:") == 2


def test_to_dict_is_json_with_everything():
    trace = uv.trace(uv.PAPER)
    data = json.loads(json.dumps(trace.to_dict()))
    assert data["output_shape"] == [388, 388, 2]
    assert [step["out_shape"] for step in data["steps"]] == [list(s.out_shape) for s in trace]
    assert data["steps"][-1]["why"] == "388 - 1 + 1 = 388"
    assert sum(step["params"] for step in data["steps"]) == data["params"]
    failing = json.loads(json.dumps(uv.trace(uv.UNetSpec(64)).to_dict()))
    assert (failing["ok"], failing["output_shape"]) == (False, None)
    assert failing["problems"][0]["step"] == "enc4_conv2"


def test_a_failing_trace_holds_the_steps_before():
    trace = uv.trace(uv.UNetSpec(64))
    assert not trace.ok
    assert trace.output_shape is None
    assert [step.name for step in trace][-1] == "enc4_conv1"
    assert trace.params == sum(step.params for step in trace) > 0
    with pytest.raises(uv.ShapeError, match="enc4_conv2"):
        trace.check()
    assert uv.trace(uv.PAPER).check().ok


def test_unknown_steps_and_wrong_arguments_are_named():
    with pytest.raises(KeyError, match="no step 'dec5_up'; the steps are input"):
        uv.trace(uv.PAPER)["dec5_up"]
    with pytest.raises(TypeError, match="UNetSpec, not 572"):
        uv.trace(572)


def test_repr_is_short():
    assert repr(uv.trace(uv.PAPER)) == "<Trace 572x572x1 -> 388x388x2, 36 steps>"
    assert repr(uv.trace(uv.UNetSpec(64))) == "<Trace 64x64x1 -> stops at enc4_conv2, 11 steps>"


def test_traces_are_values():
    assert uv.trace(uv.PAPER) == uv.trace(uv.UNetSpec(572))
    assert uv.trace(uv.PAPER) != uv.trace(uv.UNetSpec(588))
