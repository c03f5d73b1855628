"""Small numeric experiments, each by the same index maps as the trace."""

from unetviz._public import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)

del attach
