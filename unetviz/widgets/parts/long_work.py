"""Work that takes seconds: done in steps between two messages, with progress and a Stop button."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from threading import Lock

import ipywidgets


@dataclass(eq=False)
class _Run:
    """One piece of work, and whom to tell."""

    steps: Iterator[tuple[str, float]]
    done: Callable[[], None]
    stopped: Callable[[], None]
    failed: Callable[[Exception], None]
    is_cancelled: bool = False
    tells: bool = True


class LongWork(ipywidgets.HBox):
    """A line of progress and a Stop button for a generator.

    We start no threads: every step of the generator runs in the kernel's own loop, and between two
    steps the kernel answers what came in, a click on Stop for example. JupyterLab, however, may
    deliver that click in a thread of its own while a step is under way. So Stop only leaves a note,
    and whoever does the work reads it after each step; no two pieces of work ever overlap.

    Without a loop, as in a script, the work is done at once.
    """

    def __init__(self) -> None:
        self.progress = ipywidgets.HTML()
        self.stop = ipywidgets.Button(description="Stop", layout={"width": "80px"})
        self.stop.on_click(lambda _: self.cancel())
        super().__init__([self.stop, self.progress])
        self._lock = Lock()
        self._run: _Run | None = None
        self._next: _Run | None = None
        self._task: asyncio.Task[None] | None = None
        self._rest()

    @property
    def is_busy(self) -> bool:
        """Whether work is under way."""
        return self._run is not None

    def start(
        self,
        steps: Iterator[tuple[str, float]],
        done: Callable[[], None],
        stopped: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Work a generator off; what was under way is given up first.

        Parameters
        ----------
        steps : iterator of (str, float)
            Gives after every step what is being done and the part that is done, 0 to 1.
        done, stopped : callable
            Called at the end, or after Stop.
        failed : callable
            Called with what the generator raises.
        """
        run = _Run(steps, done, stopped, failed)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._at_once(run)
            return
        self.cancel(tell=False)
        with self._lock:
            if self._run is not None:
                self._next = run
                return
            self._run = run
        self.stop.layout.visibility = None
        self._task = loop.create_task(self._work(run))

    def cancel(self, tell: bool = True) -> None:
        """Give up what is under way as soon as its step is done.

        Parameters
        ----------
        tell : bool
            Whether `stopped` is called then.
        """
        with self._lock:
            self._next = None
            if self._run is not None:
                self._run.is_cancelled = True
                self._run.tells = tell

    def _rest(self) -> None:
        self.stop.layout.visibility = "hidden"
        self.progress.value = ""

    def _at_once(self, run: _Run) -> None:
        try:
            for _ in run.steps:
                pass
        except Exception as error:
            run.failed(error)
        else:
            run.done()

    async def _work(self, run: _Run) -> None:
        """Do one piece of work after the other, until there is none."""
        following: _Run | None = run
        while following is not None:
            self.stop.layout.visibility = None
            try:
                await self._through(following)
            finally:
                self._rest()
                with self._lock:
                    following = self._run = self._next
                    self._next = None

    async def _through(self, run: _Run) -> None:
        try:
            for words, part in run.steps:
                if not run.is_cancelled:
                    self._tell(words, part)
                    await asyncio.sleep(0)
                if run.is_cancelled:
                    break
        except Exception as error:
            run.failed(error)
            return
        self._rest()
        if not run.is_cancelled:
            run.done()
        elif run.tells:
            run.stopped()

    def _tell(self, words: str, part: float) -> None:
        name = escape(words)
        bar = f"<progress max='1' value='{part:.3f}' aria-label='{name}'></progress>"
        self.progress.value = f"{bar} {name}"
