"""Tables in a panel."""

from xml.etree import ElementTree

from unetviz.geometry.tables.table import Table
from unetviz.widgets.parts.table_html import TableView, as_html


def test_a_table_for_the_page_is_escaped_and_aligned():
    table = Table(("a <b>", "n"), (("x & 'y'", "1"), ("<script>", "20")), frozenset({1}))
    for chosen in (None, 0, 1):
        html = as_html(table, chosen)
        assert "<script>" not in html
        lines = ElementTree.fromstring(html).findall("tr")
        assert [[cell.text for cell in line] for line in lines] == [
            *(["a <b>", "n"], ["x & 'y'", "1"], ["<script>", "20"])
        ]
        assert [cell.tag for cell in lines[0]] == ["th", "th"]
        for line in lines:
            assert ["text-align:right" in cell.get("style") for cell in line] == [False, True]
        bold = ["font-weight:bold" in line.get("style") for line in lines]
        assert bold == [False, *(i == chosen for i in range(2))]


def test_several_tables_stand_side_by_side_and_below_each_other_without_a_kernel():
    first, second = (Table((head,), (("1",),), frozenset({0})) for head in ("a", "b"))
    view = TableView()
    view.show(first, chosen=0)
    assert view.value == as_html(first, 0)
    view.show(first, second)
    beside = ElementTree.fromstring(view.value)
    assert [one.find("table/tr/th").text for one in beside] == ["a", "b"]
    assert view.as_markdown() == f"{first.as_markdown()}\n\n{second.as_markdown()}"
