"""Walk through a U-Net: every size, crop and number computed, none drawn from memory.

The names of daily use stand here; the rest is found in its layer: `geometry` (sizes, without any
library), `labs` (small experiments), `nets` (Keras), `draw` and `widgets`. A name loads what it
needs when it is first used, so that importing this package stays cheap.
"""

from ._public import attach, names_from

__version__ = "1.1.0.dev0"

__getattr__, __dir__, _ = attach(__name__, __file__)

# A star import takes what is light: the geometry, and the layers, which load nothing by themselves.
__all__ = names_from(__file__, ("geometry",))

del attach, names_from, _
