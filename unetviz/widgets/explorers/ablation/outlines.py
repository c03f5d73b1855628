"""Two outlines on an image: the true one, and that of a network."""

from __future__ import annotations

import numpy as np

from unetviz.draw.images.colours import coloured
from unetviz.labs.metrics import outline

from ...parts.masks import style_colour

LINES = ("kept", "tile", "window")
"""Styles of what only the true outline has, what only the network has, and of what both have."""


def with_outlines(image: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return a grey image in which the outlines of two masks are coloured pixels.

    Parameters
    ----------
    image : array of shape (h, w)
        From 0 to 1.
    truth, mask : array of shape (h, w)
        What is not 0 is foreground.

    Returns
    -------
    array of shape (h, w, 3), uint8
    """
    pixels = coloured(image, limits=(0.0, 1.0))
    real, found = outline(np.asarray(truth) != 0), outline(np.asarray(mask) != 0)
    for style, part in zip(LINES, (real & ~found, found & ~real, real & found), strict=True):
        pixels[part] = style_colour(style)
    return pixels
