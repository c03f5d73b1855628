"""Every door that takes a model, with every structure of models: the same answer, or one sentence.

What a door answers is compared with what it answers for the plain model, where the layers are the
same. What it refuses it refuses itself: no error comes out of Keras or of Python.
"""

import inspect
import re
import traceback
import warnings
from functools import lru_cache

import keras
import numpy as np
import pytest
from support.structures import SAME, STRUCTURES, build

import unetviz as uv
from unetviz.labs.synthetic.examples import Batch

pytestmark = pytest.mark.keras

CELLS = uv.synthetic_cells(32, seed=3)
IMAGE, MASK = CELLS.image, CELLS.mask
LARGE = uv.synthetic_cells((50, 61), seed=4).image
EIGHT_BITS = {"uint8_input", "int32_input", "own_rescaling"}
"""Structures that take integers as they are."""


class Sample:
    """An image with its mask, in the numbers that a model takes."""

    def __init__(self, image):
        self.image, self.mask = image, MASK


def train(model, image):
    one = image[np.newaxis, ..., np.newaxis].astype(np.float32), MASK[np.newaxis] != 0
    batch = Batch(*one, np.ones_like(MASK[np.newaxis], np.float32))
    list(uv.nets.train_steps(model, lambda _: batch, 1))


FUNCTIONS = {
    "trace_model": lambda m, x: uv.trace_model(m, (32, 32)).output_shape,
    "feature_maps": lambda m, x: list(uv.feature_maps(m, x).values())[-1],
    "feature_vectors": lambda m, x: uv.nets.feature_vectors(
        m, x[np.newaxis, ..., np.newaxis], "dense"
    ),
    "predict_tiled": lambda m, x: uv.predict_tiled(m, x, tile=32).probabilities,
    "predict_whole": lambda m, x: uv.nets.predict_whole(m, x),
    "TiledRun": lambda m, x: uv.nets.TiledRun(m, x, tile=32).plan.stride,
    "predict_image": lambda m, x: uv.nets.predict_image(m, x),
    "score_model": lambda m, x: uv.nets.score_model(m, [Sample(x)]).dice,
    "explain_value": lambda m, x: uv.nets.explain_value(m, x, first_of(m), 3, 4).value,
    "SkipSurgery": lambda m, x: uv.nets.SkipSurgery(m, 32).predict(
        x, {1: uv.nets.SkipChange("zero")}
    ),
    "backward_pass": lambda m, x: uv.nets.backward_pass(m, x, MASK).loss,
    "gradient_norms": lambda m, x: list(uv.nets.gradient_norms(m, [cells_of(x)]).values()),
    "pixel_gradient": lambda m, x: uv.nets.pixel_gradient(m, x, 3, 4),
    "check_weight": lambda m, x: (
        uv.nets.check_weight(m, x, MASK, first_of(m), (0, 0, 0, 0)).analytic
    ),
    "train_steps": train,
    "convolutionalize": lambda m, x: uv.nets.convolutionalize(m).count_params(),
    "sliding_window": lambda m, x: uv.nets.sliding_window(m, x, 8),
    "sharing_cost": lambda m, x: uv.nets.sharing_cost(m, 32, 32),
    "as_concatenation": lambda m, x: uv.nets.as_concatenation(m, uv.UNetSpec(32, merge="add")),
    "explained_variance_table": lambda m, x: uv.nets.explained_variance_table({"mine": m}, x),
}
PANELS = {
    "ActivationExplorer": lambda m, x: uv.widgets.ActivationExplorer({"m": m}, {"x": x}),
    "Microscope": lambda m, x: uv.widgets.Microscope(m, x),
    "PixelGradientExplorer": lambda m, x: uv.widgets.PixelGradientExplorer(m, x),
    "BackwardExplorer": lambda m, x: uv.widgets.BackwardExplorer(m, Sample(x)),
    "GradientCheckExplorer": lambda m, x: uv.widgets.GradientCheckExplorer(m, Sample(x)),
    "SurgeryExplorer": lambda m, x: uv.widgets.SurgeryExplorer(m, {"x": x, "y": x[::-1]}),
    "ScoreSumExplorer": lambda m, x: uv.widgets.ScoreSumExplorer(m, {"x": x}),
    "SkipExplorer": lambda m, x: uv.widgets.SkipExplorer(m, x),
    "SeamMeter": lambda m, x: uv.widgets.SeamMeter(x, {"m": m}),
    "ClassifierExplorer": lambda m, x: uv.widgets.ClassifierExplorer(m, 64),
}
DOORS = FUNCTIONS | PANELS
OF_THE_LARGE = ("predict_tiled", "predict_whole", "TiledRun", "SeamMeter")
QUICK = ("feature_maps", "predict_whole", "explain_value", "backward_pass", "ActivationExplorer")
TAKES_A_MODEL = {"model", "models", "networks"}
NOT_DOORS = {"LiveTraining", "measure_ablation", "AblationExplorer"}
"""They take names of networks, or networks that the package trained."""


def first_of(model):
    """Name of the first step with weights, as the plain model calls it."""
    names = [step.name for step in uv.trace_model(model, (32, 32)) if step.params]
    return names[0]


def cells_of(image):
    return uv.labs.SyntheticImage(image, CELLS.mask, *list(vars(CELLS).values())[2:])


def image_for(structure, door):
    image = LARGE if door in OF_THE_LARGE else IMAGE
    return (image * 255).astype(np.uint8) if structure in EIGHT_BITS else image


@lru_cache(maxsize=64)
def answer(structure, door):
    """What a door answers: (result, None), or (None, its refusal)."""
    model, image = build(structure), image_for(structure, door)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = DOORS[door](model, image)
            return (found.as_markdown() if door in PANELS else found), None
        except (ValueError, TypeError) as error:
            return None, error


