"""Skips changed inside a network, against networks that are put together by hand."""

import keras
import numpy as np
import pytest
from keras import ops
from support.foreign_models import MODELS

import unetviz as uv
from unetviz.nets.running.surgery import SkipChange, SkipSurgery

pytestmark = pytest.mark.keras

SPECS = {
    "valid": uv.UNetSpec((44, 60), depth=2, base_filters=3),
    "odd crops": uv.UNetSpec((43, 45), depth=1, base_filters=4, input_channels=3, classes=3),
    "same, add": uv.UNetSpec((16, 20), depth=1, base_filters=4, padding="same", merge="add"),
    "the document's way": uv.UNetSpec(
        (32, 24),
        depth=2,
        base_filters=2,
        classes=1,
        padding="same",
        upsampling="upsample_conv",
        head_filters=(2,),
        dropout=0.5,
        final_activation="sigmoid",
    ),
}
KINDS = {
    "zero": SkipChange("zero"),
    "shuffle": SkipChange("shuffle", seed=3),
    "shift": SkipChange("shift", rows=-2, columns=1),
    "other": SkipChange("other"),
}


def with_biases(model, seed):
    """The same model with weights of which none is 0: fresh biases are, and hide mistakes."""
    random = np.random.default_rng(seed)
    model.set_weights([w + random.normal(0, 0.1, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture(scope="module", params=SPECS)
def cut(request):
    spec = SPECS[request.param]
    model = with_biases(uv.build(spec, seed=1), 2)
    images = np.random.default_rng(3).random((2, *model.input_shape[1:])).astype("float32")
    return spec, model, SkipSurgery(model), images


def by_hand(model, image, replace):
    """Call the layers one by one; `replace` gives the map that is joined, by level."""
    spec_trace, maps = uv.trace_model(model), {}
    for step in spec_trace:
        if not step.inputs:
            maps[step.name] = ops.convert_to_tensor(image[np.newaxis])
            continue
        given = [maps[name] for name in step.inputs]
        if step.name.endswith(("_concat", "_add")):
            level = int(step.name[3 : step.name.index("_")])
            given[0] = ops.convert_to_tensor(replace(level, np.asarray(given[0])[0])[np.newaxis])
        layer = model.get_layer(step.name)
        maps[step.name] = layer(given if len(given) > 1 else given[0], training=False)
    return np.asarray(maps[step.name])[0]


def skip_maps(model, image):
    """The maps that are joined, by level."""
    found = {}
    by_hand(model, image, lambda level, values: found.setdefault(level, values))
    return found


def moved(values, rows, columns):
    """Rolled around; what came in from the other side is 0."""
    values = np.roll(values, (rows, columns), (0, 1))
    values[:rows] = 0 if rows > 0 else values[:rows]
    values[len(values) + min(rows, 0) :] = 0
    values[:, : max(columns, 0)] = 0
    values[:, values.shape[1] + min(columns, 0) :] = 0
    return values


def test_without_changes_it_is_the_network_bit_for_bit(cut):
    _, model, surgery, images = cut
    for image in images:
        expected = model.predict_on_batch(image[np.newaxis])[0]
        assert expected.std() > 1e-4
        keep = {level: SkipChange() for level in surgery.levels}
        for changes in (None, {}, keep):
            found = surgery.predict(image, changes)
            assert found.dtype == np.float32
            np.testing.assert_array_equal(found, expected)


def test_levels_and_shapes_are_those_of_the_trace(cut):
    spec, _, surgery, _ = cut
    trace = uv.trace(spec)
    assert surgery.levels == {n: f"dec{n}_{spec.merge}" for n in range(1, spec.depth + 1)}
    for level, shape in surgery.shapes.items():
        assert shape == trace[trace[surgery.levels[level]].inputs[0]].out_shape


@pytest.mark.parametrize("kind", KINDS)
def test_each_change_at_each_level_equals_the_layers_called_by_hand(cut, kind):
    _, model, surgery, (image, other) = cut
    change, others = KINDS[kind], skip_maps(model, other)
    untouched = surgery.predict(image)

    def changed(values, level):
        if kind == "zero":
            return np.zeros_like(values)
        if kind == "shift":
            return moved(values, change.rows, change.columns)
        if kind == "other":
            return others[level]
        order = np.random.default_rng(change.seed).permutation(len(values) * len(values[0]))
        return values.reshape(-1, values.shape[2])[order].reshape(values.shape)

    for chosen in [*([level] for level in surgery.levels), list(surgery.levels)]:
        expected = by_hand(
            model, image, lambda level, x, to=chosen: changed(x, level) if level in to else x
        )
        found = surgery.predict(image, dict.fromkeys(chosen, change), other)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
        assert np.abs(found - untouched).max() > 1e-4


@pytest.mark.parametrize("name", ["valid", "odd crops"])
def test_zero_equals_weights_of_the_next_convolution_set_to_zero(name):
    """A convolution that does not read the channels of the skip sees nothing of it."""
    model = with_biases(uv.build(SPECS[name], seed=1), 2)
    surgery = SkipSurgery(model)
    image = np.random.default_rng(3).random(model.input_shape[1:]).astype("float32")
    copy = keras.models.clone_model(model)
    for level, (_, _, channels) in surgery.shapes.items():
        copy.set_weights(model.get_weights())
        layer = copy.get_layer(f"dec{level}_conv1")
        kernel, bias = layer.get_weights()
        kernel[:, :, :channels] = 0
        layer.set_weights([kernel, bias])
        expected = copy.predict_on_batch(image[np.newaxis])[0]
        found = surgery.predict(image, {level: SkipChange("zero")})
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def joined_map(size=(5, 7), channels=3):
    """A model whose output is the map of its skip, beside one from below."""
    source = keras.Input((*size, channels))
    first = keras.layers.Conv2D(channels, 1, use_bias=False, name="first")(source)
    x = keras.layers.Conv2D(channels, 2, strides=2, padding="same")(first)
    x = keras.layers.Conv2DTranspose(2, 2, strides=2)(x)
    x = keras.layers.Cropping2D(((0, x.shape[1] - size[0]), (0, x.shape[2] - size[1])))(x)
    model = keras.Model(source, keras.layers.Concatenate(name="join")([first, x]))
    model.get_layer("first").set_weights([np.eye(channels)[np.newaxis, np.newaxis]])
    return model


@pytest.fixture(scope="module")
def window():
    image = np.random.default_rng(5).random((5, 7, 3)).astype("float32")
    return SkipSurgery(joined_map()), image


def test_shuffling_keeps_the_pixels_whole_and_is_drawn_from_the_seed(window):
    surgery, image = window

    def shuffled(seed):
        return surgery.predict(image, {1: SkipChange("shuffle", seed=seed)})[..., :3]

    def as_set(values):
        return sorted(map(tuple, values.reshape(-1, 3).tolist()))

    plain = surgery.predict(image)[..., :3]
    assert as_set(shuffled(0)) == as_set(plain)
    assert len(set(as_set(plain))) == 35
    assert (shuffled(0) != plain).any()
    np.testing.assert_array_equal(shuffled(0), shuffled(0))
    assert (shuffled(0) != shuffled(1)).any()


def test_a_shift_moves_down_and_right_and_zeros_come_in(window):
    surgery, image = window
    plain = surgery.predict(image)
    for rows, columns in [(2, 0), (-4, 0), (0, 6), (0, -1), (1, -2), (0, 0)]:
        found = surgery.predict(image, {1: SkipChange("shift", rows, columns)})
        expected = np.zeros((5, 7, 3), np.float32)
        for row in range(5):
            for column in range(7):
                if 0 <= row - rows < 5 and 0 <= column - columns < 7:
                    expected[row, column] = plain[row - rows, column - columns, :3]
        np.testing.assert_array_equal(found[..., :3], expected)
        # What comes from below was not touched.
        np.testing.assert_array_equal(found[..., 3:], plain[..., 3:])


@pytest.mark.parametrize("name", ["batch_normalized", "original", "oblong"])
def test_models_of_other_people(name):
    model = with_biases(MODELS[name](), 7)
    config, output = model.get_config(), model.layers[-2].output
    surgery = SkipSurgery(model)
    image = np.random.default_rng(1).random(model.input_shape[1:]).astype("float32")
    expected = model.predict_on_batch(image[np.newaxis])[0]
    np.testing.assert_array_equal(surgery.predict(image), expected)
    for level in surgery.levels:
        assert (surgery.predict(image, {level: SkipChange("zero")}) != expected).any()
    # The model is as it was, so that it can be saved.
    assert model.get_config() == config
    assert model.layers[-2].output is output


def test_new_weights_are_seen():
    model = uv.build(SPECS["same, add"], seed=4)
    surgery = SkipSurgery(model)
    image = np.random.default_rng(1).random((16, 20)).astype("float32")
    before = surgery.predict(image)
    with_biases(model, 9)
    expected = model.predict_on_batch(image[np.newaxis, ..., np.newaxis])[0]
    np.testing.assert_array_equal(surgery.predict(image), expected)
    assert (before != expected).any()


def test_images_of_whole_numbers_are_divided():
    surgery = SkipSurgery(uv.build(SPECS["same, add"], seed=4))
    image = np.random.default_rng(1).integers(0, 256, (16, 20), np.uint8)
    floats = image.astype("float32") / np.float32(255)
    np.testing.assert_array_equal(surgery.predict(image), surgery.predict(floats))


def test_what_cannot_be_done_is_said():
    same = uv.UNetSpec((24, 32), depth=3, base_filters=2, padding="same")
    surgery = SkipSurgery(uv.build(same))
    image = np.zeros((24, 32))
    with pytest.raises(ValueError, match=r"no skip at level 4; the levels are \[1, 2, 3\]"):
        surgery.predict(image, {4: SkipChange("zero")})
    with pytest.raises(ValueError, match="at level 2 needs another image"):
        surgery.predict(image, {2: SkipChange("other")})
    for change in (SkipChange("shift", rows=6), SkipChange("shift", columns=-8)):
        with pytest.raises(ValueError, match=r"6 x 8 pixels; .* at most 5 rows and 7 columns"):
            surgery.predict(image, {3: change})
    with pytest.raises(ValueError, match="takes 24 x 32 pixels, the image has 20 x 32"):
        surgery.predict(image[:20])
    with pytest.raises(ValueError, match="takes 24 x 32 pixels, the image has 20 x 32"):
        surgery.predict(image, {1: SkipChange("other")}, other=image[:20])


def test_wrong_changes():
    for wrong in ({"kind": "off"}, {"kind": 0}, {"rows": 1.5}, {"columns": None}, {"seed": -1}):
        with pytest.raises(ValueError, match="must be"):
            SkipChange(**wrong)


def test_models_that_have_no_such_skips():
    with pytest.raises(ValueError, match="this model has no skips"):
        SkipSurgery(uv.build(SPECS["same, add"].replace(merge="none")))
    with pytest.raises(ValueError, match="several maps of its encoder at level 1"):
        SkipSurgery(MODELS["dense_skips"]())
    with pytest.raises(ValueError, match="in a model inside the model"):
        SkipSurgery(MODELS["nested"]())
