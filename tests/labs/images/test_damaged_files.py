"""Images whose files were damaged at random: one clear sentence, or an image, nothing else."""

from io import BytesIO

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.random_examples import examples

from unetviz.labs.images.files import ImageFileError, read_pages

GREY = np.random.default_rng(0).integers(0, 255, (23, 31)).astype("uint8")
NAME = "<b>mine</b>.tif"


def saved(array, kind, **options):
    stream = BytesIO()
    Image.fromarray(array).save(stream, kind, **options)
    return stream.getvalue()


def tiff(array, **options):
    stream = BytesIO()
    tifffile.imwrite(stream, array, **options)
    return stream.getvalue()


FILES = {
    "png": saved(GREY, "PNG"),
    "png, 16 bit": saved(GREY.astype("uint16") * 257, "PNG"),
    "jpeg": saved(np.dstack([GREY] * 3), "JPEG"),
    "tiff": tiff(GREY),
    "tiff, pages": tiff(np.stack([GREY] * 3), compression="zlib", photometric="minisblack"),
    "tiff, floats": tiff(GREY.astype("float32") / 255, tile=(16, 16)),
}


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


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_image_is_refused_in_one_sentence(kind):
    refusals = []

    @settings(max_examples=examples(60), deadline=None, database=None)
    @given(damaged(FILES[kind]))
    def check(content):
        try:
            pages = list(read_pages(content, NAME, largest=10**6))
        except ImageFileError as error:
            refusals.append(str(error))
            assert repr(NAME) in refusals[-1]
            assert "\n" not in refusals[-1]
        else:
            for page in pages:
                assert page.ndim in (2, 3)
                assert page.min() >= 0
                assert page.max() <= 1

    check()
    assert refusals
