"""The two-filter layer before the output, and weights with which it passes nothing on."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

import unetviz as uv
from unetviz.labs.synthetic.examples import SyntheticExamples, validation_images
from unetviz.nets.build import build
from unetviz.nets.lessons.dead_relu import (
    DeadRelu,
    DeadRelus,
    early_losses,
    measure_dead_relus,
)

pytestmark = pytest.mark.keras

SMALL = {"input_size": 16, "base_filters": 2, "depth": 1}
SPEC = uv.DOCUMENT.replace(**SMALL)


def test_shares_are_those_of_the_network_of_that_seed():
    found = measure_dead_relus((3, 5), **SMALL)
    images = np.stack([sample.image for sample in validation_images(16, 4)])[..., np.newaxis]
    for one in found.networks:
        model = build(SPEC, seed=one.seed)
        maps = keras.Model(model.inputs, model.get_layer("head_conv1").output).predict(
            images, verbose=0
        )
        assert one.shares == pytest.approx([np.mean(maps[..., i] > 0) for i in (0, 1)], abs=2e-3)


def test_only_a_dead_seed_passes_no_gradient():
    tiny = SMALL | {"base_filters": 1}
    found = measure_dead_relus(range(8), **tiny)
    assert sum(found.counts.values()) == 8
    seeds = {one.state: one.seed for one in found.networks}
    assert {"dead", "alive"} <= set(seeds), "try more seeds"
    samples = validation_images(16, 4)
    images = np.stack([sample.image for sample in samples])[..., np.newaxis]
    masks = np.stack([sample.mask for sample in samples])[..., np.newaxis]
    for state, seed in seeds.items():
        model = build(uv.DOCUMENT.replace(**tiny), seed=seed)
        with tf.GradientTape() as tape:
            loss = keras.losses.BinaryCrossentropy()(masks, model(images))
        # The last bias comes after the two filters: it learns all the same.
        gradients = tape.gradient(loss, model.trainable_variables[:-1])
        assert any(np.any(one) for one in gradients) == (state != "dead")


def test_states_and_table():
    networks = tuple(
        DeadRelu(seed, shares)
        for seed, shares in enumerate([(0.0, 0.0), (0.0, 0.25), (0.005, 0.0), (1.0, 0.001)])
    )
    found = DeadRelus(networks)
    assert [one.state for one in networks] == ["dead", "half dead", "half dead", "alive"]
    assert found.counts == {"dead": 1, "half dead": 2, "alive": 1}
    assert found.nearly == 4
    assert found.table().rows[1] == ("1", "0.00%", "25.00%", "half dead")
    assert "| 3 | 100.00% | 0.10% | alive |" in found._repr_markdown_()


def test_losses_are_those_of_networks_trained_one_by_one():
    found = early_losses((2,), (7, 2, 7), steps=3, learning_rate=1e-3, **SMALL)
    samples = validation_images(16, 4)
    images = np.stack([sample.image for sample in samples])[..., np.newaxis]
    masks = np.stack([sample.mask for sample in samples])[..., np.newaxis]
    share = masks.mean()
    assert found.constant == pytest.approx(
        -share * math.log(share) - (1 - share) * math.log(1 - share)
    )
    examples = SyntheticExamples((16, 16), (16, 16), batch=2, border_weight=0.0, drawn=16)
    for i, seed in enumerate(found.seeds[:2]):
        model = build(SPEC, seed=seed)
        entropy = keras.losses.BinaryCrossentropy()
        assert found.before[i] == pytest.approx(float(entropy(masks, model(images))), abs=1e-5)
        optimizer = keras.optimizers.Adam(1e-3)
        for batch in map(examples, range(3)):
            with tf.GradientTape() as tape:
                loss = entropy(batch.masks[..., np.newaxis], model(batch.images, training=True))
            weights = model.trainable_variables
            optimizer.apply(tape.gradient(loss, weights), weights)
        assert found.after[i] == pytest.approx(float(entropy(masks, model(images))), abs=1e-5)
        assert abs(found.after[i] - found.before[i]) > 2e-3 or seed == 2
    # Nothing of one network is left for the next: neither weights nor Adam's running means.
    assert found.after[2] == pytest.approx(found.after[0], abs=1e-6)
    assert found.after[1] != pytest.approx(found.after[0], abs=1e-3)
    assert len(found.ends.networks) == 3


def test_a_network_without_the_layer_has_no_filters_to_look_at():
    found = early_losses((), (7,), steps=0, **SMALL)
    assert found.ends.networks == ()
    assert found.before == found.after


def test_wrong_seeds_are_refused():
    for seed in (-1, 0.5):
        with pytest.raises(ValueError, match="seed must be a whole number"):
            measure_dead_relus([seed], **SMALL)
