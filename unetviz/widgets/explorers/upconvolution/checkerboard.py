"""How often a transposed convolution writes each output, in numbers and on an image."""

from __future__ import annotations

import ipywidgets
import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.colours import reduced
from unetviz.labs.checkerboard import bilinear_kernel, has_even_overlap, stamp_counts
from unetviz.labs.images.arrays import as_floats, checked_image
from unetviz.labs.upconvolution import stamp_and_add

from ...parts.array_view import ArrayView
from ...parts.controls import choice, row
from ...parts.network_image import screen_zoom
from ...parts.panel import Panel
from ...views.grid.view import Grid, GridView, number_text
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
        self.counts = GridView(label="Matrix of counts. Arrow keys go from cell to cell.")
        self.view = ArrayView()
        room = {"width": f"{_ROOM + 28}px", "padding": "0 0 0 12px"}
        right = ipywidgets.VBox([self.view], layout=room)
        super().__init__([row(self.size), row(ipywidgets.VBox([self.counts]), right)])
        self._show()
        self.size.observe(self.guarded(lambda _: self._show()), names="value")

    def _show(self) -> None:
        kernel, stride = self.size.value
        is_readable, is_even = kernel <= _LARGEST_READABLE, has_even_overlap(kernel, stride)
        larger, sentence = self._enlarged(kernel, stride), _sentence(kernel, stride)
        grid, words = _counts(kernel, stride)
        self.counts.show([grid], [], "counts", words)
        title = (
            "the image after a kernel of equal weights"
            if is_readable
            else "its middle after the bilinear kernel"
        )
        zoom = screen_zoom(max(larger.shape), _ROOM)
        self.view.show_array(larger, title, zoom, "grey", (0.0, 1.0 if is_even else 1.5))
        self.describe("good" if is_even else "warning", [sentence])

    def _enlarged(self, kernel: int, stride: int) -> np.ndarray:
        """The image made larger: by a flat kernel, or its middle by the bilinear one."""
        if kernel > _LARGEST_READABLE:
            height, width = (n // 2 for n in self._image.shape)
            middle = self._image[height - 8 : height + 8, width - 8 : width + 8]
            return stamp_and_add(middle, bilinear_kernel(kernel), stride)
        # Flat, and such that a flat image keeps its brightness on average.
        flat = np.full((kernel, kernel), (stride / kernel) ** 2)
        return stamp_and_add(self._image, flat, stride)

    def as_markdown(self) -> str:
        """Return the counts as a table, and what they mean."""
        return f"{self.note.as_markdown()}\n\n{self.counts.shown[0].table().as_markdown()}"

    def still(self) -> Drawing:
        """Return the image that is shown now."""
        kernel, stride = self.size.value
        words = "An image after a transposed convolution with a flat kernel, {kernel} / {stride}."
        return self.view.still(words.format(kernel=kernel, stride=stride))


def _counts(kernel: int, stride: int) -> tuple[Grid, list[str]]:
    """How many stamps reach each output, with a sentence for each; or the kernel, made smaller."""
    if kernel > _LARGEST_READABLE:
        title = "its weights (means of 8 x 8 of the 64 x 64)"
        return Grid("counts", title, reduced(bilinear_kernel(kernel), 8), colours="sequential"), []
    counts = stamp_counts(_SMALL, kernel, stride)
    words = [
        "out {row}, {column}: {count}".format(row=i, column=j, count=_stamps(count))
        for (i, j), count in np.ndenumerate(counts)
    ]
    title = "how many stamps reach each output"
    return Grid("counts", title, counts, colours="sequential"), words


def _sentence(kernel: int, stride: int) -> str:
    """How often outputs are written, away from the border: as far as a kernel reaches."""
    inner = stamp_counts((9, 9), kernel, stride)[kernel:-kernel, kernel:-kernel]
    if has_even_overlap(kernel, stride):
        most = int(inner.max())
        return "{kernel} / {stride}: away from the border every output is written {times}.".format(
            kernel=kernel,
            stride=stride,
            times=_TIMES.get(most, "{times} times".format(times=most)),
        )
    *fewer, last = (str(n) for n in np.unique(inner))
    return (
        "{kernel} / {stride}: outputs are written {times} times, in a chequered pattern, "
        "because {stride} does not divide {kernel}."
    ).format(kernel=kernel, stride=stride, times=f"{', '.join(fewer)} or {last}")


def _stamps(count: float) -> str:
    return _STAMPS.get(int(count), "{count} stamps".format(count=number_text(count)))
