"""Feature maps are those of a plain Keras model that ends at the layer."""

import keras
import numpy as np
import pytest
from keras import layers
from skimage.transform import resize_local_mean
from support.foreign_models import MODELS

import unetviz as uv
from unetviz.nets.lessons.classifier import build_classifier

pytestmark = pytest.mark.keras

SPEC = uv.UNetSpec(
    (60, 92), depth=2, base_filters=3, input_channels=3, dropout=0.5, head_filters=(2,)
)
STEPS = [step.name for step in uv.trace(SPEC)]
IMAGE = np.random.default_rng(0).integers(0, 256, (60, 92, 3), np.uint8)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return uv.build(SPEC)


@pytest.fixture(scope="module")
def expected(model):
    """All maps, each by a model of its own."""
    batch = (IMAGE / 255).astype("float32")[np.newaxis]
    return {
        layer.name: np.asarray(keras.Model(model.input, layer.output)(batch, training=False))[0]
        for layer in model.layers
    }


def test_all_maps_in_the_order_of_the_steps(model, expected):
    found = uv.feature_maps(model, IMAGE)
    assert list(found) == STEPS
    for name in STEPS:
        assert found[name].shape == uv.trace(SPEC)[name].out_shape
        assert found[name].dtype == np.float32
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-5, atol=1e-6)
    # What was compared is no row of zeros.
    assert min(np.std(one) for one in found.values()) > 1e-4


def test_the_last_map_is_the_prediction(model):
    batch = (IMAGE / 255).astype("float32")[np.newaxis]
    head = uv.feature_maps(model, IMAGE, ["head"])["head"]
    np.testing.assert_allclose(head, model.predict_on_batch(batch)[0], rtol=1e-5, atol=1e-6)


def test_the_first_map_is_the_image_as_floats(model):
    floats = IMAGE.astype("float32") / 255
    np.testing.assert_allclose(uv.feature_maps(model, IMAGE, ["input"])["input"], floats, rtol=1e-6)
    kept = uv.feature_maps(model, floats * 300, ["input"])["input"]
    np.testing.assert_array_equal(kept, floats * 300)


def test_maps_by_name_in_the_order_that_is_asked_for(model, expected):
    for names in (["head", "input", "enc2_pool"], ("dec1_up",), "enc1_conv1"):
        found = uv.feature_maps(model, IMAGE, names)
        assert list(found) == ([names] if isinstance(names, str) else list(names))
        for name, one in found.items():
            np.testing.assert_allclose(one, expected[name], rtol=1e-5, atol=1e-6)


def test_the_first_channels(model, expected):
    for channels in (1, 2, 100):
        for name, one in uv.feature_maps(model, IMAGE, channels=channels).items():
            assert one.shape[2] == min(channels, expected[name].shape[2])
            np.testing.assert_allclose(one, expected[name][..., :channels], rtol=1e-5, atol=1e-6)


def test_larger_maps_are_reduced_by_means(model, expected):
    for size in (1, 23, 46, 500):
        for name, one in uv.feature_maps(model, IMAGE, size=size).items():
            rows, columns, channels = expected[name].shape
            factor = min(1, size / max(rows, columns))
            target = max(1, round(rows * factor)), max(1, round(columns * factor))
            assert one.shape == (*target, channels)
            means = resize_local_mean(expected[name], target, channel_axis=-1, preserve_range=True)
            np.testing.assert_allclose(one, means, rtol=1e-4, atol=1e-5)


