"""Tiles put together are one pass over the mirrored image, and nothing grows but the result.

The one pass is made here by a second U-Net in plain Keras, over what `numpy.pad` makes of the
image; the package is asked for nothing but the sizes that fit.
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from itertools import product

import hypothesis
import keras
import numpy as np
import pytest
from keras import layers
from support.foreign_models import MODELS
from support.independent_unet import build_independently
from support.random_encoders import encoders
from support.random_examples import examples

import unetviz as uv

pytestmark = pytest.mark.keras

MODES = {"mirror": "reflect", "edge": "edge", "zero": "constant"}
SURROUNDINGS = 100
"""Pixels around the image in the one pass, more than the padding of any network here is felt."""

BASE = uv.UNetSpec(depth=2, base_filters=4, final_activation="sigmoid")
THIRDS = BASE.replace(pool_size=3)
SPECS = {
    "valid": BASE.replace(input_size=(64, 60)),
    "valid, depth 3, no skips": BASE.replace(input_size=124, depth=3, merge="none"),
    "same": BASE.replace(input_size=(64, 72), padding="same"),
    "same, thirds, colours, nearest, sums": THIRDS.replace(
        input_size=(108, 117),
        padding="same",
        input_channels=3,
        classes=1,
        upsampling="upsample_conv",
        merge="add",
    ),
}


@dataclass
class Case:
    """A network, an image, and what one pass says about it."""

    spec: uv.UNetSpec
    model: keras.Model
    image: np.ndarray
    expected: np.ndarray

    def difference(self, *arguments, **settings):
        """Largest difference between tiles and one pass."""
        settings = {"progress": False, **settings}
        found = uv.predict_tiled(self.model, self.image, *arguments, **settings)
        return np.abs(found.probabilities - self.expected).max()


def with_random_weights(model, seed=0):
    """Give a model weights under which every pixel and every bias counts."""
    rng = np.random.default_rng(seed)
    shapes = [weights.shape for weights in model.get_weights()]
    # A bias has one axis; the other weights shrink with the numbers that they sum up.
    scales = [0.3 if len(one) == 1 else (2 / np.prod(one[:-1])) ** 0.5 for one in shapes]
    weights = [rng.normal(0, scale, one) for one, scale in zip(shapes, scales, strict=True)]
    model.set_weights(weights)
    return model


def noise(shape, dtype="uint8", seed=1):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, shape, dtype) if dtype == "uint8" else rng.random(shape, dtype)


def floats(image):
    """The numbers that a network should see, by definition."""
    return image.astype("float32") / (255 if image.dtype == np.uint8 else 1)


def one_pass(spec, model, image, mode="reflect"):
    """The network as plain Keras builds it, in one pass over what numpy pads."""
    phase = spec.pool_size**spec.depth
    shrink = uv.trace(spec).steps[0].out_shape[0] - uv.trace(spec).output_shape[0]
    # At a multiple of the total pooling factor the image begins in phase 0.
    before = -(-SURROUNDINGS // phase) * phase
    shape = image.shape[:2]
    sizes = [uv.nearest_valid_sizes(spec, n + before + shrink + SURROUNDINGS)[1] for n in shape]
    pads = [
        (before + shrink // 2, size - n - before - shrink // 2)
        for n, size in zip(shape, sizes, strict=True)
    ]
    batch = np.pad(floats(image), [*pads, *[(0, 0)] * (image.ndim - 2)], mode=mode)
    batch = batch.reshape(1, *sizes, spec.input_channels)
    large, _ = build_independently(spec.replace(input_size=sizes))
    large.set_weights(model.get_weights())
    output = np.asarray(large(batch, training=False))[0]
    return output[before : before + shape[0], before : before + shape[1]]


@pytest.fixture(scope="module")
def models():
    """Every network once, with its weights."""
    return {name: with_random_weights(uv.build(spec)) for name, spec in SPECS.items()}


def make_case(models, name, shape=(50, 61), dtype="uint8", pad="mirror"):
    spec, model = SPECS[name], models[name]
    image = noise(shape if spec.input_channels == 1 else (*shape, 3), dtype)
    expected = one_pass(spec, model, image, MODES[pad])
    # A network that says the same everywhere would agree with anything.
    assert image.size == 1 or expected.std() > 0.01
    return Case(spec, model, image, expected)


@pytest.mark.parametrize("name", SPECS)
def test_tiles_in_phase_agree_with_one_pass_and_others_do_not(models, name):
    """Beside each other: strides at multiples of the total pooling factor, and others."""
    case = make_case(models, name, dtype="uint8" if "thirds" in name else "float32")
    phase = case.spec.pool_size**case.spec.depth
    largest = uv.labs.plan_tiles(50, uv.trace(case.spec)).stride
    agreeing = {stride: case.difference(stride) for stride in (None, phase, largest)}
    others = {stride: case.difference(stride) for stride in (phase - 1, phase + 1)}
    assert max(agreeing.values()) < 1e-5, agreeing
    assert min(others.values()) > 1e-3, others
    # The pass to compare with that the package offers is the same.
    np.testing.assert_allclose(
        uv.nets.predict_whole(case.model, case.image), case.expected, rtol=0, atol=1e-5
    )


@pytest.mark.parametrize("name", ["valid", "same"])
def test_the_plan_knows_which_strides_leave_seams(models, name):
    case = make_case(models, name, (41, 47))
    result = min(uv.trace(case.spec).output_shape[:2])
    for stride in (*range(3, 14), *range(result - 4, result + 1)):
        run = uv.predict_tiled(case.model, case.image, stride)
        difference = np.abs(run.probabilities - case.expected).max()
        if run.plan.seamless:
            assert difference < 1e-5, run.plan
        # Of a little padding little is felt, of another phase much.
        if "apart" in run.plan.reason:
            assert difference > 1e-3, run.plan
    assert run.plan.stride == (result, result)
    assert (difference > 1e-3) == (name == "same")


def test_height_and_width_have_strides_of_their_own(models):
    case = make_case(models, "same")
    for stride, seamless in {(4, 8): True, (8, 6): False}.items():
        found = uv.predict_tiled(case.model, case.image, stride)
        assert found.plan.stride == stride
        assert found.plan.seamless == seamless
        assert (np.abs(found.probabilities - case.expected).max() < 1e-5) == seamless


@pytest.mark.parametrize("name", ["valid", "same"])
def test_images_of_any_size(models, name):
    height, width = SPECS[name].input_size
    result = uv.trace(SPECS[name]).output_shape[:2]
    for shape in ((1, 1), (height + 1, width + 1), result, (1, 1000)):
        case = make_case(models, name, shape)
        assert case.expected.shape == (*shape, 2)
        assert case.difference() < 1e-5


@pytest.mark.parametrize(("name", "pad"), [("valid", "edge"), ("same", "zero")])
def test_other_ways_to_continue_the_image(models, name, pad):
    case = make_case(models, name, pad=pad)
    assert case.difference(pad=pad) < 1e-5
    assert case.difference(pad="mirror") > 1e-3
    whole = uv.nets.predict_whole(case.model, case.image, pad)
    np.testing.assert_allclose(whole, case.expected, rtol=0, atol=1e-5)


def test_tiles_moved_in_phase_agree_too(models):
    case = make_case(models, "same")
    for shift in (4, (8, 0)):
        assert case.difference(shift=shift) < 1e-5
    assert case.difference(shift=1) > 1e-3


def test_a_margin_that_is_too_small_shows_the_padding(models):
    case = make_case(models, "same")
    free = uv.padding_free(uv.trace(case.spec))
    assert case.difference(4, margin=24) < 1e-5
    assert free.top > 0
    assert case.difference(4, margin=0) > 1e-3


def test_integers_are_parts_of_their_largest_and_floats_are_taken_as_they_are(models):
    image = noise((50, 61))
    for same in (image / np.float64(255), image.astype("uint16") * 257, image[..., np.newaxis]):
        found = uv.predict_tiled(models["valid"], same).probabilities
        expected = uv.predict_tiled(models["valid"], image).probabilities
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    large = uv.predict_tiled(models["valid"], image.astype("float32")).probabilities
    assert np.abs(large - expected).max() > 0.1


def test_the_image_stays_as_it_is(models):
    for dtype, pad in zip(["uint8", "float32", "float64"], MODES, strict=True):
        image = noise((50, 61)).astype(dtype)
        before = image.copy()
        image.setflags(write=False)
        uv.predict_tiled(models["valid"], image, pad=pad)
        uv.nets.predict_whole(models["valid"], image, pad)
        np.testing.assert_array_equal(image, before)


def test_a_view_into_a_larger_array(models):
    large = noise((100, 122, 3))
    view = large[::-2, ::2, 1]
    found, expected = (uv.predict_tiled(models["same"], one) for one in (view, view.copy()))
    np.testing.assert_array_equal(found.probabilities, expected.probabilities)


def test_what_comes_back(models, capfd):
    found = uv.predict_tiled(models["valid"], noise((50, 61)))
    assert found.probabilities.dtype == np.float32
    assert found.probabilities.shape == (50, 61, 2)
    assert found.plan == uv.labs.plan_tiles((50, 61), uv.trace_model(models["valid"]))
    assert repr(found) == f"<TiledPrediction (50, 61, 2) from {found.plan!r}>"
    # What is done at once shows no bar.
    assert "tiles" not in capfd.readouterr().err


def test_a_run_is_done_tile_by_tile(models):
    case = make_case(models, "valid")
    run = uv.nets.TiledRun(case.model, case.image)
    assert len(run) == len(run.plan) == 12
    assert not run.probabilities.any()
    assert tuple(run) == run.plan.tiles
    np.testing.assert_allclose(run.probabilities, case.expected, rtol=0, atol=1e-5)


def test_a_run_that_is_left_keeps_what_is_done(models):
    case = make_case(models, "valid")
    run = uv.nets.TiledRun(case.model, case.image)
    for count, _ in enumerate(run, start=1):
        if count == 4:
            break
    done = np.zeros((50, 61), bool)
    for tile in run.plan.tiles[:4]:
        out = tile.output
        done[out.top : out.bottom, out.left : out.right] = True
    assert 0 < done.sum() < done.size
    np.testing.assert_allclose(run.probabilities[done], case.expected[done], rtol=0, atol=1e-5)
    assert not run.probabilities[~done].any()
    # It can be taken up again.
    assert len(list(run)) == 12
    np.testing.assert_allclose(run.probabilities, case.expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (BASE.replace(input_size=61), "lose pixels on their way"),
        (BASE.replace(input_size=32, padding="same"), "every output pixel has seen padding"),
    ],
)
def test_where_no_stride_is_seamless_a_size_that_works_is_named(spec, words):
    image = noise((50, 61))
    small = with_random_weights(uv.build(spec))
    with pytest.raises(ValueError, match=words) as caught:
        uv.predict_tiled(small, image)
    named = re.search(r"An input size of (\d+) x (\d+) works", str(caught.value))
    assert named, caught.value
    larger = spec.replace(input_size=tuple(map(int, named.groups())))
    model = uv.build(larger)
    model.set_weights(small.get_weights())
    case = Case(larger, model, image, one_pass(larger, model, image))
    assert case.difference() < 1e-5
    # A stride that is asked for is taken, and what it does is said.
    assert not uv.predict_tiled(small, image, 8).plan.seamless


def open_model(channels=1):
    """A network as others write it, for images of any size."""
    source = keras.Input((None, None, channels))
    first = layers.Conv2D(3, 3, padding="same", activation="relu")(source)
    x = layers.MaxPooling2D()(layers.BatchNormalization()(first))
    x = layers.Conv2D(6, 3, padding="same", activation="relu")(x)
    x = layers.Conv2DTranspose(3, 3, strides=2, padding="same")(x)
    x = layers.Conv2D(2, 3, padding="same", activation="tanh")(layers.Concatenate()([first, x]))
    return keras.Model(source, x)


@pytest.mark.parametrize("tile", [32, [48, 32]])
def test_a_foreign_model_that_leaves_its_size_open(tile):
    keras.utils.set_random_seed(3)
    model, image = open_model(), noise((50, 61), "float32")
    found = uv.predict_tiled(model, image, tile=tile)
    assert found.plan.seamless
    assert found.plan.tile == uv.labs.plan_tiles(50, uv.trace_model(model, tile)).tile
    batch = np.pad(image, [(20, 20), (20, 21)], mode="reflect")[np.newaxis, ..., np.newaxis]
    expected = np.asarray(model(batch))[0, 20:70, 20:81]
    np.testing.assert_allclose(found.probabilities, expected, rtol=0, atol=1e-5)
    other = uv.predict_tiled(model, image, 15, tile=tile)
    assert not other.plan.seamless
    assert np.abs(other.probabilities - expected).max() > 1e-3


def test_an_open_size_needs_one(models):
    with pytest.raises(ValueError, match="leaves the size of a tile open"):
        uv.predict_tiled(open_model(), noise((50, 61)))


def test_a_tile_must_be_the_size_that_the_model_has(models):
    image, model = noise((50, 61)), models["valid"]
    fitting = uv.predict_tiled(model, image, tile=(64, 60)).probabilities
    np.testing.assert_array_equal(fitting, uv.predict_tiled(model, image).probabilities)
    for tile in (64, 68, (60, 64), [64, 64]):
        with pytest.raises(ValueError, match="this model takes tiles of 64 x 60 only, not"):
            uv.predict_tiled(model, image, tile=tile)
    with pytest.raises(ValueError, match="must be one whole number or"):
        uv.predict_tiled(model, image, tile=0)


@pytest.mark.parametrize(
    ("name", "small", "large"),
    [
        ("original", 92, 292),
        ("bilinear", 64, 288),
        ("transposed_5_3_same", 63, 297),
    ],
)
def test_models_of_others(name, small, large):
    """Windows of other sizes, dilated ones, means, up-sampling between the pixels."""
    keras.utils.set_random_seed(4)
    model, wide = MODELS[name]((small, small)), MODELS[name]((large, large))
    wide.set_weights(model.get_weights())
    image = noise((50, 61), "float32")
    found = uv.predict_tiled(model, image)
    offset = found.plan.offset[0]
    # 96 is a multiple of the total pooling factor of each of them.
    pads = [(96 + offset, large - n - 96 - offset) for n in image.shape]
    batch = np.pad(image, pads, mode="reflect")[np.newaxis, ..., np.newaxis]
    expected = np.asarray(wide(batch, training=False))[0, 96:146, 96:157]
    assert len(found.plan) > 1
    np.testing.assert_allclose(found.probabilities, expected, rtol=0, atol=1e-5)
    np.testing.assert_allclose(uv.nets.predict_whole(model, image), expected, rtol=0, atol=1e-5)


def at_size(model, shape):
    """The same network at another size, as Keras makes it."""
    copy = keras.models.clone_model(model, input_tensors=keras.Input((*shape, 1)))
    copy.set_weights(model.get_weights())
    return copy


def mirrored_pass(model, stride, image, surroundings=96):
    """One pass by Keras at a size that differs from the model's by whole strides."""
    own, result = model.input_shape[1:3], model.output_shape[1:3]
    before = -(-surroundings // stride) * stride
    offsets = [(n - m) // 2 for n, m in zip(own, result, strict=True)]
    pads = []
    for n, mine, offset in zip(image.shape, own, offsets, strict=True):
        least = n + 2 * (before + offset) + stride
        pads.append((before + offset, least + (mine - least) % stride - n - before - offset))
    padded = np.pad(image, pads, mode="reflect")
    output = np.asarray(at_size(model, padded.shape)(padded[np.newaxis, ..., np.newaxis]))[0]
    return output[before : before + image.shape[0], before : before + image.shape[1]]


def named_size(model, image):
    """The input size that the refusal of tiles names; None if there is none, 0 if none works."""
    try:
        uv.labs.plan_tiles(image.shape, uv.trace_model(model))
    except ValueError as error:
        named = re.search(r"An input size of (\d+) x (\d+) works", str(error))
        return tuple(map(int, named.groups())) if named else 0
    return None


@hypothesis.settings(max_examples=examples(8))
@hypothesis.given(encoders())
def test_every_size_that_is_recommended_is_the_same_network_as_one_mirrored_pass(encoder):
    """Strided `same` layers pad odd and even maps differently: other sizes are other networks."""
    image, model = noise((41, 53), "float32"), with_random_weights(encoder.build())
    found, size = uv.trace_model(model), named_size(model, image)
    hypothesis.event("tiles fit" if size is None else f"a size is named: {bool(size)}")
    if size == 0:
        # Where a size along each axis were valid, a larger one of its kind would do.
        with pytest.raises(ValueError, match="no input size at which nothing is lost"):
            print([uv.nearest_valid_sizes(found.spec, 100, axis) for axis in (0, 1)])
        return
    if size is not None:
        larger = at_size(model, size)
        # A network that works is still the same one at the size that is named.
        model = larger if found.warnings else model
        tiled = uv.predict_tiled(larger, image).probabilities
    else:
        tiled = uv.predict_tiled(model, image).probabilities
    expected = mirrored_pass(model, encoder.stride, image)
    assert np.ptp(expected) > 1e-3
    np.testing.assert_allclose(tiled, expected, rtol=0, atol=1e-5)
    model = model if size is None else larger
    whole = uv.nets.predict_whole(model, image)
    np.testing.assert_allclose(whole, expected, rtol=0, atol=1e-5)
    spec = uv.trace_model(model).spec
    other = [uv.nearest_valid_sizes(spec, n + 1, i)[1] for i, n in enumerate(spec.input_size)]
    tiled = uv.predict_tiled(at_size(model, other), image).probabilities
    np.testing.assert_allclose(tiled, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("scale", [layers.MaxPooling2D(), layers.UpSampling2D()])
def test_an_output_of_another_scale(scale):
    source = keras.Input((32, 32, 1))
    model = keras.Model(source, scale(layers.Conv2D(2, 3, padding="same")(source)))
    with pytest.raises(ValueError, match="one output pixel for each input pixel"):
        uv.predict_tiled(model, noise((50, 61)))


GREY = noise((50, 61), "float32")
COLOUR = noise((50, 61, 3), "float32")


CALLS = [uv.predict_tiled, uv.nets.predict_whole, uv.nets.TiledRun]


def test_what_is_not_an_image_for_this_network(models):
    for image, kind, words in (
        ("image.png", TypeError, "an image holds whole numbers or floats"),
        (None, TypeError, "an image holds"),
        (GREY.astype(object), TypeError, "an image holds"),
        (GREY * 1j, TypeError, "an image holds"),
        (GREY * np.nan, ValueError, "NaN or infinity"),
        (GREY + np.inf, ValueError, "NaN or infinity"),
        (GREY[:0], ValueError, "empty"),
        (GREY[0], ValueError, r"shape \(height, width\)"),
        (COLOUR[np.newaxis], ValueError, r"shape \(height, width\)"),
        (COLOUR, ValueError, r"3 channels, but the network takes 1; try image\.mean"),
    ):
        for call in CALLS:
            with pytest.raises(kind, match=words):
                call(models["valid"], image)


def test_grey_for_a_network_that_takes_colours(models):
    for image in (GREY, COLOUR[..., :2]):
        with pytest.raises(ValueError, match="takes 3; choose or repeat channels"):
            uv.predict_tiled(models["same, thirds, colours, nearest, sums"], image)


def test_an_unknown_way_to_pad(models):
    for pad, call in product(["reflect", "", None, 0, ["mirror"]], CALLS):
        with pytest.raises(ValueError, match="pad must be mirror, edge or zero"):
            call(models["valid"], GREY, pad=pad)


def test_tiles_that_cannot_be(models):
    for settings, words in (
        ({"stride": 0}, "stride must be one whole number"),
        ({"stride": 1.5}, "stride must be"),
        ({"stride": "8"}, "stride must be"),
        ({"stride": 25}, "leave gaps"),
        ({"stride": 4, "margin": 22}, "leave gaps"),
        ({"margin": -1}, "margin must be"),
        ({"shift": -4}, "shift must be"),
    ):
        with pytest.raises(ValueError, match=words):
            uv.predict_tiled(models["valid"], GREY, **settings)


def test_what_is_not_a_model():
    for model in ("model.keras", None, BASE):
        with pytest.raises(TypeError, match="takes a Keras model, not"):
            uv.predict_tiled(model, GREY)


MEMORY = """
import json, resource, sys
import numpy as np
import unetviz as uv

spec = uv.UNetSpec(256, 6, 4, depth=2, base_filters=2)
model = uv.build(spec)

def peak(side):
    image = np.full((side, side, 6), 7, np.uint8)
    result = uv.predict_tiled(model, image, progress=False).probabilities
    unit = 1 if sys.platform == "darwin" else 1024
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return used, image.nbytes + result.nbytes

print(json.dumps([peak(500), peak(1500)]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not say what the peak was")
def test_a_larger_image_takes_memory_for_itself_and_its_result_only():
    """A copy of the image in floats, or of the result, would be more than the 30 MB to spare."""
    command = [sys.executable, "-c", MEMORY]
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    (small, _), (large, own) = json.loads(printed.splitlines()[-1])
    assert large - small <= own + 30e6
