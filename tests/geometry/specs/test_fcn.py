"""A fully convolutional network as a value, and its sizes."""

import numpy as np
import pytest

import unetviz as uv
from unetviz.geometry.specs.fcn import displacement

STRIDES = (32, 16, 8)
SIZES = range(32, 201)
FULL = uv.FCNSpec()

BAD_FIELDS = [
    ("input_size", 0, "one whole number or (height, width), each of at least 1"),
    ("input_size", -32, "at least 1"),
    ("input_size", 512.0, "whole number"),
    ("input_size", "512", "(height, width)"),
    ("input_size", (512,), "(height, width)"),
    ("input_size", (512, None), "(height, width)"),
    ("input_size", True, "(height, width)"),
    ("input_channels", 0, "a whole number of at least 1"),
    ("input_channels", 1.5, "a whole number of at least 1"),
    ("classes", 0, "a whole number of at least 1"),
    ("classes", "2", "a whole number of at least 1"),
    ("base_filters", 0, "a whole number of at least 1"),
    ("base_filters", None, "a whole number of at least 1"),
    ("stride", 4, "32, 16 or 8"),
    ("stride", 64, "32, 16 or 8"),
    ("stride", 0, "32, 16 or 8"),
    ("stride", 8.0, "a whole number"),
    ("stride", "32", "a whole number"),
    ("stride", None, "a whole number"),
]


def test_a_softmax_over_one_class_is_refused_with_a_way_out_that_works():
    with pytest.raises(ValueError, match="take classes=2"):
        FULL.replace(classes=1)
    assert FULL.replace(classes=2).classes == 2


def test_a_bad_field_is_named_with_its_value_and_what_is_allowed():
    for field, value, allowed in BAD_FIELDS:
        for make in (lambda **f: uv.FCNSpec(**f), FULL.replace):
            with pytest.raises(ValueError, match=f"^{field} must be ") as caught:
                make(**{field: value})
            assert allowed in str(caught.value)
            assert str(caught.value).endswith(f"not {value!r}")


def test_a_specification_is_a_value():
    assert uv.FCNSpec(300) == uv.FCNSpec((300, 300)) == uv.FCNSpec([300, 300])
    assert len({FULL, uv.FCNSpec(512), uv.FCNSpec((512, 512), stride=32)}) == 1
    assert len({FULL.replace(stride=stride) for stride in STRIDES}) == 3
    numpy_made = uv.FCNSpec(np.int64(512), stride=np.int32(16))
    assert numpy_made == uv.FCNSpec(512, stride=16)
    assert (type(numpy_made.input_size[0]), type(numpy_made.stride)) == (int, int)


def test_replace_changes_a_copy():
    changed = FULL.replace(input_size=300, stride=8)
    assert (changed.input_size, changed.stride, changed.classes) == ((300, 300), 8, 2)
    assert (FULL.input_size, FULL.stride) == ((512, 512), 32)
    names = "input_size, input_channels, classes, base_filters, stride"
    with pytest.raises(TypeError, match=f"^FCNSpec has no field 'depth'; it has {names}$"):
        FULL.replace(depth=3)


def test_repr_makes_the_same_specification():
    for spec in (FULL, uv.FCNSpec(300), uv.FCNSpec((500, 375), 3, 21, 8, 16)):
        assert eval(repr(spec), {"FCNSpec": uv.FCNSpec}) == spec
    assert repr(FULL) == "FCNSpec()"
    assert repr(FULL.replace(stride=8)) == "FCNSpec(stride=8)"


ENCODER = [
    *("input", "enc1_conv1", "enc1_conv2", "enc1_pool", "enc2_conv1", "enc2_conv2", "enc2_pool"),
    *("enc3_conv1", "enc3_conv2", "enc3_conv3", "enc3_pool"),
    *("enc4_conv1", "enc4_conv2", "enc4_conv3", "enc4_pool"),
    *("enc5_conv1", "enc5_conv2", "enc5_conv3", "enc5_pool"),
]
JOIN_5 = ["dec5_up", "dec5_crop", "dec5_score", "dec5_add"]
JOIN_4 = ["dec4_up", "dec4_crop", "dec4_score", "dec4_add"]
END = ["up", "crop", "softmax"]


