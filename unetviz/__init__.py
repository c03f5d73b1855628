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

    from .draw.charts.gradient_norms import draw_norms
    from .draw.charts.pixel_budget_figure import ledger_figure
    from .draw.charts.training import draw_training
    from .draw.drawing import Drawing, draw_ledger, draw_unet
    from .draw.handout.sheets import write_handout
    from .draw.handout.worksheet import draw_worksheet
    from .draw.images.detection import draw_answers
    from .draw.images.maps import draw_map, draw_patches
    from .geometry.keras_source import keras_code
    from .geometry.receptive_field import (
        Ancestry,
        Box,
        Influence,
        OutOfRangeError,
        ancestry,
        influence,
        padding_free,
    )
    from .geometry.specs.ablation import SINGLE_EDITS, changed_fields, changed_steps
    from .geometry.specs.fcn import FCNSpec
    from .geometry.tables.compare import difference_table, single_edits_table
    from .geometry.tables.pixel_budget import ledger_table
    from .geometry.tables.skips import skip_table
    from .geometry.tables.table import number_table, value_table
    from .labs.checkerboard import (
        bilinear_kernel,
        block_sum,
        coverage,
        forward_backward,
        measured_shift,
        numeric_gradient,
        upsample_convolve,
    )
    from .labs.detection import find_objects
    from .labs.images.files import PictureFileError, read_picture
    from .labs.images.pairs import PairError, load_pairs
    from .labs.merging import recovered_share
    from .labs.metrics import Score, foreground, judge, mean_score, score, score_table
    from .labs.pixel_loss import cross_entropy, softmax
    from .labs.pooling import max_pool
    from .labs.resampling import common_divisors, downsample_mean, round_trip, upsample
    from .labs.rim import (
        count_pieces,
        distance_from_border,
        distance_table,
        mixed_pixels,
        wrong_by_distance,
    )
    from .labs.score_maps import to_picture
    from .labs.scores import boundary_error, dice
    from .labs.synthetic.cells import MadePicture, made_cells
    from .labs.synthetic.examples import MadeExamples, held_out
    from .labs.synthetic.scenes import made_patches, made_scene
    from .labs.synthetic.weight_map import weight_map
    from .labs.threshold import otsu_mask
    from .labs.tiles.patches import Patches, cut_patches
    from .labs.tiles.plan import Tile, TilePlan, plan_tiles
    from .labs.upconvolution import convolution_matrix, convolve, stamp_and_add
    from .nets.backprop.kernels import WeightCheck, check_weight
    from .nets.backprop.maps import BackwardPass, backward_pass, gradient_norms, pixel_gradient
    from .nets.build import build
    from .nets.document import unet
    from .nets.initializers import bilinear_table, upsample_by_stamps
    from .nets.lessons.ablation import EditResult, measure_edits
    from .nets.lessons.classifier import convolutionalize, sharing, slide, train_classifier
    from .nets.lessons.code_walk import walk_code
    from .nets.lessons.dead_relu import early_losses, largest_gradients, measure_dead_starts
    from .nets.lessons.merging import as_concatenation, recovered_table
    from .nets.lessons.printed_code import errors_of_printed_code, mended_code
    from .nets.reading.files import FileFormatError, load_model
    from .nets.reading.layers import UnknownLayerError
    from .nets.reading.trace_model import trace_model
    from .nets.running.feature_maps import feature_maps, feature_vectors
    from .nets.running.microscope import take_apart
    from .nets.running.score_sums import ScoreSum, ScoreSums
    from .nets.running.surgery import SkipChange, SkipSurgery
    from .nets.tiles import TiledPrediction, TiledRun, predict_tiled, predict_whole
    from .nets.training.live import LiveTraining, threshold_score
    from .nets.training.pretrained import load_pretrained, model_card
    from .nets.training.scoring import predict_picture, score_model
    from .nets.training.steps import train_steps
    from .widgets.explorers.ablation.explorer import EditExplorer
    from .widgets.explorers.activations.explorer import ActivationExplorer
    from .widgets.explorers.backprop.gradient_check import GradientCheckExplorer
    from .widgets.explorers.backprop.pixel_gradient import PixelGradientExplorer
    from .widgets.explorers.backprop.rules import BackwardRuleExplorer
    from .widgets.explorers.backprop.timeline import BackwardExplorer
    from .widgets.explorers.code.explorer import CodeExplorer
    from .widgets.explorers.microscope.explorer import Microscope
    from .widgets.explorers.pixels.classifier import ClassifierExplorer
    from .widgets.explorers.pixels.detection_words import answer_words
    from .widgets.explorers.pixels.pixel_loss import PixelLossExplorer
    from .widgets.explorers.receptive_field.border import BorderExplorer
    from .widgets.explorers.receptive_field.explorer import AncestryExplorer
    from .widgets.explorers.resampling.grids import (
        DownsamplingExplorer,
        PoolingExplorer,
        UpsamplingExplorer,
    )
    from .widgets.explorers.resampling.round_trip import RoundTripExplorer
    from .widgets.explorers.shapes.fcn import FCNExplorer
    from .widgets.explorers.shapes.size_check import SizeCheck
    from .widgets.explorers.shapes.unet import UNetExplorer
    from .widgets.explorers.skips.explorer import SkipExplorer
    from .widgets.explorers.skips.score_sum import ScoreSumExplorer
    from .widgets.explorers.skips.surgery import SurgeryExplorer
    from .widgets.explorers.tiles.explorer import TileExplorer
    from .widgets.explorers.tiles.seam_meter import SeamMeter
    from .widgets.explorers.training.panel import TrainingPanel
    from .widgets.explorers.upconvolution.checkerboard import CoverageExplorer
    from .widgets.explorers.upconvolution.transposed import TransposedExplorer
    from .widgets.question import Question

