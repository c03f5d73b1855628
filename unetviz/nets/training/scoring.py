"""Judging a model by images whose masks are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unetviz.labs.metrics import SegmentationScore, evaluate, mean_score
from unetviz.labs.synthetic.cells import SyntheticImage

from .._tensorflow import keras
from ..running.feature_maps import feature_maps, readable_maps


def predict_image(model: keras.Model, image: np.ndarray) -> np.ndarray:
    """Return what a model says of one grey image of its size.

    Parameters
    ----------
    model : keras.Model
        A network for images with one channel.
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


def score_model(model: keras.Model, images: Sequence[SyntheticImage]) -> SegmentationScore:
    """Return the mean score of a model over images of its size.

    Parameters
    ----------
    model : keras.Model
        A network for images with one channel.
    images : sequence of SyntheticImage
        At least one.
    """
    return mean_score(evaluate(lambda image: predict_image(model, image), images))
