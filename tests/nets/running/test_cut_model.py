"""A network cut in two, against the uncut one and against networks that are built by hand."""

import keras
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.foreign_models import MODELS
from support.independent_fcn import build_fcn_independently
from support.independent_unet import build_independently
from support.network_pool import check_each
from support.random_specs import fcn_specs, specs

import unetviz as uv
from unetviz.nets.running._cut_model import CutModel, downstream_steps

pytestmark = pytest.mark.keras

VALID = uv.UNetSpec((44, 60), depth=2, base_filters=3)
SAME = uv.UNetSpec((16, 24), depth=2, base_filters=3, padding="same", merge="add")
FCN = uv.FCNSpec((64, 70), base_filters=2, stride=8)
SPECS = {"valid": VALID, "same, add": SAME, "fcn": FCN}


def with_biases(model, seed=2):
    """The same model with weights of which none is 0: fresh biases are, and hide mistakes."""
    random = np.random.default_rng(seed)
    model.set_weights([w + random.normal(0, 0.1, w.shape) for w in model.get_weights()])
    return model


def image_for(model, seed=3):
    return np.random.default_rng(seed).random(model.input_shape[1:]).astype("float32")


def whole(model, image):
    return model.predict_on_batch(image[np.newaxis])[0]


@pytest.fixture(scope="module")
def models():
    return {name: with_biases(uv.build(spec, seed=1)) for name, spec in SPECS.items()}


def downstream_by_hand(trace, starts):
    """A step is downstream if one of the starts is found when its inputs are followed upwards."""

    def above(name):
        return {name}.union(*(above(given) for given in trace[name].inputs))

    return [step.name for step in trace if above(step.name) & set(starts)]


@settings(max_examples=40)
@given(st.one_of(specs(max_depth=3, max_base=1), fcn_specs(max_base=1)), st.data())
def test_downstream_steps_are_those_that_depend_on_the_starts(spec, data):
    trace = uv.trace(spec)
    assume(trace.ok)
    names = [step.name for step in trace]
    starts = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3))
    assert downstream_steps(trace, starts) == downstream_by_hand(trace, starts)
    assert downstream_steps(trace, iter(starts)) == downstream_by_hand(trace, starts)
    assert downstream_steps(trace, names[:1]) == names
    assert downstream_steps(trace, names[-1:]) == names[-1:]
    assert downstream_steps(trace, []) == []


def test_both_parts_together_are_the_network_bit_for_bit(network_pool):
    check_each(network_pool[::4], compare_parts)  # each cut is compiled


def compare_parts(network):
    """Cut at two random steps; one of them may be downstream of the other."""
    model, trace, image = network.model, network.trace, network.image
    names = [step.name for step in trace if step.inputs]
    starts = np.random.default_rng(len(names)).choice(names, 2).tolist()
    second = downstream_by_hand(trace, starts)
    wanted = {given for step in second for given in trace[step].inputs} - set(second)
    layers = {step: model.get_layer(step).output for step in wanted}
    probe = keras.Model(model.inputs, layers)
    cut = CutModel(model, trace, starts)
    maps = cut.maps(image)
    np.testing.assert_array_equal(cut.finish(maps), whole(model, image))
    # What goes from one part to the other is what the layers themselves return.
    assert set(maps) == wanted
    for step, values in probe(image[np.newaxis], training=False).items():
        assert maps[step].shape == trace[step].out_shape
        np.testing.assert_allclose(maps[step], values[0], rtol=1e-4, atol=1e-5)


def copy_by_hand(model, spec, **keywords):
    """The same network written by hand, with the same weights."""
    build = build_fcn_independently if isinstance(spec, uv.FCNSpec) else build_independently
    other, tensors = build(spec, **keywords)
    for step in uv.trace(spec):
        layer = tensors[step.name]._keras_history.operation
        layer.set_weights(model.get_layer(step.name).get_weights())
    return other


CHANGES = {
    "zero": lambda x: 0 * x,
    "negative": lambda x: -1.5 * x,
    "moved": lambda x: x[:, ::-1, ::-1],
}


