"""Synthetic microscope images with their masks, for training and testing.

Each image is drawn from a seed. Size, contrast, brightness of the edge, light, texture and noise of
the cells vary from image to image, so that a network cannot learn one look by heart; cells are
always brighter than their surroundings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unetviz.geometry._checks import choice, integer, size

LOOKS = ("cells", "membranes")
"""Cells on a darker background, some touching; or cells side by side between thin membranes."""

RADII = (8.0, 40.0)
"""Smallest and largest radius of a cell, in pixels."""


@dataclass(frozen=True, repr=False)
class SyntheticImage:
    """An image of cells and its ground truth.

    Attributes
    ----------
    image : array of shape (h, w), float32
        From 0 to 1.
    mask : array of shape (h, w), uint8
        1 for cells, 0 for background; a line of 0 separates cells that touch.
    cells : array of shape (h, w), int32
        Number of the cell at each pixel; 0 for background.
    """

    image: np.ndarray
    mask: np.ndarray
    cells: np.ndarray

    def __repr__(self) -> str:
        count = len(np.unique(self.cells[self.cells > 0]))
        return f"<SyntheticImage {self.mask.shape}: {count} cells>"


def synthetic_cells(shape: int | tuple[int, int], seed: int, look: str = "cells") -> SyntheticImage:
    """Draw an image of cells with its mask.

    Parameters
    ----------
    shape : int or (int, int)
        Height and width, in pixels.
    seed : int
        At least 0; the same seed gives the same image.
    look : str
        ``"cells"`` or ``"membranes"``.

    Returns
    -------
    SyntheticImage
        Image, mask and numbered cells.

    Raises
    ------
    ValueError
        If an argument is not allowed.

    See Also
    --------
    validation_images : images with which no network is trained.
    weight_map : weights for the gaps between the cells.

    Examples
    --------
    >>> image = synthetic_cells((64, 48), seed=3)
    >>> image.image.shape, bool((image.mask == (image.cells > 0)).all())
    ((64, 48), True)
    """
    height, width = size("shape", shape)
    choice("look", look, LOOKS)
    random = np.random.default_rng((integer("seed", seed, 0), LOOKS.index(look)))
    radius = float(np.exp(random.uniform(*np.log(RADII))))
    # Drawn beyond the border, too, so that the border cuts cells like any other line.
    margin = int(radius) + 8
    cells = _cells(random, (height + 2 * margin, width + 2 * margin), radius, look)
    image = _painted(random, cells, radius)
    inside = slice(margin, -margin), slice(margin, -margin)
    cells = cells[inside].astype(np.int32)
    return SyntheticImage(
        image[inside].astype(np.float32), (cells > 0).astype(np.uint8), np.ascontiguousarray(cells)
    )


def _cells(
    random: np.random.Generator, shape: tuple[int, int], radius: float, look: str
) -> np.ndarray:
    """Number the cells: each pixel belongs to the nearest centre, in a distance bent by noise."""
    centres = _centres(random, shape, radius, 0.75 if look == "cells" else 1.0)
    own, second, nearest = _two_nearest(random, shape, radius, centres)
    if look == "cells":
        sizes = random.uniform(0.65, 1.15, len(centres)) * radius
        # The line between touching cells: where two centres are almost equally near.
        inside = (second - own > max(1.5, 0.06 * radius)) & (own < sizes[nearest])
    else:
        # Cells fill their space up to thin lines; some of the spaces stay empty.
        full = random.random(len(centres)) < random.uniform(0.5, 0.75)
        inside = (second - own > random.uniform(1.5, 3.0)) & full[nearest]
    return np.where(inside, nearest + 1, 0)


def _two_nearest(
    random: np.random.Generator, shape: tuple[int, int], radius: float, centres: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the distances to the two nearest centres, and the number of the nearest."""
    from scipy.spatial import cKDTree

    rows, columns = np.indices(shape, np.float32)
    bend = radius * 0.45
    bent = [axis + bend * _noise(random, shape, radius * 0.7) for axis in (rows, columns)]
    distances, nearest = cKDTree(centres).query(np.stack(bent, axis=-1), k=2, workers=-1)
    return distances[..., 0], distances[..., 1], nearest[..., 0]


def _centres(
    random: np.random.Generator, shape: tuple[int, int], radius: float, density: float
) -> np.ndarray:
    """Return the points of a grid, moved at random, some of them left out."""
    step = 1.75 * radius
    rows, columns = (np.arange(-step, n + step, step) for n in shape)
    grid = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2)
    grid = grid + random.uniform(-0.5, 0.5, grid.shape) * step * 0.8
    kept = grid[random.random(len(grid)) < density]
    return kept if len(kept) >= 2 else grid


def _noise(random: np.random.Generator, shape: tuple[int, int], scale: float) -> np.ndarray:
    """Return smooth noise with spots of about `scale` pixels and standard deviation 1."""
    from scipy.ndimage import gaussian_filter, zoom

    # Smooth noise is drawn small and enlarged: a filter as wide as the image takes long.
    factor = max(1, int(scale / 3))
    coarse = tuple(-(-n // factor) + 2 for n in shape)
    values = gaussian_filter(random.standard_normal(coarse), scale / factor)
    values = zoom(values, factor, order=1)[: shape[0], : shape[1]] if factor > 1 else values
    values = values[: shape[0], : shape[1]]
    return ((values - values.mean()) / (values.std() + 1e-9)).astype(np.float32)


def _painted(random: np.random.Generator, cells: np.ndarray, radius: float) -> np.ndarray:
    """Give cells and background their brightness: contrast, edge, light, texture, noise."""
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    shape, inside = cells.shape, cells > 0
    contrast = random.uniform(0.12, 0.3)
    each = random.uniform(0.5, 1.5, int(cells.max()) + 1)
    depth = distance_transform_edt(inside)
    edge = random.uniform(-0.4, 0.8) * np.exp(-((depth / max(2.0, radius * 0.15)) ** 2))
    body = contrast * each[cells] * (1 + edge) * inside
    body = gaussian_filter(body, random.uniform(0.6, 1.6))
    light = random.uniform(0.08, 0.2) * _noise(random, shape, max(shape) / random.uniform(3, 7))
    ground = 0.04 * _noise(random, shape, random.uniform(2, 6))
    grains = _noise(random, shape, random.uniform(1.5, 4))
    texture = contrast * random.uniform(0.1, 0.45) * grains * inside
    grain = random.normal(0, random.uniform(0.01, 0.06), shape)
    image = random.uniform(0.2, 0.5) + body + light + ground + texture + grain
    return np.clip(image, 0, 1)
