"""Objects in a grey image without a network: thresholds, boxes, outlines, components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from unetviz.geometry._checks import integer
from unetviz.geometry.box import Box

from .images.arrays import as_floats, checked_image

_SMOOTHING = 1.5
"""Sigma, in pixels, of the Gaussian that removes noise: less than the radius of an object."""

_BACKGROUND = 6
"""The background is the image under a Gaussian whose sigma is the smaller side divided by this.

So it follows uneven light, but not the objects.
"""

_THINNEST = 3
"""Radius in pixels of the disc that has to fit into an object; thinner parts are cut off."""

_CONTAINS = 0.01
"""Share of foreground from which an image counts as one with objects."""


@dataclass(frozen=True, repr=False, eq=False)
class Objects:
    """The objects of an image, from the roughest answer to the finest.

    Attributes
    ----------
    labels : array of shape (h, w), int
        The number of the object at each pixel, from 1; 0 is background.
    boxes : tuple of Box
        The smallest rectangle around each object.
    outlines : tuple of array of shape (n, 2)
        The line around each object, as (row, column) in pixels; pixel (0, 0) reaches from -0.5 to
        0.5. The last point is the first one.
    areas : tuple of int
        Number of pixels of each object.
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
        """Share of the pixels that belong to objects, from 0 to 1."""
        return float((self.labels > 0).mean())

    @property
    def contains_objects(self) -> bool:
        """One answer for the whole image: whether at least 1 % of it belongs to objects."""
        return self.foreground_share >= _CONTAINS

    @property
    def box_excess(self) -> float:
        """Share of the pixels of all boxes that do not belong to their object; 0 without boxes.

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


def find_objects(image: ArrayLike, smallest: int = 200) -> Objects:
    """Find the objects of a grey image that are brighter than their surroundings.

    The image is smoothed, its background (the image under a very wide Gaussian) is subtracted,
    Otsu's threshold separates the objects, holes in them are filled, thin bridges and tails are cut
    off. Objects that touch count as one.

    Parameters
    ----------
    image : array of shape (h, w)
        Integers or floats; objects are bright and cover less than about half of the image.
    smallest : int
        Number of pixels from which an object counts.

    Returns
    -------
    Objects
        Ordered by their first pixels, row by row. An image of noise alone has objects, too.

    Raises
    ------
    TypeError
        If the image does not hold whole numbers or floats.
    ValueError
        If it is not grey, is empty or holds NaN or infinity; if `smallest` is not a whole number of
        at least 1.

    See Also
    --------
    otsu_mask : one threshold only.

    References
    ----------
    Section 1 of the document; Otsu, A Threshold Selection Method from Gray-Level Histograms, 1979.

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
    # Background that is connected to the outside, if only over a corner, is not a hole.
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


def _grey(image: ArrayLike) -> np.ndarray:
    array = np.asarray(image)
    grey = as_floats(checked_image(array)[..., 0])
    if array.ndim != 2:
        raise ValueError(
            f"the image must be grey, of shape (height, width), not {array.shape}; "
            "try skimage.color.rgb2gray(image)"
        )
    return grey


def _foreground(image: np.ndarray) -> np.ndarray:
    """Return which pixels are clearly brighter than their surroundings."""
    from skimage.filters import gaussian, threshold_otsu

    smooth = gaussian(image, _SMOOTHING)
    flat = smooth - gaussian(smooth, min(image.shape) / _BACKGROUND)
    return flat > threshold_otsu(flat)


def _outline(region: Any) -> np.ndarray:
    """Return the line around one region, in pixels of the image."""
    from skimage.measure import find_contours

    # A border of zeros closes the line of an object at the border of the image. "high" connects
    # pixels over corners, as the labels do.
    lines = find_contours(np.pad(region.image, 1).astype(float), 0.5, "high")
    return max(lines, key=len) + np.array(region.bbox[:2]) - 1


def otsu_mask(image: ArrayLike, sigma: float = 1.0) -> np.ndarray:
    """Smooth an image and apply Otsu's threshold: segmentation without a network.

    Parameters
    ----------
    image : array of shape (h, w)
        A grey image with at least two different numbers.
    sigma : float
        Sigma of the Gaussian, in pixels; 0 for no smoothing.

    Returns
    -------
    array of shape (h, w), uint8
        1 where the image is brighter than the threshold.

    Examples
    --------
    >>> otsu_mask(np.array([[0.1, 0.2, 0.9]]), sigma=0)
    array([[0, 0, 1]], dtype=uint8)
    """
    from skimage.filters import gaussian, threshold_otsu

    smooth = gaussian(image, sigma) if sigma else np.asarray(image)
    return (smooth > threshold_otsu(smooth)).astype(np.uint8)


def count_components(mask: np.ndarray, largest: float = np.inf) -> int:
    """Count the connected components of a mask; pixels that share a side are connected.

    Parameters
    ----------
    mask : array of shape (h, w)
        What is not 0 is foreground.
    largest : float
        Components with more pixels than this do not count.

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
