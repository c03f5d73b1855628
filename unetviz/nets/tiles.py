"""Prediction of images of any size, tile by tile, and in one pass to compare with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from unetviz.geometry._checks import choice
from unetviz.geometry.box import Box
from unetviz.geometry.trace import Trace
from unetviz.geometry.valid_sizes import nearest_valid_sizes
from unetviz.labs.images.arrays import PADS, as_floats, checked_image, cut_window
from unetviz.labs.tiles.plan import Tile, TilePlan, plan_tiles

from ._tensorflow import keras
from .reading.trace_model import trace_model

_BAR_DELAY = 2.0
"""Seconds before a progress bar is shown; a shorter wait needs none."""


@dataclass(frozen=True, repr=False)
class TiledPrediction:
    """The output of a network for every pixel of an image.

    Attributes
    ----------
    probabilities : array of shape (h, w, classes), float32
        The network's output.
    plan : TilePlan
        The tiles that it is composed of.
    """

    probabilities: np.ndarray
    plan: TilePlan

    def __repr__(self) -> str:
        return f"<TiledPrediction {self.probabilities.shape} from {self.plan!r}>"


class TiledRun:
    """A prediction that is done tile by tile: each step of its iterator is one tile.

    It can be stopped at any tile; `probabilities` holds what is done so far. Besides the image as
    it was given and the result, one tile is in memory at a time. The parameters are those of
    `predict_tiled`.

    Attributes
    ----------
    plan : TilePlan
        The tiles.
    probabilities : array of shape (h, w, classes), float32
        The result; pixels that are not predicted yet are 0.
    """

    def __init__(
        self,
        model: keras.Model,
        image: Any,
        stride: int | Sequence[int] | None = None,
        pad: str = "mirror",
        *,
        tile: int | Sequence[int] | None = None,
        margin: int | Sequence[int] | None = None,
        shift: int | Sequence[int] = 0,
    ):
        found = _traced(model, tile)
        self._image = checked_image(image, found.steps[0].out_shape[2])
        self._model, self._pad = model, choice("pad", pad, PADS)
        self.plan = plan_tiles(self._image.shape[:2], found, stride, margin=margin, shift=shift)
        classes = found.steps[-1].out_shape[2]
        self.probabilities = np.zeros((*self.plan.image, classes), np.float32)

    def __len__(self) -> int:
        return len(self.plan)

    def __iter__(self) -> Iterator[Tile]:
        for tile in self.plan.tiles:
            batch = as_floats(cut_window(self._image, tile.input, self._pad))[np.newaxis]
            result = self._model.predict_on_batch(batch)[0]
            self.probabilities[tile.output.slices] = result[tile.kept.slices]
            yield tile


def predict_tiled(
    model: keras.Model,
    image: Any,
    stride: int | Sequence[int] | None = None,
    pad: str = "mirror",
    *,
    tile: int | Sequence[int] | None = None,
    margin: int | Sequence[int] | None = None,
    shift: int | Sequence[int] = 0,
    progress: bool = True,
) -> TiledPrediction:
    """Predict an image of any size with a network of fixed size, tile by tile.

    This is the overlap-tile strategy of the U-Net paper [1]_.

    Parameters
    ----------
    model : keras.Model
        Any model that `trace_model` can read, with one output pixel for each input pixel. Its
        input size is the size of a tile.
    image : array of shape (h, w) or (h, w, c)
        The image. Integers are divided by the largest number of their type, floats are taken as
        they are; nothing else is done to them.
    stride : int or (int, int), optional
        Pixels from one tile to the next; None for the largest that leaves no seams. Any other
        stride is accepted too; the plan says whether it is seamless.
    pad : str
        What lies beyond the border: ``"mirror"``, ``"edge"`` or ``"zero"``.
    tile : int or (int, int), optional
        Input size of a tile, for a model whose input size is open.
    margin, shift : int or (int, int), optional
        As in `plan_tiles`, to see what goes wrong with other values.
    progress : bool
        Whether a progress bar is shown if it takes longer than two seconds. An interrupt stops the
        prediction; a `TiledRun` keeps what is done.

    Returns
    -------
    TiledPrediction
        Output (0, 0) lies over pixel (0, 0) of the image. With ``stride=None`` it equals one
        pass over the image continued beyond its border, to rounding.

    Raises
    ------
    TypeError, ValueError
        If the image is not an image or does not fit the model, or the tiles would leave gaps; if
        no stride is given and none is seamless, with an input size that works.

    See Also
    --------
    predict_whole : One pass to compare with.
    TiledRun : The same, one tile at a time.
    unetviz.labs.plan_tiles : Where the tiles lie.

    References
    ----------
    .. [1] O. Ronneberger, P. Fischer and T. Brox, "U-Net: Convolutional Networks for Biomedical
       Image Segmentation", MICCAI 2015, figure 2.
    """
    run = TiledRun(model, image, stride, pad, tile=tile, margin=margin, shift=shift)
    for _ in tqdm(run, desc="tiles", delay=_BAR_DELAY, leave=False, disable=not progress):
        pass
    return TiledPrediction(run.probabilities, run.plan)


def predict_whole(model: keras.Model, image: Any, pad: str = "mirror") -> np.ndarray:
    """Predict an image in one pass, padded as far as the network's receptive field reaches.

    Parameters
    ----------
    model : keras.Model
        A model of fixed size, as for `predict_tiled`; it is copied at the size that is needed.
    image : array of shape (h, w) or (h, w, c)
        The image. One pass needs memory for all maps at once: about 200 bytes a pixel and base
        filter.
    pad : str
        What lies beyond the border: ``"mirror"``, ``"edge"`` or ``"zero"``.

    Returns
    -------
    array of shape (h, w, classes), float32
        The output over the image.

    Raises
    ------
    TypeError, ValueError
        If the image is not an image or does not fit the model, or the model cannot be copied at
        another size.

    See Also
    --------
    unetviz.predict_tiled : The same in tiles, for images that are too large for one pass.
    """
    found = trace_model(model)
    image = checked_image(image, found.steps[0].out_shape[2])
    # The plan knows how far padding influences the output, and the phase of the first pixel.
    plan = plan_tiles(image.shape[:2], found)
    box, rows, columns = _whole_window(plan, found)
    copy = _copy_at(model, (box.height, box.width, image.shape[2]))
    batch = as_floats(cut_window(image, box, pad))[np.newaxis]
    return copy.predict_on_batch(batch)[0][rows, columns]


def _copy_at(model: keras.Model, shape: tuple[int, int, int]) -> keras.Model:
    """The same layers with the same weights at another size."""
    try:
        copy = keras.models.clone_model(model, input_tensors=keras.Input(shape))
        copy.set_weights(model.get_weights())
    except Exception as error:
        raise ValueError(
            f"this model cannot be copied at {shape[0]} x {shape[1]} ({type(error).__name__}): one "
            "of its layers, or a model inside it, is bound to its size"
        ) from error
    return copy


def _whole_window(plan: TilePlan, found: Trace) -> tuple[Box, slice, slice]:
    """Input of one pass, and the rows and columns of its output that lie over the image."""
    assert plan.free is not None  # there is no plan without a stride if all pixels see padding
    inputs, outputs = [], []
    for axis, free in enumerate((plan.free.rows, plan.free.columns)):
        before, after = plan.margin[axis], plan.result[axis] - free.stop
        needed = before + plan.image[axis] + after + plan.tile[axis] - plan.result[axis]
        size = nearest_valid_sizes(found.spec, needed)[1]
        start = -before - plan.offset[axis]
        inputs.append(range(start, start + size))
        outputs.append(slice(before, before + plan.image[axis]))
    return Box.of(*inputs), outputs[0], outputs[1]


def _traced(model: Any, tile: int | Sequence[int] | None) -> Trace:
    """Trace a model at the size of a tile; a model of fixed size keeps it."""
    own = getattr(model, "input_shape", (None,) * 4)[1:3]
    if tile is None and None in own and hasattr(model, "input_shape"):
        raise ValueError("the model leaves the size of a tile open; choose one, such as tile=256")
    found = trace_model(model, tile)
    sizes = found.steps[0].out_shape[:2]
    if tile is not None and any(mine not in (None, n) for mine, n in zip(own, sizes, strict=True)):
        raise ValueError(f"this model takes tiles of {own[0]} x {own[1]} only, not {tile!r}")
    return found
