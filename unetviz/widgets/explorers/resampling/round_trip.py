"""An image made small and large again: what each method of interpolation loses."""

from __future__ import annotations

import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.labs.images.arrays import as_floats, checked_image
from unetviz.labs.resampling import METHODS, RoundTrip, common_divisors, round_trip

from ...parts.array_view import ArrayView
from ...parts.controls import choice, row
from ...parts.network_image import screen_zoom
from ...parts.panel import Panel

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
        windows = {"{s} x {s}".format(s=s): s for s in sizes}
        self.window = choice("Window s", windows, "150px", 4 if 4 in sizes else sizes[0])
        self.method = choice("Method", {name: name for name in METHODS}, "180px")
        self.views = [ArrayView(layout={"width": f"{_ROOM + 12}px"}) for _ in range(3)]
        super().__init__([row(self.window, self.method), row(*self.views)])
        self._show()
        for control in (self.window, self.method):
            control.observe(self.guarded(lambda _: self._show()), names="value")

    def _show(self) -> None:
        s, method = self.window.value, self.method.value
        trips = {name: round_trip(self._image, s, name) for name in METHODS}
        trip, zoom = trips[method], screen_zoom(max(self._image.shape), _ROOM)
        # One scale for all methods, so that their errors can be compared.
        largest = max(float(one.error.max()) for one in trips.values())
        small, restored, error = self.views
        words = "made small by {s}: means of {s} x {s}".format(s=s)
        small.show_array(trip.small, words, zoom * s, "grey", (0.0, 1.0))
        words = "and large again: {method}".format(method=method)
        restored.show_array(trip.restored, words, zoom, "grey", (0.0, 1.0))
        words = "what is lost: 0 (dark) to {largest:.2g} (bright)".format(largest=largest)
        error.show_array(trip.error, words, zoom, "sequential", (0.0, largest))
        self.describe("neutral", _sentences(method, trips))

    def still(self) -> Drawing:
        """Return what is lost, as it is shown now."""
        return self.views[2].still(self.described[0])


def _sentences(method: str, trips: dict[str, RoundTrip]) -> list[str]:
    """What a method loses, and all methods beside it."""
    errors = {
        name: (trip.mean_error, float(np.sqrt((trip.error**2).mean())))
        for name, trip in trips.items()
    }
    error, square = errors[method]
    sentences = [
        (
            "{method}: a mean absolute error of {error:.4f}, a root mean square of {square:.4f}."
        ).format(method=method, error=error, square=square)
    ]
    for i, name in enumerate(_TRIP_MEASURES):
        listed = ", ".join(f"{one} {both[i]:.4f}" for one, both in errors.items())
        sentences.append("All four, {name}: {errors}.".format(name=name, errors=listed))
    return sentences
