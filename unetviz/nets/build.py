"""A Keras model for a trace: the same steps, each as the layer of that name."""

from __future__ import annotations

from unetviz.geometry.graph import Specification, Step
from unetviz.geometry.trace import Trace, trace

from ._tensorflow import keras
from .initializers import Bilinear


def build(spec: Specification, seed: int | None = None) -> keras.Model:
    """Build the Keras model that `trace(spec)` describes.

    Parameters
    ----------
    spec : Specification
        The network, such as a `UNetSpec`. Its input size may lose rows in pools, as Keras allows.
    seed : int, optional
        Makes the random weights the same each time; it is set for all of Keras.

    Returns
    -------
    keras.Model
        A functional model, not compiled, with fresh weights. Its layers have the names of the
        steps; the input is ``(batch, height, width, channels)`` in float32.

    Raises
    ------
    ShapeError
        If the input size does not fit this network.

    See Also
    --------
    unetviz.keras_code : The same network as source.
    unetviz.trace_model : The way back, from a model to its trace.
    unetviz.load_pretrained : A network with trained weights.
    """
    if seed is not None:
        keras.utils.set_random_seed(seed)
    return from_trace(trace(spec))


def from_trace(source: Trace) -> keras.Model:
    """Build the Keras model of a trace; a trace that stops at a step raises `ShapeError`."""
    tensors: dict[str, keras.KerasTensor] = {}
    for step in source.check():
        tensors[step.name] = _tensor(step, tensors)
    first, last = source.steps[0].name, source.steps[-1].name
    return keras.Model(tensors[first], tensors[last], name="unet")


def _tensor(step: Step, tensors: dict[str, keras.KerasTensor]) -> keras.KerasTensor:
    class_name, arguments = step.operation.keras()
    if not step.inputs:
        return keras.Input(name=step.name, **arguments)
    if arguments.get("kernel_initializer") == "bilinear":  # Keras has no initializer of this name
        arguments["kernel_initializer"] = Bilinear()
    layer = getattr(keras.layers, class_name)(name=step.name, **arguments)
    incoming = [tensors[name] for name in step.inputs]
    return layer(incoming if len(incoming) > 1 else incoming[0])
