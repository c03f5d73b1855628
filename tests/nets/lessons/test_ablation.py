"""The row from FCN-32s to U-Net on images: masks and scores against the networks themselves."""

import math
import re
from itertools import pairwise

import numpy as np
import pytest

import unetviz as uv
from unetviz.labs.synthetic.cells import SyntheticImage
from unetviz.labs.synthetic.examples import validation_images
from unetviz.nets.lessons import ablation as ablation_results
from unetviz.nets.lessons.ablation import measure_ablation
from unetviz.nets.training.recipes import RECIPES

pytestmark = pytest.mark.keras

NAMES = list(uv.geometry.ABLATION)
SIDE = 256


def predicted(model, image):
    return model.predict_on_batch(image[np.newaxis, ..., np.newaxis])[0]


def untrained(name, image):
    """A network of the row, narrow, with random weights that call half of an image foreground."""
    model = uv.build(RECIPES[name].spec.replace(base_filters=4), seed=0)
    random = np.random.default_rng(NAMES.index(name))
    # Small kernels and biases above 0 keep its few ReLUs alive.
    given = [(w, random.uniform(0.4, 0.8, w.shape)) for w in model.get_weights()]
    model.set_weights([0.7 * w if w.ndim > 1 else above_0 for w, above_0 in given])
    *others, bias = model.get_weights()
    fitting = np.pad(image, (model.input_shape[1] - len(image)) // 2, mode="reflect")
    probabilities = np.maximum(predicted(model, fitting), 1e-30)
    ratio = np.log(probabilities[..., 1] / probabilities[..., 0])
    assert np.diff(np.percentile(ratio, [45, 50, 55])).min() > 1e-5
    bias[1] -= np.median(ratio)
    model.set_weights([*others, bias])
    return model


@pytest.fixture(scope="module")
def images():
    return validation_images(SIDE, 2)


@pytest.fixture(scope="module")
def networks(images):
    return {name: untrained(name, images[0].image) for name in NAMES}


@pytest.fixture
def narrow(monkeypatch, networks):
    """No weights are read: the networks are small and made here."""
    monkeypatch.setattr(ablation_results, "load_pretrained", networks.__getitem__)


@pytest.fixture(scope="module")
def results(networks, images):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ablation_results, "load_pretrained", networks.__getitem__)
        return measure_ablation(images, progress=False)


def said_by_hand(model, image):
    """One pass; where less comes out than goes in, over the image and what it mirrors around."""
    size, out = model.input_shape[1], model.output_shape[1]
    rim = (size - out) // 2
    if rim:
        assert rim == 92
        image = np.pad(image, ((rim, size - rim - SIDE),) * 2, mode="reflect")
    return predicted(model, image)[:SIDE, :SIDE, 1]


def test_all_networks_of_the_row_in_their_order(results):
    assert [one.name for one in results] == NAMES
    assert [one.spec for one in results] == list(uv.geometry.ABLATION.values())
    assert [one.used_at for one in results] == [(SIDE, SIDE)] * 6 + [(444, 444)]
    for one in results:
        assert one.trace.spec == uv.geometry.ABLATION[one.name]
        assert [step.out_shape for step in one.trace] == [
            step.out_shape for step in uv.trace(uv.geometry.ABLATION[one.name])
        ]


def test_masks_are_what_the_network_says(results, networks, images):
    for found in results:
        assert len(found.masks) == len(images)
        for mask, sample in zip(found.masks, images, strict=True):
            assert (mask.dtype, mask.shape) == (bool, (SIDE, SIDE))
            assert 0.02 < mask.mean() < 0.98
            probabilities = said_by_hand(networks[found.name], sample.image)
            # Where it is undecided to the last digits, another way of computing may decide
            # otherwise.
            decided = np.abs(probabilities - 0.5) > 1e-5
            assert decided.mean() > 0.99
            np.testing.assert_array_equal(mask[decided], probabilities[decided] > 0.5)


def test_the_network_without_padding_sees_the_mirrored_border(networks, images):
    """With anything else around the image the masks would be others, at the border only."""
    model, image = networks["unet_valid"], images[0].image
    mirrored = said_by_hand(model, image)
    zeros = predicted(model, np.pad(image, (92, 96)))[:SIDE, :SIDE, 1]
    assert ((mirrored > 0.5) != (zeros > 0.5)).any()
    np.testing.assert_allclose(mirrored[104:-104, 104:-104], zeros[104:-104, 104:-104], atol=1e-5)


def test_scores_are_those_of_the_masks(results, images):
    for one in results:
        assert len(one.scores) == len(images)
        for score, mask, sample in zip(one.scores, one.masks, images, strict=True):
            truth = sample.mask == 1
            expected = 2 * (mask & truth).sum() / (mask.sum() + truth.sum())
            assert score.dice == pytest.approx(expected)
            assert score.accuracy == pytest.approx((mask == truth).mean())
            assert score.boundary_error == uv.labs.boundary_error(mask, truth)
        for field in ("dice", "boundary_error", "accuracy"):
            mean = math.fsum(getattr(score, field) for score in one.scores) / len(images)
            assert getattr(one.mean, field) == pytest.approx(mean)


def test_some_networks_in_another_order_on_one_image(narrow, results, images):
    chosen = ["unet_valid", "fcn_16s"]
    found = measure_ablation(images[1:], chosen)
    assert [one.name for one in found] == chosen
    for one in found:
        (mask,) = one.masks
        np.testing.assert_array_equal(mask, results[NAMES.index(one.name)].masks[1])
    assert measure_ablation(tuple(images), iter(())) == []


def test_an_unknown_name_lists_those_there_are(narrow, images):
    for names in (["fcn_4s"], ["fcn_8s", ""], ["cells"], [None]):
        with pytest.raises(ValueError, match=f"{names[-1]!r}.* {', '.join(NAMES)}"):
            measure_ablation(images, names)


def test_images_of_another_size_are_refused(narrow, images):
    for shape in ((255, 256), (256, 512), (572, 572), (256, 256, 3)):
        wrong = SyntheticImage(*(np.zeros(shape, kind) for kind in ("float32", "uint8", "int32")))
        words = f"take grey images of shape (256, 256), not {shape}; try"
        with pytest.raises(ValueError, match=re.escape(words)):
            measure_ablation([images[0], wrong])


def test_without_images_there_is_nothing_to_measure(narrow):
    with pytest.raises(ValueError, match="give at least one image"):
        measure_ablation([])


@pytest.fixture(scope="module")
def trained():
    return measure_ablation(validation_images(SIDE, 4), progress=False)


def test_the_weights_that_come_with_the_package(trained):
    assert [one.name for one in trained] == NAMES
    assert [one.used_at for one in trained] == [(SIDE, SIDE)] * 6 + [(444, 444)]
    for one in trained:
        assert all(0.02 < mask.mean() < 0.98 for mask in one.masks)


def test_each_skip_of_an_fcn_helps(trained):
    reached = {one.name: one.mean for one in trained}
    row = [reached[name] for name in ("fcn_32s", "fcn_16s", "fcn_8s")]
    for before, after in pairwise(row):
        assert before.dice < after.dice
        assert before.boundary_error > after.boundary_error
    # All networks of the U kind are better than the best FCN.
    for name in NAMES[3:]:
        assert reached[name].dice > reached["fcn_8s"].dice
