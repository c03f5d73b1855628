"""Work that is done in steps: progress, Stop, no overlap."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from support.panels import work_at_once

from unetviz.widgets.parts.long_work import LongWork


def test_work_in_a_loop_can_be_stopped_and_starts_anew():
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


def test_a_click_that_comes_from_another_thread():
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


def test_no_two_pieces_of_work_overlap():
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


def test_work_tells_what_went_wrong(monkeypatch):
    work_at_once(monkeypatch)
    told = []

    def broken():
        yield "one", 0.5
        raise ValueError("no")

    LongWork().start(broken(), lambda: None, lambda: None, told.append)
    assert str(told[0]) == "no"
