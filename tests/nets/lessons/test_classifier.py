"""Dense layers as convolutions are the dense layers, at every window; costs are counted by hand."""

import keras
import numpy as np
import pytest
from keras import layers

from unetviz.labs.synthetic.scenes import CLASSES, synthetic_patches, synthetic_scene
from unetviz.nets.lessons.classifier import (
    build_classifier,
    convolutionalize,
    dense_refusal,
    sharing_cost,
    sliding_window,
    train_classifier,
)

pytestmark = pytest.mark.keras

STEPS = 120


@pytest.fixture(scope="module")
def model():
    return build_classifier(seed=4)


@pytest.fixture(scope="module")
def trained():
    return train_classifier(1, STEPS, progress=False)


def windows_one_by_one(model, image, stride):
    """Answers of a model, each from a call of its own."""
    height, width = model.input_shape[1:3]
    rows = range(0, image.shape[0] - height + 1, stride)
    columns = range(0, image.shape[1] - width + 1, stride)
    cut = [[image[top : top + height, left : left + width] for left in columns] for top in rows]
    return np.stack([np.asarray(model(np.stack(row), training=False)) for row in cut])


def with_random_weights(model, seed=0):
    random = np.random.default_rng(seed)
    # Kernels of both signs; the rest positive, as the variances of batch normalization have to be.
    lows = [-0.3 if one.ndim > 1 else 0.02 for one in model.get_weights()]
    shapes = [one.shape for one in model.get_weights()]
    model.set_weights(
        [random.uniform(low, 0.3, shape) for low, shape in zip(lows, shapes, strict=True)]
    )
    return model


def chain(shape, *parts):
    return with_random_weights(keras.Sequential([keras.Input(shape), *parts]))


CHAINS = {
    "one dense layer": lambda: chain(
        (12, 16, 1), layers.Conv2D(3, 3), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(2)
    ),
    "no convolution": lambda: chain((5, 7, 3), layers.Flatten(), layers.Dense(4, use_bias=False)),
    "activations and normalization as layers of their own": lambda: chain(
        (14, 14, 2),
        layers.Rescaling(2.0, -1),
        layers.Conv2D(4, 3, use_bias=False),
        layers.BatchNormalization(),
        layers.LeakyReLU(0.2),
        layers.AveragePooling2D(3),
        layers.Conv2D(3, 2),
        layers.Activation("tanh"),
        layers.SpatialDropout2D(0.5),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(5),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Dropout(0.5),
        layers.Dense(3),
        layers.Softmax(),
    ),
    "strides and softmax": lambda: chain(
        (17, 21, 1),
        layers.Conv2D(4, 3, strides=2, activation="relu"),
        layers.SeparableConv2D(5, 3, activation="relu"),
        layers.DepthwiseConv2D(2, strides=2),
        layers.Flatten(),
        layers.Dense(6, activation="sigmoid"),
        layers.Dense(4, activation="softmax"),
    ),
    "a model inside": lambda: chain(
        (10, 10, 1),
        keras.Sequential([keras.Input((10, 10, 1)), layers.Conv2D(2, 3), layers.MaxPooling2D(2)]),
        layers.Flatten(),
        layers.Dense(3),
    ),
    "a layer used twice": lambda: twice(),
}
STRIDES = dict(zip(CHAINS, (2, 1, 3, 4, 2, 1), strict=True))


def twice():
    source, again = keras.Input((9, 9, 2)), layers.Conv2D(2, 3, activation="relu")
    x = layers.Dense(3)(layers.Flatten()(again(again(source))))
    return with_random_weights(keras.Model(source, x))


def test_the_classifier_gives_one_vector_of_scores(model):
    assert model.input_shape == (None, 32, 32, 1)
    assert model.output_shape == (None, 3)
    assert [layer.name for layer in model.layers] == [
        *("image", "block1_conv1", "block1_conv2", "block1_pool"),
        *("block2_conv1", "block2_conv2", "block2_pool", "flatten", "dense", "scores"),
    ]
    assert model.layers[-1].activation is keras.activations.linear


def test_other_sides_and_classes():
    for side, classes in ((16, 1), (20, 3), (48, 10)):
        built = build_classifier(side, classes)
        assert built.input_shape == (None, side, side, 1)
        assert built.output_shape == (None, classes)


