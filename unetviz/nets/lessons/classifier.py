"""A small classifier, and the same one as a convolution: a map of scores instead of one vector."""

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

from .._tensorflow import OWN_MAPS, OWN_NUMBERS, keras
from ..reading.layers import operation_of
from ..reading.model_graph import Node, nodes
from ..reading.plain import check_channels_last, plain
from ..reading.settings import keep_statistics
from ..reading.trace_model import trace_model
from ..running.inputs import numbers

_TRAINING_PATCHES, _VALIDATION_PATCHES, _BATCH_SIZE = 4000, 600, 64
_POINTWISE = ("activation", "normalization", "dropout")

_Kernel = tuple[int | None, ...] | None
"""Kernel of the convolution that the next Dense layer becomes; None before Flatten."""


@dataclass(frozen=True, eq=False)
class TrainedClassifier:
    """A classifier and the course of its training.

    Attributes
    ----------
    model : keras.Model
        From images of one size to a score for each of `CLASSES`.
    losses : tuple of float
        Mean cross-entropy of the patches of each step.
    accuracy, seconds : float
        Share of correct predictions, 0 to 1, on validation patches; time of the whole training.
    """

    model: keras.Model
    losses: tuple[float, ...] = field(repr=False)
    accuracy: float
    seconds: float


@dataclass(frozen=True)
class SharingCost:
    """The cost of a prediction for each window of an image.

    Attributes
    ----------
    windows, sliding, convolutional : int
        Number of windows; multiply-accumulates of one window at a time, and of a single pass.
    """

    windows: int
    sliding: int
    convolutional: int

    @property
    def ratio(self) -> float:
        """How many times as many multiply-accumulates sliding takes."""
        return self.sliding / self.convolutional


def build_classifier(side: int = 32, classes: int = 3, seed: int = 0) -> keras.Model:
    """Build a small classifier, from a grey image to one vector (section 2 of the document).

    Parameters
    ----------
    side : int
        Height and width in pixels: a multiple of 4, at least 16, so that no pool loses a row.
    classes : int
        Length of the vector. Its numbers are scores (logits), without softmax.
    seed : int
        Seed of the first weights.

    Returns
    -------
    keras.Model
        The classifier, not trained.

    Raises
    ------
    ValueError
        If an argument is not a whole number, or not an allowed one.
    """
    side, classes = integer("side", side, 16), integer("classes", classes, 1)
    if side % 4:
        raise ValueError(f"side must be a multiple of 4, not {side}; try {side - side % 4}")
    starts = (keras.initializers.HeNormal(integer("seed", seed, 0) + i) for i in range(6))
    source = x = keras.Input((side, side, 1), name="image", **OWN_NUMBERS)
    for block, filters in enumerate((8, 16), start=1):
        for i in (1, 2):
            settings = {"kernel_initializer": next(starts), "name": f"block{block}_conv{i}"}
            x = keras.layers.Conv2D(filters, 3, activation="relu", **settings, **OWN_MAPS)(x)
        x = keras.layers.MaxPooling2D(name=f"block{block}_pool", **OWN_MAPS)(x)
    x = keras.layers.Flatten(name="flatten", **OWN_MAPS)(x)
    for units, activation, name in ((32, "relu", "dense"), (classes, None, "scores")):
        settings = {"kernel_initializer": next(starts), "name": name}
        x = keras.layers.Dense(units, activation, **settings, **OWN_NUMBERS)(x)
    return keras.Model(source, x, name="classifier")


def train_classifier(
    seed: int = 0, steps: int = 300, side: int = 32, progress: bool = True
) -> TrainedClassifier:
    """Train a classifier to tell background, discs and squares apart.

    Parameters
    ----------
    seed : int
        Seed of the first weights and of the patches.
    steps : int
        Number of batches of 64 patches.
    side : int
        Height and width of a patch in pixels, as for `build_classifier`.
    progress : bool
        Whether a progress bar is shown if it takes longer than two seconds.

    Returns
    -------
    TrainedClassifier
        The classifier, its losses and its accuracy.

    Raises
    ------
    ValueError
        If an argument is not a whole number, or not an allowed one.

    See Also
    --------
    convolutionalize : The same classifier for images of any size.
    unetviz.labs.synthetic_patches : The patches that it is trained with.
    """
    begin = time.perf_counter()
    seed, steps = integer("seed", seed, 0), integer("steps", steps, 1)
    # Independent seeds: neighbouring seeds share nothing, nor do training and validation patches.
    start, *others = (int(n) >> 1 for n in np.random.SeedSequence(seed).generate_state(4))
    model = build_classifier(side, len(CLASSES), start)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss)
    images, labels = synthetic_patches(_TRAINING_PATCHES, side, others[0])
    random, losses = np.random.default_rng(others[1]), []
    for _ in tqdm(range(steps), desc="training", delay=2.0, leave=False, disable=not progress):
        chosen = random.integers(0, _TRAINING_PATCHES, _BATCH_SIZE)
        model.reset_metrics()  # Keras returns the mean since the last reset.
        losses.append(float(model.train_on_batch(images[chosen], labels[chosen])))
    images, labels = synthetic_patches(_VALIDATION_PATCHES, side, others[2])
    accuracy = float((model.predict_on_batch(images).argmax(axis=-1) == labels).mean())
    return TrainedClassifier(model, tuple(losses), accuracy, time.perf_counter() - begin)


