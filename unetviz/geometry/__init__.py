"""Sizes, reasons and costs of U-Nets; the standard library is all it needs."""

from .graph import Graph, Specification, Step
from .problems import Problem, ShapeError
from .sizes import nearest_valid_sizes, valid_sizes
from .spec import DOCUMENT, PAPER, UNetSpec
from .trace import Trace, trace

__all__ = [
    "DOCUMENT",
    "PAPER",
    "Graph",
    "Problem",
    "ShapeError",
    "Specification",
    "Step",
    "Trace",
    "UNetSpec",
    "nearest_valid_sizes",
    "trace",
    "valid_sizes",
]
