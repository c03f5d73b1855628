"""The training panel, without a browser: in a script, and in a kernel's loop."""

import asyncio
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from html import escape

import numpy as np
import pytest
from PIL import Image

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


def without_loop(patched):
    """Work is done at once, as in a script; the browser of other tests keeps a loop of its own."""

    def missing():
        raise RuntimeError("no running event loop")

    patched.setattr(asyncio, "get_running_loop", missing)


@pytest.fixture
def no_loop(monkeypatch):
    without_loop(monkeypatch)


@pytest.fixture
def panel():
    return TrainingPanel(recipe=RECIPE)


@pytest.fixture(scope="module")
def trained():
    """A panel after a whole training, for tests that only look at it."""
    panel = TrainingPanel(recipe=RECIPE)
    with pytest.MonkeyPatch.context() as patched:
        without_loop(patched)
        panel.start.click()
    return panel


def in_a_loop(session):
    """Run a session in a thread of its own: this one may have a loop that never stops."""
    with ThreadPoolExecutor() as pool:
        pool.submit(asyncio.run, session).result()


async def until(condition):
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never happened")


def steps_of(panel):
    return [moment.step for moment in panel.training.history]


def losses_of(panel):
    return [moment.loss for moment in panel.training.history]


def rests(panel):
    return not panel.work.is_busy


@pytest.fixture(scope="module")
def whole():
    """Losses of a training that nobody stopped."""
    return [moment.loss for moment in LiveTraining(0, RECIPE).steps()]


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGB")).astype(int)


def test_before_the_first_step(panel):
    assert panel.training is None
    assert (panel.start.description, panel.start.disabled) == ("Train", False)
    assert panel.view.layout.display == "none"
    assert panel.still() is None
    trace = uv.trace(SPEC)
    for part in ("1 poolings", "2 filters", f"{trace.params:,} parameters", "32 x 32", "30 steps"):
        assert part in panel.note.value
        assert part in panel.as_markdown()
    assert panel.curves.label == "No step yet."
    assert 'id="loss"' not in panel.curves.svg


def test_train_shows_curves_masks_and_scores(trained, whole):
    panel = trained
    assert losses_of(panel) == whole
    scored = [moment for moment in panel.training.history if moment.score is not None]
    assert [moment.step for moment in scored] == [25, 30]
    last = scored[-1]
    assert f"After 30 steps and {last.seconds:.0f} seconds" in panel.note.value
    assert f"Dice {last.score.dice:.3f} on 24 validation images" in panel.note.value
    assert (
        "All {steps} steps are done. Begin anew, perhaps with another seed.".format(steps=STEPS)
        in panel.note.value
    )
    threshold = threshold_score(validation_images(32, 24)).dice
    background = np.mean([sample.mask == 0 for sample in validation_images(32, 24)])
    assert f"reaches {threshold:.2f} on them" in panel.note.value
    assert f"right for {background:.0%} of the pixels" in panel.note.value
    for name in ("loss", "dice", "threshold"):
        assert f'<g id="{name}">' in panel.curves.svg
    assert f"Dice {last.score.dice:.2f}" in panel.curves.label
    assert panel.start.disabled
    assert panel.work.progress.value == ""


def test_the_masks_are_those_of_the_network(trained):
    panel = trained
    assert panel.view.layout.display is None
    sheet = pixels(panel.view.image)
    assert panel.view.size == list(sheet.shape[:2])
    samples = validation_images(32, 6)
    images = np.stack([sample.image for sample in samples])
    said = panel.training.model.predict_on_batch(images[..., np.newaxis])[..., 1]
    masks = [sample.mask for sample in samples]
    for row, (arrays, mark) in enumerate(zip((images, masks, said), panel.view.marks, strict=True)):
        top, left, bottom, right = mark["box"]
        assert (bottom - top, left, right) == (32, 0, sheet.shape[1])
        assert (
            mark["words"]
            == (("images it has never trained with", "their true masks", "what the network says"))[
                row
            ]
        )
        for column, array in enumerate(arrays):
            corner = left + column * 34
            shown = sheet[top:bottom, corner : corner + 32]
            assert np.abs(shown - 255 * np.asarray(array)[..., np.newaxis]).max() <= 2


def test_the_twins_hold_what_is_shown(trained):
    panel = trained
    lines = panel.as_markdown().splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line[:1] == "|"
    ]
    assert rows[0] == ["step", "loss", "Dice", "boundary error", "accuracy", "seconds"]
    scored = [moment for moment in panel.training.history if moment.score is not None]
    for row, moment in zip(rows[2:], scored, strict=True):
        expected = (
            moment.step,
            moment.loss,
            moment.score.dice,
            moment.score.boundary_error,
            moment.score.accuracy,
            moment.seconds,
        )
        assert [float(cell) for cell in row] == pytest.approx(expected, abs=0.51, rel=0.01)
        assert float(row[2]) == pytest.approx(moment.score.dice, abs=6e-4)
    drawing = panel.still()
    assert drawing.caption.startswith("After 30 steps")
    assert drawing.caption in lines[0]
    assert pixels(drawing.png()).std() > 10
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["text/markdown"] == panel.as_markdown()
    assert bundle["image/png"]


@pytest.mark.usefixtures("no_loop")
def test_begin_anew_forgets(panel, whole):
    panel.start.click()
    panel.anew.click()
    test_before_the_first_step(panel)
    panel.start.click()
    assert losses_of(panel) == whole


