"""Ablation: trained networks that differ in one change each, on the same images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tqdm.auto import tqdm

from unetviz.geometry.graph import Specification
from unetviz.geometry.specs.ablation import ABLATION, SIDE
from unetviz.geometry.trace import Trace, trace
from unetviz.labs.metrics import SegmentationScore, foreground, mean_score, score
from unetviz.labs.synthetic.cells import SyntheticImage

from .._tensorflow import keras
from ..tiles import predict_tiled
from ..training.pretrained import load_pretrained
from ..training.scoring import predict_image

_BAR_DELAY = 2.0
"""Seconds before a progress bar is shown; a shorter wait needs none."""


@dataclass(frozen=True, repr=False)
class AblationResult:
    """A trained network of the ablation, and its masks of some images.

    Attributes
    ----------
    name : str
        Its name for `load_pretrained`.
    spec : Specification
        The network at the size of the images.
    used_at : (int, int)
        Its input size in pixels; larger than the images for a network without padding, which sees
        the mirrored border around them.
    masks : tuple of array of shape (h, w), bool
        Its foreground in each image.
    scores : tuple of SegmentationScore
        The score of each mask.
    """

    name: str
    spec: Specification
    used_at: tuple[int, int]
    masks: tuple[np.ndarray, ...]
    scores: tuple[SegmentationScore, ...]

    @property
    def trace(self) -> Trace:
        """Its steps at the size of the images."""
        return trace(self.spec)

    @property
    def used_trace(self) -> Trace:
        """Its steps at the size at which it is used."""
        return trace(self.spec.replace(input_size=self.used_at))

    @property
    def mean(self) -> SegmentationScore:
        """Means over the images."""
        return mean_score(self.scores)


def measure_ablation(
    images: Sequence[SyntheticImage], names: Sequence[str] | None = None, progress: bool = True
) -> list[AblationResult]:
    """Predict the same images with the trained networks from FCN-32s to U-Net.

    Parameters
    ----------
    images : sequence of SyntheticImage
        At least one, of 256 x 256 pixels.
    names : sequence of str, optional
        Networks of `ABLATION`, all by default.
    progress : bool
        Whether a progress bar is shown if it takes longer than two seconds.

    Returns
    -------
    list of AblationResult
        In the given order. A network whose output is smaller than its input gets each image with
        its mirrored border around it, so that all are evaluated on the same pixels.

    Raises
    ------
    ValueError
        If a name is unknown, or an image has another size.

    See Also
    --------
    unetviz.load_pretrained : One of the networks.
    unetviz.nets.model_card : How it was trained.
    """
    wanted = [names] if isinstance(names, str) else list(ABLATION if names is None else names)
    if unknown := [name for name in wanted if name not in ABLATION]:
        raise ValueError(f"there is no network {unknown[0]!r}; there are {', '.join(ABLATION)}")
    if not images:
        raise ValueError("give at least one image, such as those of validation_images(256, 12)")
    for sample in images:
        if sample.image.shape != (SIDE, SIDE):
            raise ValueError(
                f"these networks take grey images of shape {(SIDE, SIDE)}, not "
                f"{sample.image.shape}; try validation_images({SIDE}, 12)"
            )
    bar = tqdm(wanted, desc="networks", delay=_BAR_DELAY, leave=False, disable=not progress)
    return [_result(name, images) for name in bar]


def _result(name: str, samples: Sequence[SyntheticImage]) -> AblationResult:
    model = load_pretrained(name)
    masks = tuple(foreground(_predict(model, sample.image)) != 0 for sample in samples)
    scores = tuple(score(m, sample.mask) for m, sample in zip(masks, samples, strict=True))
    return AblationResult(name, ABLATION[name], model.input_shape[1:3], masks, scores)


def _predict(model: keras.Model, image: np.ndarray) -> np.ndarray:
    if model.input_shape[1:3] == image.shape:
        return predict_image(model, image)
    return predict_tiled(model, image, progress=False).probabilities
