"""Scores of what a network says, against masks drawn by hand and NumPy written straight."""

import numpy as np
import pytest

import unetviz as uv
from unetviz.labs.detection import otsu_mask
from unetviz.labs.metrics import evaluate, foreground, mean_score, score, score_table
from unetviz.labs.synthetic.cells import SyntheticImage


@pytest.mark.parametrize("classes", [1, 2])
def test_scores_of_masks_that_are_drawn_by_hand(classes):
    mask = np.zeros((9, 9), int)
    mask[2:6, 2:6] = 1
    moved_by_one = np.roll(mask, 1, axis=1)
    probabilities = np.full((9, 9, classes), 0.1)
    probabilities[..., -1] = np.where(moved_by_one, 0.9, 0.5)
    found = foreground(probabilities)
    assert (found == moved_by_one).all()
    assert score(found, mask).dice == 2 * 12 / (16 + 16)
    # 6 of the 12 pixels of each outline lie one pixel beside the other outline.
    assert score(found, mask).boundary_error == 0.5
    assert score(found, mask).accuracy == pytest.approx(1 - 8 / 81)
    assert score(found, moved_by_one).dice == 1
    assert score(found, np.zeros((9, 9))).boundary_error == np.inf
    with pytest.raises(ValueError, match="one shape"):
        score(found, mask[:, 1:])


def test_of_more_classes_all_but_the_first_are_foreground():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(4), (5, 6))
    assert (foreground(probabilities) == (probabilities.argmax(-1) != 0)).all()


def test_a_prediction_is_judged_by_the_middle_of_the_mask():
    mask = np.random.default_rng(1).integers(0, 2, (20, 24)).astype(np.uint8)
    image = SyntheticImage(np.zeros((20, 24), np.float32), mask, mask.astype(np.int32))
    [found] = evaluate(lambda _: mask[4:-4, 5:-5, np.newaxis].astype(float), [image])
    assert (found.dice, found.boundary_error, found.accuracy) == (1, 0, 1)


def test_the_mean_of_scores():
    masks = [np.eye(4), np.ones((4, 4))]
    scores = [score(mask, np.ones((4, 4))) for mask in masks]
    assert mean_score(scores).dice == np.mean([2 * 4 / 20, 1])


def test_the_table_says_where_there_is_no_outline():
    mask = np.zeros((5, 5))
    mask[1:3, 1:3] = 1
    table = uv.labs.score_table({"nothing": mask * 0, "all right": mask}, mask)
    assert table.rows == (
        ("nothing", "0.840", "0.000", "no outline"),
        ("all right", "1.000", "1.000", "0.00"),
    )
    assert table.headings == score_table({"x": mask}, mask).headings


def test_the_threshold_parts_two_brightnesses():
    image = np.full((20, 20), 0.2)
    image[5:15, 5:15] = 0.8
    assert (otsu_mask(image, sigma=0) == (image > 0.5)).all()
    assert otsu_mask(image, sigma=2)[0, 0] == 0
