"""Keras and TensorFlow, imported once, without TensorFlow's messages about itself.

While it is imported, TensorFlow writes about CPU instructions to standard error, which a notebook
shows in red. Real errors are raised as Python exceptions too, so nothing is lost.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide what C++ code writes to the file of standard error."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


# Some messages are written before TensorFlow reads the level set above. An import that fails still
# raises its exception.
with _quiet():
    import h5py  # comes with Keras, whose files it reads
    import keras
    import tensorflow as tf

OWN_NUMBERS = {"dtype": "float32"}
OWN_MAPS = {"data_format": "channels_last", "dtype": "float32"}
"""Arguments of our own layers: they do not depend on how Keras is configured."""


@contextmanager
def default_configuration() -> Iterator[None]:
    """Configure Keras as it comes, while source is run that relies on it."""
    layout, policy = keras.config.image_data_format(), keras.config.dtype_policy()
    floatx = keras.config.floatx()
    try:
        keras.config.set_image_data_format("channels_last")
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
        yield
    finally:
        keras.config.set_image_data_format(layout)
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)


__all__ = ["OWN_MAPS", "OWN_NUMBERS", "default_configuration", "h5py", "keras", "tf"]
