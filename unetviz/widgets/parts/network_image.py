"""An image and what a network does at its border: the output, and the good part of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from unetviz.draw.images.annotated import BoxMark, PlacedImage
from unetviz.draw.images.colours import coloured, reduced
from unetviz.geometry.box import Box
from unetviz.geometry.receptive_field import padding_free
from unetviz.geometry.trace import Trace
from unetviz.labs.images.arrays import as_floats, centred_window, checked_image

from .array_view import placed

WIDEST = 600
"""Pixels of the screen that an image may take, so that the legend has room beside it."""
STILL = 2
"""How many times smaller an image is where no kernel runs: a notebook must not be large."""


def pointer_words(
    point: str,
    none: str,
    help: str = (
        "Move the pointer over the image. A click holds a pixel, arrow keys move it by one."
    ),
) -> dict[str, str]:
    """Return the words of a view whose boxes follow the pointer.

    Parameters
    ----------
    point : str
        What the pointer is at, with places for ``row`` and ``column``.
    none : str
        What is said of a map without a box.
    help : str
        What can be done while no pixel is held.
    """
    held = "Held. Arrow keys move it by one, with Shift by 16; Escape or a click lets it go."
    return {"point": point, "none": none, "help": help, "held": held}


def centred(image: Any, shape: tuple[int, ...], factor: int = 1) -> PlacedImage:
    """Return the middle of an image at the size of a network's input, mirrored where it is small.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c)
        The image.
    shape : (int, int, ...)
        Height and width that are wanted.
    factor : int
        How many times it is reduced.
    """
    piece = as_floats(centred_window(checked_image(image), shape))
    grey = piece[..., 0] if piece.shape[2] != 3 else piece
    small = reduced(grey, factor) if factor > 1 else grey
    box = Box(0, 0, small.shape[0] * factor, small.shape[1] * factor)
    zoom = 1 / factor if factor > 1 else screen_zoom(shape[1])
    return placed(coloured(small), zoom, box)


def screen_zoom(width: int, room: int = WIDEST) -> float:
    """Return how many pixels of the screen a pixel takes: a whole number, or a whole part of one.

    Parameters
    ----------
    width : int
        Width of the image, in its own pixels.
    room : int
        Pixels of the screen that it may take.

    Examples
    --------
    >>> screen_zoom(188), screen_zoom(572), screen_zoom(1024)
    (3.0, 1.0, 0.5)
    """
    return float(room // width) if width <= room else 1 / -(-width // room)


def output_window(trace: Trace) -> Box:
    """Return where the output lies over the input: in the middle."""
    steps = trace.check().steps
    (height, width, _), (rows, columns, _) = steps[0].out_shape, steps[-1].out_shape
    top, left = (height - rows) // 2, (width - columns) // 2
    return Box(top, left, top + rows, left + columns)


def moved(box: Box, down: int, across: int) -> Box:
    """Return a box so many rows further down and columns further right."""
    return Box(box.top + down, box.left + across, box.bottom + down, box.right + across)


def border_marks(trace: Trace, image: Any) -> list[BoxMark]:
    """Return the boxes that stay: what comes out, and the part of it that never sees padding.

    An image that is smaller than the input of the network gets a frame.
    """
    out, free = output_window(trace), padding_free(trace)
    (height, width), (rows, columns) = trace.steps[0].out_shape[:2], np.shape(image)[:2]
    marks = [BoxMark(out, "window", "what comes out")]
    if rows < height or columns < width:
        top, left = (height - rows) // 2, (width - columns) // 2
        frame = Box(max(top, 0), max(left, 0), min(top + rows, height), min(left + columns, width))
        marks.append(BoxMark(frame, "grid", "the image; beyond it, its mirror image"))
    whole = Box(0, 0, out.height, out.width)
    if free is not None and free != whole:
        marks.append(BoxMark(moved(free, out.top, out.left), "free", "never sees padding"))
    return marks
