"""Gradients are those of a plain gradient tape over the Keras model itself."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from skimage.transform import resize_local_mean
from support.foreign_models import MODELS, foreign_models
from support.network_pool import check_each

import unetviz as uv
from unetviz.labs.synthetic.cells import SyntheticImage
from unetviz.labs.synthetic.examples import validation_images
from unetviz.nets.backprop.maps import backward_pass, gradient_norms, pixel_gradient
from unetviz.nets.reading.model_graph import nodes
from unetviz.nets.running.feature_maps import readable_maps
from unetviz.nets.training.steps import weighted_loss

pytestmark = pytest.mark.keras

SPEC = uv.UNetSpec((60, 92), depth=2, base_filters=3, input_channels=3, head_filters=(2,))
STEPS = [step.name for step in uv.trace(SPEC)]
RANDOM = np.random.default_rng(0)
IMAGE = RANDOM.integers(0, 256, (60, 92, 3), np.uint8)
MASK = RANDOM.integers(0, 2, (60, 92))


@pytest.fixture(scope="module")
def model():
    return uv.build(SPEC, seed=0)


def by_tape(model, image, mask):
    """Gradients of the loss for all maps, by a tape over a model that returns these maps."""
    batch = tf.constant(np.atleast_3d(image)[np.newaxis], tf.float32)
    # The maps of a model inside are no tensors of this one.
    own = {node.name: node.tensor for node in nodes(model) if "/" not in node.name}
    first, *_, last = own
    whole = keras.Model(model.input, own)

    def run():
        with tf.GradientTape() as tape:
            tape.watch(batch)
            maps = whole(batch, training=False)
            loss = plain_loss(maps[last], mask)
        return loss, tape.gradient(loss, {**maps, first: batch}, unconnected_gradients="zero")

    # Without a graph the gradients of the kernels are computed too, and of 1x1 convolutions with a
    # stride this ends the process: see `kernel_gradients`.
    kernels = [one for one in model._flatten_layers() if hasattr(one, "kernel_size")]
    in_graph = any(max(one.strides) > max(one.kernel_size) == 1 for one in kernels)
    loss, found = tf.function(run, autograph=False)() if in_graph else run()
    return float(loss), {name: one.numpy()[0] for name, one in found.items()}


def plain_loss(probabilities, mask):
    """The mean of -log p(right class), written straight."""
    one_class = probabilities.shape[-1] == 1
    both = tf.concat([1 - probabilities, probabilities], -1) if one_class else probabilities
    rows, columns = np.indices(np.shape(mask))
    places = np.stack([0 * rows, rows, columns, mask], axis=-1).reshape(-1, 4)
    right = tf.gather_nd(both, places)
    # Below 1e-7 the loss of training is flat.
    return -tf.reduce_sum(tf.math.log(tf.maximum(right, 1e-7))) / len(places)


def close(found, expected, rtol=1e-4):
    """Equal to rounding, seen from the largest number of all."""
    largest = max(float(np.abs(expected).max(initial=0)), 1e-30)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * largest)


def random_question(spec, seed):
    """A model with biases, an image and a mask of its output's size."""
    random = np.random.default_rng(seed)
    model = uv.build(spec, seed=seed % 1000)
    for weights in model.trainable_variables:
        if len(weights.shape) == 1:
            weights.assign(random.normal(0, 0.1, weights.shape))
    rows, columns, classes = model.output_shape[1:]
    mask = random.integers(0, max(2, classes), (rows, columns))
    return model, random.random(model.input_shape[1:], np.float32), mask


def compare_with_a_tape(model, image, mask):
    loss, gradients = by_tape(model, image, mask)
    found = backward_pass(model, image, mask)
    assert found.loss == pytest.approx(loss, rel=1e-5)
    assert list(found.maps) == readable_maps(model)
    for name in gradients:
        gradient = found.maps[name]
        assert gradient.dtype == np.float32
        close(gradient, gradients[name])
        size = np.linalg.norm(gradients[name].astype(np.float64))
        assert found.norms[name] == pytest.approx(size, rel=1e-3)
        largest = np.abs(gradients[name]).max()
        assert found.extremes[name] == pytest.approx(largest, rel=1e-3)
        assert found.zeros[name] == pytest.approx((gradient == 0).mean(), abs=1e-6)
    return found