@pytest.mark.parametrize(
    ("name", "join", "branch", "change"),
    [
        ("valid", "dec1_concat", "skip", "zero"),
        ("valid", "dec2_concat", "up", "moved"),
        ("same, add", "dec1_add", "skip", "moved"),
        ("same, add", "dec2_add", "up", "negative"),
        ("fcn", "dec5_add", "skip", "negative"),
        ("fcn", "dec4_add", "up", "zero"),
    ],
)
def test_changed_maps_change_the_output_as_in_a_network_written_by_hand(
    models, name, join, branch, change
):
    model, spec = models[name], SPECS[name]

    def gate(tensor, level, which):
        return CHANGES[change](tensor) if (f"dec{level}", which) == (join[:4], branch) else tensor

    # The written networks lead the skip in first, but a sum of scores the map from below.
    below_first = name == "fcn"
    number = int((branch == "skip") == below_first)
    step = uv.trace(spec)[join].inputs[number]
    image = image_for(model)
    cut = CutModel(model, uv.trace(spec), [join])
    maps = cut.maps(image)
    expected = np.asarray(copy_by_hand(model, spec, gate=gate)(image[np.newaxis], training=False))[
        0
    ]
    found = cut.finish(maps | {step: CHANGES[change](maps[step][np.newaxis])[0]})
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    assert np.abs(found - whole(model, image)).max() > 1e-4
    # The maps that were taken are not touched by it.
    np.testing.assert_array_equal(cut.finish(maps), whole(model, image))


def test_weights_are_those_at_each_call(models):
    model = with_biases(uv.build(SAME, seed=5))
    cut = CutModel(model, uv.trace(SAME), ["dec1_add"])
    image = image_for(model)
    before = cut.finish(cut.maps(image))
    with_biases(model, seed=9)
    expected = whole(model, image)
    np.testing.assert_array_equal(cut.finish(cut.maps(image)), expected)
    assert (before != expected).any()


def test_images_of_whole_numbers_and_without_channels(models):
    model = models["same, add"]
    cut = CutModel(model, uv.trace(SAME), ["dec1_add"])
    image = np.random.default_rng(1).integers(0, 256, (16, 24), np.uint8)
    floats = (image / 255).astype("float32")[..., np.newaxis]
    np.testing.assert_allclose(cut.finish(cut.maps(image)), whole(model, floats), atol=1e-6)
    with pytest.raises(ValueError, match="takes 16 x 24 pixels, the image has 15 x 24"):
        cut.maps(image[1:])


def test_the_model_stays_as_it_was(tmp_path):
    """A second part made of Keras models would be written down in the layers."""
    spec = FCN.replace(stride=16, base_filters=1)
    model = with_biases(uv.build(spec, seed=1))
    config, image = model.get_config(), image_for(model)
    calls = [len(layer._inbound_nodes) for layer in model.layers]
    expected = whole(model, image)
    cut = CutModel(model, uv.trace(spec), ["dec5_add"])
    cut.finish(cut.maps(image))
    assert model.get_config() == config
    assert [len(layer._inbound_nodes) for layer in model.layers] == calls
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(whole(again, image), expected)


@pytest.mark.parametrize("name", ["batch_normalized", "called_twice"])
def test_models_of_other_people(name):
    """Normalization and dropout as in use, not as in training; layers that are called again."""
    keras.utils.set_random_seed(1)
    model = with_biases(MODELS[name](), 7)
    trace, image = uv.trace_model(model), image_for(model)
    joins = [step.name for step in trace if len(step.inputs) > 1]
    expected = whole(model, image)
    for starts in (joins[:1], joins):
        cut = CutModel(model, trace, starts)
        maps = cut.maps(image)
        np.testing.assert_array_equal(cut.finish(maps), expected)
        empty = {step: np.zeros_like(values) for step, values in maps.items()}
        assert (cut.finish(empty) != expected).any()


def test_a_cut_through_a_model_inside_the_model_is_refused():
    keras.utils.set_random_seed(1)
    model = MODELS["nested"]()
    trace = uv.trace_model(model)
    inside = next(step for step in trace if any("/" in name for name in step.inputs))
    with pytest.raises(ValueError, match="is in a model inside the model; it cannot be cut"):
        CutModel(model, trace, [inside.name])
    last = trace.steps[-1].name
    cut = CutModel(model, trace, [last])
    image = image_for(model)
    np.testing.assert_array_equal(cut.finish(cut.maps(image)), whole(model, image))
