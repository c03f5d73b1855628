"""The sums of an FCN: coarse scores, finer scores, and the masks that follow from each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unetviz.geometry.graph import Step
from unetviz.geometry.strides import deepest_levels
from unetviz.labs.metrics import foreground

from .._tensorflow import keras
from ..reading.trace_model import trace_model
from ._cut_model import CutModel

PARTS = ("coarse", "finer", "total")


@dataclass(frozen=True, repr=False)
class ScoreSum:
    """One sum of scores for one image.

    Attributes
    ----------
    coarse, finer, total : array of shape (h, w, classes)
        The up-sampled scores of the deeper level; the scores of the finer pooling layer; their sum.
    masks : dict of str to array of shape (H, W), uint8
        Masks that the rest of the network computes from ``"coarse"`` alone, from ``"finer"`` alone
        (the other is 0), and from the ``"total"``.
    """

    coarse: np.ndarray
    finer: np.ndarray
    total: np.ndarray
    masks: dict[str, np.ndarray]


class ScoreSums:
    """The places of an FCN where scores are added.

    Parameters
    ----------
    model : keras.Model
        An FCN with skips, such as ``load_pretrained("fcn_8s")``.

    Attributes
    ----------
    trace : Trace
        Its steps.
    steps : dict of str to (str, str)
        For every step that adds: the step with the coarse scores, and the one with the finer.

    Raises
    ------
    ValueError
        If nothing is added in the model.
    """

    def __init__(self, model: keras.Model):
        self.trace = trace_model(model)
        deepest = deepest_levels(self.trace)
        self.steps = {step.name: _two(step, deepest) for step in self.trace if _adds(step)}
        if not self.steps:
            raise ValueError(
                'this model adds no scores; take one with skips, such as load_pretrained("fcn_8s")'
            )
        self._cuts = {name: CutModel(model, self.trace, [name]) for name in self.steps}

    def explain_value(self, image: Any, step: str) -> ScoreSum:
        """Return the scores that are added at a step, and the masks that follow from each.

        Parameters
        ----------
        image : array of shape (h, w) or (h, w, c)
            An image of the model's size.
        step : str
            One of `steps`.

        Raises
        ------
        ValueError
            If there is no such step, or the image does not fit.
        """
        if step not in self.steps:
            raise ValueError(f"no sum {step!r}; the sums are {', '.join(self.steps)}")
        coarse, finer = self.steps[step]
        cut = self._cuts[step]
        maps = cut.maps(image)
        empty = np.zeros_like(maps[coarse])
        kept = {
            "coarse": maps | {finer: empty},
            "finer": maps | {coarse: empty},
            "total": maps,
        }
        masks = {part: foreground(cut.finish(found)) for part, found in kept.items()}
        return ScoreSum(maps[coarse], maps[finer], maps[coarse] + maps[finer], masks)


def _adds(step: Step) -> bool:
    return step.kind == "add" and len(step.inputs) == 2


def _two(step: Step, deepest: dict[str, int]) -> tuple[str, str]:
    """The input that comes from the deeper level, and the other one."""
    coarse, finer = sorted(step.inputs, key=deepest.__getitem__, reverse=True)
    return coarse, finer
