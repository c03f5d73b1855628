"""Keras networks for specifications; TensorFlow is imported here and nowhere else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

# TensorFlow tells about its own instruction sets on standard error, which a notebook shows in red,
# of some as an error. What really goes wrong is raised in Python too.
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
    import tensorflow  # noqa: F401
