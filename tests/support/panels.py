"""What tests of panels share: pixels of a view, networks with live maps, work without a loop."""

import asyncio
import io

import numpy as np
from PIL import Image

WHITE, BLUE, ORANGE, YELLOW = (255, 255, 255), (92, 200, 255), (255, 176, 0), (255, 241, 92)
"""Colours of masks and outlines, as the legends name them."""


def decoded(png):
    """Pixels of a PNG file: an array of shape (h, w, 3) of whole numbers."""
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGB")).astype(int)


def pixels(view):
    """Pixels that an image view shows."""
    return decoded(view.image)


def where(view, colour):
    """Pixels of a view that have a colour."""
    return (pixels(view) == colour).all(axis=-1)


def shaken(model, seed=5):
    """A model whose biases are not 0, so that its ReLUs are open and closed at random."""
    random = np.random.default_rng(seed)
    model.set_weights([w + random.normal(0, 0.1, w.shape) for w in model.get_weights()])
    return model


def work_at_once(monkeypatch):
    """Let work be done at once, as in a script: other tests in this process may keep a loop."""

    def missing():
        raise RuntimeError("no running event loop")

    monkeypatch.setattr(asyncio, "get_running_loop", missing)