def test_one_seed_one_set_of_weights():
    first, again, other = (build_classifier(seed=seed).get_weights() for seed in (7, 7, 8))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(first[0], other[0])
    assert np.abs(first[2].ravel()[:50] - first[4].ravel()[:50]).max() > 0.1


def test_training_learns_shapes(trained):
    assert len(trained.losses) == STEPS
    assert np.mean(trained.losses[-20:]) < 0.5 * np.mean(trained.losses[:10])
    assert 0.85 < trained.accuracy <= 1
    assert trained.seconds > 0
    assert "losses" not in repr(trained)


def test_the_accuracy_holds_for_other_patches(trained):
    images, labels = synthetic_patches(300, seed=12345)
    right = (trained.model.predict_on_batch(images).argmax(axis=-1) == labels).mean()
    assert right == pytest.approx(trained.accuracy, abs=0.08)


def test_one_seed_one_training(trained, capsys):
    again = train_classifier(1, 3, progress=False)
    np.testing.assert_allclose(again.losses, trained.losses[:3], rtol=1e-5)
    # The first loss is that of the first batch alone, not a mean over batches.
    assert np.ptp(trained.losses[:10]) > 0.01
    assert capsys.readouterr().err == ""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_accuracy_of_a_whole_training(seed):
    assert train_classifier(seed, progress=False).accuracy >= 0.95


def test_the_map_of_answers_finds_the_objects_of_a_scene(trained):
    convolutional = convolutionalize(trained.model)
    right = []
    for seed in range(3):
        image, labels = synthetic_scene(128, 160, seed)
        answers = convolutional.predict_on_batch(image[np.newaxis, ..., np.newaxis])[0]
        # The middle of window (0, 0) lies between the pixels 15 and 16.
        middles = labels[15:-16:4, 15:-16:4]
        inside = labels[17:-14:4, 17:-14:4], labels[13:-18:4, 13:-18:4]
        objects = (middles > 0) & (inside[0] == middles) & (inside[1] == middles)
        assert answers.shape == (*middles.shape, len(CLASSES))
        right.append((answers.argmax(axis=-1) == middles)[objects].mean())
    assert np.mean(right) > 0.8


def test_of_the_trained_size_both_say_the_same():
    for side in (16, 40):
        dense = build_classifier(side, 4, seed=side)
        images = synthetic_patches(6, side)[0]
        answers = convolutionalize(dense).predict_on_batch(images)
        assert answers.shape == (6, 1, 1, 4)
        expected = dense.predict_on_batch(images)
        np.testing.assert_allclose(answers[:, 0, 0], expected, atol=1e-5)
        assert np.std(expected) > 0.01


def test_the_convolutional_form(model):
    convolutional = convolutionalize(model)
    assert convolutional.input_shape == (None, None, None, 1)
    assert convolutional.output_shape == (None, None, None, 3)
    names = [layer.name for layer in model.layers if layer.name != "flatten"]
    assert [layer.name for layer in convolutional.layers] == names
    dense, scores = convolutional.layers[-2:]
    assert (dense.kernel_size, scores.kernel_size) == ((5, 5), (1, 1))
    assert convolutional.count_params() == model.count_params()


