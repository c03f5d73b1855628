"""Sizes, reasons and costs of U-Nets; the standard library is all it needs.

Even `typing` is left to type checkers here: loading it would take a sixth of the time in which this
package starts. The plain ``TYPE_CHECKING = False`` in its modules is what type checkers know.
"""

from .graph import Graph, Specification, Step
from .problems import Problem, ShapeError
from .specs.unet import DOCUMENT, PAPER, UNetSpec
from .trace import Trace, trace
from .valid_sizes import nearest_valid_sizes, valid_sizes

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
