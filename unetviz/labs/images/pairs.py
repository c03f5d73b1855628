"""Images and their masks from a folder: PNG, JPEG, TIFF, TIFF with many pages."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

from .files import ImageFileError, Page, read_masks, read_pages
from .folders import PairError, find_partners
from .masks import Mask, find_foreground
from .ranges import DimImageWarning, UsedRange, joined

_T = TypeVar("_T", Page, Mask)
Foreground = int | float | Sequence[int | float] | Sequence[Sequence[int]] | Literal["alpha"]
"""A value of a mask, several, a colour, several, or what is not transparent."""


@dataclass(frozen=True, repr=False)
class ImagePair:
    """One image and its mask.

    Attributes
    ----------
    name : str
        The file of the image, and the page if it has several.
    image : array of shape (h, w) or (h, w, 3), float32
        From 0 to 1.
    mask : array of shape (h, w), uint8
        0 for background, 1 for foreground.
    """

    name: str
    image: np.ndarray
    mask: np.ndarray

    def __repr__(self) -> str:
        return f"<ImagePair {self.name}: {self.image.shape}>"


def load_pairs(
    folder: str | PathLike[str],
    foreground: Foreground | None = None,
    threshold: float | None = None,
    stretch: bool | None = None,
) -> list[ImagePair]:
    """Read all images of a folder that have a mask.

    Parameters
    ----------
    folder : str or path
        PNG, JPEG and TIFF files in it and below. The names of an image and its mask, with those of
        their folders, differ only in words such as ``image`` and ``label``: ``image_0.png`` with
        ``label_0.png``, ``imgs/7.jpg`` with ``masks/7.png``, ``x/7.png`` with ``y/7.png``, or two
        TIFF files with the same number of pages, like those of the ISBI 2012 challenge. Several
        masks of one image, one for each object, lie as ``<id>/images/<id>.png`` and
        ``<id>/masks/*.png``; they become one mask. Test images without masks are left out.
    foreground : number, sequence of numbers or of colours, or "alpha", optional
        Which values of the masks, as their files have them, are foreground: ``1``, ``(1, 3)``, in
        a mask of colours ``(255, 0, 0)``, or ``"alpha"`` for all that is not transparent. By
        default what is certain is taken, and the rest is asked (see the notes).
    threshold : float, optional
        Instead of `foreground`: what is brighter than this number of the file is foreground.
    stretch : bool, optional
        Whether each image is stretched, its 1st percentile to 0 and its 99.8th to 1, as in
        `read_image`; the pages of a file together. None stretches the images of one type if all of
        them together use at most a quarter of its range, as 12 bits in 16 do, and says so.

    Returns
    -------
    list of ImagePair
        Ordered by name. Integers of an image that is not stretched are divided by the largest
        number of their type.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    PairError
        If a file cannot be read, an image has no mask or several, the two differ in size or pages,
        or it is not certain what is foreground; the message says which call answers that.

    Warns
    -----
    DimImageWarning
        If images are stretched because of their range, or some are dim and are not stretched.
    UserWarning
        If files are left out.

    See Also
    --------
    read_image : one image.

    Notes
    -----
    Certain are masks of 0 and one other number; numbered classes or objects beside 0, which are all
    foreground; colours on black; greys between two frequent values, as interpolation and JPEG leave
    them, which are split at half grey. A mask without any 0 is foreground if others show that its
    numbers are. Asked about are masks without any 0 otherwise (1, 2, 3), several values of which
    one is 255 (it often marks pixels to ignore), negative numbers, greys everywhere, palettes
    whose first colour is not black though another is, and masks that differ in alpha only. A
    palette counts by its indices, or by its greys if it has nothing else. Whether a mask is
    inverted cannot be known: ``foreground=0`` turns it round.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {str(folder)!r}")
    images: list[list[Page]] = []
    masks: list[list[list[Mask]]] = []
    for one in find_partners(folder):
        name = _named(folder, one.image)
        images.append(_read(read_pages(one.image, name)))
        masks.append([])
        for path in one.masks:
            label = _named(folder, path)
            masks[-1].append(_read(read_masks(path, label)))
            _check_sizes(name, label, images[-1], masks[-1][-1])
    flat = [mask for labels in masks for one in labels for mask in one]
    foregrounds = iter(find_foreground(flat, foreground, threshold))
    floats = _floats(images, stretch)
    pairs = []
    for pages, arrays, labels in zip(images, floats, masks, strict=True):
        parts = [[next(foregrounds) for _ in one] for one in labels]
        for number, (page, array) in enumerate(zip(pages, arrays, strict=True)):
            mask = np.maximum.reduce([part[number] for part in parts])
            pairs.append(ImagePair(page.name, array, mask))
    return pairs


def _named(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _read(pages: Iterable[_T]) -> list[_T]:
    """Read all pages of a file; of several each gets a name of its own."""
    try:
        found = list(pages)
    except ImageFileError as error:
        raise PairError(str(error)) from error
    if len(found) == 1:
        return found
    return [replace(one, name=f"{one.name}, page {n}") for n, one in enumerate(found, start=1)]


def _check_sizes(file: str, mask_file: str, pages: Sequence[Page], masks: Sequence[Mask]) -> None:
    if len(pages) != len(masks):
        raise PairError(
            f"{file!r} has pages: {len(pages)}, but its mask {mask_file!r} has "
            f"{len(masks)}; each page needs a mask: save both with as many"
        )
    for page, mask in zip(pages, masks, strict=True):
        if page.numbers.shape[:2] != mask.values.shape[:2]:
            sizes = [f"{a.shape[0]} x {a.shape[1]}" for a in (page.numbers, mask.values)]
            raise PairError(
                f"{page.name!r} has {sizes[0]} pixels, but its mask {mask_file!r} {sizes[1]}; both "
                "must be equally large: save them anew, or take the mask that belongs to it"
            )


def _floats(files: Sequence[Sequence[Page]], stretch: bool | None) -> list[list[np.ndarray]]:
    """Return the pages of each file from 0 to 1, stretched or not."""
    pages = [page for file in files for page in file]
    if not stretch:
        _check_numbers(pages)
    chosen: set[np.dtype] = {page.used.dtype for page in pages} if stretch else set()
    if stretch is None:
        # Images are compared with each other, so all of one type are stretched, or none.
        small = {kind: used for kind, used in _together(pages).items() if used.is_small}
        _warn_dim(pages, small)
        chosen = set(small)
    return [
        [
            page.stretched(_together(file)[page.used.dtype])
            if page.used.dtype in chosen
            else page.floats()
            for page in file
        ]
        for file in files
    ]


def _check_numbers(pages: Sequence[Page]) -> None:
    try:
        for page in pages:
            page.check("load_pairs(folder, stretch=True)")
    except ImageFileError as error:
        raise PairError(str(error)) from error


def _together(pages: Sequence[Page]) -> dict[np.dtype, UsedRange]:
    """Return the range of the pages of each type."""
    kinds = {page.used.dtype for page in pages}
    return {k: joined(page.used for page in pages if page.used.dtype == k) for k in kinds}


def _warn_dim(pages: Sequence[Page], small: dict[np.dtype, UsedRange]) -> None:
    """Say which images are stretched, and which are dim although others of their type are not."""
    words = [
        f"the images use {used} and are hard to see: each was stretched, its 1st percentile to "
        "black and its 99.8th to white; load_pairs(folder, stretch=False) leaves them as they are"
        for used in small.values()
    ]
    dim = [page for page in pages if page.used.is_small and page.used.dtype not in small]
    if dim:
        more = f", as {len(dim) - 1} more do" if len(dim) > 1 else ""
        words.append(
            f"{dim[0].name!r} uses {dim[0].used}{more}, and is hard to see beside the others; "
            "load_pairs(folder, stretch=True) stretches each image"
        )
    for one in words:
        warnings.warn(one, DimImageWarning, stacklevel=4)
