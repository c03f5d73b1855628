"""The arrows of a U-Net: size rule, index map, cost and reason of each, side by side."""

from .convolution import Convolution, SeparableConvolution, TransposedConvolution
from .merging import Addition, Combination, Concatenation
from .operation import COPY, LayerCall, Look, Operation, Pair, Shape, Source, by, size_of
from .pointwise import Dropout, Pointwise
from .resizing import AveragePooling, Crop, MaxPooling, Upsampling, ZeroPadding
