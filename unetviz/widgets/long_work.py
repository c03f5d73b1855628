"""Work that takes seconds: done in steps between two messages, with progress and a Stop button."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from html import escape

import ipywidgets

from . import texts


class LongWork(ipywidgets.HBox):
    """A line of progress and a Stop button for a generator.

    No threads: every step of the generator runs in the kernel's own loop, and between two steps the
    kernel answers what came in, a click on Stop for example. Without a loop, as in a script, the
    work is done at once.
    """

    def __init__(self) -> None:
        self.progress = ipywidgets.HTML()
        self.stop = ipywidgets.Button(description=texts.STOP, layout={"width": "80px"})
        self.stop.on_click(lambda _: self.cancel())
        super().__init__([self.stop, self.progress])
        self._task: asyncio.Task[None] | None = None
        self._stopped: Callable[[], None] | None = None
        self._rest()

    def start(
        self,
        steps: Iterator[tuple[str, float]],
        done: Callable[[], None],
        stopped: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Work a generator off; what was under way is given up.

        Parameters
        ----------
        steps : iterator of (str, float)
            Gives after every step what is being done and the part that is done, 0 to 1.
        done, stopped : callable
            Called at the end, or after Stop.
        failed : callable
            Called with what the generator raises.
        """
        self._stopped = None
        self.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._at_once(steps, done, failed)
            return
        self._stopped = stopped
        self.stop.layout.visibility = None
        self._task = loop.create_task(self._work(steps, done, failed))

    def cancel(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._rest()
            if self._stopped is not None:
                self._stopped()

    def _rest(self) -> None:
        self.stop.layout.visibility = "hidden"
        self.progress.value = ""

    def _at_once(
        self,
        steps: Iterator[tuple[str, float]],
        done: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        try:
            for _ in steps:
                pass
        except Exception as error:
            failed(error)
        else:
            done()

    async def _work(
        self,
        steps: Iterator[tuple[str, float]],
        done: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        try:
            for words, part in steps:
                self._tell(words, part)
                await asyncio.sleep(0)
        except Exception as error:
            failed(error)
        else:
            done()
        self._task = None
        self._rest()

    def _tell(self, words: str, part: float) -> None:
        name = escape(words)
        bar = f"<progress max='1' value='{part:.3f}' aria-label='{name}'></progress>"
        self.progress.value = f"{bar} {name}"
