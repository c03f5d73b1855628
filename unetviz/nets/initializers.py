"""Bilinear up-sampling as a transposed convolution, and as libraries do it."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from unetviz.geometry._checks import integer
from unetviz.geometry.tables.table import Table
from unetviz.labs.checkerboard import bilinear_kernel

from ._tensorflow import keras, tf


@keras.saving.register_keras_serializable(package="unetviz")
class Bilinear(keras.initializers.Initializer):
    """Each channel is up-sampled on its own, by the weights of bilinear interpolation.

    FCN's way up begins like this and may learn something else (section 7 of the document; Long,
    Shelhamer and Darrell 2015, section 3.3).
    """

    def __call__(self, shape: tuple[int, ...], dtype: Any = None, **_: Any) -> np.ndarray:
        """Return a kernel of shape (size, size, channels out, channels in)."""
        rows, columns, outputs, inputs = shape
        if rows != columns:
            raise ValueError(f"a bilinear kernel is square, not {rows} x {columns}")
        kernel = np.zeros(shape, np.float32)
        same = np.arange(min(outputs, inputs))
        kernel[:, :, same, same] = bilinear_kernel(rows)[..., np.newaxis]
        return keras.ops.convert_to_tensor(kernel, dtype=dtype or "float32")


def upsample_by_stamps(image: np.ndarray, factor: int) -> np.ndarray:
    """Up-sample an image as an FCN does before it has learned: stamps of bilinear weights.

    Parameters
    ----------
    image : array of shape (h, w)
        Any numbers.
    factor : int
        How many times, at least 1.

    Returns
    -------
    array of shape (h * factor, w * factor), float32
        What a Keras transposed convolution returns, cut to this size around its middle (section 7
        of the document).
    """
    factor = integer("factor", factor, 1)
    size = 2 * factor - factor % 2
    layer = keras.layers.Conv2DTranspose(
        1, size, strides=factor, use_bias=False, kernel_initializer=Bilinear()
    )
    found = layer(np.asarray(image, np.float32)[np.newaxis, ..., np.newaxis]).numpy()[0, ..., 0]
    rows, columns = (n * factor for n in np.shape(image))
    top, left = (found.shape[0] - rows) // 2, (found.shape[1] - columns) // 2
    return found[top : top + rows, left : left + columns]


def bilinear_table(image: np.ndarray, factor: int) -> Table:
    """Compare bilinear up-sampling by stamps with that of libraries, inside and at the border.

    Parameters
    ----------
    image : array of shape (h, w)
        At least 3 x 3 numbers.
    factor : int
        How many times it is up-sampled, at least 2.

    Returns
    -------
    Table
        For each convention the largest difference inside, and at the border: in the rim of half a
        pixel of the small image in which a stamp is missing.
    """
    factor = integer("factor", factor, 2)
    small = np.asarray(image, np.float32)
    if small.ndim != 2 or min(small.shape) < 3:
        raise ValueError(f"the image must have at least 3 x 3 numbers, not {small.shape}")
    stamps = upsample_by_stamps(small, factor)
    around = upsample_by_stamps(np.pad(small, 1, "edge"), factor)[factor:-factor, factor:-factor]
    pairs = {name: (stamps, resize(small, factor)) for name, resize in _LIBRARIES.items()}
    pairs[_PADDED] = around, pairs[_HALF_PIXELS][1]
    rows = tuple((name, *_differences(*pair, factor // 2)) for name, pair in pairs.items())
    return Table(
        ("stamps, largest difference from", "inside", "at the border"), rows, frozenset({1, 2})
    )


_HALF_PIXELS = "tf.image.resize, bilinear: half-pixel centres"
_PADDED = "tf.image.resize, the small image first continued by its border pixels"


def _resized(small: np.ndarray, factor: int, **convention: bool) -> np.ndarray:
    shape = [n * factor for n in small.shape]
    batch = small[np.newaxis, ..., np.newaxis]
    found = tf.raw_ops.ResizeBilinear(images=batch, size=shape, **convention)
    return found.numpy()[0, ..., 0]


def _half_pixels(small: np.ndarray, factor: int) -> np.ndarray:
    shape = [n * factor for n in small.shape]
    return tf.image.resize(small[..., np.newaxis], shape, method="bilinear").numpy()[..., 0]


def _keras(small: np.ndarray, factor: int) -> np.ndarray:
    layer = keras.layers.UpSampling2D(factor, interpolation="bilinear")
    return layer(small[np.newaxis, ..., np.newaxis]).numpy()[0, ..., 0]


_LIBRARIES = {
    _HALF_PIXELS: _half_pixels,
    "Keras UpSampling2D, interpolation bilinear": _keras,
    "TensorFlow 1, resize_bilinear: corners on corners": partial(_resized, align_corners=True),
    "TensorFlow 1, resize_bilinear: upper left pixels on each other": _resized,
}


def _differences(found: np.ndarray, expected: np.ndarray, rim: int) -> tuple[str, str]:
    difference = np.abs(found - expected)
    inside = difference[rim:-rim, rim:-rim].max()
    difference[rim:-rim, rim:-rim] = 0
    return f"{inside:.1e}", f"{difference.max():.1e}"
