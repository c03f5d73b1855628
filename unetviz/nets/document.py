"""The document's own function (section 9), on today's Keras."""

from __future__ import annotations

from os import PathLike
from typing import Any

from unetviz.geometry.specs.unet import DOCUMENT, UNetSpec

from ._tensorflow import keras
from .build import build
from .reading.files import load_weights


def unet(
    pretrained_weights: str | PathLike[str] | None = None,
    input_size: tuple[int, int, int] = (256, 256, 1),
    *,
    base_filters: int = 64,
) -> keras.Model:
    """Build and compile the U-Net of the document's code.

    Parameters
    ----------
    pretrained_weights : str or path, optional
        A ``.weights.h5`` or ``.keras`` file, or a legacy ``.h5`` or ``.hdf5`` file, with the
        weights of the same network.
    input_size : (int, int, int)
        Height and width in pixels, multiples of 16, and channels.
    base_filters : int
        Channels of the first level; the document has 64.

    Returns
    -------
    keras.Model
        The document's layers in the document's order, named like the steps of
        ``trace(DOCUMENT)``; compiled with Adam at a learning rate of 1e-4, binary cross-entropy and
        accuracy.

    Raises
    ------
    ValueError
        If an argument is not allowed; `ShapeError` if the size does not fit.
    FileNotFoundError, FileFormatError
        If the weights cannot be loaded.

    See Also
    --------
    unetviz.build : Any other network, not compiled.
    unetviz.nets.fixed_code : The function as source, with the fixes that today's Keras needs.
    """
    model = build(_specification(input_size, base_filters))
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-4),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    if pretrained_weights is not None:
        load_weights(model, pretrained_weights)
    return model


def _specification(input_size: Any, base_filters: int) -> UNetSpec:
    try:
        height, width, channels = input_size
    except (TypeError, ValueError):
        raise ValueError(
            "input_size must be (height, width, channels), such as (256, 256, 1), "
            f"not {input_size!r}"
        ) from None
    return DOCUMENT.replace(
        input_size=(height, width), input_channels=channels, base_filters=base_filters
    )
