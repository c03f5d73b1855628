"""Backward passes of single steps, on the maps of one image."""
