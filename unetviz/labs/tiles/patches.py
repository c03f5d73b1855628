"""Training patches: a large image and its mask, cut like the tiles of a prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from unetviz.geometry.box import Box
from unetviz.geometry.ops import size_of

from .._checks import checked_labels
from ..images.arrays import as_floats, checked_image, cut_window
from ..images.ranges import warn_if_dim
from .plan import Tile, TilePlan


@dataclass(frozen=True, repr=False)
class Patches:
    """Images and masks for training.

    Attributes
    ----------
    images : array of shape (n, h, w, c), float32
        Inputs of the network, with the surroundings that its output needs.
    masks : array of shape (n, rows, columns)
        Labels at the size of its output: the middle only, if the network has no padding.
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


def cut_patches(image: ArrayLike, mask: ArrayLike, plan: TilePlan, pad: str = "mirror") -> Patches:
    """Cut an image and its mask into overlapping patches for training.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c)
        Integers or floats.
    mask : array of shape (h, w)
        A label for each pixel, a whole number; 0 is background.
    plan : TilePlan
        Where the patches lie, from ``plan_tiles(image.shape[:2], spec, stride)``. A smaller stride
        gives more patches and more overlap. Seams do not matter in training.
    pad : str
        What lies beyond the border of the image and of the mask: ``"mirror"``, ``"edge"`` or
        ``"zero"``.

    Returns
    -------
    Patches
        An image and a mask for each tile; the mask is as large as the output of the network.

    Raises
    ------
    TypeError
        If the image does not hold numbers, or the mask does not hold whole numbers.
    ValueError
        If the sizes of image, mask and plan differ, or `pad` is unknown.

    Warns
    -----
    DimImageWarning
        If wide integers use at most a quarter of their range.

    See Also
    --------
    plan_tiles : where the patches lie.
    """
    image = checked_image(image)
    warn_if_dim(image)
    labels = checked_labels("mask", mask, image.shape[:2])
    if labels.shape != plan.image:
        raise ValueError(
            f"the plan is for an image of {size_of(plan.image)} pixels, not {size_of(labels.shape)}"
        )
    images = np.stack([as_floats(cut_window(image, tile.input, pad)) for tile in plan.tiles])
    masks = np.stack([cut_window(labels, _whole_output(tile, plan), pad) for tile in plan.tiles])
    return Patches(images, masks, plan)


def _whole_output(tile: Tile, plan: TilePlan) -> Box:
    """Return the window of the image over which the whole output of a tile lies."""
    top, left = tile.input.top + plan.offset[0], tile.input.left + plan.offset[1]
    return Box(top, left, top + plan.result[0], left + plan.result[1])
