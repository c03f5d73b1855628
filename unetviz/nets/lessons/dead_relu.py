"""Dead ReLU: how often the two-filter layer before the output is dead, and what that costs.

Before its 1x1 convolution the document's code has a 3x3 convolution with 2 filters and ReLU. A
filter whose map is 0 everywhere passes nothing on: no signal forward, no gradient backward.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from unetviz.geometry._checks import integer
from unetviz.geometry.specs.unet import DOCUMENT
from unetviz.geometry.tables.table import Table
from unetviz.labs.synthetic.examples import SyntheticExamples, validation_images

from .._tensorflow import keras, tf
from ..build import build
from ..training.steps import compiled_step, weighted_loss

STATES = ("dead", "half dead", "alive")
"""Both filters are 0 on every pixel of all images; one of them is; neither is."""

_IMAGES = 4
"""Validation images on which the filters are measured."""
_NEARLY_DEAD = 0.01
"""Share of pixels below which a filter counts as nearly dead."""


@dataclass(frozen=True)
class DeadRelu:
    """The two filters of one network.

    Attributes
    ----------
    seed : int
        Seed of the network's first weights.
    shares : (float, float)
        Share of pixels, 0 to 1, at which each filter is above 0.
    """

    seed: int
    shares: tuple[float, ...]

    @property
    def state(self) -> str:
        """One of `STATES`."""
        working = sum(share > 0 for share in self.shares)
        return STATES[0] if not working else STATES[2 - (working < len(self.shares))]


@dataclass(frozen=True)
class DeadRelus:
    """The two filters of several networks, shown as a table."""

    networks: tuple[DeadRelu, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many networks there are of each of `STATES`."""
        states = [network.state for network in self.networks]
        return {state: states.count(state) for state in STATES}

    @property
    def nearly(self) -> int:
        """How many networks have a filter that is above 0 on less than 1 % of the pixels."""
        return sum(min(network.shares) < _NEARLY_DEAD for network in self.networks)

    def table(self) -> Table:
        """Return a row for each seed: the share of each map above 0, and the state."""
        rows = tuple(
            (str(network.seed), *(f"{share:.2%}" for share in network.shares), network.state)
            for network in self.networks
        )
        headings = ("seed", "filter 1 above 0", "filter 2 above 0", "start")
        return Table(headings, rows, frozenset({0, 1, 2}))

    def _repr_markdown_(self) -> str:
        return self.table().as_markdown()


@dataclass(frozen=True)
class EarlyLosses:
    """Losses before and after the first steps of training, on validation images.

    Attributes
    ----------
    seeds : tuple of int
        Seeds of the first weights.
    before, after : tuple of float
        Mean binary cross-entropy by seed, without dropout.
    constant : float
        The smallest loss of a constant: the same probability for all pixels.
    ends : DeadRelus
        The two filters after these steps; empty for networks without them.
    """

    seeds: tuple[int, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]
    constant: float
    ends: DeadRelus


def measure_dead_relus(
    seeds: Iterable[int], input_size: int = 64, base_filters: int = 8, depth: int = 4
) -> DeadRelus:
    """Measure the two filters of fresh networks, built as in the document's code.

    Parameters
    ----------
    seeds : iterable of int
        Seeds of the first weights, one network each.
    input_size : int
        Height and width of the synthetic images, in pixels; a multiple of 2 to the power `depth`.
    base_filters : int
        Channels of the first level; the document has 64.
    depth : int
        Number of pooling layers; the document has 4.

    Returns
    -------
    DeadRelus
        For each seed the share of pixels at which each filter is above 0, over a few synthetic
        images and without dropout.

    See Also
    --------
    early_losses : How such networks train.
    """
    images, _ = _validation_batch(input_size)
    seeds = [integer("seed", seed, 0) for seed in seeds]
    spec = DOCUMENT.replace(input_size=input_size, base_filters=base_filters, depth=depth)
    networks = (_measured(_two_filters(build(spec, seed=seed)), images, seed) for seed in seeds)
    return DeadRelus(tuple(networks))


def early_losses(
    head_filters: tuple[int, ...],
    seeds: Iterable[int],
    steps: int = 20,
    *,
    input_size: int = 64,
    base_filters: int = 8,
    depth: int = 1,
    learning_rate: float = 1e-2,
) -> EarlyLosses:
    """Train fresh networks for a few steps, each with the same synthetic images.

    Parameters
    ----------
    head_filters : tuple of int
        ``(2,)`` as in the document's code, or ``()`` for none.
    seeds : iterable of int
        Seeds of the first weights, one network each.
    steps : int
        Number of training steps, with 2 images each.
    input_size, base_filters, depth : int
        As for `measure_dead_relus`; a single pooling layer takes the least time.
    learning_rate : float
        The learning rate of Adam, the same at all steps; the document has 1e-4.

    Returns
    -------
    EarlyLosses
        Losses before and after, and the two filters after the steps.

    See Also
    --------
    measure_dead_relus : The two filters before any training.
    """
    seeds = tuple(integer("seed", seed, 0) for seed in seeds)
    steps = integer("steps", steps, 0)
    spec = DOCUMENT.replace(
        head_filters=head_filters, input_size=input_size, base_filters=base_filters, depth=depth
    )
    images, masks = _validation_batch(input_size)
    side = spec.input_size
    examples = SyntheticExamples(side, side, batch=2, border_weight=0.0, drawn=input_size)
    batches = [examples(number) for number in range(steps)]
    model = build(spec, seed=0)
    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.build(model.trainable_variables)
    fresh = [np.array(variable) for variable in optimizer.variables]
    # Compiling takes longer than the steps: it is done once, and the weights are exchanged.
    step = compiled_step(model, optimizer)
    evaluate = tf.function(lambda: weighted_loss(model(images, training=False), masks))
    two_filters = tf.function(_two_filters(model)) if spec.head_filters else None
    before, after, ends = [], [], []
    for seed in seeds:
        # All variables, including the random state of dropout, as in a separate network.
        _assign(model.variables, build(spec, seed=seed).variables)
        _assign(optimizer.variables, fresh)
        before.append(float(evaluate()))
        for batch in batches:
            step(*(tf.constant(a) for a in (batch.images, batch.masks, batch.weights)))
        after.append(float(evaluate()))
        if two_filters:
            ends.append(_measured(two_filters, images, seed))
    share = np.array([masks.mean(), 1 - masks.mean()])
    constant = float(-(share * np.log(share)).sum())
    return EarlyLosses(seeds, tuple(before), tuple(after), constant, DeadRelus(tuple(ends)))


def _two_filters(model: keras.Model) -> keras.Model:
    """The part of a model up to the layer with two filters."""
    return keras.Model(model.input, model.get_layer("head_conv1").output)


def _measured(two_filters: Callable, images: np.ndarray, seed: int) -> DeadRelu:
    shares = (np.asarray(two_filters(images, training=False)) > 0).mean(axis=(0, 1, 2))
    return DeadRelu(seed, tuple(float(share) for share in shares))


def _validation_batch(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Images and masks that no network is trained with."""
    samples = validation_images(side, _IMAGES)
    images = np.stack([sample.image for sample in samples])[..., np.newaxis]
    return images, np.stack([sample.mask for sample in samples])


def _assign(variables: list, values: list) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
