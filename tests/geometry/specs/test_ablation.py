"""The networks from FCN-32s to U-Net, and what each step from one to the next changes."""

from dataclasses import fields
from itertools import pairwise

import pytest

import unetviz as uv

JOIN_5 = ["dec5_up", "dec5_crop", "dec5_score", "dec5_add"]
JOIN_4 = ["dec4_up", "dec4_crop", "dec4_score", "dec4_add"]


def test_the_networks_of_the_ablation():
    assert list(uv.geometry.ABLATION) == [
        *("fcn_32s", "fcn_16s", "fcn_8s"),
        *("unet_add", "unet_concat", "unet_transposed", "unet_valid"),
    ]
    traces = [uv.trace(spec) for spec in uv.geometry.ABLATION.values()]
    assert all(trace.ok for trace in traces)
    assert [bool(trace.warnings) for trace in traces] == [False] * 6 + [True]
    last = uv.geometry.ABLATION["unet_valid"]
    assert last == uv.PAPER.replace(input_size=256, base_filters=8)


def test_each_step_changes_one_field():
    row = list(uv.geometry.ABLATION.values())
    changes = [uv.geometry.changed_fields(*pair) for pair in pairwise(row)]
    assert changes == [
        {"stride": (32, 16)},
        {"stride": (16, 8)},
        {},
        {"merge": ("add", "concat")},
        {"upsampling": ("upsample_conv", "transposed")},
        {"padding": ("same", "valid")},
    ]
    for before, after in pairwise(row[3:]):
        names = [field.name for field in fields(uv.UNetSpec)]
        different = [name for name in names if getattr(before, name) != getattr(after, name)]
        assert len(different) == 1
        assert before.replace(**{different[0]: getattr(after, different[0])}) == after


def test_fields_that_changed():
    first, second = uv.PAPER, uv.PAPER.replace(depth=3, merge="add")
    assert uv.geometry.changed_fields(first, second) == {
        "depth": (4, 3),
        "merge": ("concat", "add"),
    }
    assert uv.geometry.changed_fields(first, uv.UNetSpec(572)) == {}
    assert uv.geometry.changed_fields(uv.FCNSpec(), first) == {}


def levels(*names):
    return [name.format(level) for level in (1, 2, 3, 4) for name in names]


LAYERS = [
    *levels("enc{}_conv1", "enc{}_conv2", "dec{}_conv1", "dec{}_conv2"),
    *("bottleneck_conv1", "bottleneck_conv2"),
]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("fcn_32s", "fcn_16s", [*JOIN_5, "up", "crop"]),
        ("fcn_16s", "fcn_8s", [*JOIN_4, "up", "crop"]),
        (
            "fcn_8s",
            "unet_add",
            [
                *levels("dec{}_upsample", "dec{}_up", "dec{}_add", "dec{}_conv1", "dec{}_conv2"),
                *("bottleneck_conv1", "bottleneck_conv2", "head"),
            ],
        ),
        ("unet_add", "unet_concat", levels("dec{}_concat", "dec{}_conv1")),
        ("unet_concat", "unet_transposed", levels("dec{}_up")),
        ("unet_transposed", "unet_valid", [*LAYERS, *levels("dec{}_crop", "dec{}_concat")]),
    ],
)
def test_steps_that_a_change_touches(before, after, expected):
    first, second = (uv.trace(uv.geometry.ABLATION[name]) for name in (before, after))
    changed = uv.geometry.changed_steps(first, second)
    assert set(changed) == set(expected)
    assert list(changed) == [step.name for step in second if step.name in expected]
    assert uv.geometry.changed_steps(second, second) == ()


def test_another_size_alone_is_no_change():
    for spec in (uv.FCNSpec(), uv.PAPER):
        other = spec.replace(input_size=uv.nearest_valid_sizes(spec, 300)[1])
        assert uv.geometry.changed_steps(uv.trace(spec), uv.trace(other)) == ()


def test_traces_are_taken_as_well_as_specifications():
    first, second = uv.geometry.ABLATION["unet_add"], uv.geometry.ABLATION["unet_concat"]
    traces = uv.trace(first), uv.trace(second)
    assert uv.geometry.changed_steps(first, second) == uv.geometry.changed_steps(*traces)
    assert uv.geometry.changed_fields(*traces) == {"merge": ("add", "concat")}
