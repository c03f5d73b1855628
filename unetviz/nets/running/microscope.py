"""The microscope: one number of one feature map of a Keras model, taken apart."""

from __future__ import annotations

from typing import Any

from unetviz.geometry._checks import integer

from .._tensorflow import keras
from ..reading.model_graph import nodes
from ..reading.trace_model import trace_model
from .feature_maps import feature_maps
from .microscope_parts import LayerCalculation
from .microscope_rules import NoMicroscopeError, rule_of


def explain_value(
    model: keras.Model, image: Any, step: str, row: int, column: int, channel: int = 0
) -> LayerCalculation:
    """Take one number of one feature map apart, with the model's own weights and numbers.

    Parameters
    ----------
    model : keras.Model
        A functional model of fixed size.
    image : array of shape (h, w) or (h, w, c)
        An image of just that size, as for `feature_maps`.
    step : str
        Name of the step, as `trace_model` has it.
    row, column, channel : int
        Which number of its map, from 0.

    Returns
    -------
    LayerCalculation
        What goes in, what it is multiplied by, all sums, and the number that Keras computed.

    Raises
    ------
    KeyError
        If the model has no such step; the steps are named.
    NoMicroscopeError
        If the layer has no microscope; it is a ValueError.
    ValueError
        If the map has no such number, or the image has not the model's size.
    """
    return Specimen(model, image, step).at(row, column, channel)


class Specimen:
    """A step under the microscope: its weights, and the maps that go in and come out.

    They are taken once, so that many numbers of a map cost one pass through the model.

    Parameters
    ----------
    model : keras.Model
        A functional model of fixed size.
    image : array of shape (h, w) or (h, w, c)
        An image of just that size, as for `feature_maps`.
    step : str
        Name of the step, as `trace_model` has it.

    Attributes
    ----------
    step : Step
        The step of the trace.
    maps : dict of str to array of shape (h, w, c), float32
        What goes in and what comes out, by the names of the steps.

    Raises
    ------
    KeyError, NoMicroscopeError, ValueError
        As for `explain_value`.
    """

    def __init__(self, model: keras.Model, image: Any, step: str):
        self.step = trace_model(model)[step]
        graph = {node.name: node for node in nodes(model)}
        names = list(dict.fromkeys((*self.step.inputs, step)))
        for name in names:
            if graph[name].tensor is None:
                raise NoMicroscopeError(
                    f"step {step!r} has no microscope: {name!r} lies inside a model that is a "
                    "layer of this one. Try a step of the outer model that does not follow it."
                )
        layer = graph[step].layer
        self._layer, self._rule = type(layer).__name__, rule_of(self.step, layer)
        self.maps = feature_maps(model, image, names=names)

    def at(self, row: int, column: int, channel: int = 0) -> LayerCalculation:
        """Take one number apart, without another pass through the model.

        Raises
        ------
        ValueError
            If the map has no such number; the message names the range.
        """
        height, width, channels = self.step.out_shape
        place = (
            integer("row", row, 0, height - 1),
            integer("column", column, 0, width - 1),
            integer("channel", channel, 0, channels - 1),
        )
        piece, outcome = self._rule(self.maps, place)
        return LayerCalculation(
            **vars(piece),
            **vars(outcome),
            step=self.step.name,
            layer=self._layer,
            place=place,
            keras=float(self.maps[self.step.name][place]),
        )