__version__ = "1.0.0"

_MODULES = {
    "draw_training": "draw.charts.training",
    "Drawing": "draw.drawing",
    "draw_ledger": "draw.drawing",
    "draw_unet": "draw.drawing",
    "write_handout": "draw.handout.sheets",
    "ledger_figure": "draw.charts.pixel_budget_figure",
    "draw_map": "draw.images.maps",
    "draw_patches": "draw.images.maps",
    "draw_norms": "draw.charts.gradient_norms",
    "draw_answers": "draw.images.detection",
    "draw_worksheet": "draw.handout.worksheet",
    "Ancestry": "geometry.receptive_field",
    "Box": "geometry.receptive_field",
    "Influence": "geometry.receptive_field",
    "OutOfRangeError": "geometry.receptive_field",
    "ancestry": "geometry.receptive_field",
    "influence": "geometry.receptive_field",
    "padding_free": "geometry.receptive_field",
    "difference_table": "geometry.tables.compare",
    "single_edits_table": "geometry.tables.compare",
    "SINGLE_EDITS": "geometry.specs.ablation",
    "changed_fields": "geometry.specs.ablation",
    "changed_steps": "geometry.specs.ablation",
    "FCNSpec": "geometry.specs.fcn",
    "ledger_table": "geometry.tables.pixel_budget",
    "skip_table": "geometry.tables.skips",
    "keras_code": "geometry.keras_source",
    "number_table": "geometry.tables.table",
    "value_table": "geometry.tables.table",
    "to_picture": "labs.score_maps",
    "bilinear_kernel": "labs.checkerboard",
    "block_sum": "labs.checkerboard",
    "coverage": "labs.checkerboard",
    "forward_backward": "labs.checkerboard",
    "measured_shift": "labs.checkerboard",
    "numeric_gradient": "labs.checkerboard",
    "upsample_convolve": "labs.checkerboard",
    "Score": "labs.metrics",
    "foreground": "labs.metrics",
    "judge": "labs.metrics",
    "mean_score": "labs.metrics",
    "score": "labs.metrics",
    "score_table": "labs.metrics",
    "MadePicture": "labs.synthetic.cells",
    "made_cells": "labs.synthetic.cells",
    "MadeExamples": "labs.synthetic.examples",
    "held_out": "labs.synthetic.examples",
    "recovered_share": "labs.merging",
    "find_objects": "labs.detection",
    "PairError": "labs.images.pairs",
    "load_pairs": "labs.images.pairs",
    "Patches": "labs.tiles.patches",
    "cut_patches": "labs.tiles.patches",
    "PictureFileError": "labs.images.files",
    "read_picture": "labs.images.files",
    "cross_entropy": "labs.pixel_loss",
    "softmax": "labs.pixel_loss",
    "max_pool": "labs.pooling",
    "common_divisors": "labs.resampling",
    "downsample_mean": "labs.resampling",
    "round_trip": "labs.resampling",
    "upsample": "labs.resampling",
    "count_pieces": "labs.rim",
    "distance_from_border": "labs.rim",
    "distance_table": "labs.rim",
    "mixed_pixels": "labs.rim",
    "wrong_by_distance": "labs.rim",
    "boundary_error": "labs.scores",
    "dice": "labs.scores",
    "made_patches": "labs.synthetic.scenes",
    "made_scene": "labs.synthetic.scenes",
    "otsu_mask": "labs.threshold",
    "Tile": "labs.tiles.plan",
    "TilePlan": "labs.tiles.plan",
    "plan_tiles": "labs.tiles.plan",
    "convolution_matrix": "labs.upconvolution",
    "convolve": "labs.upconvolution",
    "stamp_and_add": "labs.upconvolution",
    "weight_map": "labs.synthetic.weight_map",
    "bilinear_table": "nets.initializers",
    "upsample_by_stamps": "nets.initializers",
    "build": "nets.build",
    "convolutionalize": "nets.lessons.classifier",
    "sharing": "nets.lessons.classifier",
    "slide": "nets.lessons.classifier",
    "train_classifier": "nets.lessons.classifier",
    "walk_code": "nets.lessons.code_walk",
    "early_losses": "nets.lessons.dead_relu",
    "largest_gradients": "nets.lessons.dead_relu",
    "measure_dead_starts": "nets.lessons.dead_relu",
    "unet": "nets.document",
    "errors_of_printed_code": "nets.lessons.printed_code",
    "mended_code": "nets.lessons.printed_code",
    "EditResult": "nets.lessons.ablation",
    "measure_edits": "nets.lessons.ablation",
    "FileFormatError": "nets.reading.files",
    "load_model": "nets.reading.files",
    "BackwardPass": "nets.backprop.maps",
    "backward_pass": "nets.backprop.maps",
    "gradient_norms": "nets.backprop.maps",
    "pixel_gradient": "nets.backprop.maps",
    "LiveTraining": "nets.training.live",
    "threshold_score": "nets.training.live",
    "as_concatenation": "nets.lessons.merging",
    "recovered_table": "nets.lessons.merging",
    "take_apart": "nets.running.microscope",
    "load_pretrained": "nets.training.pretrained",
    "model_card": "nets.training.pretrained",
    "feature_maps": "nets.running.feature_maps",
    "feature_vectors": "nets.running.feature_maps",
    "UnknownLayerError": "nets.reading.layers",
    "ScoreSum": "nets.running.score_sums",
    "ScoreSums": "nets.running.score_sums",
    "predict_picture": "nets.training.scoring",
    "score_model": "nets.training.scoring",
    "SkipChange": "nets.running.surgery",
    "SkipSurgery": "nets.running.surgery",
    "TiledPrediction": "nets.tiles",
    "TiledRun": "nets.tiles",
    "predict_tiled": "nets.tiles",
    "predict_whole": "nets.tiles",
    "trace_model": "nets.reading.trace_model",
    "train_steps": "nets.training.steps",
    "WeightCheck": "nets.backprop.kernels",
    "check_weight": "nets.backprop.kernels",
    "ActivationExplorer": "widgets.explorers.activations.explorer",
    "AncestryExplorer": "widgets.explorers.receptive_field.explorer",
    "answer_words": "widgets.explorers.pixels.detection_words",
    "BackwardExplorer": "widgets.explorers.backprop.timeline",
    "BackwardRuleExplorer": "widgets.explorers.backprop.rules",
    "BorderExplorer": "widgets.explorers.receptive_field.border",
    "ClassifierExplorer": "widgets.explorers.pixels.classifier",
    "CodeExplorer": "widgets.explorers.code.explorer",
    "CoverageExplorer": "widgets.explorers.upconvolution.checkerboard",
    "EditExplorer": "widgets.explorers.ablation.explorer",
    "UNetExplorer": "widgets.explorers.shapes.unet",
    "FCNExplorer": "widgets.explorers.shapes.fcn",
    "GradientCheckExplorer": "widgets.explorers.backprop.gradient_check",
    "Microscope": "widgets.explorers.microscope.explorer",
    "PixelGradientExplorer": "widgets.explorers.backprop.pixel_gradient",
    "PixelLossExplorer": "widgets.explorers.pixels.pixel_loss",
    "Question": "widgets.question",
    "DownsamplingExplorer": "widgets.explorers.resampling.grids",
    "PoolingExplorer": "widgets.explorers.resampling.grids",
    "UpsamplingExplorer": "widgets.explorers.resampling.grids",
    "RoundTripExplorer": "widgets.explorers.resampling.round_trip",
    "ScoreSumExplorer": "widgets.explorers.skips.score_sum",
    "SeamMeter": "widgets.explorers.tiles.seam_meter",
    "SizeCheck": "widgets.explorers.shapes.size_check",
    "SkipExplorer": "widgets.explorers.skips.explorer",
    "SurgeryExplorer": "widgets.explorers.skips.surgery",
    "TileExplorer": "widgets.explorers.tiles.explorer",
    "TrainingPanel": "widgets.explorers.training.panel",
    "TransposedExplorer": "widgets.explorers.upconvolution.transposed",
}
"""Where each name that loads on first use lives."""

