"""The gradient of one score over the input: what it adds up to, and what can be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from unetviz.draw.theme import path_kind
from unetviz.geometry.box import Box
from unetviz.geometry.ops import size_of
from unetviz.geometry.receptive_field import ReceptiveField
from unetviz.geometry.strides import strides
from unetviz.geometry.tables.table import Table
from unetviz.geometry.trace import Trace

_PIXEL_GRADIENT_HEADINGS = ("box", "size", "share of the pixels", "share of the gradient")
_PIXEL_GRADIENT_ZEROS = {
    False: "{zeros:,} of the {area:,} pixels of the box have a gradient of exactly 0: in each way "
    "from there stands a closed ReLU, or a larger number in a max pooling.",
    True: "None of the {area:,} pixels of the box has a gradient of exactly 0.",
}

_STEP = 0.01
"""How much brighter a pixel is made in the example."""


@dataclass(frozen=True, eq=False)
class PixelGradient:
    """The gradient of one score, and where the geometry says that it can be.

    Attributes
    ----------
    found : ReceptiveField
        The output pixel and its boxes.
    channel : int
        Class whose score it is.
    gradient : array of shape (h, w, c)
        Of that score, with respect to the input.
    centre : (int, int)
        The input pixel that lies under the output pixel.
    """

    found: ReceptiveField
    channel: int
    gradient: np.ndarray
    centre: tuple[int, int]

    @cached_property
    def sizes(self) -> np.ndarray:
        """Absolute values, added up over the input's channels: an array of shape (h, w)."""
        return np.abs(self.gradient.astype(float)).sum(axis=2)

    @cached_property
    def strongest(self) -> np.ndarray:
        """Of each pixel the value of the channel that has the largest: an array of shape (h, w)."""
        channels = np.abs(self.gradient).argmax(axis=2)[..., np.newaxis]
        return np.take_along_axis(self.gradient, channels, axis=2)[..., 0]

    @property
    def box(self) -> Box:
        """The predicted box; an empty one if nothing can be felt."""
        return self.found.input or Box(*self.centre, *self.centre)

    @property
    def counts(self) -> tuple[int, int]:
        """How many pixels inside and outside of the box have a gradient that is not 0."""
        inside = int(np.count_nonzero(cut(self.sizes, self.box)))
        return inside, int(np.count_nonzero(self.sizes)) - inside

    def share(self, box: Box) -> float:
        """Return which part of the sum of absolute values lies in a box, from 0 to 1."""
        rest, total = self.sizes.copy(), self.sizes.sum()
        # What is left over is added up, so that a box that holds all has exactly 1.
        cut(rest, box)[:] = 0
        return float(1 - rest.sum() / total) if total else 0.0

    def side_of(self, part: float) -> int:
        """Return the side of the smallest square around `centre` that holds a part of the sum."""
        rows, columns = np.indices(self.sizes.shape)
        far = np.maximum(abs(rows - self.centre[0]), abs(columns - self.centre[1]))
        sums = np.bincount(far.ravel(), weights=self.sizes.ravel()).cumsum()
        return 2 * int(np.searchsorted(sums, part * sums[-1])) + 1

    @property
    def boxes(self) -> dict[str, tuple[str, Box]]:
        """The boxes to be drawn, the smallest paths first: words and box, by the style."""
        named = {}
        for name, box in self.found.paths.items():
            is_skip = name != "bottleneck"
            words = "through skip {level}" if is_skip else "the bottleneck"
            words = words.format(level=name.removeprefix("skip"))
            if box == self.found.input:
                words = "{path}, as all paths".format(path=words)
            named[name] = words, box
        if self.found.input and self.found.input not in self.found.paths.values():
            named["whole"] = "all paths", self.found.input
        return named


def style_of(name: str) -> str:
    """Return the style of a box of `PixelGradient.boxes`."""
    return "kept" if name == "whole" else path_kind(name)


def under(trace: Trace, row: int, column: int) -> tuple[int, int]:
    """Return the input pixel that lies under a pixel of the output.

    Examples
    --------
    >>> from unetviz import PAPER, trace
    >>> under(trace(PAPER), 0, 10)
    (92, 102)
    """
    places = []
    for axis, place in enumerate((row, column)):
        size, out = trace.steps[0].out_shape[axis], trace.output_shape[axis]
        stride = strides(trace, axis)[trace.steps[-1].name]
        middle = (size - out * stride) / 2 + stride * place + (stride - 1) / 2
        places.append(min(max(int(middle), 0), size - 1))
    return places[0], places[1]


def cut(values: np.ndarray, box: Box) -> np.ndarray:
    """Return the rows and columns of a box."""
    return values[box.top : box.bottom, box.left : box.right]


def sentences(seen: PixelGradient) -> list[str]:
    """Say where the gradient is, and how far most of it reaches."""
    inside, outside = seen.counts
    place = {"row": seen.found.row, "column": seen.found.column}
    if not inside + outside:
        return [
            (
                "Output row {row}, column {column}: the gradient of its score is 0 at every "
                "pixel of the input. No way back is open: each meets a closed ReLU."
            ).format(**place)
        ]
    area = seen.box.height * seen.box.width
    first = (
        "Output row {row}, column {column}: the gradient of its score is not 0 at {count:,} "
        "pixels of the input. Inside the predicted box of {size}: {inside:,}; outside: "
        "{outside:,}."
    ).format(count=inside + outside, inside=inside, outside=outside, size=_size(seen.box), **place)
    paths = [
        (
            "A share is that of a box, not of a path: what lies in the small box of a high "
            "skip comes back through the deeper paths as well."
        )
    ] * (len(seen.boxes) > 1)
    peak = np.unravel_index(np.abs(seen.strongest).argmax(), seen.strongest.shape)
    value = float(seen.strongest[peak])
    return [
        first,
        (
            "Half of the gradient (of the sum of its absolute values) lies within {half} x "
            "{half} pixels around the chosen one, 95 % within {most} x {most}; the box has "
            "{size}. What counts in practice, the effective receptive field, is smaller than "
            "what can count."
        ).format(half=seen.side_of(0.5), most=seen.side_of(0.95), size=_size(seen.box)),
        (
            "The largest, {value:+.3g}, is at input row {row}, column {column}: with that "
            "pixel brighter by {step}, the score would change by about {change:+.2g}."
        ).format(value=value, row=peak[0], column=peak[1], step=_STEP, change=value * _STEP),
        _PIXEL_GRADIENT_ZEROS[inside == area].format(area=area, zeros=area - inside),
        *paths,
    ]


def boxes_table(seen: PixelGradient) -> Table:
    """Table of the boxes: how large each is, and how much of the gradient lies in it."""
    area = seen.box.height * seen.box.width
    rows = tuple(
        (words, _size(box), percent(box.height * box.width / area), percent(seen.share(box)))
        for words, box in seen.boxes.values()
    )
    return Table(_PIXEL_GRADIENT_HEADINGS, rows, frozenset({1, 2, 3}))


def percent(part: float) -> str:
    """Write a part of 1.

    Examples
    --------
    >>> percent(0.25), percent(0.99997)
    ('25.0 %', '99.99 %')
    """
    decimals = 1 if part in (0.0, 1.0) or 0.001 <= part < 0.9995 else 2
    # Cut, not rounded: only what is all is called 100 %.
    return f"{int(part * 100 * 10**decimals + 1e-9) / 10**decimals:.{decimals}f} %"


def _size(box: Box) -> str:
    return size_of((box.height, box.width))
