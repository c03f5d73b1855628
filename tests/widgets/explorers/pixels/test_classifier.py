"""The panel of the classifier, without a browser."""

import pytest

import unetviz as uv
from unetviz.nets.lessons.classifier import build_classifier

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def panel():
    return uv.widgets.ClassifierExplorer(build_classifier(seed=2), side=48)


def test_at_the_trained_size_there_is_one_answer_and_no_refusal(panel):
    panel.side.value = 32
    assert "1 x 1 answers at once" in panel.as_markdown()
    assert "refuses" not in panel.as_markdown()
    assert "The dense network says nothing " in panel.as_markdown()


@pytest.mark.parametrize("side", [48, 96])
def test_at_other_sizes_the_real_error_is_shown_and_the_cost(panel, side):
    panel.side.value = side
    answers = (side - 32) // 4 + 1
    text = panel.as_markdown()
    assert f"{answers} x {answers} answers at once" in text
    assert "expected shape=(None, 32, 32, 1)" in text
    costs = uv.nets.sharing_cost(build_classifier(), side, side)
    assert f"takes {costs.windows} windows and {costs.ratio:.1f} times" in text
    assert panel.views[1].size == [answers, answers]
    assert panel.views[2].size == [side, side]


def test_another_image(panel):
    before = bytes(panel.views[0].image)
    panel.seed.value += 1
    assert bytes(panel.views[0].image) != before
    assert panel._repr_mimebundle_()[0]["image/png"].startswith(b"\x89PNG")
