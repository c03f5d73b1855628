"""What image files hold, and what is said of files that are damaged, foreign or too large."""

import re
import struct
import subprocess
import sys
import warnings
import zlib
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.image_files import saved, tiff
from support.random_examples import examples
from support.refusals import assert_refused

from unetviz.labs.images.files import ImageFileError, read_image, read_masks, read_pages
from unetviz.labs.images.folders import PairError
from unetviz.labs.images.masks import find_foreground
from unetviz.labs.images.ranges import DimImageWarning

GREY = np.random.default_rng(1).integers(0, 256, (11, 17), np.uint8)
COLOUR = np.random.default_rng(2).integers(0, 256, (11, 17, 3), np.uint8)
DEEP = np.random.default_rng(3).integers(0, 65536, (11, 17), np.uint16)


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


def test_numbers_of_every_kind_of_file():
    for case, (content, expected) in CASES.items():
        found = read_image(content)
        assert (found.dtype, found.shape) == (np.float32, expected.shape), case
        np.testing.assert_allclose(found, expected, atol=1e-6, err_msg=case)


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


def test_an_image_is_upright():
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
    }
    for (orientation, image), kind in product(stored.items(), ("JPEG", "PNG", "TIFF")):
        exif = Image.Exif()
        exif[274] = orientation
        content = saved(np.ascontiguousarray(image), kind, exif=exif)
        # Reduced by 4 no block is cut by the border, whichever way it is turned.
        for side, expected in ((None, upright), (12, upright[::4, ::4])):
            found = read_image(content, side=side)
            assert found.shape == expected.shape
            np.testing.assert_allclose(found, expected / 255, atol=0.03)


def test_a_jpeg_for_printing():
    colours = Image.new("RGB", (16, 16), (200, 100, 50)).convert("CMYK")
    found = read_image(saved(colours, "JPEG"))
    np.testing.assert_allclose(
        found, np.full((16, 16, 3), np.array([200, 100, 50]) / 255), atol=0.03
    )


def test_a_large_image_is_reduced_by_means_of_blocks():
    for case, (content, expected) in CASES.items():
        if "one" in case and "bit" in case:
            continue  # a mean of black and white is neither
        found = read_image(content, side=6)
        # 17 pixels at most 6: blocks of 3 x 3, the last ones cut.
        means = [
            [expected[i : i + 3, j : j + 3].mean((0, 1)) for j in range(0, 17, 3)]
            for i in range(0, 11, 3)
        ]
        np.testing.assert_allclose(found, means, atol=1.01 / 255, err_msg=case)
        assert max(read_image(content, side=17).shape) == 17


