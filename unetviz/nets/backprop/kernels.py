"""Gradient check: the gradient for one weight, compared with differences of the loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from unetviz.geometry._checks import integer, positive

from .._tensorflow import keras, tf
from ..running.inputs import image_batch, ready
from ..running.instrumented import (
    check_probabilities,
    compiled,
    images_of,
    instrumented,
    kernel_gradients,
    kernels_of,
    loss_of,
    mask_batch,
    masks_of,
)

STEP = 1e-6
"""Default step: how far a weight is moved up and down.

A larger step is more likely to switch a ReLU or the largest pixel of a pool, where the loss has a
kink; with a smaller step the rounding of the loss counts more.
"""

_TINY = 1e-8
"""Smaller gradients are compared as if they were this large: in float64 the differences of the loss
are rounded to about 1e-10."""


@dataclass(frozen=True)
class WeightCheck:
    """The gradient of the loss with respect to one weight, computed in four ways.

    Attributes
    ----------
    layer : str
        Name of the layer.
    index : tuple of int
        Place of the weight in the layer's kernel.
    value : float
        The weight, w.
    step : float
        How far it is moved up and down, e.
    analytic, analytic64 : float
        From one backward pass, in float32 as in training, and in float64.
    numeric64, numeric32 : float
        (L(w + e) - L(w - e)) / 2e in float64, and in float32, where it is mostly rounding error.
    losses64, losses32 : (float, float)
        L(w + e) and L(w - e) in both precisions.
    """

    layer: str
    index: tuple[int, ...]
    value: float
    step: float
    analytic: float
    analytic64: float
    numeric64: float
    numeric32: float
    losses64: tuple[float, float]
    losses32: tuple[float, float]

    @property
    def relative(self) -> float:
        """Relative difference of `analytic` and `numeric64`: divided by that, at least by 1e-8."""
        return _relative(self.analytic, self.numeric64)

    @property
    def relative64(self) -> float:
        """Relative difference of `analytic64` and `numeric64`, as for `relative`."""
        return _relative(self.analytic64, self.numeric64)

    @property
    def relative32(self) -> float:
        """Relative difference of `numeric32` and `numeric64`, as for `relative`."""
        return _relative(self.numeric32, self.numeric64)


def check_weight(
    model: keras.Model,
    image: Any,
    mask: Any,
    layer: str,
    index: Sequence[int],
    step: float | None = None,
) -> WeightCheck:
    """Compute the gradient of the loss with respect to one weight in four ways.

    The model itself is not changed.

    Parameters
    ----------
    model : keras.Model
        A functional model that ends in a softmax or a sigmoid.
    image : array of shape (h, w) or (h, w, c)
        An image of just its size, as for `feature_maps`.
    mask : array of shape (h, w)
        Number of the right class at each pixel, as for `backward_pass`.
    layer : str
        Name of a layer with a kernel.
    index : sequence of int
        Place of the weight in the kernel, from 0: of a convolution (row, column, input channel,
        filter).
    step : float, optional
        How far the weight is moved up and down; by default 1e-6.

    Returns
    -------
    WeightCheck
        The four gradients, all with dropout off.

    Raises
    ------
    KeyError
        If there is no such layer; the layers are named.
    TypeError, ValueError
        If the image or the mask does not fit, there is no such weight, or the step is not a
        number above 0.

    See Also
    --------
    gradient_norms : The gradients of whole kernels.
    unetviz.labs.numeric_gradient : The same idea for any function.
    """
    model = ready(model, image)
    owner = _owner(model, layer)
    index = _checked_index(layer, owner.kernel.shape, index)
    step = STEP if step is None else positive("step", step)
    batches = image_batch(model, image), mask_batch(model, mask)
    analytic, losses32 = _computed(model, *batches, layer, index, step, "float32")
    analytic64, losses64 = _computed(model, *batches, layer, index, step, "float64")
    # The difference is rounded to float32 too, as in a program that computes in float32 only.
    higher, lower = map(np.float32, losses32)
    return WeightCheck(
        layer=layer,
        index=index,
        value=float(np.asarray(owner.kernel)[index]),
        step=step,
        analytic=analytic,
        analytic64=analytic64,
        numeric64=(losses64[0] - losses64[1]) / (2 * step),
        numeric32=float((higher - lower) / np.float32(2 * step)),
        losses64=losses64,
        losses32=losses32,
    )


def kernel_gradient(model: keras.Model, image: Any, mask: Any, layer: str) -> np.ndarray:
    """Return the gradient of the loss with respect to a whole kernel, from one backward pass.

    Parameters
    ----------
    model, image, mask, layer
        As for `check_weight`.

    Returns
    -------
    array of the kernel's shape, float32
        The gradient, with dropout off.

    Raises
    ------
    KeyError, TypeError, ValueError
        As for `check_weight`.
    """
    model = ready(model, image)
    _owner(model, layer)
    batches = image_batch(model, image), mask_batch(model, mask)
    return kernel_gradients(model, *batches)[layer].numpy()


def _computed(
    model: keras.Model,
    images: tf.Tensor,
    masks: tf.Tensor,
    layer: str,
    index: tuple[int, ...],
    step: float,
    dtype: str,
) -> tuple[float, tuple[float, float]]:
    """The gradient for one weight, and the losses with the weight moved up and down."""
    gradient = kernel_gradients(model, images, masks, dtype)[layer][index]
    kernels = kernels_of(model, dtype)

    def loss(by: float) -> float:
        moved = tf.tensor_scatter_nd_add(kernels[layer], [index], tf.constant([by], dtype))
        return float(_compiled_loss(model, dtype)(images, masks, kernels | {layer: moved}))

    return float(gradient), (loss(step), loss(-step))


@lru_cache(maxsize=8)
def _compiled_loss(model: keras.Model, dtype: str) -> Callable:
    """One graph for all kernels: a graph for each layer would have to be built for each layer."""
    network = instrumented(model, dtype)

    def run(images: tf.Tensor, masks: tf.Tensor, kernels: Mapping[str, tf.Tensor]) -> tf.Tensor:
        return loss_of(network, tf.cast(images, dtype), masks, kernels)

    kernels = {name: tf.TensorSpec(one.shape, dtype) for name, one in kernels_of(model).items()}
    return compiled(model, run, images_of(model), masks_of(model), kernels)


def _owner(model: keras.Model, layer: str) -> Any:
    check_probabilities(model)
    layers = instrumented(model).kernels
    if layer not in layers:
        raise KeyError(f"no kernel in a layer {layer!r}; the layers are {', '.join(layers)}")
    return layers[layer]


def _checked_index(layer: str, shape: Sequence[int], index: Any) -> tuple[int, ...]:
    numbers = tuple(index)
    if len(numbers) != len(shape):
        raise ValueError(
            f"the kernel of {layer!r} has the shape {tuple(shape)}, so index takes {len(shape)} "
            f"numbers, not {numbers!r}"
        )
    return tuple(
        integer(f"index[{axis}]", number, 0, size - 1)
        for axis, (number, size) in enumerate(zip(numbers, shape, strict=True))
    )


def _relative(found: float, expected: float) -> float:
    return abs(found - expected) / max(abs(expected), _TINY)
