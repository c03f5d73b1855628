"""One image forward through a network and its gradient back, reduced to what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unetviz.draw.images.thumbnails import thumbnails
from unetviz.draw.unet.layout import map_areas
from unetviz.geometry.trace import Trace
from unetviz.nets.backprop.maps import BackwardPass, backward_pass
from unetviz.nets.reading.trace_model import trace_model
from unetviz.nets.running.feature_maps import feature_maps, readable_maps

CHANNELS = 8
"""Channels of each map among which the liveliest is shown."""

_SIDE = 96
"""Pixels of a map that are kept: larger ones are reduced inside the graph."""
_SHOWN = 0.99
"""Share of the numbers of a gradient that keep their colour; larger ones have the last one."""


@dataclass(frozen=True, repr=False, eq=False)
class ThereAndBack:
    """What is shown of one pass forward and one back.

    Attributes
    ----------
    trace : Trace
        The network's steps.
    names : list of str
        The steps that have a map, in the order of the forward pass.
    maps, gradients : dict of str to array of shape (h, w, c)
        Their first channels, reduced; of the last step the gradient is that of its scores.
    found : BackwardPass
        Loss, and the sizes of all gradients.
    images : dict of bool to dict of str to bytes
        Small images for the drawing: maps under False, gradients under True.
    """

    trace: Trace
    names: list[str]
    maps: dict[str, np.ndarray]
    gradients: dict[str, np.ndarray]
    found: BackwardPass
    images: dict[bool, dict[str, bytes]]


def there_and_back(model: Any, image: Any, mask: Any) -> ThereAndBack:
    """Run an image forward through a model, and its gradient back.

    Parameters
    ----------
    model : keras.Model
        A network of fixed size that ends in a softmax or a sigmoid.
    image : array of shape (h, w) or (h, w, c)
        An image of its size.
    mask : array of shape (h, w)
        The right class of each pixel.
    """
    trace = trace_model(model).check()
    readable = set(readable_maps(model))
    names = [step.name for step in trace if step.name in readable]
    maps = feature_maps(model, image, names, CHANNELS, _SIDE)
    found = backward_pass(model, image, mask, names, CHANNELS, _SIDE)
    gradients = found.maps | {names[-1]: found.scores}
    drawn = [name for name in map_areas(trace) if name in readable]
    ends = frozenset({names[0], names[-1]})
    images = {
        False: thumbnails({name: maps[name] for name in drawn}, grey=ends),
        True: thumbnails({name: clipped(gradients[name]) for name in drawn}),
    }
    return ThereAndBack(trace, names, maps, gradients, found, images)


def clipped(values: np.ndarray) -> np.ndarray:
    """Return a gradient whose few largest numbers are cut down, so that the others show.

    Parameters
    ----------
    values : array
        All but one in a hundred of its numbers keep their value.

    Examples
    --------
    >>> clipped(np.array([0.0] * 150 + [-1.0, 1.0] * 25 + [50.0])).max()
    np.float64(1.0)
    """
    most = float(np.quantile(np.abs(values), _SHOWN))
    return values.clip(-most, most) if most > 0 else values
