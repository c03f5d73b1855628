"""The explorer of receptive fields: what an output depends on, and what an input reaches."""

from __future__ import annotations

from typing import Any

import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import BoxMark, draw_image
from unetviz.draw.theme import path_kind
from unetviz.geometry.box import Box
from unetviz.geometry.graph import Specification
from unetviz.geometry.receptive_field import projective_field, receptive_field
from unetviz.geometry.specs.unet import PAPER
from unetviz.geometry.strides import total_stride
from unetviz.geometry.tables.table import Table
from unetviz.geometry.trace import Trace

from ...parts.controls import choice
from ...parts.network_image import (
    STILL,
    border_marks,
    centred,
    moved,
    output_window,
    pointer_words,
)
from ...views.image.view import ImageView
from ...views.shared.box_tables import source_tables, target_tables
from ...views.u.view import UView, link_point
from .network_choice import NetworkPanel

_DIRECTIONS = {
    "an output pixel back to the input": "sources",
    "an input pixel on to the output": "targets",
}


class ReceptiveFieldExplorer(NetworkPanel):
    """Ask any pixel where it came from.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, 3)
        An image; its middle is shown at the size of the network's input.
    spec : Specification
        The network to begin with: a U-Net, or one that was read from a model.

    Attributes
    ----------
    trace : Trace
        The current network.
    point : (int, int)
        Row and column of the current pixel.
    """

    def __init__(self, image: np.ndarray, spec: Specification = PAPER):
        self.direction = choice("Follow", _DIRECTIONS, "330px")
        self.view, self.drawing = (
            ImageView(
                label=(
                    "The image with the boxes that belong to one pixel. Arrow keys move the "
                    "pixel by one, with Shift by 16; Home and End go to the ends of its row; "
                    "Escape lets it go."
                )
            ),
            UView(),
        )
        self._link = link_point(self.view, self.drawing)
        super().__init__(image, spec, [self.direction, self.view, self.drawing])
        self.direction.observe(self.guarded(lambda _: self._follow_pixels()), names="value")

    @property
    def point(self) -> tuple[int, int]:
        """Row and column of the current pixel."""
        row, column = self.view.point
        return row, column

    @point.setter
    def point(self, point: tuple[int, int]) -> None:
        self._followed(*point)  # a pixel that is not there raises
        self.view.point = list(point)

    def _followed(self, row: int, column: int) -> Any:
        """What the geometry says about one pixel."""
        is_back = self.direction.value == "sources"
        return (receptive_field if is_back else projective_field)(self.trace, row, column)

    def _show_network(self) -> None:
        found = self.trace
        image = centred(self._image, found.steps[0].out_shape)
        # The boxes of the previous network must not be seen in the maps of this one.
        self.drawing.box_tables = self.view.box_tables = {}
        self.view.show(image, border_marks(found, self._image))
        self.drawing.show(found, [step.name for step in found])
        # Beyond the last step: all is drawn, and no step is the current one.
        self.drawing.step = self.drawing.revealed = len(found)
        self._follow_pixels()
        self.note.value = ""

    def _follow_pixels(self) -> None:
        """Let pixels of the output, or of the input, be followed; begin near the middle."""
        found, out = self.trace, output_window(self.trace)
        if self.direction.value == "sources":
            dependencies, area = source_tables(found), out
            words = pointer_words(("Output pixel: row {row}, column {column}"), "nothing") | {
                "remark": self._remark()
            }
            boxes: list[dict[str, Any]] = [
                {"name": f"path/{name}", "kind": path_kind(name), "sign": sign, "words": text}
                for name, sign, text in _paths(found)
            ]
        else:
            height, width, _ = found.steps[0].out_shape
            dependencies, area = target_tables(found), Box(0, 0, height, width)
            words = pointer_words("Input pixel: row {row}, column {column}", "none")
            boxes = [
                {
                    "name": found.steps[-1].name,
                    "kind": "bottleneck",
                    "sign": "",
                    "words": "outputs that it reaches",
                    "offset": [out.top, out.left],
                }
            ]
        self.drawing.follow(found, dependencies)
        self.view.follow(area, dependencies, boxes, words, _middle(found, area))

    def _remark(self) -> str:
        deepest = max(step.map_level for step in self.trace)
        if deepest == 1:  # a network without levels has no bottleneck
            return ""
        last = [
            step
            for step in self.trace
            if step.map_level == deepest and step.side in ("encoder", "bottleneck")
        ]
        stride = total_stride(self.trace)[0]
        return (
            "It reads {{rows:{step}}} x {{columns:{step}}} pixels of {step}, the last map of "
            "the bottleneck; they lie {stride} input pixels apart, so one more makes the box "
            "{stride} larger."
        ).format(step=last[-1].name, stride=stride)

    def marks(self) -> list[BoxMark]:
        """Return the boxes that are shown now."""
        found, out = self._followed(*self.point), output_window(self.trace)
        marks = border_marks(self.trace, self._image)
        if self.direction.value == "targets":
            if found.output is not None:
                reached = moved(found.output, out.top, out.left)
                marks.append(BoxMark(reached, "bottleneck", "outputs that it reaches"))
            return marks
        named = [item for item in _paths(self.trace) if item[0] in found.paths]
        return marks + [
            BoxMark(found.paths[name], path_kind(name), text, sign)
            for name, sign, text in named[::-1]
        ]

    def caption(self) -> str:
        """Say what is shown, in one sentence."""
        (row, column), found = self.point, self._followed(*self.point)
        if self.direction.value == "targets":
            size = f"{found.output.height} x {found.output.width}" if found.output else "no"
            return "What input pixel ({row}, {column}) reaches: {size} output pixels.".format(
                row=row, column=column, size=size
            )
        size = found.input
        return (
            "What output pixel ({row}, {column}) depends on: {height} x {width} pixels of the "
            "input, through each path a part of it."
        ).format(row=row, column=column, height=size.height, width=size.width)

    def as_markdown(self) -> str:
        """Return the boxes as a table."""
        rows = tuple((mark.words, mark.size, *_ends(mark.box)) for mark in self.marks())
        table = Table(("box", "size", "rows", "columns"), rows, frozenset({1, 2, 3}))
        return f"{self.caption()}\n\n{table.as_markdown()}"

    def still(self) -> Drawing:
        """Return the image that is shown now."""
        image = centred(self._image, self.trace.steps[0].out_shape, STILL)
        return draw_image(image, self.marks(), self.caption())


def _paths(found: Trace) -> list[tuple[str, str, str]]:
    """Name, sign and words of every path of a network, the shallowest first."""
    out = output_window(found)
    names = receptive_field(found, out.height // 2, out.width // 2).paths
    paths = []
    for name in names:
        level = name.removeprefix("skip")
        is_skip = name != "bottleneck"
        text = "through skip {level}".format(level=level) if is_skip else "the bottleneck"
        paths.append((name, level if is_skip else "B", text))
    return paths


def _middle(found: Trace, area: Box) -> tuple[int, int]:
    """A pixel near the middle that is the last with its size of box: the next one has another."""
    rows, columns = total_stride(found)
    row, column = area.height // 2 // rows * rows, area.width // 2 // columns * columns
    return min(row + 3, area.height - 1), min(column + 3, area.width - 1)


def _ends(box: Box) -> tuple[str, str]:
    return f"{box.top} to {box.bottom - 1}", f"{box.left} to {box.right - 1}"
