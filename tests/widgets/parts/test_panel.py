"""What every panel shares."""

import threading
from concurrent.futures import ThreadPoolExecutor

from unetviz.widgets.parts.panel import Panel


def test_callbacks_of_a_panel_do_not_overlap():
    panel, inside, most = Panel([]), [], []
    ready = threading.Barrier(4)

    def act():
        inside.append(1)
        most.append(len(inside))
        for _ in range(20_000):
            pass
        inside.pop()

    guarded = panel.guarded(act)

    def click():
        ready.wait()
        for _ in range(50):
            guarded()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(click) for _ in range(4)]:
            done.result()
    assert most == [1] * 200
    assert panel.note.value == ""


def test_a_callback_may_call_another():
    panel, told = Panel([]), []
    inner = panel.guarded(lambda: told.append("inner"))
    panel.guarded(inner)()
    assert told == ["inner"]
