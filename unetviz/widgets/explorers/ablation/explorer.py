"""From FCN-32s to U-Net, one change at a time: sizes, costs, scores and outlines of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import BoxMark
from unetviz.draw.images.colours import coloured
from unetviz.geometry._checks import integer
from unetviz.geometry.box import Box
from unetviz.geometry.ops import size_of
from unetviz.geometry.specs.ablation import changed_fields, changed_steps
from unetviz.geometry.tables.steps import large_number
from unetviz.geometry.tables.table import Table
from unetviz.labs.images.arrays import densest_window
from unetviz.labs.synthetic.cells import SyntheticImage
from unetviz.nets.lessons.ablation import AblationResult

from ...parts.controls import choice, row
from ...parts.masks import (
    MaskComparison,
    legend_line,
    outline_image,
    score_cells,
    score_words,
)
from ...parts.panel import Panel
from ...parts.still_sheet import Shown, draw_sheet
from ...parts.table_html import as_html
from ...views.steps.view import StepControl
from ...views.u.view import UView

_LOOK_ELSEWHERE = "Click, or use the arrow keys, to look elsewhere."
_VIEWS = {
    "image": "The image, and the window that is enlarged",
    "before": "Before: {name}",
    "after": "After: {name}",
}
_BUTTONS = ("\u25c0 Edit before", "Next edit \u25b6")
_WHAT = {
    "fcn_32s": (
        "Convolutions and five poolings, then one score for each class in every 32nd row and "
        "column. They are up-sampled 32 times at once."
    ),
    "fcn_16s": (
        "The scores go up by 2 only. There, scores of the fourth pooling are added: a skip. What "
        "is left to up-sample is 16 times."
    ),
    "fcn_8s": (
        "Once more by 2, and scores of the third pooling are added. What is left is 8 times."
    ),
    "unet_add": (
        "Another network: each level goes up by 2 and adds a skip of whole feature maps, not of "
        "scores, and convolutions follow. Classes are told apart at the very end."
    ),
    "unet_concat": (
        "One field: the skip and the map from below are laid side by side, not added. The "
        "convolution behind them sees both."
    ),
    "unet_transposed": (
        "One field: a 2x2 up-convolution with stride 2 takes the place of copies and a 2x2 "
        "convolution."
    ),
    "unet_valid": (
        "One field: no zeros are added around the maps. They shrink, skips must be cropped, and "
        "the output is smaller than the input."
    ),
}
_HEADINGS = (
    "network",
    "edit",
    "in and out",
    "parameters",
    "multiply-accumulates",
    "Dice",
    "boundary error, pixels",
)
_NAMES = {
    "fcn_32s": "FCN-32s",
    "fcn_16s": "FCN-16s",
    "fcn_8s": "FCN-8s",
    "unet_add": "U-Net, skips added",
    "unet_concat": "U-Net, skips concatenated",
    "unet_transposed": "U-Net, up-convolutions",
    "unet_valid": "U-Net, no padding",
}
_VERDICTS = {
    "helps": "The edit helps here.",
    "hurts": "The edit does not help here: these networks were better without it.",
    "even": "That is little; another training could turn it round.",
}

_LITTLE = 0.02
"""A smaller change of the Dice score is no news: another training may turn it round."""

_SIDE = 260  # pixels of the screen for each image; three stand in a row
_WINDOW = 52  # pixels of an image that are enlarged
_STILL_WINDOW = 100  # the same where no kernel runs: all networks stand on one sheet
_STILL_COLUMNS = 4


class AblationExplorer(Panel):
    """Click from FCN-32s to U-Net; what each edit changes is framed, and what it brings measured.

    Parameters
    ----------
    results : sequence of AblationResult
        At least two, as `measure_ablation` returns them.
    images : sequence of SyntheticImage
        The images that were measured.
    step : int
        Number of the network to begin with, from 0.

    Attributes
    ----------
    centre : (int, int)
        Row and column of the image around which it is enlarged.

    Raises
    ------
    ValueError
        If there are fewer than two results, other images, or no such network.
    """

    def __init__(
        self, results: Sequence[AblationResult], images: Sequence[SyntheticImage], step: int = 0
    ):
        self.results, self._images = _checked(results, images)
        self._seen = 0  # later networks keep their scores to themselves until they are reached
        self.steps, self.view = StepControl(), UView(fading=False)
        self.table = ipywidgets.HTML(layout={"overflow": "auto"})
        self.image = choice("Image", self._names(), "380px")
        self.image.value = self._telling_image()
        self.masks = MaskComparison(_VIEWS, _SIDE)
        self.views = self.masks.views
        # The outlines lie a screen below the steps: one goes on from there, too.
        self.buttons = [
            ipywidgets.Button(description=words, layout={"width": "150px"}) for words in _BUTTONS
        ]
        beside = row(self.image, *self.buttons)
        # What an edit brought is said right below the drawing.
        super().__init__([self.steps, self.view, self.table, beside, self.masks], note_at=2)
        names = [name_of(result) for result in self.results]
        self.steps.tell(names, [_WHAT[result.name] for result in self.results])
        self.step = step
        self._show_image()
        self.steps.observe(self.guarded(lambda _: self._show_network()), names="step")
        self.image.observe(self.guarded(lambda _: self._show_image()), names="value")
        self.views["image"].observe(self.guarded(self._choose_centre), names=["point", "held"])
        for button, way in zip(self.buttons, (-1, 1), strict=True):
            button.on_click(self.guarded(lambda _, way=way: self._go(way)))

    def _names(self) -> dict[str, int]:
        """Words for each image: its number, and how far the networks are apart on it."""
        names = {}
        for i in range(len(self._images)):
            dices = [result.scores[i].dice for result in self.results]
            words = {"number": i + 1, "low": min(dices), "high": max(dices)}
            names["image {number}: Dice {low:.2f} to {high:.2f}".format(**words)] = i
        return names

    def _telling_image(self) -> int:
        """Number of the image on which the first and the last network are furthest apart."""
        first, last = self.results[0].scores, self.results[-1].scores
        return int(np.argmax([abs(b.dice - a.dice) for a, b in zip(first, last, strict=True)]))

    @property
    def step(self) -> int:
        """Number of the current network, from 0."""
        return self.steps.step

    @step.setter
    def step(self, step: int) -> None:
        self.steps.step = integer("step", step, 0, len(self.results) - 1)

    def _go(self, way: int) -> None:
        self.step = max(0, min(self.step + way, len(self.results) - 1))

    @property
    def _pair(self) -> tuple[AblationResult | None, AblationResult]:
        """The previous network, if there is one, and the current one."""
        return self.results[self.step - 1] if self.step else None, self.results[self.step]

    def _show_image(self) -> None:
        """Show another image, enlarged where its masks differ most."""
        masks = [result.masks[self.image.value] for result in self.results]
        window = densest_window(masks[0] ^ masks[-1], _WINDOW)
        self.centre = window.top + _WINDOW // 2, window.left + _WINDOW // 2
        area = Box(0, 0, *masks[0].shape)
        words = {"point": "", "help": _LOOK_ELSEWHERE, "held": _LOOK_ELSEWHERE, "none": "-"}
        self.views["image"].follow(area, {}, [], words, self.centre)
        self._show_network()

    def _choose_centre(self, _: Any) -> None:
        """Enlarge what was clicked on; what the pointer passes over does not count."""
        view = self.views["image"]
        if view.point and view.held and tuple(view.point) != self.centre:
            self.centre = (view.point[0], view.point[1])
            self._show_outlines()

    def _show_network(self) -> None:
        before, after = self._pair
        changed = changed_steps(before.trace, after.trace) if before else ()
        self.view.show(
            after.trace,
            [],
            changed=changed,
            label="Drawing of the network in hand; what the edit changed is framed",
        )
        self._seen = max(self._seen, self.step)
        self.table.value = as_html(changes_table(self.results, self._seen), chosen=self.step)
        self.buttons[0].disabled = self.step == 0
        self.buttons[1].disabled = self.step == len(self.results) - 1
        self._show_outlines()
        self.describe("neutral", sentences(before, after))

    def _window(self, side: int = _WINDOW) -> Box:
        """What is enlarged: around the centre, moved where the image ends."""
        height, width = self._image.shape
        top, left = (
            max(0, min(middle - side // 2, n - side))
            for middle, n in zip(self.centre, (height, width), strict=True)
        )
        return Box(top, left, top + side, left + side)

    @property
    def _image(self) -> np.ndarray:
        return self._images[self.image.value].image

    def _show_outlines(self) -> None:
        """Show the whole image, and both networks' outlines in the window that is enlarged."""
        window = self._window()
        mark = BoxMark(window, "window", "enlarged (white)")
        self.masks.show("image", coloured(self._image, limits=(0.0, 1.0)), [mark], is_map=True)
        for kind, result in zip(("before", "after"), self._pair, strict=True):
            if result is None:
                empty = np.full((_WINDOW, _WINDOW, 3), 128, np.uint8)
                self.masks.show(kind, empty, box=window, title="There is nothing before it")
                continue
            pixels, lines = self._outlined(result, window)
            title = _VIEWS[kind].format(name=name_of(result))
            self.masks.show(kind, pixels, lines, window, title)

    def _outlined(self, result: AblationResult, window: Box) -> Shown:
        """Outlines in a window, and the legend: the score on this image, and what is what."""
        number = self.image.value
        pixels, lines = outline_image(self._image, self._images[number].mask, result.masks[number])
        score = "this image: {score}".format(score=score_words(result.scores[number]))
        cut = pixels[window.top : window.bottom, window.left : window.right]
        return cut, [legend_line("", score), *lines]

    def as_markdown(self) -> str:
        """Return the table of all networks, and the sentences about the current one."""
        return f"{changes_table(self.results).as_markdown()}\n\n{super().as_markdown()}"

    def still(self) -> Drawing:
        """Return one window of the image with the outlines of all networks."""
        shown, place = [], Box(0, 0, _STILL_WINDOW, _STILL_WINDOW)
        for i, result in enumerate(self.results, start=1):
            pixels, (score, *lines) = self._outlined(result, self._window(_STILL_WINDOW))
            words = f"{i}: {name_of(result)}, {score.words}"
            shown.append((pixels, [BoxMark(place, "grid", words, str(i))]))
        return draw_sheet(shown, _STILL_COLUMNS, self.described[0], lines)