def convolutionalize(model: keras.Model) -> keras.Model:
    """Turn the dense layers of a classifier into convolutions with the same weights.

    Parameters
    ----------
    model : keras.Model
        A chain of convolutions, pools and activations, then Flatten, then Dense layers.

    Returns
    -------
    keras.Model
        From images of the trained size or larger to a map of scores. The first Dense layer becomes
        a convolution with a kernel as large as the last map, the others become 1x1 convolutions
        (section 2 of the document). Without padding, and if no pool loses a row, the result equals
        that of `sliding_window` with the total pooling factor as stride.

    Raises
    ------
    TypeError, ValueError
        If it is not a functional model, or not such a chain; the layer is named.

    See Also
    --------
    sharing_cost : What this saves.

    References
    ----------
    .. [1] J. Long, E. Shelhamer and T. Darrell, "Fully Convolutional Networks for Semantic
       Segmentation", CVPR 2015, section 3.1.
    """
    first, *chain = nodes(model)
    source = x = keras.Input((None, None, *first.shape[3:]), name=first.name, **OWN_NUMBERS)
    kernel: _Kernel = None
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
    """Apply a classifier of fixed size to every window of a larger image.

    Parameters
    ----------
    model : keras.Model
        A classifier for images of one size.
    image : array of shape (h, w) or (h, w, c)
        Integers are divided by the largest number of their type.
    stride : int
        Pixels from one window to the next.

    Returns
    -------
    array of shape (rows, columns, classes), float32
        Entry (i, j) is the output for the window that starts at row i * stride and column
        j * stride.

    Raises
    ------
    TypeError, ValueError
        If the image is not an image or too small, the model's size is open, or the stride is less
        than 1.

    See Also
    --------
    convolutionalize : The same in a single pass.
    """
    model = plain(model)
    check_channels_last(model)
    if None in model.input_shape[1:3]:
        raise ValueError(
            "the model leaves the size of its images open, so it needs no windows: it takes the "
            "whole image at once, model.predict_on_batch(image[None])"
        )
    image = numbers(model, checked_image(image, model.input_shape[-1]))
    windows = cut_windows(image, model.input_shape[1:3], stride)
    return np.stack([model.predict_on_batch(row) for row in windows])


def sharing_cost(model: keras.Model, height: int, width: int) -> SharingCost:
    """Count what a single convolutional pass saves, compared with a sliding window.

    Parameters
    ----------
    model : keras.Model
        As for `convolutionalize`.
    height, width : int
        Size of the image in pixels.

    Returns
    -------
    SharingCost
        Multiply-accumulates of both ways.

    Raises
    ------
    TypeError, ValueError
        As for `convolutionalize`, and if the image is smaller than one window.
    """
    convolutional = convolutionalize(model)
    whole = trace_model(convolutional, (height, width)).check()
    window = trace_model(convolutional, model.input_shape[1:3])
    rows, columns, _ = whole.steps[-1].out_shape
    windows = rows * columns
    return SharingCost(windows, windows * window.macs, whole.macs)


def dense_refusal(model: keras.Model, image: Any) -> str:
    """Return how Keras refuses an image of another size: type and first line of its error.

    Parameters
    ----------
    model : keras.Model
        A model with dense layers.
    image : array of shape (h, w) or (h, w, c)
        An image of another size.

    Raises
    ------
    TypeError, ValueError
        If it is not an image, or the model accepts its size.
    """
    image = as_floats(checked_image(image, model.input_shape[-1]))
    try:
        model(image[np.newaxis], training=False)
    except Exception as error:  # Keras decides which type of error it is.
        return f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
    raise ValueError(f"the model takes {image.shape[:2]} pixels; choose another size")


def _check_place(node: Node, previous: Node, kernel: _Kernel) -> None:
    """Refuse a layer that does not belong at its place in the chain."""
    if isinstance(node.layer, (keras.layers.Flatten, keras.layers.Dense)):
        fits = isinstance(node.layer, keras.layers.Dense) == (kernel is not None)
        fits &= getattr(node.layer, "data_format", "channels_last") == "channels_last"
    else:
        allowed: dict[_Kernel, tuple[str, ...]] = {
            None: ("conv", "pool", *_POINTWISE),
            (1, 1): _POINTWISE,
        }
        fits = operation_of(node.layer, node.name).kind in allowed.get(kernel, ("dropout",))
    if not fits or node.inputs != (previous.name,):
        raise ValueError(
            f"layer {node.name!r} ({type(node.layer).__name__}) does not fit: the model must be a "
            "chain of convolutions, pools and activations, then Flatten, then Dense layers"
        )


def _converted(node: Node, x: Any, kernel: _Kernel) -> Any:
    """Apply a copy of a layer to maps of any size; a Dense layer becomes a convolution."""
    layer, settings = node.layer, {"name": node.name.replace("/", "_")}
    weights = layer.get_weights()
    try:
        if isinstance(layer, keras.layers.Dense):
            settings |= {key: getattr(layer, key) for key in ("activation", "use_bias", "dtype")}
            copy = keras.layers.Conv2D(layer.units, kernel, **OWN_MAPS | settings)
            weights[0] = weights[0].reshape(*copy.kernel_size, -1, layer.units)
        else:
            copy = type(layer).from_config(layer.get_config() | settings)
        result = copy(x)
        copy.set_weights(weights)
        keep_statistics(layer, copy)
    except Exception as error:
        raise ValueError(f"layer {node.name!r} cannot take maps of any size: {error}") from error
    return result
