"""The panels that run a network: skips and the seam meter, without a browser."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

import unetviz as uv
from unetviz.widgets.parts.long_work import LongWork

SPEC = uv.PAPER.replace(input_size=92, depth=2, base_filters=2)
IMAGE = np.random.default_rng(3).random((120, 130))


@pytest.fixture(autouse=True)
def no_loop(monkeypatch):
    """Work is done at once, as in a script; the browser of other tests keeps a loop of its own."""

    def missing():
        raise RuntimeError("no running event loop")

    monkeypatch.setattr(asyncio, "get_running_loop", missing)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    return uv.build(SPEC)


@pytest.fixture
def skips(model):
    return uv.widgets.SkipExplorer(model, IMAGE)


def test_sizes_and_crops_come_from_the_trace(skips):
    trace = uv.trace(SPEC)
    for level in (1, 2):
        skips.level.value = level
        crop = trace[f"dec{level}_crop"]
        assert f"{crop.why}: {crop.crop[0][0]} rows are cut" in skips.note.value
        assert skips.encoder.size == list(crop.in_shapes[0][:2])
        assert skips.kept.size == list(crop.out_shape[:2])
        (top, bottom), (left, right) = crop.crop
        height, width, _ = crop.in_shapes[0]
        assert skips.encoder.marks[1]["box"] == [top, left, height - bottom, width - right]
        both = trace[f"dec{level}_concat"].out_shape[2]
        assert f"channels {both // 2} to {both - 1})" in skips.strip.marks[1]["words"]


def test_the_kept_piece_is_the_middle_of_the_map(skips):
    encoder, kept, _ = (skips._maps[name] for name in skips._parts(skips._joins[1]))
    (top, bottom), (left, right) = uv.trace(SPEC)["dec1_crop"].crop
    height, width = encoder.shape[:2]
    assert np.array_equal(kept, encoder[top : height - bottom, left : width - right])


def test_a_click_on_the_strip_chooses_the_channel(skips):
    before = bytes(skips.encoder.image)
    skips.strip.held = True
    skips.strip.point = [3, 30]
    assert skips.channel.value == 1
    assert bytes(skips.encoder.image) != before
    skips.strip.point = [40, 3]
    assert skips.channel.value == 0


def test_a_model_without_cropped_skips_is_refused():
    same = uv.build(uv.PAPER.replace(input_size=32, padding="same", base_filters=1))
    with pytest.raises(ValueError, match="no cropped skips"):
        uv.widgets.SkipExplorer(same, IMAGE)


@pytest.fixture
def meter(model):
    same = uv.build(uv.PAPER.replace(input_size=64, depth=1, base_filters=2, padding="same"))
    return uv.widgets.SeamMeter(IMAGE, {"valid": model, "same": same})


def test_aligned_tiles_agree_and_others_do_not(meter):
    assert meter.stride.value == 52
    assert meter.largest < 1e-6
    meter.stride.value = 51
    assert meter.largest > 1e-3
    assert "only with multiples of 4" in meter.note.value
    meter.best.click()
    assert meter.largest < 1e-6
    meter.shift.value = 2
    assert meter.largest > 1e-3
    meter.shift.value = 4
    assert meter.largest < 1e-6


def test_padded_tiles_need_their_margin(meter):
    meter.network.value = "same"
    assert meter.margin.value > 0
    assert meter.largest < 1e-6
    meter.margin.value = 0
    assert meter.largest > 1e-4
    assert "never see padding" in meter.note.value


def test_the_border_changes_nothing_about_seams(meter):
    first = meter._done.probabilities
    meter.pad.value = "zero"
    assert meter.largest < 1e-6
    assert not np.array_equal(meter._done.probabilities, first)


def test_gaps_are_refused_and_the_result_stays(meter):
    done = meter._done
    meter.stride.value = 60
    assert "leave gaps" in meter.note.value
    assert meter._done is done


def test_work_in_a_loop_can_be_stopped_and_starts_anew(monkeypatch):
    monkeypatch.undo()
    events = []

    def steps(name, count):
        for i in range(count):
            events.append(f"{name}{i}")
            yield name, i / count

    async def session():
        work = LongWork()
        work.start(steps("a", 100), lambda: None, lambda: events.append("stopped"), events.append)
        for _ in range(3):
            await asyncio.sleep(0)
        assert "aria-label='a'" in work.progress.value
        work.stop.click()
        while work.is_busy:
            await asyncio.sleep(0)
        assert work.progress.value == ""
        work.start(steps("b", 2), lambda: events.append("done"), lambda: None, events.append)
        for _ in range(6):
            await asyncio.sleep(0)

    # In a thread of its own: this one may have a loop that never stops.
    with ThreadPoolExecutor() as pool:
        pool.submit(asyncio.run, session()).result()
    assert "stopped" in events
    assert events[-1] == "done"
    assert "a50" not in events


def test_a_click_that_comes_from_another_thread(monkeypatch):
    monkeypatch.undo()
    work, told = LongWork(), []

    def steps():
        yield "one", 0.1
        # JupyterLab may deliver a click in a thread of its own while a step runs.
        thread = threading.Thread(target=work.cancel)
        thread.start()
        thread.join()
        yield "two", 0.2
        told.append("went on")

    def nothing(*_):
        told.append("done")

    async def session():
        work.start(steps(), nothing, lambda: told.append("stopped"), nothing)
        await asyncio.wait([work._task])

    with ThreadPoolExecutor() as pool:
        pool.submit(asyncio.run, session()).result()
    assert told == ["stopped"]
    assert work.progress.value == ""
    assert not work.is_busy


def test_no_two_pieces_of_work_overlap(monkeypatch):
    monkeypatch.undo()
    work, told = LongWork(), []

    def nothing(*_):
        told.append("never")

    def first():
        yield "one", 0.1
        # Started anew while a step runs: this step is done first.
        work.start(second(), lambda: told.append("done"), nothing, nothing)
        told.append("end of the step")
        yield "two", 0.2
        told.append("went on")

    def second():
        told.append("second")
        yield "three", 0.3

    async def session():
        work.start(first(), nothing, nothing, nothing)
        await asyncio.wait([work._task])

    with ThreadPoolExecutor() as pool:
        pool.submit(asyncio.run, session()).result()
    assert told == ["end of the step", "second", "done"]


def test_work_tells_what_went_wrong():
    told = []

    def broken():
        yield "one", 0.5
        raise ValueError("no")

    LongWork().start(broken(), lambda: None, lambda: None, told.append)
    assert str(told[0]) == "no"
