"""The sums of an FCN taken apart, against Keras' own layers and networks written by hand."""

import keras
import numpy as np
import pytest
from support.independent_fcn import build_fcn_independently

import unetviz as uv
from unetviz.labs.synthetic.examples import validation_images
from unetviz.nets.running.score_sums import PARTS, ScoreSums

pytestmark = pytest.mark.keras

SPECS = {
    "fcn_16s": uv.FCNSpec((64, 96), base_filters=2, stride=16),
    "fcn_8s, columns lost, 3 classes": uv.FCNSpec((64, 70), base_filters=2, classes=3, stride=8),
}
SUMS = {16: ["dec5_add"], 8: ["dec5_add", "dec4_add"]}


def spread(model, image, seed):
    """Random weights, and a last bias by which about half of the image is foreground."""
    random = np.random.default_rng(seed)
    model.set_weights([w + random.normal(0, 0.15, w.shape) for w in model.get_weights()])
    *others, bias = model.get_weights()
    probabilities = np.maximum(predicted(model, image), 1e-30)
    ratio = np.log(probabilities[..., 1:].max(axis=-1) / probabilities[..., 0])
    bias[1:] -= np.median(ratio)
    model.set_weights([*others, bias])
    return model


def predicted(model, image):
    return model.predict_on_batch(image[np.newaxis, ..., np.newaxis])[0]


@pytest.fixture(scope="module", params=SPECS)
def taken(request):
    """A specification, its model, an image, and the model's sums."""
    spec = SPECS[request.param]
    image = validation_images(spec.input_size, 1)[0].image
    model = spread(uv.build(spec, seed=1), image, 2)
    return spec, model, image, ScoreSums(model)


def by_hand(model, spec, gate):
    """The same network written by hand, with the same weights."""
    copy, tensors = build_fcn_independently(spec, gate=gate)
    for step in uv.trace(spec):
        layer = tensors[step.name]._keras_history.operation
        layer.set_weights(model.get_layer(step.name).get_weights())
    return copy


def means_foreground(probabilities):
    return probabilities.argmax(axis=-1) > 0


def test_the_steps_that_add_and_what_they_add(taken):
    spec, _, _, sums = taken
    assert list(sums.steps) == SUMS[spec.stride]
    for step, (coarse, finer) in sums.steps.items():
        assert (coarse, finer) == (f"{step[:4]}_crop", f"{step[:4]}_score")
        assert sums.trace[step].inputs == (coarse, finer)
    assert [s.name for s in sums.trace] == [s.name for s in uv.trace(spec)]


def test_parts_and_total_are_what_the_layers_return(taken):
    _, model, image, sums = taken
    for step, names in sums.steps.items():
        layers = [model.get_layer(name).output for name in (*names, step)]
        expected = keras.Model(model.inputs, layers).predict_on_batch(
            image[np.newaxis, ..., np.newaxis]
        )
        found = sums.explain_value(image, step)
        for part, values in zip(PARTS, expected, strict=True):
            assert values.std() > 1e-3
            np.testing.assert_array_equal(getattr(found, part), values[0])


def test_masks_are_those_of_a_network_in_which_the_other_input_is_zero(taken):
    spec, model, image, sums = taken
    for step in sums.steps:
        found = sums.explain_value(image, step)
        assert list(found.masks) == list(PARTS)
        for part, off in (("coarse", "skip"), ("finer", "up"), ("total", None)):

            def gate(tensor, level, branch, step=step, off=off):
                return 0 * tensor if (f"dec{level}_add", branch) == (step, off) else tensor

            copy = by_hand(model, spec, gate)
            expected = means_foreground(copy(image[np.newaxis, ..., np.newaxis]).numpy()[0])
            assert found.masks[part].dtype == np.uint8
            assert found.masks[part].shape == spec.input_size
            np.testing.assert_array_equal(found.masks[part] == 1, expected)
        assert 0.1 < found.masks["total"].mean() < 0.9
        assert (found.masks["total"] == 1).tolist() == (
            means_foreground(predicted(model, image)).tolist()
        )
        different = {part: found.masks[part].tobytes() for part in PARTS}
        assert len(set(different.values())) == 3


