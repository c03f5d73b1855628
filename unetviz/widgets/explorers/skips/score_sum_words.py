"""One sum of an FCN on one image: its numbers pixel by pixel, and what can be said of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10

import numpy as np

from unetviz.geometry.graph import Step
from unetviz.geometry.ops import size_of
from unetviz.geometry.receptive_field import Box
from unetviz.geometry.strides import strides
from unetviz.geometry.tables.table import Table
from unetviz.labs.metrics import SegmentationScore
from unetviz.nets.running.score_sums import ScoreSums

from ... import texts

_MOST_DECIMALS = 12
Pixel = tuple[int, int]
"""Row and column of a map."""


@dataclass(frozen=True, eq=False)
class SumInParts:
    """A sum and its two parts.

    Attributes
    ----------
    image : str
        What the image is called.
    step : Step
        The step that adds.
    pitch : (int, int)
        Rows and columns of the input for one pixel of the map.
    frame : Box
        The whole input.
    before, after : tuple of int
        Levels of the sums that this one contains, and of those that follow.
    scores : dict of str to array of shape (h, w)
        Foreground minus background, of ``"coarse"``, ``"finer"`` and ``"total"``.
    results : dict of str to (array of shape (rows, columns), Score or None)
        The mask that the rest of the network makes of each, and how good it is if that is known.
    """

    image: str
    step: Step
    pitch: tuple[int, int]
    frame: Box
    before: tuple[int, ...]
    after: tuple[int, ...]
    scores: dict[str, np.ndarray]
    results: dict[str, tuple[np.ndarray, SegmentationScore | None]]

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the map."""
        return self.step.out_shape[:2]

    @property
    def opposed(self) -> np.ndarray:
        """Where the two parts have opposite signs: an array of shape (h, w), bool."""
        return np.sign(self.scores["coarse"]) * np.sign(self.scores["finer"]) < 0

    def most_opposed(self) -> Pixel:
        """Return where the weaker of two opposite scores is strongest; else the middle."""
        if not self.opposed.any():
            return self.shape[0] // 2, self.shape[1] // 2
        weaker = np.minimum(*(np.abs(self.scores[part]) for part in ("coarse", "finer")))
        row, column = np.unravel_index(np.where(self.opposed, weaker, -1).argmax(), self.shape)
        return int(row), int(column)

    def pixel_at(self, point: Sequence[int]) -> Pixel:
        """Return the pixel of the map that stands for a pixel of the input."""
        row, column = (
            min(place // by, size - 1)
            for place, by, size in zip(point, self.pitch, self.shape, strict=True)
        )
        return row, column

    def box(self, pixel: Pixel) -> Box:
        """Return the pixels of the input that a pixel of the map stands for."""
        (row, column), (down, across) = pixel, self.pitch
        bottom = min((row + 1) * down, self.frame.bottom)
        right = min((column + 1) * across, self.frame.right)
        return Box(row * down, column * across, bottom, right)

    def numbers(self, pixel: Pixel) -> dict[str, str]:
        """Return the three scores of a pixel with their signs; as written they add up too."""
        coarse, finer, total = (float(values[pixel]) for values in self.scores.values())
        decimals = _decimals(coarse, finer, total)
        first, whole = (round(number * 10**decimals) for number in (coarse, total))
        # Rounded by itself, the second would often miss the last digit of the sum.
        parts = (f"{unit / 10**decimals:+.{decimals}f}" for unit in (first, whole - first))
        return dict(zip(self.scores, (*parts, f"{whole / 10**decimals:.{decimals}f}"), strict=True))

    def decides(self, pixel: Pixel) -> str:
        """Return whose sign the sum has: ``"coarse"``, ``"finer"``, ``"both"``, ``"neither"``."""
        coarse, finer, total = (np.sign(values[pixel]) for values in self.scores.values())
        if coarse == finer == total:
            return "both"
        if total == coarse:
            return "coarse"
        return "finer" if total == finer else "neither"


def _decimals(*numbers: float) -> int:
    """At least two, and so many that the smallest number has two digits."""
    smallest = min((abs(number) for number in numbers if number), default=1.0)
    return min(max(2, 1 - floor(log10(smallest))), _MOST_DECIMALS)


def margin(values: np.ndarray) -> np.ndarray:
    """Return how far foreground is ahead of background, the last class of the first.

    Parameters
    ----------
    values : array of shape (h, w, classes)
        Scores; a single one is the foreground's.

    Examples
    --------
    >>> margin(np.array([[[1.0, 3.0]]]))
    array([[2.]])
    """
    return values[..., -1] - values[..., 0] if values.shape[-1] > 1 else values[..., 0]


def sentences(found: SumInParts, pixel: Pixel) -> list[str]:
    """Say what is added at a pixel, and what each part achieves on the whole image."""
    lines = [pixel_sentence(found, pixel), texts.SUM_DECIDES[found.decides(pixel)]]
    scores = {part: score for part, (_, score) in found.results.items() if score}
    lines += _alone(scores) if scores else [texts.SURGERY_NO_TRUTH]
    lines.append(_opposed(found))
    around = [texts.SUM_EARLIER.format(level=level) for level in found.before]
    around += [texts.SUM_LATER.format(level=level) for level in found.after]
    around += [texts.SUM_LAST] * (not found.after)
    lines.append(" ".join(around))
    if any(np.isinf(score.boundary_error) for score in scores.values()):
        lines.append(texts.SURGERY_INFINITE)
    return [*lines, texts.SUM_EXPERIMENT]


def pixel_sentence(found: SumInParts, pixel: Pixel) -> str:
    """Say in numbers what is added at a pixel, and what the sum says."""
    box = found.box(pixel)
    verdicts = texts.SUM_VERDICTS[found.step.out_shape[2] > 2]
    return texts.SUM_PIXEL.format(
        row=pixel[0],
        column=pixel[1],
        top=box.top,
        bottom=box.bottom - 1,
        left=box.left,
        right=box.right - 1,
        verdict=verdicts[int(np.sign(found.scores["total"][pixel]))],
        **found.numbers(pixel),
    )


def _alone(scores: dict[str, SegmentationScore]) -> list[str]:
    """What each mask achieves, and which are best, to the digits that are written."""
    dices = {part: score.dice for part, score in scores.items()}
    errors = {part: round(score.boundary_error, 2) for part, score in scores.items()}
    best = _named(part for part in dices if round(dices[part], 3) == round(max(dices.values()), 3))
    nearest = _named(part for part in errors if errors[part] == min(errors.values()))
    lines = [texts.SUM_ALONE.format(best=best, **dices)]
    lines += [texts.SUM_NEAREST.format(nearest=nearest)] * isfinite(min(errors.values()))
    return lines


def _named(parts: Iterable[str]) -> str:
    return texts.SUM_AND.join(texts.SUM_BEST[part] for part in parts)


def _opposed(found: SumInParts) -> str:
    opposed = found.opposed
    if not opposed.any():
        return texts.SUM_AGREE.format(all=opposed.size)
    wins = opposed & (np.sign(found.scores["total"]) == np.sign(found.scores["finer"]))
    words = {"count": opposed.sum(), "all": opposed.size, "wins": wins.sum()}
    return texts.SUM_DISAGREE.format(**words)


def parts_table(found: SumInParts) -> Table:
    """Table of what each part achieves alone, and of how much of its map is positive."""
    rows = []
    for part, words in texts.SUM_ROWS.items():
        score = found.results[part][1]
        cells = texts.SURGERY_CELLS if score else texts.SURGERY_UNKNOWN
        count = f"{(found.scores[part] > 0).sum():,}"
        rows.append((words, *(cell.format(score=score) for cell in cells), count))
    *names, last = texts.SUM_HEADINGS
    headings = (*names, last.format(all=found.scores["total"].size))
    return Table(headings, tuple(rows), frozenset({1, 2, 3}))


def sum_names(sums: ScoreSums) -> dict[str, str]:
    """Return the steps that add a score for each class, by the words for a list.

    Raises
    ------
    ValueError
        If only feature maps are added, as in a U-Net with ``merge="add"``.
    """
    trace, names = sums.trace, {}
    classes = trace.output_shape[2]
    for name in sums.steps:
        if trace[name].out_shape[2] == classes:
            words = step_name(trace[name], pitch_of(sums, name))
            names[f"{words} ({name})" if words in names else words] = name
    if not names:
        name = next(iter(sums.steps))
        channels = trace[name].out_shape[2]
        raise ValueError(texts.SUM_FEATURES.format(step=name, channels=channels, classes=classes))
    return names


def pitch_of(sums: ScoreSums, step: str) -> tuple[int, int]:
    """Return the rows and columns of the input for one pixel of a sum's map."""
    finer = sums.steps[step][1]
    rows, columns = (int(strides(sums.trace, axis)[finer]) for axis in (0, 1))
    return rows, columns


def step_name(step: Step, pitch: tuple[int, int]) -> str:
    """Return the words for a sum in a list: its level, its size, and how coarse it is."""
    size, pixels = size_of(step.out_shape), size_of(pitch)
    return texts.SUM_STEP_NAME.format(level=step.level, size=size, pixels=pixels)
