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

    from .draw.drawing import Drawing, draw_ledger, draw_unet
    from .draw.ledger_figure import ledger_figure
    from .draw.maps import draw_map, draw_patches
    from .geometry.ancestry import (
        Ancestry,
        Box,
        Influence,
        OutOfRangeError,
        ancestry,
        influence,
        padding_free,
    )
    from .geometry.difference import difference_table
    from .geometry.ledger import ledger_table
    from .geometry.skips import skip_table
    from .geometry.table import number_table
    from .labs.patches import Patches, cut_patches
    from .labs.pooling import max_pool
    from .labs.tiles import Tile, TilePlan, plan_tiles
    from .nets.build import build
    from .nets.document import unet
    from .nets.files import FileFormatError, load_model
    from .nets.probing import feature_maps
    from .nets.read_layers import UnknownLayerError
    from .nets.source import keras_code
    from .nets.tiling import TiledPrediction, TiledRun, predict_tiled, predict_whole
    from .nets.trace_model import trace_model
    from .widgets.ancestry_explorer import AncestryExplorer
    from .widgets.border_explorer import BorderExplorer
    from .widgets.explorer import UNetExplorer
    from .widgets.question import Question
    from .widgets.seam_meter import SeamMeter
    from .widgets.size_check import SizeCheck
    from .widgets.skip_explorer import SkipExplorer
    from .widgets.tile_explorer import TileExplorer

__version__ = "0.1.0"

_MODULES = {
    "skip_table": "geometry.skips",
    "draw_patches": "draw.maps",
    "draw_map": "draw.maps",
    "SeamMeter": "widgets.seam_meter",
    "TileExplorer": "widgets.tile_explorer",
    "SkipExplorer": "widgets.skip_explorer",
    "feature_maps": "nets.probing",
    "BorderExplorer": "widgets.border_explorer",
    "AncestryExplorer": "widgets.ancestry_explorer",
    "Drawing": "draw.drawing",
    "draw_unet": "draw.drawing",
    "build": "nets.build",
    "unet": "nets.document",
    "Ancestry": "geometry.ancestry",
    "Box": "geometry.ancestry",
    "Influence": "geometry.ancestry",
    "OutOfRangeError": "geometry.ancestry",
    "ancestry": "geometry.ancestry",
    "influence": "geometry.ancestry",
    "padding_free": "geometry.ancestry",
    "difference_table": "geometry.difference",
    "ledger_table": "geometry.ledger",
    "number_table": "geometry.table",
    "max_pool": "labs.pooling",
    "Patches": "labs.patches",
    "cut_patches": "labs.patches",
    "Tile": "labs.tiles",
    "TilePlan": "labs.tiles",
    "plan_tiles": "labs.tiles",
    "TiledPrediction": "nets.tiling",
    "TiledRun": "nets.tiling",
    "predict_tiled": "nets.tiling",
    "predict_whole": "nets.tiling",
    "keras_code": "nets.source",
    "FileFormatError": "nets.files",
    "load_model": "nets.files",
    "UnknownLayerError": "nets.read_layers",
    "trace_model": "nets.trace_model",
    "Question": "widgets.question",
    "SizeCheck": "widgets.size_check",
    "UNetExplorer": "widgets.explorer",
    "draw_ledger": "draw.drawing",
    "ledger_figure": "draw.ledger_figure",
}
"""Where each name that loads on first use lives."""

__all__ = [
    "DOCUMENT",
    "PAPER",
    "Ancestry",
    "AncestryExplorer",
    "BorderExplorer",
    "Box",
    "Drawing",
    "FileFormatError",
    "Influence",
    "OutOfRangeError",
    "Patches",
    "Problem",
    "Question",
    "SeamMeter",
    "ShapeError",
    "SizeCheck",
    "SkipExplorer",
    "Step",
    "Tile",
    "TileExplorer",
    "TilePlan",
    "TiledPrediction",
    "TiledRun",
    "Trace",
    "UNetExplorer",
    "UNetSpec",
    "UnknownLayerError",
    "ancestry",
    "build",
    "cut_patches",
    "difference_table",
    "draw_ledger",
    "draw_map",
    "draw_patches",
    "draw_unet",
    "feature_maps",
    "influence",
    "keras_code",
    "ledger_figure",
    "ledger_table",
    "load_model",
    "max_pool",
    "nearest_valid_sizes",
    "number_table",
    "padding_free",
    "plan_tiles",
    "predict_tiled",
    "predict_whole",
    "skip_table",
    "trace",
    "trace_model",
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
