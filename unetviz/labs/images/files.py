"""Images from files: PNG, JPEG and TIFF, from a path or an upload."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import numpy as np

from .masks import Mask
from .ranges import DimImageWarning, UsedRange, shown, stretched, unstretched, used_range

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST = 25_000_000
"""Pixels that an image may have: enough for a camera, and read in less than half a gigabyte."""

SIDE = 2048
"""Longest side of an image that is looked at, in pixels."""

_FORMATS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
"""How files of each format begin; a TIFF in two byte orders, ordinary or with 64-bit offsets."""

_T = TypeVar("_T")
_Read = Callable[[int], tuple[tuple[int, int], Any]]
"""From the number of a page to its height and width, and the page of Pillow or tifffile."""

_PLAIN_MODES = {"1": "L", "LA": "L", "RGBA": "RGB", "P": "RGB", "PA": "RGB", "La": "LA"}
"""Pillow's modes that cannot be averaged, or have alpha, and the mode they are converted to."""


class ImageFileError(ValueError):
    """A file that cannot be read as an image; the message names it."""


@dataclass(frozen=True, eq=False)
class Page:
    """An image as its file has it.

    Attributes
    ----------
    name : str
        What messages call it.
    numbers : array of shape (h, w) or (h, w, 3)
        Of any type; means of blocks where it was reduced.
    used : UsedRange
        Which part of its range it uses.
    """

    name: str
    numbers: np.ndarray
    used: UsedRange

    def check(self, way: str) -> None:
        """Refuse numbers that are no fractions of anything, and name the way to take them."""
        if not self.used.fits:
            used = self.used
            raise ImageFileError(
                f"{self.name!r} holds numbers from {shown(used.smallest)} to "
                f"{shown(used.largest)} ({used.dtype.name}); fractions from 0 to 1 are taken, or "
                f"whole numbers of at least 0: {way} takes any numbers, and makes the darkest "
                "black and the brightest white"
            )

    def floats(self) -> np.ndarray:
        """Return the image from 0 to 1, integers divided by the largest of their type."""
        return unstretched(self.numbers, self.used)

    def stretched(self, used: UsedRange | None = None) -> np.ndarray:
        """Return the image from 0 to 1, its 1st percentile (or that of several) 0, its 99.8th 1."""
        return stretched(self.numbers, used or self.used)


def read_image(
    source: str | PathLike[str] | bytes | bytearray | memoryview,
    name: str | None = None,
    largest: int = LARGEST,
    side: int | None = SIDE,
    stretch: bool = False,
) -> np.ndarray:
    """Read one image: a PNG, a JPEG, or the first page of a TIFF.

    Parameters
    ----------
    source : str, path or bytes
        A file or its content.
    name : str, optional
        What messages call it; for a path the default is its file name.
    largest : int
        Pixels that the image may have.
    side : int, optional
        Longest side of the result, in pixels: a larger image is reduced to the means of blocks of
        2 x 2, 3 x 3, ... pixels. None keeps its size.
    stretch : bool
        Make the 1st percentile of the numbers 0 and the 99.8th 1, as microscopy does; then
        numbers of any range are taken, negative ones too.

    Returns
    -------
    array of shape (h, w) or (h, w, 3), float32
        From 0 to 1: integers are divided by the largest number of their type. The image is upright
        even if the camera was not; an alpha channel is dropped. Colours with 16 bits in a PNG are
        read with 8.

    Raises
    ------
    ImageFileError
        If the file is missing, of another format, broken or too large, holds NaN, or holds numbers
        outside 0..1 and is not stretched.
    TypeError
        If `source` is neither a path nor bytes.

    Warns
    -----
    DimImageWarning
        If the image uses at most a quarter of the range of its integers, as 12 bits in 16 do, and
        is not stretched.

    See Also
    --------
    load_pairs : images with their masks.
    """
    page = next(read_pages(source, name, largest, side))
    if stretch:
        return page.stretched()
    page.check("read_image(path, stretch=True)")
    if page.used.is_small:
        warnings.warn(
            f"{page.name!r} uses {page.used} and is hard to see; read_image(path, stretch=True) "
            "makes its 1st percentile black and its 99.8th white",
            DimImageWarning,
            stacklevel=2,
        )
    return page.floats()


