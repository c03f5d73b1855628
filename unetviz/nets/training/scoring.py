"""Judging a model by pictures whose masks are known."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from unetviz.labs.metrics import Score, judge, mean_score
from unetviz.labs.synthetic.cells import MadePicture

from ..running.feature_maps import feature_maps, readable_maps


def predict_picture(model: keras.Model, image: np.ndarray) -> np.ndarray:
    """Return what a model says of one grey picture of its size.

    Parameters
    ----------
    model : keras.Model
        A network for pictures with one channel.
    image : array of shape (h, w)
        From 0 to 1.

    Returns
    -------
    array of shape (rows, columns, classes), float32
    """
    # Not `predict`: of its graphs for several models TensorFlow warns. Not the bare model either:
    # it keeps all maps until the last.
    output = readable_maps(model)[-1]
    return feature_maps(model, image, [output])[output]


def score_model(model: keras.Model, pictures: Sequence[MadePicture]) -> Score:
    """Return the mean score of a model over pictures of its size.

    Parameters
    ----------
    model : keras.Model
        A network for pictures with one channel.
    pictures : sequence of MadePicture
        At least one.
    """
    return mean_score(judge(lambda image: predict_picture(model, image), pictures))
