"""The skips of an FCN taken apart: coarse scores, finer scores, their sum, and a mask of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from unetviz.labs.metrics import SegmentationScore
from unetviz.nets.running.score_sums import PARTS, ScoreSums

from ...parts.array_view import placed
from ...parts.controls import choice, row
from ...parts.image_fitting import images_for, parts_of
from ...parts.masks import (
    AGAINST_TRUTH,
    NO_OUTLINE,
    NO_TRUTH,
    evaluated,
    legend_line,
    mask_image,
    score_cells,
    seen_part,
)
from ...parts.network_image import moved, output_window, screen_zoom
from ...parts.panel import Panel
from ...parts.still_sheet import draw_sheet, sheet_place
from ...views.image.view import ImageView

_HEADINGS = (
    "part",
    "Dice",
    "boundary error (pixels)",
    "pixels with positive score, of {all:,}",
)
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
_ROWS = {"coarse": "coarse alone", "finer": "finer alone", "total": "sum"}
_BEST = {"coarse": "coarse alone", "finer": "finer alone", "total": "the sum"}

_MOST_DECIMALS = 12
Pixel = tuple[int, int]
"""Row and column of a map."""
Drawn = tuple[np.ndarray, list[BoxMark]]
"""Pixels, and the boxes on them with the lines of their legend."""

_MASKS = {
    "coarse": "4. Mask of coarse alone",
    "finer": "5. Mask of finer alone",
    "total": "6. Mask of the sum",
}
_SCORES = (
    "Score: that of the one class.",
    "Score: foreground minus background.",
    "Score: last class minus first class.",
)
_SIGNS = {"finer": "+", "total": "="}
_MAPS = {
    "coarse": "1. Coarse: up-sampled",
    "finer": "2. Finer: from the skip",
    "total": "3. Sum",
}

_SIDE = 256  # pixels of the screen for each image; three stand in a row, with signs between
_SIGN = 20
_PAPER = 127  # grey where a map does not cover the whole image


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
        self.sums = ScoreSums(model)
        names = sum_names(self.sums)
        self._images = images_for(model, images)
        self._seen: dict[tuple[str, str], tuple[SumInParts, dict[str, Drawn]]] = {}
        self.image = choice("Image", {n: n for n in self._images}, "300px")
        self.step = choice("Sum", names, "480px")
        layout = {"width": f"{_SIDE + 4}px"}
        self.maps = {part: ImageView(layout=layout) for part in PARTS}
        self.masks = {part: ImageView(layout=layout) for part in PARTS}
        guide = ipywidgets.HTML(_guide(_classes(self.sums)))
        above = row(*_with_signs(self.maps, _SIGNS))
        below = row(*_with_signs(self.masks, {}))
        top = row(self.image, self.step)
        # What is said of a pixel stands right below the maps on which it is chosen.
        super().__init__([top, guide, above, below], note_at=3)
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

    def _explain_sum(self, name: str, step: str) -> tuple[SumInParts, dict[str, Drawn]]:
        """The numbers, and the pixels and legends of the masks."""
        trace, steps = self.sums.trace, list(dict(self.step.options).values())
        image, mask = parts_of(self._images[name])
        grey, truth = seen_part(trace, image, mask)
        found = self.sums.explain_value(image, step)
        results = {part: evaluated(found.masks[part], truth) for part in PARTS}
        place, levels = steps.index(step), [trace[name].level for name in steps]
        parts = SumInParts(
            image=name,
            step=trace[step],
            pitch=pitch_of(self.sums, step),
            frame=Box(0, 0, *trace.steps[0].out_shape[:2]),
            before=tuple(levels[:place]),
            after=tuple(levels[place + 1 :]),
            scores={part: margin(getattr(found, part)) for part in PARTS},
            results=results,
        )
        words = AGAINST_TRUTH
        return parts, {part: mask_image(grey, results[part], truth, words) for part in PARTS}

    def _show_pixel(self) -> None:
        zoom = screen_zoom(max(self._found.frame.height, self._found.frame.width), _SIDE)
        self._drawn = {}
        for part in PARTS:
            self._drawn[_MAPS[part]] = self.maps[part], *self._map(part)
        for part in PARTS:
            self._drawn[_MASKS[part]] = self.masks[part], *self._mask(part)
        for title, (view, pixels, marks) in self._drawn.items():
            label = "{title}. A click or arrow keys choose a pixel." if view.area else "{title}"
            view.label = label.format(title=title)
            view.show(placed(pixels, zoom, marks[0].box), marks)
        self.describe("neutral", sentences(self._found, self.pixel))

    def _map(self, part: str) -> Drawn:
        """A map at the scale of the input, and the lines of its legend."""
        scores, (down, across), frame = self._found.scores, self._found.pitch, self._found.frame
        limits = limits_of(np.stack(list(scores.values())), "diverging")
        pixels = coloured(scores[part], "diverging", limits).repeat(down, 0).repeat(across, 1)
        pixels = pixels[: frame.bottom, : frame.right]
        value = "chosen (yellow): {value}".format(value=self._found.numbers(self.pixel)[part])
        marks = [
            BoxMark(Box(0, 0, *pixels.shape[:2]), "grid", _MAPS[part], is_map=False),
            legend_line(
                "",
                "one scale: {low:.3g} blue, {high:.3g} red".format(low=limits[0], high=limits[1]),
            ),
            BoxMark(self._found.box(self.pixel), "bottleneck", value, is_map=False),
        ]
        return pixels, marks

    def _mask(self, part: str) -> Drawn:
        """A mask, and the lines of its legend."""
        pixels, lines = self._masks[part]
        whole = BoxMark(output_window(self.sums.trace), "grid", _MASKS[part], is_map=False)
        return pixels, [whole, *lines, BoxMark(self._found.box(self.pixel), "bottleneck", "")]

    def as_markdown(self) -> str:
        """Return what each part achieves as a table, and the sentences below."""
        found = self._found
        where = "{image}; {step}".format(image=found.image, step=step_name(found.step, found.pitch))
        table = parts_table(found).as_markdown()
        return "\n\n".join([escaped(where), table, super().as_markdown()])

    def still(self) -> Drawing:
        """Return the three maps and the three masks on a sheet."""
        frame, marks, papers = self._found.frame, [], []
        for i, (_, pixels, lines) in enumerate(self._drawn.values()):
            papers.append(_on_paper(pixels, lines[0].box, frame))
            place = sheet_place(i, papers[i].shape, len(PARTS))
            words = "; ".join(line.words for line in lines if line.words)
            chosen = moved(self._found.box(self.pixel), place.top, place.left)
            marks += [
                BoxMark(place, "grid", words, is_map=False),
                BoxMark(chosen, "bottleneck", ""),
            ]
        return draw_sheet(papers, len(PARTS), marks, pixel_sentence(self._found, self.pixel))


def _guide(classes: int) -> str:
    """What the colours are, and how a pixel is chosen, as HTML."""
    words = (
        "{score} Red is above 0, blue below, in one scale for all maps. Click a square, or "
        "use arrow keys."
    ).format(score=_SCORES[min(classes, 3) - 1])
    return f"<div style='color:var(--jp-content-font-color1,inherit)'>{escape(words)}</div>"


def _with_signs(views: Mapping[str, ImageView], signs: Mapping[str, str]) -> list[Any]:
    """Views in a row, with a sign or as much room before all but the first."""
    style = f"height:{_SIDE}px;display:flex;align-items:center;justify-content:center;"
    colour = "font-size:24px;color:var(--jp-content-font-color1,inherit)"
    shown: list[Any] = []
    for part, view in views.items():
        sign = f"<div style='{style}{colour}'>{signs.get(part, '')}</div>"
        if shown:
            shown.append(ipywidgets.HTML(sign, layout={"width": f"{_SIGN}px"}))
        shown.append(view)
    return shown


def _on_paper(pixels: np.ndarray, box: Box, frame: Box) -> np.ndarray:
    """Colours at their place in the input, grey around them."""
    paper = np.full((frame.height, frame.width, 3), _PAPER, np.uint8)
    paper[box.top : box.bottom, box.left : box.right] = pixels
    return paper


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
    return " and ".join(_BEST[part] for part in parts)


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
    for part, words in _ROWS.items():
        score = found.results[part][1]
        count = f"{(found.scores[part] > 0).sum():,}"
        rows.append((words, *score_cells(score), count))
    *names, last = _HEADINGS
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
    classes = _classes(sums)
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


def _classes(sums: ScoreSums) -> int:
    return sums.trace.steps[-1].out_shape[2]


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