def test_where_sizes_divide_the_means_are_those_of_blocks(model, expected):
    found = uv.feature_maps(model, IMAGE, ["input"], size=23)["input"]
    blocks = expected["input"].reshape(15, 4, 23, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(found, blocks, rtol=1e-5)


def test_channels_and_size_together(model, expected):
    found = uv.feature_maps(model, IMAGE, "enc1_conv1", channels=2, size=45)["enc1_conv1"]
    means = expected["enc1_conv1"][..., :2].reshape(29, 2, 45, 2, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(found, means, rtol=1e-4, atol=1e-6)


def test_the_image_and_the_model_stay_as_they_are(model):
    image, weights = IMAGE.copy(), [one.copy() for one in model.get_weights()]
    image.setflags(write=False)
    uv.feature_maps(model, image, channels=1, size=8)
    np.testing.assert_array_equal(image, IMAGE)
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_dropout_is_off(model):
    found = uv.feature_maps(model, IMAGE, ["enc2_conv2", "enc2_dropout"])
    np.testing.assert_array_equal(found["enc2_conv2"], found["enc2_dropout"])


def test_layers_inside_an_inner_model_have_maps_too():
    model = MODELS["nested"]((32, 32))
    image = np.random.default_rng(0).random((32, 32, 3), "float32")
    found = uv.feature_maps(model, image)
    assert list(found) == [step.name for step in uv.trace_model(model)]
    first, *_, last = (step for step in uv.trace_model(model) if step.name.startswith("encoder/"))
    expected = model.get_layer("encoder")(found[first.inputs[0]][np.newaxis])
    np.testing.assert_allclose(found[last.name], expected[0], atol=1e-6)


def test_a_layer_that_is_called_again_has_a_map_for_each_call():
    source = keras.Input((8, 8, 1))
    again = layers.Conv2D(1, 3, padding="same", name="again")
    model = keras.Model(source, again(again(source)))
    image = np.random.default_rng(1).random((8, 8), "float32")
    found = uv.feature_maps(model, image)
    batch = image[np.newaxis, ..., np.newaxis]
    np.testing.assert_allclose(found["again"], again(batch)[0], atol=1e-6)
    np.testing.assert_allclose(found["again_call2"], again(again(batch))[0], atol=1e-6)


def test_an_unknown_step_is_answered_with_all_that_there_are(model):
    with pytest.raises(KeyError) as caught:
        uv.feature_maps(model, IMAGE, ["head", "enc9_conv1"])
    assert all(name in caught.value.args[0] for name in ["enc9_conv1", *STEPS])


def test_what_is_not_an_image_of_this_model(model):
    for image, kind, words in (
        (np.zeros((92, 60, 3)), ValueError, "takes 60 x 92 pixels, the image has 92 x 60"),
        (np.zeros((1, 1, 3)), ValueError, "takes 60 x 92 pixels, the image has 1 x 1"),
        (IMAGE[..., 0], ValueError, "takes 3; try "),
        (IMAGE[..., :2], ValueError, "takes 3; try "),
        (IMAGE * np.nan, ValueError, "NaN"),
        (IMAGE.astype(object), TypeError, "image"),
        ("image.png", TypeError, "image"),
    ):
        with pytest.raises(kind, match=words):
            uv.feature_maps(model, image)


def test_channels_and_size_are_whole_numbers_of_at_least_one(model):
    for wrong in (0, -1, 1.5, "8", True):
        for name in ("channels", "size"):
            with pytest.raises(ValueError, match=f"{name} must be a whole number of at least 1"):
                uv.feature_maps(model, IMAGE, **{name: wrong})


def test_what_is_not_a_model():
    for wrong in ("model.keras", None, SPEC):
        with pytest.raises(TypeError, match="takes a Keras model"):
            uv.feature_maps(wrong, IMAGE)


def test_a_model_of_open_size():
    source = keras.Input((None, None, 1))
    convolution = layers.Conv2D(2, 3)
    model = keras.Model(source, convolution(source))
    image = np.random.default_rng(0).random((9, 11), "float32")
    for _ in range(2):  # its weights are those that the model has now
        (last,) = uv.feature_maps(model, image, [convolution.name]).values()
        np.testing.assert_allclose(
            last, convolution(image[np.newaxis, ..., np.newaxis])[0], atol=1e-6
        )
        model.set_weights([2 * one for one in model.get_weights()])


def test_no_names_give_no_maps(model):
    assert uv.feature_maps(model, IMAGE, []) == {}


def test_a_layer_may_have_a_name_that_a_graph_refuses():
    inputs = keras.Input((8, 9, 1))
    output = keras.layers.Conv2D(2, 3, name="<b> x")(inputs)
    model = keras.Model(inputs, output)
    image = np.random.default_rng(0).random((8, 9), np.float32)
    found = uv.feature_maps(model, image)["<b> x"]
    expected = model(image[np.newaxis, ..., np.newaxis]).numpy()[0]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_maps_follow_the_weights_of_a_model_that_is_trained_on():
    model = uv.build(uv.UNetSpec(16, depth=1, base_filters=2, padding="same"), seed=1)
    image = np.random.default_rng(0).random((16, 16), np.float32)
    before = uv.feature_maps(model, image, ["head"])["head"]
    model.set_weights([weights * 0 for weights in model.get_weights()])
    after = uv.feature_maps(model, image, ["head"])["head"]
    assert np.allclose(after, 0.5)
    assert not np.allclose(before, 0.5)


def test_vectors_of_fixed_length():
    model = build_classifier(seed=0)
    images, _ = uv.labs.synthetic_patches(5, seed=1)
    vectors = uv.nets.feature_vectors(model, images, "dense")
    assert vectors.shape[0] == 5
    with pytest.raises(ValueError, match="not a vector of fixed length"):
        uv.nets.feature_vectors(model, images, "block1_conv1")