def compare_with_tapes(network):
    """Gradients of the maps, of the kernels, and of one score, by a tape for each."""
    model, image = network.model, network.image
    random = np.random.default_rng(0)
    mask = random.integers(0, max(2, model.output_shape[-1]), model.output_shape[1:3])
    found = compare_with_a_tape(model, image, mask)
    compare_scores(model, image, mask, found.scores)
    norms = compare_norms(model, image, mask)
    assert list(norms) == [step.name for step in network.trace if step.params]
    compare_pixel(model, network.trace, image, *(int(random.integers(n)) for n in mask.shape))


def test_random_networks(network_pool):
    unets = [network for network in network_pool if not network.is_fcn]
    shares = [n for n in unets if n.small.classes > 1 and n.small.final_activation == "softmax"]
    single = [n for n in unets if (n.small.classes, n.small.final_activation) == (1, "sigmoid")]
    fcns = [n for n in network_pool if n.is_fcn and n.small.classes > 1]
    chosen = [*shares[:2], *single[:1], *fcns[:1]]  # each takes a graph for each kind of gradient
    assert len(chosen) == 4
    check_each(chosen, compare_with_tapes)


def compare_scores(model, image, mask, scores):
    """Probabilities minus one hot, over the number of pixels."""
    probabilities = model(image[np.newaxis], training=False).numpy()[0]
    classes = probabilities.shape[-1]
    right = mask[..., np.newaxis] if classes == 1 else np.eye(classes)[mask]
    np.testing.assert_allclose(scores, (probabilities - right) / mask.size, atol=1e-8)
    assert np.abs(scores).max() > 1e-5


def compare_pixel(model, trace, image, row, col):
    """The gradient of a score, before the last activation, is that of a tape: 0 beyond its box."""
    linear = keras.models.clone_model(model)
    linear.set_weights(model.get_weights())
    if isinstance(linear.layers[-1], layers.Softmax):
        linear = keras.Model(linear.input, linear.layers[-2].output)
    linear.layers[-1].activation = keras.activations.linear
    batch = tf.constant(image[np.newaxis])
    box = uv.receptive_field(trace, row, col).input
    for channel in (0, -1):
        with tf.GradientTape() as tape:
            tape.watch(batch)
            score = linear(batch, training=False)[0, row, col, channel]
        found = pixel_gradient(model, image, row, col, channel)
        close(found, tape.gradient(score, batch).numpy()[0])
        found[box.top : box.bottom, box.left : box.right] = 0
        assert not found.any()


DOCUMENT = uv.DOCUMENT.replace(input_size=32, base_filters=2, depth=2)


def test_the_network_of_the_document_stays_as_it_is():
    model, image, mask = random_question(DOCUMENT, 3)
    weights = [one.numpy() for one in model.variables]
    for array in (image, mask):
        array.setflags(write=False)
    found = compare_with_a_tape(model, image, mask)
    compare_scores(model, image, mask, found.scores)
    compare_norms(model, image, mask)
    compare_pixel(model, uv.trace(DOCUMENT), image, 20, 9)
    assert np.abs(pixel_gradient(model, image, 20, 9)).max() > 0
    for before, after in zip(weights, model.variables, strict=True):
        np.testing.assert_array_equal(before, after)
    assert model.layers[-1].activation.__name__ == "sigmoid"
    restored = keras.models.clone_model(model)
    assert [layer.name for layer in restored.layers] == [layer.name for layer in model.layers]


QUICK = ["called_twice", "oblong", "other_sums", "pixel_by_pixel"]


@foreign_models(*QUICK, without=["strided"])
def test_networks_of_other_people(name):
    keras.utils.set_random_seed(1)
    model = MODELS[name]()
    random = np.random.default_rng(2)
    mask = random.integers(0, max(2, model.output_shape[-1]), model.output_shape[1:3])
    image = random.random(model.input_shape[1:], np.float32)
    compare_with_a_tape(model, image, mask)


