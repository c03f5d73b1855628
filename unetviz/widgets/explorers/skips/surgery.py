"""Skip surgery: change the skips of a trained network and see what its mask becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import Mark, PlacedImage, draw_image
from unetviz.draw.images.colours import contact_sheet, png_of
from unetviz.draw.unet.layout import MARGIN, WIDTH
from unetviz.geometry.receptive_field import Box
from unetviz.geometry.tables.table import Table, escaped
from unetviz.labs.images.arrays import as_floats, checked_image
from unetviz.labs.metrics import SegmentationScore, both_sides, foreground
from unetviz.nets.running.surgery import SkipChange, SkipSurgery

from ... import texts
from ...parts.controls import choice, number_box, row
from ...parts.image_fitting import images_for, parts_of
from ...parts.masks import evaluated, legend_line, mask_image, seen_part, style_colour
from ...parts.network_image import screen_zoom
from ...parts.panel import Panel, note
from ...views.image.view import ImageView

_SIDE = 200  # pixels of the screen for each image; four stand in a row
_SMALL = 0.01  # a smaller part of the pixels, or change of the Dice score, is called little


class SurgeryExplorer(Panel):
    """Switch skips of a network off, mix, move or exchange them; each mask is a real pass.

    Parameters
    ----------
    model : keras.Model
        A trained network with skips, of fixed size.
    images : dict of str to object or array
        Images of the model's size, by the words in the list: arrays of shape (h, w), or objects
        with such an ``image`` and a ``mask``, as `synthetic_cells` makes them.
    without_skips : keras.Model, optional
        A network of the same sizes that was trained without skips, to show beside it.

    Attributes
    ----------
    levels : dict of int to ipywidgets.Dropdown
        What is done to each skip, as in `SkipChange`; ``"other"`` takes the next image.

    Raises
    ------
    ValueError
        If the model has no skips, or images or networks do not fit it.
    """

    def __init__(self, model: Any, images: Mapping[str, Any], without_skips: Any = None):
        self.surgery = SkipSurgery(model)
        self._images = images_for(model, images, without_skips)
        self._without, self._busy, self._seen = without_skips, False, {}
        self._controls()
        kinds = ["image", "untouched", "changed", *["without"] * (without_skips is not None)]
        self.views = {kind: ImageView(layout={"width": f"{_SIDE + 6}px"}) for kind in kinds}
        top = row(self.image, self.rows, self.columns, *self.buttons.values())
        super().__init__([top, row(*self.levels.values()), row(*self.views.values())])
        self._change()
        for control in (self.image, *self.levels.values(), self.rows, self.columns):
            control.observe(self.guarded(self._change), names="value")
        for kind, button in self.buttons.items():
            button.on_click(self.guarded(lambda _, to=kind: self._set_all(to)))

    def _controls(self) -> None:
        """Make what chooses the image and changes the skips."""
        self.image = choice(texts.SURGERY_IMAGE, {n: n for n in self._images}, "260px")
        several = len(self._images) > 1
        kinds = {w: kind for w, kind in texts.SURGERY_KINDS.items() if several or kind != "other"}
        self.levels = {
            level: choice(texts.SURGERY_SKIP.format(level=level), kinds, "190px")
            for level in self.surgery.levels
        }
        largest = max(n for shape in self.surgery.shapes.values() for n in shape[:2])
        self.rows, self.columns = (number_box(n, largest, "140px") for n in texts.SURGERY_SHIFT)
        self.rows.min = self.columns.min = -largest
        self.buttons = {
            kind: ipywidgets.Button(description=words, layout={"width": "120px"})
            for kind, words in texts.SURGERY_ALL.items()
        }

    def _set_all(self, kind: str) -> None:
        self._busy = True
        for control in self.levels.values():
            control.value = kind
        self._busy = False
        self._change()

    @property
    def changes(self) -> dict[int, SkipChange]:
        """What the controls say now, by level; only what is changed."""
        return {
            level: SkipChange(control.value, self.rows.value, self.columns.value)
            for level, control in self.levels.items()
            if control.value != "keep"
        }

    def _change(self, _: Any = None) -> None:
        if self._busy:
            return
        # Asked for once: while this runs another thread may change what the list says.
        name, names, changes = self.image.value, list(self._images), self.changes
        other = names[(names.index(name) + 1) % len(names)]
        image, mask = parts_of(self._images[name])
        try:
            found = self.surgery.predict(image, changes, parts_of(self._images[other])[0])
        except ValueError as error:
            self.note.value = note("wrong", texts.REFUSED.format(error=error))
            return
        self._other, self._shown = other, changes
        self._take(name, image, mask)
        self._results["changed"] = self._result(found)
        self._drawn = {kind: self._draw(kind) for kind in self.views}
        box, zoom = Box(0, 0, *self._grey.shape[:2]), screen_zoom(max(self._grey.shape), _SIDE)
        for kind, view in self.views.items():
            pixels, marks = self._drawn[kind]
            view.label = texts.SURGERY_VIEWS[kind]
            view.show(PlacedImage(png_of(pixels), box, zoom), marks)
        self.say("neutral", self._sentences())

    def _take(self, name: str, image: Any, mask: Any) -> None:
        """Look up or compute what depends on the image alone, in the window that comes out."""
        trace = self.surgery.trace
        self._grey, self._truth = seen_part(trace, image, mask)
        if name not in self._seen:
            found = {"untouched": self._result(self.surgery.predict(image))}
            if self._without is not None:
                floats = as_floats(checked_image(image, trace.steps[0].out_shape[2]))
                alone = self._without.predict_on_batch(floats[np.newaxis])[0]
                found["without"] = self._result(alone)
            self._seen[name] = found
        self._results = dict(self._seen[name])

    def _result(self, probabilities: np.ndarray) -> tuple[np.ndarray, SegmentationScore | None]:
        return evaluated(foreground(probabilities), self._truth)

    def _draw(self, kind: str) -> tuple[np.ndarray, list[Mark]]:
        """The pixels of a view, and the lines of its legend."""
        box = Box(0, 0, *self._grey.shape[:2])
        marks = [Mark(box, "grid", texts.SURGERY_VIEWS[kind], is_map=kind == "image")]
        if kind == "image" and self._truth is None:
            return self._grey, [*marks, legend_line("", texts.SURGERY_NO_TRUTH)]
        if kind == "image":
            border = both_sides(self._truth)
            pixels = np.where(border[..., np.newaxis], style_colour("bottleneck"), self._grey)
            return pixels, [*marks, legend_line("bottleneck", texts.SURGERY_OUTLINE)]
        reference, words = self._results["untouched"][0], texts.SURGERY_TO_UNTOUCHED
        if kind == "untouched":
            reference, words = self._truth, texts.SURGERY_TO_TRUTH
        pixels, lines = mask_image(self._grey, self._results[kind], reference, words)
        return pixels, marks + lines

    def _what(self) -> str:
        """What is changed, in words; empty for nothing."""
        words = ((texts.SURGERY_WHAT[c.kind], n, c) for n, c in self._shown.items())
        return ", ".join(w.format(level=n, change=c, other=self._other) for w, n, c in words)

    def _sentences(self) -> list[str]:
        scores = {kind: score for kind, (_, score) in self._results.items() if score}
        what = self._what()
        lines = [texts.SURGERY_CHANGE.format(what=what) if what else texts.SURGERY_NOTHING]
        effect = texts.SURGERY_EFFECT if what else texts.SURGERY_NOW
        lines += [effect.format(**scores) if scores else texts.SURGERY_NO_TRUTH]
        if what:
            before, after = (self._results[kind][0] for kind in ("untouched", "changed"))
            values = {"gone": int((before & ~after).sum()), "new": int((after & ~before).sum())}
            count, total = sum(values.values()), before.size
            values |= {"count": count, "total": total, "share": count / total}
            lines.append(texts.SURGERY_MOVED.format(**values))
            lines += [texts.SURGERY_SMALL] * (count / total < _SMALL)
        if any(change.kind == "shift" for change in self._shown.values()):
            lines.append(texts.SURGERY_SHIFT_UNIT)
        if "without" in scores:
            lines.append(texts.SURGERY_WITHOUT.format(**scores))
            far = abs(scores["untouched"].dice - scores["without"].dice)
            lines += [texts.SURGERY_WITHOUT_NEAR] * (far < _SMALL)
        if any(np.isinf(score.boundary_error) for score in scores.values()):
            lines.append(texts.SURGERY_INFINITE)
        return [*lines, texts.SURGERY_EXPERIMENTS]

    def as_markdown(self) -> str:
        """Return scores and differences of all variants as a table, and the sentences below."""
        rows, what = [], self._what() or texts.SURGERY_UNCHANGED
        for kind, words in texts.SURGERY_ROWS.items():
            if kind in self._results:
                mask, score = self._results[kind]
                cells = texts.SURGERY_CELLS if score else texts.SURGERY_UNKNOWN
                count = (mask ^ self._results["untouched"][0]).sum()
                scores = (cell.format(score=score) for cell in cells)
                rows.append((words.format(what=what), *scores, str(count)))
        table = Table(texts.SURGERY_HEADINGS, tuple(rows), frozenset({1, 2, 3}))
        return "\n\n".join([table.as_markdown(), *map(escaped, self._sentences())])

    def still(self) -> Drawing:
        """Return the views side by side."""
        sheet = contact_sheet([pixels for pixels, _ in self._drawn.values()], len(self._drawn))
        pitch, size = -(-sheet.shape[1] // len(self._drawn)), self._grey.shape[:2]
        marks = []
        for i, (_, lines) in enumerate(self._drawn.values()):
            box = Box(0, i * pitch, size[0], i * pitch + size[1])
            marks.append(Mark(box, "window", "; ".join(x.words for x in lines), is_map=False))
        zoom = screen_zoom(sheet.shape[1], int(WIDTH - 2 * MARGIN))
        image = PlacedImage(png_of(sheet), Box(0, 0, *sheet.shape[:2]), zoom)
        return draw_image(image, marks, self._sentences()[0])
