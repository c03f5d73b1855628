"""Keras networks for specifications; TensorFlow is imported here and nowhere else."""

import os

# TensorFlow tells about its own instruction sets on standard error, which a notebook shows in red.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