def test_without_probabilities_there_is_no_loss():
    model = MODELS["strided"]()
    with pytest.raises(ValueError, match="does not give probabilities, so there is no loss"):
        backward_pass(model, np.zeros((64, 64, 3)), np.zeros((64, 64), int))


def test_layers_inside_an_inner_model_pass_gradients_on():
    keras.utils.set_random_seed(0)
    model = MODELS["nested"]()
    random = np.random.default_rng(2)
    image, mask = random.random((64, 64, 3), np.float32), random.integers(0, 2, (64, 64))
    found = backward_pass(model, image, mask)
    _, gradients = by_tape(model, image, mask)
    assert set(gradients) < set(found.maps) == set(readable_maps(model))
    for name, gradient in gradients.items():
        close(found.maps[name], gradient)
    # What goes into the layer after the model inside has the gradient of what comes out of it.
    inner = [name for name in found.maps if name.startswith("bottom/")]
    assert all(np.abs(found.maps[name]).max() > 0 for name in inner)
    compare_norms(model, image, mask)


def test_a_layer_that_is_called_again_has_a_gradient_for_each_call():
    source = keras.Input((8, 8, 1))
    again = layers.Conv2D(1, 3, padding="same", name="again")
    model = keras.Model(source, layers.Activation("sigmoid")(again(again(source))))
    random = np.random.default_rng(1)
    image, mask = random.random((8, 8), np.float32), random.integers(0, 2, (8, 8))
    found = backward_pass(model, image, mask).maps
    with tf.GradientTape() as tape:
        first = again(tf.constant(image[np.newaxis, ..., np.newaxis]))
        tape.watch(first)
        second = again(first)
        tape.watch(second)
        loss = plain_loss(tf.sigmoid(second), mask)
    once, twice = tape.gradient(loss, [first, second])
    close(found["again"], once[0])
    close(found["again_call2"], twice[0])
    compare_norms(model, image, mask)


def test_a_layer_that_passes_its_map_on_has_a_gradient_of_its_own():
    source = keras.Input((8, 8, 1))
    first = layers.Conv2D(2, 3, padding="same", name="first")(source)
    same = layers.Dropout(0.5, name="same")(first)
    both = layers.Concatenate(name="both")([layers.Conv2D(2, 1)(same), first])
    model = keras.Model(source, layers.Conv2D(1, 1, activation="sigmoid")(both))
    random = np.random.default_rng(1)
    found = backward_pass(model, random.random((8, 8)), random.integers(0, 2, (8, 8))).maps
    # Where a map goes two ways, its gradient is the sum; one of the ways is the dropout.
    close(found["first"], found["same"] + found["both"][..., 2:])
    assert np.abs(found["both"]).max() > 1e-4


def test_a_softmax_layer_at_the_end():
    source = keras.Input((8, 9, 1))
    scores = layers.Conv2D(3, 3, name="scores")(source)
    model = keras.Model(source, layers.Softmax(name="end")(scores))
    random = np.random.default_rng(1)
    image, mask = random.random((8, 9), np.float32), random.integers(0, 3, (6, 7))
    found = compare_with_a_tape(model, image, mask)
    np.testing.assert_array_equal(found.scores, found.maps["scores"])


def test_names_that_a_graph_refuses():
    source = keras.Input((8, 9, 1), name="<i> x")
    model = keras.Model(source, layers.Conv2D(2, 3, activation="softmax", name="<b> x")(source))
    random = np.random.default_rng(1)
    image, mask = random.random((8, 9), np.float32), random.integers(0, 2, (6, 7))
    compare_with_a_tape(model, image, mask)
    compare_norms(model, image, mask)
    assert pixel_gradient(model, image, 0, 0).shape == (8, 9, 1)


def test_of_a_mask_of_the_input_the_middle_counts(model):
    cut = MASK[21:39, 21:71]
    assert model.output_shape[1:3] == cut.shape
    whole, middle = (backward_pass(model, IMAGE, mask) for mask in (MASK, cut))
    assert whole.loss == middle.loss
    np.testing.assert_array_equal(whole.maps["input"], middle.maps["input"])


