"""An image view that is given numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unetviz.draw.images.annotated import BoxMark, PlacedImage
from unetviz.draw.images.colours import coloured, png_of
from unetviz.geometry.box import Box

from ..views.image.view import ImageView


def placed(pixels: np.ndarray, zoom: float = 1.0, box: Box | None = None) -> PlacedImage:
    """Return pixels as an image that a view can show.

    Parameters
    ----------
    pixels : array of shape (h, w, 3), uint8
        Colours.
    zoom : float
        Pixels of the screen for one pixel of the image.
    box : Box, optional
        The rows and columns that they are of; by default they count from 0.
    """
    return PlacedImage(png_of(pixels), box or Box(0, 0, *pixels.shape[:2]), zoom)


class ArrayView(ImageView):
    """An image view with a title, for numbers in colours."""

    def show_array(
        self,
        values: np.ndarray,
        title: str,
        zoom: float = 1.0,
        colours: str = "grey",
        limits: tuple[float, float] | None = None,
        behind: Sequence[BoxMark] = (),
        in_front: Sequence[BoxMark] = (),
    ) -> None:
        """Show numbers in colours, with a frame that the title names.

        Parameters
        ----------
        values : array of shape (h, w), or (h, w, 3) for an image that has colours of its own
            The numbers.
        title : str
            Said by the legend, and by a screen reader.
        zoom : float
            Pixels of the screen for one number.
        colours, limits
            As `coloured` takes them.
        behind, in_front : sequence of BoxMark
            Boxes that are drawn behind the frame, and in front of it.
        """
        image = placed(coloured(values, colours, limits), zoom)
        self.label = title
        self.show(image, [*behind, BoxMark(image.box, "window", title), *in_front])
