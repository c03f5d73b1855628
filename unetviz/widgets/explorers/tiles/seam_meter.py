"""The seam meter: an image predicted in tiles, against one pass over the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.colours import limits_of
from unetviz.labs.images.arrays import checked_image
from unetviz.labs.tiles.plan import plan_tiles
from unetviz.nets.reading.trace_model import trace_model
from unetviz.nets.running.inputs import check_weights
from unetviz.nets.tiles import TiledRun, predict_whole, tile_model

from ...parts.array_view import ArrayView
from ...parts.controls import choice, number_box, row
from ...parts.long_work import LongWork
from ...parts.network_image import screen_zoom
from ...parts.panel import Panel
from ._plan import PADS, SMALLEST_STRIDE, grid_marks, plan_sentences

_SIDE = 400
"""Pixels of the screen for each of the two images."""
_ROUNDING = 1e-5


class SeamMeter(Panel):
    """Measure what tiles do to a prediction.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, c)
        An image whose single pass fits the memory.
    models : dict of str to keras.Model
        Networks to choose from, by the words in the list.

    Attributes
    ----------
    largest : float
        Largest difference of the tiled result to one pass, over all pixels and classes.
    difference : array of shape (h, w)
        Largest difference of each pixel.
    """

    def __init__(self, image: np.ndarray, models: Mapping[str, Any]):
        self._image = checked_image(image)
        self._models = {name: tile_model(model) for name, model in models.items()}
        self._whole: dict[tuple[str, str], np.ndarray] = {}
        self.network = choice("Network", {name: name for name in models}, "300px")
        self.stride = number_box("Stride", 4096, "130px", SMALLEST_STRIDE, SMALLEST_STRIDE)
        self.margin = number_box("Margin", 4096, "130px", 0, smallest=0)
        self.shift = number_box("Shift", 4096, "120px", 0, smallest=0)
        self.pad = choice("Beyond the border", PADS, "300px")
        self.best = ipywidgets.Button(description="Seamless settings", layout={"width": "160px"})
        self.work = LongWork()
        self.predicted, self.view = (
            ArrayView(layout={"width": f"{_SIDE + 16}px"}) for _ in range(2)
        )
        controls = row(self.network, self.stride, self.margin, self.shift, self.best, self.pad)
        super().__init__([controls, self.work, row(self.predicted, self.view)])
        self._choose_seamless()
        self._measure_at_once()
        for control in (self.stride, self.margin, self.shift, self.pad):
            control.observe(self.guarded(self._measure), names="value")
        self.network.observe(self.guarded(self._measure_seamless), names="value")
        self.best.on_click(self.guarded(self._measure_seamless))

    def _choose_seamless(self) -> None:
        """Set the controls to what leaves no seams; nothing changes if that is not possible."""
        found = trace_model(self._models[self.network.value])
        best = plan_tiles(self._image.shape[:2], found)
        with self.changing_itself():
            self.stride.value, self.margin.value = best.stride[0], best.margin[0]
            self.shift.value = 0

    def _measure_seamless(self, _: Any) -> None:
        self._choose_seamless()
        self._measure()

    def _measure_at_once(self) -> None:
        key = self.network.value, self.pad.value
        run = self._new_run(key)
        for _ in self._predict(run, key):
            pass
        self._show(run, key)

    def _measure(self, _: Any = None) -> None:
        """Measure with what the controls say; the images follow when that is done."""
        # Asked for once: while this runs another thread may change what the lists say.
        key = self.network.value, self.pad.value
        try:
            run = self._new_run(key)
        except ValueError as error:
            # What was typed stays: with another margin it may work.
            self.work.cancel(tell=False)
            self.refuse(error)
            return
        self.say("neutral", ["Measuring. The images still show the result before."])
        self.work.start(
            self._predict(run, key),
            self.guarded(lambda: self._show(run, key)),
            self.guarded(
                lambda: self.say("warning", ["Stopped. What is shown is the result before."])
            ),
            self.guarded(_raise),
        )

    def _new_run(self, key: tuple[str, str]) -> TiledRun:
        """The tiles of a network, with a border, as the other controls say."""
        network, pad = key
        check_weights(self._models[network])
        return TiledRun(
            self._models[network],
            self._image,
            self.stride.value,
            pad,
            margin=self.margin.value,
            shift=self.shift.value,
        )

    def _predict(self, run: TiledRun, key: tuple[str, str]) -> Iterator[tuple[str, float]]:
        """Predict tile by tile, then the whole if that was not done yet."""
        for i, _ in enumerate(run, start=1):
            words = "Tile {done} of {total}".format(done=i, total=len(run))
            yield words, i / (len(run) + 1)
        yield "One pass over the whole", len(run) / (len(run) + 1)
        if key not in self._whole:
            self._whole[key] = predict_whole(self._models[key[0]], self._image, key[1])

    def _show(self, run: TiledRun, key: tuple[str, str]) -> None:
        """Show a finished run beside its difference to one pass."""
        self.difference = np.abs(run.probabilities - self._whole[key]).max(axis=-1)
        self.largest = float(self.difference.max())
        self._done = run
        zoom = screen_zoom(max(run.plan.image), _SIDE)
        last = run.probabilities[..., -1]
        low, high = limits_of(last)
        title = "class {name} in tiles, {low:.2f} (black) to {high:.2f} (white)".format(
            name=run.probabilities.shape[2] - 1, low=low, high=high
        )
        self.predicted.show_array(
            last, title, zoom, limits=(low, high), behind=grid_marks(run.plan)
        )
        # Small differences are many, large ones few: the square root shows both.
        limits = (0.0, max(self.largest, _ROUNDING) ** 0.5)
        self.view.show_array(
            self.difference**0.5, "its difference to one pass", zoom, "sequential", limits
        )
        kind = "good" if self.largest < _ROUNDING else "warning"
        self.describe(kind, self._sentences())

    def _sentences(self) -> list[str]:
        if self.largest == 0:
            first = "There is no difference to one pass, not in a single bit."
        elif self.largest < _ROUNDING:
            first = "The largest difference to one pass is {largest:.1e}: rounding.".format(
                largest=self.largest
            )
        else:
            at = np.unravel_index(self.difference.argmax(), self.difference.shape)
            first = (
                "The largest difference to one pass is {largest:.2g}, at row {row}, column "
                "{column}."
            ).format(largest=self.largest, row=at[0], column=at[1])
        sentences = [first, *plan_sentences(self._done.plan)[:2]]
        if self.largest > 0:
            sentences.append(
                (
                    "The colours of the difference go from 0 (dark) to {largest:.2g} "
                    "(bright), by its square root, so that small ones can be seen."
                ).format(largest=max(self.largest, _ROUNDING))
            )
        return sentences

    def still(self) -> Drawing:
        """Return the difference as it is shown now."""
        return self.view.still(self._sentences()[0])


def _raise(error: Exception) -> None:
    raise error