def test_every_public_name_that_takes_a_model_is_a_door():
    for layer in (uv, uv.nets, uv.widgets):
        for name in layer.__all__:
            thing = getattr(layer, name)
            if isinstance(thing, type) and issubclass(thing, Exception):
                continue
            if callable(thing) and getattr(thing, "__module__", "").startswith(
                ("unetviz.nets", "unetviz.widgets")
            ):
                given = set(inspect.signature(thing).parameters)
                assert not given & TAKES_A_MODEL or name in {*DOORS, *NOT_DOORS}, name


def check(structure, door):
    found, refusal = answer(structure, door)
    if refusal is not None:
        words = str(refusal)
        last = traceback.extract_tb(refusal.__traceback__)[-1]
        assert "/unetviz/" in last.filename, (words, last)
        assert "\n" not in words.strip(), words
        # The plain model is refused too, or the structure is one that cannot be followed.
        needs_none = door == "sliding_window" and structure.startswith("open")
        refused_too = answer("plain", door)[1] is not None or needs_none
        assert structure not in SAME or refused_too, words
    elif (
        structure in SAME
        and door in FUNCTIONS
        and isinstance(found, (np.ndarray, float, list, tuple))
    ):
        np.testing.assert_allclose(found, answer("plain", door)[0], rtol=1e-4, atol=1e-5)
    return "works" if refusal is None else str(refusal)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_quick_doors(structure):
    for door in QUICK:
        check(structure, door)


@pytest.mark.slow
@pytest.mark.parametrize("door", [door for door in DOORS if door not in QUICK])
def test_all_doors(door):
    for structure in STRUCTURES:
        check(structure, door)


def test_advice_for_several_outputs_and_inputs_works():
    for structure in ("two_outputs", "two_inputs_apart"):
        model = build(structure)
        with pytest.raises(ValueError, match="take one of them") as caught:
            uv.feature_maps(model, IMAGE)
        way = re.search(r"keras\.Model\(.*\)", str(caught.value))[0]
        assert uv.feature_maps(eval(way, {"keras": keras, "model": model}), IMAGE)


def test_numbers_of_integers_and_of_rescaling_are_those_of_keras():
    integers = (IMAGE * 255).astype(np.uint8)
    for structure in sorted(EIGHT_BITS):
        model = build(structure)
        expected = model.predict_on_batch(integers[np.newaxis, ..., np.newaxis])[0]
        found = uv.feature_maps(model, integers)
        np.testing.assert_allclose(list(found.values())[-1], expected, atol=1e-5)
        panel = uv.widgets.ActivationExplorer({"m": model}, {"x": integers})
        np.testing.assert_array_equal(panel.image[..., 0], integers)
    with pytest.raises(ValueError, match="whole numbers") as caught:
        uv.feature_maps(build("uint8_input"), IMAGE)
    way = re.search(r"try (.*)", str(caught.value))[1]
    assert uv.feature_maps(build("uint8_input"), eval(way, {"image": IMAGE}))
    for image in (integers.astype(np.uint16) * 16, integers.astype(np.int16) - 300):
        with pytest.raises(ValueError, match="numbers from 0 to 255") as caught:
            uv.feature_maps(build("uint8_input"), image)
        way = re.search(r"try (.*)", str(caught.value))[1]
        assert uv.feature_maps(build("uint8_input"), eval(way, {"image": image, "np": np}))


def test_a_size_that_is_named_for_an_open_model_works():
    for structure in ("open_size", "open_width", "open_lists"):
        model = build(structure)
        with pytest.raises(ValueError, match="choose one, such as") as caught:
            uv.predict_tiled(model, LARGE)
        tile = eval(re.search(r"tile=(.*)", str(caught.value))[1])
        tiled = uv.predict_tiled(model, LARGE, tile=tile).probabilities
        whole = uv.nets.predict_whole(model, LARGE, tile=tile)
        np.testing.assert_allclose(tiled, whole, atol=1e-5)
        with pytest.raises(ValueError, match="say one") as caught:
            uv.nets.SkipSurgery(model)
        size = eval(re.search(r"input_size=(.*)", str(caught.value))[1])
        assert uv.nets.SkipSurgery(model, input_size=size).levels


def test_an_image_that_does_not_fit_an_open_model_is_told_sizes_that_do():
    model = build("open_size")
    with pytest.raises(uv.ShapeError, match="33 does not fit") as caught:
        uv.feature_maps(model, np.zeros((33, 32)))
    assert uv.feature_maps(model, np.zeros((34, 32)))
    assert "34" in str(caught.value)


def test_a_softmax_over_one_channel_is_warned_of():
    model = build("softmax_over_one")
    for call in (uv.feature_maps, uv.nets.predict_whole):
        with pytest.warns(UserWarning, match="softmax over one channel"):
            call(model, IMAGE)
    with pytest.warns(UserWarning, match="softmax over one channel"):
        panel = uv.widgets.ActivationExplorer({"m": model}, {"x": IMAGE})
    assert "softmax over one channel" in panel.as_markdown()


def test_weights_that_are_nan_are_named_by_every_door_that_uses_them():
    uses = [door for door in PANELS if door != "ActivationExplorer"]
    panel, _ = answer("weights_that_are_nan", "ActivationExplorer")
    assert "weights of layer 'first' are broken" in panel
    uses += ["explain_value", "backward_pass", "gradient_norms", "pixel_gradient"]
    for door in (*uses, "check_weight", "SkipSurgery"):
        _, refusal = answer("weights_that_are_nan", door)
        assert "weights of layer 'first' are broken" in str(refusal), door
