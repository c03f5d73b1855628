"""Judging a model by pictures whose masks are known."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from ..labs.judging import Score, judge, mean_score
from ..labs.made_cells import MadePicture


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
    # Called as it is: `predict` would make a graph, which takes longer than a few pictures, and
    # TensorFlow warns of one graph for each of several models.
    return model(image[np.newaxis, ..., np.newaxis], training=False).numpy()[0]


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
