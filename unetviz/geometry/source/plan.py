"""What is made and called, one line after the other, to get a network in Keras.

`keras_code` writes the lines down, and `build` runs them: so both are the same network.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from keyword import iskeyword

from ..graph import Step
from ..trace import Trace
from .settings import LayerSettings, ModelCall

Reference = tuple[str, int | None]
"""A variable, and which of its maps is meant where it is a list of maps."""

_TAKEN = {"Input", "Model", "bilinear", "config", "keras", "layers", "model", "np", *dir(builtins)}


@dataclass(frozen=True)
class InputLine:
    """An input: of the network, or of a model inside it."""

    variable: str
    arguments: Mapping[str, object]


@dataclass(frozen=True)
class LayerLine:
    """A layer that is made and not called yet; `shape` is what it is built for."""

    variable: str
    settings: LayerSettings
    shape: tuple[int | None, ...]


@dataclass(frozen=True)
class CallLine:
    """A call of a layer: of one that is made for it, or of a variable's."""

    variable: str
    layer: LayerSettings | str
    inputs: tuple[Reference, ...]
    call: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelLine:
    """A model of what lies between its inputs and its outputs."""

    variable: str
    sources: tuple[Reference, ...]
    outputs: tuple[Reference, ...]
    name: str


Line = InputLine | LayerLine | CallLine | ModelLine


def plan(trace: Trace) -> list[Line]:
    """List what is made and called to get the network of a trace; the last line is the model.

    Raises
    ------
    ShapeError
        If the trace stops at a step.
    ValueError
        If a layer of a model that was read cannot be written; it is named.
    """
    steps = trace.check().steps
    for step in steps:
        if step.layer.refusal:
            raise ValueError(
                f"layer {step.name!r} ({step.layer.class_name}) cannot be written: it "
                f"{step.layer.refusal}"
            )
    return list(_Planner(steps, trace.spec.models).lines())


class _Planner:
    def __init__(self, steps: Sequence[Step], calls: Iterable[ModelCall]) -> None:
        self._steps = steps
        self._calls = {call.name: call for call in calls}
        self._owner = {name: call.name for call in calls for name in call.steps}
        self._maps = {step.name: step.out_shape for step in steps}
        self._made: dict[str, str] = {}
        self._taken = {*_TAKEN}
        written = [step for step in steps if self._is_first(self._owner.get(step.name, ""))]
        self._called_again = {step.layer.first for step in written}

    def lines(self) -> Iterator[Line]:
        first, last = self._steps[0], self._steps[-1]
        source = self._unused("inputs")
        yield InputLine(source, {**first.layer.arguments, "name": first.layer.name})
        maps: dict[str, Reference] = {first.name: (source, None)}
        yield from self._inside("", maps)
        yield ModelLine("model", (maps[first.name],), (maps[last.name],), "unet")

    def _inside(self, parent: str, maps: dict[str, Reference]) -> Iterator[Line]:
        """The lines of one model, without its input; `maps` is filled with what they give."""
        done = set(maps)
        for step in self._steps:
            way = self._way(step.name)
            if parent and parent not in way:
                continue
            inside = way[way.index(parent) + 1 :] if parent else way
            if inside:
                call = self._calls[inside[0]]
                if call.name not in done:
                    done.add(call.name)
                    yield from self._model(call, maps)
            elif step.name not in done:
                yield from self._layer(step, maps)

    def _way(self, name: str) -> list[str]:
        """The calls of models around a step, from the outermost."""
        way: list[str] = []
        call = self._owner.get(name, "")
        while call:
            way.insert(0, call)
            call = self._calls[call].parent
        return way

    def _is_first(self, call: str) -> bool:
        """Whether a call is written out: it is the first of its model, and so are those around."""
        while call:
            if self._calls[call].first != call:
                return False
            call = self._calls[call].parent
        return True

    def _layer(self, step: Step, maps: dict[str, Reference]) -> Iterator[Line]:
        settings = step.layer
        layer: LayerSettings | str = settings
        if settings.first:
            layer = self._made[settings.first]
        elif step.name in self._called_again or settings.stored:
            layer = self._made[step.name] = self._unused(f"{_identifier(settings.name)}_layer")
            yield LayerLine(layer, settings, (None, *step.in_shapes[0]))
        variable = self._unused(_identifier(settings.name))
        inputs = tuple(maps[name] for name in step.inputs)
        yield CallLine(variable, layer, inputs, settings.call)
        maps[step.name] = (variable, None)

    def _model(self, call: ModelCall, maps: dict[str, Reference]) -> Iterator[Line]:
        """The lines of a model inside the model, and its call."""
        if call.first not in self._made:
            sources: list[Reference] = []
            for i, dtype in enumerate(call.dtypes):
                source = self._unused(f"{_identifier(call.model)}_input")
                sources.append((source, None))
                arguments: dict[str, object] = {"shape": self._taken_by(call, i)}
                if dtype != "float32":
                    arguments["dtype"] = dtype
                yield InputLine(source, arguments)
            inner = dict(zip(call.sources, sources, strict=True))
            yield from self._inside(call.name, inner)
            missing = [name for name in call.outputs if name not in inner]
            if missing:
                raise ValueError(
                    f"the model {call.name!r} inside it cannot be written: its output "
                    f"{missing[0]!r} is not followed. End it before: "
                    "keras.Model(inner.inputs, <the outputs that are used>)"
                )
            variable = self._made[call.first] = self._unused(f"{_identifier(call.model)}_model")
            outputs = tuple(inner[name] for name in call.outputs)
            yield ModelLine(variable, tuple(sources), outputs, call.model)
        result = self._unused(_identifier(call.model))
        given = tuple(maps[name] for name in call.sources)
        yield CallLine(result, self._made[call.first], given, call.call)
        for i, name in enumerate(call.outputs):
            maps.setdefault(name, (result, i if len(call.outputs) > 1 else None))

    def _taken_by(self, call: ModelCall, i: int) -> tuple[int | None, ...]:
        """The shape of input `i` of a model; open where its calls are of several sizes."""
        same = [other for other in self._calls.values() if other.first == call.first]
        shapes = [self._maps[other.sources[i]] for other in same]
        return tuple(n[0] if len(set(n)) == 1 else None for n in zip(*shapes, strict=True))

    def _unused(self, name: str) -> str:
        numbers = range(1, len(self._taken) + 2)
        candidates = (name, *(f"{name}_{i}" for i in numbers))
        found = next(candidate for candidate in candidates if candidate not in self._taken)
        self._taken.add(found)
        return found


def _identifier(name: str) -> str:
    """Make a name that Python allows, as near as possible to the one of a layer.

    Examples
    --------
    >>> _identifier("my layer"), _identifier("class"), _identifier("3d")
    ('my_layer', 'class_', 'layer_3d')
    """
    word = re.sub(r"\W", "_", name, flags=re.ASCII)
    if not word.strip("_"):
        return "layer"
    if word[0].isdigit():
        return f"layer_{word}"
    return f"{word}_" if iskeyword(word) else word
