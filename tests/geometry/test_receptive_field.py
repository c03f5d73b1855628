"""Receptive and projective fields, and pixels free of padding: published numbers, borders."""

import pytest

import unetviz as uv
from unetviz.geometry.dependencies import Dependencies

PAPER = uv.trace(uv.PAPER)
SAME = uv.trace(uv.PAPER.replace(input_size=256, padding="same"))


def test_published_receptive_fields(facts):
    fields, widths = facts["paper_572"]["path_receptive_field"], {}
    whole = set()
    for column in range(100, 116):
        found = uv.receptive_field(PAPER, 100, column)
        whole.add(found.input.width)
        for name, box in found.paths.items():
            widths.setdefault(name, set()).add(box.width)
    assert sorted(whole) == facts["paper_572"]["output_receptive_field"]
    assert {name: sorted(widths[name]) for name in fields} == fields


def test_the_bottleneck_sees_what_is_published(facts):
    steps = list(PAPER)
    last = next(i for i, step in enumerate(steps) if step.name == "bottleneck_conv2")
    down = uv.Trace(uv.PAPER, tuple(steps[: last + 1]))
    assert (
        uv.receptive_field(down, 5, 5).input.width
        == facts["paper_572"]["bottleneck_receptive_field"]
    )


def test_padding_free_is_what_was_computed_elsewhere(facts):
    free, known = uv.padding_free(SAME), facts["padding_free_256_same_transposed"]
    assert (free.top, free.bottom - 1) == (known["first_row"], known["last_row"])
    assert (free.height, free.width) == (68, 68)
    code = uv.padding_free(uv.trace(uv.DOCUMENT))
    assert code.height < free.height
    assert code.top + code.bottom < 256  # not in the middle: further up
    assert uv.padding_free(PAPER) == uv.geometry.Box(0, 0, 388, 388)
    assert uv.padding_free(uv.trace(uv.PAPER.replace(input_size=64, padding="same"))) is None


def test_neighbours_differ_by_one_bottleneck_pixel():
    widths = [uv.receptive_field(PAPER, 0, column).input.width for column in range(388)]
    assert widths[3:5] == [188, 204]
    assert widths[:16] * 24 == widths[:384]


def test_every_map_has_its_box_and_the_output_is_one_pixel():
    found = uv.receptive_field(PAPER, 7, 300)
    assert list(found.boxes) == [step.name for step in PAPER]
    assert found.boxes["head"] == uv.geometry.Box(7, 300, 8, 301)
    assert found.input == found.boxes["input"] == found.paths["bottleneck"]
    assert found.paths["skip1"] == uv.geometry.Box(95, 388, 104, 397)


def test_corners_and_middle_of_the_projective_field():
    assert uv.projective_field(PAPER, 0, 0).output == uv.geometry.Box(0, 0, 16, 16)
    assert uv.projective_field(PAPER, 571, 571).output == uv.geometry.Box(372, 372, 388, 388)
    sides = {uv.projective_field(PAPER, 280, column).output.width for column in range(280, 296)}
    assert sides == {188, 204}
    assert uv.projective_field(PAPER, 0, 0).boxes["dec4_crop"] is None


def test_a_dropped_row_reaches_nothing_below():
    trace = uv.trace(uv.UNetSpec(189, depth=1, kernel_size=1))
    found = uv.projective_field(trace, 188, 0)
    assert found.boxes["enc1_conv2"] is not None
    assert found.boxes["enc1_pool"] is None


def test_without_skips_there_is_one_path():
    assert list(uv.receptive_field(uv.trace(uv.PAPER.replace(merge="none")), 5, 5).paths) == [
        "bottleneck"
    ]


def test_pixels_that_are_not_there():
    for ask in (uv.receptive_field, uv.projective_field):
        for pixel in ((-1, 0), (0, -1), (572, 0), (0, 572)):
            with pytest.raises(uv.geometry.OutOfRangeError, match="must be from 0 to"):
                ask(PAPER, *pixel)
        for row in (1.5, "1", None, True):
            with pytest.raises(ValueError, match="row must be a whole number"):
                ask(PAPER, row, 0)
    assert issubclass(uv.geometry.OutOfRangeError, IndexError)
    assert issubclass(uv.geometry.OutOfRangeError, ValueError)


def test_a_size_that_fails():
    failing = uv.trace(uv.UNetSpec(100))
    with pytest.raises(uv.ShapeError):
        uv.receptive_field(failing, 0, 0)
    with pytest.raises(uv.ShapeError):
        uv.projective_field(failing, 0, 0)
    with pytest.raises(uv.ShapeError):
        uv.padding_free(failing)


def test_all_spans_are_those_of_single_pixels():
    trace = uv.trace(uv.UNetSpec((61, 44), depth=2, padding="same", base_filters=1, merge="concat"))
    trace = uv.trace(trace.spec.replace(input_size=(60, 44)))
    maps, paths = Dependencies(trace, 0).source_spans()
    targets = Dependencies(trace, 0).target_spans()
    for row in range(60):
        found = uv.receptive_field(trace, row, 20)
        for name, box in found.boxes.items():
            assert maps[name][row] == range(box.top, box.bottom)
        assert {name: spans[row] for name, spans in paths.items()} == {
            name: range(box.top, box.bottom) for name, box in found.paths.items()
        }
        reached = uv.projective_field(trace, row, 20).boxes
        for name, spans in targets.items():
            assert spans[row] == range(reached[name].top, reached[name].bottom)
