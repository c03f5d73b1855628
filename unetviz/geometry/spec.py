"""What a U-Net is made of: its numbers and choices, as one value."""

from __future__ import annotations

from dataclasses import dataclass

from . import fields as check
from . import unet
from .graph import Graph
from .written import WrittenSpecification


@dataclass(frozen=True, repr=False)
class UNetSpec(WrittenSpecification):
    """A U-Net as a value: two specifications with equal fields are equal.

    Parameters
    ----------
    input_size : int or (int, int)
        Height and width of the picture, in pixels, at least 1; one number means a square.
    input_channels : int
        1 for grey, 3 for colour, at least 1.
    classes : int
        Channels of the output, at least 1.
    depth : int
        Number of pools, 1 to 8.
    base_filters : int
        Channels of the first level, at least 1; each level has twice as many as the one above.
    convs_per_block : int
        Convolutions of a block, 1 to 4.
    kernel_size : int
        Window of these convolutions, in pixels: 1, 3, 5 or 7.
    pool_size : int
        Window and stride of the pools, in pixels, 2 to 4.
    padding : str
        ``"valid"``: no zeros are added and maps shrink; ``"same"``: sizes stay.
    upsampling : str
        ``"transposed"`` convolution, or ``"upsample_conv"``: copies, then a 2x2 convolution.
    merge : str
        ``"concat"``, ``"add"``, or ``"none"`` for a network without skips.
    head_filters : tuple of int
        Filters of extra 3x3 convolutions before the last 1x1 convolution.
    dropout : float
        Rate of the dropout at the end of the encoder and of the bottleneck; 0 for none.
    final_activation : str
        ``"softmax"``, ``"sigmoid"`` or ``"linear"``.

    Raises
    ------
    ValueError
        If a field has a value that is not allowed; the message says which and what is.

    Notes
    -----
    The defaults are figure 1 of Ronneberger, Fischer and Brox (2015), section 8 of the document.

    Examples
    --------
    >>> UNetSpec(300) == UNetSpec((300, 300))
    True
    >>> UNetSpec().replace(depth=3)
    UNetSpec(depth=3)
    """

    input_size: tuple[int, int] = (572, 572)
    input_channels: int = 1
    classes: int = 2
    depth: int = 4
    base_filters: int = 64
    convs_per_block: int = 2
    kernel_size: int = 3
    pool_size: int = 2
    padding: str = "valid"
    upsampling: str = "transposed"
    merge: str = "concat"
    head_filters: tuple[int, ...] = ()
    dropout: float = 0.0
    final_activation: str = "softmax"

    def __post_init__(self) -> None:
        checked = {
            "input_size": check.size("input_size", self.input_size),
            "input_channels": check.integer("input_channels", self.input_channels, 1),
            "classes": check.integer("classes", self.classes, 1),
            "depth": check.integer("depth", self.depth, 1, 8),
            "base_filters": check.integer("base_filters", self.base_filters, 1),
            "convs_per_block": check.integer("convs_per_block", self.convs_per_block, 1, 4),
            "kernel_size": check.odd_integer("kernel_size", self.kernel_size, 7),
            "pool_size": check.integer("pool_size", self.pool_size, 2, 4),
            "padding": check.choice("padding", self.padding, PADDINGS),
            "upsampling": check.choice("upsampling", self.upsampling, UPSAMPLINGS),
            "merge": check.choice("merge", self.merge, MERGES),
            "head_filters": check.integers("head_filters", self.head_filters),
            "dropout": check.fraction("dropout", self.dropout),
            "final_activation": check.choice(
                "final_activation", self.final_activation, FINAL_ACTIVATIONS
            ),
        }
        for field, value in checked.items():
            object.__setattr__(self, field, value)

    def arrange(self, graph: Graph) -> None:
        """Add the steps of this network to `graph`."""
        unet.arrange(self, graph)

    def filters(self, level: int) -> int:
        """Channels at `level`, 1 being the level of the input.

        Examples
        --------
        >>> [PAPER.filters(level) for level in (1, 2, 3, 4, 5)]
        [64, 128, 256, 512, 1024]
        """
        return self.base_filters * 2 ** (level - 1)


PADDINGS = ("valid", "same")
UPSAMPLINGS = ("transposed", "upsample_conv")
MERGES = ("concat", "add", "none")
FINAL_ACTIVATIONS = ("softmax", "sigmoid", "linear")

PAPER = UNetSpec()
"""The network of the paper's figure: 572 goes in, 388 comes out."""

DOCUMENT = UNetSpec(
    input_size=256,
    classes=1,
    padding="same",
    upsampling="upsample_conv",
    head_filters=(2,),
    dropout=0.5,
    final_activation="sigmoid",
)
"""The network that the document's code builds (section 9): 256 goes in, 256 comes out."""
