"""Buttons for the input sizes that fit a network."""

from __future__ import annotations

import ipywidgets

from unetviz.geometry.graph import Specification
from unetviz.geometry.valid_sizes import nearest_valid_sizes, valid_sizes

from .controls import row

_AXES = ("Heights", "Widths")

_NEIGHBOURS = 2


class SizeButtons:
    """The valid sizes around the present one, along one axis.

    Parameters
    ----------
    axis : int
        0 for the height, 1 for the width.
    largest : int
        Largest size that is offered, in pixels.
    """

    def __init__(self, axis: int, largest: int):
        self._axis, self._largest = axis, largest
        self.buttons = [
            ipywidgets.Button(layout={"width": "64px"}) for _ in range(2 * _NEIGHBOURS + 1)
        ]
        self._label = ipywidgets.Label()
        self.row = row(self._label, *self.buttons)

    def show(self, spec: Specification, is_square: bool) -> None:
        """Write the sizes around that of `spec` on the buttons."""
        axes = "Sizes" if is_square else _AXES[self._axis]
        self._label.value = "{axis} that fit:".format(axis=axes)
        n = spec.input_size[self._axis]
        _, above = nearest_valid_sizes(spec, n)
        step = nearest_valid_sizes(spec, above + 1)[1] - above
        sizes = valid_sizes(spec, above - _NEIGHBOURS * step, above + (_NEIGHBOURS + 1) * step)
        for button, size in zip(self.buttons, [*sizes, *[None] * len(self.buttons)], strict=False):
            if size is not None:  # what is hidden keeps its size: a click may be on its way
                with button.hold_sync():  # one message for both
                    button.description = str(size)
                    button.button_style = "primary" if size == n else ""
            button.layout.display = "none" if size is None or size > self._largest else None
