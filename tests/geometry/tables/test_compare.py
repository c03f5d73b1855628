"""Two networks side by side."""

from dataclasses import fields

import pytest

import unetviz as uv
from unetviz.geometry.tables.compare import ablation_table, difference_table


def changes(first, second):
    """Yield every field that differs, and the first network with that one change."""
    for field in fields(uv.UNetSpec):
        value = getattr(second, field.name)
        if value != getattr(first, field.name):
            changed = {field.name: value}
            both = {name: getattr(second, name) for name in ("classes", "final_activation")}
            if field.name in both and {**_both(first), **changed} == ALWAYS_ONE:
                changed = both  # a softmax over one class is no network
            yield field.name, first.replace(**changed)


ALWAYS_ONE = {"classes": 1, "final_activation": "softmax"}


def _both(spec):
    return {name: getattr(spec, name) for name in ALWAYS_ONE}


def written(shape):
    return "x".join(str(n) for n in shape)


def signed(change):
    return f"{change:+,}" if change else "same"


OTHER = uv.UNetSpec(
    input_size=(188, 204),
    input_channels=3,
    classes=5,
    depth=3,
    base_filters=16,
    convs_per_block=3,
    kernel_size=5,
    merge="add",
    final_activation="sigmoid",
)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (uv.PAPER, uv.DOCUMENT),
        (uv.DOCUMENT, uv.PAPER),
        (uv.PAPER, OTHER),
        (OTHER, uv.DOCUMENT),
        (uv.PAPER, uv.PAPER.replace(merge="none", pool_size=3)),
    ],
)
def test_every_row_is_one_change_of_the_first(first, second):
    table = ablation_table(first, second)
    before = uv.trace(first)
    expected = list(changes(first, second))
    assert len(table.rows) == len(expected)
    assert table.headings == ("what", "change", "output", "parameters", "steps", "remark")
    for (name, spec), (_, change, output, parameters, steps, remark) in zip(
        expected, table.rows, strict=True
    ):
        found = uv.trace(spec)
        assert " -> " in change, name
        if not found.ok:
            assert (output, parameters, steps) == ("none", "", "")
            assert remark == found.problems[0].message
            continue
        assert output == written(found.output_shape), name
        assert parameters == signed(found.params - before.params), name
        assert steps == signed(len(found) - len(before)), name
        if found.warnings:
            assert remark == f"sizes do not fit at {len(found.warnings)} steps"
        else:
            assert "sizes do not fit" not in remark


def test_from_the_paper_to_the_document():
    rows = {row[0]: row[1:] for row in ablation_table(uv.PAPER, uv.DOCUMENT).rows}
    assert len(rows) == 7
    assert rows["image"][0] == "572 x 572 -> 256 x 256"
    assert rows["classes"][:3] == ("2 -> 1", "388x388x1", "-65")
    # 3 x 3 x 64 x 2 + 2 for the new convolution; the last one has 2 inputs instead of 64.
    new = 3 * 3 * 64 * 2 + 2 - 2 * (64 - 2)
    extra = rows["extra convolutions before the last"]
    assert extra[:4] == ("none -> 3x3 with 2 filters", "386x386x2", f"{new:+,}", "+1")
    assert rows["dropout"][:4] == ("none -> 0.5", "388x388x2", "same", "+2")
    assert rows["last activation"][0] == "softmax -> sigmoid"


def test_a_change_that_fails_says_where_and_why():
    rows = {row[0]: row[1:] for row in ablation_table(uv.PAPER, uv.DOCUMENT).rows}
    change, output, *_, remark = rows["padding"]
    assert (change, output) == ("valid -> same", "none")
    # 572, 286, 143 and then a row is lost; up again 70 meets 71.
    for part in ("dec4_concat", "71 x 71", "70 x 70", "enc4_pool"):
        assert part in remark


def test_networks_that_are_equal_have_no_changes():
    assert ablation_table(uv.PAPER, uv.UNetSpec()).rows == ()


def test_both_tables_name_the_same_fields():
    names = [row[0] for row in ablation_table(uv.PAPER, uv.DOCUMENT).rows]
    both = difference_table(("a", "b"), (uv.PAPER, uv.DOCUMENT))
    assert [row[0] for row in both.rows][: len(names)] == names
