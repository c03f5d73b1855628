"""Synthetic images of discs and squares: small ones to classify, large ones to search."""

from __future__ import annotations

import numpy as np

from unetviz.geometry._checks import integer

CLASSES = ("nothing", "disc", "square")
"""The classes; a label is an index of this tuple."""

_SMALLEST_SIDE = 16
"""In a smaller image, in pixels, a disc and a square look alike."""

_TRIES = 200
"""Random places that are tried for the objects of a scene: enough to fill it."""

_UNIT = 32
"""Objects in a scene are as large as in an image with this side, in pixels."""


def synthetic_patches(count: int, side: int = 32, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw small images with one object in the middle, or with nothing there.

    Parameters
    ----------
    count : int
        How many images; about a third of them of each class.
    side : int
        Height and width, in pixels, at least 16. Objects grow with it.
    seed : int
        The same seed gives the same images.

    Returns
    -------
    images : array of shape (count, side, side, 1), float32
        From 0 to 1. Light, contrast, noise, size, place and angle vary. The middle of an object
        lies at most an eighth of the side from the middle of the image, by row and by column. Half
        of the images of "nothing" are empty; in the others an object lies at the border.
    labels : array of shape (count,), int64
        Indices of `CLASSES`.

    Raises
    ------
    ValueError
        If an argument is not a whole number, or too small.

    See Also
    --------
    synthetic_scene : a larger image with several such objects.

    Examples
    --------
    >>> images, labels = synthetic_patches(3)
    >>> images.shape, [CLASSES[label] for label in labels]
    ((3, 32, 32, 1), ['square', 'disc', 'disc'])
    """
    count, side = integer("count", count, 1), integer("side", side, _SMALLEST_SIDE)
    random = np.random.default_rng(integer("seed", seed, 0))
    labels = random.integers(0, len(CLASSES), count)
    nothing = labels == CLASSES.index("nothing")
    # Half of the images with nothing in the middle have an object at the border.
    kinds = np.where(nothing, random.integers(1, len(CLASSES), count), labels)
    kinds[nothing & (random.random(count) < 0.5)] = CLASSES.index("nothing")
    centres = np.where(nothing, _outer(random, count), random.uniform(-1 / 8, 1 / 8, (2, count)))
    centres = (side - 1) / 2 + side * centres
    images = np.stack(
        [_image(random, (side, side), [(kinds[i], centres[:, i], side)])[0] for i in range(count)]
    )
    return images[..., np.newaxis], labels


def synthetic_scene(height: int, width: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw a larger image with several objects, as large as in patches with a side of 32 pixels.

    Parameters
    ----------
    height, width : int
        In pixels, each at least 32.
    seed : int
        The same seed gives the same image.

    Returns
    -------
    image : array of shape (height, width), float32
        From 0 to 1. The middles of objects lie at least 32 pixels apart and 16 from the border.
    labels : array of shape (height, width), int64
        The class of each pixel: an index of `CLASSES`.

    Raises
    ------
    ValueError
        If an argument is not a whole number, or too small.

    See Also
    --------
    synthetic_patches : small images of single objects.

    Examples
    --------
    >>> image, labels = synthetic_scene(96, 128)
    >>> image.shape == labels.shape == (96, 128), np.unique(labels)
    (True, array([0, 1, 2]))
    """
    shape = integer("height", height, _UNIT), integer("width", width, _UNIT)
    random = np.random.default_rng(integer("seed", seed, 0))
    places = _places(random, shape)
    # Discs and squares take turns, so that a scene has both.
    first = int(random.integers(0, 2))
    objects = [(1 + (first + i) % 2, place, _UNIT) for i, place in enumerate(places)]
    return _image(random, shape, objects)


def _outer(random: np.random.Generator, count: int) -> np.ndarray:
    """Return places in parts of the side, at least 3/8 from the middle by row or by column."""
    far = random.uniform(3 / 8, 1 / 2, count) * random.choice([-1, 1], count)
    other = random.uniform(-1 / 2, 1 / 2, count)
    return np.where(random.random(count) < 0.5, [far, other], [other, far])


def _places(random: np.random.Generator, shape: tuple[int, int]) -> list[np.ndarray]:
    """Return middles of objects, far enough from each other and from the border."""
    places: list[np.ndarray] = []
    room = [(_UNIT / 2, n - _UNIT / 2) for n in shape]
    for _ in range(_TRIES):
        place = np.array([random.uniform(low, high) for low, high in room])
        if all(np.hypot(*(place - other)) >= _UNIT for other in places):
            places.append(place)
    return places


def _image(
    random: np.random.Generator,
    shape: tuple[int, int],
    objects: list[tuple[int, np.ndarray, int]],
) -> tuple[np.ndarray, np.ndarray]:
    """Draw objects, each a class, a middle and a unit of size; return the image and its labels."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    slope = random.uniform(-0.1, 0.1, 2)
    image = random.uniform(0.1, 0.3) + slope[0] * rows / shape[0] + slope[1] * columns / shape[1]
    contrast, noise = random.uniform(0.25, 0.6), random.uniform(0.01, 0.05)
    labels = np.zeros(shape, np.int64)
    for kind, (row, column), unit in objects:
        radius, angle = unit * random.uniform(0.16, 0.3), random.uniform(0, np.pi / 2)
        covered = _coverage(CLASSES[kind], rows - row, columns - column, radius, angle)
        image += contrast * random.uniform(0.8, 1.2) * covered
        labels[covered > 0.5] = kind
    image += random.normal(0, noise, shape)
    return image.clip(0, 1).astype(np.float32), labels


def _coverage(
    kind: str, down: np.ndarray, across: np.ndarray, radius: float, angle: float
) -> np.ndarray:
    """Return how much of each pixel an object covers, from 0 to 1; its edge is a pixel wide."""
    if kind == "nothing":
        return np.zeros(down.shape)
    if kind == "disc":
        distance = np.hypot(down, across) - radius
    else:
        # A square of the disc's area.
        half = radius * np.sqrt(np.pi) / 2
        turned = np.cos(angle) * down + np.sin(angle) * across
        other = np.cos(angle) * across - np.sin(angle) * down
        distance = np.maximum(np.abs(turned), np.abs(other)) - half
    return (0.5 - distance).clip(0, 1)
