"""A training that is watched: its moments, its scores, its clock."""

from types import SimpleNamespace

import numpy as np
import pytest
from skimage.filters import gaussian, threshold_otsu

import unetviz as uv
from unetviz.labs.synthetic.examples import validation_images
from unetviz.nets.training import live as live_training
from unetviz.nets.training.live import LiveTraining, threshold_score
from unetviz.nets.training.recipes import Recipe

pytestmark = pytest.mark.keras

SPEC = uv.UNetSpec(32, depth=1, base_filters=2, convs_per_block=1, padding="same")


def recipe(steps):
    return Recipe(SPEC, steps, learning_rate=1e-2, batch=2, border_weight=0.0, drawn=32, reuse=32)


def dice(found, mask):
    found, mask = found.astype(bool), mask.astype(bool)
    return 2 * (found & mask).sum() / (found.sum() + mask.sum())


@pytest.fixture(scope="module")
def done():
    """A training of 60 steps that was not left."""
    training = LiveTraining(0, recipe(60))
    return training, list(training.steps())


def test_scores_come_every_25_steps_and_at_the_end(done):
    training, moments = done
    assert [moment.step for moment in moments] == list(range(1, 61))
    assert [moment.step for moment in moments if moment.score is not None] == [25, 50, 60]
    assert training.history == moments
    assert all(np.isfinite(moment.loss) for moment in moments)
    seconds = [moment.seconds for moment in moments]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0


def test_a_score_is_the_mean_over_validation_images(done):
    training, (*_, last) = done
    samples = validation_images(32, 24)
    assert [p.mask.sum() for p in training.images] == [p.mask.sum() for p in samples]
    images = np.stack([sample.image for sample in samples])[..., np.newaxis]
    said = training.model.predict_on_batch(images)[..., 1] > 0.5
    masks = np.stack([sample.mask for sample in samples])
    each = [dice(found, mask) for found, mask in zip(said, masks, strict=True)]
    assert last.score.dice == pytest.approx(np.mean(each), abs=1e-6)
    assert last.score.accuracy == pytest.approx(np.mean(said == masks), abs=1e-6)


def test_it_can_be_paused_and_continued():
    whole = [moment.loss for moment in LiveTraining(3, recipe(20)).steps(20)]
    parts = LiveTraining(3, recipe(20))
    first, second = list(parts.steps(10)), list(parts.steps(10))
    assert [moment.loss for moment in first + second] == whole
    assert first[-1].score is not None
    assert [moment.step for moment in second] == list(range(11, 21))

    left = LiveTraining(3, recipe(20))
    for moment in left.steps():
        if moment.step == 7:
            break
    assert len(left.history) == 7
    list(left.steps())
    assert [moment.loss for moment in left.history] == whole

    assert next(LiveTraining(4, recipe(20)).steps()).loss != whole[0]


def test_pauses_are_not_counted(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(live_training, "time", SimpleNamespace(monotonic=lambda: clock.now))
    training = LiveTraining(0, recipe(20))
    # Building counts: the learner waits for it.
    clock.now += 5
    for _ in training.steps(3):
        clock.now += 1
    assert [moment.seconds for moment in training.history] == [5, 6, 7]
    clock.now += 100
    for _ in training.steps(3):
        clock.now += 2
    assert [moment.seconds for moment in training.history[3:]] == [7, 9, 11]
    clock.now += 1000
    for _ in training.steps(1):
        break
    assert training.history[-1].seconds == 11


def test_never_more_than_the_steps_of_the_recipe():
    training = LiveTraining(0, recipe(12))
    assert len(list(training.steps(8))) == 8
    moments = list(training.steps(1000))
    assert [moment.step for moment in moments] == [9, 10, 11, 12]
    assert moments[-1].score is not None
    assert list(training.steps()) == list(training.steps(5)) == []
    assert len(training.history) == 12
    assert list(LiveTraining(0, recipe(12)).steps(0)) == []


def test_a_wrong_seed_is_refused():
    for seed in (-1, 0.5, "1"):
        with pytest.raises(ValueError, match="seed must be a whole number"):
            LiveTraining(seed, recipe(5))


def test_the_threshold_is_that_of_scikit_image():
    samples = validation_images(64, 6)
    each = []
    for sample in samples:
        smooth = gaussian(sample.image, 1)
        each.append(dice(smooth > threshold_otsu(smooth), sample.mask))
    assert threshold_score(samples).dice == pytest.approx(np.mean(each), abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_every_seed_learns(seed):
    training = LiveTraining(seed)
    scored = [moment for moment in training.steps() if moment.score is not None]
    reached = [moment.step for moment in scored if moment.score.dice >= 0.85]
    assert reached, f"only {scored[-1].score}"
    # What a learner waits for: about a minute, of the 600 steps that take somewhat longer.
    assert reached[0] <= 500
    assert scored[-1].score.dice >= 0.85


def test_a_score_that_fails_loses_no_step(monkeypatch):
    training = LiveTraining(0, recipe(30))
    with monkeypatch.context() as patched:
        patched.setattr(live_training, "score_model", _broken)
        with pytest.raises(ValueError, match="broken"):
            list(training.steps())
    assert not training.failed
    list(training.steps())
    assert [moment.step for moment in training.history] == list(range(1, 31))


def test_a_training_whose_step_failed_is_not_continued(monkeypatch):
    training = LiveTraining(0, recipe(30))
    list(training.steps(2))
    monkeypatch.setattr(training, "_steps", iter([]))
    with pytest.raises(RuntimeError):
        list(training.steps())
    with pytest.raises(RuntimeError, match="start over"):
        list(training.steps())


def _broken(*_):
    raise ValueError("broken")
