"""One timeline: an image goes forward through a network, and the gradient comes back."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets
import numpy as np

from unetviz.draw.drawing import Drawing
from unetviz.draw.images.colours import coloured, limits_of
from unetviz.draw.images.thumbnails import colours_of, most_variable_channel, thumbnails
from unetviz.draw.unet.draw import draw_unet
from unetviz.draw.unet.layout import map_areas
from unetviz.geometry._checks import integer
from unetviz.geometry.graph import Step
from unetviz.geometry.ops import size_of
from unetviz.geometry.tables.steps import shape_text
from unetviz.geometry.tables.table import Table, escaped
from unetviz.geometry.trace import Trace
from unetviz.nets.backprop.maps import BackwardPass, backward_pass
from unetviz.nets.reading.trace_model import trace_model
from unetviz.nets.running.feature_maps import feature_maps, readable_maps
from unetviz.nets.running.inputs import ready

from ...parts.array_view import placed
from ...parts.controls import row
from ...parts.masks import legend_line
from ...parts.network_image import screen_zoom
from ...parts.panel import Panel
from ...views.grid.view import GridView
from ...views.image.view import ImageView
from ...views.steps.view import StepControl
from ...views.u.view import UView
from .examples import EXAMPLE_LABEL, LOSS_RULE, backward_example, example_of

_CHANNELS = 8
"""Channels of each map among which the most variable is shown."""

_SIDE = 96
"""Pixels of a map that are kept: larger ones are reduced inside the graph."""
_SHOWN = 0.99
"""Share of the numbers of a gradient that keep their colour; larger ones have the last one."""
_ROOM = 300
"""Pixels of the screen for the large map."""


class BackwardExplorer(Panel):
    """Step forward from the image to the loss, then backward to the image.

    Parameters
    ----------
    model : keras.Model
        A trained network of fixed size that ends in a softmax or a sigmoid.
    image : SyntheticImage
        With ``image`` and ``mask``, of the network's size.
    step : int
        Moment to begin with, from 0.

    Attributes
    ----------
    trace : Trace
        The network's steps.
    found : BackwardPass
        Loss and gradients of this image.
    step : int
        The current moment: first one for each step of the network, then one for the loss, then one
        for the gradient of each map, from the output back to the input.

    Raises
    ------
    ValueError
        If the image has no mask or does not fit, or there is no such moment.
    """

    def __init__(self, model: Any, sample: Any, step: int = 0):
        if not hasattr(sample, "mask"):
            raise ValueError("the image must have a mask, as those of synthetic_cells have")
        self._run = there_and_back(model, sample.image, sample.mask)
        self.trace, self.found = self._run.trace, self._run.found
        self.steps, self.view = StepControl(), UView()
        self.large = ImageView(layout={"width": f"{_ROOM + 20}px"})
        # Two, because two ways may lead to one map.
        self.examples = [(ipywidgets.HTML(), GridView(label=EXAMPLE_LABEL)) for _ in range(2)]
        parts = [part for example in self.examples for part in example]
        beside = ipywidgets.VBox(parts, layout={"max_width": "510px"})
        super().__init__([self.steps, self.view, row(self.large, beside)], note_at=2)
        self._drawn_backward: bool | None = None  # nothing is drawn yet
        self.steps.tell(*self._moments())
        self.step = step
        self._show()
        self.steps.observe(self.guarded(lambda _: self._show()), names="step")
        self.view.observe(self.guarded(self._choose_in_drawing), names="step")
        self.view.observe(self.guarded(self._play), names="playing")

    @property
    def _turn(self) -> int:
        """The moment of the loss."""
        return len(self._run.names)

    def _moments(self) -> tuple[list[str], list[str]]:
        """The name of every moment, and what happens in it."""
        names, back = self._run.names, self._run.names[::-1]
        loss = (
            "The loss is {loss:.4f}: the mean over the {size} pixels that come out of -log "
            "p(right class). From here the gradient goes back: by how much the loss would "
            "grow if a number grew by 1."
        ).format(loss=self.found.loss, size=size_of(self.trace.steps[-1].out_shape))
        return [
            *("forward, {name}".format(name=name) for name in names),
            "loss",
            *("backward, {name}".format(name=name) for name in back),
        ], [
            *(self.trace[name].reason for name in names),
            loss,
            *(reason(self.trace, name) for name in back),
        ]

    @property
    def step(self) -> int:
        """The current moment."""
        return self.steps.step

    @step.setter
    def step(self, step: int) -> None:
        self.steps.step = integer("step", step, 0, 2 * self._turn)

    @property
    def name(self) -> str:
        """The current map; at the moment of the loss the last."""
        if self.step < self._turn:
            return self._run.names[self.step]
        return self._run.names[min(2 * self._turn - self.step, self._turn - 1)]

    def _choose_in_drawing(self, _: Any) -> None:
        """Take what was clicked on in the drawing, or reached there by keys."""
        self.step = max(0, min(self._offset + self.view.step, 2 * self._turn))

    def _play(self, change: Any) -> None:
        if self.steps.playing != change.new:
            self.steps.playing = change.new

    @property
    def _is_backward(self) -> bool:
        """Whether the loss is reached, from which the gradient goes back."""
        return self.step >= self._turn

    @property
    def _offset(self) -> int:
        """The moment that the first name of the drawing stands for."""
        return self._turn - 1 if self._drawn_backward else 0

    def _show(self) -> None:
        maps = (self._run.gradients if self._is_backward else self._run.maps)[self.name]
        channel = most_variable_channel(maps)
        with self.changing_itself():
            self._show_drawing(self._is_backward)
            self._show_large(maps[..., channel], channel)
            self._show_examples()
        self.describe("neutral", [self._sentence()])

    def _show_drawing(self, backward: bool) -> None:
        """Turn the arrows round where the loss is passed."""
        if backward != self._drawn_backward:
            self._drawn_backward = backward
            # Beyond the last name of one side begins the other: keys lead across the turn.
            names = [*self._run.names, " loss"]
            if backward:
                names = [" forward", " loss", *reversed(self._run.names)]
            self.view.show(
                self.trace,
                names,
                self._run.images[backward],
                backward=backward,
                label=(
                    "Drawing of the network; arrow keys go on and back, across the turn at the "
                    "output too"
                ),
            )
            self.view.revealed = len(names)
        self.view.step = self.step - self._offset

    def _show_large(self, values: np.ndarray, channel: int) -> None:
        if self._is_backward:
            values = clipped(values)
        ends = self.name in (self._run.names[0], self._run.names[-1])
        colours = "grey" if ends and not self._is_backward else colours_of(values)
        zoom = screen_zoom(max(values.shape), _ROOM)
        self.large.label = "The map or gradient in hand"
        words = [legend_line("", self._fact(values, channel))]
        self.large.show(placed(coloured(values, colours), zoom), words)

    def _show_examples(self) -> None:
        """A small example for each way that leads to the current map."""
        kinds: list[str | None] = []
        if self.step > self._turn:
            steps = consumers(self.trace, self.name)
            kinds = [example_of(step.operation) for step in steps] or ["loss"]
        known = [kind for kind in dict.fromkeys(kinds) if kind]
        for i, (title, grid) in enumerate(self.examples):
            shown = i < len(known)
            title.layout.display = grid.layout.display = None if shown else "none"
            if shown:
                example = backward_example(known[i])
                words = "In small: {rule}".format(rule=escape(example.remarks[0]))
                title.value = f"<div style='line-height:1.45'><b>{words}</b></div>"
                example.show_in(grid)

    def _fact(self, values: np.ndarray, channel: int) -> str:
        """What is said of the numbers that are shown large."""
        low, high = limits_of(values, "diverging")
        words = (
            "Large: channel {channel}, the liveliest of the first {looked}; red above 0, blue "
            "below, white is 0; from {low:.2g} to {high:.2g}; one number in a hundred lies "
            "beyond, in the last colour."
        )
        if not self._is_backward:
            words = (
                "Large: channel {channel} of {name}, the liveliest of the first {looked}; {shape}."
            )
        shape = shape_text(self.trace[self.name].out_shape)
        return words.format(
            name=self.name, channel=channel, looked=_CHANNELS, shape=shape, low=low, high=high
        )

    def _sentence(self) -> str:
        if not self._is_backward:
            return "forward, {name}".format(name=self.name)
        if self.step == self._turn:
            return (
                "Here the arrows turn round. Back leads into the network, Next begins the way back."
            )
        norm, largest, zeros = self._run.sizes_of(self.name)
        return (
            "Gradient with respect to {name}, {shape}: length (norm) {norm:.2e}, largest number "
            "{largest:.2e}, exactly 0 at {zeros:.1%} of its numbers."
        ).format(
            name=self.name,
            shape=shape_text(self.trace[self.name].out_shape),
            norm=norm,
            largest=largest,
            zeros=zeros,
        )

    def as_markdown(self) -> str:
        """Return norm and zeros of the gradient of every map, from the output to the input."""
        table = self._run.table().as_markdown()
        return "\n\n".join([escaped(self.steps.steps["reason"][self._turn]), table])

    def still(self) -> Drawing:
        """Return the drawing with the gradient in every map."""
        return draw_unet(self.trace, images=self._run.images[True], backward=True)


@dataclass(frozen=True, repr=False, eq=False)
class ThereAndBack:
    """What is shown of one pass forward and one back.

    Attributes
    ----------
    trace : Trace
        The network's steps.
    names : list of str
        The steps that have a map, in the order of the forward pass.
    maps, gradients : dict of str to array of shape (h, w, c)
        Their first channels, reduced; of the last step the gradient is that of its scores.
    found : BackwardPass
        Loss, and the sizes of all gradients.
    images : dict of bool to dict of str to bytes
        Small images for the drawing: maps under False, gradients under True.
    """

    trace: Trace
    names: list[str]
    maps: dict[str, np.ndarray]
    gradients: dict[str, np.ndarray]
    found: BackwardPass
    images: dict[bool, dict[str, bytes]]

    def sizes_of(self, name: str) -> tuple[float, float, float]:
        """Return norm, largest number and share of zeros; of the last step those of its scores."""
        found = self.found
        if name == self.trace.steps[-1].name:
            return found.of_scores
        return found.norms[name], found.extremes[name], found.zeros[name]

    def table(self) -> Table:
        """Return norm and zeros of every gradient, from the output back to the input."""
        rows = []
        for name in reversed(self.names):
            through = ", ".join(step.name for step in consumers(self.trace, name)) or "loss"
            norm, _, zeros = self.sizes_of(name)
            shape = shape_text(self.trace[name].out_shape)
            rows.append((name, shape, through, f"{norm:.2e}", f"{zeros:.1%}"))
        headings = ("gradient of", "shape", "through", "norm", "zeros")
        return Table(headings, tuple(rows), frozenset({3, 4}))


def there_and_back(model: Any, image: Any, mask: Any) -> ThereAndBack:
    """Run an image forward through a model, and its gradient back.

    Parameters
    ----------
    model : keras.Model
        A network of fixed size that ends in a softmax or a sigmoid.
    image : array of shape (h, w) or (h, w, c)
        An image of its size.
    mask : array of shape (h, w)
        The right class of each pixel.
    """
    model = ready(model, image)
    trace = trace_model(model).check()
    readable = set(readable_maps(model))
    names = [step.name for step in trace if step.name in readable]
    maps = feature_maps(model, image, names, _CHANNELS, _SIDE)
    found = backward_pass(model, image, mask, names, _CHANNELS, _SIDE)
    gradients = found.maps | {names[-1]: found.scores}
    drawn = [name for name in map_areas(trace) if name in readable]
    ends = frozenset({names[0], names[-1]})
    images = {
        False: thumbnails({name: maps[name] for name in drawn}, grey=ends),
        True: thumbnails({name: clipped(gradients[name]) for name in drawn}),
    }
    return ThereAndBack(trace, names, maps, gradients, found, images)


def consumers(trace: Trace, name: str) -> list[Step]:
    """Return the steps that take a map in; its gradient comes back from each of them."""
    return [step for step in trace if name in step.inputs]


def reason(trace: Trace, name: str) -> str:
    """Say how the gradient comes to a map."""
    sources = consumers(trace, name)
    if not sources:
        shown = "What is shown here is the gradient of the scores, before the softmax."
        return f"{LOSS_RULE} {shown}"
    lines = [
        "Through {name}: {rule}".format(name=step.name, rule=step.operation.backward)
        for step in sources
    ]
    if len(lines) > 1:
        lines.append("{count} ways lead here; what they bring is added.".format(count=len(lines)))
    if name == trace.steps[0].name:
        lines.append(trace[name].operation.backward)
    return " ".join(lines)


def clipped(values: np.ndarray) -> np.ndarray:
    """Return a gradient whose few largest numbers are cut down, so that the others show.

    Parameters
    ----------
    values : array
        All but one in a hundred of its numbers keep their value.

    Examples
    --------
    >>> clipped(np.array([0.0] * 150 + [-1.0, 1.0] * 25 + [50.0])).max()
    np.float64(1.0)
    """
    most = float(np.quantile(np.abs(values), _SHOWN))
    return values.clip(-most, most) if most > 0 else values
