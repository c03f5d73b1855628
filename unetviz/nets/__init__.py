"""Keras networks of specifications; TensorFlow is imported here and in no other layer."""

from unetviz._public import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)

del attach