def test_asking_again_gives_the_same_and_the_model_may_learn_in_between():
    spec = SPECS["fcn_16s"]
    first, second = (sample.image for sample in validation_images(spec.input_size, 2))
    model = spread(uv.build(spec, seed=1), first, 2)
    sums = ScoreSums(model)
    kept = sums.explain_value(first, "dec5_add")
    other = sums.explain_value(second, "dec5_add")
    again = sums.explain_value(first, "dec5_add")
    assert (other.total != kept.total).any()
    for part in PARTS:
        np.testing.assert_array_equal(getattr(again, part), getattr(kept, part))
        np.testing.assert_array_equal(again.masks[part], kept.masks[part])
    spread(model, second, 5)
    learned = sums.explain_value(first, "dec5_add")
    assert (learned.total != kept.total).any()
    np.testing.assert_array_equal(
        learned.masks["total"] == 1, means_foreground(predicted(model, first))
    )


def test_a_model_from_a_file_has_the_same_sides(taken, tmp_path):
    _, model, image, sums = taken
    model.save(tmp_path / "fcn.keras")
    again = ScoreSums(uv.nets.load_model(tmp_path / "fcn.keras"))
    assert again.steps == sums.steps
    assert [(s.name, s.side, s.level) for s in again.trace] == [
        (s.name, s.side, s.level) for s in sums.trace
    ]
    for step in sums.steps:
        found, expected = again.explain_value(image, step), sums.explain_value(image, step)
        for part in PARTS:
            np.testing.assert_array_equal(found.masks[part], expected.masks[part])
            np.testing.assert_array_equal(getattr(found, part), getattr(expected, part))


def copy_with_turned_sums(model, spec):
    """The same layers with the same weights; what is added is given in the other order."""
    tensors = {"input": keras.Input((*spec.input_size, 1))}
    for step in uv.trace(spec).steps[1:]:
        layer = model.get_layer(step.name)
        copy = type(layer).from_config(layer.get_config())
        given = [tensors[name] for name in step.inputs]
        tensors[step.name] = copy(given[::-1] if len(given) > 1 else given[0])
        copy.set_weights(layer.get_weights())
    return keras.Model(tensors["input"], tensors["softmax"])


def test_the_order_in_which_a_layer_takes_them_does_not_matter(taken):
    """Another person may write the finer scores first."""
    spec, model, image, sums = taken
    turned = ScoreSums(copy_with_turned_sums(model, spec))
    assert turned.trace["dec5_add"].inputs == ("dec5_score", "dec5_crop")
    assert turned.steps == sums.steps
    for step in sums.steps:
        found, expected = turned.explain_value(image, step), sums.explain_value(image, step)
        np.testing.assert_allclose(found.coarse, expected.coarse, atol=1e-5)
        np.testing.assert_array_equal(found.masks["coarse"], expected.masks["coarse"])


def test_a_unet_that_adds_has_sums_too():
    for padding, skips in {
        "valid": ("dec2_crop", "dec1_crop"),
        "same": ("enc2_conv2", "enc1_conv2"),
    }.items():
        spec = uv.UNetSpec(92, depth=2, base_filters=2, merge="add", padding=padding)
        assert ScoreSums(uv.build(spec, seed=0)).steps == {
            "dec2_add": ("dec2_up", skips[0]),
            "dec1_add": ("dec1_up", skips[1]),
        }


def test_a_network_that_adds_nothing_is_refused():
    for spec in (
        uv.UNetSpec(32, depth=2, base_filters=1, padding="same"),
        uv.UNetSpec(32, depth=2, base_filters=1, padding="same", merge="none"),
        SPECS["fcn_16s"].replace(stride=32),
    ):
        with pytest.raises(ValueError, match=r'adds no scores; .*load_pretrained\("fcn_8s"\)'):
            ScoreSums(uv.build(spec))


def test_an_unknown_step_lists_those_there_are(taken):
    spec, _, image, sums = taken
    known = ", ".join(SUMS[spec.stride])
    for step in ("dec3_add", "dec5_crop", "", "softmax", None):
        with pytest.raises(ValueError, match=f"no sum {step!r}; the sums are {known}"):
            sums.explain_value(image, step)


def test_an_image_that_does_not_fit_is_refused(taken):
    spec, _, image, sums = taken
    height, width = spec.input_size
    with pytest.raises(ValueError, match=f"takes {height} x {width} pixels, the image has"):
        sums.explain_value(image[1:], "dec5_add")
    with pytest.raises(ValueError, match="3 channels, but the network takes 1"):
        sums.explain_value(np.stack([image] * 3, axis=-1), "dec5_add")
