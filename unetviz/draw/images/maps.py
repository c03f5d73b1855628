"""Arrays as drawings with a caption: one map, or training patches above their masks."""

from __future__ import annotations

import numpy as np

from unetviz.geometry.box import Box
from unetviz.geometry.ops import size_of

from ..drawing import Drawing
from ..theme import MARGIN, WIDTH
from .annotated import PlacedImage, draw_image
from .colours import SHEET_GAP, coloured, contact_sheet, limits_of, png_of, reduced

_LARGEST = 500
"""Pixels of the longer side: larger maps are reduced, smaller ones enlarged by a whole number."""


def draw_map(values: np.ndarray, caption: str, colours: str = "grey") -> Drawing:
    """Draw a map of numbers, as large as there is room.

    Parameters
    ----------
    values : array of shape (h, w), or (h, w, 3) for an image in colours, from 0 to 1
        The numbers.
    caption : str
        One sentence; the range of the numbers is added to it.
    colours : str
        ``"grey"``, ``"sequential"`` or ``"diverging"``.

    Examples
    --------
    >>> draw_map(np.array([[0.0, 1.0]]), "Two pixels.").caption
    'Two pixels. Shown from 0 to 1.'
    """
    values = np.asarray(values)
    factor = -(-max(values.shape[:2]) // _LARGEST)
    small = reduced(values, factor) if factor > 1 else values
    box = Box(0, 0, *(n * factor for n in small.shape[:2]))
    zoom = 1 / factor if factor > 1 else float(_LARGEST // max(values.shape[:2]))
    if values.ndim == 2:
        low, high = limits_of(small, colours)
        # Beside a 1 a number such as 1e-9 is read best as 0.
        low, high = (0.0 if abs(n) < 1e-3 * (high - low) else n for n in (low, high))
        caption = f"{caption} Shown from {low:.2g} to {high:.2g}."
    return draw_image(PlacedImage(png_of(coloured(small, colours)), box, zoom), [], caption)


def draw_patches(images: np.ndarray, masks: np.ndarray, count: int = 6) -> Drawing:
    """Draw some pairs to train with, each mask below the middle of its image, to scale.

    Parameters
    ----------
    images : array of shape (n, h, w, c)
        Numbers from 0 to 1.
    masks : array of shape (n, rows, columns)
        Whole numbers.
    count : int
        How many pairs, spread over all of them.
    """
    chosen = np.unique(np.linspace(0, len(images) - 1, count).round().astype(int))
    height, width = images.shape[1:3]
    factor = -(-width * len(chosen) // int(WIDTH - 2 * MARGIN - SHEET_GAP * len(chosen)))
    labels = max(1, int(masks.max()))
    above = [_small(images[i], factor) for i in chosen]
    below = [_small(_within(masks[i] / labels, (height, width)), factor) for i in chosen]
    sheet = contact_sheet([*above, *below], len(chosen))
    box = Box(0, 0, *sheet.shape[:2])
    sizes = f"{size_of((height, width))} in, {size_of(masks.shape[1:])} out"
    reduction = f"; reduced {factor} times" if factor > 1 else ""
    caption = f"{len(chosen)} of {len(images)} pairs: {sizes}{reduction}."
    return draw_image(PlacedImage(png_of(sheet), box), [], caption)


def _small(values: np.ndarray, factor: int) -> np.ndarray:
    grey = values if values.ndim == 2 else values[..., 0] if values.shape[2] != 3 else values
    return coloured(reduced(grey, factor), limits=(0.0, 1.0))


def _within(mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A mask in the middle of grey paper of the size of its image."""
    paper = np.full(shape, 0.5)
    top, left = ((n - m) // 2 for n, m in zip(shape, mask.shape, strict=True))
    paper[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
    return paper
