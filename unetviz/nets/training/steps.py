"""Training step by step: a generator that can be watched, and stopped at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from unetviz.geometry._checks import integer
from unetviz.labs.backprop.loss import SMALLEST
from unetviz.labs.synthetic.examples import Batch

from .._tensorflow import keras, tf
from ..reading.model_graph import last_changing, nodes
from ..reading.plain import plain

_LARGEST_NORM = 1.0
"""Norm to which longer gradients are shortened."""
_WARMUP = 0.1
"""Share of the steps in which the learning rate rises."""


@dataclass(frozen=True)
class Progress:
    """How far training is: the number of steps done, and the loss of the last one."""

    step: int
    loss: float


def train_steps(
    model: keras.Model,
    examples: Callable[[int], Batch],
    steps: int,
    learning_rate: float = 1e-3,
    first: int = 0,
    decay: bool = True,
) -> Iterator[Progress]:
    """Train a model with one batch after another, yielding after each.

    Parameters
    ----------
    model : keras.Model
        A network that ends in a softmax over classes, or in a sigmoid for one.
    examples : function of int
        Returns the batch of a number, such as `SyntheticExamples`.
    steps : int
        Number of steps.
    learning_rate : float
        The largest learning rate of Adam.
    first : int
        Number of the first batch, to continue a training with other batches.
    decay : bool
        Whether the learning rate rises from 0 over a tenth of the steps, then falls towards 0
        along half a cosine.

    Yields
    ------
    Progress
        The model is trained up to here: it can be used, or training stopped, at any time.

    Raises
    ------
    ValueError
        If the model's last layer does not return probabilities.

    See Also
    --------
    unetviz.nets.LiveTraining : A training of a small network with scores in between.
    unetviz.labs.SyntheticExamples : Images to train with.
    """
    steps = integer("steps", steps, 0)
    rate = _rising_and_falling(learning_rate, steps) if decay else learning_rate
    # A single large step at the start can leave all ReLUs of the deepest levels dead for good.
    optimizer = keras.optimizers.Adam(rate, global_clipnorm=_LARGEST_NORM)
    optimizer.build(model.trainable_variables)
    step = compiled_step(model, optimizer)
    for number in range(steps):
        batch = examples(first + number)
        loss = step(*(tf.constant(a) for a in (batch.images, batch.masks, batch.weights)))
        yield Progress(number + 1, float(loss))


def _rising_and_falling(learning_rate: float, steps: int) -> Any:
    rising = round(steps * _WARMUP)
    if not rising:
        return keras.optimizers.schedules.CosineDecay(learning_rate, max(1, steps))
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - rising), warmup_target=learning_rate, warmup_steps=rising
    )


def weighted_loss(
    probabilities: tf.Tensor, masks: tf.Tensor, weights: tf.Tensor | None = None
) -> tf.Tensor:
    """Return the weighted mean of -log p(right class) over all pixels.

    Parameters
    ----------
    probabilities : tensor of shape (n, h, w, classes)
        Numbers from 0 to 1; with one class the probability of foreground.
    masks : tensor of shape (n, h, w)
        Number of the right class at each pixel.
    weights : tensor of shape (n, h, w), optional
        Weight of each pixel; None for equal weights.

    Returns
    -------
    tensor of shape ()
        The loss.
    """
    masks = tf.cast(masks, tf.int32)
    if probabilities.dtype.size < tf.float32.size:
        probabilities = tf.cast(probabilities, tf.float32)  # of a model in mixed precision
    if probabilities.shape[-1] == 1:
        probabilities = tf.concat([1 - probabilities, probabilities], axis=-1)
    one_hot = tf.one_hot(masks, probabilities.shape[-1], dtype=probabilities.dtype)
    right = tf.reduce_sum(probabilities * one_hot, axis=-1)
    losses = -tf.math.log(tf.clip_by_value(right, SMALLEST, 1.0))
    if weights is None:
        return tf.reduce_mean(losses)
    return tf.reduce_sum(weights * losses) / tf.reduce_sum(weights)


def compiled_step(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> Callable:
    """Return a function that trains a model with one batch and returns the loss.

    Parameters
    ----------
    model : keras.Model
        A network that ends in a softmax over classes, or in a sigmoid for one.
    optimizer : keras.optimizers.Optimizer
        Already built for the model's weights.

    Returns
    -------
    function
        Takes images, masks and weights as tensors, of the same shape at each call.

    Raises
    ------
    ValueError
        If the model's last layer does not return probabilities.
    """
    network = plain(model)
    require_probabilities(last_changing(nodes(network)).layer)

    def step(images: tf.Tensor, masks: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = weighted_loss(network(images, training=True), masks, weights)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    graph: list[Callable] = []

    def run(*tensors: tf.Tensor) -> tf.Tensor:
        if not graph:
            # One graph for each training. TensorFlow would warn of a function that is traced again
            # and again, as each new training does.
            graph.append(tf.function(step).get_concrete_function(*map(_signature, tensors)))
        return graph[0](*tensors)

    return run


def require_probabilities(last: keras.layers.Layer) -> None:
    """Raise `ValueError` if the last layer of a network does not end in a softmax or a sigmoid."""
    activation = getattr(getattr(last, "activation", None), "__name__", "")
    if activation not in ("softmax", "sigmoid") and not isinstance(last, keras.layers.Softmax):
        raise ValueError(
            f"the last layer, {last.name!r}, does not give probabilities, so there is no loss; end "
            "the network in a softmax or a sigmoid"
        )


def _signature(tensor: tf.Tensor) -> tf.TensorSpec:
    return tf.TensorSpec(tensor.shape, tensor.dtype)
