"""A network as a list of its operations: what a specification is where no few numbers make one."""

from __future__ import annotations

from dataclasses import dataclass, field
from dataclasses import replace as changed

from .._checks import integer, size
from ..graph import Graph, Specification
from ..ops import Crop, Operation, Source
from ..source.settings import LayerSettings, ModelCall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True)
class Record:
    """One operation in its place; its attributes are those of `Step`, without shapes.

    `read` is the layer with all of its settings; without it the operation says which layer it is.
    `map_level` is None where it follows from `level` and `kind`.
    """

    name: str
    kind: str
    operation: Operation
    inputs: tuple[str, ...]
    level: int
    side: str
    shared: bool = False
    # Settings are dictionaries: compared, but not hashed.
    read: LayerSettings | None = field(default=None, hash=False, repr=False, kw_only=True)
    map_level: int | None = field(default=None, kw_only=True)


@dataclass(frozen=True, repr=False)
class RecordedSpec(Specification):
    """A network that was read, from a Keras model for example, and can be traced at any size.

    Parameters
    ----------
    input_size : int or (int, int)
        Height and width of the image, in pixels.
    input_channels : int
        Channels of the image.
    records : tuple of Record
        The operations in the order of computation, behind the input.
    source : str
        Name of the input step.
    crops_to_fit : bool
        Whether the crops of skips follow from the size; else they are what they were.
    own_size : (int, int), optional
        The size at which it was read: other sizes are valid if strided layers pad as they do there.
        By default `input_size`.
    models : tuple of ModelCall
        The calls of models inside the model.
    input_dtype : str
        Type of the numbers that the model takes.
    source_level : int
        Level of the image: 1 unless a map is larger than it.
    """

    input_size: tuple[int, int]
    input_channels: int
    records: tuple[Record, ...]
    source: str = "input"
    crops_to_fit: bool = False
    own_size: tuple[int, int] | Any = None
    models: tuple[ModelCall, ...] = field(default=(), hash=False)
    input_dtype: str = "float32"
    source_level: int = 1
    is_read = True
    title = "A network"

    def __post_init__(self) -> None:
        object.__setattr__(self, "input_size", size("input_size", self.input_size))
        object.__setattr__(self, "own_size", size("own_size", self.own_size or self.input_size))
        channels = integer("input_channels", self.input_channels, 1)
        object.__setattr__(self, "input_channels", channels)

    def replace(self, **changes: Any) -> RecordedSpec:
        """Return a copy in which the named fields are changed."""
        return changed(self, **changes)

    def arrange(self, graph: Graph) -> None:
        """Add the recorded steps to `graph`."""
        shape = (*self.input_size, self.input_channels)
        # Beside maps that are all at the deepest level the image too counts as the encoder.
        image = LayerSettings("Input", self._input_arguments(shape), self.source)
        graph.add(self.source, Source(shape), level=self.source_level, side="encoder", read=image)
        partners = self._partners() if self.crops_to_fit else {}
        for record in self.records:
            inputs = [graph[name] for name in record.inputs]
            operation, read = record.operation, record.read
            if record.name in partners:
                other = graph[partners[record.name]]
                operation = Crop.to_fit(inputs[0].out_shape, other.out_shape)
                if read is not None:
                    read = changed(read, arguments={**read.arguments, **operation.keras()[1]})
            graph.add(
                record.name,
                operation,
                inputs,
                level=record.level,
                side=record.side,
                kind=record.kind,
                shared=record.shared,
                read=read,
                map_level=record.map_level,
            )

    def _input_arguments(self, shape: tuple[int, int, int]) -> dict[str, object]:
        if self.input_dtype == "float32":
            return {"shape": shape}
        return {"shape": shape, "dtype": self.input_dtype}

    def rebuilt(self) -> RecordedSpec:
        """Return the same network as one whose skips are cropped to fit at each size."""
        return self.replace(crops_to_fit=True)

    def _partners(self) -> dict[str, str]:
        """For each crop of a skip, the map that it is joined with, if that is known before."""
        order = {record.name: i for i, record in enumerate(self.records)}
        crops = {r.name for r in self.records if isinstance(r.operation, Crop)}
        partners = {}
        for record in self.records:
            for name in crops & set(record.inputs):
                others = [other for other in record.inputs if other not in crops]
                if others and order.get(others[0], -1) < order[name]:
                    partners[name] = others[0]
        return partners

    def __repr__(self) -> str:
        height, width = self.input_size
        return f"<a model of {len(self.records)} steps at {height} x {width}>"
