"""Windows against slices, and scores between them against numbers worked out by hand."""

import numpy as np
from support.refusals import assert_refused

from unetviz.labs.sliding_window import cut_windows, upsample_scores


def test_windows_are_slices():
    image = np.random.default_rng(0).random((9, 11, 2))
    for size, stride in (((3, 3), 1), ((4, 2), 3), ((9, 11), 5), ((1, 1), 4)):
        windows = cut_windows(image, size, stride)
        tops, lefts = range(0, 10 - size[0], stride), range(0, 12 - size[1], stride)
        assert windows.shape == (len(tops), len(lefts), *size, 2)
        for i, top in enumerate(tops):
            for j, left in enumerate(lefts):
                expected = image[top : top + size[0], left : left + size[1]]
                np.testing.assert_array_equal(windows[i, j], expected)


def test_wrong_arguments_are_named():
    image = np.zeros((9, 11, 1))
    assert_refused(lambda: cut_windows(image, (9, 12), 1), "9 x 11", "9 x 12")
    assert_refused(lambda: cut_windows(image, (3, 3), 0), "stride")
    assert_refused(lambda: cut_windows(image, (3, None), 1), "size")


def between(scores, places, middles):
    """Scores along a line, at places between the middles; beyond them the outermost one."""
    return np.interp(places, middles, scores)


def test_scores_lie_in_the_middle_of_their_windows_and_between_them_on_a_line():
    random = np.random.default_rng(1)
    for window, stride, shape in ((31, 4, (47, 43)), (8, 8, (32, 24)), (5, 1, (9, 7))):
        counts = [(n - window) // stride + 1 for n in shape]
        scores = random.normal(size=(*counts, 3))
        found = upsample_scores(scores, shape, window, stride)
        assert found.shape == (*shape, 3)
        middles = [np.arange(count) * stride + (window - 1) / 2 for count in counts]
        for k in range(3):
            columns = [between(one, range(shape[0]), middles[0]) for one in scores[..., k].T]
            rows = np.stack(columns, axis=1)
            expected = [between(one, range(shape[1]), middles[1]) for one in rows]
            np.testing.assert_allclose(found[..., k], expected, atol=1e-12)