@pytest.mark.parametrize(
    ("stride", "joins"), [(32, []), (16, JOIN_5), (8, [*JOIN_5, *JOIN_4])], ids=str
)
def test_the_steps_have_these_names(stride, joins):
    names = [step.name for step in uv.trace(uv.FCNSpec(64, stride=stride))]
    assert names == [*ENCODER, "score", *joins, *END]


@pytest.mark.parametrize("stride", STRIDES)
def test_poolings_halve_the_sizes_and_stamps_bring_them_back(stride):
    trace = uv.trace(uv.FCNSpec(512, classes=3, base_filters=4, stride=stride))
    pools = [trace[f"enc{level}_pool"].out_shape for level in range(1, 6)]
    assert pools == [(256, 256, 4), (128, 128, 8), (64, 64, 16), (32, 32, 32), (16, 16, 32)]
    assert trace["score"].out_shape == (16, 16, 3)
    up = trace["up"]
    assert (up.operation.kernel, up.operation.stride) == ((2 * stride,) * 2, (stride,) * 2)
    coarse = 512 // stride
    assert up.in_shapes == ((coarse, coarse, 3),)
    assert up.out_shape[:2] == ((coarse - 1) * stride + 2 * stride,) * 2
    assert trace["crop"].crop == ((stride // 2, stride // 2),) * 2
    assert trace.output_shape == (512, 512, 3)
    assert not trace.warnings


def test_the_sums_of_an_fcn_8s():
    trace = uv.trace(uv.FCNSpec(512, base_filters=4, stride=8))
    for level, size, width in ((5, 32, 32), (4, 64, 16)):
        up, finer = trace[f"dec{level}_up"], trace[f"dec{level}_score"]
        assert (up.operation.kernel, up.operation.stride) == ((4, 4), (2, 2))
        assert up.out_shape == (size + 2, size + 2, 2)
        assert trace[f"dec{level}_crop"].crop == ((1, 1), (1, 1))
        assert finer.inputs == (f"enc{level - 1}_pool",)
        assert finer.in_shapes == ((size, size, width),)
        assert trace[f"dec{level}_add"].inputs == (f"dec{level}_crop", f"dec{level}_score")
        assert trace[f"dec{level}_add"].out_shape == (size, size, 2)


def stamped(score, factor, target):
    """Size behind the stamps along one axis, and what is cut off in front and behind."""
    size = (score - 1) * factor + 2 * factor
    front = min(factor // 2, size - target)
    return size, (front, size - target - front)


@pytest.mark.parametrize("stride", STRIDES)
def test_what_comes_out_is_as_large_as_what_goes_in_at_every_size(stride):
    spec = uv.FCNSpec(base_filters=1, stride=stride)
    for height in SIZES:
        width = SIZES.start + (7 * height) % len(SIZES)
        trace = uv.trace(spec.replace(input_size=(height, width)))
        assert trace.ok
        assert trace.output_shape == (height, width, 2)
        for axis, n in enumerate((height, width)):
            pools = [n // 2**level for level in range(6)]
            sizes = [trace[f"enc{level}_pool"].out_shape[axis] for level in range(1, 6)]
            assert sizes == pools[1:]
            score = pools[5]
            for level in {32: [], 16: [5], 8: [5, 4]}[stride]:
                target = pools[level - 1]
                size, cut = stamped(score, 2, target)
                assert trace[f"dec{level}_up"].out_shape[axis] == size
                assert trace[f"dec{level}_crop"].crop[axis] == cut
                score = target
            size, cut = stamped(score, stride, n)
            assert trace["up"].out_shape[axis] == size
            assert trace["crop"].crop[axis] == cut


@pytest.mark.parametrize("stride", STRIDES)
def test_valid_sizes_are_the_multiples_of_32(stride):
    spec = uv.FCNSpec(base_filters=1, stride=stride)
    assert uv.valid_sizes(spec, -10, 400) == list(range(32, 400, 32))
    assert uv.valid_sizes(spec, 32, 64) == [32]
    assert uv.nearest_valid_sizes(spec, 31) == (None, 32)
    assert uv.nearest_valid_sizes(spec, 500) == (480, 512)
    assert uv.nearest_valid_sizes(spec, 512) == (512, 512)
    for n in range(1, 201):
        assert bool(uv.trace(spec.replace(input_size=(n, 64))).warnings) == (n % 32 != 0)
        assert bool(uv.trace(spec.replace(input_size=(64, n))).warnings) == (n % 32 != 0)


@pytest.mark.parametrize("stride", STRIDES)
def test_an_image_below_32_pixels_stops_with_a_sentence(stride):
    for n in range(1, 32):
        trace = uv.trace(uv.FCNSpec((n, 64), stride=stride))
        assert not trace.ok
        assert trace.output_shape is None
        (problem,) = trace.problems
        pool = n.bit_length()  # so many halvings leave nothing
        assert problem.step == f"enc{pool}_pool" == trace.failed.name
        expected = f"1 x {64 >> (pool - 1)}, but the 2x2 max pooling needs at least 2 x 2 pixels"
        assert expected in problem.message
        assert problem.fixes == (
            f"height {n} is too small: the smallest that fits is 32",
            "pad the image to 32 x 64 (mirrored borders look natural)",
        )
        with pytest.raises(uv.ShapeError, match=f"enc{pool}_pool"):
            trace.check()


def test_lost_rows_are_warned_about_where_they_are_lost():
    trace = uv.trace(uv.FCNSpec((500, 512), stride=8))
    assert [warning.step for warning in trace.warnings] == ["enc3_pool", "enc5_pool"]
    for warning in trace.warnings:
        assert "the last row of" in warning.message
        assert "column" not in warning.message
        assert warning.fixes[0] == "height 500 does not fit: the nearest that do are 480 and 512"


def number_of_parameters(spec):
    """Weights and biases, layer by layer."""
    b, classes = spec.base_filters, spec.classes
    convolutions = [
        *((spec.input_channels, b), (b, b)),
        *((b, 2 * b), (2 * b, 2 * b)),
        *((2 * b, 4 * b), (4 * b, 4 * b), (4 * b, 4 * b)),
        *((4 * b, 8 * b), (8 * b, 8 * b), (8 * b, 8 * b)),
        *((8 * b, 8 * b), (8 * b, 8 * b), (8 * b, 8 * b)),
    ]
    total = sum(9 * before * after + after for before, after in convolutions)
    scores = {32: [8 * b], 16: [8 * b, 8 * b], 8: [8 * b, 8 * b, 4 * b]}[spec.stride]
    total += sum(before * classes + classes for before in scores)
    kernels = {32: [64], 16: [4, 32], 8: [4, 4, 16]}[spec.stride]
    return total + sum(side * side * classes * classes + classes for side in kernels)


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("others", [{}, {"input_channels": 3, "classes": 21, "base_filters": 5}])
def test_parameters(stride, others):
    spec = uv.FCNSpec((96, 64), stride=stride, **others)
    assert uv.trace(spec).params == number_of_parameters(spec)


def test_the_convolutions_are_those_of_vgg_16():
    trace = uv.trace(uv.FCNSpec(224, input_channels=3))
    convolutions = [step for step in trace if step.kind == "conv"]
    assert len(convolutions) == 13
    assert sum(step.params for step in convolutions) == 14_714_688  # Keras' VGG16 without its top
    # VGG16 is said to take 15,470,264,320, of which its three dense layers take the second part.
    dense = 512 * 7 * 7 * 4096 + 4096 * 4096 + 4096 * 1000
    assert sum(step.macs for step in convolutions) == 15_470_264_320 - dense


def test_costs_of_an_fcn_16s():
    trace = uv.trace(uv.FCNSpec((64, 96), classes=3, base_filters=1, stride=16))
    image = 64 * 96
    levels = [
        *(9 * (1 + 1), 9 * (1 * 2 + 2 * 2) / 4, 9 * (2 * 4 + 2 * 4 * 4) / 16),
        *(9 * (4 * 8 + 2 * 8 * 8) / 64, 9 * (3 * 8 * 8) / 256),
    ]
    scores = image / 1024 * 8 * 3 + image / 256 * 8 * 3
    stamps = image / 1024 * 16 * 3 * 3 + image / 256 * 32 * 32 * 3 * 3
    assert trace.macs == image * sum(levels) + scores + stamps
    encoder = image * (1 + 2 * 1)
    encoder += sum(image * maps / 4**level for level, maps in enumerate((5, 14, 28, 32, 8), 1))
    joins = 3 * ((6 * 8) + 3 * (4 * 6)) + 3 * (2 * 3)
    end = 3 * (80 * 112 + 2 * image)
    assert trace.activation_bytes == 4 * (encoder + joins + end)


def test_the_reason_of_a_crop_speaks_of_stamps_not_of_skips():
    trace = uv.trace(uv.FCNSpec((500, 375), stride=8))
    crops = [step for step in trace if step.kind == "crop"]
    assert len(crops) == 3
    for step in crops:
        assert "stamps of the border pixels" in step.reason
        assert "skip" not in step.reason
        assert "join" not in step.reason
    assert "height 504 - 4 - 0 = 500; width 376 - 1 - 0 = 375." in trace["crop"].reason
    assert "skip" in uv.trace(uv.PAPER)["dec4_crop"].reason


def test_a_crop_without_a_partner_is_not_called_uneven():
    for n in SIZES:
        for stride in STRIDES:
            warnings = uv.trace(uv.FCNSpec(n, base_filters=1, stride=stride)).warnings
            assert all(warning.step.endswith("_pool") for warning in warnings)


def places(trace, axis):
    """For each coarse score the middle of its stamp in the output, and that of its own pixels."""
    crops = [step for step in trace if step.crop and step.name != "crop"]
    scale, first = 1.0, 0.0  # the middle of score k lies at first + k * scale
    for crop in [*crops, trace["crop"]]:
        up = trace[crop.inputs[0]]
        kernel, stride = up.operation.kernel[axis], up.operation.stride[axis]
        first = first * stride + (kernel - 1) / 2 - crop.crop[axis][0]
        scale *= stride
    scores = trace["score"].out_shape[axis]
    return [(first + k * scale, 32 * k + 15.5) for k in range(scores)]


@pytest.mark.parametrize("stride", STRIDES)
def test_scores_lie_over_the_pixels_that_they_were_computed_from(stride):
    """To half a stride, and exactly where the size is valid; `displacement` says how far."""
    spec = uv.FCNSpec(base_filters=1, stride=stride)
    for height in SIZES:
        width = SIZES.start + (5 * height) % len(SIZES)
        trace = uv.trace(spec.replace(input_size=(height, width)))
        moved = displacement(trace)
        for axis, n in enumerate((height, width)):
            found = {at - origin for at, origin in places(trace, axis)}
            assert found == {moved[axis]}
            assert 0 <= moved[axis] < stride / 2
            assert moved[axis] == 0 or n % 32


def test_displacement_of_a_trace_that_stops():
    with pytest.raises(uv.ShapeError, match="enc5_pool"):
        displacement(uv.trace(uv.FCNSpec(20)))


def test_titles_and_captions():
    assert [FULL.replace(stride=stride).title for stride in STRIDES] == [
        *("An FCN-32s", "An FCN-16s", "An FCN-8s")
    ]
    drawing = uv.draw_unet(uv.FCNSpec((64, 100), base_filters=2, stride=16))
    assert drawing.caption == (
        "An FCN-16s with 5 poolings: 64 x 100 pixels go in, 64 x 100 come out."
    )
    stopped = uv.draw_unet(uv.FCNSpec(20, stride=8))
    assert stopped.caption == (
        "An FCN-8s that stops at enc5_pool: 20 x 20 pixels go in, nothing comes out."
    )
