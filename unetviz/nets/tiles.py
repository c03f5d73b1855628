"""Prediction of images of any size, tile by tile, and in one pass to compare with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from unetviz.geometry._checks import choice
from unetviz.geometry._checks import size as checked_size
from unetviz.geometry.box import Box
from unetviz.geometry.ops import Pair, size_of
from unetviz.geometry.trace import Trace
from unetviz.geometry.valid_sizes import nearest_valid_sizes
from unetviz.labs.images.arrays import PADS, checked_image, cut_window
from unetviz.labs.tiles.plan import Tile, TilePlan, plan_tiles
from unetviz.labs.tiles.working_sizes import working_size

from ._tensorflow import keras, tf
from .reading.model_graph import nodes
from .reading.plain import plain
from .reading.trace_model import trace_model
from .running.feature_maps import computed, in_graph
from .running.inputs import at_size, numbers, warn_if_constant

_TILE = 256
"""Pixels of a side of the tiles that are named for a model that leaves their size open."""
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
        self._model, found = _traced(model, tile)
        self._image = checked_image(image, found.steps[0].out_shape[2])
        self._pad = choice("pad", pad, PADS)
        warn_if_constant(self._model)
        self.plan = plan_tiles(self._image.shape[:2], found, stride, margin=margin, shift=shift)
        classes = found.steps[-1].out_shape[2]
        self.probabilities = np.zeros((*self.plan.image, classes), np.float32)

    def __len__(self) -> int:
        return len(self.plan)

    def __iter__(self) -> Iterator[Tile]:
        for tile in self.plan.tiles:
            window = cut_window(self._image, tile.input, self._pad)
            batch = numbers(self._model, window)[np.newaxis]
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
        The image. Integers are divided by the largest number of their type, unless the model takes
        integers or rescales them itself; floats are taken as they are.
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


def predict_whole(
    model: keras.Model,
    image: Any,
    pad: str = "mirror",
    *,
    tile: int | Sequence[int] | None = None,
) -> np.ndarray:
    """Predict an image in one pass, padded as far as the network's receptive field reaches.

    Parameters
    ----------
    model : keras.Model
        A model as for `predict_tiled`; its layers are run at the size that is needed.
    image : array of shape (h, w) or (h, w, c)
        The image. One pass needs memory for all maps at once: about 200 bytes a pixel and base
        filter.
    pad : str
        What lies beyond the border: ``"mirror"``, ``"edge"`` or ``"zero"``.
    tile : int or (int, int), optional
        Input size of the tiles to compare with, for a model whose input size is open. Strided
        layers with `same` padding read other pixels of even sizes than of odd ones.

    Returns
    -------
    array of shape (h, w, classes), float32
        The output over the image.

    Raises
    ------
    TypeError, ValueError
        If the image is not an image or does not fit the model, or a layer of the model is bound
        to its size.

    See Also
    --------
    unetviz.predict_tiled : The same in tiles, for images that are too large for one pass.
    """
    known = plain(model)
    if tile is None and None in known.input_shape[1:3]:
        tile = tile_size(known)
    known, found = _traced(known, tile)
    image = checked_image(image, found.steps[0].out_shape[2])
    # The plan knows how far padding influences the output, and the phase of the first pixel.
    plan = plan_tiles(image.shape[:2], found)
    box, rows, columns = _whole_window(plan, found)
    warn_if_constant(known)
    batch = numbers(known, cut_window(image, box, pad))[np.newaxis]
    return _one_pass(known, batch)[rows, columns]


def _one_pass(model: keras.Model, batch: np.ndarray) -> np.ndarray:
    """Run the layers of a model on one image of any size."""
    found = nodes(model)
    last = found[-1].name

    def run(images: tf.Tensor) -> tf.Tensor:
        return tf.cast(computed(found, {found[0].name: images}, [last])[last], tf.float32)

    try:
        if in_graph(found):
            signature = tf.TensorSpec(batch.shape, tf.float32)
            run = tf.function(run, autograph=False).get_concrete_function(signature)
        return run(tf.constant(batch)).numpy()[0]
    except (ValueError, tf.errors.InvalidArgumentError) as error:
        raise ValueError(
            f"this model cannot be run at {size_of(batch.shape[1:3])}: one of its layers is bound "
            "to its size"
        ) from error


def tile_size(model: Any) -> Pair:
    """Return a size of tiles that leaves no seams, for a model that leaves its size open."""
    known = plain(model)
    own = known.input_shape[1:3]
    spec = trace_model(known, tuple(n or _TILE for n in own)).spec
    rows, columns = (n or working_size(spec, axis, _TILE) or _TILE for axis, n in enumerate(own))
    return rows, columns


def tile_model(model: Any) -> keras.Model:
    """Return a model at the size of its tiles; one that leaves it open gets `tile_size`."""
    known = plain(model)
    return at_size(known, tile_size(known)) if None in known.input_shape[1:3] else known


def _whole_window(plan: TilePlan, found: Trace) -> tuple[Box, slice, slice]:
    """Input of one pass, and the rows and columns of its output that lie over the image."""
    assert plan.free is not None  # there is no plan without a stride if all pixels see padding
    inputs, outputs = [], []
    for axis, free in enumerate((plan.free.rows, plan.free.columns)):
        before, after = plan.margin[axis], plan.result[axis] - free.stop
        needed = before + plan.image[axis] + after + plan.tile[axis] - plan.result[axis]
        size = nearest_valid_sizes(found.spec, needed, axis)[1]
        start = -before - plan.offset[axis]
        inputs.append(range(start, start + size))
        outputs.append(slice(before, before + plan.image[axis]))
    return Box.of(*inputs), outputs[0], outputs[1]


def _traced(model: Any, tile: int | Sequence[int] | None) -> tuple[keras.Model, Trace]:
    """Return a model at the size of a tile, and its trace; a model of fixed size keeps it."""
    known = plain(model)
    own = known.input_shape[1:3]
    if tile is None:
        if None in own:
            raise ValueError(
                "the model leaves the size of a tile open; choose one, such as "
                f"tile={tile_size(known)}"
            )
        return known, trace_model(known)
    sizes = checked_size("tile", tile)
    if any(mine not in (None, n) for mine, n in zip(own, sizes, strict=True)):
        raise ValueError(f"this model takes tiles of {own[0]} x {own[1]} only, not {tile!r}")
    known = at_size(known, sizes)
    return known, trace_model(known)
