"""Messages about sizes, as text."""

from hypothesis import given, settings
from support.random_examples import examples
from support.random_specs import specs

import unetviz as uv


def problem(size, **fields):
    trace = uv.trace(uv.UNetSpec(size, **fields))
    assert not trace.ok
    assert len(trace.problems) == 1
    return trace.problems[0]


def holds(text, *words):
    return all(str(word) in text for word in words)


def test_358_with_three_pools_and_same():
    found = problem(358, depth=3, padding="same")
    assert found.step == "dec3_concat"
    assert holds(found.message, "Level 3", "89 x 89", "88 x 88", "enc3_pool", "last row")
    fixes = " ".join(found.fixes)
    assert holds(fixes, "height 358", "width 358", "352", "360", "pad", "crop")


def test_64_at_depth_4_valid():
    found = problem(64)
    assert found.step == "enc4_conv2"
    assert holds(found.message, "Level 4", "2 x 2", "at least 3 x 3")
    assert holds(" ".join(found.fixes), "height 64", "width 64", "188", "pad")
    assert "crop" not in " ".join(found.fixes)


def test_1364_x_659_same():
    found = problem((1364, 659), padding="same")
    assert found.step == "dec3_concat"
    assert holds(found.message, "Level 3", "341 x 164", "340 x 164", "last row of enc3_conv2")
    fixes = " ".join(found.fixes)
    assert holds(fixes, "height 1364", "1360", "1376", "width 659", "656", "672")
    assert holds(fixes, "1376 x 672", "1360 x 656")


def test_200_same():
    found = problem(200, padding="same")
    assert found.step == "dec4_concat"
    assert holds(found.message, "Level 4", "25 x 25", "24 x 24", "enc4_pool")
    assert holds(" ".join(found.fixes), "192", "208")


def test_8_same_at_depth_4():
    found = problem(8, padding="same")
    assert found.step == "enc4_pool"
    assert holds(found.message, "Level 4", "1 x 1", "2x2 max pooling", "2 x 2")
    assert holds(" ".join(found.fixes), "height 8", "width 8", "16")


def test_only_the_axis_that_does_not_fit_is_fixed():
    found = problem((256, 200), padding="same")
    fixes = " ".join(found.fixes)
    assert "height" not in fixes
    assert holds(fixes, "width 200", "192 and 208", "256 x 208", "256 x 192")


def test_sums_fail_at_their_own_step():
    assert problem(200, padding="same", merge="add").step == "dec4_add"


def test_lost_rows_are_warned_about_and_the_trace_goes_on():
    trace = uv.trace(uv.UNetSpec((573, 572)))
    assert trace.ok
    assert [warning.step for warning in trace.warnings] == ["enc1_pool", "dec1_crop"]
    pool, crop = (warning.message for warning in trace.warnings)
    assert holds(
        pool, "Level 1", "the last row of enc1_conv2 is lost", "(569 - 1) / 2 = 284, 1 lost"
    )
    assert "column" not in pool
    assert holds(crop, "uneven", "88 rows at the top and 89 at the bottom")
    assert holds(" ".join(trace.warnings[0].fixes), "572 and 588")


def test_several_lost_rows_are_counted():
    trace = uv.trace(uv.UNetSpec(19, padding="same", depth=1, pool_size=4, merge="none"))
    assert "the last 3 rows and the last 3 columns" in trace.warnings[0].message
    assert trace.output_shape == (16, 16, 2)


def test_text_of_a_problem_is_its_message_and_its_fixes():
    found = problem(64)
    assert str(found).splitlines() == [found.message, *(f"  - {fix}" for fix in found.fixes)]
    assert str(uv.ShapeError(found)) == str(found)


@settings(max_examples=examples(80))
@given(specs())
def test_every_fix_works_and_warnings_mean_invalid_sizes(spec):
    trace = uv.trace(spec)
    valid = all(uv.valid_sizes(spec, n, n + 1) == [n] for n in spec.input_size)
    assert bool(trace.warnings) != valid
    assert trace.ok or not valid
    for warning in trace.warnings:
        assert warning.fixes
        assert warning.step in trace or warning.step == trace.failed.name
    for fix in trace.warnings[-1].fixes if trace.warnings else ():
        numbers = [int(word) for word in fix.replace("(", " ").split() if word.isdigit()]
        offered = numbers[1:] if fix.startswith(("height", "width")) else numbers
        assert offered
        for n in offered:
            fixed = uv.trace(spec.replace(input_size=n))
            assert fixed.ok
            assert not fixed.warnings
