"""Synthetic images for training, as many as needed, and other ones for validation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from unetviz.geometry._checks import choice, integer, size
from unetviz.geometry.ops import size_of

from ..images.arrays import centred_window
from .cells import LOOKS, SyntheticImage, synthetic_cells
from .weight_map import weight_map

_VALIDATION_SEED = 10**9
"""Seeds from here on are for validation; training never uses them."""

_RECENT = 24
"""Synthetic images from which windows are cut at a time: drawing one takes longer than a step."""


@dataclass(frozen=True, repr=False)
class Batch:
    """The images of one training step.

    Attributes
    ----------
    images : array of shape (n, h, w, 1), float32
        Input of the network.
    masks : array of shape (n, rows, columns), uint8
        The ground truth at the size of its output: the middle, where the output is smaller.
    weights : array of shape (n, rows, columns), float32
        How much each pixel counts.
    """

    images: np.ndarray
    masks: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class SyntheticExamples:
    """Windows of synthetic images, turned and mirrored at random, for a network of some size.

    Attributes
    ----------
    shape, result : (int, int)
        Size of the input and of the output of the network, in pixels.
    batch : int
        Images in a training step.
    seed : int
        The same seed gives the same images.
    looks : tuple of str
        The looks of cells, which take turns.
    border_weight : float
        Additional weight of the gaps between cells; see `weight_map`.
    drawn : int
        Smallest side of the images from which windows are cut, in pixels.
    reuse : int
        Windows for each image that is drawn.

    See Also
    --------
    validation_images : images that are never among them.
    """

    shape: tuple[int, int]
    result: tuple[int, int]
    batch: int = 1
    seed: int = 0
    looks: tuple[str, ...] = LOOKS
    border_weight: float = 5.0
    drawn: int = 512
    reuse: int = 2

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", size("shape", self.shape))
        object.__setattr__(self, "result", size("result", self.result))
        object.__setattr__(self, "looks", tuple(choice("look", x, LOOKS) for x in self.looks))
        if not self.looks:
            raise ValueError(f"looks must name at least one of {', '.join(LOOKS)}")
        if any(n > m for n, m in zip(self.result, self.shape, strict=True)):
            raise ValueError(
                f"the output cannot be larger than the input: {size_of(self.result)} of "
                f"{size_of(self.shape)}"
            )
        for field, low in (("batch", 1), ("seed", 0), ("drawn", 1), ("reuse", 1)):
            object.__setattr__(self, field, integer(field, getattr(self, field), low))

    def __call__(self, number: int) -> Batch:
        """Return a batch by its number; the same number gives the same batch.

        Examples
        --------
        >>> examples = SyntheticExamples((64, 64), (24, 24), batch=2, drawn=64)
        >>> examples(0).images.shape, examples(0).masks.shape
        ((2, 64, 64, 1), (2, 24, 24))
        """
        windows = [self._window(number * self.batch + i) for i in range(self.batch)]
        images, masks, weights = (np.stack(arrays) for arrays in zip(*windows, strict=True))
        return Batch(images[..., np.newaxis], masks, weights)

    def _window(self, number: int) -> tuple[np.ndarray, ...]:
        random = np.random.default_rng((self.seed, number))
        # One of the latest images, so that a batch shows different ones.
        newest = number // self.reuse
        arrays = self._drawn(newest - int(random.integers(min(newest + 1, _RECENT))))
        corner = [
            int(random.integers(n - m + 1))
            for n, m in zip(arrays[0].shape, self.shape, strict=True)
        ]
        turned, mirrored = bool(random.integers(2)), random.integers(2, size=2)
        pieces = []
        for array in arrays:
            window = array[tuple(slice(a, a + n) for a, n in zip(corner, self.shape, strict=True))]
            window = window[:: 1 - 2 * mirrored[0], :: 1 - 2 * mirrored[1]]
            # Only a square keeps its shape when it is turned.
            square = self.shape[0] == self.shape[1]
            pieces.append(window.T if turned and square else window)
        return pieces[0], *(centred_window(piece, self.result) for piece in pieces[1:])

    def _drawn(self, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        look = self.looks[number % len(self.looks)]
        sides = tuple(max(self.drawn, n) for n in self.shape)
        # Mixed by numpy, because a sum would let two seeds share images.
        mixed = np.random.default_rng((self.seed, number)).integers(_VALIDATION_SEED)
        return _with_weights(sides, int(mixed), look, self.border_weight)


def validation_images(
    shape: int | tuple[int, int], count: int, looks: tuple[str, ...] = LOOKS
) -> list[SyntheticImage]:
    """Draw images with which no network is trained.

    Parameters
    ----------
    shape : int or (int, int)
        Height and width, in pixels.
    count : int
        How many images.
    looks : tuple of str
        The looks of cells, which take turns.

    Returns
    -------
    list of SyntheticImage
        The same images each time.

    See Also
    --------
    evaluate : the scores of a network for them.

    Examples
    --------
    >>> [image.mask.shape for image in validation_images(32, 2)]
    [(32, 32), (32, 32)]
    """
    return [
        synthetic_cells(shape, _VALIDATION_SEED + number, looks[number % len(looks)])
        for number in range(integer("count", count, 0))
    ]


@lru_cache(maxsize=_RECENT + 1)
def _with_weights(
    shape: tuple[int, int], seed: int, look: str, border_weight: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a synthetic image, its mask and its weights."""
    sample = synthetic_cells(shape, seed, look)
    if border_weight:
        weights = weight_map(sample.cells, border_weight, balance=False)
    else:
        # A view of a single number, which takes no memory.
        weights = np.broadcast_to(np.float32(1), sample.mask.shape)
    return sample.image, sample.mask, weights
