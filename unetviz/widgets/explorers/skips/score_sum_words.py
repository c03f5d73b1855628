"""One sum of an FCN on one image: its numbers pixel by pixel, and what can be said of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10

import numpy as np

from unetviz.geometry.box import Box
from unetviz.geometry.graph import Step
from unetviz.geometry.ops import size_of
from unetviz.geometry.strides import strides
from unetviz.geometry.tables.table import Table
from unetviz.labs.metrics import SegmentationScore
from unetviz.nets.running.score_sums import ScoreSums

from ...parts.masks import NO_OUTLINE, score_cells

_SUM_HEADINGS = (
    "part",
    "Dice",
    "boundary error (pixels)",
    "pixels with positive score, of {all:,}",
)
_SUM_VERDICTS = (
    {1: "foreground", -1: "background", 0: "neither, it is 0"},
    {1: "more for the last class", -1: "more for the first class", 0: "neither, it is 0"},
)
_SUM_DECIDES = {
    "coarse": "The sum has the sign of the coarse score, against the finer one: coarse decides.",
    "finer": "The sum has the sign of the finer score, against the coarse one: finer decides.",
    "both": "Both scores have the sign of the sum: they agree.",
    "neither": "The sum has the sign of neither score: nobody decides.",
}
_SURGERY_NO_TRUTH = "The true mask is not known, so there is no score."
_SUM_ROWS = {"coarse": "coarse alone", "finer": "finer alone", "total": "sum"}
_SUM_BEST = {"coarse": "coarse alone", "finer": "finer alone", "total": "the sum"}

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
    lines = [pixel_sentence(found, pixel), _SUM_DECIDES[found.decides(pixel)]]
    scores = {part: score for part, (_, score) in found.results.items() if score}
    lines += _alone(scores) if scores else [_SURGERY_NO_TRUTH]
    lines.append(_opposed(found))
    around = [
        "What comes from below holds the sum of level {level} already.".format(level=level)
        for level in found.before
    ]
    around += [
        (
            "The finer scores of level {level} are still to be added: all three masks include "
            "that sum."
        ).format(level=level)
        for level in found.after
    ]
    around += ["No other sum follows."] * (not found.after)
    lines.append(" ".join(around))
    if any(np.isinf(score.boundary_error) for score in scores.values()):
        lines.append(NO_OUTLINE)
    return [
        *lines,
        (
            "For a mask of one part alone the other part is 0. The network was trained with "
            "the sum, never with one part: nothing keeps the 0 of a part alone in a useful "
            "place."
        ),
    ]


def pixel_sentence(found: SumInParts, pixel: Pixel) -> str:
    """Say in numbers what is added at a pixel, and what the sum says."""
    box = found.box(pixel)
    verdicts = _SUM_VERDICTS[found.step.out_shape[2] > 2]
    return (
        "At row {row}, column {column} (input pixels {top}-{bottom} x {left}-{right}): coarse "
        "{coarse} + finer {finer} = {total}: {verdict}."
    ).format(
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
    lines = [
        (
            "Dice on this image: coarse alone {coarse:.3f}, finer alone {finer:.3f}, the sum "
            "{total:.3f}. Best: {best}."
        ).format(best=best, **dices)
    ]
    lines += [
        "Nearest to the true outline, on the whole: {nearest}.".format(nearest=nearest)
    ] * isfinite(min(errors.values()))
    return lines


def _named(parts: Iterable[str]) -> str:
    return " and ".join(_SUM_BEST[part] for part in parts)


def _opposed(found: SumInParts) -> str:
    opposed = found.opposed
    if not opposed.any():
        return (
            "In none of the {all:,} pixels of the map have coarse and finer opposite signs.".format(
                all=opposed.size
            )
        )
    wins = opposed & (np.sign(found.scores["total"]) == np.sign(found.scores["finer"]))
    words = {"count": opposed.sum(), "all": opposed.size, "wins": wins.sum()}
    return (
        "In {count:,} of {all:,} pixels of the map coarse and finer have opposite signs; in "
        "{wins:,} of these the finer score wins."
    ).format(**words)


def parts_table(found: SumInParts) -> Table:
    """Table of what each part achieves alone, and of how much of its map is positive."""
    rows = []
    for part, words in _SUM_ROWS.items():
        score = found.results[part][1]
        count = f"{(found.scores[part] > 0).sum():,}"
        rows.append((words, *score_cells(score), count))
    *names, last = _SUM_HEADINGS
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
        raise ValueError(
            (
                "{step} adds feature maps of {channels} channels, not a score for each of "
                '{classes} classes; take an FCN with skips, such as load_pretrained("fcn_8s")'
            ).format(step=name, channels=channels, classes=classes)
        )
    return names


def pitch_of(sums: ScoreSums, step: str) -> tuple[int, int]:
    """Return the rows and columns of the input for one pixel of a sum's map."""
    finer = sums.steps[step][1]
    rows, columns = (int(strides(sums.trace, axis)[finer]) for axis in (0, 1))
    return rows, columns


def step_name(step: Step, pitch: tuple[int, int]) -> str:
    """Return the words for a sum in a list: its level, its size, and how coarse it is."""
    size, pixels = size_of(step.out_shape), size_of(pitch)
    return "level {level}: sizes {size}, one score for {pixels} pixels".format(
        level=step.level, size=size, pixels=pixels
    )
