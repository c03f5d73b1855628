"""What image files hold, and how an image is fitted to a network."""

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from unetviz.labs.images.files import ImageFileError, read_image, read_pages

GREY = np.random.default_rng(1).integers(0, 256, (11, 17), np.uint8)
COLOUR = np.random.default_rng(2).integers(0, 256, (11, 17, 3), np.uint8)
DEEP = np.random.default_rng(3).integers(0, 65536, (11, 17), np.uint16)


def saved(image, kind="PNG", **options):
    file = io.BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(file, kind, **options)
    return file.getvalue()


def tiff(array, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, array, **options)
    return file.getvalue()


def with_alpha(array):
    grown = array.reshape(*array.shape[:2], -1)
    return np.concatenate([grown, GREY[..., np.newaxis]], axis=-1)


PARTS, COLOUR_PARTS = GREY / 255, COLOUR / 255
PLANAR = {"photometric": "rgb", "planarconfig": "separate"}
PAGES = {"photometric": "minisblack"}
DEEP_COLOUR = np.stack([DEEP, DEEP[::-1], DEEP // 2], axis=-1)
CASES = {
    "grey": (saved(GREY), PARTS),
    "colour": (saved(COLOUR), COLOUR_PARTS),
    "grey with alpha": (saved(with_alpha(GREY)), PARTS),
    "colour with alpha": (saved(with_alpha(COLOUR)), COLOUR_PARTS),
    "16 bits": (saved(DEEP), DEEP / 65535),
    "one bit": (saved(Image.fromarray(GREY > 99)), GREY > 99),
    "grey TIFF": (saved(GREY, "TIFF"), PARTS),
    "LZW": (saved(GREY, "TIFF", compression="tiff_lzw"), PARTS),
    "16-bit TIFF": (saved(DEEP, "TIFF"), DEEP / 65535),
    "big-endian 16-bit TIFF": (tiff(DEEP, byteorder=">"), DEEP / 65535),
    "signed TIFF": (tiff((DEEP // 2).astype(np.int16)), (DEEP // 2) / 32767),
    "float TIFF": (tiff(PARTS.astype(np.float32)), PARTS),
    "double TIFF": (tiff(PARTS), PARTS),
    "float colour TIFF": (tiff(COLOUR_PARTS, photometric="rgb"), COLOUR_PARTS),
    "one-bit TIFF": (saved(Image.fromarray(GREY > 99), "TIFF"), GREY > 99),
    "0 is white": (tiff(GREY, photometric="miniswhite"), 1 - PARTS),
    "planes": (tiff(COLOUR.transpose(2, 0, 1), **PLANAR), COLOUR_PARTS),
    "16-bit planes": (tiff(DEEP_COLOUR.transpose(2, 0, 1), **PLANAR), DEEP_COLOUR / 65535),
    "16-bit colour TIFF": (tiff(DEEP_COLOUR, photometric="rgb"), DEEP_COLOUR / 65535),
    "first page": (tiff(np.stack([GREY, GREY // 2]), **PAGES), PARTS),
}


@pytest.mark.parametrize("case", CASES)
def test_numbers_of_every_kind_of_file(case):
    content, expected = CASES[case]
    found = read_image(content)
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_path_bytes_and_a_memoryview_are_the_same(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(saved(COLOUR))
    content = path.read_bytes()
    for source in (path, str(path), content, bytearray(content), memoryview(content)):
        np.testing.assert_array_equal(read_image(source), read_image(content))


@pytest.mark.filterwarnings("error")
def test_a_palette_and_transparent_colours():
    indices = Image.fromarray(GREY % 3, mode="P")
    colours = np.array([[255, 0, 0], [10, 20, 30], [0, 255, 255]], np.uint8)
    indices.putpalette(colours.tobytes())
    for options in ({}, {"transparency": 1}, {"transparency": b"\x00\x80\xff"}):
        found = read_image(saved(indices, **options))
        np.testing.assert_allclose(found, colours[GREY % 3] / 255, atol=1e-6)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("side", [None, 12])
def test_an_image_is_upright(kind, orientation, side):
    upright = np.kron(np.arange(6).reshape(2, 3) * 50, np.ones((16, 16))).astype(np.uint8)
    # What a camera held that way stores, so that showing it means the change of that number.
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: np.rot90(upright, 2).T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    found = read_image(saved(np.ascontiguousarray(stored), kind, exif=exif), side=side)
    # Reduced by 4 no block is cut by the border, whichever way it is turned.
    expected = upright if side is None else upright[::4, ::4]
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected / 255, atol=0.03)


def test_a_jpeg_for_printing():
    colours = Image.new("RGB", (16, 16), (200, 100, 50)).convert("CMYK")
    found = read_image(saved(colours, "JPEG"))
    np.testing.assert_allclose(
        found, np.full((16, 16, 3), np.array([200, 100, 50]) / 255), atol=0.03
    )


@pytest.mark.parametrize("case", [name for name in CASES if "bit" not in name or "16" in name])
def test_a_large_image_is_reduced_by_means_of_blocks(case):
    content, expected = CASES[case]
    found = read_image(content, side=6)
    # 17 pixels at most 6: blocks of 3 x 3, the last ones cut.
    means = [
        [expected[i : i + 3, j : j + 3].mean((0, 1)) for j in range(0, 17, 3)]
        for i in range(0, 11, 3)
    ]
    np.testing.assert_allclose(found, means, atol=1.01 / 255)
    assert max(read_image(content, side=17).shape) == 17


def test_pages_one_after_the_other():
    stack = np.stack([GREY, GREY // 2, GREY // 3])
    found = list(read_pages(tiff(stack, **PAGES)))
    assert len(found) == 3
    np.testing.assert_allclose(found, stack / 255, atol=1e-6)


def png_header(height, width):
    """A PNG that says that it is so large, and holds nothing."""
    data = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    end = b"IDAT" + zlib.compress(b"")
    pieces = (
        struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one))
        for one in (data, end)
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(pieces)


@pytest.mark.parametrize("sides", [(5001, 5000), (9500, 9500), (40000, 50000)])
@pytest.mark.filterwarnings("error")
def test_too_large_is_told_by_the_header(sides):
    size = rf"{sides[0]} x {sides[1]} pixels"
    words = rf"^'big\.png' has {size} \(.* more than the 25 megapixels .*cut out"
    with pytest.raises(ImageFileError, match=words):
        read_image(png_header(*sides), "big.png")


def test_the_largest_is_taken():
    assert read_image(saved(GREY), largest=GREY.size).shape == GREY.shape
    with pytest.raises(ImageFileError, match="11 x 17 pixels"):
        read_image(saved(GREY), largest=GREY.size - 1)


NOISE = np.random.default_rng(4).integers(0, 256, (90, 90), np.uint8)
BROKEN = {
    "empty": (b"", "is empty"),
    "text": (b"hello, this is no image", "is no PNG, JPEG or TIFF"),
    "GIF": (saved(GREY, "GIF"), "is no PNG, JPEG or TIFF"),
    "BMP": (saved(GREY, "BMP"), "is no PNG, JPEG or TIFF"),
    "short PNG": (saved(NOISE)[:4000], "cannot be read as PNG"),
    "short JPEG": (saved(NOISE, "JPEG")[:2000], "cannot be read as JPEG"),
    "short TIFF": (saved(NOISE, "TIFF", compression="tiff_lzw")[:4000], "cannot be read as TIFF"),
    "short plain TIFF": (tiff(NOISE)[:4000], "cannot be read as TIFF"),
    "PNG, only its start": (b"\x89PNG\r\n\x1a\n", "cannot be read as PNG"),
    "TIFF, only its start": (b"II*\0", "cannot be read as TIFF"),
    "JPEG, only its start": (b"\xff\xd8\xff", "cannot be read as JPEG"),
    "PNG of no data": (png_header(9, 9), "cannot be read as PNG"),
    "large floats": (tiff(GREY.astype(np.float32)), "holds numbers from 2 to 255"),
    "NaN": (tiff(np.full((4, 4), np.nan)), "holds numbers from nan to nan"),
    "negative": (tiff(np.full((4, 4), -5, np.int16)), "holds numbers from -"),
}


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("case", BROKEN)
def test_what_is_refused_is_named(case, tmp_path):
    content, words = BROKEN[case]
    path = tmp_path / "odd.png"
    path.write_bytes(content)
    for source, name in ((path, None), (content, "odd.png")):
        with pytest.raises(ImageFileError, match=rf"^'odd\.png' {words}") as caught:
            read_image(source, name)
        assert "\n" not in str(caught.value)


def test_no_file(tmp_path):
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(ImageFileError, match="there is no file"):
            read_image(path)
    with pytest.raises(TypeError, match="a path or bytes, not int"):
        read_image(7)


MEMORY = """
import pathlib, resource, sys
from PIL import Image
from unetviz.labs.images.arrays import fitted
from unetviz.labs.images.files import read_image
small = read_image(sys.argv[1])
assert max(small.shape) <= 2048, small.shape
assert fitted(small, (572, 572, 1)).shape == (572, 572, 1)
status = pathlib.Path("/proc/self/status")
if status.exists():
    # What getrusage says would count the memory of the process that started this one.
    print(next(int(line.split()[1]) for line in status.open() if "VmHWM" in line) // 1024)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20)
"""


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "I;16", "P"])
def test_25_megapixels_need_little_memory(tmp_path, mode):
    path = tmp_path / "large.png"
    Image.new(mode, (5000, 5000)).save(path, compress_level=1)
    run = [sys.executable, "-c", MEMORY, str(path)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert 60 < int(done.stdout) < 500
