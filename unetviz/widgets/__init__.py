"""Explorers: traits in, pure functions of the other layers, traits out; the only state there is."""

from unetviz._public import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)

del attach