def test_the_dense_model_stays_as_it_is(model):
    before = [one.copy() for one in model.get_weights()]
    convolutional = convolutionalize(model)
    convolutional.set_weights([one + 1 for one in convolutional.get_weights()])
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_map_is_the_classifier_at_every_fourth_pixel(model):
    convolutional = convolutionalize(model)
    for size in ((32, 32), (35, 47), (101, 33)):
        image = np.random.default_rng(1).random((*size, 1), "float32")
        found = sliding_window(model, image, 4)
        answers = convolutional.predict_on_batch(image[np.newaxis])[0]
        assert found.shape == answers.shape == (*((n - 32) // 4 + 1 for n in size), 3)
        np.testing.assert_allclose(answers, found, atol=1e-4)
        np.testing.assert_allclose(found, windows_one_by_one(model, image, 4), atol=1e-5)


def test_phases(model):
    """A map of an image that is moved by less than the factor lies between the answers."""
    image = np.random.default_rng(2).random((44, 48, 1), "float32")
    everywhere, convolutional = sliding_window(model, image, 1), convolutionalize(model)
    assert everywhere.shape == (13, 17, 3)
    for top, left in [(0, 0), (0, 1), (1, 3), (2, 2), (3, 0)]:
        answers = convolutional.predict_on_batch(image[np.newaxis, top:, left:])[0]
        np.testing.assert_allclose(answers, everywhere[top::4, left::4], atol=1e-4)
    assert np.abs(everywhere[0:12:4, 0:16:4] - everywhere[1:13:4, 1:17:4]).max() > 1e-3


@pytest.mark.parametrize("kind", CHAINS)
def test_any_chain_on_its_own_size_and_on_larger_images(kind):
    dense = CHAINS[kind]()
    height, width, channels = dense.input_shape[1:]
    convolutional = convolutionalize(dense)
    random = np.random.default_rng(3)
    images = random.random((4, height, width, channels), "float32")
    answers = convolutional.predict_on_batch(images)
    np.testing.assert_allclose(answers[:, 0, 0], dense.predict_on_batch(images), atol=1e-5)
    image = random.random((height + 13, width + 9, channels), "float32")
    answers = convolutional.predict_on_batch(image[np.newaxis])[0]
    expected = windows_one_by_one(dense, image, STRIDES[kind])
    np.testing.assert_allclose(answers, expected, rtol=1e-4, atol=1e-5)
    assert np.std(expected) > 1e-4


def test_with_padding_only_the_trained_size_is_the_same():
    dense = chain(
        (16, 16, 1),
        layers.Conv2D(3, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(3),
    )
    images = np.random.default_rng(4).random((1, 16, 16, 1), "float32")
    answers = convolutionalize(dense).predict_on_batch(images)
    np.testing.assert_allclose(answers[:, 0, 0], dense.predict_on_batch(images), atol=1e-5)


def functional(build, shape=(16, 16, 1)):
    source = keras.Input(shape)
    return keras.Model(source, build(source))


def with_a_skip(x):
    x = layers.Conv2D(1, 3, padding="same")(x)
    return layers.Dense(2)(layers.Flatten()(layers.Add()([x, layers.ReLU()(x)])))


def with_a_branch(x):
    first, second = layers.ReLU()(x), layers.Flatten()(x)
    return layers.Add()([layers.Dense(2)(second), layers.Dense(2)(layers.Flatten()(first))])


class Subclassed(keras.Model):
    def call(self, x):
        return x


REFUSED = {
    "a skip": (lambda: functional(with_a_skip), "does not fit: .* a chain"),
    "a branch": (lambda: functional(with_a_branch), "does not fit: .* a chain"),
    "means of maps": (
        lambda: chain((9, 9, 1), layers.GlobalAveragePooling2D(), layers.Dense(2)),
        "global_average_pooling2d.*cannot be followed",
    ),
    "no flatten": (lambda: chain((9, 9, 1), layers.Dense(2)), r"'dense\w*' \(Dense\) does not fit"),
    "no dense layer": (lambda: chain((9, 9, 1), layers.Flatten()), "does not end with Flatten"),
    "maps only": (lambda: chain((9, 9, 1), layers.Conv2D(2, 3)), "does not end with Flatten"),
    "flatten twice": (
        lambda: chain((9, 9, 1), layers.Flatten(), layers.Flatten(), layers.Dense(2)),
        r"\(Flatten\) does not fit",
    ),
    "softmax of the long vector": (
        lambda: chain((9, 9, 1), layers.Flatten(), layers.Softmax(), layers.Dense(2)),
        r"\(Softmax\) does not fit",
    ),
    "channels first": (
        lambda: chain((9, 9, 2), layers.Flatten(data_format="channels_first"), layers.Dense(2)),
        r"\(Flatten\) does not fit",
    ),
    "larger maps": (
        lambda: chain((9, 9, 1), layers.Conv2DTranspose(1, 2), layers.Flatten(), layers.Dense(2)),
        r"\(Conv2DTranspose\) does not fit",
    ),
    "bound to its size": (
        lambda: chain((9, 9, 1), layers.PReLU(), layers.Flatten(), layers.Dense(2)),
        "'p_re_lu.*cannot take maps of any size",
    ),
    "vectors": (lambda: chain((9,), layers.Flatten(), layers.Dense(2)), "takes vectors"),
    "several outputs": (
        lambda: keras.Model(source := keras.Input((9, 9, 1)), [source, layers.ReLU()(source)]),
        "has 2 outputs",
    ),
    "already convolutional": (
        lambda: convolutionalize(build_classifier()),
        "does not end with Flatten and Dense",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_other_networks_are_refused(kind):
    build, words = REFUSED[kind]
    with pytest.raises(ValueError, match=words):
        convolutionalize(build())


def test_what_is_not_a_functional_model():
    for wrong in ("model.keras", None, Subclassed()):
        with pytest.raises(TypeError):
            convolutionalize(wrong)


def test_sliding_takes_integers_and_other_strides(model):
    image = np.random.default_rng(5).integers(0, 256, (50, 41), np.uint8)
    floats = (image / 255).astype("float32")[..., np.newaxis]
    for stride in (1, 3, 9, 100):
        expected = windows_one_by_one(model, floats, stride)
        np.testing.assert_allclose(sliding_window(model, image, stride), expected, atol=1e-5)


def test_images_and_strides_that_do_not_work(model):
    for image, stride, kind, words in (
        (np.zeros((31, 90)), 4, ValueError, "31 x 90"),
        (np.zeros((40, 40, 3)), 4, ValueError, "has 3 channels, but the network takes 1"),
        (np.zeros((40, 40)), 0, ValueError, "stride must be a whole number of at least 1"),
        (np.zeros((40, 40)), 2.0, ValueError, "stride must be"),
        ("image.png", 4, TypeError, "image"),
    ):
        with pytest.raises(kind, match=words):
            sliding_window(model, image, stride)


def test_a_model_of_any_size_does_not_slide(model):
    with pytest.raises(ValueError, match="needs no windows"):
        sliding_window(convolutionalize(model), np.zeros((40, 40)), 4)


def cost(height, width):
    """Multiply-accumulates of the classifier's layers over an image, counted by hand."""
    total = 0
    for channels, filters in ((1, 8), (8, 16)):
        for inputs in (channels, filters):
            height, width = height - 2, width - 2
            total += height * width * 9 * inputs * filters
        height, width = height // 2, width // 2
    answers = (height - 4) * (width - 4)
    return answers, total + answers * (5 * 5 * 16 * 32 + 32 * 3)


def test_costs(model):
    for size in ((32, 32), (36, 32), (128, 160), (131, 203)):
        found = sharing_cost(model, *size)
        windows, whole = cost(*size)
        assert found.windows == windows == slide_count(size)
        assert found.sliding == windows * cost(32, 32)[1]
        assert found.convolutional == whole
        assert found.ratio == found.sliding / found.convolutional


def slide_count(size):
    return ((size[0] - 32) // 4 + 1) * ((size[1] - 32) // 4 + 1)


def test_larger_images_share_more(model):
    ratios = [sharing_cost(model, side, side).ratio for side in (32, 64, 128, 512)]
    assert ratios[0] == 1
    assert ratios == sorted(ratios)
    assert sharing_cost(model, 128, 160).ratio == pytest.approx(19.9, abs=0.05)


def test_costs_of_what_is_too_small_or_not_a_size(model):
    for size in ((31, 64), (20, 20), (0, 50), (50, 40.5)):
        with pytest.raises(ValueError, match=r"too small|input_size must be"):
            sharing_cost(model, *size)


def test_what_keras_says_to_another_size(model):
    for size in ((31, 32), (40, 50), (128, 160)):
        words = dense_refusal(model, np.zeros(size))
        assert words.startswith("ValueError: ")
        assert "(None, 32, 32, 1)" in words
        assert f"{size[0]}, {size[1]}" in words
        assert "\n" not in words
        with pytest.raises(ValueError, match="expected shape") as caught:
            model(np.zeros((1, *size, 1), "float32"))
        assert words.removeprefix("ValueError: ") in str(caught.value)


def test_there_is_no_refusal_of_the_trained_size(model):
    with pytest.raises(ValueError, match=r"the model takes \(32, 32\) pixels; choose another size"):
        dense_refusal(model, np.zeros((32, 32)))


def test_wrong_numbers():
    for make, settings, words in (
        (build_classifier, {"side": 12}, "side must be a whole number of at least 16, not 12"),
        (build_classifier, {"side": 33}, "side must be a multiple of 4, not 33; try 32"),
        (build_classifier, {"side": 32.0}, "side must be"),
        (build_classifier, {"classes": 0}, "classes must be a whole number of at least 1"),
        (build_classifier, {"seed": -1}, "seed must be a whole number of at least 0"),
        (train_classifier, {"seed": "1"}, "seed must be"),
        (train_classifier, {"steps": 0}, "steps must be a whole number of at least 1, not 0"),
        (train_classifier, {"side": 30}, "side must be a multiple of 4"),
    ):
        with pytest.raises(ValueError, match=words):
            make(**settings)
