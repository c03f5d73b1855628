"""Tables of values, as text and as Markdown."""

import numpy as np

from unetviz.geometry.tables.table import value_table


def test_values_in_a_table():
    for value, text in (
        ("0.50", "0.50"),
        (7, "7"),
        (-1200, "-1,200"),
        (31_030_658, "31,030,658"),
        (2.0, "2"),
        (0.0, "0"),
        (0.123456, "0.1235"),
        (-3.14159, "-3.142"),
        (12.5, "12.5"),
        (1234.5678, "1235"),
        (0.00001234, "1.234e-05"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
    ):
        assert value_table(("a",), [(value,)]).rows == ((text,),)


def test_columns_with_numbers_stand_to_the_right():
    table = value_table(("name", "n", "mixed"), [("x", 1, "none"), ("y_z", 1000, 0.25)])
    assert table.numbers == {1, 2}
    assert table.as_text().splitlines() == [
        "name      n  mixed",
        "x         1   none",
        "y_z   1,000   0.25",
    ]
    lines = table.as_markdown().splitlines()
    assert lines[1] == "|---|---:|---:|"
    assert lines[3] == r"| y\_z | 1,000 | 0.25 |"


def test_numpy_numbers_in_a_table():
    row = (np.int64(4096), np.float32(0.5), np.float64(1 / 3))
    assert value_table(("a", "b", "c"), [row]).rows == (("4,096", "0.5", "0.3333"),)


def test_a_table_of_values_without_rows():
    table = value_table(("a", "b"), [])
    assert (table.rows, table.numbers) == ((), frozenset())
    assert table.as_text() == "a  b"
