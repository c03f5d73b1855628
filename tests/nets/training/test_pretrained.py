"""The weights that come with the package, and what they reach."""

import json
import re
from dataclasses import replace

import keras
import numpy as np
import pytest

import unetviz as uv
from unetviz.labs.synthetic.examples import validation_images
from unetviz.nets.training import pretrained
from unetviz.nets.training.command import scores_by_look
from unetviz.nets.training.live import threshold_score
from unetviz.nets.training.pretrained import load_pretrained, model_card, save_pretrained
from unetviz.nets.training.recipes import RECIPES, Recipe

pytestmark = pytest.mark.keras

NAMES = sorted(RECIPES)
ROW = ["fcn_32s", "fcn_16s", "fcn_8s", "unet_add", "unet_concat", "unet_transposed", "unet_valid"]
SIZES = {
    **dict.fromkeys(["cells", "cells_no_skip"], ((572, 572), (388, 388))),
    **dict.fromkeys(ROW[:-1], ((256, 256), (256, 256))),
    "unet_valid": ((444, 444), (260, 260)),
}
MEGABYTE = 10**6
TINY = uv.UNetSpec(16, depth=1, base_filters=2, padding="same")


def card_of(name):
    return json.loads((pretrained.WEIGHTS / f"{name}.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def cells():
    return load_pretrained("cells")


@pytest.fixture(scope="module")
def images():
    return validation_images(572, 8)


def says(model, image):
    return model.predict_on_batch(image[np.newaxis, ..., np.newaxis])[0]


def test_files_are_small_and_nothing_else_lies_there():
    files = {path.name: path.stat().st_size for path in pretrained.WEIGHTS.iterdir()}
    wanted = {f"{name}.{end}" for name in NAMES for end in ("npz", "json")}
    assert wanted <= set(files)
    assert {name for name in files if name.endswith(".npz")} <= wanted | {
        f"{name}.unfinished.npz" for name in NAMES
    }
    assert max(files.values()) < 5 * MEGABYTE
    assert sum(files.values()) < 12 * MEGABYTE


def test_numbers_are_finite_in_half_precision():
    for name in NAMES:
        with np.load(pretrained.WEIGHTS / f"{name}.npz") as file:
            arrays = {key: file[key] for key in file.files}
        assert {array.dtype for array in arrays.values()} == {np.dtype("float16")}
        assert all(np.isfinite(array).all() for array in arrays.values())
        trace = uv.trace(RECIPES[name].spec)
        assert sum(array.size for array in arrays.values()) == trace.params
        assert set(arrays) == {
            f"{step.name}.{part}" for step in trace if step.params for part in ("kernel", "bias")
        }


def test_each_network_is_that_of_its_recipe():
    for name in NAMES:
        model = load_pretrained(name)
        expected = uv.trace(RECIPES[name].spec)
        found = uv.trace_model(model)
        assert [(s.name, s.label, s.inputs, s.out_shape, s.params) for s in found] == [
            (s.name, s.label, s.inputs, s.out_shape, s.params) for s in expected
        ]
        sizes = SIZES[name]
        assert (model.input_shape[1:], model.output_shape[1:]) == ((*sizes[0], 1), (*sizes[1], 2))
        assert all(layer.dtype_policy.name == "float32" for layer in model.layers)


def test_the_output_does_not_depend_on_the_seed():
    # Without padding 188 pixels are the fewest that give any output; the others take multiples.
    for name, result in {"cells": 4, "fcn_8s": 192}.items():
        size = uv.nearest_valid_sizes(RECIPES[name].spec, 188)[1]
        image = np.random.default_rng(0).random((size, size)).astype("float32")
        outputs = []
        for seed in (1, 2):
            keras.utils.set_random_seed(seed)
            model = load_pretrained(name, size)
            outputs.append(model(image[np.newaxis, ..., np.newaxis], training=False).numpy()[0])
        assert np.array_equal(*outputs)
        assert outputs[0].shape == (result, result, 2)


def test_a_window_says_what_the_whole_image_says(cells, images):
    small = load_pretrained("cells", input_size=188)
    image = images[1].image
    whole = says(cells, image)
    for row, column in ((0, 0), (16, 384), (192, 160), (384, 384)):
        found = says(small, image[row : row + 188, column : column + 188])
        expected = whole[row : row + 4, column : column + 4]
        assert np.abs(found - expected).max() < 1e-4
    shifted = says(small, image[196:384, 160:348])
    assert np.abs(shifted - whole[196:200, 160:164]).max() > 1e-4


def test_other_sizes():
    assert load_pretrained("cells", (188, 204)).output_shape[1:] == (4, 20, 2)
    with pytest.raises(uv.ShapeError):
        load_pretrained("cells", 100)
    with pytest.raises(ValueError, match="input_size"):
        load_pretrained("cells", -5)


def test_an_unknown_name_lists_those_there_are():
    for name in ("cell", "", "../cells", None, 3):
        for ask in (load_pretrained, model_card):
            with pytest.raises(ValueError, match=f"{name!r}.* cells, cells_no_skip"):
                ask(name)


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A recipe of its own, whose weights lie in a folder of its own."""
    monkeypatch.setitem(RECIPES, "tiny", Recipe(TINY, steps=3, learning_rate=1e-2))
    monkeypatch.setattr(pretrained, "WEIGHTS", tmp_path)
    return tmp_path


def test_what_is_written_is_read_again_to_half_precision(tiny):
    model = uv.build(TINY)
    random = np.random.default_rng(5)
    model.set_weights([random.normal(size=w.shape) for w in model.get_weights()])
    file = save_pretrained(model, "tiny", {"what": "a <test>", "parameters": 12}, tiny)
    assert file == tiny / "tiny.npz"
    assert {path.name for path in tiny.iterdir()} == {"tiny.npz", "tiny.json"}
    again = load_pretrained("tiny")
    for written, read in zip(model.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(read, written.astype("float16").astype("float32"))
        assert np.allclose(read, written, rtol=2**-11, atol=1e-7)
    assert model_card("tiny").rows == (("what", "a <test>"), ("parameters", "12"))
    assert model_card("tiny").headings == ("", "tiny")


def test_a_run_that_fails_halfway_leaves_the_old_file(tiny, monkeypatch):
    old, new = uv.build(TINY), uv.build(TINY)
    save_pretrained(old, "tiny", {"what": "old"}, tiny)
    before = {name: (tiny / name).read_bytes() for name in ("tiny.npz", "tiny.json")}

    def full_disk(file, **_):
        file.write_bytes(b"half of it")
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(pretrained.np, "savez_compressed", full_disk)
        with pytest.raises(OSError, match="no space left"):
            save_pretrained(new, "tiny", {"what": "new"}, tiny)
    assert {name: (tiny / name).read_bytes() for name in before} == before
    # And the next run is not hindered by what was left.
    save_pretrained(new, "tiny", {"what": "new"}, tiny)
    assert model_card("tiny").rows == (("what", "new"),)
    assert {path.name for path in tiny.iterdir()} == set(before)


def test_the_card_is_shown_as_it_was_written():
    for name in NAMES:
        card, table = card_of(name), model_card(name)
        shown = {key: f"{v:,}" if isinstance(v, int) else str(v) for key, v in card.items()}
        assert dict(table.rows) == shown
        assert table.headings[1] == name
        recipe = RECIPES[name]
        assert card["what"] == recipe.words
        assert card["parameters"] == uv.trace(recipe.spec).params
        assert card["network"] == repr(recipe.spec)
        (height, width), (rows, columns) = SIZES[name]
        assert card["sizes"] == f"{height} x {width} in, {rows} x {columns} out"
        assert card["training"].startswith(
            f"{recipe.steps:,} steps of Adam, images a step: {recipe.batch}"
        )
        assert card["seed"] == recipe.seed


def test_the_networks_of_the_ablation_are_trained_alike():
    recipes = {name: RECIPES[name] for name in uv.geometry.ABLATION}
    assert list(recipes) == ROW
    first = recipes["fcn_32s"]
    for name, recipe in recipes.items():
        # All but the network and what it is for: images, steps, rate, batch, seed and loss.
        assert replace(recipe, spec=first.spec, words="") == replace(first, words="")
        changes = {"input_size": 444} if name == "unet_valid" else {}
        assert recipe.spec == uv.geometry.ABLATION[name].replace(**changes)
        assert not uv.trace(recipe.spec).warnings
        examples = recipe.examples()
        assert (examples.shape, examples.result) == SIZES[name]
        # The loss counts each pixel once.
        assert (examples(0).weights == 1).all()
        assert len(examples(0).images) == 4
    assert len({recipe.words for recipe in recipes.values()}) == 7
    # Its output is no smaller than an image of the others.
    assert all(rows >= 256 for _, (rows, _) in SIZES.values())


def test_the_cards_of_the_ablation_describe_the_same_training():
    cards = [card_of(name) for name in ROW]
    for key in ("data", "loss", "training", "seed", "versions"):
        assert len({card[key] for card in cards}) == 1


def test_all_can_be_trained_again_in_less_than_an_hour():
    minutes = [card_of(name)["minutes"] for name in NAMES]
    assert all(each > 0 for each in minutes)
    assert sum(minutes) < 45


def dice(found, mask):
    found, mask = found.astype(bool), mask.astype(bool)
    return 2 * (found & mask).sum() / (found.sum() + mask.sum())


def test_cells_finds_the_cells_and_beats_a_threshold(cells, images):
    reached = np.mean(
        [dice(says(cells, p.image)[..., 1] > 0.5, p.mask[92:-92, 92:-92]) for p in images]
    )
    assert reached >= 0.92
    assert reached >= threshold_score(images).dice + 0.15


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_on_the_card_are_measured(name):
    card = card_of(name)
    for look, score in scores_by_look(load_pretrained(name)).items():
        written = re.fullmatch(
            r"Dice ([\d.]+), boundary error ([\d.]+|inf) pixels", card[f"held-out {look}"]
        )
        assert float(written[1]) == pytest.approx(score.dice, abs=0.002)
        assert float(written[2]) == pytest.approx(score.boundary_error, abs=0.02)