def _checked(
    results: Sequence[AblationResult], samples: Sequence[SyntheticImage]
) -> tuple[list[AblationResult], list[SyntheticImage]]:
    results, samples = list(results), list(samples)
    if len(results) < 2 or not results[0].masks:
        raise ValueError(
            "give results of measure_ablation, at least two, and the images that were measured"
        )
    for result in results:
        words = {"name": name_of(result), "found": len(result.masks), "given": len(samples)}
        if words["found"] != words["given"]:
            raise ValueError(
                (
                    "{name} was measured on {found} images, but {given} are given; take the same "
                    "ones"
                ).format(**words)
            )
    for i, (sample, mask) in enumerate(zip(samples, results[0].masks, strict=True), start=1):
        if sample.mask.shape != mask.shape:
            raise ValueError(
                (
                    "image {number} has {given} pixels, but what was measured has {found}; "
                    "give the images that measure_ablation got"
                ).format(number=i, given=size_of(sample.mask.shape), found=size_of(mask.shape))
            )
    return results, samples


def changes_table(results: Sequence[AblationResult], known: int | None = None) -> Table:
    """Return sizes, costs and mean scores of all networks, one row each.

    Sizes and costs are those at which a network is used. Scores stop at the row `known`.
    """
    rows = []
    for i, result in enumerate(results):
        found = result.used_trace
        edit = changed_words(results[i - 1], result) if i else "-"
        scores = score_cells(result.mean) if known is None or i <= known else ("?", "?")
        both = f"{size_of(result.used_at)}, {size_of(found.steps[-1].out_shape)}"
        sizes = both.replace(" x ", "\u00a0x\u00a0")  # a narrow table breaks between the two only
        costs = f"{found.params:,}", large_number(found.macs)
        rows.append((name_of(result), edit, sizes, *costs, *scores))
    return Table(_HEADINGS, tuple(rows), frozenset({3, 4, 5, 6}))


