"""``python -m unetviz train``: weights, card, scores."""

import json

import numpy as np
import pytest

import unetviz as uv
from unetviz.cli import main
from unetviz.labs.synthetic.examples import validation_images
from unetviz.nets.training import command as train_command
from unetviz.nets.training import pretrained
from unetviz.nets.training.command import scores_by_look, train_and_save
from unetviz.nets.training.pretrained import load_pretrained
from unetviz.nets.training.recipes import RECIPES, Recipe

pytestmark = pytest.mark.keras

SPEC = uv.UNetSpec(32, depth=1, base_filters=2, convs_per_block=1, padding="same")


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    recipe = Recipe(
        SPEC,
        steps=3,
        learning_rate=1e-2,
        batch=2,
        border_weight=0.0,
        drawn=32,
        reuse=32,
        words="for tests",
    )
    monkeypatch.setitem(RECIPES, "tiny", recipe)


def run(capsys, *words):
    """Return (exit code, what it printed, what it complained)."""
    try:
        code = main(["train", *map(str, words)])
    except SystemExit as stop:
        code = stop.code
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def arrays_of(folder):
    with np.load(folder / "tiny.npz") as file:
        return {name: file[name] for name in file.files}


def same(one, other):
    return all(np.array_equal(one[name], other[name]) for name in one)


def test_it_writes_weights_and_card_and_prints_scores(capsys, tmp_path, monkeypatch):
    code, out, err = run(capsys, "tiny", "--folder", tmp_path)
    assert code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"tiny.npz", "tiny.json"}
    assert "3/3" in err
    assert "loss=" in err
    # What is printed and written is what the file itself reaches.
    monkeypatch.setattr(pretrained, "WEIGHTS", tmp_path)
    scores = scores_by_look(load_pretrained("tiny"))
    card = json.loads((tmp_path / "tiny.json").read_text("utf-8"))
    lines = out.splitlines()
    for line, (look, score) in zip(lines, scores.items(), strict=False):
        words = f"Dice {score.dice:.3f}, boundary error {score.boundary_words}"
        assert line == f"{look}: {words}"
        assert card[f"held-out {look}"] == words
    assert lines[-1] == f"written: {tmp_path / 'tiny.npz'} and its card"
    assert len(lines) == len(scores) + 1


def test_the_card_says_how_it_was_trained_also_with_options(capsys, tmp_path):
    code, _, err = run(capsys, "tiny", "--folder", tmp_path, "--steps", 2, "--seed", 7)
    assert code == 0
    assert "2/2" in err
    card = json.loads((tmp_path / "tiny.json").read_text("utf-8"))
    shipped = json.loads((pretrained.WEIGHTS / "cells.json").read_text("utf-8"))
    assert list(card) == list(shipped)
    assert card["what"] == "for tests"
    assert card["network"] == repr(SPEC)
    assert card["sizes"] == "32 x 32 in, 32 x 32 out"
    assert card["parameters"] == uv.trace(SPEC).params
    assert card["training"].startswith(
        "2 steps of Adam, images a step: 2; the learning rate rises to 0.01"
    )
    assert card["seed"] == 7


def test_the_weights_of_the_recipe_are_evaluated_as_they_are_written(tmp_path, monkeypatch):
    evaluated = []

    def watched(model):
        evaluated.extend(weights.copy() for weights in model.get_weights())
        return scores_by_look(model, 2)

    monkeypatch.setattr(train_command, "scores_by_look", watched)
    train_and_save("tiny", tmp_path)
    model = RECIPES["tiny"].build()
    list(RECIPES["tiny"].train(model))
    written = arrays_of(tmp_path).values()
    for trained, seen, kept in zip(model.get_weights(), evaluated, written, strict=True):
        assert np.array_equal(kept, trained.astype("float16"))
        assert np.array_equal(seen, kept.astype("float32"))


def test_scores_by_look_are_means_over_every_other_image():
    model = uv.build(SPEC)
    samples = validation_images(32, 6)
    scores = scores_by_look(model, 6)
    assert list(scores) == ["cells", "membranes"]
    for first, score in enumerate(scores.values()):
        right = []
        for sample in samples[first::2]:
            said = model.predict_on_batch(sample.image[np.newaxis, ..., np.newaxis])[0]
            right.append(np.mean((said[..., 1] > 0.5) == (sample.mask == 1)))
        assert score.accuracy == pytest.approx(np.mean(right))


def test_the_same_seed_gives_the_same_weights_and_scores(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
    one, two = (train_and_save("tiny", folder, seed=4) for folder in (first, second))
    assert one.scores == two.scores
    assert same(arrays_of(first), arrays_of(second))
    assert two.file == second / "tiny.npz"
    train_and_save("tiny", second, seed=5)
    assert not same(arrays_of(first), arrays_of(second))


def test_bad_arguments_exit_2_with_one_line(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words, complaint in (
        (["cell"], "there is no network 'cell'; there are cells, cells_no_skip, "),
        (["tiny", "--folder", "nowhere/at/all"], "there is no folder 'nowhere/at/all'; make it"),
        (["tiny", "--steps", "0"], "steps must be a whole number of at least 1, not 0"),
        (["tiny", "--seed", "-1"], "seed must be a whole number of at least 0, not -1"),
        (["tiny", "--steps", "few"], "invalid int value: 'few'"),
        ([], "name"),
    ):
        code, out, err = run(capsys, *words)
        assert (code, out) == (2, "")
        assert len(err.splitlines()) == 1
        assert complaint in err
        assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_recipe_of_cells_reaches_what_is_shipped(tmp_path):
    scores = train_and_save("cells", tmp_path).scores.values()
    assert np.mean([score.dice for score in scores]) >= 0.92
