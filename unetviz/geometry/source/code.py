"""A network as plain Keras source, to read, to copy and to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

from ..graph import Specification
from ..trace import trace
from .plan import CallLine, InputLine, LayerLine, Line, Reference, plan
from .settings import LayerSettings

_HEADER = "from keras import Input, Model, config, layers"
_CHANNELS = 'config.set_image_data_format("channels_last")  # what Keras does by default'
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
        network in ``model``. It sets Keras to channels last, whatever its configuration says.

    Raises
    ------
    ShapeError
        If the input size does not fit this network.
    ValueError
        If a layer of a model that was read cannot be written; it is named.

    Examples
    --------
    >>> from unetviz import PAPER
    >>> print(keras_code(PAPER).splitlines()[5])
    enc1_conv1 = layers.Conv2D(
    """
    lines = plan(trace(spec))
    statements = [text for line in lines[:-1] for text in _statement(line)]
    needs_bilinear = any("kernel_initializer=bilinear" in line for line in statements)
    header = ["import numpy as np", _HEADER, _BILINEAR] if needs_bilinear else [_HEADER, ""]
    ending = ["", *_statement(lines[-1]), ""]
    return "\n".join([*header, _CHANNELS, "", *statements, *ending])


def _statement(line: Line) -> list[str]:
    """One line of a plan as lines of Python."""
    if isinstance(line, InputLine):
        return _broken(f"{line.variable} = Input", _words(line.arguments), "")
    if isinstance(line, LayerLine):
        made = _made(line.settings, line.variable)
        stored = {str(i): numbers for i, numbers in enumerate(line.settings.stored)}
        if not stored:
            return made
        build = f"{line.variable}.build({line.shape!r})"
        return [*made, build, f"{line.variable}.load_own_variables({stored!r})"]
    if isinstance(line, CallLine):
        end = f"({', '.join([_maps(line.inputs), *_words(line.call)])})"
        if isinstance(line.layer, str):
            return [f"{line.variable} = {line.layer}{end}"]
        return _made(line.layer, line.variable, end)
    words = [_maps(line.sources), _maps(line.outputs), *_words({"name": line.name})]
    return _broken(f"{line.variable} = Model", words, "")


def _made(settings: LayerSettings, variable: str, end: str = "") -> list[str]:
    words = _words({**settings.arguments, "name": settings.name})
    return _broken(f"{variable} = layers.{settings.class_name}", words, end)


def _broken(start: str, words: list[str], end: str) -> list[str]:
    """A call on one line, or on several if it is long."""
    line = f"{start}({', '.join(words)}){end}"
    if len(line) <= _LONGEST:
        return [line]
    glued = ", ".join(word.replace(" ", _GLUE) for word in words)
    inside = wrap(glued, _LONGEST - 4, break_long_words=False, break_on_hyphens=False)
    return [f"{start}(", *(f"    {text.replace(_GLUE, ' ')}" for text in inside), f"){end}"]


def _maps(references: Sequence[Reference]) -> str:
    """One map, or a list of several."""
    maps = [name if index is None else f"{name}[{index}]" for name, index in references]
    return maps[0] if len(maps) == 1 else f"[{', '.join(maps)}]"


def _words(arguments: Mapping[str, object]) -> list[str]:
    return [f"{name}={_literal(name, value)}" for name, value in arguments.items()]


def _literal(argument: str, value: object) -> str:
    if (argument, value) == ("kernel_initializer", "bilinear"):
        return "bilinear"  # a function of the source itself
    is_plain = isinstance(value, str) and value.isprintable() and not {'"', "\\"} & set(value)
    return f'"{value}"' if is_plain else repr(value)
