"""What each network of a row makes of the same pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from tqdm.auto import tqdm

from unetviz.geometry import Specification, Trace, trace
from unetviz.geometry.specs.ablation import SIDE, SINGLE_EDITS
from unetviz.labs.metrics import Score, foreground, mean_score, score
from unetviz.labs.synthetic.cells import MadePicture

from ..tiles import predict_tiled
from ..training.pretrained import load_pretrained
from ..training.scoring import predict_picture

_QUIET = 2.0
"""Seconds that may pass before a bar is shown."""


@dataclass(frozen=True, repr=False)
class EditResult:
    """A trained network of the row, and what it says of some pictures.

    Attributes
    ----------
    name : str
        As `load_pretrained` knows it.
    spec : Specification
        The network at the size of the pictures.
    used_at : (int, int)
        Size of what goes in, in pixels; larger than the pictures where it sees what lies around.
    masks : tuple of array of shape (h, w), bool
        Where it says foreground, for each picture.
    scores : tuple of Score
        Of each of these masks.
    """

    name: str
    spec: Specification
    used_at: tuple[int, int]
    masks: tuple[np.ndarray, ...]
    scores: tuple[Score, ...]

    @property
    def trace(self) -> Trace:
        """Its steps at the size of the pictures."""
        return trace(self.spec)

    @property
    def used_trace(self) -> Trace:
        """Its steps at the size at which it is used."""
        return trace(self.spec.replace(input_size=self.used_at))

    @property
    def mean(self) -> Score:
        """Means over the pictures."""
        return mean_score(self.scores)


def measure_edits(
    pictures: Sequence[MadePicture], names: Sequence[str] | None = None, progress: bool = True
) -> list[EditResult]:
    """Let trained networks of the row from FCN-32s to U-Net judge the same pictures.

    Parameters
    ----------
    pictures : sequence of MadePicture
        At least one, of 256 x 256 pixels.
    names : sequence of str, optional
        Networks of `SINGLE_EDITS`, all by default.
    progress : bool
        Whether a bar is shown for what takes longer than two seconds.

    Returns
    -------
    list of EditResult
        In the given order. A network that returns less than it takes sees each picture with its
        mirrored border around it, so that all are judged over the same pixels.

    Raises
    ------
    ValueError
        If a name is unknown, or a picture has another size.
    """
    names = [names] if isinstance(names, str) else list(names or SINGLE_EDITS)
    if unknown := [name for name in names if name not in SINGLE_EDITS]:
        raise ValueError(f"there is no edit {unknown[0]!r}; there are {', '.join(SINGLE_EDITS)}")
    if not pictures:
        raise ValueError("give at least one picture, such as those of held_out(256, 12)")
    for picture in pictures:
        if picture.image.shape != (SIDE, SIDE):
            raise ValueError(
                f"these networks take grey pictures of shape {(SIDE, SIDE)}, not "
                f"{picture.image.shape}; try held_out({SIDE}, 12)"
            )
    bar = tqdm(names, desc="networks", delay=_QUIET, leave=False, disable=not progress)
    return [_result(name, pictures) for name in bar]


def _result(name: str, pictures: Sequence[MadePicture]) -> EditResult:
    model = load_pretrained(name)
    masks = tuple(foreground(_predict(model, picture.image)) != 0 for picture in pictures)
    scores = tuple(score(m, picture.mask) for m, picture in zip(masks, pictures, strict=True))
    return EditResult(name, SINGLE_EDITS[name], model.input_shape[1:3], masks, scores)


def _predict(model: keras.Model, image: np.ndarray) -> np.ndarray:
    if model.input_shape[1:3] == image.shape:
        return predict_picture(model, image)
    return predict_tiled(model, image, progress=False).probabilities
