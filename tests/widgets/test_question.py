"""Questions without a browser."""

import pytest

import unetviz as uv


def ask(answer=568, **texts):
    words = {"prompt": "570 - 3 + 1?", "hint": "A window of 3.", "reason": "570 - 3 + 1 = 568."}
    return uv.Question(answer=answer, **(words | texts))


def give(question, text):
    question.given.value = text
    question.check.click()


def test_a_right_answer_gets_its_reason():
    question = ask()
    give(question, "568")
    assert question.solved is True
    assert "568 is right" in question.note.value
    assert "570 - 3 + 1 = 568" in question.note.value
    assert question.given.disabled


def test_a_wrong_answer_gets_a_hint_a_second_one_the_answer():
    question = ask()
    assert question.show.disabled
    question.given.value = "572"
    assert question.tries == 1
    assert "A window of 3." in question.note.value
    assert "568" not in question.note.value
    question.given.value = "570"
    assert question.solved is False
    assert "The answer is 568" in question.note.value
    assert "570 - 3 + 1 = 568" in question.note.value


def test_leaving_the_box_and_clicking_is_one_try():
    question = ask()
    give(question, "572")
    question.check.click()
    assert question.tries == 1
    assert question.solved is None


def test_the_answer_can_be_shown_after_a_hint():
    question = ask()
    question.given.value = "1"
    question.show.click()
    assert question.solved is False
    assert "The answer is 568" in question.note.value


def test_what_is_not_a_number_costs_no_try():
    question = ask()
    for text in ("", "many", "5.5", "--5", "\u0663", "<b>"):
        give(question, text)
        assert question.tries == 0
        assert "whole number" in question.note.value


def test_large_numbers_and_words():
    large = ask(answer=31_030_658)
    give(large, "31,030,658")
    assert large.solved
    word = ask(answer="same")
    give(word, " Same ")
    assert word.solved


def test_text_is_escaped():
    question = ask(prompt="<script>", hint="<i>hint</i>", answer="a")
    question.given.value = "<img>"
    html = question.children[0].value + question.note.value
    assert not any(tag in html for tag in ("<script>", "<i>", "<img>"))


def test_the_markdown_twin_keeps_the_answer_to_itself():
    assert "568" not in ask().as_markdown()
    assert "570 - 3 + 1?" in ask().as_markdown().replace("\\", "")


@pytest.mark.parametrize(
    "fields", [{"prompt": ""}, {"hint": None}, {"answer": 1.5}, {"answer": True}]
)
def test_wrong_fields_are_named(fields):
    with pytest.raises(ValueError, match=next(iter(fields))):
        ask(**fields)
