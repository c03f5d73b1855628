"""Scores of windows, made into scores of pixels."""

import numpy as np

import unetviz as uv


def test_a_map_of_answers_keeps_its_values_at_the_middles_of_the_windows():
    scores = np.random.default_rng(0).random((5, 4, 3))
    large = uv.labs.upsample_scores(scores, (47, 43), 31, 4)
    assert large.shape == (47, 43, 3)
    assert np.allclose(large[15:32:4, 15:28:4], scores)
    # Beyond the outermost middles the nearest answer counts.
    assert np.allclose(large[0, 0], scores[0, 0])
    assert np.allclose(large[-1, -1], scores[-1, -1])
