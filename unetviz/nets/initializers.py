"""Bilinear up-sampling as a transposed convolution, compared with what libraries do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from unetviz.geometry._checks import integer
from unetviz.geometry.tables.table import Table
from unetviz.labs.checkerboard import bilinear_kernel

from ._tensorflow import OWN_MAPS, keras, tf


@keras.saving.register_keras_serializable(package="unetviz")
class Bilinear(keras.initializers.Initializer):
    """A kernel that up-samples each channel on its own, by bilinear interpolation.

    The up-convolutions of an FCN start with these weights and may learn others (section 7 of the
    document).

    References
    ----------
    .. [1] J. Long, E. Shelhamer and T. Darrell, "Fully Convolutional Networks for Semantic
       Segmentation", CVPR 2015, section 3.3.
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
    """Up-sample an image as an untrained FCN does: with stamps of bilinear weights.

    Parameters
    ----------
    image : array of shape (h, w)
        Any numbers.
    factor : int
        Up-sampling factor, at least 1.

    Returns
    -------
    array of shape (h * factor, w * factor), float32
        The output of a Keras transposed convolution, cropped to this size around its middle
        (section 7 of the document).

    See Also
    --------
    bilinear_table : How far this is from the up-sampling of libraries.
    unetviz.labs.upsample : Up-sampling in NumPy, nearest or bilinear.
    """
    factor = integer("factor", factor, 1)
    size = 2 * factor - factor % 2
    layer = keras.layers.Conv2DTranspose(
        1, size, strides=factor, use_bias=False, kernel_initializer=Bilinear(), **OWN_MAPS
    )
    found = layer(np.asarray(image, np.float32)[np.newaxis, ..., np.newaxis]).numpy()[0, ..., 0]
    rows, columns = (n * factor for n in np.shape(image))
    top, left = (found.shape[0] - rows) // 2, (found.shape[1] - columns) // 2
    return found[top : top + rows, left : left + columns]


def bilinear_table(image: np.ndarray, factor: int) -> Table:
    """Compare bilinear up-sampling by stamps with libraries, inside and at the border.

    Parameters
    ----------
    image : array of shape (h, w)
        At least 3 x 3 numbers.
    factor : int
        Up-sampling factor, at least 2.

    Returns
    -------
    Table
        For each convention the largest difference inside, and at the border: in a frame half a
        pixel of the small image wide, where a stamp is missing.

    See Also
    --------
    upsample_by_stamps : The up-sampling that is compared.
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
    layer = keras.layers.UpSampling2D(factor, interpolation="bilinear", **OWN_MAPS)
    return layer(small[np.newaxis, ..., np.newaxis]).numpy()[0, ..., 0]


_LIBRARIES: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    _HALF_PIXELS: _half_pixels,
    "Keras UpSampling2D, interpolation bilinear": _keras,
    "TensorFlow 1, resize_bilinear: corners on corners": partial(_resized, align_corners=True),
    "TensorFlow 1, resize_bilinear: upper left pixels on each other": _resized,
}


def _differences(found: np.ndarray, expected: np.ndarray, border: int) -> tuple[str, str]:
    difference = np.abs(found - expected)
    inside = difference[border:-border, border:-border].max()
    difference[border:-border, border:-border] = 0
    return f"{inside:.1e}", f"{difference.max():.1e}"
