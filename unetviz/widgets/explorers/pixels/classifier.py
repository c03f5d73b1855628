"""A dense classifier turned into a convolution: one answer becomes a map of answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.geometry.ops import size_of
from unetviz.labs.sliding_window import upsample_scores
from unetviz.labs.synthetic.scenes import CLASSES, synthetic_scene
from unetviz.nets.lessons.classifier import convolutionalize, dense_refusal, sharing_cost
from unetviz.nets.reading.plain import plain
from unetviz.nets.running.inputs import check_weights

from ...parts.array_view import ArrayView
from ...parts.controls import choice, number_box, row
from ...parts.network_image import screen_zoom
from ...parts.panel import Panel

_COLOURS_OF_CLASSES = "Dark: nothing; green: a disc; yellow: a square."

_SIDES = (32, 48, 64, 96, 128, 160)
_ROOM = 260


class ClassifierExplorer(Panel):
    """Give a classifier images of any size, once its dense head is a convolution.

    Parameters
    ----------
    model : keras.Model
        A classifier with a dense head, as `train_classifier` makes it.
    side : int
        Height and width of the image to begin with.
    """

    def __init__(self, model: Any, side: int = 128):
        model = plain(model)
        check_weights(model)
        self._dense, self._model = model, convolutionalize(model)
        self._trained = model.input_shape[1]
        self.side = choice("Height = width", {str(n): n for n in _SIDES}, "200px", side)
        self.seed = number_box("Image number", 9999, "180px")
        self.views = [ArrayView(layout={"width": f"{_ROOM + 12}px"}) for _ in range(3)]
        super().__init__([row(self.side, self.seed), row(*self.views)])
        self._show()
        for control in (self.side, self.seed):
            control.observe(self.guarded(lambda _: self._show()), names="value")

    def _show(self) -> None:
        side = self.side.value
        scene, labels = synthetic_scene(side, side, self.seed.value)
        scores = self._model.predict_on_batch(scene[np.newaxis, ..., np.newaxis])[0]
        coarse = scores.argmax(axis=-1)
        stride = (side - self._trained) // max(coarse.shape[0] - 1, 1) or 1
        fine = upsample_scores(scores, (side, side), self._trained, stride).argmax(axis=-1)
        sentences = self._sentences(scene, coarse, labels, fine)
        zoom, classes = screen_zoom(side, _ROOM), (0.0, len(CLASSES) - 1.0)
        self.views[0].show_array(scene, "the image", zoom, "grey", (0.0, 1.0))
        self.views[1].show_array(
            coarse, "map of answers", zoom * side / coarse.shape[0], "sequential", classes
        )
        self.views[2].show_array(fine, "label of each pixel", zoom, "sequential", classes)
        self.describe("neutral", sentences)

    def _sentences(
        self, scene: np.ndarray, coarse: np.ndarray, labels: np.ndarray, fine: np.ndarray
    ) -> list[str]:
        takes = "Turned into a convolution, the same weights give {size} answers at once.".format(
            size=size_of(coarse.shape)
        )
        if scene.shape[0] == self._trained:
            return [*self._same_answer(scene), takes, _COLOURS_OF_CLASSES]
        error, size = dense_refusal(self._dense, scene), size_of(scene.shape)
        costs = sharing_cost(self._dense, *scene.shape)
        right, is_object = fine == labels, labels > 0
        shares = (
            "{objects:.0%} of the pixels of objects get their class; of all pixels "
            "{share:.0%} are right, where 'nothing' everywhere would be right for "
            "{nothing:.0%}."
        ).format(objects=right[is_object].mean(), share=right.mean(), nothing=1 - is_object.mean())
        return [
            "The dense network refuses an image of {size}: {error}".format(size=size, error=error),
            takes,
            _COLOURS_OF_CLASSES,
            shares,
            (
                "Sliding the dense network over it takes {windows} windows and {ratio:.1f} "
                "times the multiply-accumulates: overlapping windows compute the same maps "
                "again and again."
            ).format(windows=costs.windows, ratio=costs.ratio),
        ]

    def _same_answer(self, scene: np.ndarray) -> list[str]:
        """What both networks say at the trained size, in numbers."""
        batch = scene[np.newaxis, ..., np.newaxis]
        dense = self._dense.predict_on_batch(batch)[0]
        difference = np.abs(self._model.predict_on_batch(batch)[0, 0, 0] - dense).max()
        scores = ", ".join(
            f"{name} {score:.2f}" for name, score in zip(CLASSES, dense, strict=True)
        )
        return [
            "The dense network says {scores}.".format(scores=scores),
            "As a convolution it says the same; the largest difference is {difference:.1g}.".format(
                difference=difference
            ),
        ]

    def still(self) -> Drawing:
        """Return the map of answers as it is shown now."""
        size = size_of(self.views[0].size)
        words = "An image of {size}, classified in every place by the same weights."
        return self.views[1].still(words.format(size=size))
