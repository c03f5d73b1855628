"""From FCN-32s to U-Net: each network differs from the one before by one edit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import Mark, PlacedImage, draw_image
from unetviz.draw.images.colours import coloured, contact_sheet, png_of
from unetviz.draw.unet.layout import MARGIN, WIDTH
from unetviz.geometry._checks import integer
from unetviz.geometry.box import Box
from unetviz.geometry.ops import size_of
from unetviz.geometry.specs.ablation import changed_steps
from unetviz.geometry.tables.table import escaped
from unetviz.labs.rim import densest_window
from unetviz.labs.synthetic.cells import SyntheticImage
from unetviz.nets.lessons.ablation import AblationResult

from ...parts.controls import choice, row
from ...parts.masks import legend_line
from ...parts.network_image import screen_zoom
from ...parts.panel import Panel
from ...parts.table_html import as_html
from ...views.image.view import ImageView
from ...views.steps.view import StepControl
from ...views.u.view import UView
from .outlines import LINES, with_outlines
from .words import changes_table, name_of, sentences

_EDIT_POINT_WORDS = {
    "point": "",
    "help": "Click, or use the arrow keys, to look elsewhere.",
    "held": "Click, or use the arrow keys, to look elsewhere.",
    "none": "-",
}
_EDIT_VIEWS = {
    "image": "The image, and the window that is enlarged",
    "before": "Before: {name}",
    "after": "After: {name}",
}
_EDIT_BUTTONS = ("\u25c0 Edit before", "Next edit \u25b6")
_EDIT_SCORE = "this image: Dice {score.dice:.3f}, boundary {score.boundary_words}"
_EDIT_WHAT = {
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
_EDIT_LINES = {
    "kept": "true outline (blue)",
    "tile": "outline of the network (orange)",
    "window": "both (white)",
}

_SIDE = 260  # pixels of the screen for each image; three stand in a row
_WINDOW = 52  # pixels of an image that are enlarged
_STILL_WINDOW = 100  # the same where no kernel runs: all networks stand in one row


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
        self.views = {kind: ImageView(layout={"width": "272px"}) for kind in _EDIT_VIEWS}
        # The outlines lie a screen below the steps: one goes on from there, too.
        self.buttons = [
            ipywidgets.Button(description=words, layout={"width": "150px"})
            for words in _EDIT_BUTTONS
        ]
        beside = row(self.image, *self.buttons)
        images_row = row(*self.views.values())
        super().__init__([self.steps, self.view, self.table, beside, images_row])
        # What an edit brought is said right below the drawing.
        self.children = (self.steps, self.view, self.note, self.table, beside, images_row)
        names = [name_of(result) for result in self.results]
        self.steps.tell(names, [_EDIT_WHAT[result.name] for result in self.results])
        self.step = step
        self._take_image()
        self.steps.observe(self.guarded(lambda _: self._show()), names="step")
        self.image.observe(self.guarded(lambda _: self._take_image()), names="value")
        self.views["image"].observe(self.guarded(self._pick), names=["point", "held"])
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
        """Number of the network in hand, from 0."""
        return self.steps.step

    @step.setter
    def step(self, step: int) -> None:
        self.steps.step = integer("step", step, 0, len(self.results) - 1)

    def _go(self, way: int) -> None:
        self.step = max(0, min(self.step + way, len(self.results) - 1))

    @property
    def _hand(self) -> tuple[AblationResult | None, AblationResult]:
        """The network before, if there is one, and the one in hand."""
        return self.results[self.step - 1] if self.step else None, self.results[self.step]

    def _take_image(self) -> None:
        """Show another image, enlarged where its masks differ most."""
        masks = [result.masks[self.image.value] for result in self.results]
        window = densest_window(masks[0] ^ masks[-1], _WINDOW)
        self.centre = window.top + _WINDOW // 2, window.left + _WINDOW // 2
        area = Box(0, 0, *masks[0].shape)
        self.views["image"].follow(area, {}, [], _EDIT_POINT_WORDS, self.centre)
        self._show()

    def _pick(self, _: Any) -> None:
        """Enlarge what was clicked on; what the pointer passes over does not count."""
        view = self.views["image"]
        if view.point and view.held and tuple(view.point) != self.centre:
            self.centre = (view.point[0], view.point[1])
            self._show_images()

    def _show(self) -> None:
        before, after = self._hand
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
        self._show_images()
        self.say("neutral", sentences(before, after))

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

    def _show_images(self) -> None:
        window, zoom = self._window(), screen_zoom(_WINDOW, _SIDE)
        whole = Box(0, 0, *self._image.shape)
        view = self.views["image"]
        view.label = _EDIT_VIEWS["image"]
        marks = [
            Mark(whole, "grid", _EDIT_VIEWS["image"]),
            Mark(window, "window", "enlarged (white)"),
        ]
        image = PlacedImage(png_of(coloured(self._image, limits=(0.0, 1.0))), whole)
        view.show(image, marks)
        for kind, result in zip(("before", "after"), self._hand, strict=True):
            self._show_zoom(kind, result, window, zoom)

    def _show_zoom(
        self, kind: str, result: AblationResult | None, window: Box, zoom: float
    ) -> None:
        view = self.views[kind]
        if result is None:
            empty = png_of(np.full((_WINDOW, _WINDOW, 3), 128, np.uint8))
            view.label = "There is nothing before it"
            view.show(
                PlacedImage(empty, window, zoom), [legend_line("", "There is nothing before it")]
            )
            return
        view.label = _EDIT_VIEWS[kind].format(name=name_of(result))
        score = _EDIT_SCORE.format(score=result.scores[self.image.value])
        lines = [legend_line(style, _EDIT_LINES[style]) for style in LINES]
        words = [legend_line("", view.label), legend_line("", score)]
        view.show(PlacedImage(png_of(self._zoomed(result, window)), window, zoom), [*words, *lines])

    def _zoomed(self, result: AblationResult, window: Box) -> np.ndarray:
        number = self.image.value
        sample = self._images[number]
        pixels = with_outlines(sample.image, sample.mask, result.masks[number])
        return pixels[window.top : window.bottom, window.left : window.right]

    def as_markdown(self) -> str:
        """Return the table of all networks, and the sentences about the one in hand."""
        found = changes_table(self.results).as_markdown()
        return "\n\n".join([found, *map(escaped, sentences(*self._hand))])

    def still(self) -> Drawing:
        """Return one window of the image with the outlines of all networks."""
        window = self._window(_STILL_WINDOW)
        sheet = contact_sheet([self._zoomed(one, window) for one in self.results], 4)
        pitch = -(-sheet.shape[1] // 4)
        zoom = screen_zoom(sheet.shape[1], int(WIDTH - 2 * MARGIN))
        marks = []
        for i, result in enumerate(self.results):
            top, left = pitch * (i // 4), pitch * (i % 4)
            box = Box(top, left, top + _STILL_WINDOW, left + _STILL_WINDOW)
            score = _EDIT_SCORE.format(score=result.scores[self.image.value])
            words = f"{i + 1}: {name_of(result)}, {score}"
            marks.append(Mark(box, "grid", words, str(i + 1), is_map=False))
        marks += [legend_line(style, _EDIT_LINES[style]) for style in LINES]
        image = PlacedImage(png_of(sheet), Box(0, 0, *sheet.shape[:2]), zoom)
        return draw_image(image, marks, sentences(*self._hand)[0])


def _checked(
    results: Sequence[AblationResult], samples: Sequence[SyntheticImage]
) -> tuple[list[AblationResult], list[SyntheticImage]]:
    results, samples = list(results), list(samples)
    if len(results) < 2 or not results[0].masks:
        raise ValueError(
            "give results of measure_ablation, at least two, and the images that were measured"
        )
    for result in results:
        if len(result.masks) != len(samples):
            counts = {"found": len(result.masks), "given": len(samples)}
            raise ValueError(
                (
                    "{name} was measured on {found} images, but {given} are given; take the same "
                    "ones"
                ).format(name=name_of(result), **counts)
            )
    for i, (sample, mask) in enumerate(zip(samples, results[0].masks, strict=True)):
        if sample.mask.shape != mask.shape:
            sizes = {"given": size_of(sample.mask.shape), "found": size_of(mask.shape)}
            raise ValueError(
                (
                    "image {number} has {given} pixels, but what was measured has {found}; "
                    "give the images that measure_ablation got"
                ).format(number=i + 1, **sizes)
            )
    return results, samples
