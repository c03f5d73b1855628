"""An image made small and large again: what each method of interpolation loses."""

from __future__ import annotations

import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import BoxMark, PlacedImage, draw_image
from unetviz.draw.images.colours import coloured, png_of
from unetviz.geometry.box import Box
from unetviz.labs.images.arrays import as_floats, checked_image
from unetviz.labs.resampling import METHODS, common_divisors, round_trip

from ...parts.controls import choice, row
from ...parts.network_image import screen_zoom
from ...parts.panel import Panel
from ...views.image.view import ImageView

_TRIP_MEASURES = ("mean absolute error", "root mean square (large errors count more)")

_ROOM = 264


class RoundTripExplorer(Panel):
    """Make an image small by means and large again by a method, and see what is lost.

    Parameters
    ----------
    image : array of shape (h, w)
        A grey image whose sides have common divisors.
    """

    def __init__(self, image: np.ndarray):
        self._image = as_floats(checked_image(image, 1))[..., 0]
        sizes = [s for s in common_divisors(*self._image.shape) if s <= 16]
        self.window = choice("Window s", {"{s} x {s}".format(s=s): s for s in sizes}, "150px")
        self.window.value = 4 if 4 in sizes else sizes[0]
        self.method = choice("Method", {name: name for name in METHODS}, "180px")
        self.views = [ImageView() for _ in range(3)]
        for view in self.views:
            view.layout.width = f"{_ROOM + 12}px"
        super().__init__([row(self.window, self.method), row(*self.views)])
        self._show()
        for control in (self.window, self.method):
            control.observe(self.guarded(lambda _: self._show()), names="value")

    def _show(self) -> None:
        s, method = self.window.value, self.method.value
        trips = {name: round_trip(self._image, s, name) for name in METHODS}
        trip = trips[method]
        largest = max(float(one.error.max()) for one in trips.values())
        shown = (
            (
                trip.small,
                "grey",
                (0.0, 1.0),
                s,
                "made small by {s}: means of {s} x {s}".format(s=s),
            ),
            (
                trip.restored,
                "grey",
                (0.0, 1.0),
                1,
                "and large again: {method}".format(method=method),
            ),
            (
                trip.error,
                "sequential",
                (0.0, largest),
                1,
                "what is lost: 0 (dark) to {largest:.2g} (bright)".format(largest=largest),
            ),
        )
        self._marked = []
        zoom = screen_zoom(max(self._image.shape), _ROOM)
        for view, (values, colours, limits, factor, words) in zip(self.views, shown, strict=True):
            box = Box(0, 0, *values.shape)
            image = PlacedImage(png_of(coloured(values, colours, limits)), box, zoom * factor)
            mark = BoxMark(box, "window", words)
            view.label = words
            view.show(image, [mark])
            self._marked.append((image, mark))
        self._errors = {
            name: (one.mean_error, float(np.sqrt((one.error**2).mean())))
            for name, one in trips.items()
        }
        self.say("neutral", self._sentences())

    def _sentences(self) -> list[str]:
        method = self.method.value
        error, square = self._errors[method]
        sentences = [
            (
                "{method}: a mean absolute error of {error:.4f}, a root mean square of "
                "{square:.4f}."
            ).format(method=method, error=error, square=square)
        ]
        for i, name in enumerate(_TRIP_MEASURES):
            errors = ", ".join(f"{one} {both[i]:.4f}" for one, both in self._errors.items())
            sentences.append("All four, {name}: {errors}.".format(name=name, errors=errors))
        return sentences

    def as_markdown(self) -> str:
        """Return what is lost, by method."""
        return "\n\n".join(self._sentences())

    def still(self) -> Drawing:
        """Return the image that is shown now."""
        image, mark = self._marked[2]
        return draw_image(image, [mark], self._sentences()[0])