def test_pages_one_after_the_other():
    stack = np.stack([GREY, GREY // 2, GREY // 3])
    found = [page.floats() for page in read_pages(tiff(stack, **PAGES))]
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


@pytest.mark.filterwarnings("error")
def test_too_large_is_told_by_the_header():
    for sides in ((5001, 5000), (9500, 9500), (40000, 50000)):
        content, size = png_header(*sides), f"{sides[0]} x {sides[1]} pixels"
        call = lambda c=content: read_image(c, "big.png")  # noqa: E731
        assert_refused(call, "'big.png'", size, "25 megapixels", error=ImageFileError)


def test_the_largest_is_taken():
    content = saved(GREY)
    assert read_image(content, largest=GREY.size).shape == GREY.shape
    call = lambda: read_image(content, largest=GREY.size - 1)  # noqa: E731
    assert_refused(call, "11 x 17 pixels", error=ImageFileError)


def with_one(number):
    image = np.full((4, 4), 0.5, np.float32)
    image[1, 2] = number
    return image


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
    "NaN": (tiff(np.full((4, 4), np.nan)), "holds NaN"),
    "a NaN": (tiff(with_one(np.nan)), "holds NaN"),
    "infinity": (tiff(with_one(np.inf)), "holds NaN or infinity"),
    "negative": (tiff(np.full((4, 4), -5, np.int16)), "holds numbers from -5 to -5"),
    "negative, 32 bits": (
        tiff(np.array([[-70000, 9]], np.int32)),
        "holds numbers from -70000 to 9",
    ),
}


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_what_is_refused_is_named(tmp_path):
    path = tmp_path / "odd.png"
    for content, words in BROKEN.values():
        path.write_bytes(content)
        for source, name in ((path, None), (content, "odd.png")):
            call = lambda s=source, n=name: read_image(s, n)  # noqa: E731
            assert_refused(call, f"'odd.png' {words}", error=ImageFileError)


def test_no_file(tmp_path):
    for path in (tmp_path / "none.png", tmp_path):
        assert_refused(lambda p=path: read_image(p), path, error=ImageFileError)
    assert_refused(lambda: read_image(7), "path", "bytes", "int", error=TypeError)


MEMORY = """
import pathlib, resource, sys
from PIL import Image
from unetviz.labs.images.arrays import fitted
from unetviz.labs.images.files import read_image
for path in sys.argv[1:]:
    small = read_image(path)
    assert max(small.shape) <= 2048, small.shape
    assert fitted(small, (572, 572, 1)).shape == (572, 572, 1)
status = pathlib.Path("/proc/self/status")
if status.exists():
    # What getrusage says would count the memory of the process that started this one.
    print(next(int(line.split()[1]) for line in status.open() if "VmHWM" in line) // 1024)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20)
"""


def test_25_megapixels_need_little_memory(tmp_path):
    paths = []
    for number, mode in enumerate(("RGB", "RGBA", "I;16", "P")):
        paths.append(tmp_path / f"{number}.png")
        Image.new(mode, (5000, 5000)).save(paths[-1], compress_level=1)
    run = [sys.executable, "-c", MEMORY, *map(str, paths)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert 60 < int(done.stdout) < 500


DAMAGED = {
    "png": saved(NOISE[:23, :31]),
    "png, 16 bits": saved(NOISE[:23, :31].astype("uint16") * 257),
    "jpeg": saved(np.dstack([NOISE[:23, :31]] * 3), "JPEG"),
    "tiff": tiff(NOISE[:23, :31]),
    "tiff, pages": tiff(np.stack([NOISE[:23, :31]] * 3), compression="zlib", **PAGES),
    "tiff, floats": tiff(NOISE[:23, :31].astype("float32") / 255, tile=(16, 16)),
}
NAME = "<b>mine</b>.tif"


@st.composite
def damaged(draw, content):
    """Some bytes changed, and perhaps cut off, taken out or put in."""
    content = bytearray(content)
    # Most harm is done where a file says what it holds.
    place = st.one_of(st.integers(0, 200), st.integers(0, len(content) - 1))
    for where, value in draw(st.lists(st.tuples(place, st.integers(0, 255)), max_size=6)):
        content[min(where, len(content) - 1)] = value
    first, last = sorted((draw(place), draw(place)))
    how = draw(st.sampled_from(["", "cut off", "taken out", "put in"]))
    if how == "cut off":
        del content[first:]
    elif how == "taken out":
        del content[first:last]
    elif how == "put in":
        content[first:first] = content[first:last]
    return bytes(content)


def sentence_or(read):
    """Read; return what is found, or nothing if that is refused in a sentence with the name."""
    refusal, found = repr(NAME), []
    try:
        found = list(read())
    except (ImageFileError, PairError) as error:
        refusal = str(error)
    assert repr(NAME) in refusal
    assert "\n" not in refusal
    return found


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=examples(200))
@given(st.sampled_from(sorted(DAMAGED)).flatmap(lambda kind: damaged(DAMAGED[kind])))
def test_a_damaged_image_is_refused_in_one_sentence_or_read(content):
    for page in sentence_or(lambda: read_pages(content, NAME, largest=10**6)):
        for image in (page.floats(), page.stretched()) if page.used.fits else (page.stretched(),):
            assert image.ndim in (2, 3)
            assert image.min() >= 0
            assert image.max() <= 1


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=examples(200))
@given(st.sampled_from(sorted(DAMAGED)).flatmap(lambda kind: damaged(DAMAGED[kind])))
def test_a_damaged_mask_is_refused_in_one_sentence_or_read(content):
    masks = sentence_or(lambda: read_masks(content, NAME, largest=10**6))
    for mask, found in zip(masks, sentence_or(lambda: find_foreground(masks)), strict=False):
        assert found.shape == mask.values.shape[:2]
        assert set(np.unique(found)) <= {0, 1}


