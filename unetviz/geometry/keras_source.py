"""A network as plain Keras source, to read, to copy and to keep."""

from __future__ import annotations

from textwrap import wrap

from .graph import Specification, Step
from .trace import trace

_HEADER = "from keras import Input, Model, layers"
_BILINEAR = """

def bilinear(shape, dtype=None):
    size, _, outputs, inputs = shape
    line = 1 - np.abs(np.arange(size) - (size - 1) / 2) / ((size + 1) // 2)
    kernel = np.zeros(shape, "float32")
    for channel in range(min(outputs, inputs)):
        kernel[:, :, channel, channel] = np.outer(line, line)
    return kernel

"""
"""First weights that Keras has no name for: each channel is interpolated on its own."""

_LONGEST = 88
_GLUE = "\0"
"""Stands for the blanks inside an argument while lines are broken between arguments."""


def keras_code(spec: Specification) -> str:
    """Write plain Keras source that builds the same network as `build(spec)`.

    Parameters
    ----------
    spec : Specification
        The network.

    Returns
    -------
    str
        A Python module that needs nothing but Keras, and numpy for an FCN; run, it leaves the
        network in ``model``.

    Raises
    ------
    ShapeError
        If the input size does not fit this network.

    Examples
    --------
    >>> from unetviz import PAPER
    >>> print(keras_code(PAPER).splitlines()[3])
    enc1_conv1 = layers.Conv2D(
    """
    steps = list(trace(spec).check())
    variables = {step.name: step.name for step in steps} | {steps[0].name: "inputs"}
    statements = [line for step in steps for line in _statement(step, variables)]
    needs_bilinear = any("kernel_initializer=bilinear" in line for line in statements)
    header = ["import numpy as np", _HEADER, _BILINEAR] if needs_bilinear else [_HEADER, ""]
    result = variables[steps[-1].name]
    return "\n".join(
        [*header, *statements, "", f'model = Model(inputs, {result}, name="unet")', ""]
    )


def _statement(step: Step, variables: dict[str, str]) -> list[str]:
    class_name, arguments = step.operation.keras()
    words = [f"{name}={_literal(name, value)}" for name, value in arguments.items()]
    words.append(f"name={_literal('name', step.name)}")
    if not step.inputs:
        return [f"{variables[step.name]} = {class_name}({', '.join(words)})"]
    incoming = [variables[name] for name in step.inputs]
    called = incoming[0] if len(incoming) == 1 else f"[{', '.join(incoming)}]"
    line = f"{variables[step.name]} = layers.{class_name}({', '.join(words)})({called})"
    if len(line) <= _LONGEST:
        return [line]
    inside = wrap(", ".join(word.replace(" ", _GLUE) for word in words), _LONGEST - 4)
    return [
        f"{variables[step.name]} = layers.{class_name}(",
        *(f"    {line.replace(_GLUE, ' ')}" for line in inside),
        f")({called})",
    ]


def _literal(argument: str, value: object) -> str:
    if (argument, value) == ("kernel_initializer", "bilinear"):
        return "bilinear"  # a function of the source itself
    return f'"{value}"' if isinstance(value, str) else repr(value)
