"""Follow an image through a network: every step, its shape, its cost and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from .graph import Graph, Specification, Steps, specification_of
from .problems import Problem, ShapeError, describe_problems, describe_warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


@dataclass(frozen=True, repr=False)
class Trace(Steps):
    """The steps of a network in the order of computation.

    A trace is a sequence of `Step`; ``t["dec4_up"]`` gives one by name. Where the size does not
    fit it ends before the step that fails. Its attributes and sums are those of `Steps`; beside
    them it knows what does not fit.

    See Also
    --------
    trace : makes one.
    """

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Why the network cannot be built; empty if it can."""
        return describe_problems(self)

    @cached_property
    def warnings(self) -> tuple[Problem, ...]:
        """Everything about the size that does not fit; empty if and only if the size is valid.

        Rows that a pool drops, uneven crops, and the problem that stops the trace.
        """
        return describe_warnings(self)

    def check(self) -> Trace:
        """Return this trace, or raise `ShapeError` with the first problem's explanation."""
        if self.problems:
            raise ShapeError(self.problems[0])
        return self

    def __repr__(self) -> str:
        start, end = self.steps[0].out_shape, self.output_shape
        result = _tables().shape_text(end) if end else f"stops at {self.problems[0].step}"
        return f"<Trace {_tables().shape_text(start)} -> {result}, {len(self)} steps>"

    def __str__(self) -> str:
        return _tables().as_text(self)

    def _repr_markdown_(self) -> str:
        return _tables().as_markdown(self)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        return _tables().as_dict(self)


def _tables() -> ModuleType:
    """Load the tables when the first one is wanted; sizes alone do without them."""
    from .tables import steps

    return steps


def trace(spec: Specification | Trace) -> Trace:
    """Follow an image of `spec.input_size` through the network.

    Parameters
    ----------
    spec : UNetSpec
        The network; any specification that can arrange itself as a graph. A trace is returned as it
        is, so that whatever takes a network takes both.

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
    if isinstance(spec, Trace):
        return spec
    graph = Graph.of(specification_of(spec))
    return Trace(spec, tuple(graph), graph.failed)
