"""Inputs of joins changed inside a network, against networks that are put together by hand."""

import logging
from dataclasses import replace
from itertools import combinations

import keras
import numpy as np
import pytest
from keras import ops
from support.foreign_models import MODELS
from support.independent_fcn import build_fcn_independently
from support.network_pool import check_each

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
    "fcn": uv.FCNSpec((64, 70), base_filters=2, classes=3, stride=8),
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


def by_hand(model, image, replaced):
    """Call the layers one by one; `replaced` gives the maps that are joined, by level and input."""
    spec_trace, maps = uv.trace_model(model), {}
    for step in spec_trace:
        if not step.inputs:
            maps[step.name] = ops.convert_to_tensor(image[np.newaxis])
            continue
        given = [maps[name] for name in step.inputs]
        if step.name.endswith(("_concat", "_add")):
            level = int(step.name[3 : step.name.index("_")])
            # An FCN leads in the map from below first, and scores come from its skip.
            order = ("below", "skip") if step.inputs[1].endswith("_score") else ("skip", "below")
            given = [
                ops.convert_to_tensor(replaced(level, which, np.asarray(one)[0])[np.newaxis])
                for which, one in zip(order, given, strict=True)
            ]
        layer = model.get_layer(step.name)
        maps[step.name] = layer(given if len(given) > 1 else given[0], training=False)
    return np.asarray(maps[step.name])[0]


def joined_maps(model, image):
    """The maps that are joined, by level and input."""
    found = {}
    by_hand(model, image, lambda level, which, x: found.setdefault((level, which), x))
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


def test_without_changes_random_networks_are_the_same_bit_for_bit(network_pool):
    joining = [one for one in network_pool if any(len(step.inputs) > 1 for step in one.trace)]
    check_each(joining[::4], compare_with_prediction)  # each is compiled


def compare_with_prediction(network):
    """Also where the way through the joins is interrupted at the finest of them."""
    surgery = SkipSurgery(network.model)
    expected = network.model.predict_on_batch(network.image[np.newaxis])[0]
    np.testing.assert_array_equal(surgery.predict(network.image), expected)
    finest = min(surgery.levels)
    unmoved = {finest: SkipChange("shift", of="below")}
    np.testing.assert_array_equal(surgery.predict(network.image, unmoved), expected)


def test_levels_and_shapes_are_those_of_the_trace(cut):
    spec, _, surgery, _ = cut
    if isinstance(spec, uv.FCNSpec):
        expected = {n: (f"dec{n}_add", f"dec{n}_score", f"dec{n}_crop") for n in (4, 5)}
    else:
        joins = {n: f"dec{n}_{spec.merge}" for n in range(1, spec.depth + 1)}
        expected = {n: (join, *uv.trace(spec)[join].inputs) for n, join in joins.items()}
    assert surgery.levels == {n: join for n, (join, _, _) in expected.items()}
    for level, (_, skip, below) in expected.items():
        assert (surgery.joins[level].skips, surgery.joins[level].below) == ((skip,), (below,))
        assert surgery.shapes[level] == uv.trace(spec)[skip].out_shape


