"""The training panel, without a browser: in a script, and in a kernel's loop."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from support.panels import decoded, pixels, work_at_once

import unetviz as uv
from unetviz.labs.synthetic.examples import validation_images
from unetviz.nets.training.live import LiveTraining, threshold_score
from unetviz.nets.training.recipes import Recipe
from unetviz.widgets.explorers.training import panel as training_panel
from unetviz.widgets.explorers.training.panel import TrainingPanel

pytestmark = pytest.mark.keras

STEPS = 30
SPEC = uv.UNetSpec(32, depth=1, base_filters=2, convs_per_block=1, padding="same")
RECIPE = Recipe(SPEC, STEPS, learning_rate=1e-2, batch=2, border_weight=0.0, drawn=32, reuse=32)


@pytest.fixture
def panel():
    return TrainingPanel(recipe=RECIPE)


@pytest.fixture(scope="module")
def trained():
    """A panel after a whole training, for tests that only look at it."""
    panel = TrainingPanel(recipe=RECIPE)
    with pytest.MonkeyPatch.context() as patched:
        work_at_once(patched)
        panel.start.click()
    return panel


@pytest.fixture(scope="module")
def whole():
    """Losses of a training that nobody stopped."""
    return [moment.loss for moment in LiveTraining(0, RECIPE).steps()]


def in_a_loop(session):
    """Run a session in a thread of its own: this one may have a loop that never stops."""
    with ThreadPoolExecutor() as pool:
        pool.submit(asyncio.run, session()).result()


async def until(condition):
    """Let the loop turn until something is true; work is done in a number of turns, not of seconds.

    A training takes fewer than a hundred.
    """
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never happened")


async def turns(count=5):
    for _ in range(count):
        await asyncio.sleep(0)


def reached(panel, step):
    return lambda: panel.training is not None and len(panel.training.history) >= step


def rests(panel):
    return lambda: not panel.work.is_busy


async def train_a_little(panel):
    """Train a few steps and stop."""
    panel.start.click()
    await until(reached(panel, 3))
    panel.work.stop.click()
    await until(rests(panel))


def steps_of(panel):
    return [moment.step for moment in panel.training.history]


def losses_of(panel):
    return [moment.loss for moment in panel.training.history]


def assert_begins(losses, whole):
    assert losses
    assert losses == whole[: len(losses)]


def assert_before_the_first_step(panel):
    assert panel.training is None
    assert (panel.start.description, panel.start.disabled) == ("Train", False)
    assert panel.view.layout.display == "none"
    assert panel.still() is None
    trace = uv.trace(SPEC)
    for part in ("1 poolings", "2 filters", f"{trace.params:,} parameters", "32 x 32", "30 steps"):
        assert part in panel.note.value
        assert part in panel.as_markdown()


def test_before_the_first_step(panel):
    assert_before_the_first_step(panel)
    with pytest.raises(ValueError, match="the panel trains a U-Net, not FCNSpec"):
        TrainingPanel(recipe=Recipe(uv.FCNSpec(32), 3, 1e-2, 2))


def test_train_shows_curves_and_scores(trained, whole):
    assert losses_of(trained) == whole
    scored = [moment for moment in trained.training.history if moment.score is not None]
    assert [moment.step for moment in scored] == [25, 30]
    last = scored[-1]
    assert f"After 30 steps and {last.seconds:.0f} seconds" in trained.note.value
    assert f"Dice {last.score.dice:.3f} on 24 " in trained.note.value
    assert "All 30 steps are done" in trained.note.value
    samples = validation_images(32, 24)
    background = np.mean([sample.mask == 0 for sample in samples])
    assert f"reaches {threshold_score(samples).dice:.2f} on them" in trained.note.value
    assert f"right for {background:.0%} of the pixels" in trained.note.value
    assert f"Dice {last.score.dice:.2f}" in trained.curves.label
    assert trained.curves.svg != TrainingPanel(recipe=RECIPE).curves.svg
    assert trained.start.disabled
    assert trained.work.progress.value == ""


def test_the_masks_are_those_of_the_network(trained):
    assert trained.view.layout.display is None
    sheet = pixels(trained.view)
    assert trained.view.size == list(sheet.shape[:2])
    samples = validation_images(32, 6)
    images = np.stack([sample.image for sample in samples])
    said = trained.training.model.predict_on_batch(images[..., np.newaxis])[..., 1]
    rows = (images, [sample.mask for sample in samples], said)
    for arrays, mark in zip(rows, trained.view.marks, strict=True):
        top, left, bottom, right = mark["box"]
        assert (bottom - top, left, right) == (32, 0, sheet.shape[1])
        assert mark["words"]
        for column, array in enumerate(arrays):
            shown = sheet[top:bottom, column * 34 : column * 34 + 32]
            assert np.abs(shown - 255 * np.asarray(array)[..., np.newaxis]).max() <= 2


def test_what_is_left_without_a_kernel_holds_what_is_shown(trained):
    lines = trained.as_markdown().splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line[:1] == "|"
    ]
    scored = [moment for moment in trained.training.history if moment.score is not None]
    for row, moment in zip(rows[2:], scored, strict=True):
        score = moment.score
        values = score.dice, score.boundary_error, score.accuracy, moment.seconds
        expected = moment.step, moment.loss, *values
        assert [float(cell) for cell in row] == pytest.approx(expected, abs=0.51, rel=0.01)
        assert float(row[2]) == pytest.approx(score.dice, abs=6e-4)
    drawing = trained.still()
    assert drawing.caption.startswith("After 30 steps")
    assert drawing.caption in lines[0]
    assert decoded(drawing.png()).std() > 10
    bundle, _ = trained._repr_mimebundle_()
    assert bundle["text/markdown"] == trained.as_markdown()
    assert bundle["image/png"]


def test_begin_anew_and_another_seed_forget(panel, whole):
    def forget(way):
        async def session():
            panel.start.click()
            await until(reached(panel, 3))
            way()
            assert_before_the_first_step(panel)
            await turns()
            assert not panel.work.is_busy
            assert_before_the_first_step(panel)

        in_a_loop(session)

    forget(panel.anew.click)
    forget(lambda: setattr(panel.seed, "value", 3))
    in_a_loop(lambda: train_a_little(panel))
    assert panel.training.recipe.seed == 3
    assert losses_of(panel) != whole[: len(losses_of(panel))]
    assert TrainingPanel(seed=3, recipe=RECIPE).seed.value == 3


def test_progress_is_told_step_by_step_and_building_first(panel):
    told = []
    panel.work.progress.observe(
        lambda change: told.append((change["new"], panel.training is None)), names="value"
    )

    async def session():
        panel.start.click()
        assert panel.start.disabled
        assert panel.training is None
        await until(rests(panel))

    in_a_loop(session)
    words = [one for one, _ in told]
    assert told[0][1], "the network was built before anything was said"
    assert len(words) == STEPS + 2
    for moment, one in zip(panel.training.history, words[1:], strict=False):
        assert f"step {moment.step} of 30, {moment.seconds:.0f} s, loss {moment.loss:.2f}" in one
        assert f"value='{moment.step / STEPS:.3f}'" in one
    assert words[-1] == ""
    assert "All 30 steps are done" in panel.note.value


def test_stop_keeps_what_is_learned_and_go_on_continues(panel, whole):
    async def session():
        panel.start.click()
        assert panel.work.stop.layout.visibility is None
        await until(reached(panel, 7))
        panel.work.stop.click()
        await until(rests(panel))
        assert panel.note.value.split("<b>")[1].startswith("! Stopped")
        assert (panel.start.description, panel.start.disabled) == ("Go on", False)
        assert panel.work.stop.layout.visibility == "hidden"
        kept, model = losses_of(panel), panel.training.model
        await turns()
        assert losses_of(panel) == kept == whole[: len(kept)]
        assert panel.view.layout.display is None
        panel.start.click()
        assert panel.start.disabled
        await until(reached(panel, 27))
        panel.work.stop.click()
        await until(rests(panel))
        assert "After 25 steps" in panel.note.value
        panel.start.click()
        await until(rests(panel))
        assert panel.training.model is model

    in_a_loop(session)
    assert steps_of(panel) == list(range(1, STEPS + 1))
    assert losses_of(panel) == whole


def test_begin_anew_in_another_thread_while_the_network_is_built(panel, monkeypatch):
    def make(*arguments):
        thread = threading.Thread(target=panel.anew.click)
        thread.start()
        thread.join()
        return LiveTraining(*arguments)

    monkeypatch.setattr(training_panel, "LiveTraining", make)

    async def session():
        panel.start.click()
        await until(rests(panel))

    in_a_loop(session)
    assert_before_the_first_step(panel)


def broken(*_):
    raise MemoryError("no <memory> left")


def assert_failed_and_ready(panel):
    assert "no &lt;memory&gt; left" in panel.note.value
    assert "MemoryError" in panel.note.value
    assert not panel.start.disabled
    assert panel.work.progress.value == ""
    assert panel.work.stop.layout.visibility == "hidden"


def test_building_is_stopped_and_fails_and_three_clicks_start_one_training(
    panel, whole, monkeypatch
):
    made = []

    def make(*arguments):
        made.append(LiveTraining(*arguments))
        return made[-1]

    async def session():
        panel.start.click()
        await asyncio.sleep(0)
        assert panel.work.progress.value
        panel.work.stop.click()
        await until(rests(panel))
        assert panel.training is None
        assert "Stopped" in panel.note.value
        assert not panel.start.disabled

        monkeypatch.setattr(training_panel, "LiveTraining", broken)
        panel.start.click()
        await until(rests(panel))
        assert_failed_and_ready(panel)

        monkeypatch.setattr(training_panel, "LiveTraining", make)
        panel.start.click()
        panel.start.click()
        await until(reached(panel, 4))
        await train_a_little(panel)
        await turns()

    in_a_loop(session)
    assert len(made) == 1
    assert steps_of(panel) == list(range(1, len(steps_of(panel)) + 1))
    assert_begins(losses_of(panel), whole)


def test_after_a_failure_while_drawing_it_goes_on(panel, whole, monkeypatch):
    work_at_once(monkeypatch)
    with monkeypatch.context() as patched:
        patched.setattr(training_panel, "draw_training", broken)
        panel.start.click()
        assert_failed_and_ready(panel)
    panel.start.click()
    assert steps_of(panel) == list(range(1, STEPS + 1))
    assert losses_of(panel) == whole
