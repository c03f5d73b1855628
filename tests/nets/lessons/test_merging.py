"""Sums and concatenations in networks, against Keras' own layers."""

import keras
import numpy as np
import pytest
from support.foreign_models import MODELS
from support.network_pool import check_each

import unetviz as uv
from unetviz.nets.lessons.merging import as_concatenation, explained_variance_table

pytestmark = pytest.mark.keras

SPEC = uv.UNetSpec((44, 60), depth=2, base_filters=4)


def with_biases(model, seed=2):
    """The same model with weights of which none is 0: fresh biases are, and hide mistakes."""
    random = np.random.default_rng(seed)
    model.set_weights([w + random.normal(0, 0.1, w.shape) for w in model.get_weights()])
    return model


def image_for(model, seed=3):
    return np.random.default_rng(seed).random(model.input_shape[1:]).astype("float32")


def map_of(model, step, image):
    probe = keras.Model(model.inputs, model.get_layer(step).output)
    return np.asarray(probe(image[np.newaxis], training=False))[0].astype(float)


def share(merged, original):
    """Share of the variance that a 1x1 convolution with a bias explains, by an orthogonal basis."""
    known = np.ones((merged[..., 0].size, merged.shape[2] + 1))
    known[:, 1:] = merged.reshape(len(known), -1)
    wanted = original.reshape(len(known), -1)
    basis, sizes, _ = np.linalg.svd(known, full_matrices=False)
    basis = basis[:, sizes > 1e-6 * sizes[0]]
    missed = wanted - basis @ (basis.T @ wanted)
    return 1 - (missed**2).sum() / ((wanted - wanted.mean(axis=0)) ** 2).sum()


@pytest.fixture(scope="module")
def models():
    changes = {
        "added": {"merge": "add"},
        "beside": {"merge": "concat"},
        "added, padded": {"merge": "add", "padding": "same", "upsampling": "upsample_conv"},
        "beside, padded": {"merge": "concat", "padding": "same", "upsampling": "upsample_conv"},
    }
    return {
        name: with_biases(uv.build(SPEC.replace(**change), seed=1), 2)
        for name, change in changes.items()
    }


def test_shares_are_those_of_the_maps_that_keras_makes(models):
    image = image_for(models["added"])
    table = explained_variance_table(models, image)
    assert table.headings == ("variance had back", "join", "of the skip", "of the map from below")
    assert table.numbers == {2, 3}
    rows = []
    for name, model in models.items():
        for level in (2, 1):
            join = f"dec{level}_{'add' if name.startswith('added') else 'concat'}"
            skip = f"enc{level}_conv2" if "padded" in name else f"dec{level}_crop"
            merged = map_of(model, join, image)
            shares = [share(merged, map_of(model, n, image)) for n in (skip, f"dec{level}_up")]
            rows.append((name, join, *(f"{100 * s:.1f}%" for s in shares)))
    assert table.rows == tuple(rows)


def test_all_is_recovered_from_a_concatenation_and_less_from_a_sum(models):
    for name, join, *shares in explained_variance_table(models, image_for(models["added"], 8)).rows:
        assert join.endswith("_concat") == name.startswith("beside")
        assert (shares == ["100.0%", "100.0%"]) == name.startswith("beside")


def test_a_network_without_joins_has_no_rows():
    model = uv.build(SPEC.replace(merge="none"))
    table = explained_variance_table(
        {"none": model, "<b>one</b>": uv.build(SPEC)}, image_for(model)
    )
    assert [row[:2] for row in table.rows] == [
        ("<b>one</b>", "dec2_concat"),
        ("<b>one</b>", "dec1_concat"),
    ]
    assert "<b>" not in table.as_markdown()
    assert explained_variance_table({}, image_for(model)).rows == ()


def test_an_image_that_does_not_fit_is_refused(models):
    with pytest.raises(ValueError, match="takes 44 x 60 pixels, the image has 43 x 60"):
        explained_variance_table(models, np.zeros((43, 60)))


def test_the_map_from_below_may_come_first():
    """So it does in an FCN, and in networks of many other people."""
    fcn = with_biases(uv.build(uv.FCNSpec((64, 96), base_filters=2, stride=16), seed=1))
    image = image_for(fcn)
    (row,) = explained_variance_table({"fcn": fcn}, image).rows
    merged = map_of(fcn, "dec5_add", image)
    shares = [share(merged, map_of(fcn, name, image)) for name in ("dec5_score", "dec5_crop")]
    assert round(shares[0], 2) != round(shares[1], 2)
    assert row == ("fcn", "dec5_add", *(f"{100 * one:.1f}%" for one in shares))


def test_models_of_other_people():
    keras.utils.set_random_seed(1)
    model = with_biases(MODELS["batch_normalized"](), 4)
    rows = explained_variance_table({"theirs": model}, image_for(model)).rows
    assert [row[2:] for row in rows] == [("100.0%", "100.0%")] * 2


def test_a_concatenation_that_is_a_sum(network_pool):
    sums = [n for n in network_pool if not n.is_fcn and n.small.merge == "add"]
    assert len(sums) >= 3
    check_each(sums, lambda network: compare(network.model, network.small, network.image))


def test_the_output_of_such_a_concatenation_is_not_a_constant():
    spec = SPEC.replace(merge="add", padding="same", upsampling="upsample_conv")
    model = with_biases(uv.build(spec, seed=1))
    assert compare(model, spec, image_for(model)).std() > 1e-4


def compare(model, spec, image):
    before = model.get_weights()
    concatenating = as_concatenation(model, spec)
    found, expected = uv.trace_model(concatenating), uv.trace(spec.replace(merge="concat"))
    assert [(s.name, s.kind, s.out_shape, s.params) for s in found] == [
        (s.name, s.kind, s.out_shape, s.params) for s in expected
    ]
    one, other = (
        np.asarray(m(image[np.newaxis], training=False))[0] for m in (model, concatenating)
    )
    assert np.abs(one - other).max() < 1e-5 * max(1.0, np.abs(one).max())
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    return one


def test_a_network_that_does_not_add_is_refused():
    for merge in ("concat", "none"):
        spec = SPEC.replace(merge=merge)
        with pytest.raises(ValueError, match='a U-Net with merge="add" is needed, not UNetSpec'):
            as_concatenation(uv.build(spec), spec)
