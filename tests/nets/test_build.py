"""Models that `build` makes are what the trace describes."""

import keras
import numpy as np
import pytest
from support.network_pool import check_each

import unetviz as uv

pytestmark = pytest.mark.keras

FCNS = [
    uv.FCNSpec((64, 96), base_filters=2),
    uv.FCNSpec((70, 100), 3, 3, 1, stride=16),
    uv.FCNSpec((96, 63), base_filters=1, stride=8),
]


@pytest.fixture(scope="module")
def fcns():
    """FCNs for tests that leave them as they are."""
    return [(spec, uv.build(spec, seed=3)) for spec in FCNS]


def upconvolutions(model):
    return [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2DTranspose)]


def image_for(spec):
    shape = (1, *spec.input_size, spec.input_channels)
    return np.random.default_rng(0).random(shape, "float32")


def test_layers_are_the_steps_and_an_image_goes_through(network_pool):
    check_each(network_pool, compare)


def compare(network):
    trace, model = network.trace, network.model
    assert {layer.name for layer in model.layers} == {step.name for step in trace}
    if network.is_fcn:  # a chain; the layers of a U-Net are ordered by Keras
        assert [layer.name for layer in model.layers] == [step.name for step in trace]
    for step in trace:
        layer = model.get_layer(step.name)
        assert layer.output.shape[1:] == step.out_shape
        assert layer.count_params() == step.params
        inputs = layer.input if isinstance(layer.input, list) else [layer.input]
        if step.inputs:
            assert tuple(tensor.shape[1:] for tensor in inputs) == step.in_shapes
    assert model.count_params() == trace.params
    assert model.output_shape == (None, *trace.output_shape)
    assert model(network.image[np.newaxis]).shape == (1, *trace.output_shape)


def test_lossy_sizes_are_built():
    for size in (573, (574, 600), (400, 189)):
        spec = uv.PAPER.replace(input_size=size, base_filters=1)
        assert uv.trace(spec).warnings
        assert uv.build(spec).output_shape[1:] == uv.trace(spec).output_shape


def test_initializers_and_activations_of_the_description(fcns):
    document = uv.DOCUMENT.replace(base_filters=1, input_size=32, final_activation="linear")
    for model in (uv.build(document), *(model for _, model in fcns)):
        for layer in model.layers:
            if isinstance(layer, keras.layers.Conv2D):
                is_last = layer.name == "head" or "score" in layer.name
                initializer = type(layer.kernel_initializer).__name__
                assert initializer == ("GlorotUniform" if is_last else "HeNormal")
                assert layer.activation.__name__ == ("linear" if is_last else "relu")


def test_the_output_of_an_fcn_is_a_share_of_each_class(fcns):
    for spec, model in fcns:
        shares = model(image_for(spec)).numpy()
        assert shares.shape == (1, *spec.input_size, spec.classes)
        np.testing.assert_allclose(shares.sum(axis=-1), 1, rtol=1e-5)
        if spec.classes > 1:
            assert shares[..., 0].std() > 0


def test_the_up_convolutions_of_an_fcn_start_as_bilinear_interpolation(fcns):
    for spec, model in fcns:
        layers = upconvolutions(model)
        assert len(layers) == [32, 16, 8].index(spec.stride) + 1
        for layer in layers:
            kernel, bias = (np.asarray(weights) for weights in layer.get_weights())
            (factor, _), size = layer.strides, kernel.shape[0]
            assert size == 2 * factor
            line = [1 - abs(i + 0.5 - factor) / factor for i in range(size)]
            expected = np.einsum("i,j,ab->ijab", line, line, np.eye(spec.classes))
            np.testing.assert_allclose(kernel, expected, atol=1e-7)
            assert not bias.any()


def test_the_scores_of_a_valid_size_stay_in_their_places():
    """A single score of 1 becomes a pyramid around the pixels that it stands for."""
    spec = uv.FCNSpec(160, base_filters=1)
    model = uv.build(spec)
    tail = keras.Model(model.get_layer("up").input, model.get_layer("crop").output)
    scores = np.zeros((1, 5, 5, 2), "float32")
    scores[0, 1, 3, 0] = 1
    (answer,) = tail(scores).numpy()[..., 0]
    rows, columns = np.indices(answer.shape)
    middle = [(index * answer).sum() / answer.sum() for index in (rows, columns)]
    np.testing.assert_allclose(middle, [32 * 1 + 15.5, 32 * 3 + 15.5], atol=1e-3)


def test_a_seed_makes_the_same_weights_again():
    for spec in (FCNS[1], uv.UNetSpec(32, depth=2, base_filters=2, padding="same")):
        first, again, other = (uv.build(spec, seed=seed).get_weights() for seed in (7, 7, 8))
        assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
        assert not all(np.array_equal(*pair) for pair in zip(first, other, strict=True))


def test_a_saved_fcn_is_the_same_model(fcns, tmp_path):
    spec, model = fcns[2]
    image, path = image_for(spec), tmp_path / "fcn.keras"
    model.save(path)
    for load in (uv.nets.load_model, keras.saving.load_model):
        loaded = load(path)
        assert [layer.get_config() for layer in loaded.layers] == [
            layer.get_config() for layer in model.layers
        ]
        np.testing.assert_array_equal(loaded(image), model(image))
        assert type(upconvolutions(loaded)[0].kernel_initializer).__name__ == "Bilinear"
    copy = keras.models.clone_model(loaded)  # made anew from its configuration
    for layer, expected in zip(upconvolutions(copy), upconvolutions(model), strict=True):
        np.testing.assert_array_equal(layer.get_weights()[0], expected.get_weights()[0])


def test_a_size_that_fails_raises_the_explanation():
    same = uv.UNetSpec(200, padding="same")
    for spec, words in (
        (same, r"(?s)dec4_concat.*192 and 208"),
        (uv.FCNSpec(31), r"(?s)enc5_pool.*at least 2 x 2.*32"),
    ):
        with pytest.raises(uv.ShapeError, match=words) as caught:
            uv.build(spec)
        assert caught.value.problem == uv.trace(spec).problems[0]
