"""Gradients of the loss for maps and kernels, and of one score for the image."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from unetviz.geometry._checks import integer
from unetviz.labs.synthetic.cells import SyntheticImage

from .._tensorflow import keras, tf
from ..running.feature_maps import readable_maps, reduced_maps, wanted_names
from ..running.inputs import image_batch, ready
from ..running.instrumented import (
    check_probabilities,
    compiled,
    images_of,
    instrumented,
    kernel_gradients,
    mask_batch,
    masks_of,
)
from ..training.steps import weighted_loss


@dataclass(frozen=True, repr=False, eq=False)
class BackwardPass:
    """The loss of one image, and its gradient with respect to every map.

    Attributes
    ----------
    loss : float
        Mean of -log p(right class) over all pixels.
    maps : dict of str to array of shape (h, w, c), float32
        By step, in the order of the forward pass: the gradient of the loss with respect to the
        step's map, reduced as was asked for, with signs. The map of the last step is the
        probabilities.
    scores : array of shape (h, w, classes), float32
        The gradient with respect to the scores before the last softmax or sigmoid, reduced in the
        same way.
    norms : dict of str to float
        By step, the L2 norm of the whole gradient, before it is reduced.
    extremes : dict of str to float
        By step, its largest absolute value, of the whole gradient.
    zeros : dict of str to float
        By step, the share of its numbers, 0 to 1, that are exactly 0, of the whole gradient.
    of_scores : (float, float, float)
        Norm, largest absolute value and share of zeros of the whole gradient of the scores.
    """

    loss: float
    maps: dict[str, np.ndarray]
    scores: np.ndarray
    norms: dict[str, float]
    extremes: dict[str, float]
    zeros: dict[str, float]
    of_scores: tuple[float, float, float]

    def __repr__(self) -> str:
        return f"<BackwardPass: loss {self.loss:.4g}, gradients of {len(self.maps)} maps>"


def backward_pass(
    model: keras.Model,
    image: Any,
    mask: Any,
    names: Sequence[str] | None = None,
    channels: int | None = None,
    size: int | None = None,
) -> BackwardPass:
    """Return the gradients of the loss with respect to the maps of one image.

    The network runs as in a prediction, without dropout.

    Parameters
    ----------
    model : keras.Model
        A functional model that ends in a softmax or a sigmoid.
    image : array of shape (h, w) or (h, w, c)
        An image of just its size, as for `feature_maps`.
    mask : array of shape (h, w)
        Number of the right class at each pixel, of the size of the output or of the input; of a
        mask of the input the middle is used.
    names : sequence of str, optional
        Names of the steps whose gradients are returned, as in `readable_maps`; None for all.
    channels : int, optional
        How many channels of each gradient are returned, from the first on; None for all.
    size : int, optional
        Pixels to which the longer side of a larger gradient is reduced, by means; None for none.

    Returns
    -------
    BackwardPass
        What is left out or reduced never leaves the graph, so it takes no memory.

    Raises
    ------
    KeyError
        If the model has no such step; the steps are named.
    TypeError, ValueError
        If the image or the mask does not fit, the model does not return probabilities, or weights
        of it are NaN.

    See Also
    --------
    gradient_norms : The gradients of the kernels instead of the maps.
    pixel_gradient : The gradient of one score instead of the loss.
    """
    model = ready(model, image)
    check_probabilities(model)
    wanted = tuple(wanted_names(readable_maps(model), names))
    channels = None if channels is None else integer("channels", channels, 1)
    size = None if size is None else integer("size", size, 1)
    batches = image_batch(model, image), mask_batch(model, mask)
    found = _compiled_pass(model, wanted, channels, size)(*batches)
    scores, *maps = (one.numpy()[0] for one in found["maps"])
    numbers = [found[what].numpy() for what in ("norms", "extremes", "zeros")]
    norm, extreme, zero = (float(one[0]) for one in numbers)
    norms, extremes, zeros = (
        dict(zip(wanted, map(float, one[1:]), strict=True)) for one in numbers
    )
    by_step = dict(zip(wanted, maps, strict=True))
    return BackwardPass(
        float(found["loss"]), by_step, scores, norms, extremes, zeros, (norm, extreme, zero)
    )


def gradient_norms(
    model: keras.Model, images: SyntheticImage | Iterable[SyntheticImage]
) -> dict[str, float]:
    """Return the L2 norm of the gradient of the loss with respect to each kernel.

    Parameters
    ----------
    model : keras.Model
        A functional model that ends in a softmax or a sigmoid.
    images : iterable of SyntheticImage
        Images of the model's size.

    Returns
    -------
    dict of str to float
        By layer with a kernel, in the order of the forward pass: the mean of the norms over the
        images, each with its own loss; without dropout.

    Raises
    ------
    TypeError, ValueError
        If there is no image, one does not fit, the model does not return probabilities, or weights
        of it are NaN.

    See Also
    --------
    backward_pass : The gradients of the maps.
    check_weight : The gradient of one weight, checked by differences of the loss.
    """
    samples = [images] if isinstance(images, SyntheticImage) else list(images)
    if not samples:
        raise ValueError(
            "gradient_norms needs at least one image, such as validation_images(572, 1)"
        )
    norms = []
    for sample in samples:
        own = ready(model, sample.image)
        check_probabilities(own)
        batches = image_batch(own, sample.image), mask_batch(own, sample.mask)
        found = kernel_gradients(own, *batches)
        norms.append([float(tf.norm(found[name])) for name in found])
    return dict(zip(found, np.mean(norms, axis=0).tolist(), strict=True))


def pixel_gradient(
    model: keras.Model, image: Any, row: int, col: int, channel: int = -1
) -> np.ndarray:
    """Return the gradient of one score of one output pixel with respect to the image.

    Parameters
    ----------
    model : keras.Model
        A functional model.
    image : array of shape (h, w) or (h, w, c)
        An image of just its size, as for `feature_maps`.
    row, col : int
        A pixel of the output, from 0.
    channel : int
        A class; -1 is the last, the foreground. Its score is the number before the last activation.

    Returns
    -------
    array of shape (h, w, c), float32
        How fast the score rises with each number of the image. It is 0 outside the receptive
        field, ``receptive_field(trace, row, col).input``.

    Raises
    ------
    TypeError, ValueError
        If the image does not fit, or the output has no such pixel or class.

    See Also
    --------
    unetviz.receptive_field : Which pixels can have a gradient at all.
    """
    model = ready(model, image)
    run = _compiled_pixel(model)
    height, width, classes = model.output_shape[1:]
    row, col = integer("row", row, 0, height - 1), integer("col", col, 0, width - 1)
    channel = integer("channel", channel, -classes, classes - 1) % classes
    which = tf.constant([[0, row, col, channel]])
    return run(image_batch(model, image), which).numpy()[0]


@lru_cache(maxsize=8)
def _compiled_pass(
    model: keras.Model, names: tuple[str, ...], channels: int | None, size: int | None
) -> Callable[[tf.Tensor, tf.Tensor], dict[str, Any]]:
    """One graph for the wanted gradients, kept because building it takes as long as running."""
    network = instrumented(model)

    def run(images: tf.Tensor, masks: tf.Tensor) -> dict[str, Any]:
        with tf.GradientTape() as tape:
            tape.watch(images)
            forward = network(images)
            loss = weighted_loss(forward.output, masks)
        sources = [forward.scores, *(forward.maps[name] for name in names)]
        found = tape.gradient(loss, sources, unconnected_gradients="zero")
        return {
            "loss": loss,
            "maps": [reduced_maps(one[..., :channels], size) for one in found],
            "norms": _numbers(tf.norm, found),
            "extremes": _numbers(lambda one: tf.reduce_max(tf.abs(one)), found),
            "zeros": _numbers(_share_of_zeros, found),
        }

    return compiled(model, run, images_of(model), masks_of(model))


@lru_cache(maxsize=8)
def _compiled_pixel(model: keras.Model) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    network = instrumented(model)

    def run(images: tf.Tensor, which: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = tf.gather_nd(network(images).scores, which)
        return tape.gradient(score, images, unconnected_gradients="zero")

    return compiled(model, run, images_of(model), tf.TensorSpec((1, 4), tf.int32))


def _share_of_zeros(one: tf.Tensor) -> tf.Tensor:
    # tf.nn.zero_fraction would put a conditional into the graph for every map.
    return tf.reduce_sum(tf.cast(tf.equal(one, 0), tf.int64)) / one.shape.num_elements()


def _numbers(reduced: Callable, tensors: list[tf.Tensor]) -> tf.Tensor:
    return tf.stack([tf.cast(reduced(one), tf.float32) for one in tensors])
