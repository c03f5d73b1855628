"""The explorer of skips: the encoder's map, what the crop keeps, what it is joined with."""

from __future__ import annotations

from typing import Any

import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import BoxMark
from unetviz.draw.images.colours import SHEET_GAP, coloured
from unetviz.draw.images.thumbnails import colours_of, most_variable_channel
from unetviz.geometry.box import Box
from unetviz.geometry.graph import Step
from unetviz.geometry.ops import size_of
from unetviz.labs.images.arrays import centred_window, checked_image, resize_mean
from unetviz.nets.reading.trace_model import trace_model
from unetviz.nets.running.feature_maps import feature_maps
from unetviz.nets.running.inputs import check_weights, fixed_for

from ...parts.array_view import ArrayView
from ...parts.channel_sheet import ChannelSheet
from ...parts.controls import choice, number_box, row
from ...parts.network_image import screen_zoom
from ...parts.panel import Panel

_PARTS = {
    "encoder": "{step}, the encoder's last map",
    "kept": "{step}, what the skip keeps of it",
    "up": "{step}, up-sampled from below",
}

_STRIP = 840
"""Pixels of the screen for a line of channels."""
_SIDE = 284
"""Pixels of the screen for the largest of the three maps."""
_HALF = 250
_THUMBNAIL = 24
_COLUMNS = 32


