"""Walk through a U-Net: every size, crop and number computed, none drawn from memory.

Importing this package loads the geometry and nothing heavier; every other name loads its layer
(Keras, the drawings, the widgets) when it is first used.
"""

from __future__ import annotations

from importlib import import_module

from .geometry import (
    DOCUMENT,
    PAPER,
    Problem,
    ShapeError,
    Step,
    Trace,
    UNetSpec,
    nearest_valid_sizes,
    trace,
    valid_sizes,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .draw.drawing import Drawing, draw_unet
    from .nets.build import build
    from .nets.document import unet
    from .nets.files import FileFormatError, load_model
    from .nets.source import keras_code
    from .widgets.question import Question
    from .widgets.size_check import SizeCheck

__version__ = "0.1.0"

_MODULES = {
    "Drawing": "draw.drawing",
    "draw_unet": "draw.drawing",
    "build": "nets.build",
    "unet": "nets.document",
    "keras_code": "nets.source",
    "FileFormatError": "nets.files",
    "load_model": "nets.files",
    "Question": "widgets.question",
    "SizeCheck": "widgets.size_check",
}
"""Where each name that loads on first use lives."""

__all__ = [
    "DOCUMENT",
    "PAPER",
    "Drawing",
    "FileFormatError",
    "Problem",
    "Question",
    "ShapeError",
    "SizeCheck",
    "Step",
    "Trace",
    "UNetSpec",
    "build",
    "draw_unet",
    "keras_code",
    "load_model",
    "nearest_valid_sizes",
    "trace",
    "unet",
    "valid_sizes",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"unetviz has no {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