@pytest.mark.parametrize("of", ["skip", "below"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_change_at_each_level_equals_the_layers_called_by_hand(cut, kind, of):
    _, model, surgery, (image, other) = cut
    change, others = replace(KINDS[kind], of=of), joined_maps(model, other)
    untouched = surgery.predict(image)

    def changed(values, level):
        if kind == "zero":
            return np.zeros_like(values)
        if kind == "shift":
            return moved(values, change.rows, change.columns)
        if kind == "other":
            return others[level, of]
        order = np.random.default_rng(change.seed).permutation(len(values) * len(values[0]))
        return values.reshape(-1, values.shape[2])[order].reshape(values.shape)

    for chosen in [*([level] for level in surgery.levels), list(surgery.levels)]:

        def replaced(level, which, values, to=chosen):
            return changed(values, level) if level in to and which == of else values

        expected = by_hand(model, image, replaced)
        found = surgery.predict(image, dict.fromkeys(chosen, change), other)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
        assert np.abs(found - untouched).max() > 1e-4


def test_changes_of_both_kinds_of_inputs_meet(cut):
    """What comes from below carries what was changed deeper down."""
    _, model, surgery, (image, _) = cut
    first, last = min(surgery.levels), max(surgery.levels)
    changes = {last: SkipChange("zero"), first: SkipChange("shift", 1, 1, of="below")}

    def replaced(level, which, values):
        change = changes.get(level)
        if change is None or change.of != which:
            return values
        return np.zeros_like(values) if change.kind == "zero" else moved(values, 1, 1)

    expected = by_hand(model, image, replaced)
    np.testing.assert_allclose(surgery.predict(image, changes), expected, rtol=1e-4, atol=1e-6)


def test_a_part_of_a_sum_alone_is_a_network_written_by_hand_without_the_other():
    spec = SPECS["fcn"]
    model = with_biases(uv.build(spec, seed=1), 2)
    image = np.random.default_rng(3).random(model.input_shape[1:]).astype("float32")
    surgery = SkipSurgery(model)
    for level, (of, branch) in {4: ("skip", "skip"), 5: ("below", "up")}.items():

        def gate(tensor, at, which, off=(level, branch)):
            return 0 * tensor if (at, which) == off else tensor

        copy, tensors = build_fcn_independently(spec, gate=gate)
        for step in uv.trace(spec):
            layer = tensors[step.name]._keras_history.operation
            layer.set_weights(model.get_layer(step.name).get_weights())
        expected = np.asarray(copy(image[np.newaxis], training=False))[0]
        found = surgery.predict(image, {level: SkipChange("zero", of=of)})
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
        assert np.abs(found - surgery.predict(image)).max() > 1e-4


def test_the_order_in_which_a_layer_takes_them_does_not_matter():
    """Another person may write the finer scores first."""
    spec = SPECS["fcn"]
    model = uv.build(spec, seed=1)
    tensors = {"input": keras.Input((*spec.input_size, 1))}
    for step in uv.trace(spec).steps[1:]:
        layer = model.get_layer(step.name)
        given = [tensors[name] for name in step.inputs]
        copy = type(layer).from_config(layer.get_config())
        tensors[step.name] = copy(given[::-1] if len(given) > 1 else given[0])
    turned = SkipSurgery(keras.Model(tensors["input"], tensors["softmax"]))
    assert turned.trace["dec5_add"].inputs == ("dec5_score", "dec5_crop")
    for level, join in SkipSurgery(model).joins.items():
        assert (turned.joins[level].skips, turned.joins[level].below) == (join.skips, join.below)


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


@pytest.mark.parametrize(
    "name", ["batch_normalized", "original", "oblong", "called_twice", "nested"]
)
def test_models_of_other_people(name, tmp_path):
    """Normalization and dropout as in use; layers called again; models inside the model."""
    keras.utils.set_random_seed(1)
    model = with_biases(MODELS[name](), 7)
    config, output = model.get_config(), model.layers[-2].output
    calls = [len(layer._inbound_nodes) for layer in model.layers]
    surgery = SkipSurgery(model)
    image = np.random.default_rng(1).random(model.input_shape[1:]).astype("float32")
    expected = model.predict_on_batch(image[np.newaxis])[0]
    np.testing.assert_array_equal(surgery.predict(image), expected)
    for level in surgery.levels:
        for of in ("skip", "below"):
            changes = {level: SkipChange("zero", of=of)}
            assert (surgery.predict(image, changes) != expected).any()
    # The model is as it was, so that it can be saved.
    assert model.get_config() == config
    assert model.layers[-2].output is output
    assert [len(layer._inbound_nodes) for layer in model.layers] == calls
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict_on_batch(image[np.newaxis])[0], expected)


def test_a_network_whose_image_is_a_skip_can_still_be_saved(tmp_path):
    """A second part made of Keras models would be written down in the layers."""
    source = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(1, 1)(keras.layers.MaxPooling2D()(source))
    x = keras.layers.UpSampling2D()(x)
    model = keras.Model(source, keras.layers.Add()([source, x]))
    image = np.random.default_rng(1).random((8, 8, 1)).astype("float32")
    surgery = SkipSurgery(model)
    alone = surgery.predict(image, {1: SkipChange("zero", of="below")})
    np.testing.assert_array_equal(alone, image)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(image[np.newaxis])[0], surgery.predict(image))


def test_ways_from_join_to_join_are_compiled_once_and_without_a_warning(caplog):
    """TensorFlow warns of functions that are compiled again and again, in the learner's page."""
    surgery = SkipSurgery(uv.build(uv.UNetSpec(32, depth=3, base_filters=1, padding="same")))
    image = np.random.default_rng(1).random((32, 32)).astype("float32")
    zero = SkipChange("zero", of="below")
    ways = [dict.fromkeys(levels, zero) for n in range(4) for levels in combinations((1, 2, 3), n)]
    logger = logging.getLogger("tensorflow")
    logger.addHandler(caplog.handler)
    try:
        first = [surgery.predict(image, changes) for changes in ways]
        compiled = len(surgery._compiled)
        again = [surgery.predict(image, changes) for changes in ways]
    finally:
        logger.removeHandler(caplog.handler)
    assert not caplog.records
    assert len(surgery._compiled) == compiled
    np.testing.assert_array_equal(first, again)


def test_shortcuts_inside_blocks_are_no_skips():
    surgery = SkipSurgery(MODELS["residual"]())
    assert list(surgery.levels) == [1, 2]
    assert {surgery.trace[name].kind for name in surgery.levels.values()} == {"concat"}


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
    for wrong in (
        {"kind": "off"},
        {"kind": 0},
        {"rows": 1.5},
        {"columns": None},
        {"seed": -1},
        {"of": 1},
    ):
        with pytest.raises(ValueError, match="must be"):
            SkipChange(**wrong)


def test_models_that_have_no_such_skips():
    for spec in (SPECS["same, add"].replace(merge="none"), SPECS["fcn"].replace(stride=32)):
        with pytest.raises(ValueError, match="this model has no skips"):
            SkipSurgery(uv.build(spec))
    with pytest.raises(ValueError, match="several maps of its encoder at level 1"):
        SkipSurgery(MODELS["dense_skips"]())
