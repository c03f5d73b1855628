"""The skips of an FCN taken apart: coarse scores, finer scores, their sum, and a mask of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import floor, isfinite, log10
from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import BoxMark
from unetviz.draw.images.colours import coloured, limits_of
from unetviz.geometry._checks import integer
from unetviz.geometry.box import Box
from unetviz.geometry.graph import Step
from unetviz.geometry.ops import size_of
from unetviz.geometry.strides import strides
from unetviz.geometry.tables.table import Table, escaped
from unetviz.geometry.trace import Trace
from unetviz.labs.metrics import SegmentationScore, foreground
from unetviz.nets.running.feature_maps import feature_maps
from unetviz.nets.running.surgery import SkipChange, SkipSurgery

from ...parts.controls import choice, row
from ...parts.image_fitting import images_for, parts_of, sized_network
from ...parts.masks import (
    AGAINST_TRUTH,
    NO_OUTLINE,
    NO_TRUTH,
    MaskComparison,
    Result,
    evaluated,
    legend_line,
    mask_image,
    results_table,
    seen_part,
)
from ...parts.network_image import output_window
from ...parts.panel import Panel
from ...parts.still_sheet import Shown, draw_sheet

PARTS = ("coarse", "finer", "total")
_CHANGES = {
    "coarse": SkipChange("zero", of="skip"),
    "finer": SkipChange("zero", of="below"),
    "total": SkipChange("keep"),
}
"""What is left out of a sum for a mask of each part alone, and of all."""
_VERDICTS = (
    {1: "foreground", -1: "background", 0: "neither, it is 0"},
    {1: "more for the last class", -1: "more for the first class", 0: "neither, it is 0"},
)
_DECIDES = {
    "coarse": "The sum has the sign of the coarse score, against the finer one: coarse decides.",
    "finer": "The sum has the sign of the finer score, against the coarse one: finer decides.",
    "both": "Both scores have the sign of the sum: they agree.",
    "neither": "The sum has the sign of neither score: nobody decides.",
}
_ALONE = {"coarse": "coarse alone", "finer": "finer alone", "total": "the sum"}

_MOST_DECIMALS = 12
Pixel = tuple[int, int]
"""Row and column of a map."""

_MASKS = {
    part: "{number}. Mask of {part}".format(number=number, part=words)
    for number, (part, words) in enumerate(_ALONE.items(), start=4)
}
_SCORES = (
    "Score: that of the one class.",
    "Score: foreground minus background.",
    "Score: last class minus first class.",
)
_SIGNS = ("+", "=")
_MAPS = {
    "coarse": "1. Coarse: up-sampled",
    "finer": "2. Finer: from the skip",
    "total": "3. Sum",
}

_SIDE = 256  # pixels of the screen for each image; three stand in a row, with signs between


class ScoreSumExplorer(Panel):
    """Take a sum of an FCN apart: what each part says of each pixel, and the mask that it makes.

    Parameters
    ----------
    model : keras.Model
        An FCN with skips, such as ``load_pretrained("fcn_8s")``.
    images : dict of str to object or array
        Images of the model's size, by the words in the list: arrays of shape (h, w), or objects
        with such an ``image`` and a ``mask``, as `synthetic_cells` makes them.

    Attributes
    ----------
    image, step : ipywidgets.Dropdown
        Which image it is, and the name of the step that adds.
    maps, masks : dict of str to ImageView
        Of ``"coarse"``, ``"finer"`` and ``"total"``; all count in pixels of the input.
    pixel : (int, int)
        Row and column of the chosen pixel of the map; setting it chooses another. After each
        change of the image or of the sum it is the one at which the parts disagree most.

    Raises
    ------
    TypeError, ValueError
        If the model adds no scores, or there are no images, or they do not fit.
    """

    def __init__(self, model: Any, images: Mapping[str, Any]):
        model = sized_network(model, images)
        self._model, self.surgery = model, SkipSurgery(model)
        names = sum_names(self.surgery)
        self._images = images_for(model, images)
        self._seen: dict[tuple[str, str], tuple[SumInParts, dict[str, Shown]]] = {}
        self.image = choice("Image", {n: n for n in self._images}, "300px")
        self.step = choice("Sum", names, "480px")
        self._map_row = MaskComparison(_MAPS, _SIDE, _SIGNS)
        self._mask_row = MaskComparison(_MASKS, _SIDE, ("", ""))
        self.maps, self.masks = self._map_row.views, self._mask_row.views
        guide = ipywidgets.HTML(_guide(_classes(self.surgery.trace)))
        top = row(self.image, self.step)
        # What is said of a pixel stands right below the maps on which it is chosen.
        super().__init__([top, guide, self._map_row, self._mask_row], note_at=3)
        self._show_sum()
        for control in (self.image, self.step):
            control.observe(self.guarded(self._show_sum), names="value")
        for view in self.maps.values():
            view.observe(self.guarded(self._choose_pixel), names=["point", "held"])

    @property
    def pixel(self) -> tuple[int, int]:
        """Row and column of the chosen pixel of the map."""
        return self._pixel

    @pixel.setter
    def pixel(self, pixel: tuple[int, int]) -> None:
        (down, across), (height, width) = pixel, self._found.shape
        self._pixel = (
            integer("row", down, 0, height - 1),
            integer("column", across, 0, width - 1),
        )
        box = self._found.box(self._pixel)
        with self.changing_itself():
            for view in self.maps.values():
                # Where it was chosen it is there already, and the next key may be on its way.
                if not view.point or self._found.pixel_at(view.point) != self._pixel:
                    view.point = [(box.top + box.bottom) // 2, (box.left + box.right) // 2]
        self._show_pixel()

    def _choose_pixel(self, change: Any) -> None:
        """Take the pixel that was clicked on; what the pointer passes over does not count."""
        view = change.owner
        if view.held and view.point and self._found.pixel_at(view.point) != self.pixel:
            self.pixel = self._found.pixel_at(view.point)

    def _show_sum(self, _: Any = None) -> None:
        """Take another sum apart, or the same one on another image."""
        key = self.image.value, self.step.value
        if key not in self._seen:
            self._seen[key] = self._explain_sum(*key)
        self._found, self._masks = self._seen[key]
        rows, columns = self._found.shape
        last = self._found.box((rows - 1, columns - 1))
        for view in self.maps.values():
            view.pitch = list(self._found.pitch)
            view.follow(Box(0, 0, last.bottom, last.right), {}, [], {})
        self.pixel = self._found.most_opposed()

    def _explain_sum(self, name: str, step: str) -> tuple[SumInParts, dict[str, Shown]]:
        """The numbers, and the pixels and legends of the masks."""
        trace, level = self.surgery.trace, self.surgery.trace[step].level
        levels = [trace[name].level for name in dict(self.step.options).values()]
        image, mask = parts_of(self._images[name])
        grey, truth = seen_part(trace, image, mask)
        join = self.surgery.joins[level]
        (finer,), (coarse,) = join.skips, join.below
        maps = feature_maps(self._model, image, [coarse, finer])
        scores = maps[coarse], maps[finer], maps[coarse] + maps[finer]
        results = {
            part: evaluated(foreground(self.surgery.predict(image, {level: change})), truth)
            for part, change in _CHANGES.items()
        }
        parts = SumInParts(
            image=name,
            step=trace[step],
            pitch=pitch_of(self.surgery, level),
            frame=Box(0, 0, *trace.steps[0].out_shape[:2]),
            before=tuple(levels[: levels.index(level)]),
            after=tuple(levels[levels.index(level) + 1 :]),
            scores=dict(zip(PARTS, map(margin, scores), strict=True)),
            results=results,
        )
        return parts, {p: mask_image(grey, results[p], truth, AGAINST_TRUTH) for p in PARTS}

    def _show_pixel(self) -> None:
        """Show the maps at the scale of the input and the masks, with the chosen pixel on all."""
        found, (down, across) = self._found, self._found.pitch
        frame, window = found.frame, output_window(self.surgery.trace)
        longer = max(frame.height, frame.width)
        low, high = limits_of(np.stack(list(found.scores.values())), "diverging")
        words = "one scale: {low:.3g} blue, {high:.3g} red".format(low=low, high=high)
        chosen = BoxMark(found.box(self.pixel), "bottleneck", "", is_map=False)
        for part, value in found.numbers(self.pixel).items():
            pixels = coloured(found.scores[part], "diverging", (low, high))
            pixels = pixels.repeat(down, 0).repeat(across, 1)[: frame.bottom, : frame.right]
            named = replace(chosen, words="chosen (yellow): {value}".format(value=value))
            self._map_row.show(part, pixels, [legend_line("", words), named], frame=longer)
            pixels, lines = self._masks[part]
            self._mask_row.show(part, pixels, [*lines, chosen], window, frame=longer)
        self.describe("neutral", sentences(found, self.pixel))

    def as_markdown(self) -> str:
        """Return what each part achieves as a table, and the sentences below."""
        found = self._found
        where = "{image}; {step}".format(image=found.image, step=step_name(found.step, found.pitch))
        table = parts_table(found).as_markdown()
        return "\n\n".join([escaped(where), table, super().as_markdown()])

    def still(self) -> Drawing:
        """Return the three maps and the three masks on a sheet."""
        shown = [*self._map_row.shown.values(), *self._mask_row.shown.values()]
        return draw_sheet(shown, len(PARTS), pixel_sentence(self._found, self.pixel))


def _guide(classes: int) -> str:
    """What the colours are, and how a pixel is chosen, as HTML."""
    words = (
        "{score} Red is above 0, blue below, in one scale for all maps. Click a square, or "
        "use arrow keys."
    ).format(score=_SCORES[min(classes, 3) - 1])
    return f"<div style='color:var(--jp-content-font-color1,inherit)'>{escape(words)}</div>"


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
    results : dict of str to Result
        The mask that the rest of the network makes of each, and how good it is if that is known.
    """

    image: str
    step: Step
    pitch: tuple[int, int]
    frame: Box
    before: tuple[int, ...]
    after: tuple[int, ...]
    scores: dict[str, np.ndarray]
    results: dict[str, Result]

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
    lines = [pixel_sentence(found, pixel), _DECIDES[found.decides(pixel)]]
    scores = {part: score for part, (_, score) in found.results.items() if score}
    lines += _alone(scores) if scores else [NO_TRUTH]
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
    verdicts = _VERDICTS[found.step.out_shape[2] > 2]
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
    return " and ".join(_ALONE[part] for part in parts)


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
    rows = [
        (words, found.results[part], f"{(found.scores[part] > 0).sum():,}")
        for part, words in _ALONE.items()
    ]
    last = "pixels with positive score, of {all:,}".format(all=found.scores["total"].size)
    return results_table(rows, ("part", last))


