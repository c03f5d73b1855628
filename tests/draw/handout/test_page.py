"""The page to print: every sheet with its table, answers last, all texts escaped."""

import re
from html import unescape
from html.parser import HTMLParser

import unetviz as uv
from unetviz.draw.drawing import Drawing
from unetviz.draw.handout.page import Sheet, handout_page
from unetviz.geometry.tables.steps import step_table
from unetviz.geometry.tables.table import Table

BAD = "<script>alert('1')</script> & \"more\" $title"
VOID = {"meta", "img", "hr"}


class Nesting(HTMLParser):
    """Collects tags in their order, and fails where one is closed that is not open."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags = [], []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def sheet(name, **fields):
    drawing = Drawing("<svg/>", BAD)
    return Sheet(name, f"Title of {name}", "Words.", **({"drawing": drawing} | fields))


def section(page, name):
    return page.split(f'<section id="{name}"')[1].split("</section>")[0]


def test_it_is_a_page_with_every_sheet_in_its_order():
    page = handout_page([sheet("one"), sheet("two", is_answer=True)])
    assert page.startswith("<!doctype html>")
    tags = Nesting(page).tags
    assert tags[:2] == ["html", "head"]
    assert re.findall(r'<section id="(\w+)"', page) == ["one", "two"]
    assert re.findall(r'<img src="(\w+)\.svg"', page) == ["one", "two"]
    # What looks like a place of the template, inside a text, stays as it is.
    assert page.count("$") == page.count("$title") == 2


def test_the_contents_lead_to_every_sheet_and_its_files():
    page = handout_page(
        [sheet("one"), sheet("two", is_answer=True), sheet("three", is_answer=True)]
    )
    (contents,) = re.findall(r"<ol.*?</ol>", page, re.DOTALL)
    names = ("one", "two", "three")
    assert re.findall(r'href="([^"]+)"', contents) == [
        link for name in names for link in (f"#{name}", f"{name}.svg", f"{name}.png")
    ]
    # One line, before the first sheet that gives sizes away.
    before, after = contents.split("<hr>")
    assert "#one" in before
    assert "#two" not in before
    assert "#three" in after


def test_answers_are_named():
    page = handout_page([sheet("one"), sheet("two", is_answer=True)])
    assert "<h2>Title of one</h2>" in section(page, "one")
    assert "<h2>Answers. Title of two</h2>" in section(page, "two")


def test_all_texts_are_escaped():
    table = Table((BAD,), ((BAD,), ("two\nlines",)), ())
    bad = Sheet("one", BAD, BAD, Drawing("<svg/>", BAD), table)
    page = handout_page([bad])
    assert "<script" not in page
    Nesting(page)
    # In contents, two headings, words, alternative text, heading and cell of the table.
    assert unescape(page).count(BAD) == 7
    assert "two; lines" in page


def test_a_table_has_all_cells_and_numbers_are_on_the_right():
    table = Table(("step", "size"), (("a", "1"), ("b", "2")), (1,))
    found = section(handout_page([sheet("one", table=table)]), "one")
    assert re.findall(r"<(?:td|th)\b[^>]*>(.*?)</t[dh]>", found) == [
        "step",
        "size",
        "a",
        "1",
        "b",
        "2",
    ]
    assert re.findall(r"<(?:td|th) class=n>(.*?)<", found) == ["size", "1", "2"]
    assert ": the numbers</h2>" in found


def test_only_a_short_table_stays_on_the_sheet_of_its_image():
    for rows, is_short in ((12, True), (13, False)):
        table = Table(("step",), (("a",),) * rows, ())
        page = handout_page([sheet("one", table=table)])
        assert ('<section id="one" class="short">' in page) == is_short


def test_a_network_brings_its_totals_and_problems_along():
    for spec in (uv.PAPER, uv.UNetSpec(64), uv.UNetSpec((500, 375))):
        trace = uv.trace(spec)
        drawing = uv.draw_unet(trace)
        page = handout_page([sheet("one", drawing=drawing, table=step_table(trace))])
        found = unescape(section(page, "one"))
        for problem in (*trace.warnings, *trace.problems):
            assert problem.message in found
        assert f"{trace.params:,}" in found
