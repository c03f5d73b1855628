"""Follow an image through a network: every step, its shape, its cost and its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .graph import Graph, Shape, Specification, Step
from .problems import Problem, ShapeError, describe_failure, describe_warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


@dataclass(frozen=True, repr=False)
class Trace:
    """The steps of a network in the order of computation.

    A trace is a sequence of `Step`; ``t["dec4_up"]`` gives one by name. Where the size does not
    fit it ends before the step that fails, and the sums cover the steps that it has.

    Attributes
    ----------
    spec : Specification
        What was traced: a `UNetSpec`, or what was read from a model.
    steps : tuple of Step
        All steps that work.
    failed : Step or None
        The step that Keras would refuse, without an output shape.
    """

    spec: Specification
    steps: tuple[Step, ...]
    failed: Step | None = None

    @cached_property
    def _by_name(self) -> dict[str, Step]:
        return {step.name: step for step in self.steps}

    @property
    def ok(self) -> bool:
        """True if the network can be built at this size."""
        return self.failed is None

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Steps that work, and behind them the one that fails, if there is one."""
        return self.steps if self.failed is None else (*self.steps, self.failed)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Why the network cannot be built; empty if it can."""
        if self.failed is None:
            return ()
        return (describe_failure(self),)

    @cached_property
    def warnings(self) -> tuple[Problem, ...]:
        """Everything about the size that does not fit; empty if and only if the size is valid.

        Rows that a pool drops, uneven crops, and the problem that stops the trace.
        """
        return describe_warnings(self) + self.problems

    def check(self) -> Trace:
        """Return this trace, or raise `ShapeError` with the first problem's explanation."""
        if self.problems:
            raise ShapeError(self.problems[0])
        return self

    @property
    def output_shape(self) -> Shape | None:
        """Shape ``(height, width, channels)`` of the result; None if the trace stopped."""
        return self.steps[-1].out_shape if self.ok else None

    @property
    def params(self) -> int:
        """Trainable numbers of all steps."""
        return sum(step.params for step in self.steps)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one pass over one image."""
        return sum(step.macs for step in self.steps)

    @property
    def activation_bytes(self) -> int:
        """Bytes of all maps in float32, the input included."""
        return sum(step.activation_bytes for step in self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, name: str) -> Step:
        try:
            return self._by_name[name]
        except KeyError:
            names = ", ".join(step.name for step in self.steps)
            raise KeyError(f"no step {name!r}; the steps are {names}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __repr__(self) -> str:
        start, end = self.steps[0].out_shape, self.output_shape
        result = _report().shape_text(end) if end else f"stops at {self.problems[0].step}"
        return f"<Trace {_report().shape_text(start)} -> {result}, {len(self)} steps>"

    def __str__(self) -> str:
        return _report().as_text(self)

    def _repr_markdown_(self) -> str:
        return _report().as_markdown(self)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        return _report().as_dict(self)


def _report() -> ModuleType:
    """Load the tables when the first one is wanted; sizes alone do without them."""
    from .tables import steps as report

    return report


def trace(spec: Specification) -> Trace:
    """Follow an image of `spec.input_size` through the network.

    Parameters
    ----------
    spec : UNetSpec
        The network; any specification that can arrange itself as a graph.

    Returns
    -------
    Trace
        All steps, or the steps up to the one that fails. A size that does not fit raises
        nothing: `Trace.problems` and `Trace.warnings` say so.

    Raises
    ------
    TypeError
        If `spec` is no specification.

    Examples
    --------
    >>> from unetviz import PAPER
    >>> t = trace(PAPER)
    >>> t.output_shape, t["dec4_crop"].crop
    ((388, 388, 2), ((4, 4), (4, 4)))
    >>> t["enc1_conv1"].why
    '572 - 3 + 1 = 570'
    """
    if not isinstance(spec, Specification):
        raise TypeError(f"trace takes a UNetSpec, not {spec!r}; try trace(UNetSpec(572))")
    graph = Graph.of(spec)
    return Trace(spec, tuple(graph), graph.failed)