class SkipExplorer(Panel):
    """Follow a skip: the encoder's map, its crop, and the two halves of the joined map.

    Parameters
    ----------
    model : keras.Model
        A network whose skips are cropped, such as ``build(PAPER)``.
    image : array of shape (h, w) or (h, w, c)
        An image; its middle is taken at the size of the model's input.
    """

    def __init__(self, model: Any, image: np.ndarray):
        model = fixed_for(model, image)
        check_weights(model)
        self.trace = trace_model(model)
        self._joins = {
            step.level: step
            for step in self.trace
            if step.kind == "concat" and any(self.trace[n].kind == "crop" for n in step.inputs)
        }
        if not self._joins:
            raise ValueError("this model has no cropped skips; take one with valid padding")
        wanted = [name for join in self._joins.values() for name in self._parts(join)]
        shape = self.trace.steps[0].out_shape
        middle = centred_window(checked_image(image, shape[2]), shape)
        self._maps = feature_maps(model, middle, names=wanted)
        levels = {str(level): level for level in sorted(self._joins)}
        self.level = choice("Level", levels, "120px")
        self.channel = number_box("Channel of each half", 1, "200px")
        self.channel.min = self.channel.value = 0
        self.encoder, self.kept, self.up = (
            ArrayView(layout={"width": f"{width + 4}px"}) for width in (_SIDE, _HALF, _HALF)
        )
        self.strip = ChannelSheet(
            ("The channels of the joined map. A click chooses one."),
            {
                "help": ("A click on a channel shows it above."),
                "held": ("A click on a channel shows it above."),
                "none": "-",
            },
        )
        maps = row(self.encoder, self.kept, self.up)
        super().__init__([row(self.level, self.channel), maps, self.strip])
        self._show_level()
        self.level.observe(self.guarded(self._show_level), names="value")
        self.channel.observe(self.guarded(self._show_channel), names="value")
        self.strip.observe(self.guarded(self._choose_in_strip), names=["point", "held"])

    def _parts(self, join: Step) -> tuple[str, str, str]:
        """Names of the encoder's map, its crop, and the up-sampled map of a join."""
        skip, up = join.inputs
        return self.trace[skip].inputs[0], skip, up

    @property
    def _join(self) -> Step:
        """The step that joins the two halves at the chosen level."""
        return self._joins[self.level.value]

    def _show_level(self, _: Any = None) -> None:
        join = self._join
        halves = [self._maps[name] for name in join.inputs]
        last = min(half.shape[2] for half in halves) - 1
        # The channel that differs most from place to place shows the image best.
        channel = most_variable_channel(halves[0][..., : last + 1])
        with self.changing_itself():
            self.channel.max, self.channel.value = last, channel
        self._show_maps()
        self._show_strip(join)
        self.describe("neutral", self._sentences())

    def _show_channel(self, _: Any = None) -> None:
        self._show_maps()
        self._mark_in_strip()

    def _mark_in_strip(self) -> None:
        """BoxMark the chosen channel in the strip, in the half that was clicked on last."""
        _, half = self.strip.chosen() or (0, 0)
        self.strip.choose(self.channel.value, half)

    def _choose_in_strip(self, _: Any) -> None:
        """Take the channel that was clicked on in the strip."""
        chosen = self.strip.chosen()
        if self.strip.held and chosen is not None:
            self.channel.value = min(chosen[0], self.channel.max)

    def _show_maps(self) -> None:
        names = self._parts(self._join)
        shape = self.trace[names[0]].out_shape
        # All three to one scale, so that the crop on the first is as large as the second.
        zoom = screen_zoom(max(shape[:2]), _SIDE)
        top, bottom, left, right = _crop(self.trace[names[1]])
        window = Box(top, left, shape[0] - bottom, shape[1] - right)
        kept = BoxMark(window, "kept", "what the crop keeps")
        views = {"encoder": self.encoder, "kept": self.kept, "up": self.up}
        for (kind, view), name in zip(views.items(), names, strict=True):
            values = self._maps[name][..., self.channel.value]
            title, marks = _PARTS[kind].format(step=name), [kept] * (kind == "encoder")
            view.show_array(values, title, zoom, colours_of(values), in_front=marks)

    def _show_strip(self, join: Step) -> None:
        """All channels of the joined map, those of the skip above those from below."""
        halves = [self._maps[name] for name in join.inputs]
        words, first = [], 0
        for half, name, kind in zip(halves, join.inputs, ("kept", "tile"), strict=True):
            last = first + half.shape[2] - 1
            words.append(
                (
                    kind,
                    "{step} (in the joined map: channels {first} to {last})".format(
                        first=first, last=last, step=name
                    ),
                )
            )
            first = last + 1
        columns = min(_COLUMNS, max(half.shape[2] for half in halves))
        zoom = float(max(1, _STRIP // (columns * (_THUMBNAIL + SHEET_GAP))))
        self.strip.show_channels([_thumbnails(half) for half in halves], columns, zoom, words)
        self._mark_in_strip()

    def _sentences(self) -> list[str]:
        join = self._join
        crop = self.trace[join.inputs[0]]
        top, bottom, *_ = _crop(crop)
        skip, up = (self.trace[name].out_shape[2] for name in join.inputs)
        size = size_of(join.out_shape)
        return [
            (
                "{why}: {top} rows are cut at the top and {bottom} at the bottom, columns alike."
            ).format(why=crop.why, top=top, bottom=bottom),
            "{skip} + {up} = {both} channels go on, {size} pixels each.".format(
                skip=skip, up=up, both=join.out_shape[2], size=size
            ),
            (
                "Every channel has a scale of its own, dark at 0 and bright at its largest "
                "number; where there are negative numbers 0 is white, red above and blue "
                "below. So brightness cannot be compared between channels. A channel that is "
                "dark everywhere was negative everywhere; the ReLU made it 0."
            ),
        ]

    def still(self) -> Drawing:
        """Return the encoder's map as it is shown now."""
        return self.encoder.still(self.described[0])


def _crop(step: Step) -> tuple[int, int, int, int]:
    """Rows that a crop cuts at the top and bottom, columns that it cuts on the left and right."""
    (top, bottom), (left, right) = step.crop or ((0, 0), (0, 0))
    return top, bottom, left, right


def _thumbnails(maps: np.ndarray) -> list[np.ndarray]:
    """Every channel of a map as a small image, each with its own scale."""
    small = resize_mean(maps, (_THUMBNAIL, _THUMBNAIL))
    colours = colours_of(maps)
    return [coloured(small[..., i], colours) for i in range(small.shape[2])]
