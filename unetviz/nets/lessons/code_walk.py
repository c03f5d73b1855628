"""The document's function, run statement by statement: which line computes which step."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import signature
from typing import Any

from unetviz.geometry.graph import Step
from unetviz.geometry.specs.unet import DOCUMENT
from unetviz.geometry.trace import Trace, trace

from .._tensorflow import keras
from ..reading.layers import operation_of
from ..reading.model_graph import producer
from .printed_code import narrowed

_DIVISOR = 16
"""Filters are divided by this: sizes do not depend on them, but time and memory do."""


@dataclass(frozen=True)
class CodeLine:
    """One line of a source.

    Attributes
    ----------
    number : int
        1 for the first line.
    text : str
        The line of the source.
    steps : tuple of str
        Names of the steps of ``trace(DOCUMENT)`` that it computes, in order; empty if none. The
        steps of a statement of several lines are those of its first line.
    """

    number: int
    text: str
    steps: tuple[str, ...]


def walk_code(
    source: str, input_size: tuple[int, int, int] = (256, 256, 1)
) -> tuple[CodeLine, ...]:
    """Run the document's function statement by statement and say which line computes which step.

    Parameters
    ----------
    source : str
        Python with one function that builds the document's network, such as `fixed_code()`. It
        is run: give it only code that you trust.
    input_size : (int, int, int)
        Height and width in pixels, multiples of 16, and channels.

    Returns
    -------
    tuple of CodeLine
        All lines, comments and empty ones included. Each step belongs to exactly one of them.

    Raises
    ------
    ValueError
        If the source has no function, or computes another network than the document's.
    ShapeError
        If the size does not fit.

    Examples
    --------
    >>> from unetviz.nets.lessons.printed_code import fixed_code
    >>> lines = walk_code(fixed_code(), (32, 32, 1))
    >>> [line.steps for line in lines if "UpSampling2D(" in line.text][0]
    ('dec4_upsample', 'dec4_up')
    """
    height, width, channels = input_size
    spec = DOCUMENT.replace(
        input_size=(height, width),
        input_channels=channels,
        base_filters=DOCUMENT.base_filters // _DIVISOR,
    )
    matcher = _StepMatcher(trace(spec).check())
    # Lines keep their numbers: only numbers of filters are replaced, within their lines.
    tree = ast.parse(narrowed(source, _DIVISOR))
    function = _function(tree)
    namespace: dict[str, Any] = {}
    _run(tree.body, namespace)
    parameters = signature(namespace[function.name]).parameters.values()
    namespace |= {one.name: one.default for one in parameters if one.default is not one.empty}
    namespace["input_size"] = tuple(input_size)
    steps: dict[int, tuple[str, ...]] = {}
    for statement in function.body:
        if isinstance(statement, ast.Return):
            break
        _run([statement], namespace)
        steps[statement.lineno] = tuple(
            name for assigned in _assigned(statement, namespace) for name in matcher.take(assigned)
        )
    matcher.finish()
    return tuple(
        CodeLine(number, text, steps.get(number, ()))
        for number, text in enumerate(source.splitlines(), start=1)
    )


def _run(statements: list[ast.stmt], namespace: dict[str, Any]) -> None:
    exec(compile(ast.Module(statements, []), "<the document>", "exec"), namespace)


def _function(tree: ast.Module) -> ast.FunctionDef:
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if len(functions) != 1:
        raise ValueError(
            f"the source must have one function, not {len(functions)}; try fixed_code()"
        )
    return functions[0]


def _assigned(statement: ast.stmt, namespace: dict[str, Any]) -> list[Any]:
    """The maps that a statement assigned to names."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    values = [namespace[node.id] for node in targets if isinstance(node, ast.Name)]
    return [value for value in values if isinstance(value, keras.KerasTensor)]


class _StepMatcher:
    """Finds the step of a trace that each map of Keras belongs to.

    Both are in the order of computation, so the next new map has to be the next step; operation,
    shape and inputs of the two are compared.
    """

    def __init__(self, expected: Trace):
        self._left = list(expected)
        # Keeps the maps alive: Python may give the id of a deleted map to a new one.
        self._known: dict[int, tuple[Any, str]] = {}

    def take(self, tensor: Any) -> list[str]:
        """Return the names of the steps of a new map, and of the new maps that it depends on."""
        return [self._match(*each) for each in self._new(tensor)]

    def _new(self, tensor: Any) -> Iterator[tuple[Any, Any, list[Any]]]:
        """New maps, each after those that it depends on, with its layer and its inputs."""
        if id(tensor) in self._known:
            return
        layer, inputs = producer(tensor)
        for given in inputs:
            yield from self._new(given)
        yield tensor, layer, inputs

    def _match(self, tensor: Any, layer: Any, inputs: list[Any]) -> str:
        what = f"{type(layer).__name__} that gives {tuple(tensor.shape[1:])}"
        if not self._left:
            raise ValueError(f"the source computes more than the document's network: a {what}")
        step = self._left.pop(0)
        names = tuple(self._known[id(given)][1] for given in inputs)
        found = (tuple(tensor.shape[1:]), names)
        if found != (step.out_shape, step.inputs) or not _same_operation(layer, step):
            raise ValueError(
                f"the source computes a {what} where the document's network has {step.name} "
                f"({step.label}) that gives {step.out_shape}; try fixed_code()"
            )
        self._known[id(tensor)] = tensor, step.name
        return step.name

    def finish(self) -> None:
        """Raise `ValueError` if a step is left."""
        if self._left:
            names = ", ".join(step.name for step in self._left)
            raise ValueError(f"the source does not compute {names}; try fixed_code()")


def _same_operation(layer: Any, step: Step) -> bool:
    """Whether a layer has the settings of a step: kernel, padding, activation, rate and others."""
    if isinstance(layer, keras.layers.InputLayer):
        return step.kind == "input"
    return operation_of(layer, step.name).keras() == step.operation.keras()
