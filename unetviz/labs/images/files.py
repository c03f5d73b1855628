"""Images from files: PNG, JPEG and TIFF, from a path or an upload."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import numpy as np

from .arrays import as_floats

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST = 25_000_000
"""Pixels that an image may have: enough for a camera, and read in less than half a gigabyte."""

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
_Decode = Callable[[int | None], np.ndarray]
"""From the longest side wanted to the numbers of a page, as floats."""

_Read = Callable[[int], tuple[tuple[int, int], _Decode]]
"""From the number of a page to its height and width, and what decodes it."""

_PLAIN_MODES = {"1": "L", "LA": "L", "RGBA": "RGB", "P": "RGB", "PA": "RGB", "La": "LA"}
"""Pillow's modes that cannot be averaged, or have alpha, and the mode they are converted to."""


class ImageFileError(ValueError):
    """A file that cannot be read as an image; the message names it."""


def read_image(
    source: str | PathLike[str] | bytes | bytearray | memoryview,
    name: str | None = None,
    largest: int = LARGEST,
    side: int | None = 2048,
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

    Returns
    -------
    array of shape (h, w) or (h, w, 3), float32
        From 0 to 1: integers are divided by the largest number of their type. The image is upright
        even if the camera was not; an alpha channel is dropped. Colours with 16 bits in a PNG are
        read with 8.

    Raises
    ------
    ImageFileError
        If the file is missing, of another format, broken or too large, or holds numbers outside
        0..1.
    TypeError
        If `source` is neither a path nor bytes.

    See Also
    --------
    load_pairs : images with their masks.
    """
    return next(read_pages(source, name, largest, side))


def read_pages(
    source: str | PathLike[str] | bytes | bytearray | memoryview,
    name: str | None = None,
    largest: int = LARGEST,
    side: int | None = None,
) -> Iterator[np.ndarray]:
    """Read the image of a file, or all pages of a TIFF one after the other.

    Parameters
    ----------
    source, name, largest, side
        See `read_image`; the limits hold for each page.

    Yields
    ------
    array of shape (h, w) or (h, w, 3), float32
        Each page like the result of `read_image`. Where a TIFF declares that 0 is white, light and
        dark are exchanged, as viewers do.

    Raises
    ------
    ImageFileError, TypeError
        See `read_image`; also at a later page.
    """
    with ExitStack() as stack:
        file, name = _opened(stack, source, name)
        kind = _format(file, name)
        count, read = _guarded(name, kind, lambda: _reader(file, kind))
        for page in range(count):
            size, decode = _guarded(name, kind, partial(read, page))
            _check_pixels(name, size, largest)
            array = _guarded(name, kind, partial(decode, side))
            # Written so that NaN is refused too.
            if not (array.min() >= 0 and array.max() <= 1):
                raise ImageFileError(
                    f"{name!r} holds numbers from {array.min():g} to {array.max():g}; fractions "
                    "from 0 to 1 are taken, or whole numbers of at least 0: scale them and save "
                    "it again"
                )
            yield array


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
    """Return the number of pages, and a function from a page to its size and its decoder."""
    from PIL import JpegImagePlugin, PngImagePlugin, TiffImagePlugin

    if kind == "TIFF" and (pages := _rare_pages(file)):
        sizes = [(page.imagelength, page.imagewidth) for page in pages]
        return len(pages), lambda page: (sizes[page], partial(_rare, pages[page]))
    # Image.open refuses an image that is far too large, and does not tell its size.
    classes: dict[str, Callable[[BinaryIO], Any]] = {
        "PNG": PngImagePlugin.PngImageFile,
        "JPEG": JpegImagePlugin.JpegImageFile,
        "TIFF": TiffImagePlugin.TiffImageFile,
    }
    image = classes[kind](file)

    def read(page: int) -> tuple[tuple[int, int], _Decode]:
        if page:
            image.seek(page)
        return image.size[::-1], partial(_numbers, image)

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


def _numbers(image: Image, side: int | None) -> np.ndarray:
    """Decode a page and reduce it before anything else, which saves memory."""
    from PIL import ImageOps

    image.load()
    # Alpha is dropped, but Pillow would warn about it.
    image.info.pop("transparency", None)
    small = _reduced(image, side)
    if small.mode not in ("L", "RGB", "I", "F") and not small.mode.startswith("I;16"):
        small = small.convert("RGB")
    array = np.asarray(ImageOps.exif_transpose(small))
    # Pillow returns 16-bit numbers with 32 bits.
    return as_floats(array.astype(np.uint16) if small.mode.startswith("I") else array)


def _reduced(image: Image, side: int | None) -> Image:
    while image.mode in _PLAIN_MODES:
        image = image.convert(_PLAIN_MODES[image.mode])
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


def _rare(page: Any, side: int | None) -> np.ndarray:
    from PIL import Image

    array = as_floats(page.asarray())
    array = np.moveaxis(array, 0, -1) if page.axes == "SYX" else array
    array = array[..., np.newaxis] if array.ndim == 2 else array
    channels = [array[..., i] for i in range(3 if array.shape[2] >= 3 else 1)]
    small = [np.asarray(_reduced(Image.fromarray(one), side)) for one in channels]
    return np.stack(small, axis=-1) if len(small) > 1 else small[0]