def name_of(result: AblationResult) -> str:
    """What a network is called in words."""
    return _NAMES[result.name]


def changed_words(before: AblationResult, after: AblationResult) -> str:
    """Return the fields that differ with both values, as Python writes them."""
    pairs = changed_fields(before.spec, after.spec).items()
    words = [
        "{field}: {before} \u2192 {after}".format(field=n, before=repr(a), after=repr(b))
        for n, (a, b) in pairs
    ]
    return ", ".join(words) or "another network"


def sentences(before: AblationResult | None, after: AblationResult) -> list[str]:
    """Say what an edit changed and what was measured, also where it does not help.

    Parameters
    ----------
    before : AblationResult or None
        The network without the edit; None for the first of the row.
    after : AblationResult
        The network with it.
    """
    count, name = len(after.scores), name_of(after)
    if before is None:
        lines = [
            (
                "{name}: Dice {after.dice:.3f}, boundary error {after.boundary_words}, means "
                "over {count} images that no network was trained with."
            ).format(name=name, after=after.mean, count=count)
        ]
    else:
        lines = [_effect(before, after), _VERDICTS[verdict(before, after)]]
        steps = len(changed_steps(before.trace, after.trace))
        params = {"before": before.trace.params, "after": after.trace.params}
        lines.append(
            ("Parameters {before:,} → {after:,}, steps that are new or changed: {count}.").format(
                count=steps, **params
            )
        )
    if warnings := after.trace.warnings:
        size, used = size_of(after.spec.input_size), size_of(after.used_at)
        warning = warnings[0].message
        lines.append(
            (
                "Size {size} does not fit this network: {warning} It was trained, and is "
                "judged, with {used} pixels that go in: each image with its mirrored border "
                "around it."
            ).format(size=size, warning=warning, used=used)
        )
    return [
        *lines,
        (
            "Every network was trained once, with the same images, steps and rate. "
            "Differences of one or two hundredths say little."
        ),
    ]


def verdict(before: AblationResult, after: AblationResult) -> str:
    """Return ``"helps"``, ``"hurts"`` or ``"even"``, by the mean Dice scores."""
    change = after.mean.dice - before.mean.dice
    if abs(change) < _LITTLE:
        return "even"
    return "helps" if change > 0 else "hurts"


def _effect(before: AblationResult, after: AblationResult) -> str:
    pairs = list(zip(before.scores, after.scores, strict=True))
    return (
        "{name}: Dice {before.dice:.3f} \u2192 {after.dice:.3f}, boundary error "
        "{before.boundary_words} \u2192 {after.boundary_words} (means over {count} "
        "images). A better Dice on {better} of {count} images, a smaller boundary error on "
        "{closer}."
    ).format(
        name=name_of(after),
        before=before.mean,
        after=after.mean,
        count=len(pairs),
        better=sum(b.dice > a.dice for a, b in pairs),
        closer=sum(b.boundary_error < a.boundary_error for a, b in pairs),
    )