def read_pages(
    source: str | PathLike[str] | bytes | bytearray | memoryview,
    name: str | None = None,
    largest: int = LARGEST,
    side: int | None = None,
) -> Iterator[Page]:
    """Read the image of a file, or all pages of a TIFF one after the other.

    Parameters
    ----------
    source, name, largest, side
        See `read_image`; the limits hold for each page.

    Yields
    ------
    Page
        Each page with the numbers of the file. Where a TIFF declares that 0 is white, light and
        dark are exchanged, as viewers do.

    Raises
    ------
    ImageFileError, TypeError
        See `read_image`; also at a later page.
    """
    for called, kind, page in _read(source, name, largest):
        numbers, extremes, dtype = _guarded(called, kind, partial(_numbers, page, side))
        if not np.isfinite(extremes).all():
            raise ImageFileError(
                f"{called!r} holds NaN or infinity; replace them by numbers from 0 to 1 and save "
                "it again"
            )
        yield Page(called, numbers, used_range(numbers, extremes, dtype))


def read_masks(
    source: str | PathLike[str] | bytes,
    name: str | None = None,
    largest: int = LARGEST,
) -> Iterator[Mask]:
    """Read the masks of a file page by page, with the numbers that the file has.

    Parameters
    ----------
    source, name, largest
        See `read_image`.

    Raises
    ------
    ImageFileError
        If the file is missing, of another format, broken or too large.
    """
    for called, kind, page in _read(source, name, largest):
        values, alpha, palette = _guarded(called, kind, partial(_labels, page))
        yield Mask(called, values, alpha, palette, lossy=kind == "JPEG")


def _read(source: Any, name: str | None, largest: int) -> Iterator[tuple[str, str, Any]]:
    """Yield name, format and page of a file, each page if it is not too large."""
    with ExitStack() as stack:
        file, name = _opened(stack, source, name)
        kind = _format(file, name)
        count, read = _guarded(name, kind, lambda: _reader(file, kind))
        for number in range(count):
            size, page = _guarded(name, kind, partial(read, number))
            _check_pixels(name, size, largest)
            yield name, kind, page


def _opened(stack: ExitStack, source: Any, name: str | None) -> tuple[BinaryIO, str]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return BytesIO(source), name or "the file"
    if not isinstance(source, (str, PathLike)):
        raise TypeError(f"source must be a path or bytes, not {type(source).__name__}")
    path = Path(source)
    name = name or path.name or str(path)
    if not path.is_file():
        raise ImageFileError(f"there is no file {str(path)!r}; check its name and folder")
    try:
        return stack.enter_context(path.open("rb")), name
    except OSError as error:
        raise ImageFileError(f"{name!r} cannot be opened: {error.strerror}") from error


def _format(file: BinaryIO, name: str) -> str:
    start = file.read(8)
    file.seek(0)
    if not start:
        raise ImageFileError(f"{name!r} is empty; save or upload it again")
    for first, kind in _FORMATS.items():
        if start.startswith(first):
            return kind
    raise ImageFileError(f"{name!r} is no PNG, JPEG or TIFF; save the image as one of these")


def _reader(file: BinaryIO, kind: str) -> tuple[int, _Read]:
    """Return the number of pages, and a function from a number to the size and the page."""
    from PIL import JpegImagePlugin, PngImagePlugin, TiffImagePlugin

    if kind == "TIFF" and (pages := _rare_pages(file)):
        sizes = [(page.imagelength, page.imagewidth) for page in pages]
        return len(pages), lambda page: (sizes[page], pages[page])
    # Image.open refuses an image that is far too large, and does not tell its size.
    classes: dict[str, Callable[[BinaryIO], Any]] = {
        "PNG": PngImagePlugin.PngImageFile,
        "JPEG": JpegImagePlugin.JpegImageFile,
        "TIFF": TiffImagePlugin.TiffImageFile,
    }
    image = classes[kind](file)

    def read(page: int) -> tuple[tuple[int, int], Any]:
        if page:
            image.seek(page)
        return image.size[::-1], image

    return (image.n_frames if kind == "TIFF" else 1), read


