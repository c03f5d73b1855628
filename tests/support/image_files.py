"""Image files as bytes, written by Pillow and tifffile."""

import io

import tifffile
from PIL import Image


def saved(image, kind="PNG", **options):
    """An array, or an image of Pillow, as a file of a kind."""
    file = io.BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(file, kind, **options)
    return file.getvalue()


def tiff(array, **options):
    """An array as a TIFF by tifffile, with numbers that Pillow does not write too."""
    file = io.BytesIO()
    tifffile.imwrite(file, array, **options)
    return file.getvalue()
