"""Every statement of the document is taught by a cell, and every tag of a cell is a statement."""

import json
import re

from support.notebooks import NOTEBOOKS, builder, load

coverage = load("statements")
STATEMENTS = coverage.statements()
LESSONS = [lesson for lesson in builder.lessons() if lesson["ready"]]
COMMITTED = {
    lesson["name"]: json.loads((NOTEBOOKS / f"{lesson['name']}.ipynb").read_text("utf-8"))
    for lesson in LESSONS
}
PLACES = coverage.places(COMMITTED)
SECTIONS = (
    *map(str, range(1, 9)),
    *(f"8.{part}" for part in range(1, 7)),
    *(f"8 features {part}" for part in range(1, 4)),
    "9",
)
"""All sections of the document with their numbered parts, in its order."""


def cells_of(statement):
    return [(place.lesson, place.cell) for place in PLACES.get(statement.name, [])]


def declared(text):
    """Return the sections that a lesson names, such as ``8.1-8.6`` or ``8.5, features 1``."""
    for part in text.split(", "):
        first, _, last = part.partition("-")
        if last:
            low, high = SECTIONS.index(first), SECTIONS.index(last)
            yield from SECTIONS[low : high + 1]
        else:
            yield f"8 {part}" if part.startswith("features") else part


def test_names_are_unique_and_begin_with_the_section():
    names = [statement.name for statement in STATEMENTS]
    assert len(set(names)) == len(names)
    for statement in STATEMENTS:
        prefix = statement.section.replace(" ", "-")
        assert re.fullmatch(rf"{re.escape(prefix)}(-[a-z0-9]+)+", statement.name)


def test_statements_come_in_the_order_of_the_document_and_leave_no_section_out():
    order = [SECTIONS.index(statement.section) for statement in STATEMENTS]
    assert order == sorted(order)
    assert set(order) == set(range(len(SECTIONS)))


def test_quotations_are_short_and_differ():
    quotes = [statement.chinese for statement in STATEMENTS]
    assert len(set(quotes)) == len(quotes)
    assert all(0 < len(quote) <= 40 and "\n" not in quote for quote in quotes)


def test_every_tag_is_a_statement():
    assert set(PLACES) <= {statement.name for statement in STATEMENTS}


def test_every_statement_is_taught_by_a_cell():
    assert [one.name for one in STATEMENTS if not cells_of(one)] == []


def test_a_lesson_teaches_the_sections_that_it_names():
    for lesson in LESSONS:
        check_sections(lesson)


def check_sections(lesson):
    taught = {
        statement.section
        for statement in STATEMENTS
        if any(name == lesson["name"] for name, _ in cells_of(statement))
    }
    for section in declared(lesson["sections"]):
        # Section 8 is named as a whole where any part of it is taught.
        assert any(one == section or re.match(rf"{section}[ .]", one) for one in taught), section


def test_page_is_up_to_date():
    assert coverage.PAGE.read_text("utf-8") == coverage.page(COMMITTED)
    fresh = {name: builder.convert(name) for name in COMMITTED}
    assert coverage.page(fresh) == coverage.page(COMMITTED)


def test_a_place_has_the_heading_above_it():
    notebook = {
        "cells": [
            {"cell_type": "markdown", "source": ["# Title\n", "text"], "metadata": {}},
            {"cell_type": "code", "source": ["# %d"], "metadata": {"tags": ["document-1-a"]}},
            {"cell_type": "markdown", "source": "## Part", "metadata": {"tags": ["document-1-a"]}},
            {"cell_type": "code", "source": "1", "metadata": {"tags": ["another tag"]}},
        ]
    }
    assert coverage.places({"lesson": notebook}) == {
        "1-a": [coverage.Place("lesson", "Title", 1), coverage.Place("lesson", "Part", 2)]
    }