def _check_pixels(name: str, size: tuple[int, int], largest: int) -> None:
    height, width = size
    if width * height > largest:
        raise ImageFileError(
            f"{name!r} has {height} x {width} pixels ({width * height / 1e6:.1f} megapixels), "
            f"more than the {largest / 1e6:g} megapixels that are taken; cut out a part or "
            "save it smaller"
        )


def _guarded(name: str, kind: str, read: Callable[[], _T]) -> _T:
    """Read, and turn whatever is raised for a broken file into one sentence."""
    try:
        return read()
    except Exception as error:
        first = (str(error).splitlines() or [""])[0][:120]
        raise ImageFileError(
            f"{name!r} cannot be read as {kind} ({type(error).__name__}: {first}); it is broken, "
            "incomplete or of a rare kind: save it again as a PNG with 8 bits"
        ) from error


def _numbers(page: Any, side: int | None) -> tuple[np.ndarray, tuple[float, float], np.dtype]:
    """Decode a page; return its numbers, reduced, and the extremes and type that it had."""
    return _plain(page, side) if hasattr(page, "getbands") else _rare(page, side)


def _plain(image: Image, side: int | None) -> tuple[np.ndarray, tuple[float, float], np.dtype]:
    """Decode a page and reduce it before anything else, which saves memory."""
    from PIL import ImageOps

    is_deep = _has_deep_colours(image)
    image.load()
    # Alpha is dropped, but Pillow would warn about it.
    image.info.pop("transparency", None)
    image = _averageable(image)
    extremes = _extremes(image)
    small = _reduced(image, side)
    if small.mode not in ("L", "RGB", "I", "F") and not small.mode.startswith("I;16"):
        small = small.convert("RGB")
    array = np.asarray(ImageOps.exif_transpose(small))
    # Pillow returns 16-bit numbers with 32 bits.
    array = array.astype(np.uint16) if small.mode.startswith("I") else array
    if is_deep:
        array, extremes = array * np.uint16(257), (extremes[0] * 257, extremes[1] * 257)
    return array, extremes, array.dtype


def _has_deep_colours(image: Any) -> bool:
    """Return whether a PNG has colours with 16 bits, of which Pillow reads the upper 8."""
    is_png = image.format == "PNG" and len(image.getbands()) > 1
    return is_png and any(str(tile.args).endswith(";16B") for tile in image.tile)


def _averageable(image: Image) -> Image:
    while image.mode in _PLAIN_MODES:
        image = image.convert(_PLAIN_MODES[image.mode])
    return image


def _extremes(image: Image) -> tuple[float, float]:
    if image.mode not in ("L", "RGB", "CMYK", "YCbCr"):
        # Of floats Pillow passes over NaN, and it cannot do this for all kinds of 16 bits.
        array = np.asarray(image)
        return array.min().item(), array.max().item()
    bands: Any = image.getextrema()
    low, high = zip(*(bands if len(image.getbands()) > 1 else [bands]), strict=True)
    return min(low), max(high)


