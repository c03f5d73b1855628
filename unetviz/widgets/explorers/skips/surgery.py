"""Skip surgery: change the skips of a trained network and see what its mask becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.labs.images.arrays import checked_image
from unetviz.labs.metrics import both_sides, foreground
from unetviz.nets.running.inputs import numbers
from unetviz.nets.running.surgery import SkipChange, SkipSurgery

from ...parts.controls import choice, number_box, row
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
    style_colour,
)
from ...parts.panel import Panel
from ...parts.still_sheet import draw_sheet

_TO_UNTOUCHED = (
    "as in 2 (white): {count:,}",
    "gone (blue): {count:,}",
    "new (orange): {count:,}",
)
_HEADINGS = ("variant", "pixels whose class differs from untouched")
_SHIFT = ("Shift down", "Shift right")
_VIEWS = {
    "image": "1. The image",
    "untouched": "2. All skips as they are",
    "changed": "3. Skips changed",
    "without": "4. Trained without skips",
}
_ROWS = {
    "untouched": "untouched",
    "changed": "changed: {what}",
    "without": "trained without skips",
}
_WHAT = {
    "zero": "skip {level} is zeros",
    "shuffle": "skip {level} has its pixels shuffled",
    "shift": "skip {level} is shifted by {change.rows} down and {change.columns} right",
    "other": "skip {level} comes from {other}",
}
_KINDS = {
    "as it is": "keep",
    "zeros": "zero",
    "pixels shuffled": "shuffle",
    "shifted": "shift",
    "other image's": "other",
}
_ALL = {"keep": "All as they are", "zero": "All zeros"}

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
        model = sized_network(model, images)
        if without_skips is not None:
            without_skips = sized_network(without_skips, images)
        self.surgery = SkipSurgery(model)
        self._images = images_for(model, images, without_skips)
        self._without = without_skips
        self._seen: dict[str, dict[str, Result]] = {}
        self._make_controls()
        titles = {k: _VIEWS[k] for k in _VIEWS if k != "without" or without_skips is not None}
        self.masks = MaskComparison(titles, _SIDE)
        self.views = self.masks.views
        top = row(self.image, self.rows, self.columns, *self.buttons.values())
        super().__init__([top, row(*self.levels.values()), self.masks])
        self._show()
        for control in (self.image, *self.levels.values(), self.rows, self.columns):
            control.observe(self.guarded(self._show), names="value")
        for kind, button in self.buttons.items():
            button.on_click(self.guarded(lambda _, to=kind: self._set_all(to)))

    def _make_controls(self) -> None:
        """Make what chooses the image and changes the skips."""
        self.image = choice("Image", {n: n for n in self._images}, "260px")
        several = len(self._images) > 1
        kinds = {w: kind for w, kind in _KINDS.items() if several or kind != "other"}
        self.levels = {
            level: choice("Skip {level}".format(level=level), kinds, "190px")
            for level in self.surgery.levels
        }
        largest = max(n for shape in self.surgery.shapes.values() for n in shape[:2])
        self.rows, self.columns = (number_box(n, largest, "140px") for n in _SHIFT)
        self.rows.min = self.columns.min = -largest
        self.buttons = {
            kind: ipywidgets.Button(description=words, layout={"width": "120px"})
            for kind, words in _ALL.items()
        }

    def _set_all(self, kind: str) -> None:
        with self.changing_itself():
            for control in self.levels.values():
                control.value = kind
        self._show()

    @property
    def changes(self) -> dict[int, SkipChange]:
        """What the controls say now, by level; only what is changed."""
        return {
            level: SkipChange(control.value, self.rows.value, self.columns.value)
            for level, control in self.levels.items()
            if control.value != "keep"
        }

    def _show(self, _: Any = None) -> None:
        """Predict with the skips changed as the controls say, and show all masks."""
        # Asked for once: while this runs another thread may change what the list says.
        name, names, changes = self.image.value, list(self._images), self.changes
        other = names[(names.index(name) + 1) % len(names)]
        image, mask = parts_of(self._images[name])
        try:
            found = self.surgery.predict(image, changes, parts_of(self._images[other])[0])
        except ValueError as error:
            # What was typed stays: with another shift it may work.
            self.refuse(error)
            return
        grey, truth = seen_part(self.surgery.trace, image, mask)
        if name not in self._seen:
            self._seen[name] = self._unchanged(image, truth)
        self._other, self._shown = other, changes
        self._results = self._seen[name] | {"changed": evaluated(foreground(found), truth)}
        self._draw(grey, truth)
        self.describe("neutral", self._sentences())

    def _unchanged(self, image: Any, truth: np.ndarray | None) -> dict[str, Result]:
        """Masks that depend on the image alone: of all skips as they are, and of no skips."""
        found = {"untouched": evaluated(foreground(self.surgery.predict(image)), truth)}
        if self._without is not None:
            channels = self.surgery.trace.steps[0].out_shape[2]
            taken = numbers(self._without, checked_image(image, channels))
            alone = self._without.predict_on_batch(taken[np.newaxis])[0]
            found["without"] = evaluated(foreground(alone), truth)
        return found

    def _draw(self, grey: np.ndarray, truth: np.ndarray | None) -> None:
        """Show the image with the true outline, and all masks."""
        pixels, line = grey, legend_line("", NO_TRUTH)
        if truth is not None:
            border = both_sides(truth)[..., np.newaxis]
            pixels = np.where(border, style_colour("bottleneck"), grey)
            line = legend_line("bottleneck", "true outline (yellow)")
        self.masks.show("image", pixels, [line], is_map=True)
        against = {"untouched": (truth, AGAINST_TRUTH)}
        to_untouched = self._results["untouched"][0], _TO_UNTOUCHED
        for kind in [*self.views][1:]:
            reference = against.get(kind, to_untouched)
            self.masks.show(kind, *mask_image(grey, self._results[kind], *reference))

    def _what(self) -> str:
        """What is changed, in words; empty for nothing."""
        words = ((_WHAT[c.kind], n, c) for n, c in self._shown.items())
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
        lines += [effect.format(**scores) if scores else NO_TRUTH]
        if what:
            before, after = (self._results[kind][0] for kind in ("untouched", "changed"))
            gone, new = int((before & ~after).sum()), int((after & ~before).sum())
            count, total = gone + new, before.size
            lines.append(
                (
                    "{count:,} of {total:,} pixels changed their class ({share:.2%}): "
                    "{gone:,} are foreground no more, {new:,} are new foreground."
                ).format(count=count, total=total, share=count / total, gone=gone, new=new)
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
        what, (untouched, _) = self._what() or "nothing", self._results["untouched"]
        shown = [kind for kind in _ROWS if kind in self._results]
        found = [(_ROWS[kind].format(what=what), self._results[kind]) for kind in shown]
        rows = [(name, result, str((result[0] ^ untouched).sum())) for name, result in found]
        return f"{results_table(rows, _HEADINGS).as_markdown()}\n\n{super().as_markdown()}"

    def still(self) -> Drawing:
        """Return the views side by side."""
        return draw_sheet([*self.masks.shown.values()], len(self.views), self.described[0])
