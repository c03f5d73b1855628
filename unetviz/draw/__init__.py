"""Drawings as values: a trace or an array in, an SVG string, PNG bytes or a figure out."""

from unetviz._public import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)

del attach
