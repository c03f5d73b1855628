"""The teacher's page: its plans add up, its links lead somewhere, its numbers are computed."""

import ast
import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from skimage import data
from support.notebooks import builder

import unetviz as uv
from unetviz.draw.handout.sheets import handout_sheets
from unetviz.geometry.tables.pixel_budget import pixel_budget

FOLDER = Path(__file__).parents[1] / "notebooks"
PAGE = (FOLDER / "TEACHING.md").read_text("utf-8")
SHOWN = "as shown"
"""The answer to a question whose number depends on the computer that runs the lesson."""

MENUS = {
    "Run > Run All Cells",
    "Kernel > Shut Down Kernel",
    "Kernel > Shut Down All Kernels",
    "Kernel > Restart Kernel and Run All Cells",
    "File > Download",
    "View > Appearance > Show Left Sidebar",
    "View > Collapse All Code",
    "Settings > Theme > JupyterLab Dark",
}
"""Of JupyterLab 4.6, seen there."""

SMALL = 16
"""Numbers up to this one are counted by everybody; larger ones must be computed."""


def sections():
    """Text of the page by heading, without the marked spot for measured memory."""
    page = re.sub(r"<!-- memory:begin -->.*?<!-- memory:end -->", "", PAGE, flags=re.S)
    parts = re.split(r"^#{2,3} (.+)$", page, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def tables(text):
    """Each table of a text as rows that are dictionaries."""
    for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.M):
        head, _, *rows = [
            [cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in block.splitlines()
        ]
        yield [dict(zip(head, row, strict=True)) for row in rows]


def questions():
    """Rows that ask something, with the lesson that they belong to."""
    for heading, text in sections().items():
        for rows in tables(text):
            if "prove it" in rows[0]:
                for row in rows:
                    yield row.get("lesson", heading.removeprefix("Lesson ")), row


def numbers(text):
    """Whole numbers of a text, those with thousands in groups included."""
    found = re.findall(r"(?<![\w.])-?\d{1,3}(?:,\d{3})+(?![\w])|(?<![\w.])-?\d+(?![\w])", text)
    return [int(number.replace(",", "")) for number in found]


def proved(code):
    return eval(code, {"uv": uv, "np": np, "data": data})


def flat(value):
    return [int(n) for one in value for n in flat(one)] if np.iterable(value) else [value]


def stored_table(name, *headings):
    """The table with these headings in a notebook as it is stored."""
    notebook = json.loads((FOLDER / f"{name}.ipynb").read_text("utf-8"))
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            text = "".join(output.get("data", {}).get("text/markdown", ""))
            for rows in tables(f"{text}\n"):
                if set(headings) <= set(rows[0]):
                    return rows
    raise AssertionError(f"{name} stores no table of {headings}")


# --- questions and answers --------------------------------------------------------------------


@pytest.mark.parametrize(("lesson", "row"), list(questions()), ids=lambda value: str(value)[:60])
def test_every_answer_is_what_its_line_proves(lesson, row):
    answer, proof = row["answer"], row["prove it"]
    if proof.startswith("`"):
        assert numbers(answer) == flat(proved(proof.strip("`")))
    elif answer == SHOWN:
        assert proof in ("the lesson's explorer", "the lesson's question")
    else:
        assert (lesson, proof) in {("03", "the lesson's table"), ("09", "the lesson's table")}


def test_answers_that_stand_in_the_tables_of_lessons():
    answers = {
        lesson: row for lesson, row in questions() if row["prove it"] == "the lesson's table"
    }
    dice = [float(row["Dice"]) for row in stored_table("03_fcn_to_unet", "network", "Dice")]
    assert numbers(answers["03"]["answer"]) == [int(np.argmax(np.diff(dice))) + 2]
    skips, none = stored_table("09_learned_activations", "trained", "Dice")
    ratio = float(none["boundary error, pixels"]) / float(skips["boundary error, pixels"])
    assert numbers(answers["09"]["answer"]) == [round(100 * ratio)]
    eye = (FOLDER / "08_keras_unet.ipynb").read_text("utf-8")
    assert "9% of the pixels are vessel" in eye  # so 91 are not


def wrong_answers():
    for lesson, row in questions():
        cell = row.get("wrong answers, and what to say", "")
        for number, code in re.findall(r"(-?[\d,]+) \(`([^`]+)`\)", cell):
            yield lesson, row["answer"], int(number.replace(",", "")), code


@pytest.mark.parametrize(("lesson", "answer", "number", "code"), list(wrong_answers()))
def test_every_wrong_answer_is_wrong_and_comes_about_as_it_is_said(lesson, answer, number, code):
    assert proved(code) == number
    assert number not in numbers(answer)


def test_every_lesson_has_questions_and_homework():
    asked = [lesson for lesson, _ in questions()]
    homework = [row["lesson"] for row in next(tables(sections()["Homework"]))]
    short = [lesson["name"][:2] for lesson in builder.lessons()]
    assert homework == short
    for lesson in short:
        assert asked.count(lesson) >= 4  # three of the lesson and one for home
    for lesson, row in questions():
        assert row["answer"], lesson


# --- plans ------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [45, 90])
def test_plans_have_no_gap_and_add_up(minutes):
    (rows,) = tables(sections()[f"A plan for {minutes} minutes"])
    spans = [tuple(map(int, row["minutes"].split("-"))) for row in rows]
    assert spans[0][0] == 0
    assert spans[-1][1] == minutes
    assert all(start < end for start, end in spans)
    assert [start for start, _ in spans[1:]] == [end for _, end in spans[:-1]]
    assert all(all(cell for cell in row.values()) for row in rows)


@pytest.mark.parametrize("minutes", [45, 90])
def test_plans_quote_headings_of_their_lessons(minutes):
    quoted = 0
    for row in next(tables(sections()[f"A plan for {minutes} minutes"])):
        link = re.search(r"\((\w+)\.ipynb\)", row["lesson"])
        if link:
            source = (FOLDER / "src" / f"{link[1]}.py").read_text("utf-8")
            headings = "\n".join(re.findall(r"^# #+ (.*)$", source, flags=re.M))
            for words in re.findall(r'"([^"]+)"', row["do"]):
                assert words.rstrip(".") in headings, words
                quoted += 1
    assert quoted >= 4


def test_the_short_plan_needs_no_tensorflow():
    heavy = {lesson["name"] for lesson in builder.lessons() if lesson["tensorflow"]}
    short = sections()["A plan for 45 minutes"]
    assert not heavy & set(re.findall(r"\((\w+)\.ipynb\)", short))


@pytest.mark.parametrize("minutes", [45, 90])
def test_rows_of_sizes_in_plans_are_in_the_order_of_the_network(minutes):
    paper = uv.trace(uv.PAPER)
    down = [step.out_shape[0] for step in paper if step.side in ("encoder", "bottleneck")][1:]
    crops = [step.crop[0][0] for step in paper if step.crop]
    (plan,) = tables(sections()[f"A plan for {minutes} minutes"])
    rows = re.findall(r"(?:\d+, ){3,}\d+", " ".join(row["expect"] for row in plan))
    assert rows
    for found in map(numbers, rows):
        assert found in (down[: len(found)], crops)


def test_the_sizes_of_the_small_network_stand_on_the_page():
    small = uv.UNetSpec(depth=2, base_filters=8)
    trace = uv.trace(small.replace(input_size=uv.nearest_valid_sizes(small, 60)[1]))
    rows = {}
    for step in trace:
        if step.kind not in ("upconv", "crop", "head"):
            column = "way up" if step.side == "decoder" else "way down"
            rows.setdefault((step.map_level, column), []).append(step.out_shape[0])
    for row in next(tables(sections()["Predict mode"])):
        for column in ("way down", "way up"):
            assert numbers(row[column]) == rows.get((int(row["level"]), column), [])
    (plan,) = tables(sections()["A plan for 45 minutes"])
    expected = next(row["expect"] for row in plan if '"Now you"' in row["do"])
    crops = [step.crop[0][0] for step in trace if step.crop]
    ends = [trace.steps[0].out_shape[0], trace.output_shape[0]]
    assert numbers(expected) == ends + crops
    source = (FOLDER / "src" / "04_shapes_572_to_388.py").read_text("utf-8")
    assert "uv.UNetSpec(depth=2, base_filters=8)" in source
    assert "uv.nearest_valid_sizes(small, 60)[1]" in source


# --- words, links, numbers --------------------------------------------------------------------


@cache
def labels():
    """Patterns of all words that the widgets show."""
    found = {
        node.value
        for path in Path(uv.widgets.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return [
        re.compile(".+".join(map(re.escape, re.split(r"\{[^}]*\}", text))))
        for text in found
        if text
    ]


def test_bold_words_are_on_the_screen():
    page = re.sub(r"```.*?```", "", PAGE, flags=re.S)
    bold = set(re.findall(r"\*\*([^*\n]+)\*\*", page)) - {"bold words"}
    bold = {words for words in bold if not words.endswith(".")}  # those open a paragraph
    assert len(bold) > 15
    exact = [pattern for pattern in labels() if pattern.pattern != ".+"]
    for words in bold:
        assert any(pattern.fullmatch(words) for pattern in exact), words


def test_menus_are_those_of_jupyterlab():
    menus = set(re.findall(r"\*([A-Z][^*\n]* > [^*\n]+)\*", PAGE))
    assert menus == MENUS
    start = (FOLDER / "src" / "00_start_here.py").read_text("utf-8")
    for menu in ("Run > Run All Cells", "Kernel > Shut Down Kernel", "File > Download"):
        assert menu in start


def test_links_lead_somewhere():
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in sections()}
    links = re.findall(r"\]\(([^)]+)\)", PAGE)
    assert {"../README.md", "COVERAGE.md"} <= set(links)
    for link in links:
        if link.startswith("#"):
            assert link[1:] in anchors, link
        else:
            assert (FOLDER / link).resolve().is_file(), link


def test_every_lesson_is_listed_as_it_is():
    (rows,) = tables(sections()["The lessons"])
    listed = [
        (re.match(r"\[`(\w+)`\]\((\w+)\.ipynb\)", row["lesson"]).groups(), row) for row in rows
    ]
    assert [names for names, _ in listed] == [(one["name"],) * 2 for one in builder.lessons()]
    for (_, row), lesson in zip(listed, builder.lessons(), strict=True):
        assert int(row["minutes"]) == lesson["minutes"]
        assert row["TensorFlow"] == ("yes" if lesson["tensorflow"] else "no")


def test_commands_and_files_are_those_of_the_project():
    readme = (FOLDER.parent / "README.md").read_text("utf-8")
    blocks = re.findall(r"```(\w*)\n(.*?)```", PAGE, flags=re.S)
    install, handout = (block.strip() for language, block in blocks if not language)
    assert install in readme
    assert handout == "python -m unetviz handout --folder handout"
    names = {sheet.name for sheet in handout_sheets()}
    assert names <= set(re.findall(r"`(\w+)`", PAGE))
    order = [PAGE.index(f"`{sheet.name}`") for sheet in handout_sheets()]
    assert order == sorted(order)
    assert "OWNER" not in PAGE  # the address stands elsewhere, once


def known():
    """Numbers that the package computes, for those that stand between words."""
    paper = uv.trace(uv.PAPER)
    failing = uv.trace(uv.PAPER.replace(input_size=(1364, 659), padding="same"))
    found = [45, 90, 1280]  # minutes; the window for which everything is made
    for spec in (uv.PAPER, uv.DOCUMENT, uv.UNetSpec(60, depth=2), uv.PAPER.replace(input_size=573)):
        for step in uv.trace(spec):
            found += step.out_shape
            found += [step.crop[0][0]] if step.crop else []
    lost = [loss.pixels for loss in pixel_budget(paper)]
    found += [*lost, sum(lost[:4]), sum(lost), sum(lost[5:])]
    for row in (195, 196):
        found += [box.height for box in uv.receptive_field(paper, row, row).paths.values()]
    clean = uv.padding_free(uv.trace(uv.PAPER.replace(input_size=576, padding="same")))
    found += [uv.nearest_valid_sizes(uv.PAPER, 573)[1]]
    found += [clean.top, clean.bottom - 1, -(-clean.top // 16) * 16, 576, 384]
    found += [uv.padding_free(uv.trace(uv.DOCUMENT)).height]
    found += [uv.padding_free(uv.trace(uv.PAPER.replace(input_size=256, padding="same"))).height]
    found += [shape[0] for shape in failing.failed.in_shapes]
    found += [uv.trace(uv.PAPER.replace(base_filters=16)).params]
    found += [lesson["minutes"] for lesson in builder.lessons()]
    return set(found)


def test_no_number_of_the_page_is_only_written_down():
    """Outside of code, plan columns and proved cells every larger number is a computed one."""
    allowed = known()
    for lesson, row in questions():
        allowed |= set(numbers(row["answer"]))
        given = " ".join(re.findall(r"`([^`]+)`", " ".join(row.values())))
        for number in numbers(row.get("ask", row.get("task"))):
            is_given = str(abs(number)) in re.findall(r"\d+", given)
            assert is_given or number <= SMALL or number in allowed, (lesson, number)
    text = re.sub(r"```.*?```", "", "".join(sections().values()), flags=re.S)
    text = re.sub(r"^\| \d+-\d+ \|", "| - |", text, flags=re.M)  # tested as plans
    text = re.sub(r"(-?[\d,]+) \(`[^`]+`\)", "", text)  # tested as wrong answers
    for rows in tables(text):
        if "prove it" in rows[0]:
            for row in rows:
                text = text.replace(row.get("ask", row.get("task")), "")
    text = re.sub(r"`[^`]*`", "", text)
    text = re.sub(r"\]\([^)]*\)|\[\d+\]", "]", text)
    for number in numbers(text):
        assert abs(number) <= SMALL or number in allowed, number
