"""The panel of the classifier, and the three answers to an image."""

import numpy as np
import pytest
from skimage import data

import unetviz as uv
from unetviz.nets.lessons.classifier import build_classifier


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


def test_a_map_of_answers_keeps_its_values_at_the_middles_of_the_windows():
    scores = np.random.default_rng(0).random((5, 4, 3))
    large = uv.labs.upsample_scores(scores, (47, 43), 31, 4)
    assert large.shape == (47, 43, 3)
    assert np.allclose(large[15:32:4, 15:28:4], scores)
    # Beyond the outermost middles the nearest answer counts.
    assert np.allclose(large[0, 0], scores[0, 0])
    assert np.allclose(large[-1, -1], scores[-1, -1])


def test_three_answers_to_one_image():
    coins = data.coins()
    found = uv.labs.find_objects(coins)
    whole, boxes, outlines = uv.widgets.detection_sentences(found)
    assert "there are objects" in whole
    assert boxes.startswith("24 boxes, 96 numbers")
    assert outlines == f"24 outlines, a label for each of {coins.size:,} pixels"
    drawing = uv.draw.draw_detection_and_segmentation(
        coins, found.boxes, found.outlines, (whole, boxes, outlines)
    )
    assert drawing.svg.count("<polygon") == 48
    assert drawing.svg.count("<image") == 3
    assert drawing.png().startswith(b"\x89PNG")


def test_vectors_of_fixed_length():
    model = build_classifier(seed=0)
    images, _ = uv.labs.synthetic_patches(5, seed=1)
    vectors = uv.nets.feature_vectors(model, images, "dense")
    assert vectors.shape[0] == 5
    with pytest.raises(ValueError, match="no vector of fixed length"):
        uv.nets.feature_vectors(model, images, "block1_conv1")
