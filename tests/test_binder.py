"""The rehearsal of a Binder session: which lessons are open together, and what it measured."""

import contextlib
import importlib
import itertools
import json
from pathlib import Path

import pytest

BINDER = Path(__file__).parents[1] / "binder"
ROWS = [
    {"lesson": "00_start_here", "open": [], "seconds": 1234}
    | {"peak": 95_400_000, "after": 80_600_000, "together": 154_000_000},
    {"lesson": "03_fcn_to_unet", "open": ["01_from_boxes_to_pixels"], "seconds": 60}
    | {"peak": 900_000_000, "after": 800_000_000, "together": 1_300_000_000},
    {"lesson": "06_up_convolution", "open": [], "seconds": 5}
    | {"peak": 124_000_000, "after": 119_000_000, "together": 200_000_000},
]


@pytest.fixture
def memory(monkeypatch):
    monkeypatch.syspath_prepend(str(BINDER))
    return importlib.import_module("memory_table")


@pytest.fixture
def rehearsal(memory):
    return importlib.import_module("rehearse_lessons")


@pytest.fixture(scope="module")
def kept():
    return json.loads((BINDER / "memory.json").read_text("utf-8"))


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_table_tells_every_figure_in_megabytes(memory):
    head, rule, *rows = map(cells, memory.table(ROWS).splitlines())
    assert {len(row) for row in (head, rule, *rows)} == {7}
    assert rows[0] == ["`00_start_here`", "-", "1,234", "95", "81", "-", "154"]
    assert rows[1] == ["`03_fcn_to_unet`", "TensorFlow", "60", "900", "800", "01", "1,300"]


def test_the_sentence_names_the_lessons_that_held_most(memory):
    assert memory.summary(ROWS) == (
        "The most was 1,300 MB, with 01 and 03 open. "
        "Binder restarts a session above 2,147 MB (2 GiB)."
    )


def test_only_what_stands_between_the_marks_is_written(memory):
    page = "before\n<!-- memory:begin -->\nold \\1\n<!-- memory:end -->\nafter\n"
    written = memory.with_memory(page, ROWS)
    assert written.startswith("before\n<!-- memory:begin -->\n| lesson |")
    assert written.endswith("(2 GiB).\n<!-- memory:end -->\nafter\n")
    assert "old" not in written
    assert memory.with_memory(written, ROWS) == written
    assert memory.with_memory("no marks", ROWS) == "no marks"


def test_the_kept_rehearsal_has_every_lesson_and_kept_the_limit(memory, kept):
    assert [row["lesson"] for row in kept] == [lesson["name"] for lesson in memory.lessons()]
    for row in kept:
        assert 0 < row["after"] <= row["peak"] < 1.2e9, row["lesson"]
        assert row["after"] / 2 < row["together"] <= memory.LIMIT, row["lesson"]
        assert row["seconds"] > 0


def test_pages_show_the_kept_rehearsal(memory, kept):
    for page in memory.PAGES:
        text = page.read_text("utf-8")
        assert text.count(memory.table(kept)) == 1, page
        assert memory.with_memory(text, kept) == text, page


def neighbours(lessons):
    heavy = [lesson["name"] for lesson in lessons if lesson["tensorflow"]]
    return list(itertools.pairwise(heavy))


def test_the_kept_rehearsal_had_two_tensorflow_lessons_open(memory, kept):
    others = {row["lesson"]: row["open"] for row in kept}
    for before, lesson in neighbours(memory.lessons()):
        assert others[lesson] == [before]


def test_kernels_are_open_and_shut_as_promised(memory, rehearsal, monkeypatch):
    """Every neighbouring pair together, never three, and nothing light that stays."""
    lessons, running, seen = memory.lessons(), [], []

    class Kernel:
        def __init__(self, server, name):
            self.name = name
            running.append(name)
            seen.append(list(running))

        def close(self):
            running.remove(self.name)

    figures = {"seconds": 1, "peak": 1, "after": 1, "together": 1}
    monkeypatch.setattr(rehearsal, "Kernel", Kernel)
    monkeypatch.setattr(rehearsal, "running_server", contextlib.nullcontext)
    monkeypatch.setattr(rehearsal, "run_lesson", lambda kernel: figures)
    found = rehearsal.rehearse(lessons)
    heavy = {lesson["name"] for lesson in lessons if lesson["tensorflow"]}
    assert [[*row["open"], row["lesson"]] for row in found] == seen
    assert [names[-1] for names in seen] == [lesson["name"] for lesson in lessons]
    assert [tuple(names) for names in seen if set(names) <= heavy][1:] == neighbours(lessons)
    assert all(set(names[:-1]) <= heavy and len(heavy & set(names)) <= 2 for names in seen)
