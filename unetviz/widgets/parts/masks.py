"""Masks as images: right, missed and false pixels in colours that a legend names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from unetviz.draw.images.annotated import BoxMark
from unetviz.draw.images.colours import coloured
from unetviz.draw.theme import BOX_STYLES
from unetviz.geometry.box import Box
from unetviz.geometry.trace import Trace
from unetviz.labs.images.arrays import as_floats, checked_image
from unetviz.labs.metrics import SegmentationScore, score

from .network_image import output_window

NO_TRUTH = "The true mask is not known, so there is no score."
NO_OUTLINE = "A boundary error of inf: one of the two masks has no outline."
AGAINST_TRUTH = (
    "right (white): {count:,}",
    "missed (blue): {count:,}",
    "false (orange): {count:,}",
)
_STYLES = ("window", "kept", "tile")  # white, blue, orange; the words of the legends say so too


def seen_part(trace: Trace, image: Any, mask: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the part of an image over which something comes out, and its true mask.

    Parameters
    ----------
    trace : Trace
        The network.
    image : array of shape (h, w) or (h, w, c)
        An image of its size.
    mask : array of shape (h, w), or None
        What is not 0 is foreground.

    Returns
    -------
    array of shape (rows, columns, 3), uint8
        The part, as colours.
    array of shape (rows, columns), bool, or None
        Its true mask, if it is known.
    """
    window, channels = output_window(trace), trace.steps[0].out_shape[2]
    inside = window.slices
    part = as_floats(checked_image(image, channels))[inside]
    truth = None if mask is None else np.asarray(mask)[inside] != 0
    return coloured(part if channels == 3 else part.mean(axis=-1)), truth


def evaluated(
    mask: np.ndarray, truth: np.ndarray | None
) -> tuple[np.ndarray, SegmentationScore | None]:
    """Return a mask of shape (h, w) as bool, and its score if the true one is known."""
    found = mask != 0
    return found, None if truth is None else score(found, truth)


def mask_image(
    grey: np.ndarray,
    result: tuple[np.ndarray, SegmentationScore | None],
    reference: np.ndarray | None,
    words: Sequence[str],
) -> tuple[np.ndarray, list[BoxMark]]:
    """Return a mask in three colours over a dark image, and the lines of its legend.

    Parameters
    ----------
    grey : array of shape (h, w, 3), uint8
        The image.
    result : (array of shape (h, w), Score or None)
        The mask, as `evaluated` returns it.
    reference : array of shape (h, w), bool, or None
        What it is compared with; None for nothing.
    words : sequence of str
        For what both have (white), what the mask lacks (blue), and what it has alone (orange);
        each with a place for ``count``.
    """
    mask, found = result
    if reference is None:
        reference, words = mask, ("foreground (white): {count:,}",)
    lines = (
        []
        if found is None
        else [
            legend_line(
                "",
                "Dice {score.dice:.3f}, boundary error {score.boundary_error:.2f} pixels".format(
                    score=found
                ),
            )
        ]
    )
    pixels = grey // 3
    parts = (mask & reference, reference & ~mask, mask & ~reference)
    for i, (style, part) in enumerate(zip(_STYLES, parts, strict=True)):
        pixels[part] = style_colour(style)
        lines += [legend_line(style, text.format(count=part.sum())) for text in words[i : i + 1]]
    return pixels, lines


def score_cells(found: SegmentationScore | None) -> tuple[str, str]:
    """Return Dice score and boundary error as cells of a table; dashes if the truth is unknown."""
    if found is None:
        return "-", "-"
    return f"{found.dice:.3f}", f"{found.boundary_error:.2f}"


def legend_line(style: str, words: str) -> BoxMark:
    """Return a line of a legend without a box on the image."""
    return BoxMark(Box(0, 0, 0, 0), style, words, is_map=False)


def style_colour(style: str) -> np.ndarray:
    """Return the colour of a style of boxes, as an array of three bytes."""
    return np.frombuffer(bytes.fromhex(BOX_STYLES[style][0][1:]), np.uint8)
