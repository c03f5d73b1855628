"""Objects of a grey image: where they are, in boxes (detection) and pixels (segmentation)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unetviz.geometry._checks import integer
from unetviz.geometry.receptive_field import Box

from .images.arrays import as_floats, checked_image

_SMOOTHING = 1.5
"""Sigma in pixels of the Gaussian that takes the noise away."""

_BACKGROUND = 6
"""The background is a Gaussian with this part of the image's smaller side as its sigma."""

_THINNEST = 3
"""Radius in pixels of the disc that has to fit into an object; thinner parts are cut off."""

_SHARE_OF_A_YES = 0.01


@dataclass(frozen=True, repr=False, eq=False)
class Objects:
    """What there is in an image, from the roughest answer to the finest.

    Attributes
    ----------
    labels : array of shape (h, w), int
        For every pixel the number of its object, from 1; 0 is background.
    boxes : tuple of Box
        The smallest rectangle around each object.
    outlines : tuple of array of shape (n, 2)
        The line around each object, as (row, column) in pixels; pixel (0, 0) reaches from -0.5 to
        0.5. Its last point is its first.
    areas : tuple of int
        Pixels of each object.
    """

    labels: np.ndarray
    boxes: tuple[Box, ...]
    outlines: tuple[np.ndarray, ...]
    areas: tuple[int, ...]

    @property
    def count(self) -> int:
        """Number of objects."""
        return len(self.boxes)

    @property
    def foreground_share(self) -> float:
        """Share of the pixels that lie on objects, from 0 to 1."""
        return float((self.labels > 0).mean())

    @property
    def contains_objects(self) -> bool:
        """The one answer for the whole image: whether at least 1 % of it lies on objects."""
        return self.foreground_share >= _SHARE_OF_A_YES

    @property
    def box_excess(self) -> float:
        """Share of the pixels of all boxes that do not belong to the box's object; 0 without any.

        Examples
        --------
        >>> labels = np.array([[1, 0, 2], [1, 1, 2]])
        >>> boxes = Box(0, 0, 2, 2), Box(0, 2, 2, 3)
        >>> round(Objects(labels, boxes, (), (3, 2)).box_excess, 3)
        0.167
        """
        boxed = sum(box.height * box.width for box in self.boxes)
        return 1 - sum(self.areas) / boxed if boxed else 0.0

    def __repr__(self) -> str:
        height, width = self.labels.shape
        return f"<Objects: {self.count} in {height} x {width} pixels>"


def find_objects(image: Any, smallest: int = 200) -> Objects:
    """Find what is brighter than its surroundings in a grey image, object by object.

    The image is smoothed, its background (the image under a very wide Gaussian) is subtracted,
    Otsu's threshold separates the objects, holes in them are filled, thin bridges and tails are cut
    off. Objects that touch are one (section 1 of the document).

    Parameters
    ----------
    image : array of shape (h, w)
        Integers or floats; objects are bright and take up less than about half of the image.
    smallest : int
        Pixels that an object must have to count.

    Returns
    -------
    Objects
        In the order of their first pixels, row by row. Noise alone is cut into pieces too.

    Raises
    ------
    TypeError
        If the image does not hold whole numbers or floats.
    ValueError
        If it is not grey, is empty or holds NaN or infinity; if `smallest` is no whole number of
        at least 1.

    Examples
    --------
    >>> image = np.zeros((60, 90))
    >>> image[10:30, 20:40] = image[35:55, 50:80] = 1
    >>> found = find_objects(image)
    >>> found.count, found.contains_objects
    (2, True)
    """
    from scipy.ndimage import binary_fill_holes
    from skimage.measure import label, regionprops
    from skimage.morphology import disk, opening

    smallest = integer("smallest", smallest, 1)
    # What is connected to the outside, even over a corner of a pixel, is no hole.
    filled = binary_fill_holes(_foreground(_grey(image)), np.ones((3, 3)))
    numbers = label(opening(filled, disk(_THINNEST)))
    large = [region.label for region in regionprops(numbers) if region.area >= smallest]
    labels = label(np.isin(numbers, large))
    found = regionprops(labels)
    return Objects(
        labels,
        tuple(Box(*(int(n) for n in region.bbox)) for region in found),
        tuple(_outline(region) for region in found),
        tuple(int(region.area) for region in found),
    )


def _grey(image: Any) -> np.ndarray:
    array = checked_image(image)
    if np.ndim(image) != 2:
        raise ValueError(
            f"the image must be grey, of shape (height, width), not {np.shape(image)}; "
            "try skimage.color.rgb2gray(image)"
        )
    return as_floats(array[..., 0])


def _foreground(image: np.ndarray) -> np.ndarray:
    """Whether each pixel is clearly brighter than its surroundings."""
    from skimage.filters import gaussian, threshold_otsu

    smooth = gaussian(image, _SMOOTHING)
    flat = smooth - gaussian(smooth, min(image.shape) / _BACKGROUND)
    return flat > threshold_otsu(flat)


def _outline(region: Any) -> np.ndarray:
    """Return the line around one region, in pixels of the image."""
    from skimage.measure import find_contours

    # A border of zeros closes the line of what touches the edge of the image; the corners of
    # pixels belong together, as in the labels.
    lines = find_contours(np.pad(region.image, 1).astype(float), 0.5, "high")
    return max(lines, key=len) + np.array(region.bbox[:2]) - 1


def otsu_mask(image: np.ndarray, sigma: float = 1.0) -> np.ndarray:
    """Return what is brighter than Otsu's threshold once the image is smoothed.

    Parameters
    ----------
    image : array of shape (h, w)
        A grey image with at least two different numbers.
    sigma : float
        Width of the Gaussian, in pixels; 0 for none.

    Returns
    -------
    array of shape (h, w), uint8

    Examples
    --------
    >>> otsu_mask(np.array([[0.1, 0.2, 0.9]]), sigma=0)
    array([[0, 0, 1]], dtype=uint8)
    """
    from skimage.filters import gaussian, threshold_otsu

    smooth = gaussian(image, sigma) if sigma else np.asarray(image)
    return (smooth > threshold_otsu(smooth)).astype(np.uint8)


def count_components(mask: np.ndarray, largest: float = np.inf) -> int:
    """Count the connected pieces of a mask; pixels that share a side are connected.

    Parameters
    ----------
    mask : array of shape (h, w)
        What is not 0 is foreground.
    largest : float
        Larger pieces, in pixels, do not count.

    Examples
    --------
    >>> mask = np.array([[1, 0, 1], [1, 0, 0]])
    >>> count_components(mask), count_components(mask, largest=1)
    (2, 1)
    """
    from scipy.ndimage import label

    labels, _ = label(np.asarray(mask) != 0)
    sizes = np.bincount(labels.ravel())[1:]
    return int((sizes <= largest).sum())