@pytest.mark.usefixtures("no_loop")
def test_another_seed_forgets_and_is_used(panel, whole):
    panel.start.click()
    panel.seed.value = 3
    test_before_the_first_step(panel)
    panel.start.click()
    assert panel.training.recipe.seed == 3
    assert losses_of(panel) == [moment.loss for moment in LiveTraining(3, RECIPE).steps()]
    assert losses_of(panel) != whole
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
        await until(lambda: rests(panel))

    in_a_loop(session())
    words = [one for one, _ in told]
    assert escape("building the first step") in words[0]
    assert told[0][1], "the network was built before anything was said"
    assert len(words) == STEPS + 2
    for moment, one in zip(panel.training.history, words[1:], strict=False):
        assert f"step {moment.step} of 30, {moment.seconds:.0f} s, loss {moment.loss:.2f}" in one
        assert f"value='{moment.step / STEPS:.3f}'" in one
    assert words[-1] == ""
    assert "All 30 steps are done" in panel.note.value


def test_stop_keeps_what_is_learned_and_go_on_continues(panel, whole):
    def reached(step):
        return lambda: panel.training is not None and len(panel.training.history) >= step

    async def session():
        panel.start.click()
        assert panel.work.stop.layout.visibility is None
        await until(reached(7))
        panel.work.stop.click()
        await until(lambda: rests(panel))
        assert (
            "Stopped. What is learned so far is kept; Go on continues from here."
            in panel.note.value
        )
        assert (panel.start.description, panel.start.disabled) == ("Go on", False)
        assert panel.work.stop.layout.visibility == "hidden"
        kept, model = losses_of(panel), panel.training.model
        for _ in range(5):
            await asyncio.sleep(0)
        assert losses_of(panel) == kept == whole[: len(kept)]
        assert '<g id="loss">' in panel.curves.svg
        assert panel.view.layout.display is None
        panel.start.click()
        assert panel.start.disabled
        await until(reached(27))
        panel.work.stop.click()
        await until(lambda: rests(panel))
        assert "After 25 steps" in panel.note.value
        panel.start.click()
        await until(lambda: rests(panel))
        assert panel.training.model is model

    in_a_loop(session())
    assert steps_of(panel) == list(range(1, STEPS + 1))
    assert losses_of(panel) == whole


def test_stop_while_building_can_be_gone_on_from(panel, whole):
    async def session():
        panel.start.click()
        await asyncio.sleep(0)
        assert escape("building the first step") in panel.work.progress.value
        panel.work.stop.click()
        await until(lambda: rests(panel))
        assert panel.training is None
        assert (
            "Stopped. What is learned so far is kept; Go on continues from here."
            in panel.note.value
        )
        assert not panel.start.disabled
        panel.start.click()
        await until(lambda: rests(panel))

    in_a_loop(session())
    assert losses_of(panel) == whole


def test_begin_anew_and_another_seed_end_a_training(panel):
    def forget(way):
        async def session():
            panel.start.click()
            await until(lambda: panel.training is not None and panel.training.history)
            way()
            test_before_the_first_step(panel)
            for _ in range(5):
                await asyncio.sleep(0)
            assert rests(panel)
            test_before_the_first_step(panel)

        in_a_loop(session())

    forget(panel.anew.click)
    forget(lambda: setattr(panel.seed, "value", 5))


def test_begin_anew_in_another_thread_while_the_network_is_built(panel, monkeypatch):
    def make(*arguments):
        thread = threading.Thread(target=panel.anew.click)
        thread.start()
        thread.join()
        return LiveTraining(*arguments)

    monkeypatch.setattr(training_panel, "LiveTraining", make)

    async def session():
        panel.start.click()
        await until(lambda: rests(panel))

    in_a_loop(session())
    test_before_the_first_step(panel)


@pytest.fixture
def made(monkeypatch):
    """Count the trainings that panels begin."""
    found = []

    def make(*arguments):
        found.append(LiveTraining(*arguments))
        return found[-1]

    monkeypatch.setattr(training_panel, "LiveTraining", make)
    return found


def test_two_clicks_start_one_training(panel, made, whole):
    async def session():
        panel.start.click()
        panel.start.click()
        await until(lambda: panel.training is not None and len(panel.training.history) > 3)
        panel.start.click()
        await until(lambda: rests(panel))
        for _ in range(5):
            await asyncio.sleep(0)

    in_a_loop(session())
    assert len(made) == 1
    assert steps_of(panel) == list(range(1, STEPS + 1))
    assert losses_of(panel) == whole


def broken(*_):
    raise MemoryError("no <memory> left")


def assert_failed_and_ready(panel):
    assert "no &lt;memory&gt; left" in panel.note.value
    assert "MemoryError" in panel.note.value
    assert not panel.start.disabled
    assert panel.work.progress.value == ""


@pytest.mark.usefixtures("no_loop")
def test_a_failure_while_building_is_shown_and_can_be_tried_again(panel, whole, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(training_panel, "LiveTraining", broken)
        panel.start.click()
        assert_failed_and_ready(panel)
    panel.start.click()
    assert losses_of(panel) == whole


def test_a_failure_in_a_loop_is_shown_and_can_be_tried_again(panel, whole, monkeypatch):
    async def session():
        with monkeypatch.context() as patched:
            patched.setattr(training_panel, "LiveTraining", broken)
            panel.start.click()
            await until(lambda: rests(panel))
            assert_failed_and_ready(panel)
            assert panel.work.stop.layout.visibility == "hidden"
        panel.start.click()
        await until(lambda: rests(panel))

    in_a_loop(session())
    assert losses_of(panel) == whole


@pytest.mark.usefixtures("no_loop")
def test_after_a_failure_while_drawing_it_goes_on(panel, whole, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(training_panel, "draw_training", broken)
        panel.start.click()
        assert_failed_and_ready(panel)
    panel.start.click()
    assert steps_of(panel) == list(range(1, STEPS + 1))
    assert losses_of(panel) == whole
