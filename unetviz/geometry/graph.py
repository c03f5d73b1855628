"""A network as a graph of operations, with the shape of every map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .index_maps import AxisMap
from .ops import Crop, Look, Operation, Pair, Shape
from .source.settings import LayerSettings, ModelCall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BYTES_PER_NUMBER = 4
"""A float32 number, as Keras computes by default."""


@dataclass(frozen=True)
class Step:
    """One operation in its place: its inputs, the shapes that meet, the shape that comes out.

    Attributes
    ----------
    name : str
        Unique in its trace, and the name of the Keras layer, such as ``"dec4_up"``.
    kind : str
        Role of the step: input, conv, pool, dropout, upconv, upsample, crop, concat, add or head.
    operation : Operation
        The rules of the arrow.
    inputs : tuple of str
        Names of the steps whose maps go in.
    in_shapes : tuple of (int, int, int)
        Shapes ``(height, width, channels)`` of those maps, in pixels.
    out_shape : (int, int, int) or None
        Shape of the map that comes out; None for the step at which a trace stops.
    level : int
        1 at the input size, one more after each pool.
    side : str
        ``"encoder"``, ``"bottleneck"``, ``"decoder"`` or ``"head"``.
    shared : bool
        Whether its weights are those of an earlier step: a layer that is called again.
    zeros : (int, int)
        How many of the last rows and columns that come in are zeros of a padding.
    read : LayerSettings or None
        The layer of a model that was read, with all of its settings; else the operation says which
        layer does it.
    """

    name: str
    kind: str
    operation: Operation
    inputs: tuple[str, ...]
    in_shapes: tuple[Shape, ...]
    out_shape: Shape
    level: int
    side: str
    shared: bool = False
    zeros: Pair = (0, 0)
    read: LayerSettings | None = field(default=None, compare=False, repr=False)

    @property
    def layer(self) -> LayerSettings:
        """The Keras layer that does this."""
        return self.read or LayerSettings(*self.operation.keras(), self.name)

    @property
    def label(self) -> str:
        """The operation in a few words, such as ``conv 3x3, ReLU``."""
        return self.operation.label

    @property
    def look(self) -> Look:
        """How it is drawn: as its operation, or as the role that it has in the network."""
        return self.operation.roles.get(self.kind, self.operation.look)

    @property
    def formulas(self) -> tuple[str, ...]:
        """The size rule of height and of width; only one where the two agree."""
        return self.operation.formulas(self.in_shapes)

    @property
    def why(self) -> str:
        """The size rule with its numbers, such as ``572 - 3 + 1 = 570``."""
        return self.operation.why(self.in_shapes)

    @property
    def reason(self) -> str:
        """The whole explanation in words."""
        return self.operation.reason(self.in_shapes)

    @property
    def params(self) -> int:
        """Trainable numbers: weights and biases."""
        return 0 if self.shared else self.operation.params(self.in_shapes)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one pass over one image."""
        return self.operation.macs(self.in_shapes)

    @property
    def activation_bytes(self) -> int:
        """Bytes of the map that comes out, in float32."""
        height, width, channels = self.out_shape
        return BYTES_PER_NUMBER * height * width * channels

    @property
    def crop(self) -> tuple[Pair, Pair] | None:
        """Pixels cut off at ((top, bottom), (left, right)); None if this is no crop."""
        return self.operation.amounts if isinstance(self.operation, Crop) else None

    @property
    def lost(self) -> Pair:
        """Rows and columns at the end of the input that no output uses, zeros not counted."""
        rows, columns = self.operation.lost(self.in_shapes)
        return max(0, rows - self.zeros[0]), max(0, columns - self.zeros[1])

    @property
    def uneven(self) -> tuple[bool, bool]:
        """Whether a crop cuts more on one side than on the other, for height and width."""
        return self.operation.uneven if isinstance(self.operation, Crop) else (False, False)

    @property
    def map_level(self) -> int:
        """Level of the map that comes out: a pool's is the first of the level below."""
        return self.level + (self.kind == "pool")

    def rule(self, axis: int) -> AxisMap:
        """Index map along `axis` (0: height, 1: width), the same for all inputs."""
        return self.operation.axis_map(axis, self.in_shapes[0][axis])

    @property
    def fits(self) -> bool:
        """True if no pixel is lost here and no crop is uneven."""
        return not any(self.lost) and not any(self.uneven)


