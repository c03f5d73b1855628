"""Images and their masks from a folder: PNG, TIFF, TIFF with many pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from .files import ImageFileError, read_pages

ENDINGS = (".png", ".tif", ".tiff")
MASK_WORDS = ("label", "labels", "mask", "masks", "gt", "seg")
"""Words in a file's name, or of its folder, that say that it holds masks."""

_IMAGE_WORDS = ("image", "images", "img", "picture", "pictures", "volume", "train")
_WORD = re.compile(r"\d+|[^\W\d_]+")
_ALLOWED = "PNG and TIFF files are taken, each image with one mask"


class PairError(ValueError):
    """Files that do not form pairs of an image and a mask; the message names the file."""


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


def load_pairs(folder: str | PathLike[str]) -> list[ImagePair]:
    """Read all images of a folder that have a mask.

    Parameters
    ----------
    folder : str or path
        The names of an image and its mask differ only in words such as ``image`` and ``label``:
        ``image_0.png`` with ``label_0.png``, ``images/7.tif`` with ``masks/7.tif``, or two TIFF
        files with the same number of pages, like those of the ISBI 2012 challenge.

    Returns
    -------
    list of ImagePair
        Ordered by name. Integers of an image are divided by the largest number of their type; in a
        mask 0 is background and every other number, such as that of a cell, foreground.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    PairError
        If a file cannot be read, an image has no mask or several, or the two differ in size or
        pages.

    See Also
    --------
    read_image : one image.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {str(folder)!r}")
    files = [path for path in sorted(folder.rglob("*")) if _is_meant(path, folder)]
    if not files:
        raise PairError(
            f"{str(folder)!r} holds no images; {_ALLOWED}, named such as image_0.png and "
            "label_0.png"
        )
    pairs: list[ImagePair] = []
    for name, image, mask in _partners(folder, files):
        pairs += _pages(name, image, mask)
    return pairs


def _is_meant(path: Path, folder: Path) -> bool:
    # Systems and editors leave hidden files and folders behind.
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.suffix.lower() in ENDINGS and not hidden and path.is_file()


def _partners(folder: Path, files: Sequence[Path]) -> list[tuple[str, Path, Path]]:
    """Return name, image and mask of each pair, matched by the rest of their names."""
    images: dict[tuple[str, ...], Path] = {}
    masks: dict[tuple[str, ...], Path] = {}
    for path in files:
        words = _WORD.findall(str(path.relative_to(folder).with_suffix("")).lower())
        found = masks if any(word in MASK_WORDS for word in words) else images
        key = tuple(word for word in words if word not in (*MASK_WORDS, *_IMAGE_WORDS))
        if key in found:
            what = "mask" if found is masks else "image"
            both = (repr(str(one.relative_to(folder))) for one in (found[key], path))
            raise PairError(
                f"{' and '.join(both)} are the {what} of the same pair by their names; each pair "
                f"has one {what}: rename or remove one of the two"
            )
        found[key] = path
    for key, path in {**images, **masks}.items():
        if key not in images or key not in masks:
            missing = "mask" if key not in masks else "image"
            raise PairError(
                f"{str(path.relative_to(folder))!r} has no {missing}; {_ALLOWED}: name them alike, "
                "such as image_0.png and label_0.png"
            )
    order = sorted(images, key=_by_number)
    return [(str(images[key].relative_to(folder)), images[key], masks[key]) for key in order]


def _by_number(key: tuple[str, ...]) -> list[tuple[int, str]]:
    # Numbers come before words, and 2 before 10.
    return [(int(word), "") if word.isdecimal() else (10**18, word) for word in key]


def _pages(name: str, image: Path, mask: Path) -> list[ImagePair]:
    images, labels = _read(image), _read(mask)
    if len(images) != len(labels):
        raise PairError(
            f"{image.name!r} has pages: {len(images)}, but its mask {mask.name!r} has "
            f"{len(labels)}; each page needs a mask: save both with as many"
        )
    several = len(images) > 1
    pairs = []
    for number, (array, label) in enumerate(zip(images, labels, strict=True), start=1):
        page = f"{name}, page {number}" if several else name
        if array.shape[:2] != label.shape[:2]:
            sizes = [f"{one.shape[0]} x {one.shape[1]}" for one in (array, label)]
            raise PairError(
                f"{page!r} has {sizes[0]} pixels, but its mask {mask.name!r} {sizes[1]}; both must "
                "be equally large: save them anew, or take the mask that belongs to it"
            )
        pairs.append(ImagePair(page, array, _foreground(label)))
    return pairs


def _foreground(label: np.ndarray) -> np.ndarray:
    label = label if label.ndim == 2 else label.max(axis=-1)
    return (label > 0).astype(np.uint8)


def _read(path: Path) -> list[np.ndarray]:
    try:
        return list(read_pages(path))
    except ImageFileError as error:
        raise PairError(str(error)) from error