def _reduced(image: Image, side: int | None) -> Image:
    factor = -(-max(image.size) // side) if side else 1
    if factor == 1:
        return image
    # Pillow can average 32-bit integers, but not 16-bit ones.
    image = image.convert("I") if image.mode.startswith("I;16") else image
    return image.reduce(factor)


def _rare_pages(file: BinaryIO) -> list[Any]:
    """Return the pages of a TIFF whose numbers Pillow cannot read, or reads wrongly."""
    from tifffile import TiffFile

    pages: list[Any] = list(TiffFile(file).pages)
    file.seek(0)
    simple = [np.dtype(t) for t in ("bool", "uint8", "uint16", "float32")]
    found = [(page.dtype, page.samplesperpixel) for page in pages]
    few = all(t in simple[: 4 if n == 1 else 2] for t, n in found if t is not None)
    return [] if few else pages


def _rare(page: Any, side: int | None) -> tuple[np.ndarray, tuple[float, float], np.dtype]:
    from PIL import Image

    array = _colours(page)[..., :3]
    array = array if array.shape[2] == 3 else array[..., :1]
    extremes, dtype = (array.min().item(), array.max().item()), array.dtype
    if side and max(array.shape[:2]) > side:
        floats = array.astype(np.float32)
        channels = [Image.fromarray(floats[..., i]) for i in range(array.shape[2])]
        array = np.stack([np.asarray(_reduced(one, side)) for one in channels], axis=-1)
    return (array if array.shape[2] == 3 else array[..., 0]), extremes, dtype


def _colours(page: Any) -> np.ndarray:
    """Return the numbers of a page of tifffile with an axis of channels at the end."""
    array = page.asarray()
    array = np.moveaxis(array, 0, -1) if page.axes == "SYX" else array
    return array[..., np.newaxis] if array.ndim == 2 else array


def _labels(page: Any) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Decode a page of a mask; return its values, alpha and palette."""
    if not hasattr(page, "getbands"):
        array = _colours(page)
        count = array.shape[2]
        if count > 4:
            raise ValueError(f"{count} channels, where a mask has 1 to 4")
        # Of two or four channels the last is alpha.
        alpha = array[..., -1] if count in (2, 4) else None
        return _whole(array[..., :3] if count > 2 else array[..., 0]), alpha, None
    from PIL import ImageOps

    if _has_deep_colours(page):
        raise ValueError("colours with 16 bits, of which 8 would be read")
    page.load()
    image = ImageOps.exif_transpose(page)
    alpha = None
    if image.has_transparency_data and image.mode in ("L", "LA", "P", "PA", "RGB", "RGBA"):
        alpha = np.asarray(image.convert("RGBA").getchannel("A"))
    image.info.pop("transparency", None)
    if image.mode in ("P", "PA"):
        palette = np.array(image.getpalette()).reshape(-1, 3)
        values, colours = _by_palette(np.asarray(image.getchannel(0)), palette)
        return values, alpha, colours
    # Pillow shows a TIFF in which 0 is white with light and dark exchanged: here numbers count.
    inverted = page.format == "TIFF" and page.tag_v2.get(262) == 0
    image = _averageable(image) if image.mode != "1" else image
    if image.mode not in ("1", "L", "RGB", "I", "F") and not image.mode.startswith("I;16"):
        image = image.convert("RGB")
    values = np.asarray(image)
    if inverted and image.mode in ("1", "L"):
        values = ~values
    return _whole(values), alpha, None


def _by_palette(indices: np.ndarray, palette: np.ndarray) -> tuple[np.ndarray, Any]:
    """Return the greys of a palette of greys, and no palette; else the indices and the palette."""
    used = np.unique(indices)
    is_grey = bool((palette == palette[:, :1]).all())
    # Few greys, the first of them not black, are asked about: some tools see indices, some greys.
    agrees = not palette[0].any() or bool(palette.any(axis=1).all()) or len(np.unique(palette)) > 4
    if is_grey and agrees and len(np.unique(palette[used, 0])) == len(used):
        return palette[indices, 0], None
    return indices, palette


def _whole(values: np.ndarray) -> np.ndarray:
    """Return values as integers where all are whole numbers; colours of greys as greys."""
    if values.dtype.kind == "f" and np.isfinite(values).all() and (values == values.round()).all():
        values = values.astype(np.int64)
    if values.ndim == 3 and values.dtype.kind == "f":
        values = values.max(axis=-1)
    return values.astype(np.uint8) if values.dtype.kind == "b" else values