@pytest.mark.parametrize(("channels", "size"), [(2, 23), (100, 500)])
def test_gradients_are_reduced_as_maps_are_with_their_signs(model, channels, size):
    whole = backward_pass(model, IMAGE, MASK)
    found = backward_pass(model, IMAGE, MASK, channels=channels, size=size)
    for what in ("norms", "extremes", "zeros"):
        assert getattr(found, what) == pytest.approx(getattr(whole, what), rel=1e-4, abs=1e-9)
    pairs = [(found.scores, whole.scores)]
    pairs += [(found.maps[name], whole.maps[name]) for name in STEPS]
    for small, large in pairs:
        large = large[..., :channels]
        factor = min(1, (size or 10**9) / max(large.shape[:2]))
        target = tuple(max(1, round(n * factor)) for n in large.shape[:2])
        means = resize_local_mean(large, target, channel_axis=-1, preserve_range=True)
        assert small.shape == means.shape
        close(small, means)
    assert found.maps["dec1_conv1"].min() < 0 < found.maps["dec1_conv1"].max()


def test_gradients_by_name(model):
    whole = backward_pass(model, IMAGE, MASK)
    for names in (["head", "input"], "enc1_conv1", []):
        found = backward_pass(model, IMAGE, MASK, names)
        wanted = [names] if isinstance(names, str) else list(names)
        for what in ("maps", "norms", "extremes", "zeros"):
            assert list(getattr(found, what)) == wanted
        for name in wanted:
            close(found.maps[name], whole.maps[name])
        assert f"gradients of {len(wanted)} maps" in repr(found)


def test_weights_are_read_at_each_run():
    model, image, mask = random_question(uv.UNetSpec(16, 1, depth=1, padding="same"), 1)
    made = SyntheticImage(image[..., 0], mask.astype(np.uint8), mask)
    before = backward_pass(model, image, mask), gradient_norms(model, made)
    pixel = pixel_gradient(model, image, 3, 3)
    model.set_weights([weights * 0 for weights in model.get_weights()])
    after = backward_pass(model, image, mask)
    assert after.loss == pytest.approx(np.log(2))
    assert before[0].norms["input"] > 0
    assert after.norms["input"] == 0 == np.abs(pixel_gradient(model, image, 3, 3)).max()
    assert np.abs(pixel).max() > 0
    assert set(gradient_norms(model, made).values()) == {0.0}
    assert min(before[1].values()) > 0


def compare_norms(model, *images_and_masks):
    """Norms of the kernels by a tape over the model as it is called by anybody."""
    pairs = list(zip(images_and_masks[::2], images_and_masks[1::2], strict=True))
    owners = {}
    for layer in model._flatten_layers():
        if getattr(layer, "kernel", None) is not None:
            owners.setdefault(layer.name, layer)
    sums = dict.fromkeys(owners, 0.0)
    for image, mask in pairs:
        with tf.GradientTape() as tape:
            batch = np.atleast_3d(image)[np.newaxis].astype("float32")
            loss = plain_loss(model(batch, training=False), mask)
        found = tape.gradient(loss, {name: layer.kernel for name, layer in owners.items()})
        for name, one in found.items():
            sums[name] += np.linalg.norm(one.numpy().astype(np.float64)) / len(pairs)
    # Of the parts of SyntheticImage only these two are looked at.
    made = [SyntheticImage(image, mask, mask) for image, mask in pairs]
    norms = gradient_norms(model, made)
    assert {name.split("/")[-1]: norm for name, norm in norms.items()} == pytest.approx(
        sums, rel=1e-3
    )
    return norms


def test_norms_of_kernels_are_means_over_images():
    spec = uv.UNetSpec(16, depth=1, base_filters=2, padding="same", dropout=0.5)
    model, image, mask = random_question(spec, 0)
    _, other, second = random_question(spec, 1)
    norms = compare_norms(model, image, mask, other, second)
    assert min(norms.values()) > 0


