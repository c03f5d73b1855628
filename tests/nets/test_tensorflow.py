"""Own networks are the same however Keras is configured on a machine."""

import keras
import numpy as np
import pytest

import unetviz as uv
from unetviz.nets._tensorflow import default_configuration
from unetviz.nets.initializers import upsample_by_stamps
from unetviz.nets.lessons.classifier import build_classifier, convolutionalize
from unetviz.nets.lessons.code_walk import walk_code
from unetviz.nets.lessons.printed_code import errors_of_printed_code, fixed_code

pytestmark = pytest.mark.keras

SMALL = uv.UNetSpec(60, depth=1, base_filters=2)
IMAGE = np.random.default_rng(0).random((60, 60), "float32")
CONFIGURATIONS = {
    "channels_first": lambda: keras.config.set_image_data_format("channels_first"),
    "mixed_float16": lambda: keras.config.set_dtype_policy("mixed_float16"),
    "bfloat16": lambda: keras.config.set_dtype_policy("bfloat16"),
    "float16": lambda: keras.config.set_floatx("float16"),
    "float64": lambda: keras.config.set_floatx("float64"),
}


@pytest.fixture(params=CONFIGURATIONS)
def configured(request):
    """Keras as somebody's keras.json, or an earlier cell of a notebook, configures it."""
    with default_configuration():
        CONFIGURATIONS[request.param]()
        yield request.param


def run(source):
    scope = {}
    exec(source, scope)
    return scope["model"]


def outputs(model, image):
    return np.asarray(model(image[np.newaxis, ..., np.newaxis]))


def test_built_networks_compute_the_same(configured):
    for spec in (SMALL, SMALL.replace(merge="add", upsampling="upsample_conv", dropout=0.5)):
        model = uv.build(spec, seed=0)
        with default_configuration():
            expected = outputs(uv.build(spec, seed=0), IMAGE)
        found = outputs(model, IMAGE)
        assert found.dtype == "float32"
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(
            list(uv.feature_maps(model, IMAGE).values())[-1], found[0], rtol=1e-5, atol=1e-6
        )
        assert uv.trace_model(model) == uv.trace_model(uv.build(spec))


def test_ready_networks_are_built_and_loaded(configured):
    assert uv.unet(input_size=(32, 32, 1), base_filters=2).output_shape == (None, 32, 32, 1)
    assert uv.build(uv.FCNSpec(64, base_filters=1)).output_shape == (None, 64, 64, 2)
    model, image = uv.load_pretrained("cells", 188), np.zeros((188, 188), "float32")
    with default_configuration():
        expected = outputs(uv.load_pretrained("cells", 188), image)
    np.testing.assert_allclose(outputs(model, image), expected, rtol=1e-5, atol=1e-6)


def test_the_source_builds_the_network(configured):
    model = run(uv.keras_code(SMALL))
    assert model.output_shape == (None, *uv.trace(SMALL).output_shape)


def test_lessons_compute_the_same(configured):
    classifier = build_classifier(16)
    assert classifier.output_shape == (None, 3)
    assert convolutionalize(classifier)(np.zeros((1, 20, 24, 1))).shape == (1, 2, 3, 3)
    stamped = upsample_by_stamps(IMAGE, 2)
    steps = walk_code(fixed_code(), (32, 32, 1))
    errors = [one.error for one in errors_of_printed_code()]
    with default_configuration():
        np.testing.assert_allclose(stamped, upsample_by_stamps(IMAGE, 2))
        assert steps == walk_code(fixed_code(), (32, 32, 1))
        assert errors == [one.error for one in errors_of_printed_code()]


def test_the_configuration_stays_what_it_is(configured):
    before = (
        keras.config.image_data_format(),
        keras.config.floatx(),
        keras.config.dtype_policy().name,
    )
    uv.build(SMALL)
    walk_code(fixed_code(), (32, 32, 1))
    assert before == (
        keras.config.image_data_format(),
        keras.config.floatx(),
        keras.config.dtype_policy().name,
    )


def test_a_network_for_half_precision_scales_its_losses_again():
    """`compile` decides by the policy of the model."""
    with default_configuration():
        keras.config.set_dtype_policy("mixed_float16")
        source = keras.Input((8, 8, 1))
        mixed = keras.Model(source, keras.layers.Conv2D(1, 3)(source))
        own = uv.build(SMALL)
    again = uv.build(uv.trace_model(mixed).spec)
    for model, scaled in ((mixed, True), (again, True), (own, False)):
        model.compile("sgd", "mse")
        assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer) == scaled
