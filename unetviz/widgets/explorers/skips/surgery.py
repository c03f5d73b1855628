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
from unetviz.geometry.box import Box
from unetviz.geometry.tables.table import Table, escaped
from unetviz.labs.images.arrays import as_floats, checked_image
from unetviz.labs.metrics import SegmentationScore, foreground
from unetviz.labs.scores import both_sides
from unetviz.nets.running.surgery import SkipChange, SkipSurgery

from ...parts.controls import choice, number_box, row
from ...parts.image_fitting import images_for, parts_of
from ...parts.masks import (
    AGAINST_TRUTH,
    NO_OUTLINE,
    evaluated,
    legend_line,
    mask_image,
    score_cells,
    seen_part,
    style_colour,
)
from ...parts.network_image import screen_zoom
from ...parts.panel import Panel
from ...views.image.view import ImageView

_SURGERY_TO_UNTOUCHED = (
    "as in 2 (white): {count:,}",
    "gone (blue): {count:,}",
    "new (orange): {count:,}",
)
_SURGERY_HEADINGS = (
    "variant",
    "Dice",
    "boundary error (pixels)",
    "pixels whose class differs from untouched",
)
_SURGERY_SHIFT = ("Shift down", "Shift right")
_SURGERY_VIEWS = {
    "image": "1. The image",
    "untouched": "2. All skips as they are",
    "changed": "3. Skips changed",
    "without": "4. Trained without skips",
}
_SURGERY_NO_TRUTH = "The true mask is not known, so there is no score."
_SURGERY_ROWS = {
    "untouched": "untouched",
    "changed": "changed: {what}",
    "without": "trained without skips",
}
_SURGERY_WHAT = {
    "zero": "skip {level} is zeros",
    "shuffle": "skip {level} has its pixels shuffled",
    "shift": "skip {level} is shifted by {change.rows} down and {change.columns} right",
    "other": "skip {level} comes from {other}",
}
_SURGERY_KINDS = {
    "as it is": "keep",
    "zeros": "zero",
    "pixels shuffled": "shuffle",
    "shifted": "shift",
    "other image's": "other",
}
_SURGERY_ALL = {"keep": "All as they are", "zero": "All zeros"}

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
        self.image = choice("Image", {n: n for n in self._images}, "260px")
        several = len(self._images) > 1
        kinds = {w: kind for w, kind in _SURGERY_KINDS.items() if several or kind != "other"}
        self.levels = {
            level: choice("Skip {level}".format(level=level), kinds, "190px")
            for level in self.surgery.levels
        }
        largest = max(n for shape in self.surgery.shapes.values() for n in shape[:2])
        self.rows, self.columns = (number_box(n, largest, "140px") for n in _SURGERY_SHIFT)
        self.rows.min = self.columns.min = -largest
        self.buttons = {
            kind: ipywidgets.Button(description=words, layout={"width": "120px"})
            for kind, words in _SURGERY_ALL.items()
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
            self.refuse(error)
            return
        self._other, self._shown = other, changes
        self._take(name, image, mask)
        self._results["changed"] = self._result(found)
        self._drawn = {kind: self._draw(kind) for kind in self.views}
        box, zoom = Box(0, 0, *self._grey.shape[:2]), screen_zoom(max(self._grey.shape), _SIDE)
        for kind, view in self.views.items():
            pixels, marks = self._drawn[kind]
            view.label = _SURGERY_VIEWS[kind]
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
        marks = [Mark(box, "grid", _SURGERY_VIEWS[kind], is_map=kind == "image")]
        if kind == "image" and self._truth is None:
            return self._grey, [*marks, legend_line("", _SURGERY_NO_TRUTH)]
        if kind == "image":
            border = both_sides(self._truth)
            pixels = np.where(border[..., np.newaxis], style_colour("bottleneck"), self._grey)
            return pixels, [*marks, legend_line("bottleneck", "true outline (yellow)")]
        reference, words = self._results["untouched"][0], _SURGERY_TO_UNTOUCHED
        if kind == "untouched":
            reference, words = self._truth, AGAINST_TRUTH
        pixels, lines = mask_image(self._grey, self._results[kind], reference, words)
        return pixels, marks + lines

    def _what(self) -> str:
        """What is changed, in words; empty for nothing."""
        words = ((_SURGERY_WHAT[c.kind], n, c) for n, c in self._shown.items())
        return ", ".join(w.format(level=n, change=c, other=self._other) for w, n, c in words)

    def _sentences(self) -> list[str]:
        scores = {kind: score for kind, (_, score) in self._results.items() if score}
        what = self._what()
        lines = ["Changed: {what}.".format(what=what) if what else "All skips are as they are."]
        effect = (
            (
                "Dice {untouched.dice:.3f} \u2192 {changed.dice:.3f}, boundary error "
                "{untouched.boundary_error:.2f} \u2192 {changed.boundary_error:.2f} pixels."
            )
            if what
            else (
                "Dice {untouched.dice:.3f}, boundary error {untouched.boundary_error:.2f} "
                "pixels. Change a skip to see what it brings."
            )
        )
        lines += [effect.format(**scores) if scores else _SURGERY_NO_TRUTH]
        if what:
            before, after = (self._results[kind][0] for kind in ("untouched", "changed"))
            values = {"gone": int((before & ~after).sum()), "new": int((after & ~before).sum())}
            count, total = sum(values.values()), before.size
            values |= {"count": count, "total": total, "share": count / total}
            lines.append(
                (
                    "{count:,} of {total:,} pixels changed their class ({share:.2%}): "
                    "{gone:,} are foreground no more, {new:,} are new foreground."
                ).format(**values)
            )
            lines += [
                (
                    "That is little. On this image this network hardly leans on what was "
                    "changed; other images may need it more."
                )
            ] * (count / total < _SMALL)
        if any(change.kind == "shift" for change in self._shown.values()):
            lines.append(
                "A shift counts in pixels of the skip's own map: at level 3 one is 4 "
                "pixels of the input where every pooling halves. Zeros come in at the "
                "side."
            )
        if "without" in scores:
            lines.append(
                (
                    "Trained without skips: Dice {without.dice:.3f}, boundary error "
                    "{without.boundary_error:.2f} pixels; trained with skips, all as they "
                    "are: {untouched.dice:.3f} and {untouched.boundary_error:.2f}."
                ).format(**scores)
            )
            far = abs(scores["untouched"].dice - scores["without"].dice)
            lines += ["On this image their Dice scores are nearly the same."] * (far < _SMALL)
        if any(np.isinf(score.boundary_error) for score in scores.values()):
            lines.append(NO_OUTLINE)
        return [
            *lines,
            (
                "To change a skip and to train without skips are two experiments. A network "
                "that was trained with its skips never saw one replaced by zeros or mixed up, "
                "so its decoder was not fitted to that: what it loses tells how much it "
                "relies on the skip. A network that is trained without skips learned to do "
                "without: what it lacks tells what skips are worth."
            ),
        ]

    def as_markdown(self) -> str:
        """Return scores and differences of all variants as a table, and the sentences below."""
        rows, what = [], self._what() or "nothing"
        for kind, words in _SURGERY_ROWS.items():
            if kind in self._results:
                mask, score = self._results[kind]
                count = (mask ^ self._results["untouched"][0]).sum()
                rows.append((words.format(what=what), *score_cells(score), str(count)))
        table = Table(_SURGERY_HEADINGS, tuple(rows), frozenset({1, 2, 3}))
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
