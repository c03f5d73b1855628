"""Predictions of a model for single images, and its score on images with known masks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unetviz.labs.metrics import SegmentationScore, evaluate, mean_score
from unetviz.labs.synthetic.cells import SyntheticImage

from .._tensorflow import keras
from ..running.feature_maps import feature_maps, readable_maps


def predict_image(model: keras.Model, image: np.ndarray) -> np.ndarray:
    """Return the output of a model for one grey image of its size.

    Parameters
    ----------
    model : keras.Model
        A network for images with one channel.
    image : array of shape (h, w)
        Numbers from 0 to 1.

    Returns
    -------
    array of shape (rows, columns, classes), float32
        The model's output, usually probabilities.

    See Also
    --------
    unetviz.predict_tiled : For images of any size.
    """
    # Not `predict`: TensorFlow warns of its graphs for several models. Not a call of the model
    # either: that keeps all maps in memory until the last.
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

    Returns
    -------
    SegmentationScore
        Mean over the images.

    See Also
    --------
    unetviz.labs.score : The score of one mask.
    """
    return mean_score(evaluate(lambda image: predict_image(model, image), images))
