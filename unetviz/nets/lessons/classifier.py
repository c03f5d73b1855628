"""A small classifier, and the same one as a convolution: a map of answers instead of one."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from unetviz.geometry._checks import integer
from unetviz.labs.images.arrays import as_floats, checked_image
from unetviz.labs.sliding_window import cut_windows
from unetviz.labs.synthetic.scenes import CLASSES, synthetic_patches

from .._tensorflow import keras
from ..reading.layers import operation_of
from ..reading.model_graph import Node, nodes
from ..reading.trace_model import trace_model

_TRAINING, _VALIDATION_SEED, _BATCH = 4000, 600, 64
_POINTWISE = ("activation", "normalization", "dropout")


@dataclass(frozen=True, eq=False)
class Trained:
    """A classifier and how its training went.

    Attributes
    ----------
    model : keras.Model
        From images of one size to a score for each of `CLASSES`.
    losses : tuple of float
        Mean cross-entropy of each step's patches.
    accuracy, seconds : float
        Share of right answers, 0 to 1, on patches that it has not learnt from; time for it all.
    """

    model: keras.Model
    losses: tuple[float, ...] = field(repr=False)
    accuracy: float
    seconds: float


@dataclass(frozen=True)
class SharingCost:
    """What answers for all windows of an image cost.

    Attributes
    ----------
    windows, sliding, convolutional : int
        How many answers; multiply-accumulates of one window at a time, and of a single pass.
    """

    windows: int
    sliding: int
    convolutional: int

    @property
    def ratio(self) -> float:
        """How many times as much sliding takes."""
        return self.sliding / self.convolutional


def build_classifier(side: int = 32, classes: int = 3, seed: int = 0) -> keras.Model:
    """Build a small network from a grey image to one vector (section 2 of the document).

    Parameters
    ----------
    side : int
        Height and width in pixels: a multiple of 4, at least 16, so that no pool drops a row.
    classes : int
        Length of the vector. Its numbers are scores (logits), without softmax.
    seed : int
        For the weights to start from.

    Raises
    ------
    ValueError
        If a number is no whole number, or such a side does not work.
    """
    side, classes = integer("side", side, 16), integer("classes", classes, 1)
    if side % 4:
        raise ValueError(f"side must be a multiple of 4, not {side}; try {side - side % 4}")
    starts = (keras.initializers.HeNormal(integer("seed", seed, 0) + i) for i in range(6))
    source = x = keras.Input((side, side, 1), name="image")
    for block, filters in enumerate((8, 16), start=1):
        for i in (1, 2):
            settings = {"kernel_initializer": next(starts), "name": f"block{block}_conv{i}"}
            x = keras.layers.Conv2D(filters, 3, activation="relu", **settings)(x)
        x = keras.layers.MaxPooling2D(name=f"block{block}_pool")(x)
    x = keras.layers.Flatten(name="flatten")(x)
    x = keras.layers.Dense(32, "relu", kernel_initializer=next(starts), name="dense")(x)
    x = keras.layers.Dense(classes, kernel_initializer=next(starts), name="scores")(x)
    return keras.Model(source, x, name="classifier")


def train_classifier(
    seed: int = 0, steps: int = 300, side: int = 32, progress: bool = True
) -> Trained:
    """Teach a classifier to tell nothing, discs and squares apart, on `synthetic_patches`.

    Parameters
    ----------
    seed, side : int
        As for `build_classifier`, with its errors; the seed is that of the patches too.
    steps : int
        Batches of 64 patches.
    progress : bool
        Whether a bar is shown for what takes longer than two seconds.
    """
    begin = time.perf_counter()
    seed, steps = integer("seed", seed, 0), integer("steps", steps, 1)
    # Neighbouring seeds have nothing in common, nor have the patches to learn from and to check.
    start, *others = (int(n) >> 1 for n in np.random.SeedSequence(seed).generate_state(4))
    model = build_classifier(side, len(CLASSES), start)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss)
    images, labels = synthetic_patches(_TRAINING, side, others[0])
    random, losses = np.random.default_rng(others[1]), []
    for _ in tqdm(range(steps), desc="training", delay=2.0, leave=False, disable=not progress):
        chosen = random.integers(0, _TRAINING, _BATCH)
        model.reset_metrics()  # Keras gives the mean since the last reset.
        losses.append(float(model.train_on_batch(images[chosen], labels[chosen])))
    images, labels = synthetic_patches(_VALIDATION_SEED, side, others[2])
    accuracy = float((model.predict_on_batch(images).argmax(axis=-1) == labels).mean())
    return Trained(model, tuple(losses), accuracy, time.perf_counter() - begin)


def convolutionalize(model: keras.Model) -> keras.Model:
    """Turn the dense layers of a classifier into convolutions with the same weights.

    Parameters
    ----------
    model : keras.Model
        A chain of convolutions, pools and activations, then Flatten, then Dense keras.layers.

    Returns
    -------
    keras.Model
        From images of the trained size or larger to a map of answers. The first Dense layer has
        become as large as the last map, the others 1 x 1 (section 2 of the document). Without
        padding, and if no pool drops a row, it is `sliding_window` with the total pooling factor as
        stride.

    Raises
    ------
    TypeError, ValueError
        If it is no functional model, or another kind of network; the layer is named.
    """
    first, *chain = nodes(model)
    source = x = keras.Input((None, None, *first.shape[3:]), name=first.name)
    kernel = None
    for node, previous in zip(chain, [first, *chain], strict=False):
        _check_place(node, previous, kernel)
        if isinstance(node.layer, keras.layers.Flatten):
            kernel = previous.shape[1:3]
        else:
            x = _converted(node, x, kernel)
            kernel = (1, 1) if isinstance(node.layer, keras.layers.Dense) else kernel
    if kernel != (1, 1):
        raise ValueError(f"{model.name!r} does not end with Flatten and Dense layers")
    return keras.Model(source, x, name=f"{model.name}_convolutional")


def sliding_window(model: keras.Model, image: Any, stride: int) -> np.ndarray:
    """Move a classifier of fixed size over a larger image and ask it anew at every place.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c)
        Integers are divided by the largest number of their type.
    stride : int
        Pixels from one window to the next.

    Returns
    -------
    array of shape (rows, columns, classes), float32
        Answer (i, j) is about the window that starts at row i * stride and column j * stride.

    Raises
    ------
    TypeError, ValueError
        If the image is none or too small, the model's size open, or the stride not at least 1.
    """
    image = as_floats(checked_image(image, model.input_shape[-1]))
    windows = cut_windows(image, model.input_shape[1:3], stride)
    return np.stack([model.predict_on_batch(row) for row in windows])


def sharing_cost(model: keras.Model, height: int, width: int) -> SharingCost:
    """Count what one convolutional pass over an image saves.

    Parameters
    ----------
    model : keras.Model
        As for `convolutionalize`, with its errors.
    height, width : int
        Of the image in pixels; ValueError if there is not room for one answer.
    """
    convolutional = convolutionalize(model)
    whole = trace_model(convolutional, (height, width)).check()
    window = trace_model(convolutional, model.input_shape[1:3])
    windows = whole.output_shape[0] * whole.output_shape[1]
    return SharingCost(windows, windows * window.macs, whole.macs)


def dense_refusal(model: keras.Model, image: Any) -> str:
    """Return how Keras refuses an image of another size: type and first line of its error.

    It raises ValueError if the model takes the image, and what `sliding_window` does if it is none.
    """
    image = as_floats(checked_image(image, model.input_shape[-1]))
    try:
        model(image[np.newaxis], training=False)
    except Exception as error:  # Of which type it is, is up to Keras.
        return f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
    raise ValueError(f"the model takes {image.shape[:2]} pixels; choose another size")


def _check_place(node: Node, previous: Node, kernel: tuple[int, ...] | None) -> None:
    """Refuse a layer that does not belong at its place in the chain."""
    if isinstance(node.layer, (keras.layers.Flatten, keras.layers.Dense)):
        fits = isinstance(node.layer, keras.layers.Dense) == (kernel is not None)
        fits &= getattr(node.layer, "data_format", "channels_last") == "channels_last"
    else:
        kinds = {None: ("conv", "pool", *_POINTWISE), (1, 1): _POINTWISE}.get(kernel, ("dropout",))
        fits = operation_of(node.layer, node.name).kind in kinds
    if not fits or node.inputs != (previous.name,):
        raise ValueError(
            f"layer {node.name!r} ({type(node.layer).__name__}) does not fit: wanted is a chain of "
            "convolutions, pools and activations, then Flatten, then Dense layers"
        )


def _converted(node: Node, x: Any, kernel: tuple[int, ...] | None) -> Any:
    """Apply a copy of a layer to maps of any size; a Dense layer becomes a convolution."""
    layer, settings = node.layer, {"name": node.name.replace("/", "_")}
    weights = layer.get_weights()
    try:
        if isinstance(layer, keras.layers.Dense):
            settings |= {key: getattr(layer, key) for key in ("activation", "use_bias", "dtype")}
            copy = keras.layers.Conv2D(layer.units, kernel, **settings)
            weights[0] = weights[0].reshape(*kernel, -1, layer.units)
        else:
            copy = type(layer).from_config(layer.get_config() | settings)
        result = copy(x)
        copy.set_weights(weights)
    except Exception as error:
        raise ValueError(f"layer {node.name!r} cannot take maps of any size: {error}") from error
    return result
