"""Arrays as images: grey, sequential or diverging colours, and many small ones on a sheet."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image

from unetviz.geometry._checks import choice

COLOURS = ("grey", "sequential", "diverging")
"""Grey for images, sequential for numbers from 0 up, diverging for signed ones around 0."""

_MAPS = {"sequential": "viridis", "diverging": "RdBu_r"}
SHEET_GAP = 2
"""Pixels between the images of a sheet."""

SHEET_PAPER = 127
"""Grey between the images of a sheet."""


def limits_of(values: np.ndarray, colours: str = "grey") -> tuple[float, float]:
    """Return the numbers that get the first and the last colour.

    Parameters
    ----------
    values : array
        Any numbers.
    colours : str
        ``"grey"``, ``"sequential"`` from 0 up, or ``"diverging"`` with 0 in the middle.

    Examples
    --------
    >>> limits_of(np.array([-1.0, 3.0]), "diverging")
    (-3.0, 3.0)
    """
    if colours == "diverging":
        largest = float(np.abs(values).max())
        return -largest, largest
    lowest = 0.0 if colours == "sequential" else float(values.min())
    return min(lowest, float(values.min())), float(values.max())


def coloured(
    values: np.ndarray, colours: str = "grey", limits: tuple[float, float] | None = None
) -> np.ndarray:
    """Return an array as colours.

    Parameters
    ----------
    values : array of shape (h, w), or (h, w, 3) for an image that has colours of its own
        Numbers; with three channels they lie between the limits, 0 and 1 if none are given.
    colours : str
        One of `COLOURS`.
    limits : (float, float), optional
        Numbers of the first and the last colour; by default those of `limits_of`.

    Returns
    -------
    array of shape (h, w, 3), uint8

    See Also
    --------
    png_of : turns it into a file.

    Raises
    ------
    ValueError
        If there are no such colours.
    """
    choice("colours", colours, COLOURS)
    own = values.ndim == 3
    low, high = limits or ((0.0, 1.0) if own else limits_of(values, colours))
    # What is not a number has no colour of its own: the first one.
    parts = np.nan_to_num(np.clip((values - low) / ((high - low) or 1.0), 0.0, 1.0))
    levels = np.rint(parts * 255).astype(np.uint8)
    if own:
        return levels
    return (
        levels[..., np.newaxis].repeat(3, axis=-1) if colours == "grey" else _table(colours)[levels]
    )


@lru_cache(maxsize=2)
def _table(colours: str) -> np.ndarray:
    """Return the 256 colours of a map."""
    # Loaded for the first map in colours: grey images do without it.
    from matplotlib import colormaps

    return (colormaps[_MAPS[colours]](np.arange(256))[:, :3] * 255).round().astype(np.uint8)


def png_of(colours: np.ndarray) -> bytes:
    """Return an array of shape (h, w, 3), uint8, as the bytes of a PNG file."""
    file = io.BytesIO()
    grey = (colours[..., :1] == colours[..., 1:]).all()
    image = Image.fromarray(np.ascontiguousarray(colours[..., 0] if grey else colours))
    image.save(file, format="PNG")
    return file.getvalue()


def with_few_colours(png: bytes, count: int = 128) -> bytes:
    """Return a PNG with at most `count` colours, in fewer bytes, for pages without a kernel."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    file = io.BytesIO()
    image.quantize(count, dither=Image.Dither.NONE).save(file, format="PNG", optimize=True)
    return file.getvalue()


def reduced(values: np.ndarray, factor: int) -> np.ndarray:
    """Return the means of all blocks of `factor` x `factor` pixels.

    Rows and columns at the end that fill no block are left out.

    Examples
    --------
    >>> reduced(np.array([[1, 3, 9], [5, 7, 9]]), 2)
    array([[4.]])
    """
    from skimage.measure import block_reduce

    height, width = (n // factor * factor for n in values.shape[:2])
    block = (factor, factor, 1)[: values.ndim]
    return block_reduce(values[:height, :width], block, np.mean)


def contact_sheet(images: Sequence[np.ndarray], columns: int) -> np.ndarray:
    """Return equally large images side by side in rows.

    Parameters
    ----------
    images : sequence of arrays of shape (h, w, 3), uint8
        At least one.
    columns : int
        Images in a row.

    Returns
    -------
    array of shape (H, W, 3), uint8
        With a grey gap of two pixels between them.
    """
    from skimage.util import montage

    grid = -(-len(images) // columns), min(columns, len(images))
    sheet = montage(
        np.stack(images),
        fill=[SHEET_PAPER] * 3,
        grid_shape=grid,
        padding_width=SHEET_GAP,
        channel_axis=-1,
    )
    # A montage has the gap around it, too.
    return sheet[SHEET_GAP:-SHEET_GAP, SHEET_GAP:-SHEET_GAP]
