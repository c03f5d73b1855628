"""The panel of the loss of each pixel, without a browser."""

import numpy as np

import unetviz as uv
from unetviz.widgets.views.grid.view import number_text


def test_pixel_losses_are_those_of_the_formula():
    scores = np.random.default_rng(0).normal(size=(3, 4, 3))
    labels = np.random.default_rng(1).integers(0, 3, (3, 4))
    panel = uv.widgets.PixelLossExplorer(scores, labels)
    probabilities = uv.labs.softmax(scores)
    losses = -np.log(np.take_along_axis(probabilities, labels[..., None], -1)[..., 0])
    assert np.allclose(panel.losses, losses)
    assert f"mean over its 12 pixels: {losses.mean():.3f}" in panel.note.value
    assert (
        f"loss = -log {number_text(probabilities[1, 2, labels[1, 2]])}" in panel.view.sentences[6]
    )
