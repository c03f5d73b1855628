"""How often a transposed convolution writes each output, in numbers and on an image."""

from __future__ import annotations

import ipywidgets
import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import Mark, PlacedImage, draw_image
from unetviz.draw.images.colours import coloured, png_of, reduced
from unetviz.geometry.box import Box
from unetviz.labs.checkerboard import bilinear_kernel, has_even_overlap, stamp_counts
from unetviz.labs.images.arrays import as_floats, checked_image
from unetviz.labs.upconvolution import stamp_and_add

from ...parts.controls import choice, row
from ...parts.network_image import screen_zoom
from ...parts.panel import Panel, note
from ...views.grid.view import Grid, GridView, number_text
from ...views.image.view import ImageView
from ._kernels import KERNELS

_STAMPS = {1: "1 stamp"}
_FCN_KERNEL = {"64 / 32 (FCN's, bilinear)": (64, 32)}
_TIMES = {1: "once", 2: "twice"}

_SMALL = (4, 4)
_ROOM = 400
_LARGEST_READABLE = 8


class CheckerboardExplorer(Panel):
    """See where stamps overlap, and the checkerboard that uneven overlaps leave on a flat kernel.

    Parameters
    ----------
    image : array of shape (h, w)
        A grey image that is made larger.
    """

    def __init__(self, image: np.ndarray):
        self._image = as_floats(checked_image(image, 1))[..., 0]
        self.size = choice("Kernel / stride", {**KERNELS, **_FCN_KERNEL}, "280px")
        self.counts, self.view = (
            GridView(label="Matrix of counts. Arrow keys go from cell to cell."),
            ImageView(),
        )
        left = ipywidgets.VBox([self.counts])
        right = ipywidgets.VBox(
            [self.view], layout={"width": f"{_ROOM + 28}px", "padding": "0 0 0 12px"}
        )
        super().__init__([row(self.size), row(left, right)])
        self._show()
        self.size.observe(self.guarded(lambda _: self._show()), names="value")

    def _show(self) -> None:
        kernel, stride = self.size.value
        is_small = kernel <= _LARGEST_READABLE
        counts = (
            stamp_counts(_SMALL, kernel, stride)
            if is_small
            else reduced(bilinear_kernel(kernel), 8)
        )
        words = [
            "out {row}, {column}: {count}".format(row=i, column=j, count=_stamps(counts[i, j]))
            for i, j in np.ndindex(counts.shape)
        ]
        title = (
            "how many stamps reach each output"
            if is_small
            else "its weights (means of 8 x 8 of the 64 x 64)"
        )
        words = words if is_small else []
        grid = Grid("counts", title, counts, colours="sequential")
        self.counts.show([grid], [], "counts", words)
        # Flat, and such that a flat image keeps its brightness on average.
        flat = np.full((kernel, kernel), (stride / kernel) ** 2)
        weights = flat if is_small else bilinear_kernel(kernel)
        height, width = (n // 2 for n in self._image.shape)
        middle = self._image[height - 8 : height + 8, width - 8 : width + 8]
        larger = stamp_and_add(self._image if is_small else middle, weights, stride)
        box = Box(0, 0, *larger.shape)
        zoom = screen_zoom(max(larger.shape), _ROOM)
        self._drawn = PlacedImage(
            png_of(
                coloured(larger, "grey", (0.0, 1.0 if has_even_overlap(kernel, stride) else 1.5))
            ),
            box,
            zoom,
        )
        name = (
            "the image after a kernel of equal weights"
            if is_small
            else "its middle after the bilinear kernel"
        )
        self._mark = Mark(box, "window", name)
        self.view.label = name
        self.view.show(self._drawn, [self._mark])
        self._grid = grid
        kind = "good" if has_even_overlap(kernel, stride) else "warning"
        self.note.value = note(kind, self._sentence())

    def _sentence(self) -> str:
        kernel, stride = self.size.value
        counts = stamp_counts((9, 9), kernel, stride)
        # Away from the border: as far as a kernel reaches.
        inner = counts[kernel:-kernel, kernel:-kernel]
        if has_even_overlap(kernel, stride):
            times = int(inner.max())
            words = _TIMES.get(times, "{times} times".format(times=times))
            return (
                "{kernel} / {stride}: away from the border every output is written {times}.".format(
                    kernel=kernel, stride=stride, times=words
                )
            )
        *fewer, most = (str(n) for n in np.unique(inner))
        times = f"{', '.join(fewer)} or {most}"
        return (
            "{kernel} / {stride}: outputs are written {times} times, in a chequered pattern, "
            "because {stride} does not divide {kernel}."
        ).format(kernel=kernel, stride=stride, times=times)

    def as_markdown(self) -> str:
        """Return the counts as a table, and what they mean."""
        return f"{self._sentence()}\n\n{self._grid.table().as_markdown()}"

    def still(self) -> Drawing:
        """Return the image that is shown now."""
        kernel, stride = self.size.value
        caption = (
            "An image after a transposed convolution with a flat kernel, {kernel} / {stride}."
        ).format(kernel=kernel, stride=stride)
        return draw_image(self._drawn, [self._mark], caption)


def _stamps(count: float) -> str:
    return _STAMPS.get(int(count), "{count} stamps".format(count=number_text(count)))
