"""Small images of feature maps: one for each map of a drawing, or all channels of one map."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .colours import coloured, limits_of, png_of

Limits = tuple[float, float]


def colours_of(values: np.ndarray) -> str:
    """Return the colours for numbers: diverging if some are below 0, else sequential."""
    return "diverging" if values.size and values.min() < 0 else "sequential"


def most_variable_channel(maps: np.ndarray) -> int:
    """Return the channel that differs most from pixel to pixel: it shows the image best.

    Examples
    --------
    >>> most_variable_channel(np.array([[[1.0, 0.0], [1.0, 5.0]]]))
    1
    """
    return int(maps.std(axis=(0, 1)).argmax())


def thumbnails(
    maps: Mapping[str, np.ndarray], grey: frozenset[str] = frozenset()
) -> dict[str, bytes]:
    """Return the most variable channel of every map as a PNG file, each with its own scale.

    Parameters
    ----------
    maps : dict of str to array of shape (h, w, c)
        By the names of their steps.
    grey : set of str
        Steps that are shown in grey: the image itself, and probabilities.
    """
    images = {}
    for name, values in maps.items():
        channel = values[..., -1 if name in grey else most_variable_channel(values)]
        colours = "grey" if name in grey else colours_of(channel)
        images[name] = png_of(coloured(channel, colours))
    return images


def channel_limits(maps: np.ndarray, is_common: bool) -> list[Limits]:
    """Return the numbers of the first and last colour of each channel.

    Parameters
    ----------
    maps : array of shape (h, w, c)
        Any numbers.
    is_common : bool
        Whether all channels have one scale.
    """
    colours = colours_of(maps)
    if is_common:
        return [limits_of(maps, colours)] * maps.shape[2]
    return [limits_of(maps[..., i], colours) for i in range(maps.shape[2])]