def sum_names(surgery: SkipSurgery) -> dict[str, str]:
    """Return the steps that add a score for each class, by the words for a list.

    Raises
    ------
    ValueError
        If only feature maps are joined, as in a U-Net.
    """
    classes, joins = _classes(surgery.trace), surgery.joins
    names = {
        step_name(join.step, pitch_of(surgery, level)): join.step.name
        for level, join in joins.items()
        if join.step.kind == "add"
        and len(join.step.inputs) == 2
        and join.step.out_shape[2] == classes
    }
    if not names:
        step = next(iter(joins.values())).step
        raise ValueError(
            (
                "{step} joins feature maps of {channels} channels, it does not add a score for "
                "each of {classes} classes; take an FCN with skips, such as "
                'load_pretrained("fcn_8s")'
            ).format(step=step.name, channels=step.out_shape[2], classes=classes)
        )
    return names


def _classes(trace: Trace) -> int:
    return trace.steps[-1].out_shape[2]


def pitch_of(surgery: SkipSurgery, level: int) -> tuple[int, int]:
    """Return the rows and columns of the input for one pixel of a sum's map."""
    (finer,) = surgery.joins[level].skips
    rows, columns = (int(strides(surgery.trace, axis)[finer]) for axis in (0, 1))
    return rows, columns


def step_name(step: Step, pitch: tuple[int, int]) -> str:
    """Return the words for a sum in a list: its level, its size, and how coarse it is."""
    size, pixels = size_of(step.out_shape), size_of(pitch)
    return "level {level}: sizes {size}, one score for {pixels} pixels".format(
        level=step.level, size=size, pixels=pixels
    )
