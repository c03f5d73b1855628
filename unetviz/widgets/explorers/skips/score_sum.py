"""The skips of an FCN taken apart: coarse scores, finer scores, their sum, and a mask of each."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import Mark, PlacedImage, draw_image
from unetviz.draw.images.colours import SHEET_GAP, coloured, contact_sheet, limits_of, png_of
from unetviz.draw.unet.layout import MARGIN, WIDTH
from unetviz.geometry._checks import integer
from unetviz.geometry.box import Box
from unetviz.geometry.tables.table import escaped
from unetviz.nets.running.score_sums import PARTS, ScoreSums

from ...parts.controls import choice, row
from ...parts.image_fitting import images_for, parts_of
from ...parts.masks import AGAINST_TRUTH, evaluated, legend_line, mask_image, seen_part
from ...parts.network_image import output_window, screen_zoom
from ...parts.panel import Panel
from ...views.image.view import ImageView
from .score_sum_words import (
    SumInParts,
    margin,
    parts_table,
    pitch_of,
    pixel_sentence,
    sentences,
    step_name,
    sum_names,
)

_SUM_MASKS = {
    "coarse": "4. Mask of coarse alone",
    "finer": "5. Mask of finer alone",
    "total": "6. Mask of the sum",
}
_SUM_SCORES = (
    "Score: that of the one class.",
    "Score: foreground minus background.",
    "Score: last class minus first class.",
)
_SUM_SIGNS = {"finer": "+", "total": "="}
_SUM_MAPS = {
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
        self._images, self._seen = images_for(model, images), {}
        self.image = choice("Image", {n: n for n in self._images}, "300px")
        self.step = choice("Sum", names, "480px")
        layout = {"width": f"{_SIDE + 4}px"}
        self.maps = {part: ImageView(layout=layout) for part in PARTS}
        self.masks = {part: ImageView(layout=layout) for part in PARTS}
        guide = ipywidgets.HTML(_guide(self.sums.trace.output_shape[2]))
        above = row(*_with_signs(self.maps, _SUM_SIGNS))
        below = row(*_with_signs(self.masks, {}))
        top = row(self.image, self.step)
        super().__init__([top, guide, above, below])
        # What is said of a pixel stands right below the maps on which it is chosen.
        self.children = (top, guide, above, self.note, below)
        self._change()
        for control in (self.image, self.step):
            control.observe(self.guarded(self._change), names="value")
        for view in self.maps.values():
            view.observe(self.guarded(self._pick), names=["point", "held"])

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
        for view in self.maps.values():
            # The view in which it was chosen is left alone: there the next key may be on its way.
            if not view.point or self._found.pixel_at(view.point) != self._pixel:
                view.point = [(box.top + box.bottom) // 2, (box.left + box.right) // 2]
        self._show()

    def _pick(self, change: Any) -> None:
        """Take the pixel that was clicked on; what the pointer passes over does not count."""
        view = change.owner
        if view.held and view.point and self._found.pixel_at(view.point) != self.pixel:
            self.pixel = self._found.pixel_at(view.point)

    def _change(self, _: Any = None) -> None:
        """Take another sum apart, or the same one on another image."""
        key = self.image.value, self.step.value
        if key not in self._seen:
            self._seen[key] = self._explain_value(*key)
        self._found, self._masks = self._seen[key]
        rows, columns = self._found.shape
        last = self._found.box((rows - 1, columns - 1))
        for view in self.maps.values():
            view.pitch = list(self._found.pitch)
            view.follow(Box(0, 0, last.bottom, last.right), {}, [], {})
        self.pixel = self._found.most_opposed()

    def _explain_value(
        self, name: str, step: str
    ) -> tuple[SumInParts, dict[str, tuple[np.ndarray, list[Mark]]]]:
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

    def _show(self) -> None:
        zoom = screen_zoom(max(self._found.frame.height, self._found.frame.width), _SIDE)
        self._drawn = {}
        for part in PARTS:
            self._drawn[_SUM_MAPS[part]] = self.maps[part], *self._map(part)
        for part in PARTS:
            self._drawn[_SUM_MASKS[part]] = self.masks[part], *self._mask(part)
        for title, (view, pixels, marks) in self._drawn.items():
            label = "{title}. A click or arrow keys choose a pixel." if view.area else "{title}"
            view.label = label.format(title=title)
            view.show(PlacedImage(png_of(pixels), marks[0].box, zoom), marks)
        self.say("neutral", sentences(self._found, self.pixel))

    def _map(self, part: str) -> tuple[np.ndarray, list[Mark]]:
        """A map at the scale of the input, and the lines of its legend."""
        scores, (down, across), frame = self._found.scores, self._found.pitch, self._found.frame
        limits = limits_of(np.stack(list(scores.values())), "diverging")
        pixels = coloured(scores[part], "diverging", limits).repeat(down, 0).repeat(across, 1)
        pixels = pixels[: frame.bottom, : frame.right]
        value = "chosen (yellow): {value}".format(value=self._found.numbers(self.pixel)[part])
        marks = [
            Mark(Box(0, 0, *pixels.shape[:2]), "grid", _SUM_MAPS[part], is_map=False),
            legend_line(
                "",
                "one scale: {low:.3g} blue, {high:.3g} red".format(low=limits[0], high=limits[1]),
            ),
            Mark(self._found.box(self.pixel), "bottleneck", value, is_map=False),
        ]
        return pixels, marks

    def _mask(self, part: str) -> tuple[np.ndarray, list[Mark]]:
        """A mask, and the lines of its legend."""
        pixels, lines = self._masks[part]
        whole = Mark(output_window(self.sums.trace), "grid", _SUM_MASKS[part], is_map=False)
        return pixels, [whole, *lines, Mark(self._found.box(self.pixel), "bottleneck", "")]

    def as_markdown(self) -> str:
        """Return what each part achieves as a table, and the sentences below."""
        found = self._found
        where = "{image}; {step}".format(image=found.image, step=step_name(found.step, found.pitch))
        lines = map(escaped, sentences(found, self.pixel))
        return "\n\n".join([escaped(where), parts_table(found).as_markdown(), *lines])

    def still(self) -> Drawing:
        """Return the three maps and the three masks on a sheet."""
        frame, marks, papers = self._found.frame, [], []
        for i, (_, pixels, lines) in enumerate(self._drawn.values()):
            papers.append(_on_paper(pixels, lines[0].box, frame))
            top = (i // len(PARTS)) * (frame.height + SHEET_GAP)
            left = (i % len(PARTS)) * (frame.width + SHEET_GAP)
            words = "; ".join(line.words for line in lines if line.words)
            marks += [
                Mark(_moved(frame, top, left), "grid", words, is_map=False),
                Mark(_moved(self._found.box(self.pixel), top, left), "bottleneck", ""),
            ]
        sheet = contact_sheet(papers, len(PARTS))
        zoom = screen_zoom(sheet.shape[1], int(WIDTH - 2 * MARGIN))
        image = PlacedImage(png_of(sheet), Box(0, 0, *sheet.shape[:2]), zoom)
        return draw_image(image, marks, pixel_sentence(self._found, self.pixel))


def _guide(classes: int) -> str:
    """What the colours are, and how a pixel is chosen, as HTML."""
    words = (
        "{score} Red is above 0, blue below, in one scale for all maps. Click a square, or "
        "use arrow keys."
    ).format(score=_SUM_SCORES[min(classes, 3) - 1])
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


def _moved(box: Box, down: int, across: int) -> Box:
    return Box(box.top + down, box.left + across, box.bottom + down, box.right + across)
