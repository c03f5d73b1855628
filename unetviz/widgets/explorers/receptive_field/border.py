"""What the border costs: the window that comes out, and the part of it that never sees padding."""

from __future__ import annotations

import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.annotated import draw_image
from unetviz.geometry.graph import Specification
from unetviz.geometry.ops import size_of
from unetviz.geometry.receptive_field import padding_free
from unetviz.geometry.specs.unet import PAPER
from unetviz.geometry.trace import Trace

from ...parts.network_image import STILL, border_marks, centred, output_window
from ...views.image.view import ImageView
from .network_choice import NetworkPanel


class BorderExplorer(NetworkPanel):
    """See which part of an image gets a label, and which labels are computed without padding.

    Parameters
    ----------
    image : array of shape (h, w) or (h, w, 3)
        An image; its middle is shown at the size of the network's input.
    spec : Specification
        The network to begin with: a U-Net, or one that was read from a model.
    """

    def __init__(self, image: np.ndarray, spec: Specification = PAPER):
        self.view = ImageView(label="The image with the window that comes out of the network.")
        super().__init__(image, spec, [self.view])

    def _show_network(self) -> None:
        image = centred(self._image, self.trace.steps[0].out_shape)
        self.view.show(image, border_marks(self.trace, self._image))
        self.describe("neutral", border_sentences(self.trace))

    def still(self) -> Drawing:
        """Return the image that is shown now."""
        shape = self.trace.steps[0].out_shape
        caption = "What the border costs an image of {size} pixels.".format(size=size_of(shape))
        image = centred(self._image, shape, STILL)
        return draw_image(image, border_marks(self.trace, self._image), caption)


def border_sentences(found: Trace) -> list[str]:
    """Say what comes out of a network, what gets no label, and what never sees padding."""
    height, width, _ = found.steps[0].out_shape
    out, free = output_window(found), padding_free(found)
    output = size_of((out.height, out.width))
    share = _percent(out.height * out.width / (height * width))
    sentences = [
        "{output} come out of {input}: {share} of the pixels.".format(
            output=output, input=size_of((height, width)), share=share
        )
    ]
    if (height, width) != (out.height, out.width):
        sentences.append(
            (
                "{top} rows at the top and {bottom} at the bottom, {left} columns on the left "
                "and {right} on the right go in and get no label."
            ).format(
                top=out.top, bottom=height - out.bottom, left=out.left, right=width - out.right
            )
        )
    if free is None:
        return [
            *sentences,
            "Not one of the {output} pixels that come out is free of padding.".format(
                output=output
            ),
            "All were computed with zeros that are not in the image; trust them less.",
        ]
    if (free.height, free.width) == (out.height, out.width):
        return [
            *sentences,
            "All {output} outputs were computed without padding.".format(output=output),
        ]
    good = (
        "{free} of the {output} that come out never see padding: rows {top} to {bottom}, columns "
        "{left} to {right} of the output, {share} of it."
    ).format(
        free=size_of((free.height, free.width)),
        output=output,
        top=free.top,
        bottom=free.bottom - 1,
        left=free.left,
        right=free.right - 1,
        share=_percent(free.height * free.width / (out.height * out.width)),
    )
    even_here = (
        ["(The 2x2 convolution of this way up pads even where the others do not.)"]
        if (height, width) != (out.height, out.width)
        else []
    )
    return [
        *sentences,
        good,
        "All others were computed with zeros that are not in the image; trust them less.",
        *even_here,
    ]


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else "less than 1%"
