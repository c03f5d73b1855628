"""The arrows of a U-Net: size rule, index map, cost and reason of each, side by side."""

from .convolution import Convolution, TransposedConvolution
from .merging import Addition, Concatenation, Dropout
from .operation import LayerCall, Operation, Pair, Shape, Source, by, size_of
from .resizing import Crop, MaxPooling, Upsampling

__all__ = [
    "Addition",
    "Concatenation",
    "Convolution",
    "Crop",
    "Dropout",
    "LayerCall",
    "MaxPooling",
    "Operation",
    "Pair",
    "Shape",
    "Source",
    "TransposedConvolution",
    "Upsampling",
    "by",
    "size_of",
]
