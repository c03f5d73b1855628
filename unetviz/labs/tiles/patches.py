"""Training patches: a large image and its mask, cut by the same plan as the tiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unetviz.geometry.box import Box

from ..images.arrays import as_floats, checked_image, cut_window
from .plan import Tile, TilePlan


@dataclass(frozen=True, repr=False)
class Patches:
    """Pairs to train with.

    Attributes
    ----------
    images : array of shape (n, h, w, c), float32
        What goes into the network, with the surroundings that its output needs.
    masks : array of shape (n, rows, columns)
        Labels of what comes out of it: of the middle only, if the network has no padding.
    plan : TilePlan
        Where the patches lie.
    """

    images: np.ndarray
    masks: np.ndarray
    plan: TilePlan

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        return f"<Patches: {len(self)} pairs, {self.images.shape[1:]} and {self.masks.shape[1:]}>"


def cut_patches(image: Any, mask: Any, plan: TilePlan, pad: str = "mirror") -> Patches:
    """Cut an image and its mask into overlapping patches for training.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c)
        The image.
    mask : array of shape (h, w)
        Whole numbers, one label a pixel; 0 is background.
    plan : TilePlan
        Where the patches lie, from ``plan_tiles(image.shape[:2], spec, stride)``. A smaller stride
        gives more patches and more overlap. Seams play no part in training.
    pad : str
        What lies beyond the border of the image and of the mask, as in `cut_window`.

    Returns
    -------
    Patches
        One pair a tile, with the whole output of the network as its mask.

    Raises
    ------
    TypeError
        If the image does not hold numbers, or the mask no whole numbers.
    ValueError
        If the sizes of image, mask and plan are not equal, or `pad` is unknown.
    """
    image, labels = checked_image(image), np.asarray(mask)
    if labels.dtype.kind not in "bui":
        raise TypeError(f"a mask holds whole numbers, not {labels.dtype}; try mask.astype(int)")
    if labels.shape != image.shape[:2] or labels.shape != plan.image:
        raise ValueError(
            f"image {image.shape[:2]}, mask {labels.shape} and plan {plan.image} must have "
            "one height and one width"
        )
    images = np.stack([as_floats(cut_window(image, tile.input, pad)) for tile in plan.tiles])
    masks = np.stack([cut_window(labels, _whole_output(tile, plan), pad) for tile in plan.tiles])
    return Patches(images, masks, plan)


def _whole_output(tile: Tile, plan: TilePlan) -> Box:
    """Window of the image over which all of a tile's output lies."""
    top, left = tile.input.top + plan.offset[0], tile.input.left + plan.offset[1]
    return Box(top, left, top + plan.result[0], left + plan.result[1])
