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
    from .draw.objects import draw_answers
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
    from .geometry.source import keras_code
    from .geometry.table import number_table
    from .labs.answers import to_picture
    from .labs.coverage import (
        bilinear_kernel,
        block_sum,
        coverage,
        forward_backward,
        measured_shift,
        numeric_gradient,
        upsample_convolve,
    )
    from .labs.outlines import find_objects
    from .labs.patches import Patches, cut_patches
    from .labs.pixel_loss import cross_entropy, softmax
    from .labs.pooling import max_pool
    from .labs.resampling import common_divisors, downsample_mean, round_trip, upsample
    from .labs.shapes import made_patches, made_scene
    from .labs.tiles import Tile, TilePlan, plan_tiles
    from .labs.transposed import convolution_matrix, convolve, stamp_and_add
    from .nets.build import build
    from .nets.classifier import convolutionalize, sharing, slide, train_classifier
    from .nets.document import unet
    from .nets.files import FileFormatError, load_model
    from .nets.probing import feature_maps, feature_vectors
    from .nets.read_layers import UnknownLayerError
    from .nets.tiling import TiledPrediction, TiledRun, predict_tiled, predict_whole
    from .nets.trace_model import trace_model
    from .widgets.ancestry_explorer import AncestryExplorer
    from .widgets.answers import answer_words
    from .widgets.border_explorer import BorderExplorer
    from .widgets.classifier_explorer import ClassifierExplorer
    from .widgets.coverage_explorer import CoverageExplorer
    from .widgets.explorer import UNetExplorer
    from .widgets.pixel_loss_explorer import PixelLossExplorer
    from .widgets.question import Question
    from .widgets.resampling_explorers import (
        DownsamplingExplorer,
        PoolingExplorer,
        UpsamplingExplorer,
    )
    from .widgets.round_trip_explorer import RoundTripExplorer
    from .widgets.seam_meter import SeamMeter
    from .widgets.size_check import SizeCheck
    from .widgets.skip_explorer import SkipExplorer
    from .widgets.tile_explorer import TileExplorer
    from .widgets.transposed_explorer import TransposedExplorer

__version__ = "0.1.0"

_MODULES = {
    "Drawing": "draw.drawing",
    "draw_ledger": "draw.drawing",
    "draw_unet": "draw.drawing",
    "ledger_figure": "draw.ledger_figure",
    "draw_map": "draw.maps",
    "draw_patches": "draw.maps",
    "draw_answers": "draw.objects",
    "Ancestry": "geometry.ancestry",
    "Box": "geometry.ancestry",
    "Influence": "geometry.ancestry",
    "OutOfRangeError": "geometry.ancestry",
    "ancestry": "geometry.ancestry",
    "influence": "geometry.ancestry",
    "padding_free": "geometry.ancestry",
    "difference_table": "geometry.difference",
    "ledger_table": "geometry.ledger",
    "skip_table": "geometry.skips",
    "keras_code": "geometry.source",
    "number_table": "geometry.table",
    "to_picture": "labs.answers",
    "bilinear_kernel": "labs.coverage",
    "block_sum": "labs.coverage",
    "coverage": "labs.coverage",
    "forward_backward": "labs.coverage",
    "measured_shift": "labs.coverage",
    "numeric_gradient": "labs.coverage",
    "upsample_convolve": "labs.coverage",
    "find_objects": "labs.outlines",
    "Patches": "labs.patches",
    "cut_patches": "labs.patches",
    "cross_entropy": "labs.pixel_loss",
    "softmax": "labs.pixel_loss",
    "max_pool": "labs.pooling",
    "common_divisors": "labs.resampling",
    "downsample_mean": "labs.resampling",
    "round_trip": "labs.resampling",
    "upsample": "labs.resampling",
    "made_patches": "labs.shapes",
    "made_scene": "labs.shapes",
    "Tile": "labs.tiles",
    "TilePlan": "labs.tiles",
    "plan_tiles": "labs.tiles",
    "convolution_matrix": "labs.transposed",
    "convolve": "labs.transposed",
    "stamp_and_add": "labs.transposed",
    "build": "nets.build",
    "convolutionalize": "nets.classifier",
    "sharing": "nets.classifier",
    "slide": "nets.classifier",
    "train_classifier": "nets.classifier",
    "unet": "nets.document",
    "FileFormatError": "nets.files",
    "load_model": "nets.files",
    "feature_maps": "nets.probing",
    "feature_vectors": "nets.probing",
    "UnknownLayerError": "nets.read_layers",
    "TiledPrediction": "nets.tiling",
    "TiledRun": "nets.tiling",
    "predict_tiled": "nets.tiling",
    "predict_whole": "nets.tiling",
    "trace_model": "nets.trace_model",
    "AncestryExplorer": "widgets.ancestry_explorer",
    "answer_words": "widgets.answers",
    "BorderExplorer": "widgets.border_explorer",
    "ClassifierExplorer": "widgets.classifier_explorer",
    "CoverageExplorer": "widgets.coverage_explorer",
    "UNetExplorer": "widgets.explorer",
    "PixelLossExplorer": "widgets.pixel_loss_explorer",
    "Question": "widgets.question",
    "DownsamplingExplorer": "widgets.resampling_explorers",
    "PoolingExplorer": "widgets.resampling_explorers",
    "UpsamplingExplorer": "widgets.resampling_explorers",
    "RoundTripExplorer": "widgets.round_trip_explorer",
    "SeamMeter": "widgets.seam_meter",
    "SizeCheck": "widgets.size_check",
    "SkipExplorer": "widgets.skip_explorer",
    "TileExplorer": "widgets.tile_explorer",
    "TransposedExplorer": "widgets.transposed_explorer",
}
"""Where each name that loads on first use lives."""

__all__ = [
    "DOCUMENT",
    "PAPER",
    "Ancestry",
    "AncestryExplorer",
    "BorderExplorer",
    "Box",
    "ClassifierExplorer",
    "CoverageExplorer",
    "DownsamplingExplorer",
    "Drawing",
    "FileFormatError",
    "Influence",
    "OutOfRangeError",
    "Patches",
    "PixelLossExplorer",
    "PoolingExplorer",
    "Problem",
    "Question",
    "RoundTripExplorer",
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
    "TransposedExplorer",
    "UNetExplorer",
    "UNetSpec",
    "UnknownLayerError",
    "UpsamplingExplorer",
    "ancestry",
    "answer_words",
    "bilinear_kernel",
    "block_sum",
    "build",
    "common_divisors",
    "convolution_matrix",
    "convolutionalize",
    "convolve",
    "coverage",
    "cross_entropy",
    "cut_patches",
    "difference_table",
    "downsample_mean",
    "draw_answers",
    "draw_ledger",
    "draw_map",
    "draw_patches",
    "draw_unet",
    "feature_maps",
    "feature_vectors",
    "find_objects",
    "forward_backward",
    "influence",
    "keras_code",
    "ledger_figure",
    "ledger_table",
    "load_model",
    "made_patches",
    "made_scene",
    "max_pool",
    "measured_shift",
    "nearest_valid_sizes",
    "number_table",
    "numeric_gradient",
    "padding_free",
    "plan_tiles",
    "predict_tiled",
    "predict_whole",
    "round_trip",
    "sharing",
    "skip_table",
    "slide",
    "softmax",
    "stamp_and_add",
    "to_picture",
    "trace",
    "trace_model",
    "train_classifier",
    "unet",
    "upsample",
    "upsample_convolve",
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
