"""Tables of boxes for the browser, read back as the browser reads them."""

import json
import re

from hypothesis import assume, given, settings
from support.random_examples import examples
from support.random_specs import specs

import unetviz as uv
from unetviz.widgets.views.shared.box_tables import encode, source_tables, target_tables


def looked_up(tables, name, row, column):
    """What the JavaScript computes: the box of one pixel, or None."""
    rows, columns = tables["rows"], tables["columns"] or tables["rows"]
    top, bottom = span(tables, rows[name], row)
    left, right = span(tables, columns[name], column)
    return uv.geometry.Box(top, left, bottom, right) if bottom > top and right > left else None


def span(tables, entry, index):
    ends = []
    for first, number in (entry[:2], entry[2:]):
        text = re.sub(r"\(([^*]*)\*(\d+)\)", lambda m: m[1] * int(m[2]), tables["steps"][number])
        ends.append(first + sum(ord(letter) - 48 for letter in text[:index]))
    return ends


def pixels(height, width):
    rows = {0, 1, height // 2, height - 1}
    columns = {0, width // 3, width // 2 + 1, width - 1}
    return [(r, c) for r in rows & set(range(height)) for c in columns & set(range(width))]


@settings(max_examples=examples(20), deadline=None)
@given(specs(max_depth=3))
def test_tables_say_what_the_geometry_says(spec):
    spec = spec.replace(input_size=tuple(min(n, 130) for n in spec.input_size))
    trace = uv.trace(spec)
    # With 1x1 kernels at lossy sizes a path can be dead along one axis only; a table by rows and
    # columns cannot know that.
    assume(trace.ok and (spec.kernel_size > 1 or not trace.warnings))
    sources, targets = source_tables(trace), target_tables(trace)
    for row, column in pixels(*trace.output_shape[:2]):
        found = uv.receptive_field(trace, row, column)
        for name, box in found.boxes.items():
            assert looked_up(sources, name, row, column) == box
        for name, box in found.paths.items():
            assert looked_up(sources, f"path/{name}", row, column) == box
    for row, column in pixels(*spec.input_size):
        for name, box in uv.projective_field(trace, row, column).boxes.items():
            assert looked_up(targets, name, row, column) == box


def test_tables_are_a_few_kilobytes():
    trace = uv.trace(uv.PAPER)
    assert len(json.dumps(source_tables(trace))) < 3000
    assert len(json.dumps(target_tables(trace))) < 4000
    assert source_tables(trace)["columns"] is None


def test_negative_first_numbers_and_one_entry():
    spans = {"input": [range(-92, 480)] * 3 + [range(292, 864)]}
    tables = encode(spans, {"input": [range(4)]})
    assert looked_up(tables, "input", 2, 0) == uv.geometry.Box(-92, 0, 480, 4)
    assert looked_up(tables, "input", 3, 0) == uv.geometry.Box(292, 0, 864, 4)
