"""Keras and TensorFlow, imported once, without what TensorFlow writes about itself.

On standard error, which a notebook shows in red, it tells about its own instruction sets, of some
as an error. What really goes wrong is raised in Python too.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what is written to the file of standard error, by C++ code, from being seen."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


# Some of it comes before the level is looked at. An import that fails still says so in Python.
with _quiet():
    import keras
    import tensorflow as tf

__all__ = ["keras", "tf"]