CT = np.linspace(-1000, 999, 1024).reshape(32, 32).round().astype(np.int16)
RAMP = np.arange(1024).reshape(32, 32)
DIM = {
    "12 bits in 16": (tiff((RAMP * 4).astype(np.uint16)), "0 to 4092 of 0 to 65535 (uint16)"),
    "12 bits in a PNG": (saved((RAMP * 4).astype(np.uint16)), "0 to 4092 of 0 to 65535 (uint16)"),
    "8 bits in 16": (tiff((RAMP % 256).astype(np.uint16)), "0 to 255 of 0 to 65535 (uint16)"),
    "8 bits in 32": (tiff((RAMP % 256).astype(np.int32)), "0 to 255 of 0 to 2147483647 (int32)"),
    "12 bits in 32": (tiff((RAMP * 4).astype(np.uint32)), "0 to 4092 of 0 to 4294967295 (uint32)"),
    "counts": (tiff((RAMP % 7).astype(np.int64)), "0 to 6 of 0 to 9223372036854775807 (int64)"),
    "a dim recording": (saved((RAMP // 20).astype(np.uint8)), "0 to 51 of 0 to 255 (uint8)"),
    "colours": (
        tiff(np.dstack([RAMP, RAMP * 2, RAMP * 4]).astype(np.uint16), photometric="rgb"),
        "0 to 4092 of 0 to 65535 (uint16)",
    ),
    "an offset": (tiff((RAMP + 30000).astype(np.uint16)), "30000 to 31023 of 0 to 65535 (uint16)"),
    "one hot pixel": (
        tiff(np.where(RAMP == 77, 65535, RAMP * 4).astype(np.uint16)),
        "0 to 65535 of 0 to 65535 (uint16)",
    ),
}


def test_a_dim_image_is_told_in_its_own_numbers_and_the_way_out_works(tmp_path):
    path = tmp_path / "dim.tif"
    for case, (content, used) in DIM.items():
        path.write_bytes(content)
        with pytest.warns(DimImageWarning) as heard:
            image = read_image(path)
        [message] = [str(one.message) for one in heard]
        for words in ("'dim.tif'", used.split(" of")[0] if "hot" in case else used):
            assert words in message, (case, message)
        assert heard[0].filename == __file__
        advice = re.search(r"read_image\(.*?\)", message)[0]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            stretched = eval(advice, {"path": path, "read_image": read_image})
        assert stretched.shape == image.shape
        assert (stretched.min(), stretched.max()) == (0, 1)
        assert 0.2 < np.median(stretched) < 0.7, case


@pytest.mark.filterwarnings("error")
def test_no_word_about_images_that_use_their_range():
    for image in (
        (RAMP // 4).astype(np.uint8),
        (RAMP * 64).astype(np.uint16),
        (RAMP // 20 + 100).astype(np.uint8),  # little contrast is often meant
        np.zeros((4, 4), np.uint16),
        np.where(RAMP == 5, 255, 0).astype(np.uint8),  # one spot
        np.where(RAMP == 5, 65535, 0).astype(np.uint16),
        RAMP > 99,
        (RAMP / 5000).astype(np.float32),  # whoever wrote floats has chosen their range
    ):
        read_image(tiff(image))


def deep_png(image):
    """A PNG of colours with 16 bits, which Pillow cannot write."""
    height, width, _ = image.shape
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in image)
    pieces = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in pieces
    )


def test_colours_with_16_bits_are_told_as_such():
    image = np.dstack([RAMP, RAMP * 2, RAMP * 4])
    with pytest.warns(DimImageWarning, match=r"of 0 to 65535 \(uint16\)"):
        found = read_image(deep_png(image))
    np.testing.assert_allclose(found, image / 65535, atol=1 / 255)
    np.testing.assert_allclose(read_image(deep_png(image * 16)), image * 16 / 65535, atol=1 / 255)
    # In a mask the lower bits may be all that there is.
    call = lambda: list(read_masks(deep_png(image % 3), "m.png"))  # noqa: E731
    assert_refused(call, "'m.png'", "16 bits", "PNG with 8 bits", error=ImageFileError)


def test_percentiles_become_black_and_white():
    for content in (tiff(DEEP), saved(COLOUR), tiff(CT), tiff(DEEP.astype(np.float32))):
        [page] = read_pages(content)
        low, high = np.percentile(page.numbers, [1, 99.8])
        expected = np.clip((page.numbers.astype(float) - low) / (high - low), 0, 1)
        found = read_image(content, stretch=True)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_numbers_that_are_no_fractions_have_a_way_that_takes_them(tmp_path):
    path = tmp_path / "ct.tif"
    for image in (CT, CT.astype(np.float32), CT.astype(np.int32) * 100, RAMP.astype(np.float64)):
        path.write_bytes(tiff(image))
        with pytest.raises(ImageFileError) as refused:
            read_image(path)
        for named in ("'ct.tif'", f"from {image.min():.0f} to {image.max():.0f}"):
            assert named in str(refused.value)
        advice = re.search(r"read_image\(.*?\)", str(refused.value))[0]
        found = eval(advice, {"path": path, "read_image": read_image})
        assert (found.min(), found.max()) == (0, 1)
        assert (np.diff(found.ravel()) >= 0).all()


def test_the_smallest_number_is_that_of_the_file_also_of_an_image_that_is_reduced():
    image = np.zeros((64, 64), np.int16)
    image[3, 5] = -1
    call = lambda: read_image(tiff(image), side=8)  # noqa: E731
    assert_refused(call, "from -1 to 0", error=ImageFileError)


def test_an_image_of_one_number_is_not_stretched():
    for number in (0, 7, 255):
        found = read_image(saved(np.full((4, 4), number, np.uint8)), stretch=True)
        np.testing.assert_allclose(found, number / 255, atol=1e-6)
    assert read_image(tiff(np.full((4, 4), -5, np.int16)), stretch=True).max() == 0