class Specification:
    """What can be traced: it knows its size, and the order of its steps.

    Attributes
    ----------
    input_size : (int, int)
        Height and width of the image, in pixels.
    """

    input_size: Pair
    is_read = False
    """Whether it was read from a model: then its crops are what they are, whatever the size."""
    own_size: Pair
    """Size at which it was read; a network that was not read has none."""
    title = "A U-Net"
    """What captions call it."""
    models: tuple[ModelCall, ...] = ()
    """Calls of models inside the model; only a network that was read has any."""

    def rebuilt(self) -> Specification:
        """Return the same network as one that is built anew at each size."""
        return self

    def replace(self, **changes: Any) -> Specification:
        """Return a copy in which the named fields are changed."""
        raise NotImplementedError

    def arrange(self, graph: Graph) -> None:
        """Add the steps of the network to `graph`."""
        raise NotImplementedError


class StepRefusedError(Exception):
    """A step that Keras would refuse; `step` has no output shape."""

    def __init__(self, step: Step):
        super().__init__(step.name)
        self.step = step


class Graph:
    """Steps in the order of computation, while they are being laid out.

    A specification arranges itself by calling `add`. Each call computes the shape at once, so
    that a later step can ask for it: a crop needs the sizes of both maps.
    """

    def __init__(self) -> None:
        self._steps: dict[str, Step] = {}
        self.failed: Step | None = None

    @classmethod
    def of(cls, spec: Specification) -> Graph:
        """Lay out `spec` up to its end, or up to the first step that Keras would refuse."""
        graph = cls()
        try:
            spec.arrange(graph)
        except StepRefusedError as refused:
            graph.failed = refused.step
        return graph

    def add(
        self,
        name: str,
        operation: Operation,
        inputs: Sequence[Step] = (),
        *,
        level: int,
        side: str,
        kind: str | None = None,
        shared: bool = False,
        read: LayerSettings | None = None,
    ) -> Step:
        """Append a step and return it.

        Parameters
        ----------
        name : str
            A name not used yet.
        operation : Operation
            The rules of the arrow.
        inputs : sequence of Step
            Earlier steps, in the order in which the operation takes them.
        level, side : int, str
            Place in the drawing.
        kind : str, optional
            Role of the step where it is not the operation's own.
        shared : bool
            Whether its weights are those of an earlier step.
        read : LayerSettings, optional
            The layer of a model that was read.

        Raises
        ------
        StepRefusedError
            Where Keras would refuse to make the layer.
        """
        in_shapes = tuple(step.out_shape for step in inputs)
        names = tuple(step.name for step in inputs)
        refused = bool(in_shapes) and bool(operation.refusal(in_shapes))
        shape = None if refused else operation.out_shape(in_shapes)
        kind = kind or operation.kind
        zeros = inputs[0].operation.zeros_behind if inputs else (0, 0)
        place = (level, side, shared, zeros, read)
        step = Step(name, kind, operation, names, in_shapes, shape, *place)  # type: ignore[arg-type]
        if refused:
            raise StepRefusedError(step)
        self._steps[name] = step
        return step

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps.values())

    def __getitem__(self, name: str) -> Step:
        return self._steps[name]

    @property
    def fits(self) -> bool:
        """True if every step works, no pixel is lost and every crop is even."""
        return self.failed is None and all(step.fits for step in self)


@dataclass(frozen=True, repr=False)
class Steps:
    """Steps in the order of computation, and their sums.

    ``steps["dec4_up"]`` gives one by name. Where the size does not fit they end before the step
    that fails, and the sums cover the steps that there are.

    Attributes
    ----------
    spec : Specification
        What was laid out: a `UNetSpec`, or what was read from a model.
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
