"""Keras models and files of other people, read into a trace."""