def test_a_frozen_layer_has_a_gradient_too():
    model, image, mask = random_question(uv.UNetSpec(16, depth=1, padding="same"), 0)
    made = SyntheticImage(image[..., 0], mask, mask)
    free = gradient_norms(model, made)
    frozen, *_ = random_question(uv.UNetSpec(16, depth=1, padding="same"), 0)
    frozen.trainable = False
    assert gradient_norms(frozen, [made]) == pytest.approx(free)


def test_a_kernel_whose_gradient_would_end_the_process():
    model = MODELS["residual"]()
    image, mask = np.zeros((64, 64, 3), np.float32), np.zeros((64, 64), int)
    with pytest.raises(ValueError, match="is a 1x1 convolution with a stride"):
        gradient_norms(model, SyntheticImage(image, mask, mask))


def test_norms_need_an_image(model):
    with pytest.raises(ValueError, match="at least one image"):
        gradient_norms(model, [])


def test_the_gradient_of_a_score_needs_no_probabilities():
    for name in ("strided", "blind_spot"):
        keras.utils.set_random_seed(0)
        model = MODELS[name]()
        image = np.random.default_rng(0).random(model.input_shape[1:], np.float32)
        trace = uv.trace_model(model)
        found = pixel_gradient(model, image, 5, 7)
        box = uv.receptive_field(trace, 5, 7).input
        outside = np.ones(found.shape[:2], bool)
        outside[box.top : box.bottom, box.left : box.right] = False
        assert np.any(found), name
        assert not np.any(found[outside]), name


def test_pixels_that_the_output_does_not_have(model):
    for where, words in {
        (18, 0): "row must be a whole number from 0 to 17, not 18",
        (0, -1): "col must be a whole number from 0 to 49, not -1",
        (0, 0, 2): "channel must be a whole number from -2 to 1, not 2",
    }.items():
        with pytest.raises(ValueError, match=words):
            pixel_gradient(model, IMAGE, *where)


def test_what_is_not_a_mask(model):
    for mask, kind, words in (
        (MASK[1:], ValueError, "18 x 50 pixels, or of the input, 60 x 92"),
        (MASK[..., np.newaxis], ValueError, "its shape is"),
        (MASK + 1, ValueError, "run from 1 to 2, but the network has the classes 0 to 1"),
        (MASK - 1, ValueError, "run from -1 to 0"),
        (MASK / 2, TypeError, "whole numbers, one class for each pixel, not float64"),
        ("mask.png", TypeError, "a mask holds whole numbers"),
    ):
        with pytest.raises(kind, match=words):
            backward_pass(model, IMAGE, mask)


def test_a_mask_may_be_of_booleans(model):
    assert backward_pass(model, IMAGE, MASK == 1).loss == backward_pass(model, IMAGE, MASK).loss


def test_other_wrong_input(model):
    with pytest.raises(KeyError, match="no map 'enc9_conv1'; the maps are input, enc1_conv1"):
        backward_pass(model, IMAGE, MASK, ["enc9_conv1"])
    with pytest.raises(ValueError, match="takes 60 x 92 pixels, the image has 59 x 92"):
        backward_pass(model, IMAGE[1:], MASK)
    with pytest.raises(ValueError, match="channels must be a whole number of at least 1"):
        backward_pass(model, IMAGE, MASK, channels=0)
    with pytest.raises(ValueError, match="size must be a whole number of at least 1"):
        backward_pass(model, IMAGE, MASK, size=0.5)
    with pytest.raises(TypeError, match="takes a Keras model"):
        backward_pass(SPEC, IMAGE, MASK)
    with pytest.raises(TypeError, match="takes a Keras model"):
        pixel_gradient(SPEC, IMAGE, 0, 0)
    with pytest.raises(TypeError, match="takes a Keras model"):
        gradient_norms(None, validation_images(32, 1))


def test_the_loss_is_that_of_training(model):
    batch = (IMAGE / 255).astype("float32")[np.newaxis]
    mask = MASK[np.newaxis, 21:39, 21:71]
    expected = float(weighted_loss(model(batch, training=False), tf.constant(mask)))
    assert backward_pass(model, IMAGE, MASK, []).loss == pytest.approx(expected, rel=1e-6)