__all__ = [
    "DOCUMENT",
    "PAPER",
    "SINGLE_EDITS",
    "ActivationExplorer",
    "Ancestry",
    "AncestryExplorer",
    "BackwardExplorer",
    "BackwardPass",
    "BackwardRuleExplorer",
    "BorderExplorer",
    "Box",
    "ClassifierExplorer",
    "CodeExplorer",
    "CoverageExplorer",
    "DownsamplingExplorer",
    "Drawing",
    "EditExplorer",
    "EditResult",
    "FCNExplorer",
    "FCNSpec",
    "FileFormatError",
    "GradientCheckExplorer",
    "Influence",
    "LiveTraining",
    "MadeExamples",
    "MadePicture",
    "Microscope",
    "OutOfRangeError",
    "PairError",
    "Patches",
    "PictureFileError",
    "PixelGradientExplorer",
    "PixelLossExplorer",
    "PoolingExplorer",
    "Problem",
    "Question",
    "RoundTripExplorer",
    "Score",
    "ScoreSum",
    "ScoreSumExplorer",
    "ScoreSums",
    "SeamMeter",
    "ShapeError",
    "SizeCheck",
    "SkipChange",
    "SkipExplorer",
    "SkipSurgery",
    "Step",
    "SurgeryExplorer",
    "Tile",
    "TileExplorer",
    "TilePlan",
    "TiledPrediction",
    "TiledRun",
    "Trace",
    "TrainingPanel",
    "TransposedExplorer",
    "UNetExplorer",
    "UNetSpec",
    "UnknownLayerError",
    "UpsamplingExplorer",
    "WeightCheck",
    "ancestry",
    "answer_words",
    "as_concatenation",
    "backward_pass",
    "bilinear_kernel",
    "bilinear_table",
    "block_sum",
    "boundary_error",
    "build",
    "changed_fields",
    "changed_steps",
    "check_weight",
    "common_divisors",
    "convolution_matrix",
    "convolutionalize",
    "convolve",
    "count_pieces",
    "coverage",
    "cross_entropy",
    "cut_patches",
    "dice",
    "difference_table",
    "distance_from_border",
    "distance_table",
    "downsample_mean",
    "draw_answers",
    "draw_ledger",
    "draw_map",
    "draw_norms",
    "draw_patches",
    "draw_training",
    "draw_unet",
    "draw_worksheet",
    "early_losses",
    "errors_of_printed_code",
    "feature_maps",
    "feature_vectors",
    "find_objects",
    "foreground",
    "forward_backward",
    "gradient_norms",
    "held_out",
    "influence",
    "judge",
    "keras_code",
    "largest_gradients",
    "ledger_figure",
    "ledger_table",
    "load_model",
    "load_pairs",
    "load_pretrained",
    "made_cells",
    "made_patches",
    "made_scene",
    "max_pool",
    "mean_score",
    "measure_dead_starts",
    "measure_edits",
    "measured_shift",
    "mended_code",
    "mixed_pixels",
    "model_card",
    "nearest_valid_sizes",
    "number_table",
    "numeric_gradient",
    "otsu_mask",
    "padding_free",
    "pixel_gradient",
    "plan_tiles",
    "predict_picture",
    "predict_tiled",
    "predict_whole",
    "read_picture",
    "recovered_share",
    "recovered_table",
    "round_trip",
    "score",
    "score_model",
    "score_table",
    "sharing",
    "single_edits_table",
    "skip_table",
    "slide",
    "softmax",
    "stamp_and_add",
    "take_apart",
    "threshold_score",
    "to_picture",
    "trace",
    "trace_model",
    "train_classifier",
    "train_steps",
    "unet",
    "upsample",
    "upsample_by_stamps",
    "upsample_convolve",
    "valid_sizes",
    "value_table",
    "walk_code",
    "weight_map",
    "write_handout",
    "wrong_by_distance",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"unetviz has no {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
