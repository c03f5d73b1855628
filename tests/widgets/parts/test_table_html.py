"""A table as HTML."""

from xml.etree import ElementTree

from unetviz.geometry.tables.table import Table
from unetviz.widgets.parts.table_html import as_html


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
